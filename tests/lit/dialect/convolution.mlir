// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x7x5x2x3xbf16>, %w: tensor<3x2x2x3x4xbf16>) -> tensor<2x4x4x2x4xf32> {
  // CHECK: "lamina.convolution"(%arg0, %arg1)
  // CHECK-SAME: -> tensor<2x4x4x2x4xf32>
  %0 = "lamina.convolution"(%x, %w) {strides = array<i64: 2, 1>, low = array<i64: 1, 0>, high = array<i64: 1, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>, dtype = f32} : (tensor<2x7x5x2x3xbf16>, tensor<3x2x2x3x4xbf16>) -> tensor<2x4x4x2x4xf32>
  return %0 : tensor<2x4x4x2x4xf32>
}

// -----
func.func @channels(%x: tensor<2x7x1x3xf32>, %w: tensor<3x1x4x5xf32>) -> tensor<2x5x1x5xf32> {
  // expected-error @below {{'lamina.convolution' op groups and channels of f32[2,7,1,3] and f32[3,1,4,5] have different sizes: (1, 3) and (1, 4)}}
  %0 = "lamina.convolution"(%x, %w) {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, x_dilation = array<i64: 1>, w_dilation = array<i64: 1>, dtype = f32} : (tensor<2x7x1x3xf32>, tensor<3x1x4x5xf32>) -> tensor<2x5x1x5xf32>
  return %0 : tensor<2x5x1x5xf32>
}

// -----
func.func @strides(%x: tensor<2x7x1x3xf32>, %w: tensor<3x1x3x5xf32>) -> tensor<2x5x1x5xf32> {
  // expected-error @below {{'lamina.convolution' op strides (0,) must be positive}}
  %0 = "lamina.convolution"(%x, %w) {strides = array<i64: 0>, low = array<i64: 0>, high = array<i64: 0>, x_dilation = array<i64: 1>, w_dilation = array<i64: 1>, dtype = f32} : (tensor<2x7x1x3xf32>, tensor<3x1x3x5xf32>) -> tensor<2x5x1x5xf32>
  return %0 : tensor<2x5x1x5xf32>
}

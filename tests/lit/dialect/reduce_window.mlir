// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // CHECK: "lamina.window_argmax"(%arg0) {{.*}} -> tensor<3x3xi32>
  %0 = "lamina.window_argmax"(%x) {window = array<i64: 2, 3>, strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>} : (tensor<4x5xf32>) -> tensor<3x3xi32>
  // CHECK: "lamina.window_take"(%arg0, %0)
  %1 = "lamina.window_take"(%x, %0) {window = array<i64: 2, 3>, strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>} : (tensor<4x5xf32>, tensor<3x3xi32>) -> tensor<3x3xf32>
  // CHECK: "lamina.window_put"(%1, %0) {{.*}} -> tensor<4x5xf32>
  %2 = "lamina.window_put"(%1, %0) {shape = array<i64: 4, 5>, window = array<i64: 2, 3>, strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>} : (tensor<3x3xf32>, tensor<3x3xi32>) -> tensor<4x5xf32>
  return %2 : tensor<4x5xf32>
}

// -----
func.func @window(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @below {{'lamina.reduce_window_sum' op window (0, 3) must have a positive size for each of the operand's 2 dimensions}}
  %0 = "lamina.reduce_window_sum"(%x) {window = array<i64: 0, 3>, strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>} : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// -----
func.func @index(%x: tensor<5xf32>, %i: tensor<5xi32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.window_take' op index must have an entry for each window: shape (4,), not (5,)}}
  %0 = "lamina.window_take"(%x, %i) {window = array<i64: 2>, strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, x_dilation = array<i64: 1>, w_dilation = array<i64: 1>} : (tensor<5xf32>, tensor<5xi32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<4x5xf32>, %v: tensor<f32>) -> tensor<8x5xf32> {
  // CHECK: "lamina.slice"(%arg0) {limit = array<i64: 4, 4>, start = array<i64: 1, 0>, strides = array<i64: 2, 3>} : (tensor<4x5xf32>) -> tensor<2x2xf32>
  %0 = "lamina.slice"(%x) {start = array<i64: 1, 0>, limit = array<i64: 4, 4>, strides = array<i64: 2, 3>} : (tensor<4x5xf32>) -> tensor<2x2xf32>
  // 1 element between neighbours; a negative padding cuts off.
  // CHECK: "lamina.pad"{{.*}} : (tensor<2x2xf32>, tensor<f32>) -> tensor<4x5xf32>
  %1 = "lamina.pad"(%0, %v) {low = array<i64: 1, 2>, high = array<i64: 0, 1>, interior = array<i64: 1, 0>} : (tensor<2x2xf32>, tensor<f32>) -> tensor<4x5xf32>
  // CHECK: "lamina.concatenate"(%{{.*}}, %arg0) {dimension = 0 : i64} : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<8x5xf32>
  %2 = "lamina.concatenate"(%1, %x) {dimension = 0 : i64} : (tensor<4x5xf32>, tensor<4x5xf32>) -> tensor<8x5xf32>
  return %2 : tensor<8x5xf32>
}

// -----
func.func @slice_entries(%x: tensor<4x5xf32>) -> tensor<4x5xf32> {
  // expected-error @below {{'lamina.slice' op start, limit and strides need one entry for each of the operand's 2 dimensions}}
  %0 = "lamina.slice"(%x) {start = array<i64: 0>, limit = array<i64: 4, 5>, strides = array<i64: 1, 1>} : (tensor<4x5xf32>) -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// -----
func.func @slice_outside(%x: tensor<4xf32>) -> tensor<5xf32> {
  // expected-error @below {{'lamina.slice' op slice (0,) to (5,) by (1,) is not within f32[4]}}
  %0 = "lamina.slice"(%x) {start = array<i64: 0>, limit = array<i64: 5>, strides = array<i64: 1>} : (tensor<4xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func @pad_value(%x: tensor<4xf32>, %v: tensor<i32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.pad' op the padding value must be a scalar of the operand's dtype, f32[], not i32[]}}
  %0 = "lamina.pad"(%x, %v) {low = array<i64: 0>, high = array<i64: 0>, interior = array<i64: 0>} : (tensor<4xf32>, tensor<i32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @pad_entries(%x: tensor<4xf32>, %v: tensor<f32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.pad' op low, high and interior need one entry for each of the operand's 1 dimensions}}
  %0 = "lamina.pad"(%x, %v) {low = array<i64>, high = array<i64: 0>, interior = array<i64: 0>} : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @pad_interior(%x: tensor<4xf32>, %v: tensor<f32>) -> tensor<1xf32> {
  // expected-error @below {{'lamina.pad' op interior padding (-1,) must not be negative}}
  %0 = "lamina.pad"(%x, %v) {low = array<i64: 0>, high = array<i64: 0>, interior = array<i64: -1>} : (tensor<4xf32>, tensor<f32>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}

// -----
func.func @pad_nothing_left(%x: tensor<4xf32>, %v: tensor<f32>) -> tensor<0xf32> {
  // expected-error @below {{'lamina.pad' op padding f32[4] by low (-3,) and high (-2,) leaves a negative size}}
  %0 = "lamina.pad"(%x, %v) {low = array<i64: -3>, high = array<i64: -2>, interior = array<i64: 0>} : (tensor<4xf32>, tensor<f32>) -> tensor<0xf32>
  return %0 : tensor<0xf32>
}

// -----
func.func @concatenate_dimension(%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @below {{'lamina.concatenate' op dimension (1,) are out of range for an operand of rank 1}}
  %0 = "lamina.concatenate"(%x, %x) {dimension = 1 : i64} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----
func.func @concatenate_shapes(%x: tensor<4x2xf32>, %y: tensor<4x3xf32>) -> tensor<8x2xf32> {
  // expected-error @below {{'lamina.concatenate' op f32[4,2] and f32[4,3] cannot be joined along dimension 0: the other dimensions and dtypes must agree}}
  %0 = "lamina.concatenate"(%x, %y) {dimension = 0 : i64} : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<8x2xf32>
  return %0 : tensor<8x2xf32>
}

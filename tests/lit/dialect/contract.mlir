// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x3x4xbf16>, %y: tensor<2x4x5xbf16>) -> tensor<2x3x5xf32> {
  // A batch of matrix products that adds up in f32.
  // CHECK: "lamina.dot_general"(%arg0, %arg1)
  // CHECK-SAME: dtype = f32, lhs_batch = array<i64: 0>, lhs_contracting = array<i64: 2>, rhs_batch = array<i64: 0>, rhs_contracting = array<i64: 1>
  // CHECK-SAME: (tensor<2x3x4xbf16>, tensor<2x4x5xbf16>) -> tensor<2x3x5xf32>
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 2>, rhs_contracting = array<i64: 1>, lhs_batch = array<i64: 0>, rhs_batch = array<i64: 0>, dtype = f32} : (tensor<2x3x4xbf16>, tensor<2x4x5xbf16>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// -----
func.func @dtypes(%x: tensor<3x4xf32>, %y: tensor<4x5xf64>) -> tensor<3x5xf32> {
  // expected-error @below {{'lamina.dot_general' op operands must have the same dtype, but 'x' is f32[3,4] and 'y' is f64[4,5]}}
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<3x4xf32>, tensor<4x5xf64>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----
func.func @sizes(%x: tensor<3x4xf32>, %y: tensor<5x6xf32>) -> tensor<3x6xf32> {
  // expected-error @below {{'lamina.dot_general' op contracting dimensions of f32[3,4] and f32[5,6] have different sizes: [4] and [5]}}
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<3x4xf32>, tensor<5x6xf32>) -> tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----
func.func @batch_sizes(%x: tensor<2x4xf32>, %y: tensor<3x4xf32>) -> tensor<2xf32> {
  // expected-error @below {{'lamina.dot_general' op batch dimensions of f32[2,4] and f32[3,4] have different sizes: [2] and [3]}}
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 1>, lhs_batch = array<i64: 0>, rhs_batch = array<i64: 0>, dtype = f32} : (tensor<2x4xf32>, tensor<3x4xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----
func.func @dimension_range(%x: tensor<3x4xf32>, %y: tensor<4x5xf32>) -> tensor<3x5xf32> {
  // expected-error @below {{'lamina.dot_general' op batch and contracting dimensions of x (2,) are out of range for an operand of rank 2}}
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 2>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// -----
func.func @dimension_twice(%x: tensor<3x4xf32>, %y: tensor<3x4xf32>) -> tensor<f32> {
  // expected-error @below {{'lamina.dot_general' op batch and contracting dimensions of y (1, 1) repeat an axis}}
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 1>, lhs_batch = array<i64: 0>, rhs_batch = array<i64: 1>, dtype = f32} : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
func.func @missing(%x: tensor<3x4xf32>) -> tensor<3x3xf32> {
  // expected-error @below {{'lamina.dot_general' op requires attribute 'lhs_contracting' of the form array<i64: ...>}}
  %0 = "lamina.dot_general"(%x, %x) {rhs_contracting = array<i64: 1>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%a: tensor<2x3x3xf32>, %y: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK: "lamina.cholesky"(%arg0) : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  %0 = "lamina.cholesky"(%a) : (tensor<2x3x3xf32>) -> tensor<2x3x3xf32>
  // CHECK: "lamina.triangular_solve"
  // CHECK-SAME: (tensor<2x3x3xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %1 = "lamina.triangular_solve"(%0, %y) {left_side = true, lower = true, transpose_a = false, conjugate_a = false, unit_diagonal = false} : (tensor<2x3x3xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %1 : tensor<2x3x4xf32>
}

// -----
func.func @square(%a: tensor<3x4xf32>) -> tensor<3x4xf32> {
  // expected-error @below {{'lamina.cholesky' op operand 'x' must be a square matrix or a batch of such, but is f32[3,4]}}
  %0 = "lamina.cholesky"(%a) : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %0 : tensor<3x4xf32>
}

// -----
func.func @matrix(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.cholesky' op operand 'x' must be a matrix or a batch of matrices, but is f32[4]}}
  %0 = "lamina.cholesky"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @dtype(%a: tensor<4x4xf16>) -> tensor<4x4xf16> {
  // expected-error @below {{'lamina.cholesky' op operand 'x' has dtype f16, expected one of f32, f64, c64, c128}}
  %0 = "lamina.cholesky"(%a) : (tensor<4x4xf16>) -> tensor<4x4xf16>
  return %0 : tensor<4x4xf16>
}

// -----
func.func @sides(%a: tensor<3x3xf32>, %y: tensor<4x3xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{'lamina.triangular_solve' op 'y' must have as many rows as 'a' is large, but 'a' is f32[3,3] and 'y' is f32[4,3]}}
  %0 = "lamina.triangular_solve"(%a, %y) {left_side = true, lower = true, transpose_a = false, conjugate_a = false, unit_diagonal = false} : (tensor<3x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----
func.func @batches(%a: tensor<2x3x3xf32>, %y: tensor<3x3xf32>) -> tensor<3x3xf32> {
  // expected-error @below {{'lamina.triangular_solve' op operands must have the same batch dimensions, but 'a' is f32[2,3,3] and 'y' is f32[3,3]}}
  %0 = "lamina.triangular_solve"(%a, %y) {left_side = true, lower = true, transpose_a = false, conjugate_a = false, unit_diagonal = false} : (tensor<2x3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

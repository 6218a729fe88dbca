// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: "lamina.cumsum"(%arg0) {{.*}}axis = 1 : i64, reverse = true
  %0 = "lamina.cumsum"(%x) {axis = 1 : i64, reverse = true} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "lamina.linear_recurrence"(%arg0, %0)
  %1 = "lamina.linear_recurrence"(%x, %0) {axis = 0 : i64, reverse = false} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// -----
func.func @axis(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{'lamina.cumsum' op axis (2,) are out of range for an operand of rank 2}}
  %0 = "lamina.cumsum"(%x) {axis = 2 : i64, reverse = false} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----
func.func @dtype(%x: tensor<3xi32>) -> tensor<3xi32> {
  // expected-error @below {{'lamina.cumlogsumexp' op operand 'x' has dtype i32, expected one of f16, bf16, f32, f64, c64, c128}}
  %0 = "lamina.cumlogsumexp"(%x) {axis = 0 : i64, reverse = false} : (tensor<3xi32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

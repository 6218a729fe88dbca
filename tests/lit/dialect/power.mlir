// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<3xf32>, %i: tensor<3xi32>) -> tensor<3xf32> {
  // CHECK: "lamina.pow"(%arg0, %arg0)
  %0 = "lamina.pow"(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.integer_pow"(%{{.*}}) {exponent = -2 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  %1 = "lamina.integer_pow"(%0) {exponent = -2 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.int_pow"(%arg1, %arg1)
  %2 = "lamina.int_pow"(%i, %i) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return %1 : tensor<3xf32>
}

// -----
func.func @no_exponent(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.integer_pow' op requires attribute 'exponent' of the form 1 : i64}}
  %0 = "lamina.integer_pow"(%x) {exponent = 2.0 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @integers(%x: tensor<3xi32>) -> tensor<3xi32> {
  // expected-error @below {{'lamina.pow' op operand 'x' has dtype i32, expected one of f16, bf16, f32, f64, c64, c128}}
  %0 = "lamina.pow"(%x, %x) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

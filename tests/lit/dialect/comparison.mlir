// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<3xf32>, %y: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: "lamina.lt"(%arg0, %arg1) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
  %0 = "lamina.lt"(%x, %y) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
  // CHECK: "lamina.eq"(%0, %0) : (tensor<3xi1>, tensor<3xi1>) -> tensor<3xi1>
  %1 = "lamina.eq"(%0, %0) : (tensor<3xi1>, tensor<3xi1>) -> tensor<3xi1>
  // CHECK: "lamina.select"
  %2 = "lamina.select"(%1, %x, %y) : (tensor<3xi1>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// -----
func.func @result_is_bool(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.gt' op result type should be tensor<3xi1> but is tensor<3xf32>}}
  %0 = "lamina.gt"(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @complex_has_no_order(%x: tensor<3xcomplex<f32>>) -> tensor<3xi1> {
  // expected-error @below {{'lamina.le' op operand 'x' has dtype c64, expected one of}}
  %0 = "lamina.le"(%x, %x) : (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// -----
func.func @predicate_dtype(%p: tensor<3xi32>, %x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.select' op operand 'predicate' has dtype i32, expected one of bool}}
  %0 = "lamina.select"(%p, %x, %x) : (tensor<3xi32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @predicate_shape(%p: tensor<2xi1>, %x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.select' op operands must have the same shape, but 'on_true' is f32[3] and 'predicate' is bool[2]}}
  %0 = "lamina.select"(%p, %x, %x) : (tensor<2xi1>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

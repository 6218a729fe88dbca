// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%k0: tensor<3xui32>, %k1: tensor<3xui32>) -> (tensor<3xui32>, tensor<3xui32>) {
  // CHECK: %0:2 = "lamina.threefry2x32"(%arg0, %arg1, %arg0, %arg1)
  %0:2 = "lamina.threefry2x32"(%k0, %k1, %k0, %k1) : (tensor<3xui32>, tensor<3xui32>, tensor<3xui32>, tensor<3xui32>) -> (tensor<3xui32>, tensor<3xui32>)
  return %0#0, %0#1 : tensor<3xui32>, tensor<3xui32>
}

// -----
func.func @signed_words(%k: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>) {
  // expected-error @below {{'lamina.threefry2x32' op operand 'k0' has dtype i32, expected one of u32}}
  %0:2 = "lamina.threefry2x32"(%k, %k, %k, %k) : (tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>)
  return %0#0, %0#1 : tensor<3xi32>, tensor<3xi32>
}

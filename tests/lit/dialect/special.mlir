// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%a: tensor<3xf32>, %x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: "lamina.lgamma"(%arg0)
  %0 = "lamina.lgamma"(%a) : (tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.igamma"(%arg0, %arg1)
  %1 = "lamina.igamma"(%a, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.betainc"(%arg0, %arg1, %{{.*}})
  %2 = "lamina.betainc"(%a, %x, %1) : (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// -----
func.func @integers(%x: tensor<3xi32>) -> tensor<3xi32> {
  // expected-error @below {{'lamina.zeta' op operand 'x' has dtype i32, expected one of f16, bf16, f32, f64}}
  %0 = "lamina.zeta"(%x, %x) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// -----
func.func @shapes(%x: tensor<3xf32>, %y: tensor<4xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.polygamma' op operands must have the same type, but 'm' is f32[3] and 'x' is f32[4]}}
  %0 = "lamina.polygamma"(%x, %y) : (tensor<3xf32>, tensor<4xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

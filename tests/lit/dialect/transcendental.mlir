// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<3xf32>, %z: tensor<3xcomplex<f64>>) -> tensor<3xf32> {
  // CHECK: "lamina.sin"(%arg0) : (tensor<3xf32>) -> tensor<3xf32>
  %0 = "lamina.sin"(%x) : (tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.exp"(%arg1) : (tensor<3xcomplex<f64>>) -> tensor<3xcomplex<f64>>
  %1 = "lamina.exp"(%z) : (tensor<3xcomplex<f64>>) -> tensor<3xcomplex<f64>>
  // CHECK: "lamina.atan2"(%0, %arg0)
  %2 = "lamina.atan2"(%0, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// -----
func.func @integers(%x: tensor<3xi32>) -> tensor<3xi32> {
  // expected-error @below {{'lamina.cos' op operand 'x' has dtype i32, expected one of f16, bf16, f32, f64, c64, c128}}
  %0 = "lamina.cos"(%x) : (tensor<3xi32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// -----
func.func @real_only(%x: tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>> {
  // expected-error @below {{'lamina.erf' op operand 'x' has dtype c64, expected one of f16, bf16, f32, f64}}
  %0 = "lamina.erf"(%x) : (tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>>
  return %0 : tensor<3xcomplex<f32>>
}

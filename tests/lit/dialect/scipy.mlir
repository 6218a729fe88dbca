// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: "lamina.gamma"(%arg0)
  %0 = "lamina.gamma"(%x) : (tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.log_ndtr"
  %1 = "lamina.log_ndtr"(%0) : (tensor<3xf32>) -> tensor<3xf32>
  // CHECK: "lamina.sine_integral"
  %2 = "lamina.sine_integral"(%1) : (tensor<3xf32>) -> tensor<3xf32>
  return %2 : tensor<3xf32>
}

// -----
func.func @complex(%x: tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>> {
  // expected-error @below {{'lamina.dawson' op operand 'x' has dtype c64, expected one of f16, bf16, f32, f64}}
  %0 = "lamina.dawson"(%x) : (tensor<3xcomplex<f32>>) -> tensor<3xcomplex<f32>>
  return %0 : tensor<3xcomplex<f32>>
}

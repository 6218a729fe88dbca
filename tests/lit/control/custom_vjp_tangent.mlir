// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s

// The tangent of a custom_vjp function is known by its transpose alone: reverse mode turns it into that …
// CHECK-LABEL: func.func @turned(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[CT:%.*]] = "lamina.mul"(%arg0, %arg1)
// CHECK-NEXT:  return [[CT]]
func.func private @f.bwd(%r: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%r, %ct) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.bwd.custom_vjp_tangent(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vjp_tangent", backward = @f.bwd, residuals = 1 : i64}}
func.func private @lin(%r: tensor<f32>, %dx: tensor<f32>) -> tensor<f32> {
  %0 = call @f.bwd.custom_vjp_tangent(%r, %dx) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @lin.transpose(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.derive = {kind = "transpose", of = @lin, linear = 1 : i64}}
func.func @turned(%r: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  %0 = call @lin.transpose(%r, %ct) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
// … and where it is left after that, somebody wants forward mode.
func.func private @f.bwd(%r: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  return %ct : tensor<f32>
}
// expected-error @below {{there is no forward-mode derivative of a custom_vjp function}}
func.func private @f.bwd.custom_vjp_tangent(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vjp_tangent", backward = @f.bwd, residuals = 1 : i64}}
func.func @forward(%r: tensor<f32>, %dx: tensor<f32>) -> tensor<f32> {
  %0 = call @f.bwd.custom_vjp_tangent(%r, %dx) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
func.func private @f.bwd(%r: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  return %ct : tensor<f32>
}
// expected-error @below {{'t': the tangent of a custom_vjp takes [f32[], f32[]], but is given [f32[]]}}
func.func private @t(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vjp_tangent", backward = @f.bwd, residuals = 1 : i64}}

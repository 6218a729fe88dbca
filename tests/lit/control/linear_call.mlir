// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=simplify | filecheck %s

// The transpose is the one that is given; here a wrong one, so that one sees it.
// CHECK-LABEL: func.func @transposed(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[CT:%.*]] = "lamina.div"(%arg1, %arg0)
// CHECK-NEXT:  return [[CT]]
// CHECK-LABEL: func.func @jvp(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[DY:%.*]] = "lamina.mul"(%arg0, %arg1)
// CHECK-NEXT:  return [[DY]]
func.func private @scale(%r: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%r, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @back(%r: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.div"(%ct, %r) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @scale.linear_call(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "linear_call", forward = @scale, backward = @back, residuals = 1 : i64}}
func.func private @f(%r: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = call @scale.linear_call(%r, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.transpose(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.derive = {kind = "transpose", of = @f, linear = 1 : i64}}
func.func @transposed(%r: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  %0 = call @f.transpose(%r, %ct) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.jvp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 1>}}
func.func @jvp(%r: tensor<f32>, %d: tensor<f32>) -> tensor<f32> {
  %0:2 = call @f.jvp(%r, %r, %d) : (tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}

// -----
func.func private @scale(%r: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func private @back(%ct: tensor<f32>) -> tensor<f32> {
  return %ct : tensor<f32>
}
// expected-error @below {{'c': the transpose 'back' should map [f32[], f32[]] to [f32[]], but maps [f32[]] to [f32[]]}}
func.func private @c(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "linear_call", forward = @scale, backward = @back, residuals = 1 : i64}}

// -----
func.func private @scale(%r: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func private @c(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "linear_call", forward = @scale, backward = @scale, residuals = 1 : i64}}
func.func private @f(%r: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{there is no derivative of linear_call in its residuals}}
  %0 = call @c(%r, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.jvp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 0>}}

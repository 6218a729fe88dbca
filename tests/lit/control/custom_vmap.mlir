// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s

// Outside of a vmap it is the function.
// CHECK-LABEL: func.func @plain(%arg0: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[Y:%.*]] = "lamina.sin"(%arg0)
// CHECK-NEXT:  return [[Y]]
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.custom_vmap(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vmap", primal = @f, rule = 7 : i64}}
func.func @plain(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @f.custom_vmap(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
// Its rule is a Python function, which the text of a program does not have.
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func private @f.custom_vmap(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vmap", primal = @f, rule = 7 : i64}}
func.func private @g(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{the rule of a custom_vmap function is in another process}}
  %0 = call @f.custom_vmap(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @g, batched = array<i64: 1>, size = 5 : i64}}

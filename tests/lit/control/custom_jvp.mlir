// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=simplify | filecheck %s

// Where it is differentiated, the rule; where it is not, the function.
// CHECK-LABEL: func.func @plain(%arg0: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[Y:%.*]] = "lamina.sin"(%arg0)
// CHECK-NEXT:  return [[Y]]
// CHECK-LABEL: func.func @jvp(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[DY:%.*]] = "lamina.neg"(%arg1)
// CHECK-NEXT:  return [[DY]]
// CHECK-LABEL: func.func @vjp(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[CT:%.*]] = "lamina.neg"(%arg1)
// CHECK-NEXT:  return [[CT]]
// CHECK-LABEL: func.func @vmap_of_jvp(%arg0: tensor<5xf32>, %arg1: tensor<5xf32>) -> tensor<5xf32>
// CHECK-NEXT:  [[DYS:%.*]] = "lamina.neg"(%arg1)
// CHECK-NEXT:  return [[DYS]]
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.rule(%x: tensor<f32>, %dx: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.neg"(%dx) : (tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}
func.func private @f.custom_jvp(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_jvp", primal = @f, rule = @f.rule, captures = 0 : i64}}
func.func private @g(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @f.custom_jvp(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @plain(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @g(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @g, argnums = array<i64: 0>}}
func.func private @jvp_only(%x: tensor<f32>, %d: tensor<f32>) -> tensor<f32> {
  %0:2 = call @g.jvp(%x, %d) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}
func.func @jvp(%x: tensor<f32>, %d: tensor<f32>) -> tensor<f32> {
  %0 = call @jvp_only(%x, %d) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @g, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @vjp(%x: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  %0:2 = call @g.vjp(%x, %ct) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}
func.func private @jvp_only.vmap(tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @jvp_only, batched = array<i64: 1, 1>, size = 5 : i64}}
func.func @vmap_of_jvp(%x: tensor<5xf32>, %d: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @jvp_only.vmap(%x, %d) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.custom_jvp': the rule 'f' should map [f32[], f32[]] to [f32[], f32[]], but maps [f32[]] to [f32[]]}}
func.func private @f.custom_jvp(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_jvp", primal = @f, rule = @f, captures = 0 : i64}}

// -----
// The last operand is captured: the rule does not say its derivative, which must not become zero.
func.func private @f(%x: tensor<f32>, %a: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %a) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.rule(%x: tensor<f32>, %a: tensor<f32>, %dx: tensor<f32>, %da: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  return %x, %dx : tensor<f32>, tensor<f32>
}
func.func private @f.custom_jvp(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_jvp", primal = @f, rule = @f.rule, captures = 1 : i64}}
func.func private @g(%x: tensor<f32>, %a: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{a custom_jvp function closes over an array that is differentiated}}
  %0 = call @f.custom_jvp(%x, %a) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.jvp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @g, argnums = array<i64: 1>}}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=simplify | filecheck %s

// CHECK-LABEL: func.func @plain(%arg0: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[Y:%.*]] = "lamina.sin"(%arg0)
// CHECK-NEXT:  return [[Y]]
// CHECK-LABEL: func.func @vjp(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32>
// CHECK-NEXT:  [[RESIDUAL:%.*]] = "lamina.exp"(%arg0)
// CHECK-NEXT:  [[CT:%.*]] = "lamina.mul"(%arg1, [[RESIDUAL]])
// CHECK-NEXT:  return [[CT]]

// The cotangent of an operand that all examples share is summed.
// CHECK-LABEL: func.func @vjp_of_vmap(%arg0: tensor<f32>, %arg1: tensor<5xf32>) -> tensor<f32>
// CHECK-DAG:   [[RESIDUAL:%.*]] = "lamina.exp"(%arg0) : (tensor<f32>) -> tensor<f32>
// CHECK:       [[CTS:%.*]] = "lamina.mul"({{.*}}, {{.*}}) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
// CHECK-NEXT:  [[SUM:%.*]] = "lamina.reduce_sum"([[CTS]]) {axes = array<i64: 0>}
// CHECK-NEXT:  return [[SUM]]
func.func private @f(%x: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.fwd(%x: tensor<f32>, %b: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.exp"(%x) : (tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<f32>, tensor<f32>
}
func.func private @f.bwd(%r: tensor<f32>, %ct: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = "lamina.mul"(%r, %ct) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0, %ct : tensor<f32>, tensor<f32>
}
func.func private @f.custom_vjp(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vjp", primal = @f, forward = @f.fwd, backward = @f.bwd, captures = 0 : i64}}
func.func private @g(%x: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = call @f.custom_vjp(%x, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @plain(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @g(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.vjp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @g, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @vjp(%x: tensor<f32>, %ct: tensor<f32>) -> tensor<f32> {
  %0:2 = call @g.vjp(%x, %x, %ct) : (tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}
func.func private @g.vmap(tensor<f32>, tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @g, batched = array<i64: 0, 1>, size = 5 : i64}}
func.func private @g.vmap.vjp(tensor<f32>, tensor<5xf32>, tensor<5xf32>) -> (tensor<5xf32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @g.vmap, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @vjp_of_vmap(%x: tensor<f32>, %ct: tensor<5xf32>) -> tensor<f32> {
  %0:2 = call @g.vmap.vjp(%x, %ct, %ct) : (tensor<f32>, tensor<5xf32>, tensor<5xf32>) -> (tensor<5xf32>, tensor<f32>)
  return %0#1 : tensor<f32>
}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func private @f.bwd(%ct: tensor<f32>) -> tensor<i32> {
  %0 = "lamina.convert"(%ct) {dtype = i32} : (tensor<f32>) -> tensor<i32>
  return %0 : tensor<i32>
}
// expected-error @below {{'f.custom_vjp': the rule 'f.bwd' should map [f32[]] to [f32[]], but maps [f32[]] to [i32[]]}}
func.func private @f.custom_vjp(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "custom_vjp", primal = @f, forward = @f, backward = @f.bwd, captures = 0 : i64}}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<i32> {
  %0 = "lamina.convert"(%x) {dtype = i32} : (tensor<f32>) -> tensor<i32>
  return %0 : tensor<i32>
}
func.func private @f.fwd(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.custom_vjp': the rule 'f.fwd' maps [f32[]] to [f32[]], not [f32[]] to [i32[]]…}}
func.func private @f.custom_vjp(tensor<f32>) -> tensor<i32>
    attributes {lamina.higher_order = {kind = "custom_vjp", primal = @f, forward = @f.fwd, backward = @f.fwd, captures = 0 : i64}}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=simplify | filecheck %s

// Nothing is kept: the backward pass computes exp again, from an x that is not there before the cotangent is.
// CHECK-LABEL: func.func @nothing(%arg0: tensor<f32>, %arg1: tensor<f32>)
// CHECK-DAG:   [[EXP:%.*]] = "lamina.exp"(%arg0)
// CHECK-DAG:   [[Y:%.*]] = "lamina.sin"([[EXP]])
// CHECK-DAG:   [[X:%.*]] = "lamina.barrier"(%arg0, %arg1)
// CHECK-DAG:   [[AGAIN:%.*]] = "lamina.exp"([[X]])
// CHECK-DAG:   [[COS:%.*]] = "lamina.cos"([[AGAIN]])
// CHECK:       return [[Y]], {{.*}}

// Everything is kept: nothing is computed again.
// CHECK-LABEL: func.func @everything(%arg0: tensor<f32>, %arg1: tensor<f32>)
// CHECK:       "lamina.exp"
// CHECK-NOT:   "lamina.exp"
// CHECK:       return
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.exp"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.sin"(%0) : (tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
func.func private @f.nothing(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "checkpoint", body = @f, policy = "nothing", prevent_cse = true}}
func.func private @g(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @f.nothing(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @g, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @nothing(%x: tensor<f32>, %ct: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0:2 = call @g.vjp(%x, %ct) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#0, %0#1 : tensor<f32>, tensor<f32>
}
func.func private @h(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.exp"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.sin"(%0) : (tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
func.func private @h.everything(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "checkpoint", body = @h, policy = "everything", prevent_cse = true}}
func.func private @k(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @h.everything(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @k.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @k, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @everything(%x: tensor<f32>, %ct: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0:2 = call @k.vjp(%x, %ct) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#0, %0#1 : tensor<f32>, tensor<f32>
}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.checkpoint': 'f' takes [f32[]], but is given [i32[]]}}
func.func private @f.checkpoint(tensor<i32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "checkpoint", body = @f, policy = "nothing", prevent_cse = true}}

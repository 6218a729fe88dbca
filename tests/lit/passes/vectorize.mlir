// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-vectorize | filecheck %s

// Seven vectors through one matrix are a product of matrices.
// CHECK-LABEL: func.func private @matvec.vmap(%arg0: tensor<4x3xf32>, %arg1: tensor<7x3xf32>) -> tensor<7x4xf32>
// CHECK-NEXT:  [[Y:%.*]] = "lamina.dot_general"(%arg0, %arg1)
// CHECK-SAME:  -> tensor<4x7xf32>
// CHECK-NEXT:  [[T:%.*]] = "lamina.transpose"([[Y]]) {permutation = array<i64: 1, 0>}
// CHECK-NEXT:  return [[T]]
func.func private @matvec(%w: tensor<4x3xf32>, %x: tensor<3xf32>) -> tensor<4xf32> {
  %0 = "lamina.dot_general"(%w, %x) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @matvec.vmap(tensor<4x3xf32>, tensor<7x3xf32>) -> tensor<7x4xf32>
    attributes {lamina.derive = {kind = "vmap", of = @matvec, batched = array<i64: 0, 1>, size = 7 : i64}}

// -----
// What does not depend on the batch is computed once, and its result has no batch dimension.
// CHECK-LABEL: func.func private @f.vmap(%arg0: tensor<5x3xf32>, %arg1: tensor<3xf32>) -> (tensor<5xf32>, tensor<3xf32>)
// CHECK-DAG:   [[ONCE:%.*]] = "lamina.exp"(%arg1) : (tensor<3xf32>) -> tensor<3xf32>
// CHECK-DAG:   [[REPEATED:%.*]] = "lamina.broadcast_in_dim"([[ONCE]]) {dimensions = array<i64: 1>, shape = array<i64: 5, 3>}
// CHECK-DAG:   [[PRODUCT:%.*]] = "lamina.mul"(%arg0, [[REPEATED]])
// CHECK:       [[SUM:%.*]] = "lamina.reduce_sum"([[PRODUCT]]) {axes = array<i64: 1>} : (tensor<5x3xf32>) -> tensor<5xf32>
// CHECK-NEXT:  return [[SUM]], [[ONCE]]
func.func private @f(%x: tensor<3xf32>, %y: tensor<3xf32>) -> (tensor<f32>, tensor<3xf32>) {
  %0 = "lamina.exp"(%y) : (tensor<3xf32>) -> tensor<3xf32>
  %1 = "lamina.mul"(%x, %0) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %2 = "lamina.reduce_sum"(%1) {axes = array<i64: 0>} : (tensor<3xf32>) -> tensor<f32>
  return %2, %0 : tensor<f32>, tensor<3xf32>
}
func.func private @f.vmap(tensor<5x3xf32>, tensor<3xf32>) -> (tensor<5xf32>, tensor<3xf32>)
    attributes {lamina.derive = {kind = "vmap", of = @f, batched = array<i64: 1, 0>, size = 5 : i64}}

// -----
// Slices that start elsewhere in every row.
// CHECK-LABEL: func.func private @cut.vmap
// CHECK:       "lamina.gather"(%arg0, {{.*}}) {{.*}} : (tensor<4xf32>, {{.*}}) -> tensor<5x2xf32>
func.func private @cut(%x: tensor<4xf32>, %start: tensor<1xi32>) -> tensor<2xf32> {
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 2>, batch_dimensions = 0 : i64} : (tensor<4xf32>, tensor<1xi32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func private @cut.vmap(tensor<4xf32>, tensor<5x1xi32>) -> tensor<5x2xf32>
    attributes {lamina.derive = {kind = "vmap", of = @cut, batched = array<i64: 0, 1>, size = 5 : i64}}

// -----
func.func private @foreign(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{no batching rule for 'math.absf'}}
  %0 = math.absf %x : tensor<f32>
  return %0 : tensor<f32>
}
func.func private @foreign.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @foreign, batched = array<i64: 1>, size = 5 : i64}}

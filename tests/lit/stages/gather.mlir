// The derivative of reading rows is adding to rows: a gather becomes a scatter_add, which goes into a new array.
//
// RUN: lamina-opt %s --stop-after=simplify | filecheck %s --check-prefix=SIMPLIFY
// RUN: lamina-opt %s --stop-after=linalg | filecheck %s --check-prefix=LINALG

func.func private @rows(%x: tensor<8x3xf32>, %i: tensor<5x1xi32>) -> tensor<5x3xf32> {
  %0 = "lamina.gather"(%x, %i) {sizes = array<i64: 1, 3>, window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip", fill_value = 0 : i64} : (tensor<8x3xf32>, tensor<5x1xi32>) -> tensor<5x3xf32>
  return %0 : tensor<5x3xf32>
}
func.func private @rows.vjp(tensor<8x3xf32>, tensor<5x1xi32>, tensor<5x3xf32>) -> (tensor<5x3xf32>, tensor<8x3xf32>)
    attributes {lamina.derive = {kind = "vjp", of = @rows, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @main(%x: tensor<8x3xf32>, %i: tensor<5x1xi32>, %ct: tensor<5x3xf32>) -> tensor<8x3xf32> {
  %0:2 = call @rows.vjp(%x, %i, %ct) : (tensor<8x3xf32>, tensor<5x1xi32>, tensor<5x3xf32>) -> (tensor<5x3xf32>, tensor<8x3xf32>)
  return %0#1 : tensor<8x3xf32>
}

// SIMPLIFY-LABEL: func.func @main
// SIMPLIFY-NOT: lamina.gather
// SIMPLIFY: %[[ZERO:.*]] = "lamina.constant"() {value = dense<0.000000e+00> : tensor<8x3xf32>}
// SIMPLIFY: %[[SUM:.*]] = "lamina.scatter_add"(%[[ZERO]], %arg1, %arg2) {{.*}}mode = "clip"
// SIMPLIFY: return %[[SUM]]

// One row more, for updates that are dropped; the rows to go to; the updates, kept apart from what computes them.
// LINALG-LABEL: func.func @main
// LINALG: %[[ROWS:.*]] = linalg.generic
// LINALG: %[[NEW:.*]] = linalg.fill {{.*}} -> tensor<9x3xf32>
// LINALG: %[[UPDATES:.*]] = "util.optimization_barrier"(%arg2)
// LINALG: %[[TOTAL:.*]] = "iree_linalg_ext.scatter"(%[[UPDATES]], %{{.*}}, %[[NEW]])
// LINALG: arith.addf
// LINALG: unique_indices = false
// LINALG: tensor.extract_slice %[[TOTAL]][0, 0] [8, 3] [1, 1]

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// Two numbers are added into a vector, at the places that the second operand names.
// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<5xf32>, %i: tensor<2x1xi32>, %u: tensor<2xf32>) -> tensor<5xf32> {
  // CHECK: "lamina.scatter_add"(%arg0, %arg1, %arg2) {{.*}}mode = "fill_or_drop"{{.*}} -> tensor<5xf32>
  %0 = "lamina.scatter_add"(%x, %i, %u) {collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, indices_batching_dims = array<i64>, mode = "fill_or_drop", operand_batching_dims = array<i64>, unique_indices = false, window_dims = array<i64>} : (tensor<5xf32>, tensor<2x1xi32>, tensor<2xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func @updates_of_another_dtype(%x: tensor<5xf32>, %i: tensor<2x1xi32>, %u: tensor<2xi32>) -> tensor<5xf32> {
  // expected-error @below {{'lamina.scatter_add' op}}
  %0 = "lamina.scatter_add"(%x, %i, %u) {collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, indices_batching_dims = array<i64>, mode = "fill_or_drop", operand_batching_dims = array<i64>, unique_indices = false, window_dims = array<i64>} : (tensor<5xf32>, tensor<2x1xi32>, tensor<2xi32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

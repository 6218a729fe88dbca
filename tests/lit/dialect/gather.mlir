// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<4x3xf32>, %i: tensor<5x1xi32>, %u: tensor<5x3xf32>) -> tensor<4x3xf32> {
  // CHECK: "lamina.gather"(%arg0, %arg1) {{.*}}fill_value = 7.000000e+00 : f64
  %0 = "lamina.gather"(%x, %i) {sizes = array<i64: 1, 3>, window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "fill_or_drop", fill_value = 7.0 : f64} : (tensor<4x3xf32>, tensor<5x1xi32>) -> tensor<5x3xf32>
  // CHECK: "lamina.scatter_add"(%arg0, %arg1, %{{.*}}) {{.*}}mode = "clip"
  %1 = "lamina.scatter_add"(%x, %i, %0) {window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip"} : (tensor<4x3xf32>, tensor<5x1xi32>, tensor<5x3xf32>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// -----
func.func @unknown_mode(%x: tensor<4x3xf32>, %i: tensor<5x1xi32>) -> tensor<5x3xf32> {
  // expected-error @below {{'lamina.gather' op mode must be one of clip, fill_or_drop, not 'wrap'}}
  %0 = "lamina.gather"(%x, %i) {sizes = array<i64: 1, 3>, window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "wrap", fill_value = 0 : i64} : (tensor<4x3xf32>, tensor<5x1xi32>) -> tensor<5x3xf32>
  return %0 : tensor<5x3xf32>
}

// -----
func.func @float_indices(%x: tensor<4x3xf32>, %i: tensor<5x1xf32>) -> tensor<5x3xf32> {
  // expected-error @below {{'lamina.gather' op operand 'indices' has dtype f32, expected one of i8, i16, i32, i64, u8, u16, u32, u64}}
  %0 = "lamina.gather"(%x, %i) {sizes = array<i64: 1, 3>, window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip", fill_value = 0 : i64} : (tensor<4x3xf32>, tensor<5x1xf32>) -> tensor<5x3xf32>
  return %0 : tensor<5x3xf32>
}

// -----
func.func @window_too_large(%x: tensor<4x3xf32>, %i: tensor<5x1xi32>) -> tensor<5x4xf32> {
  // expected-error @below {{'lamina.gather' op the slice size 4 along dimension 1 does not fit into f32[4,3]}}
  %0 = "lamina.gather"(%x, %i) {sizes = array<i64: 1, 4>, window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip", fill_value = 0 : i64} : (tensor<4x3xf32>, tensor<5x1xi32>) -> tensor<5x4xf32>
  return %0 : tensor<5x4xf32>
}

// -----
func.func @fill_value_of_no_kind(%x: tensor<4x3xf32>, %i: tensor<5x1xi32>) -> tensor<5x3xf32> {
  // expected-error @below {{'lamina.gather' op requires attribute 'fill_value' of the form true, 1 : i64, 1.0 : f64 or [1.0 : f64, 0.0 : f64]}}
  %0 = "lamina.gather"(%x, %i) {sizes = array<i64: 1, 3>, window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip", fill_value = "nan"} : (tensor<4x3xf32>, tensor<5x1xi32>) -> tensor<5x3xf32>
  return %0 : tensor<5x3xf32>
}

// -----
func.func @index_vectors_of_another_length(%x: tensor<4x3xf32>, %i: tensor<5x2xi32>, %u: tensor<5x3xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{'lamina.scatter' op index_map (0,) needs one entry for each of the 2 numbers of an index vector}}
  %0 = "lamina.scatter"(%x, %i, %u) {window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip"} : (tensor<4x3xf32>, tensor<5x2xi32>, tensor<5x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----
func.func @updates_of_another_shape(%x: tensor<4x3xf32>, %i: tensor<5x1xi32>, %u: tensor<6x3xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{'lamina.scatter_max' op updates must have the shape (5, 3) for indices i32[5,1], but are f32[6,3]}}
  %0 = "lamina.scatter_max"(%x, %i, %u) {window_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, index_map = array<i64: 0>, operand_batching_dims = array<i64>, indices_batching_dims = array<i64>, unique_indices = false, mode = "clip"} : (tensor<4x3xf32>, tensor<5x1xi32>, tensor<6x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----
func.func @batches_of_different_sizes(%x: tensor<4x3xf32>, %i: tensor<5x1xi32>, %u: tensor<5xf32>) -> tensor<4x3xf32> {
  // expected-error @below {{'lamina.scatter_mul' op batching dimensions must have the same sizes, but operand_batching_dims (0,) have (4,) and indices_batching_dims (0,) have (5,)}}
  %0 = "lamina.scatter_mul"(%x, %i, %u) {window_dims = array<i64>, collapsed_dims = array<i64: 1>, index_map = array<i64: 1>, operand_batching_dims = array<i64: 0>, indices_batching_dims = array<i64: 0>, unique_indices = false, mode = "clip"} : (tensor<4x3xf32>, tensor<5x1xi32>, tensor<5xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

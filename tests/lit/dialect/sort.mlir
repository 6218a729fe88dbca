// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x5xf32>, %v: tensor<2x3xf32>) -> tensor<2x3xi32> {
  // CHECK: "lamina.sort"(%arg0)
  %0 = "lamina.sort"(%x) {axis = 1 : i64} : (tensor<2x5xf32>) -> tensor<2x5xf32>
  // CHECK: "lamina.top_k"(%arg0) {{.*}} -> (tensor<2x2xf32>, tensor<2x2xi32>)
  %1:2 = "lamina.top_k"(%x) {k = 2 : i64} : (tensor<2x5xf32>) -> (tensor<2x2xf32>, tensor<2x2xi32>)
  // CHECK: "lamina.searchsorted"(%0, %arg1)
  %2 = "lamina.searchsorted"(%0, %v) {side = "left", batch_dimensions = 1 : i64, dtype = i32} : (tensor<2x5xf32>, tensor<2x3xf32>) -> tensor<2x3xi32>
  return %2 : tensor<2x3xi32>
}

// -----
func.func @k(%x: tensor<2x5xf32>) -> tensor<2x6xf32> {
  // expected-error @below {{'lamina.top_k' op k must be between 0 and the size of the last dimension of f32[2,5], but is 6}}
  %0:2 = "lamina.top_k"(%x) {k = 6 : i64} : (tensor<2x5xf32>) -> (tensor<2x6xf32>, tensor<2x6xi32>)
  return %0#0 : tensor<2x6xf32>
}

// -----
func.func @side(%a: tensor<5xf32>, %v: tensor<f32>) -> tensor<i32> {
  // expected-error @below {{'lamina.searchsorted' op side must be left or right, not 'middle'}}
  %0 = "lamina.searchsorted"(%a, %v) {side = "middle", batch_dimensions = 0 : i64, dtype = i32} : (tensor<5xf32>, tensor<f32>) -> tensor<i32>
  return %0 : tensor<i32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
  // CHECK: "lamina.psum"(%arg0) {axis_name = "i"} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %0 = "lamina.psum"(%x) {axis_name = "i"} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  // CHECK: "lamina.all_gather"(%0) {axis = 1 : i64, axis_name = "i", count = 5 : i64} : (tensor<4x3xf32>) -> tensor<4x5x3xf32>
  %1 = "lamina.all_gather"(%0) {axis_name = "i", axis = 1, count = 5} : (tensor<4x3xf32>) -> tensor<4x5x3xf32>
  // CHECK: "lamina.psum_scatter"{{.*}} -> tensor<4x3xf32>
  %2 = "lamina.psum_scatter"(%1) {axis_name = "i", axis = 1, count = 5} : (tensor<4x5x3xf32>) -> tensor<4x3xf32>
  // CHECK: "lamina.all_to_all"{{.*}} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %3 = "lamina.all_to_all"(%2) {axis_name = "i", split = 0, concat = 1, count = 4} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  // CHECK: "lamina.ppermute"{{.*}} {axis_name = "i", destinations = array<i64: 1>, sources = array<i64: 0>}
  %4 = "lamina.ppermute"(%2) {axis_name = "i", sources = array<i64: 0>, destinations = array<i64: 1>} : (tensor<4x3xf32>) -> tensor<4x3xf32>
  // CHECK: "lamina.axis_index"() {axis_name = "i"} : () -> tensor<i32>
  %5 = "lamina.axis_index"() {axis_name = "i"} : () -> tensor<i32>
  return %4 : tensor<4x3xf32>
}

// -----
func.func @wrong_axis_size(%x: tensor<4x3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.psum_scatter' op psum_scatter wants an axis of 5, one place for each example, but axis 0 of f32[4,3] is not}}
  %0 = "lamina.psum_scatter"(%x) {axis_name = "i", axis = 0, count = 5} : (tensor<4x3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<4x5xf32>, %p: tensor<3xi1>) -> tensor<4xf32> {
  // CHECK: "lamina.reduce_sum"(%arg0) {axes = array<i64: 1>} : (tensor<4x5xf32>) -> tensor<4xf32>
  %0 = "lamina.reduce_sum"(%x) {axes = array<i64: 1>} : (tensor<4x5xf32>) -> tensor<4xf32>
  // CHECK: "lamina.reduce_max"(%arg0) {axes = array<i64: 0, 1>} : (tensor<4x5xf32>) -> tensor<f32>
  %1 = "lamina.reduce_max"(%x) {axes = array<i64: 0, 1>} : (tensor<4x5xf32>) -> tensor<f32>
  // CHECK: "lamina.reduce_and"(%arg1) {axes = array<i64: 0>} : (tensor<3xi1>) -> tensor<i1>
  %2 = "lamina.reduce_and"(%p) {axes = array<i64: 0>} : (tensor<3xi1>) -> tensor<i1>
  // CHECK: "lamina.argmax"(%arg0) {axis = 0 : i64, dtype = i32} : (tensor<4x5xf32>) -> tensor<5xi32>
  %3 = "lamina.argmax"(%x) {axis = 0 : i64, dtype = i32} : (tensor<4x5xf32>) -> tensor<5xi32>
  return %0 : tensor<4xf32>
}

// -----
func.func @axes(%x: tensor<4x5xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.reduce_sum' op axes (2,) are out of range for an operand of rank 2}}
  %0 = "lamina.reduce_sum"(%x) {axes = array<i64: 2>} : (tensor<4x5xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @axes_repeat(%x: tensor<4x5xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.reduce_min' op axes (1, 1) repeat an axis}}
  %0 = "lamina.reduce_min"(%x) {axes = array<i64: 1, 1>} : (tensor<4x5xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @dtype(%x: tensor<4xf32>) -> tensor<f32> {
  // expected-error @below {{'lamina.reduce_or' op operand 'x' has dtype f32, expected one of bool}}
  %0 = "lamina.reduce_or"(%x) {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
func.func @rank(%x: tensor<4x5xf32>) -> tensor<4x1xf32> {
  // expected-error @below {{'lamina.reduce_prod' op result type should be tensor<4xf32> but is tensor<4x1xf32>}}
  %0 = "lamina.reduce_prod"(%x) {axes = array<i64: 1>} : (tensor<4x5xf32>) -> tensor<4x1xf32>
  return %0 : tensor<4x1xf32>
}

// -----
func.func @positions_are_integers(%x: tensor<4xf32>) -> tensor<f32> {
  // expected-error @below {{'lamina.argmax' op positions have an integer dtype, not f32}}
  %0 = "lamina.argmax"(%x) {axis = 0 : i64, dtype = f32} : (tensor<4xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
func.func @nothing_to_choose(%x: tensor<0x3xf32>) -> tensor<3xi32> {
  // expected-error @below {{'lamina.argmin' op argmin of f32[0,3] along the empty axis 0 has no position to give}}
  %0 = "lamina.argmin"(%x) {axis = 0 : i64, dtype = i32} : (tensor<0x3xf32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

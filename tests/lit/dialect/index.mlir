// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<4x5xf32>, %start: tensor<2xi32>) -> tensor<4x5xf32> {
  // CHECK: "lamina.dynamic_slice"(%arg0, %arg1) {batch_dimensions = 0 : i64, sizes = array<i64: 2, 5>} : (tensor<4x5xf32>, tensor<2xi32>) -> tensor<2x5xf32>
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 2, 5>, batch_dimensions = 0 : i64} : (tensor<4x5xf32>, tensor<2xi32>) -> tensor<2x5xf32>
  // CHECK: "lamina.dynamic_update_slice"(%arg0, %0, %arg1) {batch_dimensions = 0 : i64}
  %1 = "lamina.dynamic_update_slice"(%x, %0, %start) {batch_dimensions = 0 : i64} : (tensor<4x5xf32>, tensor<2x5xf32>, tensor<2xi32>) -> tensor<4x5xf32>
  return %1 : tensor<4x5xf32>
}

// CHECK-LABEL: func.func @batched
func.func @batched(%x: tensor<3x5xf32>, %start: tensor<3x1xi64>) -> tensor<3x2xf32> {
  // Every row is cut at a place of its own.
  // CHECK: "lamina.dynamic_slice"{{.*}} : (tensor<3x5xf32>, tensor<3x1xi64>) -> tensor<3x2xf32>
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 2>, batch_dimensions = 1 : i64} : (tensor<3x5xf32>, tensor<3x1xi64>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----
func.func @start_dtype(%x: tensor<4xf32>, %start: tensor<1xf32>) -> tensor<2xf32> {
  // expected-error @below {{'lamina.dynamic_slice' op operand 'start' has dtype f32, expected one of i8, i16, i32, i64, u8, u16, u32, u64}}
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 2>, batch_dimensions = 0 : i64} : (tensor<4xf32>, tensor<1xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----
func.func @start_shape(%x: tensor<4xf32>, %start: tensor<2xi32>) -> tensor<2xf32> {
  // expected-error @below {{'lamina.dynamic_slice' op start must hold one index for each sliced dimension: shape (1,), not (2,)}}
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 2>, batch_dimensions = 0 : i64} : (tensor<4xf32>, tensor<2xi32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----
func.func @sizes(%x: tensor<4xf32>, %start: tensor<1xi32>) -> tensor<5xf32> {
  // expected-error @below {{'lamina.dynamic_slice' op slice sizes (5,) do not fit into the dimensions (4,) of f32[4]}}
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 5>, batch_dimensions = 0 : i64} : (tensor<4xf32>, tensor<1xi32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func @update(%x: tensor<4xf32>, %update: tensor<2xi32>, %start: tensor<1xi32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.dynamic_update_slice' op an update of type i32[2] does not fit into f32[4]}}
  %0 = "lamina.dynamic_update_slice"(%x, %update, %start) {batch_dimensions = 0 : i64} : (tensor<4xf32>, tensor<2xi32>, tensor<1xi32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @batch_dimensions(%x: tensor<4xf32>, %start: tensor<1xi32>) -> tensor<2xf32> {
  // expected-error @below {{'lamina.dynamic_slice' op requires attribute 'batch_dimensions' of the form 1 : i64}}
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 2>} : (tensor<4xf32>, tensor<1xi32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x1xf32>) -> tensor<3x2xf32> {
  // CHECK: "lamina.constant"() {value = dense<[1, 2, 3]> : tensor<3xui8>} : () -> tensor<3xui8>
  %0 = "lamina.constant"() {value = dense<[1, 2, 3]> : tensor<3xui8>} : () -> tensor<3xui8>
  // CHECK: "lamina.iota"() {dimension = 1 : i64, dtype = i32, shape = array<i64: 2, 5>} : () -> tensor<2x5xi32>
  %1 = "lamina.iota"() {shape = array<i64: 2, 5>, dimension = 1 : i64, dtype = i32} : () -> tensor<2x5xi32>
  // A dimension of size 1 is repeated, and new ones are added.
  // CHECK: "lamina.broadcast_in_dim"(%arg0) {dimensions = array<i64: 1, 2>, shape = array<i64: 4, 2, 3>}
  %2 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 4, 2, 3>, dimensions = array<i64: 1, 2>} : (tensor<2x1xf32>) -> tensor<4x2x3xf32>
  // CHECK: "lamina.rev"
  %3 = "lamina.rev"(%2) {dimensions = array<i64: 0, 2>} : (tensor<4x2x3xf32>) -> tensor<4x2x3xf32>
  // CHECK: "lamina.reshape"{{.*}} {shape = array<i64: 4, 6>}
  %4 = "lamina.reshape"(%3) {shape = array<i64: 4, 6>} : (tensor<4x2x3xf32>) -> tensor<4x6xf32>
  // CHECK: "lamina.transpose"(%{{.*}}) {permutation = array<i64: 1, 0>} : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %5 = "lamina.transpose"(%4) {permutation = array<i64: 1, 0>} : (tensor<4x6xf32>) -> tensor<6x4xf32>
  // CHECK: "lamina.stop_gradient"
  %6 = "lamina.stop_gradient"(%5) : (tensor<6x4xf32>) -> tensor<6x4xf32>
  %7 = "lamina.reshape"(%x) {shape = array<i64: 1, 2>} : (tensor<2x1xf32>) -> tensor<1x2xf32>
  %8 = "lamina.broadcast_in_dim"(%7) {shape = array<i64: 3, 2>, dimensions = array<i64: 0, 1>} : (tensor<1x2xf32>) -> tensor<3x2xf32>
  return %8 : tensor<3x2xf32>
}

// -----
func.func @constant_without_value() -> tensor<3xf32> {
  // expected-error @below {{'lamina.constant' op requires attribute 'value' of the form dense<...>, not of complex numbers}}
  %0 = "lamina.constant"() : () -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @constant_type() -> tensor<3xi32> {
  // expected-error @below {{'lamina.constant' op result type should be tensor<3xui32> but is tensor<3xi32>}}
  %0 = "lamina.constant"() {value = dense<1> : tensor<3xui32>} : () -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// -----
func.func @iota_of_bools() -> tensor<3xi1> {
  // expected-error @below {{'lamina.iota' op iota has numeric elements, not bool}}
  %0 = "lamina.iota"() {shape = array<i64: 3>, dimension = 0 : i64, dtype = i1} : () -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// -----
func.func @iota_dimension() -> tensor<3xi32> {
  // expected-error @below {{'lamina.iota' op dimension (1,) are out of range for an operand of rank 1}}
  %0 = "lamina.iota"() {shape = array<i64: 3>, dimension = 1 : i64, dtype = i32} : () -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// -----
func.func @iota_form() -> tensor<3xi32> {
  // expected-error @below {{'lamina.iota' op requires attribute 'shape' of the form array<i64: ...>}}
  %0 = "lamina.iota"() {shape = [3], dimension = 0 : i64, dtype = i32} : () -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// -----
func.func @broadcast_size(%x: tensor<2xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.broadcast_in_dim' op operand f32[2] cannot be broadcast to shape (3,): its dimension 0 has size 2, which is neither 1 nor 3}}
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 3>, dimensions = array<i64: 0>} : (tensor<2xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @broadcast_dimensions(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{'lamina.broadcast_in_dim' op dimensions () must name one result dimension for each of the operand's 1}}
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 2>, dimensions = array<i64>} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----
func.func @broadcast_repeats(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // expected-error @below {{'lamina.broadcast_in_dim' op dimensions (1, 1) repeat an axis}}
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 2, 2>, dimensions = array<i64: 1, 1>} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// -----
func.func @reshape_size(%x: tensor<2x3xf32>) -> tensor<5xf32> {
  // expected-error @below {{'lamina.reshape' op f32[2,3] has 6 elements and cannot be reshaped to (5,)}}
  %0 = "lamina.reshape"(%x) {shape = array<i64: 5>} : (tensor<2x3xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func @no_permutation(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{'lamina.transpose' op permutation (0, 0) must name each of the operand's 2 dimensions once}}
  %0 = "lamina.transpose"(%x) {permutation = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----
func.func @transpose_type(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{'lamina.transpose' op result type should be tensor<3x2xf32> but is tensor<2x3xf32>}}
  %0 = "lamina.transpose"(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----
func.func @rev_dimension(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // expected-error @below {{'lamina.rev' op dimensions (-1,) are out of range for an operand of rank 2}}
  %0 = "lamina.rev"(%x) {dimensions = array<i64: -1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

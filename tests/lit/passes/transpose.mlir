// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-transpose | filecheck %s

// y = W x backwards is Wᵀ ȳ; W is known, x is the linear input.
// CHECK-LABEL: func.func private @matvec.transpose(%arg0: tensor<4x3xf32>, %arg1: tensor<4xf32>) -> tensor<3xf32>
// CHECK-NEXT:  [[X:%.*]] = "lamina.dot_general"(%arg1, %arg0)
// CHECK-SAME:  lhs_contracting = array<i64: 0>
// CHECK-SAME:  rhs_contracting = array<i64: 0>
// CHECK-NEXT:  return [[X]]
func.func private @matvec(%w: tensor<4x3xf32>, %x: tensor<3xf32>) -> tensor<4xf32> {
  %0 = "lamina.dot_general"(%w, %x) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<4x3xf32>, tensor<3xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @matvec.transpose(tensor<4x3xf32>, tensor<4xf32>) -> tensor<3xf32>
    attributes {lamina.derive = {kind = "transpose", of = @matvec, linear = 1 : i64}}

// -----
// What is used twice gets the sum of the cotangents; a cut becomes padding, a sum becomes a broadcast.
// CHECK-LABEL: func.func private @uses.transpose(%arg0: tensor<2xf32>, %arg1: tensor<f32>) -> tensor<4xf32>
// CHECK-DAG:   [[ALL:%.*]] = "lamina.broadcast_in_dim"(%arg1) {{.*}} -> tensor<4xf32>
// CHECK-DAG:   [[PART:%.*]] = "lamina.pad"(%arg0, {{.*}}) {high = array<i64: 1>, interior = array<i64: 0>, low = array<i64: 1>}
// CHECK:       [[SUM:%.*]] = "lamina.add"([[ALL]], [[PART]])
// CHECK-NEXT:  return [[SUM]]
func.func private @uses(%x: tensor<4xf32>) -> (tensor<2xf32>, tensor<f32>) {
  %0 = "lamina.slice"(%x) {start = array<i64: 1>, limit = array<i64: 3>, strides = array<i64: 1>} : (tensor<4xf32>) -> tensor<2xf32>
  %1 = "lamina.reduce_sum"(%x) {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
  return %0, %1 : tensor<2xf32>, tensor<f32>
}
func.func private @uses.transpose(tensor<2xf32>, tensor<f32>) -> tensor<4xf32>
    attributes {lamina.derive = {kind = "transpose", of = @uses, linear = 1 : i64}}

// -----
// The cotangents of slices side by side are joined, whichever comes first, and padded together; others are added.
// CHECK-LABEL: func.func private @gates.transpose(%arg0: tensor<2x1xf32>, %arg1: tensor<2x2xf32>, %arg2: tensor<2x3xf32>) -> tensor<2x7xf32>
// CHECK:       [[TWO:%.*]] = "lamina.concatenate"(%arg0, %arg1) {dimension = 1 : i64}
// CHECK:       [[ALL:%.*]] = "lamina.concatenate"([[TWO]], %arg2) {dimension = 1 : i64}
// CHECK:       [[PADDED:%.*]] = "lamina.pad"([[ALL]], {{.*}}) {high = array<i64: 0, 1>, interior = array<i64: 0, 0>, low = array<i64: 0, 0>}
// CHECK-NEXT:  return [[PADDED]]
func.func private @gates(%x: tensor<2x7xf32>) -> (tensor<2x1xf32>, tensor<2x2xf32>, tensor<2x3xf32>) {
  %0 = "lamina.slice"(%x) {start = array<i64: 0, 1>, limit = array<i64: 2, 3>, strides = array<i64: 1, 1>} : (tensor<2x7xf32>) -> tensor<2x2xf32>
  %1 = "lamina.slice"(%x) {start = array<i64: 0, 0>, limit = array<i64: 2, 1>, strides = array<i64: 1, 1>} : (tensor<2x7xf32>) -> tensor<2x1xf32>
  %2 = "lamina.slice"(%x) {start = array<i64: 0, 3>, limit = array<i64: 2, 6>, strides = array<i64: 1, 1>} : (tensor<2x7xf32>) -> tensor<2x3xf32>
  return %1, %0, %2 : tensor<2x1xf32>, tensor<2x2xf32>, tensor<2x3xf32>
}
func.func private @gates.transpose(tensor<2x1xf32>, tensor<2x2xf32>, tensor<2x3xf32>) -> tensor<2x7xf32>
    attributes {lamina.derive = {kind = "transpose", of = @gates, linear = 1 : i64}}

// -----
// Slices that overlap, or leave a gap, are no neighbours.
// CHECK-LABEL: func.func private @apart.transpose
// CHECK-NOT:   concatenate
// CHECK:       return
func.func private @apart(%x: tensor<8xf32>) -> (tensor<2xf32>, tensor<3xf32>, tensor<3xf32>) {
  %0 = "lamina.slice"(%x) {start = array<i64: 0>, limit = array<i64: 2>, strides = array<i64: 1>} : (tensor<8xf32>) -> tensor<2xf32>
  %1 = "lamina.slice"(%x) {start = array<i64: 1>, limit = array<i64: 4>, strides = array<i64: 1>} : (tensor<8xf32>) -> tensor<3xf32>
  %2 = "lamina.slice"(%x) {start = array<i64: 5>, limit = array<i64: 8>, strides = array<i64: 1>} : (tensor<8xf32>) -> tensor<3xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<3xf32>, tensor<3xf32>
}
func.func private @apart.transpose(tensor<2xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<8xf32>
    attributes {lamina.derive = {kind = "transpose", of = @apart, linear = 1 : i64}}

// -----
// An input without influence has the cotangent zero.
// CHECK-LABEL: func.func private @unused.transpose
// CHECK-NEXT:  [[ZERO:%.*]] = "lamina.constant"() {value = dense<0.000000e+00> : tensor<2xf32>}
// CHECK-NEXT:  return [[ZERO]]
func.func private @unused(%k: tensor<2xf32>, %x: tensor<2xf32>) -> tensor<2xf32> {
  return %k : tensor<2xf32>
}
func.func private @unused.transpose(tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    attributes {lamina.derive = {kind = "transpose", of = @unused, linear = 1 : i64}}

// -----
func.func private @bent(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{`exp` is not linear in what it is transposed in}}
  %0 = "lamina.exp"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func private @bent.transpose(tensor<2xf32>) -> tensor<2xf32>
    attributes {lamina.derive = {kind = "transpose", of = @bent, linear = 1 : i64}}

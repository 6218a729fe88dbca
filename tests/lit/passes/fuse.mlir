// RUN: lamina-opt %s --lamina-fuse | filecheck %s

// Work is done before a broadcast, not once for each copy; splat constants adapt to the smaller shape.
// CHECK-LABEL: func.func @broadcast
// CHECK-DAG:   [[TWO:%.*]] = "lamina.constant"() {value = dense<2.000000e+00> : tensor<3xf32>}
// CHECK-DAG:   [[EXP:%.*]] = "lamina.exp"(%arg0) : (tensor<3xf32>) -> tensor<3xf32>
// CHECK:       [[MUL:%.*]] = "lamina.mul"([[EXP]], [[TWO]]) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:  [[WIDE:%.*]] = "lamina.broadcast_in_dim"([[MUL]])
// CHECK-NEXT:  return [[WIDE]]
func.func @broadcast(%x: tensor<3xf32>) -> tensor<1000x3xf32> {
  %two = "lamina.constant"() {value = dense<2.0> : tensor<1000x3xf32>} : () -> tensor<1000x3xf32>
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 1000, 3>, dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<1000x3xf32>
  %1 = "lamina.exp"(%0) : (tensor<1000x3xf32>) -> tensor<1000x3xf32>
  %2 = "lamina.mul"(%1, %two) : (tensor<1000x3xf32>, tensor<1000x3xf32>) -> tensor<1000x3xf32>
  return %2 : tensor<1000x3xf32>
}

// CHECK-LABEL: func.func @transpose
// CHECK-NEXT:  [[SUM:%.*]] = "lamina.add"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<2x3xf32>)
// CHECK-NEXT:  "lamina.transpose"([[SUM]])
func.func @transpose(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %0 = "lamina.transpose"(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = "lamina.transpose"(%y) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %2 = "lamina.add"(%0, %1) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// Different rearrangements, or an operand that is not rearranged, stay where they are.
// CHECK-LABEL: func.func @different
// CHECK:       "lamina.broadcast_in_dim"(%arg0)
// CHECK:       "lamina.add"({{.*}}) : (tensor<2x3xf32>, tensor<2x3xf32>)
// CHECK-NEXT:  return
func.func @different(%x: tensor<3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 2, 3>, dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<2x3xf32>
  %1 = "lamina.add"(%0, %y) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// What only slices use is computed for what they take. A broadcast of them has no dimension of size 1 behind the vectors.
// CHECK-LABEL: func.func @sliced
// CHECK-NEXT:  [[X:%.*]] = "lamina.slice"(%arg0) {limit = array<i64: 1000, 1>
// CHECK-NEXT:  [[EXP:%.*]] = "lamina.exp"([[X]]) : (tensor<1000x1xf32>) -> tensor<1000x1xf32>
// CHECK-NEXT:  [[COLUMN:%.*]] = "lamina.reshape"([[EXP]]) {{.*}} -> tensor<1000xf32>
// CHECK-NEXT:  [[WIDE:%.*]] = "lamina.broadcast_in_dim"([[COLUMN]]) {{.*}} -> tensor<1000x1000xf32>
// CHECK-NEXT:  return [[WIDE]]
func.func @sliced(%x: tensor<1000x2xf32>) -> tensor<1000x1000xf32> {
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 1000, 1000, 2>, dimensions = array<i64: 0, 2>} : (tensor<1000x2xf32>) -> tensor<1000x1000x2xf32>
  %1 = "lamina.exp"(%0) : (tensor<1000x1000x2xf32>) -> tensor<1000x1000x2xf32>
  %2 = "lamina.slice"(%1) {start = array<i64: 0, 0, 0>, limit = array<i64: 1000, 1000, 1>, strides = array<i64: 1, 1, 1>} : (tensor<1000x1000x2xf32>) -> tensor<1000x1000x1xf32>
  %3 = "lamina.reshape"(%2) {shape = array<i64: 1000, 1000>} : (tensor<1000x1000x1xf32>) -> tensor<1000x1000xf32>
  return %3 : tensor<1000x1000xf32>
}

// CHECK-LABEL: func.func @kept
// CHECK:       "lamina.exp"(%arg0) : (tensor<8xf32>)
func.func @kept(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<2xf32>) {
  %0 = "lamina.exp"(%x) : (tensor<8xf32>) -> tensor<8xf32>
  %1 = "lamina.slice"(%0) {start = array<i64: 0>, limit = array<i64: 2>, strides = array<i64: 1>} : (tensor<8xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<8xf32>, tensor<2xf32>
}

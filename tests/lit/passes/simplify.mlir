// RUN: lamina-opt %s --lamina-simplify | filecheck %s

// ---- algebra

// x - 0, x / 1, x · 1, x + -0 are x. (x + 0 is not, for x = -0.)
// CHECK-LABEL: func.func @neutral
// CHECK:       return %arg0, %arg0, %arg0, %arg0 :
func.func @neutral(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %zero = "lamina.constant"() {value = dense<0.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %minus_zero = "lamina.constant"() {value = dense<-0.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %one = "lamina.constant"() {value = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %0 = "lamina.sub"(%x, %zero) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.div"(%x, %one) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = "lamina.mul"(%one, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = "lamina.add"(%minus_zero, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// 0 · x is 0 for integers only: 0 · inf is nan.
// CHECK-LABEL: func.func @zero
// CHECK-DAG:   [[NONE:%.*]] = "lamina.constant"() {value = dense<0> : tensor<4xi32>}
// CHECK-DAG:   [[PRODUCT:%.*]] = "lamina.mul"(%arg0
// CHECK:       return [[PRODUCT]], [[NONE]]
func.func @zero(%x: tensor<4xf32>, %i: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %zero = "lamina.constant"() {value = dense<0.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %none = "lamina.constant"() {value = dense<0> : tensor<4xi32>} : () -> tensor<4xi32>
  %0 = "lamina.mul"(%x, %zero) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.mul"(%none, %i) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  return %0, %1 : tensor<4xf32>, tensor<4xi32>
}

// CHECK-LABEL: func.func @negation
// CHECK-DAG:   [[DIFFERENCE:%.*]] = "lamina.sub"(%arg0, %arg1)
// CHECK-DAG:   [[SUM:%.*]] = "lamina.add"(%arg0, %arg1)
// CHECK-DAG:   [[NEG:%.*]] = "lamina.neg"(%arg0)
// CHECK:       return [[DIFFERENCE]], [[SUM]], [[NEG]], %arg0 :
func.func @negation(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %minus_one = "lamina.constant"() {value = dense<-1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %0 = "lamina.neg"(%y) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.add"(%x, %0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = "lamina.sub"(%x, %0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = "lamina.mul"(%x, %minus_one) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = "lamina.neg"(%3) : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %2, %3, %4 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @select
// CHECK-NEXT:  return %arg1, %arg1
func.func @select(%p: tensor<4xi1>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %true = "lamina.constant"() {value = dense<true> : tensor<4xi1>} : () -> tensor<4xi1>
  %0 = "lamina.select"(%p, %x, %x) : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.select"(%true, %x, %y) : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func @parts
// CHECK-NEXT:  return %arg0, %arg1, %arg2
func.func @parts(%re: tensor<4xf32>, %im: tensor<4xf32>, %z: tensor<4xcomplex<f32>>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xcomplex<f32>>) {
  %0 = "lamina.complex"(%re, %im) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xcomplex<f32>>
  %1 = "lamina.real"(%0) : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
  %2 = "lamina.imag"(%0) : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
  %3 = "lamina.conj"(%z) : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  %4 = "lamina.conj"(%3) : (tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return %1, %2, %4 : tensor<4xf32>, tensor<4xf32>, tensor<4xcomplex<f32>>
}

// ---- folding

// Constants are computed with the ops' NumPy references, here and in larger splats element for element.
// CHECK-LABEL: func.func @fold
// CHECK-DAG:   [[SMALL:%.*]] = "lamina.constant"() {value = dense<[4, 6]> : tensor<2xi32>}
// CHECK-DAG:   [[LARGE:%.*]] = "lamina.constant"() {value = dense<3.000000e+00> : tensor<9999xf32>}
// CHECK-DAG:   [[SUM:%.*]] = "lamina.constant"() {value = dense<10> : tensor<i32>}
// CHECK:       return [[SMALL]], [[LARGE]], [[SUM]]
func.func @fold() -> (tensor<2xi32>, tensor<9999xf32>, tensor<i32>) {
  %a = "lamina.constant"() {value = dense<[1, 2]> : tensor<2xi32>} : () -> tensor<2xi32>
  %b = "lamina.constant"() {value = dense<[3, 4]> : tensor<2xi32>} : () -> tensor<2xi32>
  %0 = "lamina.add"(%a, %b) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  %c = "lamina.constant"() {value = dense<9.0> : tensor<9999xf32>} : () -> tensor<9999xf32>
  %1 = "lamina.sqrt"(%c) : (tensor<9999xf32>) -> tensor<9999xf32>
  %2 = "lamina.reduce_sum"(%0) {axes = array<i64: 0>} : (tensor<2xi32>) -> tensor<i32>
  return %0, %1, %2 : tensor<2xi32>, tensor<9999xf32>, tensor<i32>
}

// CHECK-LABEL: func.func @convert
// CHECK-NEXT:  [[ONE:%.*]] = "lamina.constant"() {value = dense<1> : tensor<4xi32>}
// CHECK-NEXT:  return %arg0, [[ONE]]
func.func @convert(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xi32>) {
  %c = "lamina.constant"() {value = dense<1.5> : tensor<4xf32>} : () -> tensor<4xf32>
  %0 = "lamina.convert"(%x) {dtype = f32} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.convert"(%c) {dtype = i32} : (tensor<4xf32>) -> tensor<4xi32>
  return %0, %1 : tensor<4xf32>, tensor<4xi32>
}

// Common subexpressions are computed once, dead ones never.
// CHECK-LABEL: func.func @cse
// CHECK-NEXT:  [[SIN:%.*]] = "lamina.sin"(%arg0)
// CHECK-NEXT:  return [[SIN]], [[SIN]]
func.func @cse(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = "lamina.sin"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "lamina.sin"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "lamina.cos"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// ---- shapes

// CHECK-LABEL: func.func @reshape
// CHECK-NEXT:  [[ONCE:%.*]] = "lamina.reshape"(%arg0) {shape = array<i64: 3, 2>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
// CHECK-NEXT:  return %arg0, [[ONCE]]
func.func @reshape(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<3x2xf32>) {
  %0 = "lamina.reshape"(%x) {shape = array<i64: 6>} : (tensor<2x3xf32>) -> tensor<6xf32>
  %1 = "lamina.reshape"(%0) {shape = array<i64: 2, 3>} : (tensor<6xf32>) -> tensor<2x3xf32>
  %2 = "lamina.reshape"(%0) {shape = array<i64: 3, 2>} : (tensor<6xf32>) -> tensor<3x2xf32>
  return %1, %2 : tensor<2x3xf32>, tensor<3x2xf32>
}

// CHECK-LABEL: func.func @broadcast
// CHECK-NEXT:  [[ONCE:%.*]] = "lamina.broadcast_in_dim"(%arg0) {dimensions = array<i64: 2>, shape = array<i64: 5, 4, 3>}
// CHECK-NEXT:  return [[ONCE]], %arg0
func.func @broadcast(%x: tensor<3xf32>) -> (tensor<5x4x3xf32>, tensor<3xf32>) {
  %0 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 4, 3>, dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<4x3xf32>
  %1 = "lamina.broadcast_in_dim"(%0) {shape = array<i64: 5, 4, 3>, dimensions = array<i64: 1, 2>} : (tensor<4x3xf32>) -> tensor<5x4x3xf32>
  %2 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 3>, dimensions = array<i64: 0>} : (tensor<3xf32>) -> tensor<3xf32>
  return %1, %2 : tensor<5x4x3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func @transpose
// CHECK-NEXT:  [[ROTATED:%.*]] = "lamina.transpose"(%arg0) {permutation = array<i64: 2, 0, 1>}
// CHECK-NEXT:  [[WIDE:%.*]] = "lamina.broadcast_in_dim"(%arg1) {dimensions = array<i64: 0>, shape = array<i64: 3, 2>}
// CHECK-NEXT:  return %arg0, [[ROTATED]], [[WIDE]]
func.func @transpose(%x: tensor<2x3x4xf32>, %y: tensor<3xf32>) -> (tensor<2x3x4xf32>, tensor<4x2x3xf32>, tensor<3x2xf32>) {
  %0 = "lamina.transpose"(%x) {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %1 = "lamina.transpose"(%0) {permutation = array<i64: 2, 0, 1>} : (tensor<3x4x2xf32>) -> tensor<2x3x4xf32>
  %2 = "lamina.transpose"(%0) {permutation = array<i64: 1, 2, 0>} : (tensor<3x4x2xf32>) -> tensor<4x2x3xf32>
  %3 = "lamina.broadcast_in_dim"(%y) {shape = array<i64: 2, 3>, dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<2x3xf32>
  %4 = "lamina.transpose"(%3) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %1, %2, %4 : tensor<2x3x4xf32>, tensor<4x2x3xf32>, tensor<3x2xf32>
}

// Splats stay splats, and what changes nothing goes.
// CHECK-LABEL: func.func @nothing_to_do
// CHECK-NEXT:  [[C:%.*]] = "lamina.constant"() {value = dense<1.000000e+00> : tensor<3x2xf32>}
// CHECK-NEXT:  return %arg0, %arg0, %arg0, %arg0, [[C]]
func.func @nothing_to_do(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<3x2xf32>) {
  %v = "lamina.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %c = "lamina.constant"() {value = dense<1.0> : tensor<1x3xf32>} : () -> tensor<1x3xf32>
  %none = "lamina.constant"() {value = dense<> : tensor<0x3xf32>} : () -> tensor<0x3xf32>
  %0 = "lamina.slice"(%x) {start = array<i64: 0, 0>, limit = array<i64: 2, 3>, strides = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = "lamina.pad"(%x, %v) {low = array<i64: 0, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %2 = "lamina.concatenate"(%none, %x) {dimension = 0 : i64} : (tensor<0x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %3 = "lamina.reduce_sum"(%x) {axes = array<i64>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %4 = "lamina.rev"(%c) {dimensions = array<i64: 0, 1>} : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %5 = "lamina.pad"(%4, %v) {low = array<i64: 1, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<1x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %6 = "lamina.transpose"(%5) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %0, %1, %2, %3, %6 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<3x2xf32>
}

// A constant start makes a plain slice; one that is out of bounds is moved inside.
// CHECK-LABEL: func.func @dynamic_slice
// CHECK-NEXT:  "lamina.slice"(%arg0) {limit = array<i64: 5>, start = array<i64: 2>, strides = array<i64: 1>}
func.func @dynamic_slice(%x: tensor<5xf32>) -> tensor<3xf32> {
  %start = "lamina.constant"() {value = dense<4> : tensor<1xi32>} : () -> tensor<1xi32>
  %0 = "lamina.dynamic_slice"(%x, %start) {sizes = array<i64: 3>, batch_dimensions = 0 : i64} : (tensor<5xf32>, tensor<1xi32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// ---- dots

// Xᵀ Y contracts another dimension; (X Y)ᵀ exchanges the operands.
// CHECK-LABEL: func.func @dot
// CHECK-NEXT:  [[FIRST:%.*]] = "lamina.dot_general"(%arg0, %arg1)
// CHECK-SAME:  lhs_contracting = array<i64: 0>
// CHECK-SAME:  -> tensor<3x4xf32>
// CHECK-NEXT:  [[SECOND:%.*]] = "lamina.dot_general"(%arg1, %arg0)
// CHECK-SAME:  -> tensor<4x3xf32>
// CHECK-NEXT:  return [[FIRST]], [[SECOND]]
func.func @dot(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> (tensor<3x4xf32>, tensor<4x3xf32>) {
  %0 = "lamina.transpose"(%x) {permutation = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = "lamina.dot_general"(%0, %y) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  %2 = "lamina.transpose"(%1) {permutation = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  return %1, %2 : tensor<3x4xf32>, tensor<4x3xf32>
}

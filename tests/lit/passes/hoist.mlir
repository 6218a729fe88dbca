// RUN: lamina-opt %s --split-input-file --lamina-hoist | filecheck %s

// One product of all slices, in any direction; what stays the same is computed once; a broadcast of it stays inside.
// CHECK-LABEL: func.func @recurrent
// CHECK-DAG:   [[EXP:%.*]] = "lamina.exp"(%arg2)
// CHECK-DAG:   [[ALL:%.*]] = "lamina.dot_general"(%arg4, %arg1) {{.*}} : (tensor<9x2x5xf32>, tensor<5x3xf32>) -> tensor<9x2x3xf32>
// CHECK:       [[OUT:%.*]] = call @[[SCAN:.*]](%arg0, [[EXP]], %arg3, [[ALL]])
// CHECK-NEXT:  return [[OUT]]
// CHECK:       func.func private @[[BODY:[^(]*]](%arg0: tensor<3x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<2x3xf32>, %arg3: tensor<2x3xf32>)
// CHECK-DAG:   "lamina.broadcast_in_dim"(%arg1)
// CHECK-DAG:   "lamina.dot_general"(%arg2, %arg0)
// CHECK-NOT:   lamina.exp
// CHECK:       @[[SCAN]]{{.*}} {lamina.higher_order = {body = @[[BODY]], carry = 1 : i64, consts = 2 : i64, kind = "scan", length = 9 : i64, reverse = true}}
func.func private @step(%w: tensor<3x3xf32>, %u: tensor<5x3xf32>, %b: tensor<3xf32>, %c: tensor<2x3xf32>, %x: tensor<2x5xf32>) -> tensor<2x3xf32> {
  %0 = "lamina.dot_general"(%x, %u) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<2x5xf32>, tensor<5x3xf32>) -> tensor<2x3xf32>
  %1 = "lamina.dot_general"(%c, %w) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x3xf32>
  %2 = "lamina.exp"(%b) : (tensor<3xf32>) -> tensor<3xf32>
  %3 = "lamina.broadcast_in_dim"(%2) {shape = array<i64: 2, 3>, dimensions = array<i64: 1>} : (tensor<3xf32>) -> tensor<2x3xf32>
  %4 = "lamina.add"(%0, %1) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %5 = "lamina.mul"(%3, %4) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %5 : tensor<2x3xf32>
}
func.func private @step.scan(tensor<3x3xf32>, tensor<5x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<9x2x5xf32>) -> tensor<2x3xf32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 3 : i64, carry = 1 : i64, length = 9 : i64, reverse = true}}
func.func @recurrent(%w: tensor<3x3xf32>, %u: tensor<5x3xf32>, %b: tensor<3xf32>, %c: tensor<2x3xf32>, %xs: tensor<9x2x5xf32>) -> tensor<2x3xf32> {
  %0 = call @step.scan(%w, %u, %b, %c, %xs) : (tensor<3x3xf32>, tensor<5x3xf32>, tensor<3xf32>, tensor<2x3xf32>, tensor<9x2x5xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// -----
// Ten million numbers of twenty thousand: the array would be far larger than what the loop reads, so it stays inside.
// CHECK-LABEL: func.func @large
// CHECK-NEXT:  call @step.scan(%arg0, %arg1, %arg2)
func.func private @step(%u: tensor<1x1000xf32>, %c: tensor<1000xf32>, %x: tensor<1xf32>) -> tensor<1000xf32> {
  %0 = "lamina.dot_general"(%x, %u) {lhs_contracting = array<i64: 0>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<1xf32>, tensor<1x1000xf32>) -> tensor<1000xf32>
  %1 = "lamina.mul"(%0, %c) : (tensor<1000xf32>, tensor<1000xf32>) -> tensor<1000xf32>
  return %1 : tensor<1000xf32>
}
func.func private @step.scan(tensor<1x1000xf32>, tensor<1000xf32>, tensor<10000x1xf32>) -> tensor<1000xf32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 1 : i64, carry = 1 : i64, length = 10000 : i64, reverse = false}}
func.func @large(%u: tensor<1x1000xf32>, %c: tensor<1000xf32>, %xs: tensor<10000x1xf32>) -> tensor<1000xf32> {
  %0 = call @step.scan(%u, %c, %xs) : (tensor<1x1000xf32>, tensor<1000xf32>, tensor<10000x1xf32>) -> tensor<1000xf32>
  return %0 : tensor<1000xf32>
}

// -----
// The condition of a while loop is computed at least once; its body perhaps never, so what calls Python stays there.
// Cheap elements of a large array are computed again in every iteration.
// CHECK-LABEL: func.func @while
// CHECK-DAG:   [[LIMIT:%.*]] = "lamina.exp"(%arg1)
// CHECK-DAG:   [[SIN:%.*]] = "lamina.sin"(%arg0)
// CHECK-NOT:   lamina.eig
// CHECK:       call @{{.*}}(%arg1, [[LIMIT]], %arg0, %arg2, [[SIN]], %arg0)
// CHECK:       func.func private @body
// CHECK-DAG:   "lamina.eig"(%arg1)
// CHECK-DAG:   "lamina.mul"({{.*}}) : (tensor<300x300xf32>, tensor<300x300xf32>)
func.func private @condition(%n: tensor<f32>, %c: tensor<300xf32>) -> tensor<i1> {
  %0 = "lamina.exp"(%n) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.reduce_max"(%c) {axes = array<i64: 0>} : (tensor<300xf32>) -> tensor<f32>
  %2 = "lamina.lt"(%1, %0) : (tensor<f32>, tensor<f32>) -> tensor<i1>
  return %2 : tensor<i1>
}
func.func private @body(%x: tensor<300xf32>, %m: tensor<3x3xf32>, %c: tensor<300xf32>) -> tensor<300xf32> {
  %0 = "lamina.sin"(%x) : (tensor<300xf32>) -> tensor<300xf32>
  %1 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 300, 300>, dimensions = array<i64: 0>} : (tensor<300xf32>) -> tensor<300x300xf32>
  %2 = "lamina.broadcast_in_dim"(%0) {shape = array<i64: 300, 300>, dimensions = array<i64: 1>} : (tensor<300xf32>) -> tensor<300x300xf32>
  %3 = "lamina.mul"(%1, %2) : (tensor<300x300xf32>, tensor<300x300xf32>) -> tensor<300x300xf32>
  %4 = "lamina.broadcast_in_dim"(%c) {shape = array<i64: 300, 300>, dimensions = array<i64: 1>} : (tensor<300xf32>) -> tensor<300x300xf32>
  %5 = "lamina.add"(%3, %4) : (tensor<300x300xf32>, tensor<300x300xf32>) -> tensor<300x300xf32>
  %6 = "lamina.reduce_sum"(%5) {axes = array<i64: 0>} : (tensor<300x300xf32>) -> tensor<300xf32>
  %w, %l, %r = "lamina.eig"(%m) {left = true, right = true, vector_derivatives = true} : (tensor<3x3xf32>) -> (tensor<3xcomplex<f32>>, tensor<3x3xcomplex<f32>>, tensor<3x3xcomplex<f32>>)
  %7 = "lamina.real"(%w) : (tensor<3xcomplex<f32>>) -> tensor<3xf32>
  %8 = "lamina.reduce_max"(%7) {axes = array<i64: 0>} : (tensor<3xf32>) -> tensor<f32>
  %9 = "lamina.broadcast_in_dim"(%8) {shape = array<i64: 300>, dimensions = array<i64>} : (tensor<f32>) -> tensor<300xf32>
  %10 = "lamina.add"(%6, %9) : (tensor<300xf32>, tensor<300xf32>) -> tensor<300xf32>
  return %10 : tensor<300xf32>
}
func.func private @loop(tensor<f32>, tensor<300xf32>, tensor<3x3xf32>, tensor<300xf32>) -> tensor<300xf32>
    attributes {lamina.higher_order = {kind = "while", condition = @condition, body = @body, condition_consts = 1 : i64, body_consts = 2 : i64}}
func.func @while(%x: tensor<300xf32>, %n: tensor<f32>, %m: tensor<3x3xf32>) -> tensor<300xf32> {
  %0 = call @loop(%n, %x, %m, %x) : (tensor<f32>, tensor<300xf32>, tensor<3x3xf32>, tensor<300xf32>) -> tensor<300xf32>
  return %0 : tensor<300xf32>
}

// -----
// The gradient of a weight: sums of products are one product of all x and all d; the bias needs nothing more. What is
// scaled stays.
// CHECK-LABEL: func.func @gradient
// CHECK:       [[OUT:%.*]]:4 = call @[[SCAN:[^(]*]](%arg0, %arg2, %arg3, %arg4)
// CHECK:       [[PRODUCT:%.*]] = "lamina.dot_general"(%arg4, [[OUT]]#3) {{.*}} : (tensor<100x64xf32>, tensor<100x96xf32>) -> tensor<64x96xf32>
// CHECK:       [[W:%.*]] = "lamina.add"(%arg1, [[PRODUCT]])
// CHECK:       [[B:%.*]] = "lamina.reduce_sum"([[OUT]]#3) {axes = array<i64: 0>} : (tensor<100x96xf32>) -> tensor<96xf32>
// CHECK:       return [[OUT]]#0, [[W]], [[B]], [[OUT]]#1, [[OUT]]#2
// CHECK:       func.func private @[[BODY:[^(]*]](%arg0: tensor<96x96xf32>, %arg1: tensor<96xf32>, %arg2: tensor<64x96xf32>, %arg3: tensor<64xf32>) -> (tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<96xf32>)
// CHECK-NOT:   lamina.transpose
// CHECK:       @[[SCAN]]{{.*}} {lamina.higher_order = {body = @[[BODY]], carry = 2 : i64, consts = 1 : i64, kind = "scan", length = 100 : i64, reverse = true}}
func.func private @step(%w: tensor<96x96xf32>, %d: tensor<96xf32>, %dw: tensor<64x96xf32>, %db: tensor<96xf32>, %scaled: tensor<64x96xf32>, %x: tensor<64xf32>) -> (tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>) {
  %0 = "lamina.dot_general"(%d, %w) {lhs_contracting = array<i64: 0>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<96xf32>, tensor<96x96xf32>) -> tensor<96xf32>
  %1 = "lamina.broadcast_in_dim"(%0) {shape = array<i64: 96, 64>, dimensions = array<i64: 0>} : (tensor<96xf32>) -> tensor<96x64xf32>
  %2 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 96, 64>, dimensions = array<i64: 1>} : (tensor<64xf32>) -> tensor<96x64xf32>
  %3 = "lamina.mul"(%1, %2) : (tensor<96x64xf32>, tensor<96x64xf32>) -> tensor<96x64xf32>
  %4 = "lamina.transpose"(%3) {permutation = array<i64: 1, 0>} : (tensor<96x64xf32>) -> tensor<64x96xf32>
  %5 = "lamina.add"(%dw, %4) : (tensor<64x96xf32>, tensor<64x96xf32>) -> tensor<64x96xf32>
  %6 = "lamina.add"(%db, %0) : (tensor<96xf32>, tensor<96xf32>) -> tensor<96xf32>
  %7 = "lamina.broadcast_in_dim"(%x) {shape = array<i64: 64, 96>, dimensions = array<i64: 0>} : (tensor<64xf32>) -> tensor<64x96xf32>
  %8 = "lamina.mul"(%scaled, %7) : (tensor<64x96xf32>, tensor<64x96xf32>) -> tensor<64x96xf32>
  %9 = "lamina.exp"(%0) : (tensor<96xf32>) -> tensor<96xf32>
  return %0, %5, %6, %8, %9 : tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>
}
func.func private @step.scan(tensor<96x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<100x64xf32>) -> (tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<100x96xf32>)
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 1 : i64, carry = 4 : i64, length = 100 : i64, reverse = true}}
func.func @gradient(%w: tensor<96x96xf32>, %dw: tensor<64x96xf32>, %d: tensor<96xf32>, %scaled: tensor<64x96xf32>, %xs: tensor<100x64xf32>) -> (tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<100x96xf32>) {
  %zero = "lamina.constant"() {value = dense<0.0> : tensor<96xf32>} : () -> tensor<96xf32>
  %0:5 = call @step.scan(%w, %d, %dw, %zero, %scaled, %xs) : (tensor<96x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<100x64xf32>) -> (tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<100x96xf32>)
  return %0#0, %0#1, %0#2, %0#3, %0#4 : tensor<96xf32>, tensor<64x96xf32>, tensor<96xf32>, tensor<64x96xf32>, tensor<100x96xf32>
}

// -----
// With a batch the iterations and the batch are one dimension. Some sums stay: one that the loop reads, one without products, one whose
// products are large and deep, and so as fast one by one.
// CHECK-LABEL: func.func @batched
// CHECK:       [[OUT:%.*]]:5 = call @[[SCAN:[^(]*]](%arg1, %arg2, %arg3, %arg0, %arg4)
// CHECK-DAG:   [[X:%.*]] = "lamina.reshape"(%arg0) {shape = array<i64: 800, 64>}
// CHECK-DAG:   [[D:%.*]] = "lamina.reshape"([[OUT]]#4) {shape = array<i64: 800, 64>}
// CHECK:       "lamina.dot_general"([[X]], [[D]]) {{.*}}lhs_contracting = array<i64: 0>{{.*}}rhs_contracting = array<i64: 0>
// CHECK:       length = 100
func.func private @step(%dw: tensor<64x64xf32>, %read: tensor<64x64xf32>, %little: tensor<64xf32>, %large: tensor<256x256xf32>, %x: tensor<8x64xf32>, %y: tensor<32x256xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<64x64xf32>) {
  %0 = "lamina.tanh"(%x) : (tensor<8x64xf32>) -> tensor<8x64xf32>
  %1 = "lamina.dot_general"(%x, %0) {lhs_contracting = array<i64: 0>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<8x64xf32>, tensor<8x64xf32>) -> tensor<64x64xf32>
  %2 = "lamina.add"(%dw, %1) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %3 = "lamina.dot_general"(%x, %x) {lhs_contracting = array<i64: 0>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<8x64xf32>, tensor<8x64xf32>) -> tensor<64x64xf32>
  %4 = "lamina.add"(%read, %3) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  %5 = "lamina.exp"(%0) : (tensor<8x64xf32>) -> tensor<8x64xf32>
  %6 = "lamina.reduce_max"(%5) {axes = array<i64: 0>} : (tensor<8x64xf32>) -> tensor<64xf32>
  %7 = "lamina.add"(%little, %6) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  %8 = "lamina.dot_general"(%y, %y) {lhs_contracting = array<i64: 0>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<32x256xf32>, tensor<32x256xf32>) -> tensor<256x256xf32>
  %9 = "lamina.add"(%large, %8) : (tensor<256x256xf32>, tensor<256x256xf32>) -> tensor<256x256xf32>
  return %2, %4, %7, %9, %read : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<64x64xf32>
}
func.func private @step.scan(tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<100x8x64xf32>, tensor<100x32x256xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<100x64x64xf32>)
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 4 : i64, length = 100 : i64, reverse = false}}
func.func @batched(%xs: tensor<100x8x64xf32>, %m: tensor<64x64xf32>, %v: tensor<64xf32>, %l: tensor<256x256xf32>, %ys: tensor<100x32x256xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<100x64x64xf32>) {
  %0:5 = call @step.scan(%m, %m, %v, %l, %xs, %ys) : (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<100x8x64xf32>, tensor<100x32x256xf32>) -> (tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<100x64x64xf32>)
  return %0#0, %0#1, %0#2, %0#3, %0#4 : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xf32>, tensor<256x256xf32>, tensor<100x64x64xf32>
}

// -----
// A loop with a bound on its counter is a scan; the rows it reads at the counter are xs, and their products one before it.
// CHECK-LABEL: func.func @counted
// CHECK:       [[ROWS:%.*]] = "lamina.slice"(%arg1) {limit = array<i64: 10, 5>, start = array<i64: 1, 0>, strides = array<i64: 2, 1>}
// CHECK:       [[ALL:%.*]] = "lamina.dot_general"([[ROWS]], %arg0) {{.*}} : (tensor<5x5xf32>, tensor<5x3xf32>) -> tensor<5x3xf32>
// CHECK:       [[OUT:%.*]]:2 = call @[[SCAN:.*]]({{%.*}}, %arg2, [[ALL]])
// CHECK-NEXT:  return [[OUT]]#0, [[OUT]]#1
// CHECK:       @[[SCAN]]{{.*}} carry = 2 : i64, consts = 0 : i64, kind = "scan", length = 5 : i64, reverse = false}}
func.func private @goes_on(%i: tensor<i32>, %c: tensor<3xf32>) -> tensor<i1> {
  %0 = "lamina.constant"() {value = dense<10> : tensor<i32>} : () -> tensor<i32>
  %1 = "lamina.gt"(%0, %i) : (tensor<i32>, tensor<i32>) -> tensor<i1>
  return %1 : tensor<i1>
}
func.func private @step(%u: tensor<5x3xf32>, %x: tensor<10x5xf32>, %i: tensor<i32>, %c: tensor<3xf32>) -> (tensor<i32>, tensor<3xf32>) {
  %0 = "lamina.constant"() {value = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %1 = "lamina.reshape"(%i) {shape = array<i64: 1>} : (tensor<i32>) -> tensor<1xi32>
  %2 = "lamina.concatenate"(%1, %0) {dimension = 0 : i64} : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
  %3 = "lamina.dynamic_slice"(%x, %2) {batch_dimensions = 0 : i64, sizes = array<i64: 1, 5>} : (tensor<10x5xf32>, tensor<2xi32>) -> tensor<1x5xf32>
  %4 = "lamina.reshape"(%3) {shape = array<i64: 5>} : (tensor<1x5xf32>) -> tensor<5xf32>
  %5 = "lamina.dot_general"(%4, %u) {lhs_contracting = array<i64: 0>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<5xf32>, tensor<5x3xf32>) -> tensor<3xf32>
  %6 = "lamina.add"(%c, %5) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %7 = "lamina.tanh"(%6) : (tensor<3xf32>) -> tensor<3xf32>
  %8 = "lamina.constant"() {value = dense<2> : tensor<i32>} : () -> tensor<i32>
  %9 = "lamina.add"(%i, %8) : (tensor<i32>, tensor<i32>) -> tensor<i32>
  return %9, %7 : tensor<i32>, tensor<3xf32>
}
func.func private @loop(tensor<5x3xf32>, tensor<10x5xf32>, tensor<i32>, tensor<3xf32>) -> (tensor<i32>, tensor<3xf32>)
    attributes {lamina.higher_order = {kind = "while", condition = @goes_on, body = @step, condition_consts = 0 : i64, body_consts = 2 : i64}}
func.func @counted(%u: tensor<5x3xf32>, %x: tensor<10x5xf32>, %c: tensor<3xf32>) -> (tensor<i32>, tensor<3xf32>) {
  %first = "lamina.constant"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
  %0:2 = call @loop(%u, %x, %first, %c) : (tensor<5x3xf32>, tensor<10x5xf32>, tensor<i32>, tensor<3xf32>) -> (tensor<i32>, tensor<3xf32>)
  return %0#0, %0#1 : tensor<i32>, tensor<3xf32>
}

// -----
// Places that are no walk stay where they are read: out of the array, where a slice is moved into it, or more than a row.
// CHECK-LABEL: func.func @no_walk
// CHECK-NEXT:  constant
// CHECK-NEXT:  call @step.scan(%arg0, {{%.*}}, %arg1)
func.func private @step(%x: tensor<4x5xf32>, %i: tensor<i32>, %c: tensor<5xf32>) -> (tensor<i32>, tensor<5xf32>) {
  %0 = "lamina.constant"() {value = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %1 = "lamina.reshape"(%i) {shape = array<i64: 1>} : (tensor<i32>) -> tensor<1xi32>
  %2 = "lamina.concatenate"(%1, %0) {dimension = 0 : i64} : (tensor<1xi32>, tensor<1xi32>) -> tensor<2xi32>
  %3 = "lamina.dynamic_slice"(%x, %2) {batch_dimensions = 0 : i64, sizes = array<i64: 1, 5>} : (tensor<4x5xf32>, tensor<2xi32>) -> tensor<1x5xf32>
  %4 = "lamina.dynamic_slice"(%x, %2) {batch_dimensions = 0 : i64, sizes = array<i64: 2, 5>} : (tensor<4x5xf32>, tensor<2xi32>) -> tensor<2x5xf32>
  %5 = "lamina.reduce_sum"(%4) {axes = array<i64: 0>} : (tensor<2x5xf32>) -> tensor<5xf32>
  %6 = "lamina.reshape"(%3) {shape = array<i64: 5>} : (tensor<1x5xf32>) -> tensor<5xf32>
  %7 = "lamina.add"(%c, %6) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
  %8 = "lamina.mul"(%7, %5) : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xf32>
  %9 = "lamina.constant"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
  %10 = "lamina.add"(%i, %9) : (tensor<i32>, tensor<i32>) -> tensor<i32>
  return %10, %8 : tensor<i32>, tensor<5xf32>
}
func.func private @step.scan(tensor<4x5xf32>, tensor<i32>, tensor<5xf32>) -> (tensor<i32>, tensor<5xf32>)
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 1 : i64, carry = 2 : i64, length = 4 : i64, reverse = false}}
func.func @no_walk(%x: tensor<4x5xf32>, %c: tensor<5xf32>) -> tensor<5xf32> {
  %first = "lamina.constant"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
  %0:2 = call @step.scan(%x, %first, %c) : (tensor<4x5xf32>, tensor<i32>, tensor<5xf32>) -> (tensor<i32>, tensor<5xf32>)
  return %0#1 : tensor<5xf32>
}

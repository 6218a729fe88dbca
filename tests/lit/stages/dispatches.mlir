// Dispatches of what models are made of: calls of kernels, and nothing that IREE would have to dispatch.
//
// RUN: lamina-opt %s --from-stage=simplify --stop-after=kernelize | filecheck %s

// A softmax: one dispatch.
// CHECK-LABEL: func.func @softmax(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @softmax(%arg0: tensor<256x512xf32>) -> tensor<256x512xf32> {
  %0 = "lamina.reduce_max"(%arg0) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %1 = "lamina.broadcast_in_dim"(%0) {dimensions = array<i64: 0>, shape = array<i64: 256, 512>} : (tensor<256xf32>) -> tensor<256x512xf32>
  %2 = "lamina.sub"(%arg0, %1) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %3 = "lamina.exp"(%2) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %4 = "lamina.reduce_sum"(%3) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %5 = "lamina.broadcast_in_dim"(%4) {dimensions = array<i64: 0>, shape = array<i64: 256, 512>} : (tensor<256xf32>) -> tensor<256x512xf32>
  %6 = "lamina.div"(%3, %5) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  return %6 : tensor<256x512xf32>
}

// So is a logsumexp.
// CHECK-LABEL: func.func @logsumexp(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @logsumexp(%arg0: tensor<256x512xf32>) -> tensor<256xf32> {
  %0 = "lamina.reduce_max"(%arg0) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %1 = "lamina.reshape"(%0) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %2 = "lamina.is_finite"(%1) : (tensor<256x1xf32>) -> tensor<256x1xi1>
  %3 = "lamina.constant"() {value = dense<0.000000e+00> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %4 = "lamina.select"(%2, %1, %3) : (tensor<256x1xi1>, tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %5 = "lamina.broadcast_in_dim"(%4) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %6 = "lamina.sub"(%arg0, %5) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %7 = "lamina.exp"(%6) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %8 = "lamina.reduce_sum"(%7) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %9 = "lamina.reshape"(%8) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %10 = "lamina.log"(%9) : (tensor<256x1xf32>) -> tensor<256x1xf32>
  %11 = "lamina.add"(%4, %10) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %12 = "lamina.reshape"(%11) {shape = array<i64: 256>} : (tensor<256x1xf32>) -> tensor<256xf32>
  return %12 : tensor<256xf32>
}

// So is a layer norm with scale and shift.
// CHECK-LABEL: func.func @layernorm(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @layernorm(%arg0: tensor<256x512xf32>, %arg1: tensor<512xf32>, %arg2: tensor<512xf32>) -> tensor<256x512xf32> {
  %0 = "lamina.reduce_sum"(%arg0) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %1 = "lamina.reshape"(%0) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %2 = "lamina.constant"() {value = dense<5.120000e+02> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %3 = "lamina.div"(%1, %2) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %4 = "lamina.broadcast_in_dim"(%3) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %5 = "lamina.sub"(%arg0, %4) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %6 = "lamina.square"(%5) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %7 = "lamina.reduce_sum"(%6) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %8 = "lamina.reshape"(%7) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %9 = "lamina.div"(%8, %2) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %10 = "lamina.constant"() {value = dense<9.99999974E-6> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %11 = "lamina.add"(%9, %10) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %12 = "lamina.rsqrt"(%11) : (tensor<256x1xf32>) -> tensor<256x1xf32>
  %13 = "lamina.broadcast_in_dim"(%12) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %14 = "lamina.mul"(%5, %13) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %15 = "lamina.broadcast_in_dim"(%arg1) {dimensions = array<i64: 1>, shape = array<i64: 256, 512>} : (tensor<512xf32>) -> tensor<256x512xf32>
  %16 = "lamina.mul"(%14, %15) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %17 = "lamina.broadcast_in_dim"(%arg2) {dimensions = array<i64: 1>, shape = array<i64: 256, 512>} : (tensor<512xf32>) -> tensor<256x512xf32>
  %18 = "lamina.add"(%16, %17) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  return %18 : tensor<256x512xf32>
}

// Its derivative sums over the rows for scale and shift: parts from each tile, which a second dispatch adds up.
// CHECK-LABEL: func.func @layernorm_vjp(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @layernorm_vjp(%arg0: tensor<256x512xf32>, %arg1: tensor<512xf32>, %arg2: tensor<512xf32>, %arg3: tensor<256x512xf32>) -> (tensor<256x512xf32>, tensor<512xf32>, tensor<512xf32>) {
  %0 = "lamina.reduce_sum"(%arg0) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %1 = "lamina.reshape"(%0) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %2 = "lamina.constant"() {value = dense<5.120000e+02> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %3 = "lamina.div"(%1, %2) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %4 = "lamina.broadcast_in_dim"(%3) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %5 = "lamina.sub"(%arg0, %4) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %6 = "lamina.square"(%5) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %7 = "lamina.constant"() {value = dense<2.000000e+00> : tensor<256x512xf32>} : () -> tensor<256x512xf32>
  %8 = "lamina.mul"(%5, %7) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %9 = "lamina.reduce_sum"(%6) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %10 = "lamina.reshape"(%9) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %11 = "lamina.div"(%10, %2) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %12 = "lamina.constant"() {value = dense<9.99999974E-6> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %13 = "lamina.add"(%11, %12) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %14 = "lamina.rsqrt"(%13) : (tensor<256x1xf32>) -> tensor<256x1xf32>
  %15 = "lamina.div"(%14, %13) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %16 = "lamina.constant"() {value = dense<-5.000000e-01> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %17 = "lamina.mul"(%15, %16) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %18 = "lamina.broadcast_in_dim"(%14) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %19 = "lamina.mul"(%5, %18) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %20 = "lamina.broadcast_in_dim"(%arg1) {dimensions = array<i64: 1>, shape = array<i64: 256, 512>} : (tensor<512xf32>) -> tensor<256x512xf32>
  %21 = "lamina.reduce_sum"(%arg3) {axes = array<i64: 0>} : (tensor<256x512xf32>) -> tensor<512xf32>
  %22 = "lamina.mul"(%arg3, %19) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %23 = "lamina.mul"(%arg3, %20) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %24 = "lamina.reduce_sum"(%22) {axes = array<i64: 0>} : (tensor<256x512xf32>) -> tensor<512xf32>
  %25 = "lamina.mul"(%5, %23) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %26 = "lamina.mul"(%18, %23) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %27 = "lamina.reduce_sum"(%25) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %28 = "lamina.reshape"(%27) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %29 = "lamina.mul"(%17, %28) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %30 = "lamina.div"(%29, %2) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %31 = "lamina.reshape"(%30) {shape = array<i64: 256>} : (tensor<256x1xf32>) -> tensor<256xf32>
  %32 = "lamina.broadcast_in_dim"(%31) {dimensions = array<i64: 0>, shape = array<i64: 256, 512>} : (tensor<256xf32>) -> tensor<256x512xf32>
  %33 = "lamina.mul"(%8, %32) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %34 = "lamina.add"(%26, %33) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %35 = "lamina.neg"(%34) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %36 = "lamina.reduce_sum"(%35) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %37 = "lamina.reshape"(%36) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %38 = "lamina.div"(%37, %2) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %39 = "lamina.reshape"(%38) {shape = array<i64: 256>} : (tensor<256x1xf32>) -> tensor<256xf32>
  %40 = "lamina.broadcast_in_dim"(%39) {dimensions = array<i64: 0>, shape = array<i64: 256, 512>} : (tensor<256xf32>) -> tensor<256x512xf32>
  %41 = "lamina.add"(%34, %40) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  return %41, %24, %21 : tensor<256x512xf32>, tensor<512xf32>, tensor<512xf32>
}

// A root mean square norm.
// CHECK-LABEL: func.func @rmsnorm(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @rmsnorm(%arg0: tensor<256x512xf32>, %arg1: tensor<512xf32>) -> tensor<256x512xf32> {
  %0 = "lamina.mul"(%arg0, %arg0) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %1 = "lamina.reduce_sum"(%0) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %2 = "lamina.reshape"(%1) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %3 = "lamina.constant"() {value = dense<5.120000e+02> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %4 = "lamina.div"(%2, %3) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %5 = "lamina.constant"() {value = dense<9.99999974E-6> : tensor<256x1xf32>} : () -> tensor<256x1xf32>
  %6 = "lamina.add"(%4, %5) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %7 = "lamina.rsqrt"(%6) : (tensor<256x1xf32>) -> tensor<256x1xf32>
  %8 = "lamina.broadcast_in_dim"(%7) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %9 = "lamina.mul"(%arg0, %8) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %10 = "lamina.broadcast_in_dim"(%arg1) {dimensions = array<i64: 1>, shape = array<i64: 256, 512>} : (tensor<512xf32>) -> tensor<256x512xf32>
  %11 = "lamina.mul"(%9, %10) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  return %11 : tensor<256x512xf32>
}

// A cross-entropy and its derivative, with the labels as probabilities; the mean over rows is put together.
// CHECK-LABEL: func.func @cross_entropy(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @cross_entropy(%arg0: tensor<256x512xf32>, %arg1: tensor<256x512xf32>) -> (tensor<f32>, tensor<256x512xf32>) {
  %0 = "lamina.reduce_max"(%arg0) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %1 = "lamina.broadcast_in_dim"(%0) {dimensions = array<i64: 0>, shape = array<i64: 256, 512>} : (tensor<256xf32>) -> tensor<256x512xf32>
  %2 = "lamina.sub"(%arg0, %1) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %3 = "lamina.exp"(%2) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %4 = "lamina.reduce_sum"(%3) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %5 = "lamina.reshape"(%4) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %6 = "lamina.log"(%5) : (tensor<256x1xf32>) -> tensor<256x1xf32>
  %7 = "lamina.broadcast_in_dim"(%6) {dimensions = array<i64: 0, 1>, shape = array<i64: 256, 512>} : (tensor<256x1xf32>) -> tensor<256x512xf32>
  %8 = "lamina.sub"(%2, %7) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %9 = "lamina.mul"(%arg1, %8) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %10 = "lamina.reduce_sum"(%9) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %11 = "lamina.reduce_sum"(%10) {axes = array<i64: 0>} : (tensor<256xf32>) -> tensor<f32>
  %12 = "lamina.constant"() {value = dense<2.560000e+02> : tensor<f32>} : () -> tensor<f32>
  %13 = "lamina.div"(%11, %12) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %14 = "lamina.neg"(%13) : (tensor<f32>) -> tensor<f32>
  %15 = "lamina.constant"() {value = dense<-3.906250e-03> : tensor<256x512xf32>} : () -> tensor<256x512xf32>
  %16 = "lamina.mul"(%arg1, %15) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %17 = "lamina.neg"(%16) : (tensor<256x512xf32>) -> tensor<256x512xf32>
  %18 = "lamina.reduce_sum"(%17) {axes = array<i64: 1>} : (tensor<256x512xf32>) -> tensor<256xf32>
  %19 = "lamina.reshape"(%18) {shape = array<i64: 256, 1>} : (tensor<256xf32>) -> tensor<256x1xf32>
  %20 = "lamina.div"(%19, %5) : (tensor<256x1xf32>, tensor<256x1xf32>) -> tensor<256x1xf32>
  %21 = "lamina.reshape"(%20) {shape = array<i64: 256>} : (tensor<256x1xf32>) -> tensor<256xf32>
  %22 = "lamina.broadcast_in_dim"(%21) {dimensions = array<i64: 0>, shape = array<i64: 256, 512>} : (tensor<256xf32>) -> tensor<256x512xf32>
  %23 = "lamina.mul"(%3, %22) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  %24 = "lamina.add"(%16, %23) : (tensor<256x512xf32>, tensor<256x512xf32>) -> tensor<256x512xf32>
  return %14, %24 : tensor<f32>, tensor<256x512xf32>
}

// A mean of squares, whose sum goes over blocks of what is computed: no array of squares.
// CHECK-LABEL: func.func @squared_error(
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK: call @
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @squared_error(%arg0: tensor<400001xf32>, %arg1: tensor<400001xf32>) -> tensor<f32> {
  %0 = "lamina.sub"(%arg0, %arg1) : (tensor<400001xf32>, tensor<400001xf32>) -> tensor<400001xf32>
  %1 = "lamina.integer_pow"(%0) {exponent = 2 : i64} : (tensor<400001xf32>) -> tensor<400001xf32>
  %2 = "lamina.reduce_sum"(%1) {axes = array<i64: 0>} : (tensor<400001xf32>) -> tensor<f32>
  %3 = "lamina.constant"() {value = dense<4.000010e+05> : tensor<f32>} : () -> tensor<f32>
  %4 = "lamina.div"(%2, %3) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %4 : tensor<f32>
}

// Attention: a transposed copy of the keys, and one dispatch for all the rest, which has no array of all scores.
// CHECK-LABEL: func.func @attention(
// CHECK: %[[KEYS:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<2x2x256x32xf32>)
// CHECK-NOT: linalg.generic
// CHECK: call @{{.*}}(%arg0, %[[KEYS]], %arg2)
// CHECK-NOT: linalg.generic
// CHECK-NOT: call
// CHECK: return
func.func @attention(%arg0: tensor<2x2x256x32xf32>, %arg1: tensor<2x2x256x32xf32>, %arg2: tensor<2x2x256x32xf32>) -> tensor<2x2x256x32xf32> {
  %0 = "lamina.dot_general"(%arg0, %arg1) {dtype = f32, lhs_batch = array<i64: 0, 1>, lhs_contracting = array<i64: 3>, rhs_batch = array<i64: 0, 1>, rhs_contracting = array<i64: 3>} : (tensor<2x2x256x32xf32>, tensor<2x2x256x32xf32>) -> tensor<2x2x256x256xf32>
  %1 = "lamina.constant"() {value = dense<5.65685415> : tensor<2x2x256x256xf32>} : () -> tensor<2x2x256x256xf32>
  %2 = "lamina.div"(%0, %1) : (tensor<2x2x256x256xf32>, tensor<2x2x256x256xf32>) -> tensor<2x2x256x256xf32>
  %3 = "lamina.reduce_max"(%2) {axes = array<i64: 3>} : (tensor<2x2x256x256xf32>) -> tensor<2x2x256xf32>
  %4 = "lamina.broadcast_in_dim"(%3) {dimensions = array<i64: 0, 1, 2>, shape = array<i64: 2, 2, 256, 256>} : (tensor<2x2x256xf32>) -> tensor<2x2x256x256xf32>
  %5 = "lamina.sub"(%2, %4) : (tensor<2x2x256x256xf32>, tensor<2x2x256x256xf32>) -> tensor<2x2x256x256xf32>
  %6 = "lamina.exp"(%5) : (tensor<2x2x256x256xf32>) -> tensor<2x2x256x256xf32>
  %7 = "lamina.reduce_sum"(%6) {axes = array<i64: 3>} : (tensor<2x2x256x256xf32>) -> tensor<2x2x256xf32>
  %8 = "lamina.broadcast_in_dim"(%7) {dimensions = array<i64: 0, 1, 2>, shape = array<i64: 2, 2, 256, 256>} : (tensor<2x2x256xf32>) -> tensor<2x2x256x256xf32>
  %9 = "lamina.div"(%6, %8) : (tensor<2x2x256x256xf32>, tensor<2x2x256x256xf32>) -> tensor<2x2x256x256xf32>
  %10 = "lamina.dot_general"(%9, %arg2) {dtype = f32, lhs_batch = array<i64: 0, 1>, lhs_contracting = array<i64: 3>, rhs_batch = array<i64: 0, 1>, rhs_contracting = array<i64: 2>} : (tensor<2x2x256x256xf32>, tensor<2x2x256x32xf32>) -> tensor<2x2x256x32xf32>
  return %10 : tensor<2x2x256x32xf32>
}

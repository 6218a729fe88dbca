// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s
// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=linalg | filecheck %s --check-prefix=LINALG

// The JVP carries the tangent; the condition does not look at it.
// CHECK-LABEL: func.func @jvp
// CHECK:       [[OUT:%.*]]:2 = call @[[LOOP:.*]](%arg0, %arg1)
// CHECK-NEXT:  return [[OUT]]#1
// CHECK:       func.func private @[[BODY:.*]](%arg0: tensor<f32>, %arg1: tensor<f32>) -> (tensor<f32>, tensor<f32>)
// CHECK-DAG:   "lamina.mul"(%arg0, %arg0)
// CHECK-DAG:   "lamina.mul"(%arg1, %arg0)
// CHECK-DAG:   "lamina.mul"(%arg0, %arg1)
// CHECK:       func.func private @[[CONDITION:.*]](%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<i1>
// CHECK-NEXT:  [[LIMIT:%.*]] = "lamina.constant"
// CHECK-NEXT:  [[GOES_ON:%.*]] = "lamina.lt"(%arg0, [[LIMIT]])
// CHECK-NEXT:  return [[GOES_ON]]
// CHECK:       func.func private @[[LOOP]]{{.*}} kind = "while"

// LINALG-LABEL: func.func @jvp
// LINALG:       scf.while
// LINALG:       scf.condition
// LINALG:       scf.yield
func.func private @small(%x: tensor<f32>) -> tensor<i1> {
  %0 = "lamina.constant"() {value = dense<100.0> : tensor<f32>} : () -> tensor<f32>
  %1 = "lamina.lt"(%x, %0) : (tensor<f32>, tensor<f32>) -> tensor<i1>
  return %1 : tensor<i1>
}
func.func private @square(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @small.while(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "while", condition = @small, body = @square, condition_consts = 0 : i64, body_consts = 0 : i64}}
func.func private @loop(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @small.while(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @loop.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @loop, argnums = array<i64: 0>}}
func.func @jvp(%x: tensor<f32>, %d: tensor<f32>) -> tensor<f32> {
  %0:2 = call @loop.jvp(%x, %d) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}

// -----
// A batch goes on while the condition holds for any example; the others keep their values.
// CHECK-LABEL: func.func @vmap
// CHECK:       call @[[LOOP:.*]](%arg0)
// CHECK:       func.func private @[[ANY:.*]](%arg0: tensor<5xf32>) -> tensor<i1>
// CHECK:       "lamina.reduce_or"
// CHECK:       func.func private @[[STEP:.*]](%arg0: tensor<5xf32>) -> tensor<5xf32>
// CHECK:       [[MASK:%.*]] = "lamina.lt"
// CHECK:       [[NEW:%.*]] = "lamina.mul"(%arg0, %arg0)
// CHECK:       "lamina.select"({{.*}}, [[NEW]], %arg0)
// CHECK:       func.func private @[[LOOP]]{{.*}}body = @[[STEP]]{{.*}} condition = @[[ANY]]
func.func private @small(%x: tensor<f32>) -> tensor<i1> {
  %0 = "lamina.constant"() {value = dense<100.0> : tensor<f32>} : () -> tensor<f32>
  %1 = "lamina.lt"(%x, %0) : (tensor<f32>, tensor<f32>) -> tensor<i1>
  return %1 : tensor<i1>
}
func.func private @square(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @small.while(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "while", condition = @small, body = @square, condition_consts = 0 : i64, body_consts = 0 : i64}}
func.func private @loop(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @small.while(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @loop.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @loop, batched = array<i64: 1>, size = 5 : i64}}
func.func @vmap(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @loop.vmap(%x) : (tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
// IREE's compiler does not survive state that is not read, or two states that are one: a barrier reads all state, and
// what is written goes through one; state itself is copied instead, by an unknown flag.
// LINALG-LABEL: func.func @previous
// LINALG:       scf.while
// LINALG:       do
// LINALG-NEXT:  ^bb0([[X:%.*]]: tensor<f32>, [[LAST:%.*]]: tensor<f32>):
// LINALG-NEXT:  {{.*}} "util.optimization_barrier"([[X]])
// LINALG-NEXT:  {{.*}} "util.optimization_barrier"([[LAST]])
// LINALG:       [[SQUARE:%.*]] = linalg.generic
// LINALG:       [[NEW:%.*]] = "util.optimization_barrier"([[SQUARE]])
// LINALG:       [[COPY:%.*]] = linalg.generic {{.*}} ins([[X]] :
// LINALG:       scf.yield [[NEW]], [[COPY]]
func.func private @small(%x: tensor<f32>, %last: tensor<f32>) -> tensor<i1> {
  %0 = "lamina.constant"() {value = dense<100.0> : tensor<f32>} : () -> tensor<f32>
  %1 = "lamina.lt"(%x, %0) : (tensor<f32>, tensor<f32>) -> tensor<i1>
  return %1 : tensor<i1>
}
func.func private @square(%x: tensor<f32>, %last: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = "lamina.mul"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0, %x : tensor<f32>, tensor<f32>
}
func.func private @small.while(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.higher_order = {kind = "while", condition = @small, body = @square, condition_consts = 0 : i64, body_consts = 0 : i64}}
func.func @previous(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0:2 = call @small.while(%x, %x) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#0, %0#1 : tensor<f32>, tensor<f32>
}

// -----
func.func private @small(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'small.while': the condition 'small' of a while loop should map [f32[]] to [bool[]], but maps [f32[]] to [f32[]]}}
func.func private @small.while(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "while", condition = @small, body = @small, condition_consts = 0 : i64, body_consts = 0 : i64}}

// -----
// Reverse mode would need the values of a number of iterations that is not known.
func.func private @small(%x: tensor<f32>) -> tensor<i1> {
  %0 = "lamina.lt"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<i1>
  return %0 : tensor<i1>
}
func.func private @square(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @small.while(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "while", condition = @small, body = @square, condition_consts = 0 : i64, body_consts = 0 : i64}}
func.func private @loop(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{there is no reverse-mode derivative of a while loop}}
  %0 = call @small.while(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @loop.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @loop, argnums = array<i64: 0>, outputs = array<i64: 0>}}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s
// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=linalg | filecheck %s --check-prefix=LINALG

// The JVP carries the tangent beside the value; w and the slices have none, so none is computed for them.
// CHECK-LABEL: func.func @jvp
// CHECK-NEXT:  [[OUT:%.*]]:4 = call @step.jvp_1.scan(%arg0, %arg1, %arg3, %arg2)
// CHECK-NEXT:  return [[OUT]]#1
// CHECK-LABEL: func.func private @step.jvp_1(%arg0: tensor<f32>, %arg1: tensor<f32>, %arg2: tensor<f32>, %arg3: tensor<f32>)
// CHECK-DAG:   [[P:%.*]] = "lamina.mul"(%arg0, %arg1)
// CHECK-DAG:   [[DP:%.*]] = "lamina.mul"(%arg0, %arg2)
// CHECK-DAG:   [[DC:%.*]] = "lamina.mul"([[DP]], {{.*}})
// CHECK:       return {{.*}}, [[DC]], [[P]], [[DP]]
// CHECK:       @step.jvp_1.scan{{.*}} {lamina.higher_order = {body = @step.jvp_1, carry = 2 : i64, consts = 1 : i64, kind = "scan", length = 9 : i64, reverse = false}}

// It is a loop whose results are written in place.
// LINALG-LABEL: func.func @jvp
// LINALG:       scf.for {{.*}} iter_args
// LINALG:       tensor.extract_slice %arg2[{{.*}}] [1] [1] : tensor<9xf32> to tensor<f32>
// LINALG-NOT:   call {{.*}}tensor
func.func private @step(%w: tensor<f32>, %c: tensor<f32>, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = "lamina.mul"(%w, %c) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %1 = "lamina.sin"(%0) : (tensor<f32>) -> tensor<f32>
  %2 = "lamina.add"(%1, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %2, %0 : tensor<f32>, tensor<f32>
}
func.func private @step.scan(tensor<f32>, tensor<f32>, tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>)
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 1 : i64, carry = 1 : i64, length = 9 : i64, reverse = false}}
func.func private @loop(%w: tensor<f32>, %c: tensor<f32>, %xs: tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>) {
  %0:2 = call @step.scan(%w, %c, %xs) : (tensor<f32>, tensor<f32>, tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>)
  return %0#0, %0#1 : tensor<f32>, tensor<9xf32>
}
func.func private @loop.jvp(tensor<f32>, tensor<f32>, tensor<9xf32>, tensor<f32>) -> (tensor<f32>, tensor<9xf32>, tensor<f32>, tensor<9xf32>)
    attributes {lamina.derive = {kind = "jvp", of = @loop, argnums = array<i64: 1>}}
func.func @jvp(%w: tensor<f32>, %c: tensor<f32>, %xs: tensor<9xf32>, %d: tensor<f32>) -> tensor<f32> {
  %0:4 = call @loop.jvp(%w, %c, %xs, %d) : (tensor<f32>, tensor<f32>, tensor<9xf32>, tensor<f32>) -> (tensor<f32>, tensor<9xf32>, tensor<f32>, tensor<9xf32>)
  return %0#2 : tensor<f32>
}

// -----
// The VJP is two loops: one forward, which stacks the carries and the derivative of sin, one backward, which carries the
// sum of w's cotangent and the carry's, and gives a cotangent for every slice. w itself is not stacked.
// CHECK-LABEL: func.func @vjp
// CHECK:       [[FORWARD:%.*]]:4 = call @[[KNOWN:.*]](%arg0, %arg1, %arg2)
// CHECK:       [[ZERO:%.*]] = "lamina.constant"() {value = dense<0.000000e+00> : tensor<f32>}
// CHECK:       [[BACK:%.*]]:3 = call @[[TURNED:.*]](%arg0, [[ZERO]], %arg3, [[FORWARD]]#2, [[FORWARD]]#3)
// CHECK-NEXT:  return [[BACK]]#0, [[BACK]]#2
// CHECK:       func.func private @[[KNOWN]]{{.*}} reverse = false
// CHECK:       func.func private @[[TURNED]]{{.*}} carry = 2 : i64, consts = 1 : i64, kind = "scan", length = 9 : i64, reverse = true
func.func private @step(%w: tensor<f32>, %c: tensor<f32>, %x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0 = "lamina.mul"(%w, %c) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %1 = "lamina.sin"(%0) : (tensor<f32>) -> tensor<f32>
  %2 = "lamina.add"(%1, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %2, %0 : tensor<f32>, tensor<f32>
}
func.func private @step.scan(tensor<f32>, tensor<f32>, tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>)
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 1 : i64, carry = 1 : i64, length = 9 : i64, reverse = false}}
func.func private @loop(%w: tensor<f32>, %c: tensor<f32>, %xs: tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>) {
  %0:2 = call @step.scan(%w, %c, %xs) : (tensor<f32>, tensor<f32>, tensor<9xf32>) -> (tensor<f32>, tensor<9xf32>)
  return %0#0, %0#1 : tensor<f32>, tensor<9xf32>
}
func.func private @loop.vjp(tensor<f32>, tensor<f32>, tensor<9xf32>, tensor<f32>) -> (tensor<f32>, tensor<9xf32>, tensor<f32>, tensor<9xf32>)
    attributes {lamina.derive = {kind = "vjp", of = @loop, argnums = array<i64: 0, 2>, outputs = array<i64: 0>}}
func.func @vjp(%w: tensor<f32>, %c: tensor<f32>, %xs: tensor<9xf32>, %d: tensor<f32>) -> (tensor<f32>, tensor<9xf32>) {
  %0:4 = call @loop.vjp(%w, %c, %xs, %d) : (tensor<f32>, tensor<f32>, tensor<9xf32>, tensor<f32>) -> (tensor<f32>, tensor<9xf32>, tensor<f32>, tensor<9xf32>)
  return %0#2, %0#3 : tensor<f32>, tensor<9xf32>
}

// -----
// With a batch of slices the carry becomes one too; the iterations stay the first dimension.
// CHECK-LABEL: func.func @vmap
// CHECK-DAG:   [[C:%.*]] = "lamina.broadcast_in_dim"(%arg0) {{.*}} -> tensor<5xf32>
// CHECK-DAG:   [[XS:%.*]] = "lamina.transpose"(%arg1) {permutation = array<i64: 1, 0>} : (tensor<5x9xf32>) -> tensor<9x5xf32>
// CHECK:       call @step.vmap.scan([[C]], [[XS]])
// CHECK:       func.func private @step.vmap(%arg0: tensor<5xf32>, %arg1: tensor<5xf32>) -> tensor<5xf32>
func.func private @step(%c: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %c) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @step.scan(tensor<f32>, tensor<9xf32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 1 : i64, length = 9 : i64, reverse = true}}
func.func private @loop(%c: tensor<f32>, %xs: tensor<9xf32>) -> tensor<f32> {
  %0 = call @step.scan(%c, %xs) : (tensor<f32>, tensor<9xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @loop.vmap(tensor<f32>, tensor<5x9xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @loop, batched = array<i64: 0, 1>, size = 5 : i64}}
func.func @vmap(%c: tensor<f32>, %xs: tensor<5x9xf32>) -> tensor<5xf32> {
  %0 = call @loop.vmap(%c, %xs) : (tensor<f32>, tensor<5x9xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func private @step(%c: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  return %c : tensor<f32>
}
// expected-error @below {{'step.scan': scan over 9 iterations cannot read slices of f32[8]}}
func.func private @step.scan(tensor<f32>, tensor<8xf32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 1 : i64, length = 9 : i64, reverse = false}}

// -----
func.func private @step(%c: tensor<f32>, %x: tensor<f32>) -> tensor<i32> {
  %0 = "lamina.convert"(%c) {dtype = i32} : (tensor<f32>) -> tensor<i32>
  return %0 : tensor<i32>
}
// expected-error @below {{'step.scan': the body 'step' of a scan must give the carry [f32[]] first, but gives [i32[]]}}
func.func private @step.scan(tensor<f32>, tensor<9xf32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 1 : i64, length = 9 : i64, reverse = false}}

// -----
// expected-error @below {{'step.scan': lamina.higher_order of the kind scan requires length = 1 : i64}}
func.func private @step.scan(tensor<f32>, tensor<9xf32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 1 : i64, reverse = false}}

// -----
// expected-error @below {{'step.scan' applies 'step', which is no function}}
func.func private @step.scan(tensor<f32>, tensor<9xf32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 1 : i64, length = 9 : i64, reverse = false}}

// -----
// expected-error @below {{'loop': lamina.higher_order has no kind; it takes the form {kind = "scan", ...}, kinds: callback, checkpoint, cond, custom_jvp, custom_vjp, custom_vjp_tangent, custom_vmap, linear_call, linear_solve, scan, while}}
func.func private @loop(tensor<f32>) -> tensor<f32> attributes {lamina.higher_order = {kind = "loop"}}

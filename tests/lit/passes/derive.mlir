// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s

// jvp: bodies are made and inlined, and everything private goes.
// CHECK-LABEL: module
// CHECK-NEXT:  func.func @jvp(%arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<f32> {
// CHECK-NOT:   call
// CHECK:       [[COS:%.*]] = "lamina.cos"(%arg0)
// CHECK-NEXT:  [[DY:%.*]] = "lamina.mul"(%arg1, [[COS]])
// CHECK-NEXT:  return [[DY]]
// CHECK-NOT:   func.func
func.func private @sin(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @sin.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @sin, argnums = array<i64: 0>}}
func.func @jvp(%x: tensor<f32>, %dx: tensor<f32>) -> tensor<f32> {
  %0:2 = call @sin.jvp(%x, %dx) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}

// -----
// vjp of two arguments: x̄ = ȳ · y and ȳ · x.
// CHECK-LABEL: func.func @vjp(%arg0: tensor<f32>, %arg1: tensor<f32>, %arg2: tensor<f32>)
// CHECK-DAG:   [[X:%.*]] = "lamina.mul"(%arg2, %arg1)
// CHECK-DAG:   [[Y:%.*]] = "lamina.mul"(%arg0, %arg2)
// CHECK:       return [[X]], [[Y]]
func.func private @product(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @product.vjp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @product, argnums = array<i64: 0, 1>, outputs = array<i64: 0>}}
func.func @vjp(%x: tensor<f32>, %y: tensor<f32>, %ct: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0:3 = call @product.vjp(%x, %y, %ct) : (tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>)
  return %0#1, %0#2 : tensor<f32>, tensor<f32>
}

// -----
// grad of grad of x³, and vmap of grad: innermost first. (lamina-simplify would leave 6x and 3x².)
// CHECK-LABEL: func.func @second
// CHECK-NOT:   call
// CHECK:       return
// CHECK-LABEL: func.func @each(%arg0: tensor<5xf32>) -> tensor<5xf32>
// CHECK-NOT:   call
// CHECK:       return {{.*}} : tensor<5xf32>
// CHECK-NOT:   func.func
func.func private @cube(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.integer_pow"(%x) {exponent = 3 : i64} : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @cube.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @cube, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func private @grad(%x: tensor<f32>) -> tensor<f32> {
  %one = "lamina.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %0:2 = call @cube.vjp(%x, %one) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}
func.func private @grad.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @grad, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func @second(%x: tensor<f32>) -> tensor<f32> {
  %one = "lamina.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %0:2 = call @grad.vjp(%x, %one) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}
func.func private @grad.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @grad, batched = array<i64: 1>, size = 5 : i64}}
func.func @each(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @grad.vmap(%x) : (tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.d' has no valid lamina.derive: there is no kind "derivative"; the kinds are jvp, vjp, vmap, transpose}}
func.func private @f.d(tensor<f32>) -> tensor<f32> attributes {lamina.derive = {kind = "derivative", of = @f}}

// -----
// expected-error @below {{'f.d' has no valid lamina.derive: it takes the form {kind = "jvp", of = @f, ...}}}
func.func private @f.d(tensor<f32>) -> tensor<f32> attributes {lamina.derive = "jvp"}

// -----
// expected-error @below {{'g.jvp' has no valid lamina.derive: there is no function @g}}
func.func private @g.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @g, argnums = array<i64: 0>}}

// -----
func.func private @f(tensor<f32>) -> tensor<f32>
// expected-error @below {{'f.jvp' has no valid lamina.derive: the function @f has no body}}
func.func private @f.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 0>}}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.vmap' has no valid lamina.derive: the kind vmap requires batched = array<i64: ...>}}
func.func private @f.vmap(tensor<5xf32>) -> tensor<5xf32> attributes {lamina.derive = {kind = "vmap", of = @f, size = 5 : i64}}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.jvp' has no valid lamina.derive: argnums has 1, but @f has 1}}
func.func private @f.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 1>}}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.jvp' is declared as (tensor<f32>) -> (tensor<f32>), but the jvp of 'f' is (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)}}
func.func private @f.jvp(tensor<f32>) -> tensor<f32> attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 0>}}

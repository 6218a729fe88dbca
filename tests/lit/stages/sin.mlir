// jit(vmap(grad(sin))) at every stage, each entered again from the text of the one before.
//
// RUN: lamina-opt %s --stop-after=derive -o %t.derive
// RUN: filecheck %s --check-prefix=DERIVE --input-file=%t.derive
// RUN: lamina-opt %t.derive --from-stage=derive --stop-after=simplify -o %t.simplify
// RUN: filecheck %s --check-prefix=SIMPLIFY --input-file=%t.simplify
// RUN: lamina-opt %t.simplify --from-stage=simplify --stop-after=fuse -o %t.fuse
// RUN: filecheck %s --check-prefix=FUSE --input-file=%t.fuse
// RUN: lamina-opt %t.fuse --from-stage=fuse --stop-after=linalg | filecheck %s --check-prefix=LINALG

// trace: derived functions are declarations.
func.func private @sin(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @sin.vjp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @sin, argnums = array<i64: 0>, outputs = array<i64: 0>}}
func.func private @grad(%x: tensor<f32>) -> tensor<f32> {
  %one = "lamina.constant"() {value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %0:2 = call @sin.vjp(%x, %one) : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#1 : tensor<f32>
}
func.func private @grad.vmap(tensor<8xf32>) -> tensor<8xf32>
    attributes {lamina.derive = {kind = "vmap", of = @grad, batched = array<i64: 1>, size = 8 : i64}}
func.func @main(%x: tensor<8xf32>) -> tensor<8xf32> {
  %0 = call @grad.vmap(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// derive: one function of plain ops; 1 · cos x is still written out, and so may be the unused sin x.
// DERIVE-LABEL: func.func @main(%arg0: tensor<8xf32>) -> tensor<8xf32>
// DERIVE-NOT:   call
// DERIVE:       "lamina.cos"(%arg0) : (tensor<8xf32>) -> tensor<8xf32>
// DERIVE:       "lamina.mul"
// DERIVE:       return

// simplify: what is left is cos x.
// SIMPLIFY-LABEL: func.func @main
// SIMPLIFY-NEXT:  [[COS:%.*]] = "lamina.cos"(%arg0) : (tensor<8xf32>) -> tensor<8xf32>
// SIMPLIFY-NEXT:  return [[COS]]

// fuse: nothing to move.
// FUSE-LABEL: func.func @main
// FUSE-NEXT:  "lamina.cos"
// FUSE-NEXT:  return

// linalg: an accurate cosine, element by element, in upstream dialects.
// LINALG-LABEL: func.func @main(%arg0: tensor<8xf32>) -> tensor<8xf32>
// LINALG-NOT:   lamina.
// LINALG:       linalg.generic
// LINALG-NOT:   math.cos
// LINALG:       linalg.yield
// LINALG:       return

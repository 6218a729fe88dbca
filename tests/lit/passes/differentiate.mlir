// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-differentiate | filecheck %s

// d(sin x · x) = (dx · cos x) · x + sin x · dx; integers have no tangent.
// CHECK-LABEL: func.func private @f.jvp(%arg0: tensor<3xf32>, %arg1: tensor<3xi32>, %arg2: tensor<3xf32>) -> (tensor<3xf32>, tensor<3xi32>, tensor<3xf32>) {
// CHECK-DAG:   [[SIN:%.*]] = "lamina.sin"(%arg0)
// CHECK-DAG:   [[COS:%.*]] = "lamina.cos"(%arg0)
// CHECK-DAG:   [[DSIN:%.*]] = "lamina.mul"(%arg2, [[COS]])
// CHECK-DAG:   [[Y:%.*]] = "lamina.mul"([[SIN]], %arg0)
// CHECK-DAG:   [[LEFT:%.*]] = "lamina.mul"([[DSIN]], %arg0)
// CHECK-DAG:   [[RIGHT:%.*]] = "lamina.mul"([[SIN]], %arg2)
// CHECK:       [[DY:%.*]] = "lamina.add"([[LEFT]], [[RIGHT]])
// CHECK-NEXT:  return [[Y]], %arg1, [[DY]]
func.func private @f(%x: tensor<3xf32>, %n: tensor<3xi32>) -> (tensor<3xf32>, tensor<3xi32>) {
  %0 = "lamina.sin"(%x) : (tensor<3xf32>) -> tensor<3xf32>
  %1 = "lamina.mul"(%0, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %1, %n : tensor<3xf32>, tensor<3xi32>
}
func.func private @f.jvp(tensor<3xf32>, tensor<3xi32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<3xi32>, tensor<3xf32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 0>}}

// -----
// A tangent that is zero is not computed: here, that of y is not asked for.
// CHECK-LABEL: func.func private @g.jvp
// CHECK-NEXT:  [[Y:%.*]] = "lamina.mul"(%arg0, %arg1)
// CHECK-NEXT:  [[DY:%.*]] = "lamina.mul"(%arg2, %arg1)
// CHECK-NEXT:  return [[Y]], [[DY]]
func.func private @g(%x: tensor<f32>, %y: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %y) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.jvp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @g, argnums = array<i64: 0>}}

// -----
// stop_gradient and floor have the derivative zero.
// CHECK-LABEL: func.func private @h.jvp
// CHECK:       [[ZERO:%.*]] = "lamina.constant"() {value = dense<0.000000e+00> : tensor<f32>}
// CHECK-NEXT:  return %{{.*}}, [[ZERO]]
func.func private @h(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.stop_gradient"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.floor"(%x) : (tensor<f32>) -> tensor<f32>
  %2 = "lamina.add"(%0, %1) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %2 : tensor<f32>
}
func.func private @h.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @h, argnums = array<i64: 0>}}

// -----
func.func private @foreign(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{no derivative rule for 'math.absf'}}
  %0 = math.absf %x : tensor<f32>
  return %0 : tensor<f32>
}
func.func private @foreign.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @foreign, argnums = array<i64: 0>}}

// RUN: lamina-opt %s --lamina-linearize | filecheck %s

// A VJP becomes a call of the forward part, which saves residuals, and one of the transpose of the linear part, which is
// only declared here (lamina-transpose makes it).
// CHECK-LABEL: func.func private @f.vjp
// CHECK-NEXT:  [[FORWARD:%.*]]:2 = call @f.fwd(%arg0)
// CHECK-NEXT:  [[CT:%.*]] = call @f.lin.transpose([[FORWARD]]#1, %arg1)
// CHECK-NEXT:  return [[FORWARD]]#0, [[CT]]

// The value, and its derivative as residual:
// CHECK-LABEL: func.func private @f.fwd
// CHECK-DAG:   [[SIN:%.*]] = "lamina.sin"(%arg0)
// CHECK-DAG:   [[RESIDUAL:%.*]] = "lamina.cos"(%arg0)
// CHECK-DAG:   [[Y:%.*]] = "lamina.broadcast_in_dim"([[SIN]])
// CHECK:       return [[Y]], [[RESIDUAL]]

// Linear in the tangent %arg1. The broadcast is made again here, rather than saved with three times the size.
// CHECK-LABEL: func.func private @f.lin(
// CHECK-SAME:  %arg0: tensor<f32>, %arg1: tensor<f32>) -> tensor<3xf32>
// CHECK-NEXT:  [[DY:%.*]] = "lamina.mul"(%arg1, %arg0)
// CHECK-NEXT:  [[DZ:%.*]] = "lamina.broadcast_in_dim"([[DY]])
// CHECK-NEXT:  return [[DZ]]

// CHECK-LABEL: func.func private @f.lin.transpose(tensor<f32>, tensor<3xf32>) -> tensor<f32>
// CHECK-SAME:  kind = "transpose", linear = 1 : i64, of = @f.lin
func.func private @f(%x: tensor<f32>) -> tensor<3xf32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.broadcast_in_dim"(%0) {shape = array<i64: 3>, dimensions = array<i64>} : (tensor<f32>) -> tensor<3xf32>
  return %1 : tensor<3xf32>
}
func.func private @f.vjp(tensor<f32>, tensor<3xf32>) -> (tensor<3xf32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @f, argnums = array<i64: 0>, outputs = array<i64: 0>}}

// RUN: lamina-opt %s --split-input-file --lamina-checkify | filecheck %s

// A code beside the result: of the first check that fails.
// CHECK-LABEL: func.func @quotient
// CHECK-SAME: -> (tensor<4xf32>, tensor<i32>)
// CHECK: %[[ZERO:.*]] = "lamina.eq"
// CHECK: %[[FAILED:.*]] = "lamina.reduce_or"(%[[ZERO]])
// CHECK: %[[FIRST:.*]] = "lamina.select"(%[[FAILED]]
// CHECK: %[[QUOTIENT:.*]] = "lamina.div"
// CHECK: "lamina.ne"(%[[QUOTIENT]], %[[QUOTIENT]])
// CHECK: "lamina.select"
// CHECK: %[[NONE:.*]] = "lamina.eq"(%[[FIRST]]
// CHECK: %[[CODE:.*]] = "lamina.select"(%[[NONE]]
// CHECK: return %[[QUOTIENT]], %[[CODE]]
func.func @quotient(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "lamina.div"(%x, %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
// A loop carries the code.
func.func private @step(%c: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.log"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.max"(%c, %0) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
func.func private @step.scan(tensor<f32>, tensor<9xf32>) -> tensor<f32> attributes {lamina.higher_order = {kind = "scan", body = @step, consts = 0 : i64, carry = 1 : i64, length = 9 : i64, reverse = false}}

// CHECK-LABEL: func.func @loop
// CHECK-SAME: -> (tensor<f32>, tensor<i32>)
// CHECK: call @{{.*}}scan{{.*}} : (tensor<f32>, tensor<i32>, tensor<9xf32>) -> (tensor<f32>, tensor<i32>)
func.func @loop(%c: tensor<f32>, %xs: tensor<9xf32>) -> tensor<f32> {
  %0 = call @step.scan(%c, %xs) : (tensor<f32>, tensor<9xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
// Nothing can go wrong: as it was.
// CHECK-LABEL: func.func @harmless(%arg0: tensor<4xi32>) -> tensor<4xi32>
func.func @harmless(%x: tensor<4xi32>) -> tensor<4xi32> {
  %0 = "lamina.neg"(%x) : (tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

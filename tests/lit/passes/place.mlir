// RUN: lamina-opt %s --lamina-place | filecheck %s

// Two stacks that start from one undefined array: each has its own memory, and is on the device already.
// CHECK-LABEL: func.func @stacks
// CHECK-DAG: %[[ONE:.*]] = "flow.tensor.alloca"() : () -> tensor<9x4xf32>
// CHECK-DAG: %[[OTHER:.*]] = "flow.tensor.alloca"() : () -> tensor<9x4xf32>
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args(%[[A:.*]] = %[[ONE]], %[[B:.*]] = %[[OTHER]])
// CHECK: %[[HERE:.*]] = "flow.tensor.transfer"(%[[A]]) {target = #hal.device.promise<@__device_0>} : (tensor<9x4xf32>) -> tensor<9x4xf32>
// CHECK-NEXT: tensor.insert_slice %arg0 into %[[HERE]][%[[I]], 0] [1, 4] [1, 1]
// CHECK: %[[THERE:.*]] = "flow.tensor.transfer"(%[[B]])
// CHECK-NEXT: tensor.insert_slice %arg1 into %[[THERE]][%[[I]], 0] [1, 4] [1, 1]
func.func @stacks(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<9x4xf32>, tensor<9x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %empty = tensor.empty() : tensor<9x4xf32>
  %both:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%a = %empty, %b = %empty) -> (tensor<9x4xf32>, tensor<9x4xf32>) {
    %c = tensor.insert_slice %x into %a[%i, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<9x4xf32>
    %d = tensor.insert_slice %y into %b[%i, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<9x4xf32>
    scf.yield %c, %d : tensor<9x4xf32>, tensor<9x4xf32>
  }
  return %both#0, %both#1 : tensor<9x4xf32>, tensor<9x4xf32>
}

// What has a value before the loop, or is read in it, or goes on in two places, is left to IREE.
// CHECK-LABEL: func.func @others
// CHECK-NOT: flow.
func.func @others(%x: tensor<4xf32>, %y: tensor<9x4xf32>) -> (tensor<9x4xf32>, tensor<9x4xf32>, tensor<9x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %empty = tensor.empty() : tensor<9x4xf32>
  %all:3 = scf.for %i = %c0 to %c9 step %c1 iter_args(%a = %y, %b = %empty, %c = %empty) -> (tensor<9x4xf32>, tensor<9x4xf32>, tensor<9x4xf32>) {
    %d = tensor.insert_slice %x into %a[%i, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<9x4xf32>
    %e = tensor.insert_slice %x into %b[%i, 0] [1, 4] [1, 1] : tensor<4xf32> into tensor<9x4xf32>
    scf.yield %d, %e, %e : tensor<9x4xf32>, tensor<9x4xf32>, tensor<9x4xf32>
  }
  return %all#0, %all#1, %all#2 : tensor<9x4xf32>, tensor<9x4xf32>, tensor<9x4xf32>
}

// RUN: lamina-opt %s --lamina-lower --lamina-kernelize --canonicalize --split-input-file | filecheck %s

// A window that a loop writes at a computed place is written where it is, in vectors; what is around it is not visited.
// CHECK-LABEL: func.func @rows
// CHECK: func.func private @rows.kernel
// CHECK: scf.for %{{.*}} to %c50
// CHECK-NOT: scf.for
// CHECK-DAG: vector.load {{.*}} : memref<4000xf32>, vector<16xf32>
// CHECK-NOT: vector.from_elements
// CHECK-COUNT-2: vector.store {{.*}} : memref<3200xf32>, vector<16xf32>
// CHECK-NOT: store
// CHECK: return
func.func @rows(%x: tensor<125x32xf32>, %y: tensor<100x32xf32>, %i: tensor<2xi32>) -> tensor<100x32xf32> {
  %0:3 = call @row.scan(%x, %i, %y) : (tensor<125x32xf32>, tensor<2xi32>, tensor<100x32xf32>) -> (tensor<125x32xf32>, tensor<2xi32>, tensor<100x32xf32>)
  return %0#2 : tensor<100x32xf32>
}
func.func private @row(%x: tensor<125x32xf32>, %i: tensor<2xi32>, %y: tensor<100x32xf32>) -> (tensor<125x32xf32>, tensor<2xi32>, tensor<100x32xf32>) {
  %0 = "lamina.dynamic_slice"(%x, %i) {sizes = array<i64: 1, 32>, batch_dimensions = 0 : i64} : (tensor<125x32xf32>, tensor<2xi32>) -> tensor<1x32xf32>
  %1 = "lamina.sqrt"(%0) : (tensor<1x32xf32>) -> tensor<1x32xf32>
  %2 = "lamina.dynamic_update_slice"(%y, %1, %i) {batch_dimensions = 0 : i64} : (tensor<100x32xf32>, tensor<1x32xf32>, tensor<2xi32>) -> tensor<100x32xf32>
  %3 = "lamina.add"(%i, %i) : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  return %x, %3, %2 : tensor<125x32xf32>, tensor<2xi32>, tensor<100x32xf32>
}
func.func private @row.scan(tensor<125x32xf32>, tensor<2xi32>, tensor<100x32xf32>) -> (tensor<125x32xf32>, tensor<2xi32>, tensor<100x32xf32>)
  attributes {lamina.higher_order = {kind = "scan", body = @row, consts = 0 : i64, carry = 3 : i64, length = 50 : i64, reverse = false}}

// RUN: lamina-opt %s --lamina-reorder --split-input-file | filecheck %s

#rows = affine_map<(d0, d1) -> (d0, d1)>
#columns = affine_map<(d0, d1) -> (d1, d0)>

// What is computed element by element reads the result of a kernel.
// CHECK-LABEL: func.func @sum
// CHECK: %[[T:.*]] = call @[[DISPATCH:.*]](%arg1) : (tensor<200x133xf32>) -> tensor<133x200xf32>
// CHECK: linalg.generic {{.*}} ins(%arg0, %[[T]] : tensor<133x200xf32>, tensor<133x200xf32>)
// CHECK: func.func private @{{.*}}lamina.kernel
// CHECK-COUNT-64: vector.shuffle
// CHECK: func.func private @[[DISPATCH]]
func.func @sum(%x: tensor<133x200xf32>, %y: tensor<200x133xf32>) -> tensor<133x200xf32> {
  %empty = tensor.empty() : tensor<133x200xf32>
  %t = linalg.generic {indexing_maps = [#columns, #rows], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<200x133xf32>) outs(%empty : tensor<133x200xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<133x200xf32>
  %out = linalg.generic {indexing_maps = [#rows, #rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%x, %t : tensor<133x200xf32>, tensor<133x200xf32>) outs(%empty : tensor<133x200xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %s = arith.addf %a, %b : f32
    linalg.yield %s : f32
  } -> tensor<133x200xf32>
  return %out : tensor<133x200xf32>
}

// -----

#kept = affine_map<(d0, d1, d2) -> (d1, d0, d2)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// The same elements stay neighbours: no kernel.
// CHECK-LABEL: func.func @heads
// CHECK-NOT: call
// CHECK: return
func.func @heads(%x: tensor<64x32x64xf32>) -> tensor<32x64x64xf32> {
  %empty = tensor.empty() : tensor<32x64x64xf32>
  %t = linalg.generic {indexing_maps = [#kept, #all], iterator_types = ["parallel", "parallel", "parallel"]} ins(%x : tensor<64x32x64xf32>) outs(%empty : tensor<32x64x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<32x64x64xf32>
  return %t : tensor<32x64x64xf32>
}

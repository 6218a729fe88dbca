// RUN: lamina-opt %s --lamina-pack --split-input-file | filecheck %s

#left = affine_map<(r, c, k) -> (r, k)>
#right = affine_map<(r, c, k) -> (k, c)>
#result = affine_map<(r, c, k) -> (r, c)>
#all = affine_map<(r, c) -> (r, c)>
#column = affine_map<(r, c) -> (c)>

// Tiles of 64 columns; sums go on in parts of their depth; a bias, which was broadcast behind the product, is added to a tile.
// CHECK-LABEL: func.func @layer
// CHECK: %[[R:.*]] = scf.forall (%[[C:.*]], %[[ROW:.*]]) = (0, 0) to (1024, 1536) step (64, 512) shared_outs(%[[OUT:.*]] = %{{.*}})
// CHECK: %[[ZERO:.*]] = linalg.fill {{.*}} -> tensor<512x64xf32>
// CHECK: %[[SUM:.*]] = scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %{{.*}} iter_args(%[[PART:.*]] = %[[ZERO]])
// CHECK-NEXT: tensor.extract_slice %arg0[%[[ROW]], %[[K]]] [512, 1024] [1, 1]
// CHECK-NEXT: tensor.extract_slice %arg1[%[[K]], %[[C]]] [1024, 64] [1, 1]
// CHECK-NEXT: linalg.generic {{.*}} outs(%[[PART]] : tensor<512x64xf32>)
// CHECK: tensor.extract_slice %arg2[%[[C]]] [64] [1]
// CHECK: %[[BIAS:.*]] = linalg.generic
// CHECK: %[[Y:.*]] = linalg.generic {{.*}} ins(%[[SUM]], %[[BIAS]] :
// CHECK: tensor.parallel_insert_slice %[[Y]] into %[[OUT]][%[[ROW]], %[[C]]] [512, 64] [1, 1]
// CHECK: return %[[R]]
func.func @layer(%x: tensor<1536x2048xf32>, %w: tensor<2048x1024xf32>, %b: tensor<1024xf32>) -> tensor<1536x1024xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1536x1024xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1536x1024xf32>) -> tensor<1536x1024xf32>
  %product = linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<1536x2048xf32>, tensor<2048x1024xf32>) outs(%init : tensor<1536x1024xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %p = arith.mulf %a, %c : f32
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<1536x1024xf32>
  %bias = linalg.generic {indexing_maps = [#column, #all], iterator_types = ["parallel", "parallel"]} ins(%b : tensor<1024xf32>) outs(%empty : tensor<1536x1024xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<1536x1024xf32>
  %y = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]} ins(%product, %bias : tensor<1536x1024xf32>, tensor<1536x1024xf32>) outs(%empty : tensor<1536x1024xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %s = arith.addf %a, %c : f32
    linalg.yield %s : f32
  } -> tensor<1536x1024xf32>
  return %y : tensor<1536x1024xf32>
}

// -----

#left = affine_map<(r, c, k) -> (k, r)>
#right = affine_map<(r, c, k) -> (k, c)>
#result = affine_map<(r, c, k) -> (r, c)>

// Sizes that tiles do not divide: the last tile starts where it is whole. Operands of another type are widened
// before, and the left one is copied so that the sums go along its last dimension.
// CHECK-LABEL: func.func @odd
// CHECK: %[[A:.*]] = linalg.generic {{.*}} ins(%arg0 : tensor<100x131xbf16>) outs(%{{.*}} : tensor<131x100xf32>)
// CHECK: arith.extf
// CHECK: %[[B:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<100x99xbf16>) outs(%{{.*}} : tensor<100x99xf32>)
// CHECK: scf.forall (%[[C:.*]], %[[ROW:.*]]) = (0, 0) to (99, 131) step (64, 68)
// CHECK-DAG: %[[COLUMN:.*]] = arith.minui %[[C]], %c35
// CHECK-DAG: %[[FIRST:.*]] = arith.minui %[[ROW]], %c63
// CHECK: tensor.extract_slice %[[A]][%[[FIRST]], 0] [68, 100] [1, 1]
// CHECK: tensor.extract_slice %[[B]][0, %[[COLUMN]]] [100, 64] [1, 1]
// CHECK: tensor.parallel_insert_slice %{{.*}} into %{{.*}}[%[[FIRST]], %[[COLUMN]]] [68, 64] [1, 1]
func.func @odd(%x: tensor<100x131xbf16>, %w: tensor<100x99xbf16>) -> tensor<131x99xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<131x99xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<131x99xf32>) -> tensor<131x99xf32>
  %product = linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<100x131xbf16>, tensor<100x99xbf16>) outs(%init : tensor<131x99xf32>) {
  ^bb0(%a: bf16, %c: bf16, %o: f32):
    %d = arith.extf %a : bf16 to f32
    %e = arith.extf %c : bf16 to f32
    %p = arith.mulf %d, %e : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<131x99xf32>
  return %product : tensor<131x99xf32>
}

// -----

#left = affine_map<(r, c, k) -> (r, k)>
#right = affine_map<(r, c, k) -> (k, c)>
#result = affine_map<(r, c, k) -> (r, c)>

// IREE has better code for this: sizes that its tiles divide, and not much to do.
// CHECK-LABEL: func.func @even
// CHECK-NOT: scf.forall
func.func @even(%x: tensor<256x256xf32>, %w: tensor<256x256xf32>) -> tensor<256x256xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<256x256xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<256x256xf32>) -> tensor<256x256xf32>
  %product = linalg.generic {indexing_maps = [#left, #right, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %w : tensor<256x256xf32>, tensor<256x256xf32>) outs(%init : tensor<256x256xf32>) {
  ^bb0(%a: f32, %c: f32, %o: f32):
    %p = arith.mulf %a, %c : f32
    %s = arith.addf %p, %o : f32
    linalg.yield %s : f32
  } -> tensor<256x256xf32>
  return %product : tensor<256x256xf32>
}

// RUN: lamina-opt %s --lamina-rows --split-input-file | filecheck %s

#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// A sum of each row, and what is made of it and the row: one loop over tiles of rows, whose results go where they belong.
// CHECK-LABEL: func.func @normalized
// CHECK: %[[OUT:.*]] = tensor.empty() : tensor<256x512xf32>
// CHECK: %[[R:.*]] = scf.forall (%[[AT:.*]]) = (0) to (256) step (16) shared_outs(%[[Y:.*]] = %[[OUT]]) -> (tensor<256x512xf32>)
// CHECK-NEXT: %[[X:.*]] = tensor.extract_slice %arg0[%[[AT]], 0] [16, 512] [1, 1]
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<16x512xf32>) outs(%{{.*}} : tensor<16xf32>)
// CHECK: %[[TILE:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[SUM]] : tensor<16x512xf32>, tensor<16xf32>)
// CHECK: scf.forall.in_parallel
// CHECK-NEXT: tensor.parallel_insert_slice %[[TILE]] into %[[Y]][%[[AT]], 0] [16, 512] [1, 1]
// CHECK: return %[[R]]
func.func @normalized(%x: tensor<256x512xf32>) -> tensor<256x512xf32> {
  %zero = arith.constant 0.0 : f32
  %row = tensor.empty() : tensor<256xf32>
  %empty = tensor.empty() : tensor<256x512xf32>
  %init = linalg.fill ins(%zero : f32) outs(%row : tensor<256xf32>) -> tensor<256xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%x : tensor<256x512xf32>) outs(%init : tensor<256xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<256xf32>
  %out = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%x, %sum : tensor<256x512xf32>, tensor<256xf32>) outs(%empty : tensor<256x512xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %d = arith.divf %a, %s : f32
    linalg.yield %d : f32
  } -> tensor<256x512xf32>
  return %out : tensor<256x512xf32>
}

// -----

#row = affine_map<(d0, d1) -> (d0)>
#column = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// A sum over the rows: each tile gives a part of it, and the parts are added up, from the start that the sum had.
// CHECK-LABEL: func.func @columns
// CHECK: %[[ZERO:.*]] = arith.constant dense<-0.000000e+00> : tensor<512xf32>
// CHECK: %[[INIT:.*]] = linalg.fill ins(%{{.*}}) outs(%{{.*}} : tensor<512xf32>)
// CHECK: %[[PARTS:.*]] = scf.forall (%[[AT:.*]]) = (0) to (256) step (16) shared_outs(%[[Y:.*]] = %{{.*}}) -> (tensor<16x512xf32>)
// CHECK: %[[PART:.*]] = linalg.generic {{.*}} outs(%[[ZERO]] : tensor<512xf32>)
// CHECK: %[[TILE:.*]] = arith.divui %[[AT]], %{{.*}} : index
// CHECK: tensor.parallel_insert_slice %[[PART]] into %[[Y]][%[[TILE]], 0] [1, 512] [1, 1]
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]} ins(%[[PARTS]] : tensor<16x512xf32>) outs(%[[INIT]]
// CHECK: return %[[SUM]]
func.func @columns(%x: tensor<256x512xf32>) -> tensor<512xf32> {
  %one = arith.constant 1.0 : f32
  %column = tensor.empty() : tensor<512xf32>
  %init = linalg.fill ins(%one : f32) outs(%column : tensor<512xf32>) -> tensor<512xf32>
  %sum = linalg.generic {indexing_maps = [#all, #column], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<256x512xf32>) outs(%init : tensor<512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<512xf32>
  return %sum : tensor<512xf32>
}

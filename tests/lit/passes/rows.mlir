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

// -----

#column = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// Tiles do not divide the rows: the last one starts earlier, and its part has nothing of the rows of the tile before.
// CHECK-LABEL: func.func @overlapping
// CHECK: %[[PARTS:.*]] = scf.forall (%[[AT:.*]]) = (0) to (251) step (16) shared_outs(%[[Y:.*]] = %{{.*}}) -> (tensor<16x512xf32>)
// CHECK: %[[FROM:.*]] = arith.minui %[[AT]], %c235 : index
// CHECK: tensor.extract_slice %arg0[%[[FROM]], 0] [16, 512] [1, 1]
// CHECK: ^bb0(%[[A:.*]]: f32, %[[O:.*]]: f32):
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: %[[ROW:.*]] = arith.addi %[[I]], %[[FROM]] : index
// CHECK: %[[OWN:.*]] = arith.cmpi uge, %[[ROW]], %[[AT]] : index
// CHECK: %[[TERM:.*]] = arith.select %[[OWN]], %[[A]], %{{.*}} : f32
// CHECK: arith.addf %[[TERM]], %[[O]] : f32
// CHECK: %[[TILE:.*]] = arith.divui %[[AT]], %{{.*}} : index
// CHECK: tensor.parallel_insert_slice %{{.*}} into %[[Y]][%[[TILE]], 0] [1, 512] [1, 1]
func.func @overlapping(%x: tensor<251x512xf32>) -> tensor<512xf32> {
  %zero = arith.constant 0.0 : f32
  %column = tensor.empty() : tensor<512xf32>
  %init = linalg.fill ins(%zero : f32) outs(%column : tensor<512xf32>) -> tensor<512xf32>
  %sum = linalg.generic {indexing_maps = [#all, #column], iterator_types = ["reduction", "parallel"]} ins(%x : tensor<251x512xf32>) outs(%init : tensor<512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<512xf32>
  return %sum : tensor<512xf32>
}

// -----

#left = affine_map<(b, i, j, k) -> (b, i, k)>
#right = affine_map<(b, i, j, k) -> (b, j, k)>
#out = affine_map<(b, i, j, k) -> (b, i, j)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#row = affine_map<(d0, d1, d2) -> (d0, d1)>
#column = affine_map<(d0, d1, d2) -> (d0, d2)>

// A product whose result is rows times rows joins the group: a tile has one index of the batch, and reads a transposed copy
// of what all tiles read. The sum over the rows goes through small tiles, so that its parts are few.
// CHECK-LABEL: func.func @scores
// CHECK: %[[T:.*]] = linalg.generic {{.*}} ins(%arg1 : tensor<8x512x32xf32>) outs(%{{.*}} : tensor<8x32x512xf32>)
// CHECK: scf.forall (%[[B:.*]], %[[AT:.*]]) = (0, 0) to (8, 512) step (1, 256)
// CHECK: %[[LARGE:.*]]:2 = scf.for %[[I:.*]] = %{{.*}} to %c256 step %c64 iter_args(%[[TOP:.*]] = %{{.*}}, %[[SUM:.*]] = %{{.*}}) -> (tensor<1x256xf32>, tensor<1x512xf32>)
// CHECK: %[[ROW:.*]] = arith.addi %[[AT]], %[[I]] : index
// CHECK: %[[X:.*]] = tensor.extract_slice %arg0[%[[B]], %[[ROW]], 0] [1, 64, 32] [1, 1, 1]
// CHECK: %[[Y:.*]] = tensor.extract_slice %[[T]][%[[B]], 0, 0] [1, 32, 512] [1, 1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[X]], %[[Y]] : tensor<1x64x32xf32>, tensor<1x32x512xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %[[TOP]][0, %[[I]]] [1, 64] [1, 1]
// CHECK: tensor.parallel_insert_slice %[[LARGE]]#0 into %{{.*}}[%[[B]], %[[AT]]] [1, 256] [1, 1]
// CHECK: tensor.parallel_insert_slice %[[LARGE]]#1 into %{{.*}}[%{{.*}}, %[[B]], 0] [1, 1, 512] [1, 1, 1] : tensor<1x512xf32> into tensor<2x8x512xf32>
func.func @scores(%x: tensor<8x512x32xf32>, %y: tensor<8x512x32xf32>) -> (tensor<8x512xf32>, tensor<8x512xf32>) {
  %zero = arith.constant 0.0 : f32
  %least = arith.constant 0xFF800000 : f32
  %row = tensor.empty() : tensor<8x512xf32>
  %empty = tensor.empty() : tensor<8x512x512xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%empty : tensor<8x512x512xf32>) -> tensor<8x512x512xf32>
  %none = linalg.fill ins(%zero : f32) outs(%row : tensor<8x512xf32>) -> tensor<8x512xf32>
  %low = linalg.fill ins(%least : f32) outs(%row : tensor<8x512xf32>) -> tensor<8x512xf32>
  %scores = linalg.generic {indexing_maps = [#left, #right, #out], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x, %y : tensor<8x512x32xf32>, tensor<8x512x32xf32>) outs(%zeros : tensor<8x512x512xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  } -> tensor<8x512x512xf32>
  %top = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]} ins(%scores : tensor<8x512x512xf32>) outs(%low : tensor<8x512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.maximumf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<8x512xf32>
  %sum = linalg.generic {indexing_maps = [#all, #column], iterator_types = ["parallel", "reduction", "parallel"]} ins(%scores : tensor<8x512x512xf32>) outs(%none : tensor<8x512xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<8x512xf32>
  return %top, %sum : tensor<8x512xf32>, tensor<8x512xf32>
}

// -----

#all = affine_map<(d0, d1) -> (d0, d1)>

// A join along the columns is done in tiles of rows, with what its pieces are made of. Long pieces go where they belong
// one by one.
// CHECK-LABEL: func.func @rotated
// CHECK: scf.forall (%[[AT:.*]]) = (0) to (1024) step (64) shared_outs(%[[Y:.*]] = %{{.*}}) -> (tensor<1024x64xf32>)
// CHECK: %[[X:.*]] = tensor.extract_slice %arg0[%[[AT]], 0] [64, 64] [1, 1]
// CHECK-DAG: %[[LEFT:.*]] = tensor.extract_slice %[[X]][0, 0] [64, 32] [1, 1]
// CHECK-DAG: %[[RIGHT:.*]] = tensor.extract_slice %[[X]][0, 32] [64, 32] [1, 1]
// CHECK: %[[NEW:.*]] = linalg.generic {{.*}} ins(%[[LEFT]], %{{.*}} : tensor<64x32xf32>, tensor<64x32xf32>)
// CHECK: scf.forall.in_parallel
// CHECK-NEXT: tensor.parallel_insert_slice %[[RIGHT]] into %[[Y]][%[[AT]], 0] [64, 32] [1, 1]
// CHECK-NEXT: tensor.parallel_insert_slice %[[NEW]] into %[[Y]][%[[AT]], 32] [64, 32] [1, 1]
func.func @rotated(%x: tensor<1024x64xf32>, %c: tensor<1024x32xf32>) -> tensor<1024x64xf32> {
  %empty = tensor.empty() : tensor<1024x32xf32>
  %left = tensor.extract_slice %x[0, 0] [1024, 32] [1, 1] : tensor<1024x64xf32> to tensor<1024x32xf32>
  %right = tensor.extract_slice %x[0, 32] [1024, 32] [1, 1] : tensor<1024x64xf32> to tensor<1024x32xf32>
  %new = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]} ins(%left, %c : tensor<1024x32xf32>, tensor<1024x32xf32>) outs(%empty : tensor<1024x32xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<1024x32xf32>
  %joined = tensor.concat dim(1) %right, %new : (tensor<1024x32xf32>, tensor<1024x32xf32>) -> tensor<1024x64xf32>
  return %joined : tensor<1024x64xf32>
}

// -----

#all = affine_map<(d0, d1) -> (d0, d1)>

// A tile of a join along the rows reads them from where the pieces lie. The number of rows is prime: the last tile starts
// where it is still whole.
// CHECK-LABEL: func.func @rolled
// CHECK: scf.forall (%[[TILE:.*]]) = (0) to (1009) step (64)
// CHECK: %[[AT:.*]] = arith.minui %[[TILE]], %c945 : index
// CHECK: linalg.generic
// CHECK: %[[ROW:.*]] = arith.addi %{{.*}}, %[[AT]] : index
// CHECK: %[[LAST:.*]] = arith.addi %[[ROW]], %c1008 : index
// CHECK: %[[IS:.*]] = arith.cmpi sge, %[[ROW]], %c1 : index
// CHECK: %[[BEFORE:.*]] = arith.addi %[[ROW]], %c-1 : index
// CHECK: %[[PLACE:.*]] = arith.select %[[IS]], %[[BEFORE]], %[[LAST]] : index
// CHECK: tensor.extract %arg0[%[[PLACE]], %{{.*}}] : tensor<1009x64xf32>
func.func @rolled(%x: tensor<1009x64xf32>) -> tensor<1009x64xf32> {
  %empty = tensor.empty() : tensor<1009x64xf32>
  %last = tensor.extract_slice %x[1008, 0] [1, 64] [1, 1] : tensor<1009x64xf32> to tensor<1x64xf32>
  %others = tensor.extract_slice %x[0, 0] [1008, 64] [1, 1] : tensor<1009x64xf32> to tensor<1008x64xf32>
  %rolled = tensor.concat dim(0) %last, %others : (tensor<1x64xf32>, tensor<1008x64xf32>) -> tensor<1009x64xf32>
  %sum = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]} ins(%rolled, %x : tensor<1009x64xf32>, tensor<1009x64xf32>) outs(%empty : tensor<1009x64xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.addf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<1009x64xf32>
  return %sum : tensor<1009x64xf32>
}

// -----

#all = affine_map<(d0, d1) -> (d0, d1)>

// Padding of what is computed: the rows at the edges are numbers, the columns are padded in the tile. Padding alone stays.
// CHECK-LABEL: func.func @padded
// CHECK: %[[PADDED:.*]] = scf.forall (%[[AT:.*]]) = (0) to (512) step (32)
// CHECK: %[[ROWS:.*]] = linalg.generic
// CHECK: tensor.extract %arg0
// CHECK: arith.mulf
// CHECK: %[[TILE:.*]] = tensor.pad %[[ROWS]] low[0, 2] high[0, 2]
// CHECK: linalg.generic {{.*}} ins(%[[TILE]] : tensor<32x64xf32>)
// CHECK: tensor.pad %arg1 low[1, 2] high[1, 2]
func.func @padded(%x: tensor<510x60xf32>, %y: tensor<510x60xf32>) -> (tensor<512x64xf32>, tensor<512x64xf32>) {
  %zero = arith.constant 0.0 : f32
  %small = tensor.empty() : tensor<510x60xf32>
  %large = tensor.empty() : tensor<512x64xf32>
  %square = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<510x60xf32>) outs(%small : tensor<510x60xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.mulf %a, %a : f32
    linalg.yield %m : f32
  } -> tensor<510x60xf32>
  %padded = tensor.pad %square low[1, 2] high[1, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<510x60xf32> to tensor<512x64xf32>
  %sum = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%padded : tensor<512x64xf32>) outs(%large : tensor<512x64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.addf %a, %a : f32
    linalg.yield %m : f32
  } -> tensor<512x64xf32>
  %alone = tensor.pad %y low[1, 2] high[1, 2] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<510x60xf32> to tensor<512x64xf32>
  return %sum, %alone : tensor<512x64xf32>, tensor<512x64xf32>
}

// -----

#all = affine_map<(d0, d1) -> (d0, d1)>
#one = affine_map<(d0) -> ()>
#each = affine_map<(d0) -> (d0)>
#row = affine_map<(d0, d1) -> (d0)>

// A sum in blocks of what is made with one number: nobody repeats the number, or stores what is summed.
// CHECK-LABEL: func.func @shifted
// CHECK-NOT: tensor<65536xf32>) {
// CHECK: scf.forall
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %arg1 : tensor<4x1024xf32>, tensor<f32>)
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]
func.func @shifted(%x: tensor<65536xf32>, %y: tensor<f32>) -> tensor<64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<65536xf32>
  %sums = tensor.empty() : tensor<64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%sums : tensor<64xf32>) -> tensor<64xf32>
  %shifted = linalg.generic {indexing_maps = [#each, #one, #each], iterator_types = ["parallel"]} ins(%x, %y : tensor<65536xf32>, tensor<f32>) outs(%empty : tensor<65536xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.subf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<65536xf32>
  %blocks = tensor.expand_shape %shifted [[0, 1]] output_shape [64, 1024] : tensor<65536xf32> into tensor<64x1024xf32>
  %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%blocks : tensor<64x1024xf32>) outs(%init : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %a, %o : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  return %sum : tensor<64xf32>
}

// -----

#all = affine_map<(d0, d1) -> (d0, d1)>

// IREE has no vectors of complex numbers; kernels have. What is only copied stays.
// CHECK-LABEL: func.func @turned
// CHECK: scf.forall (%[[AT:.*]]) = (0) to (256) step (16)
// CHECK: tensor.extract_slice %arg0[%[[AT]], 0] [16, 512] [1, 1]
// CHECK: complex.create
// CHECK: scf.forall.in_parallel
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<256x512xcomplex<f32>>) outs(%{{.*}} : tensor<512x256xcomplex<f32>>)
func.func @turned(%x: tensor<256x512xcomplex<f32>>) -> tensor<512x256xcomplex<f32>> {
  %empty = tensor.empty() : tensor<256x512xcomplex<f32>>
  %other = tensor.empty() : tensor<512x256xcomplex<f32>>
  %y = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<256x512xcomplex<f32>>) outs(%empty : tensor<256x512xcomplex<f32>>) {
  ^bb0(%a: complex<f32>, %o: complex<f32>):
    %re = complex.re %a : complex<f32>
    %im = complex.im %a : complex<f32>
    %minus = arith.negf %im : f32
    %z = complex.create %minus, %re : complex<f32>
    linalg.yield %z : complex<f32>
  } -> tensor<256x512xcomplex<f32>>
  %t = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, #all], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<256x512xcomplex<f32>>) outs(%other : tensor<512x256xcomplex<f32>>) {
  ^bb0(%a: complex<f32>, %o: complex<f32>):
    linalg.yield %a : complex<f32>
  } -> tensor<512x256xcomplex<f32>>
  return %t : tensor<512x256xcomplex<f32>>
}

// RUN: lamina-opt %s --lamina-kernelize --split-input-file | filecheck %s

#map = affine_map<(d0) -> (d0)>

// Sixteen numbers stay in a vector for all iterations.
// CHECK-LABEL: func.func @main
// CHECK: %[[R:.*]] = call @main.kernel.dispatch(%arg0) : (tensor<16xf32>) -> tensor<16xf32>
// CHECK: return %[[R]]
// CHECK: func.func private @main.kernel(%arg0: index, %[[X:.*]]: memref<16xf32>, %[[OUT:.*]]: memref<16xf32>)
// CHECK-SAME: lamina.kernel = {inputs = 1 : index
// CHECK: %[[START:.*]] = vector.load %[[X]]
// CHECK: %[[LAST:.*]] = scf.for {{.*}} iter_args(%[[V:.*]] = %[[START]]) -> (vector<16xf32>)
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[V]], %[[V]] : vector<16xf32>
// CHECK-NEXT: scf.yield %[[P]]
// CHECK: vector.store %[[LAST]], %[[OUT]]
func.func @main(%x: tensor<16xf32>) -> tensor<16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %out = scf.for %i = %c0 to %c9 step %c1 iter_args(%v = %x) -> (tensor<16xf32>) {
    %empty = tensor.empty() : tensor<16xf32>
    %square = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%v : tensor<16xf32>) outs(%empty : tensor<16xf32>) {
    ^bb0(%a: f32, %o: f32):
      %p = arith.mulf %a, %a : f32
      linalg.yield %p : f32
    } -> tensor<16xf32>
    scf.yield %square : tensor<16xf32>
  }
  return %out : tensor<16xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>

// What is stacked is written to the result in place, row by row; a sum of seventeen numbers is one whole vector, and
// one with a mask.
// CHECK-LABEL: func.func @stacked
// CHECK: func.func private @stacked.kernel
// CHECK: scf.for
// CHECK-DAG: vector.load %{{.*}} : memref<204xf32>, vector<16xf32>
// CHECK-DAG: vector.maskedload
// CHECK: vector.reduction <add>
// CHECK: memref.store %{{.*}} : memref<12xf32>
func.func @stacked(%xs: tensor<12x17xf32>) -> tensor<12xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c12 = arith.constant 12 : index
  %zero = arith.constant 0.0 : f32
  %start = tensor.empty() : tensor<12xf32>
  %out = scf.for %i = %c0 to %c12 step %c1 iter_args(%ys = %start) -> (tensor<12xf32>) {
    %x = tensor.extract_slice %xs[%i, 0] [1, 17] [1, 1] : tensor<12x17xf32> to tensor<17xf32>
    %empty = tensor.empty() : tensor<f32>
    %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
    %sum = linalg.generic {indexing_maps = [#map, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%x : tensor<17xf32>) outs(%init : tensor<f32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %a, %o : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    %row = tensor.insert_slice %sum into %ys[%i] [1] [1] : tensor<f32> into tensor<12xf32>
    scf.yield %row : tensor<12xf32>
  }
  return %out : tensor<12xf32>
}

// -----

#row = affine_map<(d0, d1) -> (d1)>
#transposed = affine_map<(d0, d1) -> (d1, d0)>
#column = affine_map<(d0, d1) -> (d0)>
// What is carried and stacked is computed once: there is one loop over the terms of the product.
// CHECK-LABEL: func.func @carried_and_stacked
// CHECK: func.func private @carried_and_stacked.kernel
// CHECK: scf.for {{.*}} to %c12
// CHECK: scf.for {{.*}} iter_args
// CHECK-NOT: scf.for
// CHECK: vector.store %[[H:.*]], %{{.*}} : memref<384xf32>
// CHECK: vector.store %[[H]], %{{.*}} : memref<32xf32>
func.func @carried_and_stacked(%w: tensor<32x32xf32>, %h: tensor<32xf32>) -> (tensor<32xf32>, tensor<12x32xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c12 = arith.constant 12 : index
  %zero = arith.constant 0.0 : f32
  %hs = tensor.empty() : tensor<12x32xf32>
  %r:2 = scf.for %i = %c0 to %c12 step %c1 iter_args(%a = %h, %stack = %hs) -> (tensor<32xf32>, tensor<12x32xf32>) {
    %e = tensor.empty() : tensor<32xf32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<32xf32>) -> tensor<32xf32>
    %next = linalg.generic {indexing_maps = [#row, #transposed, #column], iterator_types = ["parallel", "reduction"]}
        ins(%a, %w : tensor<32xf32>, tensor<32x32xf32>) outs(%z : tensor<32xf32>) {
    ^bb0(%in: f32, %in2: f32, %out: f32):
      %p = arith.mulf %in, %in2 : f32
      %q = arith.addf %out, %p : f32
      linalg.yield %q : f32
    } -> tensor<32xf32>
    %all = tensor.insert_slice %next into %stack[%i, 0] [1, 32] [1, 1] : tensor<32xf32> into tensor<12x32xf32>
    scf.yield %next, %all : tensor<32xf32>, tensor<12x32xf32>
  }
  return %r#0, %r#1 : tensor<32xf32>, tensor<12x32xf32>
}

// -----

// A product with a vector is faster in a kernel of its own, also in a function that computes much.
// CHECK-LABEL: func.func @product_with_a_vector
// CHECK: call @reduction.kernel.dispatch(%arg0, %arg1) : (tensor<512x512xf32>, tensor<512xf32>) -> tensor<512xf32>
func.func @product_with_a_vector(%x: tensor<512x512xf32>, %v: tensor<512xf32>) -> tensor<512xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<512xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<512xf32>) -> tensor<512xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%x, %v : tensor<512x512xf32>, tensor<512xf32>) outs(%init : tensor<512xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<512xf32>
  return %y : tensor<512xf32>
}

// -----

#map = affine_map<(d0) -> (d0)>
#map2 = affine_map<(d0, d1) -> (d0, d1)>

// A function that computes much keeps its dispatches, but for the loop.
// CHECK-LABEL: func.func @loop_in_a_large_function
// CHECK: call @loop.kernel.dispatch(%{{.*}}) : (tensor<16xf32>) -> tensor<16xf32>
// CHECK: linalg.generic
func.func @loop_in_a_large_function(%x: tensor<16xf32>, %y: tensor<1024x1024xf32>) -> (tensor<16xf32>, tensor<1024x1024xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %out = scf.for %i = %c0 to %c9 step %c1 iter_args(%v = %x) -> (tensor<16xf32>) {
    %empty = tensor.empty() : tensor<16xf32>
    %square = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel"]} ins(%v : tensor<16xf32>) outs(%empty : tensor<16xf32>) {
    ^bb0(%a: f32, %o: f32):
      %p = arith.mulf %a, %a : f32
      linalg.yield %p : f32
    } -> tensor<16xf32>
    scf.yield %square : tensor<16xf32>
  }
  %large = tensor.empty() : tensor<1024x1024xf32>
  %doubled = linalg.generic {indexing_maps = [#map2, #map2], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<1024x1024xf32>) outs(%large : tensor<1024x1024xf32>) {
  ^bb0(%a: f32, %o: f32):
    %p = arith.addf %a, %a : f32
    linalg.yield %p : f32
  } -> tensor<1024x1024xf32>
  return %out, %doubled : tensor<16xf32>, tensor<1024x1024xf32>
}

// -----

// What has no form in a kernel stays on the host.
// CHECK-LABEL: func.func @host
// CHECK: scf.for
// CHECK: call @host.f
func.func @host(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %out = scf.for %i = %c0 to %c3 step %c1 iter_args(%v = %x) -> (tensor<4xf32>) {
    %y = func.call @host.f(%v) : (tensor<4xf32>) -> tensor<4xf32>
    scf.yield %y : tensor<4xf32>
  }
  return %out : tensor<4xf32>
}
func.func private @host.f(tensor<4xf32>) -> tensor<4xf32>

// -----

#row = affine_map<(d0, d1) -> (d0)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// Tiles of rows: sixteen workgroups share them; a tile's sums are where no other workgroup writes.
// CHECK-LABEL: func.func @tiles
// CHECK: call @rows.kernel.dispatch(%arg0)
// CHECK: func.func private @rows.kernel(%[[GROUP:.*]]: index, %[[X:.*]]: memref<2097152xf32>, %[[OUT:.*]]: memref<2097152xf32>, %[[SUMS:.*]]: memref<1024xf32>)
// CHECK-SAME: workgroups = 16 : index
// CHECK: %[[FIRST:.*]] = arith.divui
// CHECK: %[[LAST:.*]] = arith.divui
// CHECK: %[[OWN:.*]] = arith.muli %[[GROUP]], %c64
// CHECK: memref.store %{{.*}}, %[[SUMS]]
// CHECK: vector.store %{{.*}}, %[[OUT]]
func.func @tiles(%x: tensor<2048x1024xf32>) -> tensor<2048x1024xf32> {
  %zero = arith.constant 0.0 : f32
  %0 = tensor.empty() : tensor<2048x1024xf32>
  %r = scf.forall (%at) = (0) to (2048) step (16) shared_outs(%y = %0) -> (tensor<2048x1024xf32>) {
    %tile = tensor.extract_slice %x[%at, 0] [16, 1024] [1, 1] : tensor<2048x1024xf32> to tensor<16x1024xf32>
    %row = tensor.empty() : tensor<16xf32>
    %init = linalg.fill ins(%zero : f32) outs(%row : tensor<16xf32>) -> tensor<16xf32>
    %sum = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%tile : tensor<16x1024xf32>) outs(%init : tensor<16xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %a, %o : f32
      linalg.yield %s : f32
    } -> tensor<16xf32>
    %empty = tensor.empty() : tensor<16x1024xf32>
    %scaled = linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%tile, %sum : tensor<16x1024xf32>, tensor<16xf32>) outs(%empty : tensor<16x1024xf32>) {
    ^bb0(%a: f32, %s: f32, %o: f32):
      %d = arith.divf %a, %s : f32
      linalg.yield %d : f32
    } -> tensor<16x1024xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %scaled into %y[%at, 0] [16, 1024] [1, 1] : tensor<16x1024xf32> into tensor<2048x1024xf32>
    }
  }
  return %r : tensor<2048x1024xf32>
}

// -----

#at = affine_map<(d0) -> (d0)>

// A kernel in a loop is called from the loop's kernel, once for each of its workgroups, on memory of its own.
// CHECK-LABEL: func.func @called
// CHECK: call @called.kernel.dispatch(%arg0)
// CHECK: func.func private @halves(
// CHECK: func.func private @called.kernel(%{{.*}}: index, %{{.*}}: memref<8xf32>, %[[OUT:.*]]: memref<8xf32>, %[[FOUND:.*]]: memref<8xf32>, %[[SCRATCH:.*]]: memref<4xi32>)
// CHECK: scf.for
// CHECK:   scf.for %[[GROUP:.*]] = %c0{{.*}} to %c2{{.*}} step
// CHECK:     func.call @halves(%[[GROUP]], %[[OUT]], %[[FOUND]], %[[SCRATCH]])
// CHECK-NOT: halves.dispatch
func.func @called(%x: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %out = scf.for %i = %c0 to %c3 step %c1 iter_args(%v = %x) -> (tensor<8xf32>) {
    %y = func.call @halves.dispatch(%v) : (tensor<8xf32>) -> tensor<8xf32>
    %0 = tensor.empty() : tensor<8xf32>
    %z = linalg.generic {indexing_maps = [#at, #at], iterator_types = ["parallel"]} ins(%y : tensor<8xf32>) outs(%0 : tensor<8xf32>) {
    ^bb0(%a: f32, %o: f32):
      %s = arith.addf %a, %a : f32
      linalg.yield %s : f32
    } -> tensor<8xf32>
    scf.yield %z : tensor<8xf32>
  }
  return %out : tensor<8xf32>
}
func.func private @halves(%group: index, %x: memref<8xf32>, %out: memref<8xf32>, %scratch: memref<4xi32>)
    attributes {lamina.kernel = {inputs = 1 : index, workgroups = 2 : index, work = 65536 : index}, no_inline} {
  %c4 = arith.constant 4 : index
  %at = arith.muli %group, %c4 : index
  %v = vector.load %x[%at] : memref<8xf32>, vector<4xf32>
  vector.store %v, %out[%at] : memref<8xf32>, vector<4xf32>
  return
}
func.func private @halves.dispatch(tensor<8xf32>) -> tensor<8xf32> attributes {lamina.dispatch = @halves}

// -----

#all = affine_map<(d0, d1) -> (d0, d1)>

// One of two coordinates of many points: whole vectors are read, and their lanes sorted; both coordinates that are
// written fill vectors.
// CHECK-LABEL: func.func @points
// CHECK: func.func private @points.kernel(%{{.*}}: index, %[[X:.*]]: memref<64xf32>, %[[Y:.*]]: memref<64xf32>)
// CHECK: %[[A:.*]] = vector.load %[[X]]
// CHECK: %[[B:.*]] = vector.load %[[X]]
// CHECK: %[[ODD:.*]] = vector.shuffle %[[A]], %[[B]] [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31]
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[ODD]], %[[ODD]]
// CHECK: vector.shuffle {{.*}} [0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23]
// CHECK: vector.store {{.*}}, %[[Y]]
// CHECK: vector.shuffle {{.*}} [8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31]
// CHECK: vector.store {{.*}}, %[[Y]]
func.func @points(%x: tensor<32x2xf32>) -> tensor<32x2xf32> {
  %empty = tensor.empty() : tensor<32x1xf32>
  %first = tensor.extract_slice %x[0, 0] [32, 1] [1, 1] : tensor<32x2xf32> to tensor<32x1xf32>
  %second = tensor.extract_slice %x[0, 1] [32, 1] [1, 1] : tensor<32x2xf32> to tensor<32x1xf32>
  %square = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%second : tensor<32x1xf32>) outs(%empty : tensor<32x1xf32>) {
  ^bb0(%a: f32, %o: f32):
    %p = arith.mulf %a, %a : f32
    linalg.yield %p : f32
  } -> tensor<32x1xf32>
  %joined = tensor.concat dim(1) %square, %first : (tensor<32x1xf32>, tensor<32x1xf32>) -> tensor<32x2xf32>
  return %joined : tensor<32x2xf32>
}

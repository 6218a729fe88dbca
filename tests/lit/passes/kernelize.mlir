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

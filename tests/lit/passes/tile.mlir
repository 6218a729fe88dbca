// RUN: lamina-opt %s --lamina-tile | filecheck %s

#rows = affine_map<(d0, d1, d2) -> (d0, d2)>
#columns = affine_map<(d0, d1, d2) -> (d2, d1)>
#transposed = affine_map<(d0, d1, d2) -> (d1, d2)>
#out = affine_map<(d0, d1, d2) -> (d0, d1)>

// CHECK-LABEL: func.func @product
// CHECK: linalg.generic
// CHECK-SAME: compilation_info = #iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = [64, 32, 0], vector_common_parallel = [8, 32, 0], vector_reduction = [0, 0, 4]>
func.func @product(%x: tensor<128x256xf32>, %y: tensor<256x96xf32>, %z: tensor<128x96xf32>) -> tensor<128x96xf32> {
  %0 = linalg.generic {indexing_maps = [#rows, #columns, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<128x256xf32>, tensor<256x96xf32>) outs(%z : tensor<128x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x96xf32>
  return %0 : tensor<128x96xf32>
}

// The right operand's columns are not innermost; sizes that no tile divides.
// CHECK-LABEL: func.func @others
// CHECK-NOT: compilation_info
func.func @others(%x: tensor<128x256xf32>, %y: tensor<96x256xf32>, %z: tensor<128x96xf32>, %u: tensor<256x100xf32>, %v: tensor<128x100xf32>) -> (tensor<128x96xf32>, tensor<128x100xf32>) {
  %0 = linalg.generic {indexing_maps = [#rows, #transposed, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<128x256xf32>, tensor<96x256xf32>) outs(%z : tensor<128x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x96xf32>
  %1 = linalg.generic {indexing_maps = [#rows, #columns, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %u : tensor<128x256xf32>, tensor<256x100xf32>) outs(%v : tensor<128x100xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x100xf32>
  return %0, %1 : tensor<128x96xf32>, tensor<128x100xf32>
}

// Of a deep reduction a part at a time, whose operands stay in a cache.
// CHECK-LABEL: func.func @deep
// CHECK: linalg.generic
// CHECK-SAME: distribution = [64, 32, 0], cache_reduction = [0, 0, 128], vector_common_parallel = [8, 32, 0], vector_reduction = [0, 0, 4]>
// Its depth is four times a prime.
// CHECK: linalg.generic
// CHECK-SAME: distribution = [64, 32, 0], vector_common_parallel = [8, 32, 0], vector_reduction = [0, 0, 4]>
func.func @deep(%x: tensor<128x1024xf32>, %y: tensor<1024x96xf32>, %z: tensor<128x96xf32>, %u: tensor<128x1028xf32>, %v: tensor<1028x96xf32>) -> (tensor<128x96xf32>, tensor<128x96xf32>) {
  %0 = linalg.generic {indexing_maps = [#rows, #columns, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<128x1024xf32>, tensor<1024x96xf32>) outs(%z : tensor<128x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x96xf32>
  %1 = linalg.generic {indexing_maps = [#rows, #columns, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%u, %v : tensor<128x1028xf32>, tensor<1028x96xf32>) outs(%z : tensor<128x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x96xf32>
  return %0, %1 : tensor<128x96xf32>, tensor<128x96xf32>
}

#swapped = affine_map<(d0, d1) -> (d1, d0)>
#kept = affine_map<(d0, d1) -> (d0, d1)>

// In one dispatch with the product the transpose would decide about the tiles.
// CHECK-LABEL: func.func @transposed
// CHECK: %[[P:.*]] = linalg.generic
// CHECK: %[[B:.*]] = "util.optimization_barrier"(%[[P]])
// CHECK: %[[V:.*]] = tensor.expand_shape %[[B]]
// CHECK: %[[W:.*]] = tensor.collapse_shape %[[V]]
// CHECK: linalg.generic {{.*}} ins(%[[W]] :
func.func @transposed(%x: tensor<128x256xf32>, %y: tensor<256x96xf32>, %z: tensor<128x96xf32>) -> tensor<96x128xf32> {
  %0 = linalg.generic {indexing_maps = [#rows, #columns, #out], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<128x256xf32>, tensor<256x96xf32>) outs(%z : tensor<128x96xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %o, %p : f32
    linalg.yield %s : f32
  } -> tensor<128x96xf32>
  %1 = tensor.expand_shape %0 [[0], [1, 2]] output_shape [128, 32, 3] : tensor<128x96xf32> into tensor<128x32x3xf32>
  %2 = tensor.collapse_shape %1 [[0], [1, 2]] : tensor<128x32x3xf32> into tensor<128x96xf32>
  %empty = tensor.empty() : tensor<96x128xf32>
  %3 = linalg.generic {indexing_maps = [#swapped, #kept], iterator_types = ["parallel", "parallel"]} ins(%2 : tensor<128x96xf32>) outs(%empty : tensor<96x128xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<96x128xf32>
  return %3 : tensor<96x128xf32>
}

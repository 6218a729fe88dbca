// RUN: lamina-opt %s --lamina-separate | filecheck %s

#vector = affine_map<(d0) -> (d0)>
#all = affine_map<(d0) -> ()>
#number = affine_map<() -> ()>

// CHECK-LABEL: func.func @element_and_sum
// CHECK: %[[ELEMENT:.*]] = linalg.generic
// CHECK: tensor.extract
// CHECK: %[[SUM:.*]] = linalg.generic
// CHECK-SAME: "reduction"
// CHECK: %[[APART:.*]] = "util.optimization_barrier"(%[[ELEMENT]]) : (tensor<f32>) -> tensor<f32>
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[APART]], %[[SUM]] : tensor<f32>, tensor<f32>)
func.func @element_and_sum(%x: tensor<12xf32>, %i: tensor<i32>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %empty = tensor.empty() : tensor<f32>
  %element = linalg.generic {indexing_maps = [#number], iterator_types = []} outs(%empty : tensor<f32>) {
  ^bb0(%out: f32):
    %number = tensor.extract %i[] : tensor<i32>
    %place = arith.index_cast %number : i32 to index
    %e = tensor.extract %x[%place] : tensor<12xf32>
    linalg.yield %e : f32
  } -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#vector, #all], iterator_types = ["reduction"]} ins(%x : tensor<12xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %s = arith.addf %out, %a : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %both = linalg.generic {indexing_maps = [#number, #number, #number], iterator_types = []} ins(%element, %sum : tensor<f32>, tensor<f32>) outs(%empty : tensor<f32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<f32>
  return %both : tensor<f32>
}

// CHECK-LABEL: func.func @element_alone
// CHECK-NOT: util.optimization_barrier
func.func @element_alone(%x: tensor<12xf32>, %y: tensor<f32>, %i: tensor<i32>) -> tensor<f32> {
  %empty = tensor.empty() : tensor<f32>
  %both = linalg.generic {indexing_maps = [#number, #number], iterator_types = []} ins(%y : tensor<f32>) outs(%empty : tensor<f32>) {
  ^bb0(%a: f32, %out: f32):
    %number = tensor.extract %i[] : tensor<i32>
    %place = arith.index_cast %number : i32 to index
    %e = tensor.extract %x[%place] : tensor<12xf32>
    %d = arith.subf %e, %a : f32
    linalg.yield %d : f32
  } -> tensor<f32>
  return %both : tensor<f32>
}

// A fixed row of what is computed, beside the whole.
// CHECK-LABEL: func.func @row_and_whole
// CHECK: %[[WHOLE:.*]] = linalg.generic
// CHECK: %[[APART:.*]] = "util.optimization_barrier"(%[[WHOLE]]) : (tensor<2x3xf32>) -> tensor<2x3xf32>
// CHECK: tensor.extract %[[APART]]
// CHECK: ins(%[[WHOLE]],
#rows = affine_map<(d0, d1) -> (d0, d1)>
func.func @row_and_whole(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c0 = arith.constant 0 : index
  %empty = tensor.empty() : tensor<2x3xf32>
  %whole = linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<2x3xf32>) outs(%empty : tensor<2x3xf32>) {
  ^bb0(%a: f32, %out: f32):
    %d = arith.addf %a, %a : f32
    linalg.yield %d : f32
  } -> tensor<2x3xf32>
  %row = linalg.generic {indexing_maps = [#rows], iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<2x3xf32>) {
  ^bb0(%out: f32):
    %place = linalg.index 1 : index
    %e = tensor.extract %whole[%c0, %place] : tensor<2x3xf32>
    linalg.yield %e : f32
  } -> tensor<2x3xf32>
  %both = linalg.generic {indexing_maps = [#rows, #rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%whole, %row : tensor<2x3xf32>, tensor<2x3xf32>) outs(%empty : tensor<2x3xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %d = arith.subf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<2x3xf32>
  return %both : tensor<2x3xf32>
}

// A column, backwards.
// CHECK-LABEL: func.func @column
// CHECK: %[[SLICE:.*]] = tensor.extract_slice
// CHECK: %[[APART:.*]] = "util.optimization_barrier"(%[[SLICE]]) : (tensor<3x1xf32>) -> tensor<3x1xf32>
// CHECK: tensor.extract %[[APART]]
func.func @column(%x: tensor<3x3xf32>) -> tensor<3x1xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %empty = tensor.empty() : tensor<3x1xf32>
  %slice = tensor.extract_slice %x[0, 2] [3, 1] [1, 1] : tensor<3x3xf32> to tensor<3x1xf32>
  %reversed = linalg.generic {indexing_maps = [#rows], iterator_types = ["parallel", "parallel"]} outs(%empty : tensor<3x1xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %place = arith.subi %c2, %i : index
    %e = tensor.extract %slice[%place, %c0] : tensor<3x1xf32>
    linalg.yield %e : f32
  } -> tensor<3x1xf32>
  return %reversed : tensor<3x1xf32>
}

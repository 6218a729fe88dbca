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

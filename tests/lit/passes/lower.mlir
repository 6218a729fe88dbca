// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-lower --lamina-legality=linalg | filecheck %s

// Types lose their sign, names and visibility stay.
// CHECK-LABEL: func.func @main(%arg0: tensor<4xi32>, %arg1: tensor<4xi32>) -> tensor<4xi1> {
// CHECK:       linalg.generic
// CHECK:       arith.cmpi ult
// CHECK-NOT:   lamina.
func.func @main(%x: tensor<4xui32>, %y: tensor<4xui32>) -> tensor<4xi1> {
  %0 = "lamina.lt"(%x, %y) : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----
// CHECK-LABEL: func.func @matmul
// CHECK:       linalg.{{matmul|generic|contract}}
// CHECK:       return {{.*}} : tensor<4x3xf32>
func.func @matmul(%x: tensor<4x5xf32>, %y: tensor<5x3xf32>) -> tensor<4x3xf32> {
  %0 = "lamina.dot_general"(%x, %y) {lhs_contracting = array<i64: 1>, rhs_contracting = array<i64: 0>, lhs_batch = array<i64>, rhs_batch = array<i64>, dtype = f32} : (tensor<4x5xf32>, tensor<5x3xf32>) -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// -----
// A slice without gaps is a view; one with strides is a copy.
// CHECK-LABEL: func.func @static
// CHECK:       tensor.extract_slice %arg0[1, 0] [2, 5] [1, 1]
// CHECK:       linalg.generic
// CHECK:       tensor.extract
func.func @static(%x: tensor<4x6xf32>) -> (tensor<2x5xf32>, tensor<2x3xf32>) {
  %0 = "lamina.slice"(%x) {start = array<i64: 1, 0>, limit = array<i64: 3, 5>, strides = array<i64: 1, 1>} : (tensor<4x6xf32>) -> tensor<2x5xf32>
  %1 = "lamina.slice"(%x) {start = array<i64: 1, 0>, limit = array<i64: 3, 6>, strides = array<i64: 1, 2>} : (tensor<4x6xf32>) -> tensor<2x3xf32>
  return %0, %1 : tensor<2x5xf32>, tensor<2x3xf32>
}

// -----
// CHECK-LABEL: func.func @constant
// CHECK-NEXT:  [[C:%.*]] = arith.constant dense<[-1, 2]> : tensor<2xi8>
// CHECK-NEXT:  return [[C]]
func.func @constant() -> tensor<2xui8> {
  %0 = "lamina.constant"() {value = dense<[255, 2]> : tensor<2xui8>} : () -> tensor<2xui8>
  return %0 : tensor<2xui8>
}

// -----
// Without f64 on the target nothing computes in it, not even inside the exponential function.
// CHECK-LABEL: module attributes {lamina.no_f64}
// CHECK-NOT:   f64
// CHECK:       return
module attributes {lamina.no_f64} {
  func.func @exp(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = "lamina.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
    return %0 : tensor<4xf32>
  }
}

// -----
// What has no code of its own calls its reference; types with signs are kept for the host.
// CHECK-LABEL: func.func @host
// CHECK-NEXT:  [[L:%.*]]:2 = call @host.hessenberg_0(%arg0) : (tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<2xf32>)
// CHECK-NEXT:  return [[L]]#0
// CHECK:       func.func private @host.hessenberg_0(tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<2xf32>) attributes {lamina.host = {attributes = {}, op = "hessenberg", type = (tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<2xf32>)}}
func.func @host(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %0:2 = "lamina.hessenberg"(%x) : (tensor<3x3xf32>) -> (tensor<3x3xf32>, tensor<2xf32>)
  return %0 : tensor<3x3xf32>
}

// -----
// A kernel is written once for each signature, and called through a declaration.
// CHECK-LABEL: func.func @sorted
// CHECK-NEXT:  [[Y:%.*]] = call @sort_axis0.dispatch(%arg0) : (tensor<9xf32>) -> tensor<9xf32>
// CHECK-NEXT:  [[Z:%.*]] = call @sort_axis0.dispatch([[Y]]) : (tensor<9xf32>) -> tensor<9xf32>
// CHECK-NEXT:  return [[Z]]
// CHECK:       func.func private @sort_axis0({{.*}}: index, {{.*}}: memref<9xf32>, {{.*}}: memref<9xf32>, {{.*}}: memref<16xf32>)
// CHECK-SAME:  lamina.kernel = {inputs = 1 : index, work = {{[0-9]+}} : index, workgroups = 1 : index}
// CHECK:       func.func private @sort_axis0.dispatch(tensor<9xf32>) -> tensor<9xf32>
// CHECK-NOT:   lamina.kernel
func.func @sorted(%x: tensor<9xf32>) -> tensor<9xf32> {
  %0 = "lamina.sort"(%x) {axis = 0 : i64} : (tensor<9xf32>) -> tensor<9xf32>
  %1 = "lamina.sort"(%0) {axis = 0 : i64} : (tensor<9xf32>) -> tensor<9xf32>
  return %1 : tensor<9xf32>
}

// -----
// A convolution with enough to do is a product whose left operand is read through strides, of the padded array.
// CHECK-LABEL: func.func @convolution
// CHECK:       tensor.pad
// CHECK:       call @strided_product
// CHECK-NOT:   linalg.generic
// CHECK:       return
func.func @convolution(%x: tensor<2x16x16x1x8xf32>, %w: tensor<3x3x1x8x16xf32>) -> tensor<2x16x16x1x16xf32> {
  %0 = "lamina.convolution"(%x, %w) {strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>, dtype = f32} : (tensor<2x16x16x1x8xf32>, tensor<3x3x1x8x16xf32>) -> tensor<2x16x16x1x16xf32>
  return %0 : tensor<2x16x16x1x16xf32>
}

// -----
// In the gradient, all arrays are read and written as they lie outside of transposes, and parts of the long sum are added up.
// CHECK-LABEL: func.func @gradient
// CHECK-NOT:   linalg.generic
// CHECK:       call @strided_product
// CHECK-SAME:  -> tensor<8x3x3x1x8x16xf32>
// CHECK:       linalg.generic
// CHECK-NOT:   linalg.generic
// CHECK:       return
func.func @gradient(%x: tensor<8x34x34x1x8xf32>, %ct: tensor<8x32x32x1x16xf32>) -> tensor<3x3x1x8x16xf32> {
  %0 = "lamina.transpose"(%x) {permutation = array<i64: 4, 1, 2, 3, 0>} : (tensor<8x34x34x1x8xf32>) -> tensor<8x34x34x1x8xf32>
  %1 = "lamina.transpose"(%ct) {permutation = array<i64: 1, 2, 3, 0, 4>} : (tensor<8x32x32x1x16xf32>) -> tensor<32x32x1x8x16xf32>
  %2 = "lamina.convolution"(%0, %1) {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>, dtype = f32} : (tensor<8x34x34x1x8xf32>, tensor<32x32x1x8x16xf32>) -> tensor<8x3x3x1x16xf32>
  %3 = "lamina.transpose"(%2) {permutation = array<i64: 1, 2, 3, 0, 4>} : (tensor<8x3x3x1x16xf32>) -> tensor<3x3x1x8x16xf32>
  return %3 : tensor<3x3x1x8x16xf32>
}

// -----
// A small one is left to the kernel of what is around it.
// CHECK-LABEL: func.func @small
// CHECK-NOT:   call
// CHECK:       linalg.generic
// CHECK:       return
func.func @small(%x: tensor<1x6x6x1x3xf32>, %w: tensor<3x3x1x3x4xf32>) -> tensor<1x4x4x1x4xf32> {
  %0 = "lamina.convolution"(%x, %w) {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, x_dilation = array<i64: 1, 1>, w_dilation = array<i64: 1, 1>, dtype = f32} : (tensor<1x6x6x1x3xf32>, tensor<3x3x1x3x4xf32>) -> tensor<1x4x4x1x4xf32>
  return %0 : tensor<1x4x4x1x4xf32>
}

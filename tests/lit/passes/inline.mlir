// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-inline | filecheck %s

// The called function's own calls are inlined first; what nobody calls any more is dropped.
// CHECK-NOT: func.func private
// CHECK-LABEL: func.func @main
func.func private @twice(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "lamina.add"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @four_times(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = call @twice(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = call @twice(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}
func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: [[TWO:%.*]] = "lamina.add"(%arg0, %arg0)
  // CHECK-NEXT: [[FOUR:%.*]] = "lamina.add"([[TWO]], [[TWO]])
  // CHECK-NEXT: return [[FOUR]], [[TWO]]
  %0:2 = call @four_times(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %0#1, %0#0 : tensor<4xf32>, tensor<4xf32>
}

// -----
// Declarations have nothing to inline.
// CHECK-LABEL: func.func @outside
func.func private @external(tensor<4xf32>) -> tensor<4xf32>
func.func @outside(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: call @external
  %0 = call @external(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func private @even(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @odd(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @odd(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'even' calls itself, which cannot be compiled}}
  %0 = call @even(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2x3xf32>, %i: tensor<4xui8>, %z: tensor<4xcomplex<f32>>) -> tensor<2x3xf32> {
  // CHECK: "lamina.add"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %0 = "lamina.add"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "lamina.neg"
  %1 = "lamina.neg"(%0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "lamina.clamp"
  %2 = "lamina.clamp"(%0, %1, %x) : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  // CHECK: "lamina.rem"(%arg1, %arg1) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %3 = "lamina.rem"(%i, %i) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  // The absolute value of a complex number is real, and so are its parts.
  // CHECK: "lamina.abs"(%arg2) : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
  %4 = "lamina.abs"(%z) : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
  // CHECK: "lamina.complex"{{.*}} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xcomplex<f32>>
  %5 = "lamina.complex"(%4, %4) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xcomplex<f32>>
  return %2 : tensor<2x3xf32>
}

// -----
func.func @wrong_result(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.add' op result type should be tensor<4xf32> but is tensor<4xf64>}}
  %0 = "lamina.add"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf64>
  return %x : tensor<4xf32>
}

// -----
func.func @unequal_shapes(%x: tensor<4xf32>, %y: tensor<3xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.add' op operands must have the same type, but 'x' is f32[4] and 'y' is f32[3]}}
  %0 = "lamina.add"(%x, %y) : (tensor<4xf32>, tensor<3xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @unequal_dtypes(%x: tensor<4xf32>, %y: tensor<4xi32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.mul' op operands must have the same type, but 'x' is f32[4] and 'y' is i32[4]}}
  %0 = "lamina.mul"(%x, %y) : (tensor<4xf32>, tensor<4xi32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @dtype(%x: tensor<4xi1>) -> tensor<4xi1> {
  // expected-error @below {{'lamina.neg' op operand 'x' has dtype bool, expected one of}}
  %0 = "lamina.neg"(%x) : (tensor<4xi1>) -> tensor<4xi1>
  return %0 : tensor<4xi1>
}

// -----
func.func @too_few_operands(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.sub' op expects 2 operands (x, y) but got 1}}
  %0 = "lamina.sub"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @too_many_results(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.neg' op has one result but 2 are written}}
  %0:2 = "lamina.neg"(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %0#0 : tensor<4xf32>
}

// -----
func.func @no_tensor(%x: f32) -> f32 {
  // expected-error @below {{'lamina.neg' op f32 is not a ranked tensor}}
  %0 = "lamina.neg"(%x) : (f32) -> f32
  return %0 : f32
}

// -----
func.func @unranked(%x: tensor<*xf32>) -> tensor<*xf32> {
  // expected-error @below {{'lamina.neg' op tensor<*xf32> is not a ranked tensor}}
  %0 = "lamina.neg"(%x) : (tensor<*xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @below {{'lamina.neg' op tensor<?xf32> has a dynamic dimension; the lamina dialect wants static shapes}}
  %0 = "lamina.neg"(%x) : (tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----
func.func @element_type(%x: tensor<4xi7>) -> tensor<4xi7> {
  // expected-error @below {{'lamina.neg' op i7 is not an element type of the lamina dialect}}
  %0 = "lamina.neg"(%x) : (tensor<4xi7>) -> tensor<4xi7>
  return %0 : tensor<4xi7>
}

// -----
func.func @complex_of_integers(%x: tensor<4xi32>) -> tensor<4xi32> {
  // expected-error @below {{'lamina.complex' op operand 're' has dtype i32, expected one of f32, f64}}
  %0 = "lamina.complex"(%x, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// -----
func.func @unknown(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'lamina.sine'}}
  %0 = "lamina.sine"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

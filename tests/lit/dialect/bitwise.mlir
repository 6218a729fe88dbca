// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<3xui32>, %p: tensor<3xi1>) -> tensor<3xui32> {
  // CHECK: "lamina.xor"(%arg0, %arg0) : (tensor<3xui32>, tensor<3xui32>) -> tensor<3xui32>
  %0 = "lamina.xor"(%x, %x) : (tensor<3xui32>, tensor<3xui32>) -> tensor<3xui32>
  // CHECK: "lamina.shift_left"
  %1 = "lamina.shift_left"(%0, %x) : (tensor<3xui32>, tensor<3xui32>) -> tensor<3xui32>
  // CHECK: "lamina.not"(%arg1) : (tensor<3xi1>) -> tensor<3xi1>
  %2 = "lamina.not"(%p) : (tensor<3xi1>) -> tensor<3xi1>
  return %1 : tensor<3xui32>
}

// -----
func.func @floats_have_no_bits(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @below {{'lamina.and' op operand 'x' has dtype f32, expected one of bool, i8, i16, i32, i64, u8, u16, u32, u64}}
  %0 = "lamina.and"(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// -----
func.func @bool_is_not_shifted(%x: tensor<3xi1>) -> tensor<3xi1> {
  // expected-error @below {{'lamina.shift_right_logical' op operand 'x' has dtype bool, expected one of i8}}
  %0 = "lamina.shift_right_logical"(%x, %x) : (tensor<3xi1>, tensor<3xi1>) -> tensor<3xi1>
  return %0 : tensor<3xi1>
}

// -----
func.func @signs_differ(%x: tensor<3xi32>, %y: tensor<3xui32>) -> tensor<3xi32> {
  // expected-error @below {{'lamina.or' op operands must have the same type, but 'x' is i32[3] and 'y' is u32[3]}}
  %0 = "lamina.or"(%x, %y) : (tensor<3xi32>, tensor<3xui32>) -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics | filecheck %s

// CHECK-LABEL: func.func @valid
func.func @valid(%x: tensor<2xf32>, %y: tensor<i32>) -> tensor<2xf32> {
  // CHECK: "lamina.stop_gradient"(%arg0) : (tensor<2xf32>) -> tensor<2xf32>
  %0 = "lamina.stop_gradient"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK: "lamina.name"(%0) {name = "hidden"} : (tensor<2xf32>) -> tensor<2xf32>
  %1 = "lamina.name"(%0) {name = "hidden"} : (tensor<2xf32>) -> tensor<2xf32>
  // CHECK: "lamina.barrier"(%1, %arg1) : (tensor<2xf32>, tensor<i32>) -> tensor<2xf32>
  %2 = "lamina.barrier"(%1, %y) : (tensor<2xf32>, tensor<i32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----
func.func @name_without_name(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @below {{'lamina.name' op requires attribute 'name' of the form "text"}}
  %0 = "lamina.name"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----
func.func @barrier_changes_no_type(%x: tensor<2xf32>, %y: tensor<i32>) -> tensor<i32> {
  // expected-error @below {{'lamina.barrier' op result type should be tensor<2xf32> but is tensor<i32>}}
  %0 = "lamina.barrier"(%x, %y) : (tensor<2xf32>, tensor<i32>) -> tensor<i32>
  return %0 : tensor<i32>
}

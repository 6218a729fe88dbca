// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=simplify | filecheck %s

// a x = b, solved as b / a. Backward, the cotangent of b is the solution of the transposed equation, and that of a is
// minus it times x: the method itself is not differentiated.
// CHECK-LABEL: func.func @vjp(%arg0: tensor<f32>, %arg1: tensor<f32>, %arg2: tensor<f32>)
// CHECK-DAG:   [[X:%.*]] = "lamina.div"(%arg1, %arg0)
// CHECK-DAG:   [[CT:%.*]] = "lamina.div"(%arg2, %arg0)
// CHECK-DAG:   [[MINUS:%.*]] = "lamina.neg"([[CT]])
// CHECK-DAG:   [[TO_A:%.*]] = "lamina.mul"({{.*}})
// CHECK:       return [[X]], [[TO_A]], [[CT]]
func.func private @matvec(%a: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%a, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @solve(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.div"(%b, %a) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @matvec.linear_solve(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "linear_solve", matvec = @matvec, solve = @solve, transpose_matvec = @matvec, transpose_solve = @solve, consts = 1 : i64, transposable = true}}
func.func private @f(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = call @matvec.linear_solve(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.vjp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @f, argnums = array<i64: 0, 1>, outputs = array<i64: 0>}}
func.func @vjp(%a: tensor<f32>, %b: tensor<f32>, %ct: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0:3 = call @f.vjp(%a, %b, %ct) : (tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>)
  return %0#0, %0#1, %0#2 : tensor<f32>, tensor<f32>, tensor<f32>
}

// -----
func.func private @matvec(%a: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func private @matvec.linear_solve(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "linear_solve", matvec = @matvec, solve = @matvec, transpose_matvec = @matvec, transpose_solve = @matvec, consts = 1 : i64, transposable = false}}
func.func private @f(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{there is no reverse-mode derivative of lax.custom_linear_solve without transpose_solve}}
  %0 = call @matvec.linear_solve(%a, %b) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.vjp(tensor<f32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @f, argnums = array<i64: 1>, outputs = array<i64: 0>}}

// -----
func.func private @matvec(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'s': the matvec 'matvec' maps [f32[]] to [f32[]], not [f32[], f32[]] to x}}
func.func private @s(tensor<f32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "linear_solve", matvec = @matvec, solve = @matvec, transpose_matvec = @matvec, transpose_solve = @matvec, consts = 1 : i64, transposable = true}}

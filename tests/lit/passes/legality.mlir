// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-legality=derive

// The trace stage may have calls and declarations of derived functions; none are left after "derive".
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func @call(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{after the stage 'derive' this must not exist: 'func.call'}}
  %0 = call @f(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{after the stage 'derive' this must not exist: 'func.func'}}
func.func private @f.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 0>}}

// -----
func.func @lowered_too_early(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{after the stage 'derive' this must not exist: 'math.absf'}}
  %0 = math.absf %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----
func.func @legal(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = "lamina.sin"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

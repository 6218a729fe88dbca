// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s

// One call for every example, which is a loop; with "broadcast_all" one call for all.
// CHECK-LABEL: func.func @each
// CHECK:       call @{{.*}}scan
// CHECK-LABEL: func.func @all(%arg0: tensor<5xf32>) -> tensor<5xf32>
// CHECK-NEXT:  call @[[ALL:.*]](%arg0) : (tensor<5xf32>) -> tensor<5xf32>
// CHECK:       func.func private @[[ALL]]{{.*}} results = [tensor<5xf32>]
func.func private @host(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "callback", callback = "f", results = [tensor<f32>], effect = "pure", batching = "sequential"}}
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @host(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @f, batched = array<i64: 1>, size = 5 : i64}}
func.func @each(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @f.vmap(%x) : (tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func private @host_all(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "callback", callback = "f", results = [tensor<f32>], effect = "pure", batching = "broadcast_all"}}
func.func private @g(%x: tensor<f32>) -> tensor<f32> {
  %0 = call @host_all(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @g.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @g, batched = array<i64: 1>, size = 5 : i64}}
func.func @all(%x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @g.vmap(%x) : (tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func private @host(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "callback", callback = "f", results = [tensor<f32>], effect = "pure", batching = "none"}}
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{there is no derivative of pure_callback}}
  %0 = call @host(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.jvp(tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "jvp", of = @f, argnums = array<i64: 0>}}

// -----
func.func private @host(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "callback", callback = "f", results = [tensor<f32>], effect = "pure", batching = "none"}}
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{cannot be mapped}}
  %0 = call @host(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f.vmap(tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @f, batched = array<i64: 1>, size = 5 : i64}}

// -----
// expected-error @below {{'host' gives [i32[]], but is declared to give [f32[]]}}
func.func private @host(tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "callback", callback = "f", results = [tensor<i32>], effect = "pure", batching = "none"}}

// RUN: lamina-opt %s --split-input-file --verify-diagnostics --lamina-derive | filecheck %s
// RUN: lamina-opt %s --split-input-file --verify-diagnostics --stop-after=linalg | filecheck %s --check-prefix=LINALG

// Forward, each branch saves its own residuals (sin x and its derivative; zeros for the double) in shared places;
// backward, the same index chooses between the transposes, which read x itself again.
// CHECK-LABEL: func.func @vjp
// CHECK:       [[FORWARD:%.*]]:3 = call @{{.*}}known{{.*}}cond(%arg0, %arg1)
// CHECK-NEXT:  [[BACK:%.*]] = call @{{.*}}transpose.cond(%arg0, [[FORWARD]]#{{.}}, {{.*}}%arg1, %arg2)
// CHECK-NEXT:  return [[FORWARD]]#0, [[BACK]]

// LINALG-LABEL: func.func @vjp
// LINALG:       scf.if
// LINALG-NOT:   call {{.*}}tensor
func.func private @square(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.sin"(%x) : (tensor<f32>) -> tensor<f32>
  %1 = "lamina.mul"(%x, %0) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
func.func private @double(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.add"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @square.cond(tensor<i32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "cond", branches = [@square, @double]}}
func.func private @choice(%i: tensor<i32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = call @square.cond(%i, %x) : (tensor<i32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @choice.vjp(tensor<i32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    attributes {lamina.derive = {kind = "vjp", of = @choice, argnums = array<i64: 1>, outputs = array<i64: 0>}}
func.func @vjp(%i: tensor<i32>, %x: tensor<f32>, %ct: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0:2 = call @choice.vjp(%i, %x, %ct) : (tensor<i32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return %0#0, %0#1 : tensor<f32>, tensor<f32>
}

// -----
// With one index for the whole batch it stays a choice; with an index for each example all branches run.
// CHECK-LABEL: func.func @same
// CHECK-NEXT:  call @{{.*}}cond(%arg0, %arg1)
// CHECK-LABEL: func.func @each
// CHECK-NOT:   call
// CHECK-DAG:   [[SQUARE:%.*]] = "lamina.mul"(%arg1, %arg1)
// CHECK-DAG:   [[DOUBLE:%.*]] = "lamina.add"(%arg1, %arg1)
// CHECK-DAG:   [[MASK:%.*]] = "lamina.le"(%arg0, {{.*}})
// CHECK:       "lamina.select"({{.*}}, [[SQUARE]], [[DOUBLE]])
func.func private @square(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.mul"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @double(%x: tensor<f32>) -> tensor<f32> {
  %0 = "lamina.add"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @square.cond(tensor<i32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "cond", branches = [@square, @double]}}
func.func private @choice(%i: tensor<i32>, %x: tensor<f32>) -> tensor<f32> {
  %0 = call @square.cond(%i, %x) : (tensor<i32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @choice.same(tensor<i32>, tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @choice, batched = array<i64: 0, 1>, size = 5 : i64}}
func.func @same(%i: tensor<i32>, %x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @choice.same(%i, %x) : (tensor<i32>, tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func private @choice.each(tensor<5xi32>, tensor<5xf32>) -> tensor<5xf32>
    attributes {lamina.derive = {kind = "vmap", of = @choice, batched = array<i64: 1, 1>, size = 5 : i64}}
func.func @each(%i: tensor<5xi32>, %x: tensor<5xf32>) -> tensor<5xf32> {
  %0 = call @choice.each(%i, %x) : (tensor<5xi32>, tensor<5xf32>) -> tensor<5xf32>
  return %0 : tensor<5xf32>
}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
func.func private @g(%x: tensor<f32>) -> tensor<i32> {
  %0 = "lamina.convert"(%x) {dtype = i32} : (tensor<f32>) -> tensor<i32>
  return %0 : tensor<i32>
}
// expected-error @below {{'f.cond': the branches 'f' and 'g' of a cond give [f32[]] and [i32[]]}}
func.func private @f.cond(tensor<i32>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "cond", branches = [@f, @g]}}

// -----
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}
// expected-error @below {{'f.cond': the index of a cond is i32[], not bool[]}}
func.func private @f.cond(tensor<i1>, tensor<f32>) -> tensor<f32>
    attributes {lamina.higher_order = {kind = "cond", branches = [@f, @f]}}

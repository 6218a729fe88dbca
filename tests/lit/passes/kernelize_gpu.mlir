// RUN: lamina-opt %s --lamina-kernelize --split-input-file | filecheck %s
// RUN: lamina-opt %s --lamina-kernelize --lamina-executables --split-input-file | filecheck %s --check-prefix=LAST

#map = affine_map<(d0) -> (d0)>

// Threads share the elements of what is stored; a number they all carry, and the first one writes it in the end. No one
// overwrites the array before all have summed it up, and no one sums it up before all have written it.
// CHECK-LABEL: func.func @main
// CHECK: call @loop.kernel.dispatch(%arg0) : (tensor<100xf32>) -> (tensor<100xf32>, tensor<f32>)
// CHECK: func.func private @loop.kernel(%arg0: index, %[[X:.*]]: memref<100xf32>, %[[OUT:.*]]: memref<100xf32>, %[[SUM:.*]]: memref<1xf32>)
// CHECK-SAME: lamina.kernel = {inputs = 1 : index, threads = 128 : index, work = {{[0-9]+}} : index, workgroups = 1 : index}
// CHECK: %[[T:.*]] = gpu.thread_id x
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[T]], %c0
// CHECK: scf.for %{{.*}} = %[[T]] to %c100 step %c128
// CHECK: memref.store %{{.*}}, %[[OUT]]
// CHECK: %[[S:.*]] = scf.for {{.*}} iter_args
// CHECK-NEXT: gpu.barrier
// CHECK-NEXT: scf.for
// CHECK: memref.load %[[OUT]]
// CHECK: gpu.barrier
// CHECK: scf.for %{{.*}} = %[[T]] to %c100 step %c128
// CHECK: memref.store %{{.*}}, %[[OUT]]
// CHECK-NOT: gpu.barrier
// CHECK: scf.if %[[FIRST]]
// CHECK: memref.store %[[S]], %[[SUM]]

// LAST: func.func @loop.kernel() attributes {translation_info = #iree_codegen.translation_info<pipeline = #iree_codegen.no_pipeline workgroup_size = [128, 1, 1]>}
// LAST: spirv.ControlBarrier <Workgroup>, <Workgroup>, <AcquireRelease|UniformMemory>
module attributes {lamina.no_f64, lamina.no_vectors} {
  func.func @main(%x: tensor<100xf32>) -> (tensor<100xf32>, tensor<f32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c9 = arith.constant 9 : index
    %zero = arith.constant 0.0 : f32
    %start = arith.constant dense<0.0> : tensor<f32>
    %out:2 = scf.for %i = %c0 to %c9 step %c1 iter_args(%v = %x, %last = %start) -> (tensor<100xf32>, tensor<f32>) {
      %number = tensor.empty() : tensor<f32>
      %init = linalg.fill ins(%zero : f32) outs(%number : tensor<f32>) -> tensor<f32>
      %sum = linalg.generic {indexing_maps = [#map, affine_map<(d0) -> ()>], iterator_types = ["reduction"]} ins(%v : tensor<100xf32>) outs(%init : tensor<f32>) {
      ^bb0(%a: f32, %o: f32):
        %s = arith.addf %a, %o : f32
        linalg.yield %s : f32
      } -> tensor<f32>
      %empty = tensor.empty() : tensor<100xf32>
      %next = linalg.generic {indexing_maps = [#map, affine_map<(d0) -> ()>, #map], iterator_types = ["parallel"]} ins(%v, %sum : tensor<100xf32>, tensor<f32>) outs(%empty : tensor<100xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %p = arith.mulf %a, %b : f32
        linalg.yield %p : f32
      } -> tensor<100xf32>
      scf.yield %next, %sum : tensor<100xf32>, tensor<f32>
    }
    return %out#0, %out#1 : tensor<100xf32>, tensor<f32>
  }
}

// -----

#map = affine_map<(d0, d1) -> (d0, d1)>

// On CUDA barriers order memory as they are. The points of several dimensions are dealt out together.
// CHECK-LABEL: func.func @cuda
// CHECK: func.func private @loop.kernel
// CHECK-SAME: threads = 256 : index
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %c420 step %c256
// CHECK-DAG: arith.remui %[[I]], %c21
// CHECK-DAG: arith.divui %[[I]], %c21
// LAST: workgroup_size = [256, 1, 1]
// LAST: gpu.barrier
module attributes {lamina.no_vectors} {
  func.func @cuda(%x: tensor<20x21xf32>) -> tensor<20x21xf32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c9 = arith.constant 9 : index
    %out = scf.for %i = %c0 to %c9 step %c1 iter_args(%v = %x) -> (tensor<20x21xf32>) {
      %empty = tensor.empty() : tensor<20x21xf32>
      %next = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%v : tensor<20x21xf32>) outs(%empty : tensor<20x21xf32>) {
      ^bb0(%a: f32, %o: f32):
        %p = arith.mulf %a, %a : f32
        linalg.yield %p : f32
      } -> tensor<20x21xf32>
      scf.yield %next : tensor<20x21xf32>
    }
    return %out : tensor<20x21xf32>
  }
}

// -----

// Mesa's software Vulkan stops a thread's loops after 65,535 iterations: the host goes round the kernel.
// CHECK-LABEL: func.func @long
// CHECK: scf.for {{.*}} to %c4
// CHECK: call @loop.kernel.dispatch
// CHECK: call @[[REST:.*]].dispatch
// CHECK: func.func private @loop.kernel(
// CHECK: scf.for {{.*}} to %c50001
// CHECK: func.func private @[[REST]](
// CHECK: scf.for {{.*}} to %c49999
// LAST-LABEL: func.func @long
module attributes {lamina.no_f64, lamina.no_vectors} {
  func.func @long(%x: tensor<f32>) -> tensor<f32> {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c250003 = arith.constant 250003 : index
    %out = scf.for %i = %c0 to %c250003 step %c1 iter_args(%v = %x) -> (tensor<f32>) {
      %a = tensor.extract %v[] : tensor<f32>
      %p = arith.mulf %a, %a : f32
      %next = tensor.from_elements %p : tensor<f32>
      scf.yield %next : tensor<f32>
    }
    return %out : tensor<f32>
  }
}

// -----

// How often a loop with a condition goes round is not known: a kernel does some of it, and says whether to go on.
// CHECK-LABEL: func.func @until
// CHECK: scf.while
// CHECK: arith.cmpi ne
// CHECK: } do {
// CHECK: call @loop.kernel.dispatch({{.*}}) : (tensor<f32>) -> (tensor<f32>, tensor<i32>)
// CHECK: func.func private @loop.kernel(
// CHECK: scf.while
// CHECK: arith.cmpi slt, %{{.*}}, %c60000
// LAST-LABEL: func.func @until
module attributes {lamina.no_f64, lamina.no_vectors} {
  func.func @until(%x: tensor<f32>) -> tensor<f32> {
    %c1 = arith.constant 1.0 : f32
    %c9 = arith.constant 9.0 : f32
    %out = scf.while (%v = %x) : (tensor<f32>) -> tensor<f32> {
      %a = tensor.extract %v[] : tensor<f32>
      %c = arith.cmpf olt, %a, %c9 : f32
      scf.condition(%c) %v : tensor<f32>
    } do {
    ^bb0(%v: tensor<f32>):
      %a = tensor.extract %v[] : tensor<f32>
      %p = arith.addf %a, %c1 : f32
      %next = tensor.from_elements %p : tensor<f32>
      scf.yield %next : tensor<f32>
    }
    return %out : tensor<f32>
  }
}

// RUN: lamina-opt %s --lamina-executables --split-input-file | filecheck %s

// A kernel becomes an executable whose bindings are its buffers, all scratch memory one of them; what calls it dispatches
// it, with scratch memory as a result that nobody uses.
// CHECK: "hal.executable.source"() ({
// CHECK:   "hal.executable.export"() ({
// CHECK:     %[[N:.*]] = arith.constant 2 : index
// CHECK:     "hal.return"(%[[N]],
// CHECK:   layout = #hal.pipeline.layout<bindings = [#hal.pipeline.binding<storage_buffer, ReadOnly>, #hal.pipeline.binding<storage_buffer>, #hal.pipeline.binding<storage_buffer>]>
// CHECK:   func.func @double()
// CHECK:     %[[GROUP:.*]] = "hal.interface.workgroup.id"() {dimension = 0 : index}
// CHECK:     %[[X:.*]] = "hal.interface.binding.subspan"({{.*}}binding = 0 : index{{.*}} -> memref<2xf32>
// CHECK:     %[[OUT:.*]] = "hal.interface.binding.subspan"({{.*}}binding = 1 : index{{.*}} -> memref<2xf32>
// CHECK:     %[[SCRATCH:.*]] = "hal.interface.binding.subspan"({{.*}}binding = 2 : index{{.*}} -> memref<2xi32>
// CHECK:     "hal.interface.binding.subspan"({{.*}}binding = 2 : index{{.*}} -> memref<1xf64>
// CHECK:     %[[V:.*]] = memref.load %[[X]][%[[GROUP]]]
// CHECK:     memref.store %{{.*}}, %[[OUT]][%[[GROUP]]]
// CHECK:   {sym_name = "double", sym_visibility = "private"}
// CHECK-LABEL: func.func @main
// CHECK: %[[R:.*]]:2 = "flow.dispatch"(%arg0) {entry_points = [@double::@double], {{.*}}} : (tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<128xi8>)
// CHECK: return %[[R]]#0
// CHECK-NOT: double.dispatch
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = call @double.dispatch(%x) : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}
func.func private @double(%group: index, %x: memref<2xf32>, %out: memref<2xf32>, %a: memref<2xi32>, %b: memref<1xf64>)
    attributes {lamina.kernel = {inputs = 1 : index, workgroups = 2 : index, work = 65536 : index}} {
  %v = memref.load %x[%group] : memref<2xf32>
  %twice = arith.addf %v, %v : f32
  memref.store %twice, %out[%group] : memref<2xf32>
  return
}
func.func private @double.dispatch(tensor<1x2xf32>) -> tensor<1x2xf32> attributes {lamina.dispatch = @double}

// -----

// What a kernel calls goes along under another name, and is not inlined; it is an executable of its own where it is dispatched, too.
// Little scratch memory of a single workgroup is on the stack.
// CHECK: bindings = [#hal.pipeline.binding<storage_buffer, ReadOnly>, #hal.pipeline.binding<storage_buffer>]
// CHECK: func.func @twice()
// CHECK:   memref.alloca() {alignment = 64 : i64} : memref<2xf32>
// CHECK:   call @twice.copy(
// CHECK:   call @twice.copy(
// CHECK: func.func private @twice.copy(%{{.*}}: index, %{{.*}}: memref<2xf32>, %{{.*}}: memref<2xf32>) attributes {no_inline}
// CHECK: {sym_name = "twice"
// CHECK: func.func @copy() {
// CHECK: {sym_name = "copy"
// CHECK-LABEL: func.func @main
// CHECK-NOT: func.func @copy
func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = call @copy.dispatch(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %1 = call @twice.dispatch(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
func.func private @copy(%group: index, %x: memref<2xf32>, %out: memref<2xf32>)
    attributes {lamina.kernel = {inputs = 1 : index, workgroups = 1 : index, work = 65536 : index}, no_inline} {
  %v = memref.load %x[%group] : memref<2xf32>
  memref.store %v, %out[%group] : memref<2xf32>
  return
}
func.func private @twice(%group: index, %x: memref<2xf32>, %out: memref<2xf32>, %between: memref<2xf32>)
    attributes {lamina.kernel = {inputs = 1 : index, workgroups = 1 : index, work = 65536 : index}, no_inline} {
  call @copy(%group, %x, %between) : (index, memref<2xf32>, memref<2xf32>) -> ()
  call @copy(%group, %between, %out) : (index, memref<2xf32>, memref<2xf32>) -> ()
  return
}
func.func private @copy.dispatch(tensor<2xf32>) -> tensor<2xf32> attributes {lamina.dispatch = @copy}
func.func private @twice.dispatch(tensor<2xf32>) -> tensor<2xf32> attributes {lamina.dispatch = @twice}

// -----

// Memory of results that nobody uses is scratch, and a call of which nothing is used is none.
// CHECK: func.func @both()
// CHECK:   %[[FIRST:.*]] = memref.alloca()
// CHECK:   %[[SECOND:.*]] = "hal.interface.binding.subspan"({{.*}}binding = 1 : index
// CHECK:   memref.store %{{.*}}, %[[FIRST]]
// CHECK:   memref.store %{{.*}}, %[[SECOND]]
// CHECK-LABEL: func.func @main
// CHECK-NEXT: %[[R:.*]] = "flow.dispatch"(%arg0) {{.*}} : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT: return %[[R]]
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0:2 = call @both.dispatch(%x) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  %1:2 = call @both.dispatch(%0#0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  %2:2 = call @both.dispatch(%1#0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  return %0#1 : tensor<2xf32>
}
func.func private @both(%group: index, %x: memref<2xf32>, %a: memref<2xf32>, %b: memref<2xf32>)
    attributes {lamina.kernel = {inputs = 1 : index, workgroups = 1 : index, work = 65536 : index}, no_inline} {
  %v = memref.load %x[%group] : memref<2xf32>
  memref.store %v, %a[%group] : memref<2xf32>
  memref.store %v, %b[%group] : memref<2xf32>
  return
}
func.func private @both.dispatch(tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) attributes {lamina.dispatch = @both}

"""lamina-executables: kernels as IREE's executables, and their calls as dispatches. The last pass.

IREE's dialects `hal` and `flow` are not known here: their operations are unregistered ones, and their attributes text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import functions
from ..kernels.kernel import DISPATCH, KERNEL, is_dispatch, is_kernel
from ..mlir import context, ir


def run(module: ir.Module) -> None:
    """Turn every kernel into an executable, every call of one into a dispatch."""
    kernels = {functions.symbol(f): f for f in functions.functions(module) if is_kernel(f)}
    if not kernels:
        return
    context().allow_unregistered_dialects = True
    buffers = {name: functions.arguments(kernel)[1:] for name, kernel in kernels.items()}
    memory = {name: [buffer.type for buffer in found] for name, found in buffers.items()}
    dispatches = {functions.symbol(f): f for f in functions.functions(module) if is_dispatch(f)}
    called = {name: f.attributes[DISPATCH].value for name, f in dispatches.items()}  # type: ignore[attr-defined]
    for call in _calls(module.operation, set(dispatches)):
        kernel = called[call.attributes["callee"].value]
        _dispatch(call, kernel, memory[kernel])
    for kernel in kernels.values():
        _executable(module, kernel)
    for function in dispatches.values():
        function.erase()


def _calls(op: ir.Operation, names: set[str]) -> list[ir.Operation]:
    found: list[ir.Operation] = []

    def visit(inner: ir.Operation) -> ir.WalkResult:
        if inner.name == "func.call" and inner.attributes["callee"].value in names:  # type: ignore[attr-defined]
            found.append(inner)
        return ir.WalkResult.ADVANCE

    op.walk(visit, ir.WalkOrder.PRE_ORDER)
    return found


def _dispatch(call: ir.Operation, kernel: str, memory: Sequence[ir.Type]) -> None:
    """flow.dispatch with scratch memory as further results, which nobody uses."""
    inputs, outputs = len(call.operands), len(call.results)
    scratch = [ir.RankedTensorType.get(t.shape, t.element_type) for t in memory[inputs + outputs :]]  # type: ignore[attr-defined]
    results = [*(r.type for r in call.results), *scratch]
    attributes = {
        "entry_points": ir.ArrayAttr.get([ir.SymbolRefAttr.get([kernel, kernel])]),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([0, inputs, 0, 0]),
        "tied_operands": ir.ArrayAttr.get([_index(-1)] * len(results)),
    }
    new = ir.Operation.create(
        "flow.dispatch", results, list(call.operands), attributes, ip=ir.InsertionPoint(call), loc=call.location
    )
    for old, value in zip(call.results, new.results, strict=False):
        old.replace_all_uses_with(value)
    call.erase()


def _executable(module: ir.Module, kernel: ir.Operation) -> None:
    """Move the kernel into an executable of its name; its arguments become bindings."""
    name = functions.symbol(kernel)
    numbers: Any = kernel.attributes[KERNEL]
    inputs, workgroups = numbers["inputs"].value, numbers["workgroups"].value
    layout = _layout(inputs, len(functions.arguments(kernel)) - 1)
    kernel.attributes["sym_name"] = ir.StringAttr.get(f"{name}.kernel")
    at = ir.InsertionPoint.at_block_begin(module.body)
    private = {"sym_name": ir.StringAttr.get(name), "sym_visibility": ir.StringAttr.get("private")}
    source = _op(at, kernel.location, "hal.executable.source", private, regions=1)
    inside = ir.InsertionPoint(source.regions[0].blocks.append())
    public = {
        "sym_name": ir.StringAttr.get(name),
        "sym_visibility": ir.StringAttr.get("public"),
        "ordinal": _index(0),
        "layout": layout,
    }
    _count(_op(inside, kernel.location, "hal.executable.export", public, regions=2), workgroups)
    code = _op(inside, kernel.location, "builtin.module", {}, regions=1)
    attributes = {"sym_name": ir.StringAttr.get(name), "function_type": ir.TypeAttr.get(ir.FunctionType.get([], []))}
    target = ir.InsertionPoint(code.regions[0].blocks.append())
    function = _op(target, kernel.location, "func.func", attributes, regions=1)
    _op(inside, kernel.location, "hal.executable.source_end", {})
    body = functions.block(kernel)
    body.append_to(function.regions[0])
    _bind(body, layout, kernel.location)
    kernel.erase()


def _count(export: ir.Operation, workgroups: int) -> None:
    """The region that says how many workgroups there are."""
    block = export.regions[0].blocks.append(ir.Type.parse("!hal.device"), arg_locs=[export.location])
    ip, index = ir.InsertionPoint(block), ir.IndexType.get()
    n, one = (
        _op(ip, export.location, "arith.constant", {"value": _index(v)}, results=[index]).result
        for v in (workgroups, 1)
    )
    _op(ip, export.location, "hal.return", {}, operands=[n, one, one])


def _bind(body: ir.Block, layout: ir.Attribute, location: ir.Location) -> None:
    """Replace the arguments: the workgroup's number, and the buffers."""
    ip, index = ir.InsertionPoint.at_block_begin(body), ir.IndexType.get()
    group, *buffers = body.arguments
    id = _op(ip, location, "hal.interface.workgroup.id", {"dimension": _index(0)}, results=[index])
    group.replace_all_uses_with(id.result)
    zero = _op(ip, location, "arith.constant", {"value": _index(0)}, results=[index]).result
    for i, buffer in enumerate(buffers):
        attributes = {
            "alignment": _index(64),
            "binding": _index(i),
            "layout": layout,
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 0]),
        }
        binding = _op(ip, location, "hal.interface.binding.subspan", attributes, [zero], [buffer.type])
        buffer.replace_all_uses_with(binding.result)
    for i in reversed(range(len(body.arguments))):
        body.erase_argument(i)


def _layout(inputs: int, buffers: int) -> ir.Attribute:
    bindings = ["ReadOnly" if i < inputs else "" for i in range(buffers)]
    listed = (f"#hal.pipeline.binding<storage_buffer{', ' + flag if flag else ''}>" for flag in bindings)
    return ir.Attribute.parse(f"#hal.pipeline.layout<bindings = [{', '.join(listed)}]>")


def _index(value: int) -> ir.Attribute:
    return ir.IntegerAttr.get(ir.IndexType.get(), value)


def _op(
    ip: ir.InsertionPoint,
    location: ir.Location,
    name: str,
    attributes: dict[str, ir.Attribute],
    operands: Sequence[ir.Value] = (),
    results: Sequence[ir.Type] = (),
    regions: int = 0,
) -> ir.Operation:
    return ir.Operation.create(name, results, operands, attributes, regions=regions, ip=ip, loc=location)

"""lamina-executables: kernels as IREE's executables, and their calls as dispatches. The last pass.

IREE's dialects `hal` and `flow` are not known here: their operations are unregistered ones, and their attributes text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from .. import functions, targeting
from ..kernels.kernel import DISPATCH, KERNEL, is_dispatch, is_kernel, shared_work
from ..mlir import context, ir
from ..work import WORK

_ALIGNMENT = 64  # bytes, of every buffer
_STACK = 16 * 1024  # bytes of scratch memory on a CPU's stack (IREE allows 32 KiB): elsewhere it costs a microsecond
_THREADS = "#iree_codegen.translation_info<pipeline = #iree_codegen.no_pipeline workgroup_size = [{}, 1, 1]>"
# What MLIR makes of gpu.barrier does not order what is written to buffers.
_BARRIER = {
    "execution_scope": "#spirv.scope<Workgroup>", "memory_scope": "#spirv.scope<Workgroup>",
    "memory_semantics": "#spirv.memory_semantics<AcquireRelease|UniformMemory>",
}  # fmt: skip


class Binding(NamedTuple):
    """Where a buffer of a kernel is: which of the dispatch's bindings, from which byte on."""

    number: int
    offset: int


class Kernel(NamedTuple):
    """A kernel, and where its buffers are.

    Attributes:
        inputs: how many buffers are bound that it only reads.
        bindings: of each buffer; None: it is on the stack.
        results: numbers of those that anybody uses; the memory of others is scratch.
        scratch: types of further results of a dispatch, which nobody uses.
    """

    function: ir.Operation
    inputs: int
    workgroups: int
    threads: int | None
    bindings: Sequence[Binding | None]
    results: Sequence[int]
    scratch: Sequence[ir.Type]


def run(module: ir.Module) -> None:
    """Turn every kernel into an executable, every call of one into a dispatch."""
    dispatches = {functions.symbol(f): f for f in functions.functions(module) if is_dispatch(f)}
    if not dispatches:
        return
    context().allow_unregistered_dialects = True
    called = {name: f.attributes[DISPATCH].value for name, f in dispatches.items()}  # type: ignore[attr-defined]
    written = {functions.symbol(f): f for f in functions.functions(module) if is_kernel(f)}
    calls: dict[str, list[ir.Operation]] = {}
    for call in _live_calls(module.operation, set(dispatches)):
        calls.setdefault(called[call.attributes["callee"].value], []).append(call)  # type: ignore[attr-defined]
    for name, users in calls.items():
        kernel = _kernel(written[name], users, module)
        for call in users:
            _dispatch(call, name, kernel)
        _executable(module, kernel, written)
    if targeting.is_vulkan(module):
        _order_memory(module)
    for function in (*dispatches.values(), *written.values()):
        function.erase()


def _kernel(function: ir.Operation, calls: Sequence[ir.Operation], module: ir.Module) -> Kernel:
    """What calls use is bound, and beside it there is scratch memory."""
    numbers: Any = function.attributes[KERNEL]
    inputs, workgroups = numbers["inputs"].value, numbers["workgroups"].value
    threads = numbers["threads"].value if "threads" in numbers else None
    types = [buffer.type for buffer in functions.arguments(function)[1:]]
    results = [i for i in range(len(calls[0].results)) if any(_is_used(call.results[i]) for call in calls)]
    own = [*range(inputs), *(inputs + i for i in results)]
    beside = [i for i in range(len(types)) if i not in own]
    bindings: list[Binding | None] = [None] * len(types)
    first = 0 if inputs else 1  # behind what `_operands` gives
    for number, i in enumerate(own, first):
        bindings[i] = Binding(number, 0)
    bound = first + len(own)
    ends = list(accumulate((_room(types[i]) for i in beside), initial=0))
    scratch: list[ir.Type] = []
    if targeting.is_vulkan(module):  # offsets within a binding do not work there
        for i in beside:
            bindings[i] = Binding(bound + len(scratch), 0)
            scratch.append(ir.RankedTensorType.get(types[i].shape, types[i].element_type))  # type: ignore[attr-defined]
    elif beside and (workgroups > 1 or ends[-1] > _STACK or not targeting.has_vectors(module)):
        for i, start in zip(beside, ends, strict=False):
            bindings[i] = Binding(bound, start)
        scratch.append(ir.RankedTensorType.get([ends[-1]], ir.IntegerType.get_signless(8)))
    return Kernel(function, first + inputs, workgroups, threads, bindings, results, scratch)


def _is_used(value: ir.Value) -> bool:
    return next(iter(value.uses), None) is not None


def _room(memory: ir.Type) -> int:
    """Bytes of a buffer, up to where the next one may start."""
    return -(-memory.shape[0] * _bytes(memory.element_type) // _ALIGNMENT) * _ALIGNMENT  # type: ignore[attr-defined]


def _alignment(memory: ir.Type) -> int:
    """Of memory that IREE gives: it may be a part of a larger array, from any element on, which others join to it."""
    element = ir.MemRefType(memory).element_type
    return _bytes(element.element_type if isinstance(element, ir.ComplexType) else element)


def _bytes(element: ir.Type) -> int:
    if isinstance(element, ir.ComplexType):
        return 2 * _bytes(element.element_type)
    return element.width // 8  # type: ignore[attr-defined]


def _live_calls(op: ir.Operation, names: set[str]) -> list[ir.Operation]:
    """Calls of these functions; those whose results nobody uses are erased."""
    live: list[ir.Operation] = []
    for call in reversed(_all(op, lambda x: x.name == "func.call" and x.attributes["callee"].value in names)):  # type: ignore
        if any(map(_is_used, call.results)):
            live.append(call)
        else:
            call.erase()
    return live[::-1]


def _all(op: ir.Operation, holds: Callable[[ir.Operation], bool]) -> list[ir.Operation]:
    found: list[ir.Operation] = []

    def visit(inner: ir.Operation) -> ir.WalkResult:
        if holds(inner):
            found.append(inner)
        return ir.WalkResult.ADVANCE

    op.walk(visit, ir.WalkOrder.PRE_ORDER)
    return found


def _order_memory(module: ir.Module) -> None:
    """Have barriers make what was written to buffers visible to the other threads."""
    attributes = {name: ir.Attribute.parse(text) for name, text in _BARRIER.items()}
    for barrier in _all(module.operation, lambda op: op.name == "gpu.barrier"):
        _op(ir.InsertionPoint(barrier), barrier.location, "spirv.ControlBarrier", attributes)
        barrier.erase()


def _dispatch(call: ir.Operation, name: str, kernel: Kernel) -> None:
    used = [call.results[i] for i in kernel.results]
    results = [*(r.type for r in used), *kernel.scratch]
    operands = _operands(call)
    attributes = {
        "entry_points": ir.ArrayAttr.get([ir.SymbolRefAttr.get([name, name])]),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([0, len(operands), 0, 0]),
        "tied_operands": ir.ArrayAttr.get([_index(-1)] * len(results)),
    }
    new = _op(ir.InsertionPoint(call), call.location, "flow.dispatch", attributes, operands, results)
    for old, value in zip(used, new.results, strict=False):
        old.replace_all_uses_with(value)
    call.erase()


def _operands(call: ir.Operation) -> list[ir.Value]:
    """What a kernel is given: at least one number, which nobody reads.

    IREE copies dispatches without operands, and then takes their first result for all others.
    """
    if len(call.operands):
        return list(call.operands)
    type = ir.RankedTensorType.get([1], ir.IntegerType.get_signless(32))
    zero = {"value": ir.DenseElementsAttr.get_splat(type, ir.IntegerAttr.get(type.element_type, 0))}
    return [_op(ir.InsertionPoint(call), call.location, "arith.constant", zero, results=[type]).result]


def _executable(module: ir.Module, kernel: Kernel, written: dict[str, ir.Operation]) -> None:
    """Copy a kernel, and those it calls, into an executable of its name; its arguments become bindings."""
    function, location = kernel.function, kernel.function.location
    name = functions.symbol(function)
    layout = _layout(kernel.inputs, kernel.inputs + len(kernel.results) + len(kernel.scratch))
    at = ir.InsertionPoint.at_block_begin(module.body)
    private = {"sym_name": ir.StringAttr.get(name), "sym_visibility": ir.StringAttr.get("private")}
    source = _op(at, location, "hal.executable.source", private, regions=1)
    inside = ir.InsertionPoint(source.regions[0].blocks.append())
    public = {
        "sym_name": ir.StringAttr.get(name),
        "sym_visibility": ir.StringAttr.get("public"),
        "ordinal": _index(0),
        "layout": layout,
        WORK: _index(shared_work(function)),
    }
    _count(_op(inside, location, "hal.executable.export", public, regions=2), kernel.workgroups)
    code = _op(inside, location, "builtin.module", {}, regions=1)
    ip = ir.InsertionPoint(code.regions[0].blocks.append())
    entry = function.clone(ip=ip).operation
    for attribute in list(entry.attributes):
        if attribute not in ("sym_name", "function_type"):
            del entry.attributes[attribute]
    functions.set_signature(entry, [], [])
    if kernel.threads:
        entry.attributes["translation_info"] = ir.Attribute.parse(_THREADS.format(kernel.threads))
    _copy_called(entry, written, ip)
    _op(inside, location, "hal.executable.source_end", {})
    _bind(functions.block(entry), kernel.bindings, layout, location)


def _copy_called(entry: ir.Operation, written: dict[str, ir.Operation], ip: ir.InsertionPoint) -> None:
    """Copy what a kernel calls, and what that calls, under names of its own: IREE links executables into one."""
    names: dict[str, str] = {}
    callers = [entry]
    for caller in callers:
        for call in _all(caller, lambda op: op.name == "func.call"):
            name: str = call.attributes["callee"].value  # type: ignore[attr-defined]
            if name not in names:
                names[name] = f"{functions.symbol(entry)}.{name}"
                copy = written[name].clone(ip=ip).operation
                copy.attributes["sym_name"] = ir.StringAttr.get(names[name])
                del copy.attributes[KERNEL]
                callers.append(copy)
            call.attributes["callee"] = ir.FlatSymbolRefAttr.get(names[name])


def _count(export: ir.Operation, workgroups: int) -> None:
    """The region that says how many workgroups there are."""
    block = export.regions[0].blocks.append(ir.Type.parse("!hal.device"), arg_locs=[export.location])
    ip, index = ir.InsertionPoint(block), ir.IndexType.get()
    n, one = (
        _op(ip, export.location, "arith.constant", {"value": _index(v)}, results=[index]).result
        for v in (workgroups, 1)
    )
    _op(ip, export.location, "hal.return", {}, operands=[n, one, one])


def _bind(body: ir.Block, bindings: Sequence[Binding | None], layout: ir.Attribute, location: ir.Location) -> None:
    """Replace the arguments: the workgroup's number, and the buffers."""
    ip, index = ir.InsertionPoint.at_block_begin(body), ir.IndexType.get()
    group, *buffers = body.arguments
    id = _op(ip, location, "hal.interface.workgroup.id", {"dimension": _index(0)}, results=[index])
    group.replace_all_uses_with(id.result)
    for buffer, binding in zip(buffers, bindings, strict=True):
        if binding is None:
            attributes = {
                "alignment": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), _ALIGNMENT),
                "operandSegmentSizes": ir.DenseI32ArrayAttr.get([0, 0]),
            }
            memory = _op(ip, location, "memref.alloca", attributes, results=[buffer.type])
        else:
            start = _op(ip, location, "arith.constant", {"value": _index(binding.offset)}, results=[index]).result
            attributes = {
                "alignment": _index(_alignment(buffer.type)),
                "binding": _index(binding.number),
                "layout": layout,
                "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 0]),
            }
            memory = _op(ip, location, "hal.interface.binding.subspan", attributes, [start], [buffer.type])
        buffer.replace_all_uses_with(memory.result)
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

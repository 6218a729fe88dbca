"""Data flow inside a function: what depends on some of its inputs, through calls of higher-order operations too."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import functions
from .higher_order import call_of
from .mlir import ir
from .opdef import NotDifferentiable, OpDef, is_lamina, lookup
from .types import from_ir

Flags = Sequence[bool]
Flow = Callable[[ir.Module, ir.Operation, Flags], list[bool]]  # (module, function, inputs) -> results


def reached(module: ir.Module, function: ir.Operation, flags: Flags, flow: Flow, op_flow: Callable) -> set[ir.Value]:
    """Values of a function that depend on the marked inputs; `op_flow(record, op, any marked)` says it of an op."""
    found = {value for value, flag in zip(functions.arguments(function), flags, strict=True) if flag}
    for op in functions.operations(function)[:-1]:
        marked = [operand in found for operand in op.operands]
        if is_lamina(op):
            if op_flow(lookup(op.name), op, any(marked)):
                found.update(op.results)
        elif any(marked):
            call = call_of(module, op)
            through = [True] * len(op.results) if call is None else call.record.dependent(call, marked, flow)
            found.update(result for result, flag in zip(op.results, through, strict=True) if flag)
    return found


def _results(function: ir.Operation, found: set[ir.Value]) -> list[bool]:
    return [value in found for value in functions.operations(function)[-1].operands]


def _any(record: OpDef, op: ir.Operation, marked: bool) -> bool:
    return marked


def dependent_values(module: ir.Module, function: ir.Operation, flags: Flags) -> set[ir.Value]:
    return reached(module, function, flags, dependent_results, _any)


def dependent_results(module: ir.Module, function: ir.Operation, flags: Flags) -> list[bool]:
    """Which results depend on the marked inputs."""
    return _results(function, dependent_values(module, function, flags))


def tangent_results(module: ir.Module, function: ir.Operation, flags: Flags) -> list[bool]:
    """Which results have a tangent that is not known to be zero, when the marked inputs have one."""

    def op_flow(record: OpDef, op: ir.Operation, marked: bool) -> bool:
        return marked and not isinstance(record.jvp, NotDifferentiable) and from_ir(op.results[0].type).differentiable

    found = _results(function, reached(module, function, flags, tangent_results, op_flow))
    return [flag and from_ir(t).differentiable for flag, t in zip(found, functions.signature(function)[1], strict=True)]


def mapped_over(axis: str) -> Flow:
    """The flow of a batch dimension: collectives over the axis of that name end or begin it."""

    def op_flow(record: OpDef, op: ir.Operation, marked: bool) -> bool:
        if record.collective is not None and record.decode_attributes(op)["axis_name"] == axis:
            return record.collective.varies
        return marked

    def flow(module: ir.Module, function: ir.Operation, flags: Flags) -> list[bool]:
        return _results(function, reached(module, function, flags, flow, op_flow))

    return flow


def fixed_point(flags: Flags, carry: slice, step: Callable[[list[bool]], Flags]) -> list[bool]:
    """Marks of a loop body's inputs that hold in every iteration: what its results mark is carried to the next."""
    current = list(flags)
    while True:
        out = list(step(current))[: carry.stop - carry.start]
        joined = [a or b for a, b in zip(current[carry], out, strict=True)]
        if joined == current[carry]:
            return current
        current[carry] = joined

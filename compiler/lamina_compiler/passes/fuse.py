"""lamina-fuse: moves broadcasts, reshapes and transposes behind the elementwise ops that use them.

IREE fuses elementwise chains into the dispatches of their producers. A shape op in the middle of a chain can end it,
and work behind a broadcast is done once per copy: ``exp(broadcast(x))`` becomes ``broadcast(exp(x))``.
"""

from __future__ import annotations

from typing import Any

from .. import functions
from ..builder import Builder
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import TensorType, from_ir
from .simplify import simplify
from .simplify_rules import definition, splat

_MOVED = ("broadcast_in_dim", "reshape", "transpose")


def fuse(module: ir.Module, function: ir.Operation) -> None:
    """Rewrite a function in place."""
    for op in functions.operations(function):
        if not is_lamina(op) or lookup(op.name).scalar is None:
            continue
        b = Builder(ir.InsertionPoint(op), op.location)
        for name in _MOVED:
            replacements = _moved_behind(b, op, name)
            if replacements is not None:
                for result, replacement in zip(op.results, replacements, strict=True):
                    result.replace_all_uses_with(replacement)
                op.erase()
                break
    simplify(module, function)  # shape ops have met shape ops


def _moved_behind(b: Builder, op: ir.Operation, name: str) -> list[ir.Value] | None:
    """``shape_op(elementwise(sources))`` for ``elementwise(shape_op(sources))``; splats adapt to any shape."""
    operands = list(op.operands)
    moved = [definition(operand, name) for operand in operands]
    shape_ops = [found for found in moved if found is not None]
    if not shape_ops or any(m is None and splat(x) is None for m, x in zip(moved, operands, strict=True)):
        return None
    details = [(from_ir(s.operands[0].type).shape, lookup(s.name).decode_attributes(s)) for s in shape_ops]
    if any(detail != details[0] for detail in details[1:]):
        return None
    shape, attributes = details[0]
    sources = [
        m.operands[0] if m is not None else b.full(TensorType(shape, from_ir(x.type).dtype), splat(x))  # type: ignore
        for m, x in zip(moved, operands, strict=True)
    ]
    record = lookup(op.name)
    results: Any = record.several(b.emit(record, *sources, **record.decode_attributes(op)))
    return [getattr(b, name)(result, **attributes) for result in results]


def run(module: ir.Module) -> None:
    """Apply to every function that has a body."""
    for function in functions.functions(module):
        if functions.has_body(function):
            fuse(module, function)

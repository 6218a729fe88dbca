"""lamina-fuse: moves broadcasts, reshapes and transposes behind the elementwise ops that use them, slices before them.

IREE fuses elementwise chains into the dispatches of their producers. A shape op in the middle of a chain can end it,
and work behind a broadcast is done once per copy: ``exp(broadcast(x))`` becomes ``broadcast(exp(x))``. Work before a
slice is done for what nobody looks at: ``exp(x)[:2]`` becomes ``exp(x[:2])``.
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
        if op.name == "lamina.slice":
            value = _sliced(Builder(ir.InsertionPoint(op), op.location), op.operands[0], op, _attributes(op))
            op.results[0].replace_all_uses_with(value)
            op.erase()
    simplify(module, function)  # what only slices used is gone
    while sum(_is_moved(op) for op in functions.operations(function)):
        simplify(module, function)  # shape ops have met shape ops


def _is_moved(op: ir.Operation) -> bool:
    """Whether an elementwise op has moved before the shape ops that it read."""
    if not is_lamina(op) or lookup(op.name).scalar is None:
        return False
    b = Builder(ir.InsertionPoint(op), op.location)
    for name in _MOVED:
        replacements = _moved_behind(b, op, name)
        if replacements is not None:
            for result, replacement in zip(op.results, replacements, strict=True):
                result.replace_all_uses_with(replacement)
            op.erase()
            return True
    return False


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


def _attributes(op: ir.Operation) -> dict[str, Any]:
    return lookup(op.name).decode_attributes(op)


def _sliced(b: Builder, value: ir.Value, user: ir.Operation, slice: dict[str, Any]) -> ir.Value:
    """A slice of a value that `user` uses: computed from slices, where others use only slices, too."""
    op = None if isinstance(value.owner, ir.Block) else value.owner.operation
    if op is not None and op.name == "lamina.broadcast_in_dim":
        return _sliced_broadcast(b, op, slice)
    if op is None or not is_lamina(op) or not _is_only_sliced(op, user):
        return b.slice(value, **slice)
    operands = [_sliced(b, x, op, slice) for x in op.operands]
    return b.emit(lookup(op.name), *operands, **_attributes(op))


def _is_only_sliced(op: ir.Operation, user: ir.Operation) -> bool:
    """Whether an elementwise op has no other users than slices that have no more elements than its result together."""
    if lookup(op.name).scalar is None or len(op.results) != 1:
        return False
    users = [use.owner.operation for use in op.results[0].uses]
    slices = [x for x in users if x.name == "lamina.slice"]
    sizes = sum(from_ir(x.results[0].type).size for x in slices)
    return all(x == user or x in slices for x in users) and sizes <= from_ir(op.results[0].type).size


def _sliced_broadcast(b: Builder, op: ir.Operation, slice: dict[str, Any]) -> ir.Value:
    """A smaller broadcast, of a slice of the operand."""
    operand, dimensions = op.operands[0], _attributes(op)["dimensions"]
    sizes = from_ir(operand.type).shape
    bounds = [slice[name] for name in ("start", "limit", "strides")]
    own = [
        [bound[d] if size != 1 else one for d, size in zip(dimensions, sizes, strict=True)]
        for bound, one in zip(bounds, (0, 1, 1), strict=True)
    ]
    start, limit, strides = map(tuple, own)
    shape = tuple(-(-(last - first) // step) for first, last, step in zip(*bounds, strict=True))
    if 0 in shape:
        return b.slice(op.results[0], **slice)
    source = b.slice(operand, start=start, limit=limit, strides=strides)
    long = [d for d, size in enumerate(shape) if size != 1]  # the others would come between vectors and their dimension
    kept = [i for i, d in enumerate(dimensions) if d in long]
    source = b.reshape(source, shape=tuple(b.shape(source)[i] for i in kept))
    places = tuple(long.index(dimensions[i]) for i in kept)
    return b.reshape(b.broadcast_in_dim(source, shape=tuple(shape[d] for d in long), dimensions=places), shape=shape)


def run(module: ir.Module) -> None:
    """Apply to every function that has a body."""
    for function in functions.functions(module):
        if functions.has_body(function):
            fuse(module, function)

"""Operations that replace a window of a tensor and leave the rest, as `dynamic_update_slice` is lowered."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from ..linalg_loops import loops_of, points_of
from ..mlir import ir

_BELOW = 6  # the predicate ult


class Window(NamedTuple):
    """`base`, and over it `update` (a tensor, or a number for all elements of the window), from `starts` on."""

    base: ir.Value
    update: ir.Value
    starts: list[int | ir.Value]
    sizes: list[int]
    places: list[ir.Value]  # the tensors that starts are computed from


def visited(op: ir.Operation) -> tuple[int, bool]:
    """How many points a linalg.generic visits in a kernel, and whether it is a contraction."""
    window = window_of(op)
    return points_of(op) if window is None else (prod(window.sizes), False)


def window_of(op: ir.Operation) -> Window | None:
    """What a linalg.generic replaces, if all other elements of its result are those of its operand."""
    if op.name != "linalg.generic" or len(op.operands) != 2 or len(op.results) != 1:
        return None
    shape = op.results[0].type.shape  # type: ignore[attr-defined]
    if any(loops != tuple(range(len(shape))) for loops in loops_of(op)):
        return None
    block = op.regions[0].blocks[0]
    choice = _maker(list(block.operations)[-1].operation.operands[0])
    if choice is None or choice.name != "arith.select" or choice.operands[2] != block.arguments[0]:
        return None
    starts: list[int | ir.Value] = [0] * len(shape)
    sizes = list(shape)
    for condition in _conjuncts(choice.operands[0]):
        bound = _bound(condition, shape)
        if bound is None or sizes[bound[0]] != shape[bound[0]]:
            return None
        d, start, size = bound
        starts[d], sizes[d] = start, size
    update = _update(choice.operands[1], starts, sizes)
    if update is None:
        return None
    read = [x.operation.operands[0] for x in block.operations if x.operation.name == "tensor.extract"]
    return Window(op.operands[0], update, starts, sizes, [x for x in read if x != update])


def _conjuncts(value: ir.Value) -> Iterator[ir.Value]:
    op = _maker(value)
    if op is not None and op.name == "arith.andi":
        yield from _conjuncts(op.operands[0])
        yield from _conjuncts(op.operands[1])
    else:
        yield value


def _bound(condition: ir.Value, shape: list[int]) -> tuple[int, ir.Value, int] | None:
    """Which loop's index a condition wants to be less than some size after a start, the same everywhere and inside."""
    compare = _maker(condition)
    if compare is None or compare.name != "arith.cmpi" or _integer(compare.attributes["predicate"]) != _BELOW:
        return None
    distance, size = _maker(compare.operands[0]), _constant(compare.operands[1])
    if distance is None or distance.name != "arith.subi" or size is None:
        return None
    d, start = _loop(distance.operands[0]), distance.operands[1]
    if d is None or not _is_invariant(start):
        return None
    known, last = _constant(start), shape[d] - size
    is_inside = _clamped(start, last) is not None if known is None else 0 <= known <= last
    return (d, start, size) if is_inside else None


def _update(value: ir.Value, starts: list[int | ir.Value], sizes: list[int]) -> ir.Value | None:
    """The tensor whose elements the window gets, in their order, or the number."""
    op = _maker(value)
    if op is not None and op.name == "arith.constant":
        return value
    if op is None or op.name != "tensor.extract" or op.operands[0].type.shape != sizes:  # type: ignore[attr-defined]
        return None
    indices = list(op.operands)[1:]
    is_whole = all(_is_within(*where) for where in zip(indices, range(len(sizes)), starts, sizes, strict=True))
    return op.operands[0] if is_whole else None


def _is_within(index: ir.Value, d: int, start: int | ir.Value, size: int) -> bool:
    """Whether an index is that of a loop, from the start of the window on; outside of it, it may be anything."""
    if isinstance(start, int):
        return _loop(index) == d
    if size == 1:
        return _constant(index) == 0
    distance = _clamped(index, size - 1)
    op = None if distance is None else _maker(distance)
    return op is not None and op.name == "arith.subi" and _loop(op.operands[0]) == d and op.operands[1] == start


def _clamped(value: ir.Value, last: int) -> ir.Value | None:
    """What a value is, limited to [0, last]."""
    for name, limit in (("arith.maxsi", 0), ("arith.minsi", last)):
        op = _maker(value)
        if op is None or op.name != name or _constant(op.operands[1]) != limit:
            return None
        value = op.operands[0]
    return value


def _is_invariant(value: ir.Value) -> bool:
    """Whether a number is the same at all points."""
    op = _maker(value)
    if op is None or op.regions or not op.name.startswith(("arith.", "tensor.extract")):
        return False
    return all(isinstance(x.type, ir.RankedTensorType) or _is_invariant(x) for x in op.operands)


def _maker(value: ir.Value) -> ir.Operation | None:
    return None if isinstance(value.owner, ir.Block) else value.owner.operation


def _loop(value: ir.Value) -> int | None:
    """The loop whose index a value is."""
    op = _maker(value)
    return _integer(op.attributes["dim"]) if op is not None and op.name == "linalg.index" else None


def _constant(value: ir.Value) -> int | None:
    op = _maker(value)
    return _integer(op.attributes["value"]) if op is not None and op.name == "arith.constant" else None


def _integer(attribute: ir.Attribute) -> int:
    return ir.IntegerAttr(attribute).value

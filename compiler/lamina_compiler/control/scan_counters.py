"""Slices that a scan reads at places that a counter gives, as slices of xs: ``x[i]`` in a `fori_loop`.

Their cotangents are a stack then, where each iteration would add an array as large as x to a sum; and products of them
can leave the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .. import functions, interpreter
from ..builder import Builder
from ..higher_order import Batch, Call, has_effects
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..passes import derive
from ..types import TensorType, from_ir
from .scan_parts import chosen, invariant_ops, parts_of


class _Walk(NamedTuple):
    """Where slices lie: their places along `dimension`, in the order of xs, have the same distance."""

    start: tuple[int, ...]  # of the first slice
    sizes: tuple[int, ...]  # 1 along the dimension
    dimension: int
    step: int
    length: int

    def stack(self, b: Builder, x: ir.Value) -> ir.Value:
        """All slices, without that dimension."""
        d, last = self.dimension, self.start[self.dimension] + self.step * (self.length - 1)
        start, limit, strides = list(self.start), [a + n for a, n in zip(self.start, self.sizes, strict=True)], 1
        start[d], limit[d], strides = min(start[d], last), max(start[d], last) + 1, [1] * len(start)
        strides[d] = abs(self.step)
        along = b.slice(x, start=tuple(start), limit=tuple(limit), strides=tuple(strides))
        if self.step < 0:
            along = b.rev(along, dimensions=(d,))
        return b.move_dimension(along, d, 0)


def counted_slices(
    b: Builder, call: Call, operands: Sequence[ir.Value], *, leading: bool = False
) -> list[ir.Value] | None:
    """The results of a scan that reads them from xs, or None if it reads no slices so.

    `leading`: only those along the first dimension, of which xs are no copies in another order.
    """
    parts, body = parts_of(call), call.function("body")
    inputs, (*ops, terminator) = functions.arguments(body), functions.operations(body)
    fixed = invariant_ops(body, parts.consts)
    walks = _walks(call, operands, {*inputs[: parts.consts], *(x for op in fixed for x in op.results)})
    walks = {op: walk for op, walk in walks.items() if walk.dimension == 0 or not leading}
    if not walks or has_effects(call.module, body):
        return None
    outside = dict(zip(inputs[: parts.consts], operands, strict=False))
    for op in functions.live(fixed, [op.operands[0] for op in walks]):
        functions.clone(op, outside, b.ip)
    slices, returned = [_read(op) for op in walks], list(terminator.operands)
    stacks = [
        b.reshape(walk.stack(b, outside[op.operands[0]]), shape=(walk.length, *b.shape(x)))
        for (op, walk), x in zip(walks.items(), slices, strict=True)
    ]
    rest = functions.live([op for op in ops if not any(x in slices for x in op.results)], returned)
    needed = {x for op in rest for x in op.operands} | {*returned}
    kept = [x in needed for x in inputs[: parts.consts]]  # a const that nothing reads would still have a cotangent
    arguments = [*chosen(inputs[: parts.consts], kept), *inputs[parts.consts :], *slices]
    name = functions.symbol(body)
    smaller = functions.outline(call.module, name, arguments, rest, returned, body.location)
    operands = [*chosen(operands[: parts.consts], kept), *operands[parts.consts :], *stacks]
    return call.emit(b, operands, body=functions.symbol(smaller), consts=sum(kept))


def _read(op: ir.Operation) -> ir.Value:
    """What of a slice the body reads: that without the dimension of size 1, if it reads nothing else."""
    (result,) = op.results
    users = [use.owner.operation for use in result.uses]
    return users[0].results[0] if len(users) == 1 and users[0].name == "lamina.reshape" else result


def _walks(call: Call, operands: Sequence[ir.Value], invariant: set[ir.Value]) -> dict[ir.Operation, _Walk]:
    """The operations of a body that take slices of what is invariant, step by step."""
    counters = dict(_counters(call, operands))
    known, ops = {*counters}, functions.operations(call.function("body"))[:-1]
    for op in ops:
        if is_lamina(op) and all(x in known for x in op.operands):
            known.update(op.results)
    readers = [op for op in ops if op.name == "lamina.dynamic_slice" and op.operands[0] in invariant]
    readers = [op for op in readers if op.operands[1] in known and op.operands[1] not in invariant]
    readers = [op for op in readers if max(from_ir(op.operands[0].type).shape) >= call.details["length"]]
    starts = _in_all_iterations(call, counters, [op.operands[1] for op in readers])
    walks = ((op, _walk(op, start)) for op, start in zip(readers, starts, strict=True))
    return {op: walk for op, walk in walks if walk is not None}


def _counters(call: Call, operands: Sequence[ir.Value]) -> Iterator[tuple[ir.Value, np.ndarray]]:
    """Integers that are carried and grow by a constant, from a constant, and what they are in the order of xs."""
    parts, body, length = parts_of(call), call.function("body"), call.details["length"]
    _, carry, _ = parts.split(functions.arguments(body))
    _, starts, _ = parts.split(operands)
    returned = functions.operations(body)[-1].operands
    for start, before, after in zip(starts, carry, returned, strict=False):
        type, first, step = from_ir(before.type), functions.constant(start), growth(before, after)
        if type.rank == 0 and isinstance(first, int) and step is not None and fits(type, first + step * length):
            order = np.arange(length)[::-1] if call.details["reverse"] else np.arange(length)
            yield before, (first + step * order).astype(type.dtype)


def growth(before: ir.Value, after: ir.Value) -> int | None:
    """What is added to an integer in every iteration, if that is a constant."""
    if isinstance(after.owner, ir.Block) or after.owner.operation.name != "lamina.add":
        return None
    steps = [functions.constant(x) for x in after.owner.operation.operands if x != before]
    return steps[0] if len(steps) == 1 and isinstance(steps[0], int) else None


def fits(type: TensorType, number: int) -> bool:
    """Whether a counter reaches a number without overflow."""
    limits = np.iinfo(type.dtype)
    return limits.min <= number <= min(limits.max, np.iinfo(np.int64).max)


def _in_all_iterations(
    call: Call, counters: dict[ir.Value, np.ndarray], values: Sequence[ir.Value]
) -> Sequence[np.ndarray]:
    """What values that depend on nothing but counters are."""
    if not values:
        return []
    module, body = call.module, call.function("body")
    ops = functions.live(functions.operations(body)[:-1], values)
    one = functions.outline(module, f"{functions.symbol(body)}.places", list(counters), ops, values, body.location)
    batch = Batch(call.details["length"])
    mapped = derive.declare_vmap(module, one, [True] * len(counters), batch, [True] * len(values))
    derive.flatten(module, mapped)
    found = interpreter.run(mapped, list(counters.values()), module)
    functions.erase(module, mapped)
    functions.erase(module, one)
    return found


def _walk(op: ir.Operation, starts: np.ndarray) -> _Walk | None:
    """Of starts inside of the array that move by the same step along one dimension, where the slice has size 1."""
    details, shape = lookup(op.name).decode_attributes(op), from_ir(op.operands[0].type).shape
    sizes, starts = details["sizes"], starts.astype(np.int64)
    steps = starts[1:] - starts[:-1]
    moving = np.flatnonzero(steps.any(axis=0))
    is_inside = (starts >= 0).all() and (starts <= np.subtract(shape, sizes)).all()
    if details["batch_dimensions"] or len(moving) != 1 or not is_inside or (steps != steps[0]).any():
        return None
    d = int(moving[0])
    if sizes[d] != 1:
        return None
    return _Walk(tuple(map(int, starts[0])), tuple(sizes), d, int(steps[0, d]), len(starts))

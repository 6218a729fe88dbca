"""What can go wrong in an op while a program runs: nan, division by zero, indices out of bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .builder import Builder
from .mlir import ir
from .opdef import lookup
from .ops.windows import DIMENSIONS, Windows
from .types import BY_SHORT_NAME, TensorType, from_ir

CATEGORIES = ("user", "nan", "div", "index")
_I32 = BY_SHORT_NAME["i32"]
_MOVING = ("shape", "slicing", "gather", "index", "marker", "random", "comparison", "sort", "convert")  # no arithmetic


class Check(NamedTuple):
    """What one error code stands for. The payload are arrays that say more about the failure."""

    category: str  # of CATEGORIES
    what: str  # name of the op, or of the callback that a check of the user's is
    shape: tuple[int, ...]  # of the indexed array
    payload: tuple[TensorType, ...]
    location: ir.Location


class Failure(NamedTuple):
    """Whether a check fails, as a value of the program, and its payload."""

    failed: ir.Value
    check: Check
    payload: list[ir.Value]


def checks_before(b: Builder, op: ir.Operation, operands: Sequence[ir.Value]) -> Iterator[Failure]:
    """What the operands of an op say."""
    name = op.name.removeprefix("lamina.")
    if name == "div":
        yield Failure(_any(b, b.eq(operands[1], 0)), Check("div", name, (), (), op.location), [])
    bounds = _bounds(name, op)
    if bounds is not None and from_ir(op.operands[bounds.operand].type).size:
        indices = operands[bounds.operand]
        outside, payload = _outside(b, indices, bounds)
        shape = from_ir(op.operands[0].type).shape
        check = Check("index", name, shape, (TensorType((3,), _I32),), op.location)
        yield Failure(outside, check, [payload])


def checks_after(b: Builder, op: ir.Operation, results: Sequence[ir.Value]) -> Iterator[Failure]:
    """What the results of an op say."""
    record = lookup(op.name)
    if record.family in _MOVING:
        return
    bad = [_any(b, b.ne(x, x)) for x in results if from_ir(x.type).differentiable and from_ir(x.type).size]
    for one in bad:
        yield Failure(one, Check("nan", record.name, (), (), op.location), [])


def _any(b: Builder, x: ir.Value) -> ir.Value:
    return b.reduce_or(x, axes=tuple(range(len(b.shape(x)))))


class _Bounds(NamedTuple):
    """The operand with index vectors; for each entry of one the dimension it indexes, its size, the largest start."""

    operand: int
    dimensions: tuple[int, ...]
    sizes: tuple[int, ...]
    limits: tuple[int, ...]


def _bounds(name: str, op: ir.Operation) -> _Bounds | None:
    if not (name in ("gather", "dynamic_slice", "dynamic_update_slice") or name.startswith("scatter")):
        return None
    attributes = lookup(op.name).decode_attributes(op)
    types = [from_ir(x.type) for x in op.operands]
    extents = types[0].shape
    if name.startswith("dynamic"):
        first = attributes["batch_dimensions"]
        sizes = attributes["sizes"] if name == "dynamic_slice" else types[1].shape[first:]
        dimensions = tuple(range(first, len(extents)))
        windows = dict(zip(dimensions, sizes, strict=True))
        operand = len(types) - 1
    else:
        dimensions, operand = attributes["index_map"], 1
        if name == "gather":
            windows = dict(enumerate(attributes["sizes"]))
        else:
            windows = _written(extents, types[1].shape[:-1], types[2].shape, attributes)
    limits = tuple(extents[d] - windows[d] for d in dimensions)
    return _Bounds(operand, tuple(dimensions), tuple(extents[d] for d in dimensions), limits)


def _written(extents: Any, points: Any, updates: Any, attributes: Any) -> dict[int, int]:
    """The sizes of the windows that a scatter writes, by dimension."""
    where = Windows(extents, points, (1,) * len(extents), **{name: attributes[name] for name in DIMENSIONS})
    return dict.fromkeys(range(len(extents)), 1) | {
        d: updates[w] for d, w in zip(where.windowed, where.window_dims, strict=True)
    }


def _outside(b: Builder, indices: ir.Value, bounds: _Bounds) -> tuple[ir.Value, ir.Value]:
    """Whether any index is out of bounds, and of the first such: the index, the dimension, and its size."""
    type = b.type(indices)
    largest = np.iinfo(type.dtype).max
    limits = np.array([min(max(limit, 0), largest) for limit in bounds.limits], type.dtype)
    wrong = b.gt(indices, _repeated(b, limits, type.shape))
    if type.dtype.kind == "i":
        wrong = b.or_(wrong, b.lt(indices, 0))
    flat = b.reshape(wrong, shape=(type.size,))
    place = b.argmax(b.convert(flat, dtype=_I32), axis=0, dtype=_I32)
    details = [
        b.convert(indices, dtype=_I32),
        *(_repeated(b, np.array(n, np.int32), type.shape) for n in (bounds.dimensions, bounds.sizes)),
    ]
    chosen = [element(b, b.reshape(x, shape=(type.size,)), place) for x in details]
    payload = b.concatenate(b.concatenate(chosen[0], chosen[1], dimension=0), chosen[2], dimension=0)
    return _any(b, flat), payload


def _repeated(b: Builder, vector: np.ndarray, shape: tuple[int, ...]) -> ir.Value:
    return b.broadcast_in_dim(b.constant_array(vector), shape=shape, dimensions=(len(shape) - 1,))


def element(b: Builder, x: ir.Value, place: ir.Value) -> ir.Value:
    """The slice of x at a place of its first dimension, which stays with size 1."""
    rest = b.shape(x)[1:]
    start = b.reshape(place, shape=(1,))
    if rest:
        start = b.concatenate(start, b.constant_array(np.zeros(len(rest), np.int32)), dimension=0)
    return b.dynamic_slice(x, start, sizes=(1, *rest), batch_dimensions=0)


def user_failure(b: Builder, name: str, operands: Sequence[ir.Value], location: ir.Location) -> Failure:
    """A check of the user's: its predicate, one or (under vmap) several, and what its message shows of the first."""
    predicate, *payload = operands
    lead = b.shape(predicate)
    if lead:
        count = int(np.prod(lead))
        failed = b.not_(b.reshape(predicate, shape=(count,)))
        place = b.argmax(b.convert(failed, dtype=_I32), axis=0, dtype=_I32)
        rest = [b.shape(x)[len(lead) :] for x in payload]
        payload = [
            b.reshape(element(b, b.reshape(x, shape=(count, *own)), place), shape=own)
            for x, own in zip(payload, rest, strict=True)
        ]
        failed = _any(b, failed)
    else:
        failed = b.not_(predicate)
    return Failure(failed, Check("user", name, (), tuple(from_ir(x.type) for x in payload), location), payload)

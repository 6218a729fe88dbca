"""Ops that cut, pad and join arrays at positions known at trace time."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..attributes import INT, INTS
from ..kernels.batch import pays
from ..kernels.strided_copy import copy_strided, is_worth_it
from ..linalg_builder import splat_element
from ..opdef import OpDef, OpError, Sample, register, require_axes
from ..types import BOOL_DTYPE, Shape, TensorType
from .shape import SAMPLE_DTYPES, counting, linear_jvp, shape_samples


def _slice_infer(x: TensorType, start: Shape, limit: Shape, strides: Shape) -> TensorType:
    if not len(start) == len(limit) == len(strides) == x.rank:
        raise OpError(f"start, limit and strides need one entry for each of the operand's {x.rank} dimensions")
    for first, last, stride, size in zip(start, limit, strides, x.shape, strict=True):
        if not (0 <= first <= last <= size and stride >= 1):
            raise OpError(f"slice {tuple(start)} to {tuple(limit)} by {tuple(strides)} is not within {x}")
    return TensorType(tuple(-(-(b - a) // s) for a, b, s in zip(start, limit, strides, strict=True)), x.dtype)


def _slice_reference(x: np.ndarray, start: Shape, limit: Shape, strides: Shape) -> np.ndarray:
    return x[tuple(slice(a, b, s) for a, b, s in zip(start, limit, strides, strict=True))]


def _slice_transpose(
    b: Any, ct: Any, operands: Any, types: Any, start: Shape, limit: Shape, strides: Shape
) -> list[Any]:
    """Pad with zeros: `stride − 1` between, what was cut off around."""
    (x,), sizes = types, b.shape(ct)
    interior = tuple(s - 1 for s in strides)
    reach = [n + max(n - 1, 0) * i for n, i in zip(sizes, interior, strict=True)]
    high = tuple(full - a - r for full, a, r in zip(x.shape, start, reach, strict=True))
    zero = b.zeros(TensorType((), x.dtype))
    return [b.pad(ct, zero, low=tuple(start), high=high, interior=interior)]


def _slice_lower(
    lw: Any, operands: Any, types: Any, result: TensorType, start: Shape, limit: Shape, strides: Shape
) -> Any:
    if result.size == 0:  # its start may lie behind the end, which tensor.extract_slice forbids
        return lw.empty(result)
    if all(stride == 1 for stride in strides):
        return lw.extract_slice(operands[0], start, strides, result)
    if pays(lw, result.size) and is_worth_it(result, strides):
        return copy_strided(lw, operands[0], types[0], result, start, strides)

    def body(inner: Any, _: Any) -> Any:  # IREE cannot read single elements of a strided view: make a copy
        steps = [inner.index_op("muli", inner.loop_index(d), inner.index(s)) for d, s in enumerate(strides)]
        indices = [inner.index_op("addi", step, inner.index(first)) for step, first in zip(steps, start, strict=True)]
        return inner.extract(operands[0], indices)

    return lw.parallel([], [], result, body)


slice_ = register(
    OpDef(
        name="slice",
        doc="Elements start, start + stride, … below limit, in every dimension.",
        operands=("x",),
        attributes={"start": INTS, "limit": INTS, "strides": INTS},
        infer=_slice_infer,
        reference=_slice_reference,
        jvp=linear_jvp("slice"),
        transpose=_slice_transpose,
        batch=lambda b, operands, batched, size, start, limit, strides: b.slice(
            *operands, start=(0, *start), limit=(size, *limit), strides=(1, *strides)
        ),
        lower=_slice_lower,
        samples=shape_samples(
            ((4, 5), {"start": (1, 0), "limit": (3, 5), "strides": (1, 1)}),
            ((4, 5), {"start": (0, 1), "limit": (4, 5), "strides": (3, 2)}),
            ((4, 5), {"start": (2, 0), "limit": (2, 5), "strides": (1, 1)}),
        ),
        family="slicing",
    )
)


def _pad_infer(x: TensorType, value: TensorType, low: Shape, high: Shape, interior: Shape) -> TensorType:
    if value != TensorType((), x.dtype):
        raise OpError(
            f"the padding value must be a scalar of the operand's dtype, {TensorType((), x.dtype)}, not {value}"
        )
    if not len(low) == len(high) == len(interior) == x.rank:
        raise OpError(f"low, high and interior need one entry for each of the operand's {x.rank} dimensions")
    if any(i < 0 for i in interior):
        raise OpError(f"interior padding {tuple(interior)} must not be negative")
    sizes = [lo + n + max(n - 1, 0) * i + hi for n, lo, hi, i in zip(x.shape, low, high, interior, strict=True)]
    if any(size < 0 for size in sizes):
        raise OpError(f"padding {x} by low {tuple(low)} and high {tuple(high)} leaves a negative size")
    return TensorType(tuple(sizes), x.dtype)


def pad_reference(x: np.ndarray, value: np.ndarray, low: Shape, high: Shape, interior: Shape) -> np.ndarray:
    result = _pad_infer(TensorType(x.shape, x.dtype), TensorType((), x.dtype), low, high, interior)
    out = np.full(result.shape, value, x.dtype)
    places = [lo + np.arange(n) * (i + 1) for n, lo, i in zip(x.shape, low, interior, strict=True)]
    stays = [(place >= 0) & (place < size) for place, size in zip(places, result.shape, strict=True)]
    out[np.ix_(*(place[stay] for place, stay in zip(places, stays, strict=True)))] = x[np.ix_(*stays)]
    return out


def _pad_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    if tangents[0] is None and tangents[1] is None:
        return None
    dx, dvalue = (b.instantiate(t, p) for t, p in zip(tangents, primals, strict=True))
    return b.pad(dx, dvalue, **attributes)


def _inside(b: Any, shape: Shape, low: Shape, high: Shape, interior: Shape) -> Any:
    """Where a padded array has elements of the array, not the padding value."""
    true, false = (b.full(TensorType(s, BOOL_DTYPE), v) for s, v in ((shape, True), ((), False)))
    return b.pad(true, false, low=low, high=high, interior=interior)


def _pad_transpose(b: Any, ct: Any, operands: Any, types: Any, low: Shape, high: Shape, interior: Shape) -> list[Any]:
    """Undo the edges by negative padding, the interior by a strided slice; the value gets the sum of the rest."""
    x, value = operands
    rank, zero = len(low), b.zeros(types[1])
    trimmed = b.pad(ct, zero, low=tuple(-lo for lo in low), high=tuple(-hi for hi in high), interior=(0,) * rank)
    strides = tuple(i + 1 for i in interior)
    inner = b.slice(trimmed, start=(0,) * rank, limit=b.shape(trimmed), strides=strides)
    outside = None
    if value is None:
        inside = _inside(b, types[0].shape, low, high, interior)
        outside = b.reduce_sum(b.select(inside, b.full_like(ct, 0), ct), axes=tuple(range(rank)))
    return [inner if x is None else None, outside]


def _pad_batch(b: Any, operands: Any, batched: Any, size: int, low: Shape, high: Shape, interior: Shape) -> Any:
    x, value = operands
    edges = {"low": (0, *low), "high": (0, *high), "interior": (0, *interior)}
    if not batched[1]:
        return b.pad(x, value, **edges)
    # a padding value per example: pad a mask, and choose
    x = x if batched[0] else b.add_batch(x, size)
    inside = _inside(b, b.shape(x), **edges)
    padded = b.pad(x, b.zeros(TensorType((), b.type(x).dtype)), **edges)
    spread = b.broadcast_in_dim(value, shape=b.shape(padded), dimensions=(0,))
    return b.select(inside, padded, spread)


def pad_lower(lw: Any, operands: Any, types: Any, result: TensorType, low: Shape, high: Shape, interior: Shape) -> Any:
    (x, value), (type, _) = operands, types
    if result.size == 0:
        return lw.empty(result)
    if type.size == 0:
        return lw.parallel([value], [()], result, lambda inner, args: args[0])
    number = splat_element(value)
    if number is not None and not any(interior) and min((*low, *high), default=0) >= 0:
        fill = lw.op("arith.constant", [number.type], (), {"value": number}).result
        return lw.pad(x, low, high, fill, result)

    def body(inner: Any, args: Any) -> Any:
        inside, indices = None, []
        for d, (lo, step, size) in enumerate(zip(low, (i + 1 for i in interior), type.shape, strict=True)):
            shifted = inner.index_op("subi", inner.loop_index(d), inner.index(lo))
            position = shifted if step == 1 else inner.index_op("floordivsi", shifted, inner.index(step))
            index = inner.clamp_index(position, size - 1)
            hit = inner.compare_index("eq", inner.index_op("muli", index, inner.index(step)), shifted)
            inside = hit if inside is None else inner.op("arith.andi", [hit.type], [inside, hit]).result
            indices.append(index)
        element = inner.extract(x, indices)
        return element if inside is None else inner.choose(inside, element, args[0])

    return lw.parallel([value], [()], result, body)


pad = register(
    OpDef(
        name="pad",
        doc="x with `value` around it and between its elements; negative low and high cut off.",
        operands=("x", "value"),
        attributes={"low": INTS, "high": INTS, "interior": INTS},
        infer=_pad_infer,
        reference=pad_reference,
        jvp=_pad_jvp,
        transpose=_pad_transpose,
        batch=_pad_batch,
        lower=pad_lower,
        samples=lambda rng: [
            Sample((counting(dtype, (2, 3)), counting(dtype, ())), {"low": low, "high": high, "interior": interior})
            for dtype in SAMPLE_DTYPES
            for low, high, interior in [
                ((1, 0), (0, 2), (0, 0)),
                ((0, 1), (0, 1), (2, 1)),
                ((-1, 0), (1, -2), (0, 1)),
                ((-3, 1), (4, -3), (0, 1)),
            ]
        ],
        family="slicing",
    )
)


def _concatenate_infer(x: TensorType, y: TensorType, dimension: int) -> TensorType:
    require_axes((dimension,), x.rank, "dimension")
    along = [n for i, n in enumerate(x.shape) if i != dimension]
    if x.dtype != y.dtype or x.rank != y.rank or along != [n for i, n in enumerate(y.shape) if i != dimension]:
        raise OpError(
            f"{x} and {y} cannot be joined along dimension {dimension}: the other dimensions and dtypes must agree"
        )
    shape = list(x.shape)
    shape[dimension] += y.shape[dimension]
    return TensorType(tuple(shape), x.dtype)


def _concatenate_jvp(b: Any, tangents: Any, primals: Any, result: Any, dimension: int) -> Any:
    if tangents[0] is None and tangents[1] is None:
        return None
    dx, dy = (b.instantiate(t, p) for t, p in zip(tangents, primals, strict=True))
    return b.concatenate(dx, dy, dimension=dimension)


def _concatenate_transpose(b: Any, ct: Any, operands: Any, types: Any, dimension: int) -> list[Any]:
    shape = b.shape(ct)
    middle = types[0].shape[dimension]
    split = tuple(middle if d == dimension else n for d, n in enumerate(shape))
    start_y = tuple(middle if d == dimension else 0 for d in range(len(shape)))
    ones = (1,) * len(shape)
    return [
        b.slice(ct, start=(0,) * len(shape), limit=split, strides=ones) if operands[0] is None else None,
        b.slice(ct, start=start_y, limit=shape, strides=ones) if operands[1] is None else None,
    ]


def _concatenate_batch(b: Any, operands: Any, batched: Any, size: int, dimension: int) -> Any:
    return b.concatenate(*b.all_batched(operands, batched, size), dimension=dimension + 1)


def _concatenate_lower(lw: Any, operands: Any, types: Any, result: TensorType, dimension: int) -> Any:
    """A tree of concatenations becomes one tensor.concat: the inner ones are dead afterwards."""
    parts = [part for value in operands for part in _concat_parts(value, dimension)]
    return lw.concat(parts, dimension, result)


def _concat_parts(value: Any, dimension: int) -> list[Any]:
    owner = value.owner
    if getattr(owner, "name", "") == "tensor.concat" and owner.attributes["dim"].value == dimension:
        return list(owner.operands)
    return [value]


concatenate = register(
    OpDef(
        name="concatenate",
        doc="x and y joined along a dimension. (MLIR's Python dialects have no variadic operands of differing types.)",
        operands=("x", "y"),
        attributes={"dimension": INT},
        infer=_concatenate_infer,
        reference=lambda x, y, dimension: np.concatenate([x, y], axis=dimension),
        jvp=_concatenate_jvp,
        transpose=_concatenate_transpose,
        batch=_concatenate_batch,
        lower=_concatenate_lower,
        samples=lambda rng: [
            Sample((counting(dtype, (2, 3)), counting(dtype, shape)), {"dimension": d})
            for dtype in SAMPLE_DTYPES
            for d, shape in ((0, (1, 3)), (1, (2, 4)), (1, (2, 0)))
        ],
        family="slicing",
    )
)

"""Reductions over dimensions, and the positions of extremes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar, targeting
from ..attributes import INTS
from ..opdef import NotDifferentiable, OpDef, Rule, Sample, register, require_axes, require_dtype
from ..types import COMPLEX, FLOAT, INTEGRAL, NUMERIC, ORDERED, SHORT_NAME, TensorType
from .arithmetic import extreme_of
from .contract import ACCUMULATOR
from .elementwise import quiet, uniform
from .shape import reshape_lower

_SAMPLES = [((2, 3, 4), (1,)), ((2, 3, 4), (0, 2)), ((2, 3), (0, 1)), ((2, 3), ()), ((0, 3), (0,)), ((5000,), (0,))]

Axes = tuple[int, ...]


def limits(dtype: np.dtype) -> tuple[Any, Any]:
    """Smallest and largest value, infinities for floats and for both parts of complex numbers."""
    if dtype == np.bool_:
        return False, True
    if dtype in FLOAT:
        return -np.inf, np.inf
    if dtype in COMPLEX:
        return complex(-np.inf, -np.inf), complex(np.inf, np.inf)
    info = np.iinfo(dtype)
    return info.min, info.max


def kept(shape: Sequence[int], axes: Sequence[int]) -> tuple[int, ...]:
    return tuple(d for d in range(len(shape)) if d not in axes)


def spread(b: Any, value: Any, like: TensorType, axes: Sequence[int]) -> Any:
    """Repeat a reduced value over the dimensions it was reduced over."""
    return b.broadcast_in_dim(value, shape=like.shape, dimensions=kept(like.shape, axes))


# Longest run that is added up one after the other; longer ones are split so that rounding errors stay small and the
# outer loop can be distributed. IREE keeps several partial sums in a run.
BLOCK = 1024
_LONG = 64  # a dimension that is long enough to be added up alone, before the others
# Sums of rows go through tiles, which keep a hundred partial sums of each; blocks would only hide which rows are which.
_ROWS = 16
_LONGEST = 1 << 16  # of such rows


def _split(lw: Any, x: Any, type: TensorType, axes: Axes, reduce: Any) -> Any:
    """Reduce the longest of `axes` in blocks first, or None if nothing is that long."""
    longest = max(axes, key=lambda axis: type.shape[axis], default=None)
    length = 0 if longest is None else type.shape[longest]
    rows = math.prod(type.shape[d] for d in kept(type.shape, axes))
    outside = lw.ip.block.owner.name == "func.func"  # a loop may be one kernel, which has no tiles
    in_tiles = outside and rows >= _ROWS and targeting.has_vectors(lw.scalars.module)
    if longest is None or length <= (_LONGEST if in_tiles else BLOCK):
        return None
    blocks = length // BLOCK
    shape = (*type.shape[:longest], blocks, BLOCK, *type.shape[longest + 1 :])
    main = blocks * BLOCK
    head = _take(lw, x, type, longest, 0, main)
    blocked = TensorType(shape, type.dtype)
    x_blocked = reshape_lower(lw, [head], [with_size(type, longest, main)], blocked)
    partial = reduce(lw, x_blocked, blocked, (longest + 1,))
    partial_type = with_size(type, longest, blocks)
    if main < length:
        rest_type = with_size(type, longest, length - main)
        rest = reduce(lw, _take(lw, x, type, longest, main, length), rest_type, (longest,))
        single = with_size(type, longest, 1)
        rest = reshape_lower(lw, [rest], [without(type, longest)], single)
        partial = lw.concat([partial, rest], longest, with_size(type, longest, blocks + 1))
        partial_type = with_size(type, longest, blocks + 1)
    return reduce(lw, partial, partial_type, axes)


def _merged(lw: Any, x: Any, type: TensorType, axes: Axes) -> tuple[Any, TensorType]:
    """Neighbouring dimensions as one."""
    size = math.prod(type.shape[d] for d in axes)
    merged = TensorType((*type.shape[: axes[0]], size, *type.shape[axes[-1] + 1 :]), type.dtype)
    return reshape_lower(lw, [x], [type], merged), merged


def with_size(type: TensorType, axis: int, size: int) -> TensorType:
    return TensorType((*type.shape[:axis], size, *type.shape[axis + 1 :]), type.dtype)


def without(type: TensorType, axis: int) -> TensorType:
    return TensorType((*type.shape[:axis], *type.shape[axis + 1 :]), type.dtype)


def _take(lw: Any, x: Any, type: TensorType, axis: int, first: int, last: int) -> Any:
    if (first, last) == (0, type.shape[axis]):
        return x
    start = [first if d == axis else 0 for d in range(type.rank)]
    return lw.extract_slice(x, start, [1] * type.rank, with_size(type, axis, last - first))


def _reduction(
    name: str,
    doc: str,
    accepts: frozenset[np.dtype],
    reference: Rule,
    combine: Rule,
    identity: Any,
    jvp: Rule | NotDifferentiable,
    transpose: Rule | None = None,
    *,
    needs_elements: bool = False,
) -> OpDef:
    """Register a reduction: `combine` on scalar values, `identity(dtype)` its neutral element."""

    def infer(x: TensorType, axes: Axes) -> TensorType:
        require_dtype("x", x, accepts)
        require_axes(axes, x.rank)
        return TensorType(tuple(n for d, n in enumerate(x.shape) if d not in axes), x.dtype)

    def lower(lw: Any, operands: Any, types: Any, result: TensorType, axes: Axes) -> Any:
        (x,), (type,) = operands, types
        if not axes:
            return x
        wide = ACCUMULATOR.get(type.dtype)  # extremes, too: each step would convert there and back
        if wide is None:
            return reduce(lw, x, type, axes)
        wide_name, narrow_name = SHORT_NAME[wide], SHORT_NAME[type.dtype]
        x = lw.elementwise(lambda v: scalar.convert(v, wide_name), [x], [type], TensorType(type.shape, wide))
        total = reduce(lw, x, TensorType(type.shape, wide), axes)
        wide_result = TensorType(result.shape, wide)
        return lw.elementwise(lambda v: scalar.convert(v, narrow_name), [total], [wide_result], result)

    def reduce(lw: Any, x: Any, type: TensorType, axes: Axes) -> Any:
        if len(axes) > 1 and type.shape[axes[-1]] >= _LONG and 0 not in type.shape:  # first along the innermost
            x = reduce(lw, x, type, axes[-1:])
            return reduce(lw, x, without(type, axes[-1]), axes[:-1])
        if len(axes) > 1 and axes == tuple(range(axes[0], axes[-1] + 1)):  # neighbours are one long dimension
            x, type = _merged(lw, x, type, axes)
            axes = axes[:1]
        done = _split(lw, x, type, axes, reduce)
        if done is not None:
            return done
        result = TensorType(tuple(n for d, n in enumerate(type.shape) if d not in axes), type.dtype)
        return lw.generic(
            [x],
            [range(type.rank)],
            [lw.splat(result, identity(type.dtype))],
            [kept(type.shape, axes)],
            loops=type.rank,
            reductions=axes,
            body=lambda inner, args: [inner.apply(combine, args, [type.dtype] * 2)],
        )[0]

    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in sorted(accepts, key=str):
            for shape, axes in _SAMPLES:
                if (0 in shape and needs_elements) or (shape == (5000,) and dtype != np.float32):
                    continue
                yield Sample((uniform(0.5, 2)(rng, dtype, shape),), {"axes": axes})

    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x",),
            attributes={"axes": INTS},
            infer=infer,
            reference=quiet(reference),
            jvp=jvp,
            transpose=transpose,
            batch=lambda b, operands, batched, size, axes: getattr(b, name)(*operands, axes=tuple(a + 1 for a in axes)),
            lower=lower,
            samples=draw,
            family="reduce",
        )
    )


def _sum_reference(x: np.ndarray, axes: Axes) -> np.ndarray:
    if x.dtype in ACCUMULATOR:
        return np.sum(x.astype(np.float32), axis=axes).astype(x.dtype)
    return np.sum(x, axis=axes, dtype=x.dtype)


def _prod_reference(x: np.ndarray, axes: Axes) -> np.ndarray:
    if x.dtype in ACCUMULATOR:
        return np.prod(x.astype(np.float32), axis=axes).astype(x.dtype)
    return np.prod(x, axis=axes, dtype=x.dtype)


def _sum_jvp(b: Any, tangents: Any, primals: Any, result: Any, axes: Axes) -> Any:
    return None if tangents[0] is None else b.reduce_sum(tangents[0], axes=axes)


reduce_sum = _reduction(
    "reduce_sum",
    "Sum over the axes; long float sums are added up in blocks, f16 and bf16 in f32.",
    NUMERIC,
    _sum_reference,
    scalar.add,
    lambda dtype: 0,
    _sum_jvp,
    lambda b, ct, operands, types, axes: [spread(b, ct, types[0], axes)],
)


def _exclusive_product(b: Any, x: Any, axis: int, *, reverse: bool) -> Any:
    """Product of all earlier (reverse: later) elements along the axis, by doubling (Hillis & Steele 1986)."""
    type = b.type(x)
    one = b.full(TensorType((), type.dtype), 1)

    def shifted(value: Any, distance: int) -> Any:
        first, last = (-distance, distance) if reverse else (distance, -distance)
        low = tuple(first if d == axis else 0 for d in range(type.rank))
        high = tuple(last if d == axis else 0 for d in range(type.rank))
        return b.pad(value, one, low=low, high=high, interior=(0,) * type.rank)

    product, distance = shifted(x, 1), 1
    while distance < type.shape[axis]:
        product = b.mul(product, shifted(product, distance))
        distance *= 2
    return product


def _prod_jvp(b: Any, tangents: Any, primals: Any, result: Any, axes: Axes) -> Any:
    """Σ dxᵢ · Π_{j≠i} xⱼ with prefix and suffix products: right where elements are zero."""
    (dx,), (x,) = tangents, primals
    if dx is None:
        return None
    type = b.type(x)
    order = (*kept(type.shape, axes), *axes)
    outer = tuple(type.shape[d] for d in kept(type.shape, axes))
    flat = (*outer, math.prod(type.shape[d] for d in axes))
    x, dx = (b.reshape(b.transpose(v, permutation=order), shape=flat) for v in (x, dx))
    axis = len(outer)
    others = b.mul(_exclusive_product(b, x, axis, reverse=False), _exclusive_product(b, x, axis, reverse=True))
    return b.reduce_sum(b.mul(dx, others), axes=(axis,))


reduce_prod = _reduction(
    "reduce_prod", "Product over the axes.", NUMERIC, _prod_reference, scalar.multiply, lambda dtype: 1, _prod_jvp
)


def _extreme_jvp(b: Any, tangents: Any, primals: Any, result: Any, axes: Axes) -> Any:
    """Mean of the tangents at the places where the extreme is attained."""
    (dx,), (x,) = tangents, primals
    type = b.type(x)
    if dx is None or type.size == 0:
        return None
    hit = b.convert(b.eq(x, spread(b, result, type, axes)), dtype=type.dtype)
    return b.div(b.reduce_sum(b.mul(dx, hit), axes=axes), b.reduce_sum(hit, axes=axes))


reduce_max = _reduction(
    "reduce_max",
    "Largest element over the axes, complex by real, then imaginary part; nan if any is. The smallest of the "
    "dtype where there is none.",
    ORDERED | COMPLEX,
    lambda x, axes: np.max(x, axis=axes, initial=limits(x.dtype)[0]).astype(x.dtype),
    extreme_of(scalar.flushing_maximum, scalar.greater),
    lambda dtype: limits(dtype)[0],
    _extreme_jvp,
)
reduce_min = _reduction(
    "reduce_min",
    "Smallest element over the axes, complex by real, then imaginary part; nan if any is. The largest of the "
    "dtype where there is none.",
    ORDERED | COMPLEX,
    lambda x, axes: np.min(x, axis=axes, initial=limits(x.dtype)[1]).astype(x.dtype),
    extreme_of(scalar.flushing_minimum, scalar.less),
    lambda dtype: limits(dtype)[1],
    _extreme_jvp,
)

_BITS = NotDifferentiable("it works on bits, not on real numbers")
for _name, _doc, _ufunc, _combine, _identity in [
    (
        "reduce_and",
        "Bitwise and over the axes; whether all hold, for booleans.",
        np.bitwise_and,
        scalar.bitwise_and,
        -1,
    ),
    ("reduce_or", "Bitwise or over the axes; whether any holds, for booleans.", np.bitwise_or, scalar.bitwise_or, 0),
    ("reduce_xor", "Bitwise exclusive or over the axes; parity, for booleans.", np.bitwise_xor, scalar.bitwise_xor, 0),
]:

    def _neutral(dtype: np.dtype, identity: int = _identity) -> Any:
        return np.asarray(identity).astype(dtype).item()

    def _bit_reference(x: np.ndarray, axes: Axes, ufunc: Any = _ufunc, neutral: Any = _neutral) -> np.ndarray:
        return np.asarray(ufunc.reduce(x, axis=axes, initial=neutral(x.dtype), dtype=x.dtype))

    _reduction(_name, _doc, INTEGRAL, _bit_reference, _combine, _neutral, _BITS)

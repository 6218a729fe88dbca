"""searchsorted: where elements belong in a sorted array, by binary search."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar, targeting
from ..attributes import DTYPE, INT, STRING
from ..kernels.search import search_lower
from ..opdef import NotDifferentiable, OpDef, OpError, Sample, register, require_dtype
from ..types import ANY, BY_SHORT_NAME, COMPLEX, INTEGER, TensorType
from .elementwise import quiet, uniform

_SIDES = ("left", "right")


def _infer(a: TensorType, v: TensorType, side: str, batch_dimensions: int, dtype: np.dtype) -> TensorType:
    require_dtype("a", a, ANY)
    if a.dtype != v.dtype:
        raise OpError(f"operands must have the same dtype, but 'a' is {a} and 'v' is {v}")
    if a.rank != batch_dimensions + 1 or a.shape[:-1] != v.shape[:batch_dimensions]:
        raise OpError(
            f"after {batch_dimensions} batch dimensions, equal in both, 'a' must have one dimension, but 'a' is {a} "
            f"and 'v' is {v}"
        )
    if side not in _SIDES:
        raise OpError(f"side must be left or right, not {side!r}")
    if dtype not in INTEGER:
        raise OpError(f"positions have an integer dtype, not {dtype}")
    return TensorType(v.shape, dtype)


def _reference(a: np.ndarray, v: np.ndarray, side: Any, batch_dimensions: int, dtype: np.dtype) -> np.ndarray:
    if a.dtype.name == "bfloat16":
        a, v = a.astype(np.float32), v.astype(np.float32)
    out = np.empty(v.shape, dtype)
    for i in np.ndindex(a.shape[:-1]):
        out[i] = np.searchsorted(a[i], v[i], side)
    return out


def _precedes(x: Any, y: Any) -> Any:
    """Whether x comes before y in sorted order: nan is last, complex numbers go by real, then imaginary part."""
    if x.type in _COMPLEX_NAMES:
        first, second = scalar.real(x), scalar.real(y)
        tie = scalar.bitwise_not(scalar.bitwise_or(_precedes(first, second), _precedes(second, first)))
        later = _precedes(scalar.imag(x), scalar.imag(y))
        return scalar.bitwise_or(_precedes(first, second), scalar.bitwise_and(tie, later))
    before = scalar.less(x, y)
    if not x.is_float:
        return before
    return scalar.bitwise_or(before, scalar.bitwise_and(scalar.is_nan(y), scalar.bitwise_not(scalar.is_nan(x))))


_COMPLEX_NAMES = {scalar.type_of(dtype) for dtype in COMPLEX}


def _stays_right(element: Any, value: Any) -> Any:
    return scalar.bitwise_not(_precedes(value, element))


def _lower(
    lw: Any, operands: Any, types: Any, result: TensorType, side: str, batch_dimensions: int, dtype: np.dtype
) -> Any:
    """log₂ n steps without a branch: the result grows by 2ᵏ where the element there still comes before the value."""
    (a, v), (a_type, _) = operands, types
    size = a_type.shape[-1]
    if size == 0 or result.size == 0:
        return lw.splat(result, 0)
    if targeting.has_vectors(lw.scalars.module) and a_type.dtype not in COMPLEX:
        return search_lower(lw, operands, types, result, side, batch_dimensions)
    before = _precedes if side == "left" else _stays_right

    def body(inner: Any, args: Any) -> Any:
        value, found = args[0], inner.index(0)
        batch = [inner.loop_index(d) for d in range(batch_dimensions)]
        for k in reversed(range(size.bit_length())):
            next_ = inner.index_op("addi", found, inner.index(1 << k))
            place = inner.clamp_index(inner.index_op("subi", next_, inner.index(1)), size - 1)
            holds = inner.apply(before, [inner.extract(a, [*batch, place]), value], [a_type.dtype] * 2)
            fits = inner.compare_index("sle", next_, inner.index(size))
            both = inner.op("arith.andi", [holds.type], [holds, fits]).result
            found = inner.choose(both, next_, found)
        return inner.from_index(found, dtype)

    return lw.parallel([v], [range(result.rank)], result, body)


def _batch(b: Any, operands: Any, batched: Sequence[bool], size: int, batch_dimensions: int, **attributes: Any) -> Any:
    if not batched[0] and not batch_dimensions:
        return b.searchsorted(*operands, batch_dimensions=0, **attributes)
    operands = b.all_batched(operands, batched, size)
    return b.searchsorted(*operands, batch_dimensions=batch_dimensions + 1, **attributes)


def _samples(rng: np.random.Generator) -> Iterable[Sample]:
    for turn, dtype in enumerate(sorted(ANY, key=str)):
        for a, v, batch in (((7,), (2, 3), 0), ((2, 5), (2, 3), 1), ((1,), (), 0), ((0,), (2,), 0)):
            values = np.sort(uniform(-3, 4)(rng, dtype, a).astype(np.complex64 if dtype in COMPLEX else np.float32))
            if dtype not in COMPLEX:
                values = values.real
            wanted = uniform(-4, 5)(rng, dtype, v)
            if math.prod(v) and math.prod(a):
                wanted.flat[0] = values.astype(dtype).flat[0]
            attributes = {"side": _SIDES[turn % 2], "batch_dimensions": batch, "dtype": BY_SHORT_NAME["i32"]}
            yield Sample((values.astype(dtype), wanted), attributes)
    special = np.array([-np.inf, -1, -0.0, 0.0, np.inf, np.nan, np.nan], np.float32)
    for side in _SIDES:
        yield Sample((special, special), {"side": side, "batch_dimensions": 0, "dtype": BY_SHORT_NAME["i64"]})


searchsorted = register(
    OpDef(
        name="searchsorted",
        doc="How many elements of the sorted vector `a` come before each element of v (side left), or do not come "
        "after it (right), in the order of `sort`. Leading batch dimensions: one vector for each part of v.",
        operands=("a", "v"),
        attributes={"side": STRING, "batch_dimensions": INT, "dtype": DTYPE},
        infer=_infer,
        reference=quiet(_reference),
        jvp=NotDifferentiable("a position is an integer"),
        transpose=None,
        batch=_batch,
        lower=_lower,
        samples=_samples,
        family="sort",
    )
)

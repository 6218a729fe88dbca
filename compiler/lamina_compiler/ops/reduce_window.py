"""Reductions over windows that slide over an array, and where in its window an extreme is.

The derivative of an extreme is that of the element it is taken from: `window_argmax` finds it, `window_take` reads the
tangent there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import INTS
from ..opdef import NotDifferentiable, OpDef, Rule, Sample, register, require_dtype
from ..types import COMPLEX, NUMERIC, ORDERED, Shape, TensorType
from .arithmetic import maximum, minimum
from .contract import ACCUMULATOR
from .elementwise import quiet
from .reduce import limits
from .sequential import in_wide
from .window_geometry import (
    ATTRIBUTES,
    POSITION,
    WINDOW_CASES,
    Windows,
    counted,
    over_windows,
    plain_geometry,
    window_batch,
)

# ---- reductions -----------------------------------------------------------------------------------------------------


def _samples(accepts: frozenset[np.dtype]) -> Callable[[np.random.Generator], Iterable[Sample]]:
    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in sorted(accepts, key=str):
            for shape, attributes in WINDOW_CASES:
                values = rng.permutation(math.prod(shape)).reshape(shape) * 0.25 - 1  # no two equal
                if dtype in COMPLEX:
                    values = values + 1j * rng.permutation(math.prod(shape)).reshape(shape)
                yield Sample((values.astype(dtype),), {**plain_geometry(len(shape)), **attributes})

    return draw


def _reduction(
    name: str,
    doc: str,
    accepts: frozenset[np.dtype],
    ufunc: Any,
    combine: Rule,
    identity: Rule,
    jvp: Rule,
    transpose: Rule | None = None,
    *,
    rounds: bool,
) -> OpDef:
    """Register one: `combine` on scalar values, with `identity(dtype)`; `rounds`: f16 and bf16 accumulate in f32."""

    def infer(x: TensorType, window: Shape, **geometry: Shape) -> TensorType:
        require_dtype("x", x, accepts)
        return TensorType(counted(x, window, geometry), x.dtype)

    def reference(x: np.ndarray, window: Shape, **geometry: Shape) -> np.ndarray:
        wide = ACCUMULATOR.get(x.dtype, x.dtype) if rounds else x.dtype
        seen = Windows(**geometry).view(x, window, identity(x.dtype))
        return ufunc.reduce(seen, axis=tuple(range(x.ndim, 2 * x.ndim)), dtype=wide).astype(x.dtype, copy=False)

    def lower(lw: Any, operands: Any, types: Any, result: TensorType, window: Shape, **geometry: Shape) -> Any:
        windows = Windows(**geometry)
        if result.size == 0:
            return lw.empty(result)

        def reduce(values: Any, type: TensorType) -> Any:
            neutral = identity(type.dtype)
            x, _ = windows.pad(lw, values[0], type, neutral)

            def body(inner: Any, args: list[Any], _: Any) -> list[Any]:
                return [inner.apply(combine, args, [type.dtype] * 2)]

            init = lw.splat(TensorType(result.shape, type.dtype), neutral)
            return over_windows(lw, [x], [], window, windows, [init], body)[0]

        return in_wide(lw, operands, types[0], result, reduce) if rounds else reduce(operands, types[0])

    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x",),
            attributes={"window": INTS, **ATTRIBUTES},
            infer=infer,
            reference=quiet(reference),
            jvp=jvp,
            transpose=transpose,
            batch=window_batch(name),
            lower=lower,
            samples=_samples(accepts),
            family="reduce_window",
        )
    )


def _sum_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Shape) -> Any:
    return None if tangents[0] is None else b.reduce_window_sum(tangents[0], **attributes)


def _sum_transpose(b: Any, ct: Any, operands: Any, types: Any, window: Shape, **geometry: Shape) -> list[Any]:
    if 0 in b.shape(ct):
        return [b.zeros(types[0])]
    windows = Windows(**geometry).transposed(types[0].shape, window)
    return [b.reduce_window_sum(ct, window=window, **vars(windows))]


def _prod_jvp(b: Any, tangents: Any, primals: Any, result: Any, window: Shape, **geometry: Shape) -> Any:
    """The product rule, one element of the windows after the other: right where elements are zero."""
    (dx,), (x,) = tangents, primals
    if dx is None:
        return None
    windows, type = Windows(**geometry), b.type(x)
    interior = tuple(d - 1 for d in windows.x_dilation)
    edges = {"low": windows.low, "high": windows.high, "interior": interior}
    x, dx = (b.pad(v, b.full(TensorType((), type.dtype), fill), **edges) for v, fill in ((x, 1), (dx, 0)))
    value = b.full_like(result, 1)
    tangent = b.full_like(result, 0)
    if 0 in b.shape(result):
        return tangent
    for offset in product(*map(range, window)):
        start = tuple(i * d for i, d in zip(offset, windows.w_dilation, strict=True))
        sizes = zip(start, b.shape(result), windows.strides, strict=True)
        limit = tuple(first + (n - 1) * stride + 1 for first, n, stride in sizes)
        each, change = (b.slice(v, start=start, limit=limit, strides=windows.strides) for v in (x, dx))
        tangent = b.add(b.mul(tangent, each), b.mul(value, change))
        value = b.mul(value, each)
    return tangent


def _extreme_jvp(argument: str) -> Rule:
    def jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Shape) -> Any:
        if tangents[0] is None:
            return None
        where = getattr(b, argument)(primals[0], **attributes)
        return b.window_take(tangents[0], where, **attributes)

    return jvp


reduce_window_sum = _reduction(
    "reduce_window_sum",
    "Sums over windows; f16 and bf16 are added up in f32.",
    NUMERIC,
    np.add,
    scalar.add,
    lambda dtype: 0,
    _sum_jvp,
    _sum_transpose,
    rounds=True,
)
reduce_window_prod = _reduction(
    "reduce_window_prod",
    "Products over windows; f16 and bf16 are multiplied in f32.",
    NUMERIC,
    np.multiply,
    scalar.multiply,
    lambda dtype: 1,
    _prod_jvp,
    rounds=True,
)
reduce_window_max = _reduction(
    "reduce_window_max",
    "Largest elements of windows; nan if any is.",
    ORDERED,
    np.maximum,
    maximum,
    lambda dtype: limits(dtype)[0],
    _extreme_jvp("window_argmax"),
    rounds=False,
)
reduce_window_min = _reduction(
    "reduce_window_min",
    "Smallest elements of windows; nan if any is.",
    ORDERED,
    np.minimum,
    minimum,
    lambda dtype: limits(dtype)[1],
    _extreme_jvp("window_argmin"),
    rounds=False,
)

# ---- positions of extremes ------------------------------------------------------------------------------------------


def _wins(compare: Rule) -> Rule:
    """Whether a value takes the lead: it is better, or the first nan."""

    def better(value: Any, best: Any) -> Any:
        first_nan = scalar.bitwise_and(scalar.not_equal(value, value), scalar.equal(best, best))
        return scalar.bitwise_or(scalar.bitwise_and(compare(value, best), scalar.equal(best, best)), first_nan)

    return better


def _argument(name: str, doc: str, reference: Any, better: Rule, worst: Rule) -> OpDef:
    """Register one: the search begins at position 0 with `worst(dtype)`, which only a better element replaces."""

    def infer(x: TensorType, window: Shape, **geometry: Shape) -> TensorType:
        require_dtype("x", x, ORDERED)
        return TensorType(counted(x, window, geometry), POSITION)

    def evaluate(x: np.ndarray, window: Shape, **geometry: Shape) -> np.ndarray:
        seen = Windows(**geometry).view(x, window, worst(x.dtype))
        return reference(seen.reshape(*seen.shape[: x.ndim], math.prod(window)), axis=-1).astype(POSITION)

    def lower(lw: Any, operands: Any, types: Any, result: TensorType, window: Shape, **geometry: Shape) -> Any:
        windows, dtype = Windows(**geometry), types[0].dtype
        if result.size == 0:
            return lw.empty(result)
        x, _ = windows.pad(lw, operands[0], types[0], worst(dtype))

        def body(inner: Any, args: list[Any], position: Any) -> list[Any]:
            value, best, at = args
            wins = inner.apply(better, [value, best], [dtype] * 2)
            return [inner.choose(wins, value, best), inner.choose(wins, position(), at)]

        inits = [lw.splat(TensorType(result.shape, dtype), worst(dtype)), lw.splat(result, 0)]
        return over_windows(lw, [x], [], window, windows, inits, body)[1]

    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x",),
            attributes={"window": INTS, **ATTRIBUTES},
            infer=infer,
            reference=quiet(evaluate),
            jvp=NotDifferentiable("a position is an integer"),
            transpose=None,
            batch=window_batch(name),
            lower=lower,
            samples=_samples(ORDERED),
            family="reduce_window",
        )
    )


window_argmax = _argument(
    "window_argmax",
    "Position in the window, in row-major order, of its first largest element; padding counts as the smallest.",
    np.argmax,
    _wins(scalar.greater),
    lambda dtype: limits(dtype)[0],
)
window_argmin = _argument(
    "window_argmin",
    "Position in the window, in row-major order, of its first smallest element; padding counts as the largest.",
    np.argmin,
    _wins(scalar.less),
    lambda dtype: limits(dtype)[1],
)

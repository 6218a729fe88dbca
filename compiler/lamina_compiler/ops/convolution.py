"""Convolutions, in one layout: channels last, in groups; every other layout is a transpose or reshape around it.

``x[n, *places, g, c] , w[*window, g, c, o] → [n, *windows, g, o]``, summed over the window and c. Feature groups are a
reshape away from this, batch groups a transpose; a dimension that vmap adds to both operands becomes part of g.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import DTYPE
from ..kernels.convolution import convolution_kernel, is_worth_a_kernel
from ..opdef import OpDef, OpError, Sample, register, require_dtype
from ..types import BOOL, BY_SHORT_NAME, NUMERIC, SHORT_NAME, Shape, TensorType
from .contract import ACCUMULATOR, multiply_add
from .elementwise import quiet, uniform
from .window_geometry import ATTRIBUTES, Windows, dilated, plain_geometry


def _spatial(type: TensorType) -> Shape:
    return type.shape[1:-2]


def _infer(x: TensorType, w: TensorType, dtype: np.dtype, **geometry: Shape) -> TensorType:
    require_dtype("x", x, NUMERIC | BOOL)
    if x.dtype != w.dtype:
        raise OpError(f"operands must have the same dtype, but 'x' is {x} and 'w' is {w}")
    if x.rank != w.rank or x.rank < 3:
        raise OpError(f"operands must have the same rank, 3 at least, but 'x' is {x} and 'w' is {w}")
    if x.shape[-2:] != w.shape[-3:-1]:
        raise OpError(f"groups and channels of {x} and {w} have different sizes: {x.shape[-2:]} and {w.shape[-3:-1]}")
    windows = Windows(**geometry)
    windows.check(x.rank - 3)
    return TensorType((x.shape[0], *windows.count(_spatial(x), w.shape[:-3]), x.shape[-2], w.shape[-1]), dtype)


# Elements of the matrix of windows that the reference makes at a time.
_MOST_ELEMENTS = 1 << 23


def _reference(x: np.ndarray, w: np.ndarray, dtype: np.dtype, **geometry: Shape) -> np.ndarray:
    windows = Windows(**geometry)
    rank, wide = len(windows.strides), ACCUMULATOR.get(dtype, dtype)
    window = w.shape[:rank]
    shape = (x.shape[0], *windows.count(x.shape[1:-2], window), x.shape[-2], w.shape[-1])
    if not math.prod(shape) or not w.size:
        return np.zeros(shape, dtype)
    seen = windows.view(x, window, 0, first=1)  # n, *windows, g, c, *window
    weights = np.moveaxis(w, rank, 0).reshape(w.shape[rank], -1, w.shape[-1]).astype(wide, copy=False)
    return _products(seen, weights, rank, wide).astype(dtype, copy=False)


def _products(seen: np.ndarray, weights: np.ndarray, rank: int, wide: np.dtype) -> np.ndarray:
    """Windows times weights as one matrix product for each group, in parts that fit into memory."""
    outer = seen.shape[: rank + 1]
    if seen.size > _MOST_ELEMENTS and max(outer) > 1:
        axis = outer.index(max(outer))
        halves = np.array_split(seen, 2, axis)
        return np.concatenate([_products(half, weights, rank, wide) for half in halves], axis)
    groups, count = seen.shape[rank + 1], math.prod(outer)
    order = (rank + 1, *range(rank + 1), *range(rank + 3, 2 * rank + 3), rank + 2)  # g, n, *windows, *window, c
    rows = seen.transpose(order).reshape(groups, count, weights.shape[1]).astype(wide, copy=False)
    return np.moveaxis(np.matmul(rows, weights).reshape(groups, *outer, -1), 0, -2)


# ---- derivatives ----------------------------------------------------------------------------------------------------


def _jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    (dx, dw), (x, w) = tangents, primals
    return b.sum_of(
        [
            None if dx is None else b.convolution(dx, w, **attributes),
            None if dw is None else b.convolution(x, dw, **attributes),
        ]
    )


def _transpose(b: Any, ct: Any, operands: Any, types: Any, dtype: np.dtype, **geometry: Shape) -> list[Any]:
    """Convolutions again, with strides and dilations exchanged and the paddings that make the sizes right.

    In x: the cotangent with the reversed window, channels in and out exchanged. In w: x with the cotangent as its
    window, batch and channels exchanged.
    """
    x, w = operands
    windows, rank = Windows(**geometry), types[0].rank - 3
    places, window, spatial = _spatial(types[0]), types[1].shape[:-3], tuple(range(rank))

    def in_x() -> Any:
        reversed_ = b.rev(w, dimensions=spatial) if spatial else w
        weights = b.transpose(reversed_, permutation=(*spatial, rank, rank + 2, rank + 1))
        cotangent = _as(b, ct, b.type(w).dtype)
        return b.convolution(cotangent, weights, dtype=types[0].dtype, **vars(windows.transposed(places, window)))

    def in_w() -> Any:
        last = tuple(d + 1 for d in spatial)
        exchanged = b.transpose(x, permutation=(rank + 2, *last, rank + 1, 0))  # c, *places, g, n
        weights = b.transpose(_as(b, ct, b.type(x).dtype), permutation=(*last, rank + 1, 0, rank + 2))
        sizes = zip(windows.count(places, window), windows.strides, windows.padded(places), windows.high, strict=True)
        high = tuple(
            dilated(m, stride) + k - 1 - (n - hi)
            for (m, stride, n, hi), k in zip(sizes, windows.reach(window), strict=True)
        )
        out = b.convolution(
            exchanged,
            weights,
            strides=windows.w_dilation,
            low=windows.low,
            high=high,
            x_dilation=windows.x_dilation,
            w_dilation=windows.strides,
            dtype=types[1].dtype,
        )  # c, *window, g, o
        return b.transpose(out, permutation=(*last, rank + 1, 0, rank + 2))

    empty = 0 in b.shape(ct)
    return [
        None if x is not None else b.zeros(types[0]) if empty else in_x(),
        None if w is not None else b.zeros(types[1]) if empty else in_w(),
    ]


def _as(b: Any, value: Any, dtype: np.dtype) -> Any:
    return value if b.type(value).dtype == dtype else b.convert(value, dtype=dtype)


def _batch(b: Any, operands: Any, batched: Sequence[bool], size: int, **attributes: Any) -> Any:
    """Of x alone: more examples. Of w alone: more output channels. Of both: more groups."""
    x, w = operands
    if not batched[1]:
        _, n, *rest = b.shape(x)
        out = b.convolution(b.reshape(x, shape=(size * n, *rest)), w, **attributes)
        return b.reshape(out, shape=(size, n, *b.shape(out)[1:]))
    if not batched[0]:
        *rest, features = b.shape(w)[1:]
        w = b.reshape(b.move_dimension(w, 0, len(rest)), shape=(*rest, size * features))
        out = b.convolution(x, w, **attributes)
        *rest, _ = b.shape(out)
        return b.move_dimension(b.reshape(out, shape=(*rest, size, features)), len(rest), 0)
    groups = b.shape(x)[-2]
    x, w = (_into_groups(b, value, len(b.shape(value)) - after) for value, after in ((x, 3), (w, 4)))
    out = b.convolution(x, w, **attributes)
    *rest, _, features = b.shape(out)
    return b.move_dimension(b.reshape(out, shape=(*rest, size, groups, features)), len(rest), 0)


def _into_groups(b: Any, value: Any, position: int) -> Any:
    """Dimension 0 moved before the groups, at `position`, and merged with them."""
    moved = b.move_dimension(value, 0, position)
    shape = b.shape(moved)
    merged = shape[position] * shape[position + 1]
    return b.reshape(moved, shape=(*shape[:position], merged, *shape[position + 2 :]))


# ---- lowering -------------------------------------------------------------------------------------------------------


def _lower(lw: Any, operands: Any, types: Any, result: TensorType, dtype: np.dtype, **geometry: Shape) -> Any:
    (x, w), (x_type, w_type) = operands, types
    windows = Windows(**geometry)
    accumulator = TensorType(result.shape, ACCUMULATOR.get(dtype, dtype))
    if not x_type.size or not w_type.size or not result.size:
        return lw.splat(result, 0)
    if is_worth_a_kernel(lw, w_type, accumulator):
        wide = [_converted(lw, value, type, accumulator.dtype) for value, type in zip(operands, types, strict=True)]
        total = convolution_kernel(lw, wide, [x_type.shape, w_type.shape], accumulator, windows)
    else:
        x, x_type = windows.pad(lw, x, x_type, 0, first=1)
        # IREE would read transposed weights in their old order, many times, at a fiftieth of the speed
        total = _contract(lw, (x, lw.barrier(w)), (x_type, w_type), accumulator, windows)
    return _converted(lw, total, accumulator, dtype)


def _converted(lw: Any, value: Any, type: TensorType, dtype: np.dtype) -> Any:
    if type.dtype == dtype:
        return value
    name = SHORT_NAME[dtype]
    return lw.elementwise(lambda v: scalar.convert(v, name), [value], [type], TensorType(type.shape, dtype))


def _contract(lw: Any, operands: Any, types: Any, result: TensorType, windows: Windows) -> Any:
    """One linalg.generic: loops n, *windows, g, o in parallel, then the sum over *window, c."""
    rank = len(windows.strides)
    group, feature, first = rank + 1, rank + 2, rank + 3
    window = tuple(range(first, first + rank))
    channel, loops = first + rank, first + rank + 1
    dtypes = [types[0].dtype, types[1].dtype, result.dtype]
    return lw.generic(
        operands,
        [
            [0, *(windows.place(d, d + 1, first + d) for d in range(rank)), group, channel],
            [*window, group, channel, feature],
        ],
        [lw.splat(result, 0)],
        [range(first)],
        loops=loops,
        reductions=range(first, loops),
        body=lambda inner, args: [inner.apply(multiply_add(result.dtype), args, dtypes)],
    )[0]


# ---- samples --------------------------------------------------------------------------------------------------------

# x, w, and what differs from the plain geometry
_CASES: list[tuple[Shape, Shape, dict[str, Shape]]] = [
    ((2, 5, 1, 3), (2, 1, 3, 2), {}),
    ((1, 5, 4, 1, 2), (3, 2, 1, 2, 3), {"strides": (2, 1), "low": (1, 0), "high": (0, 2)}),
    ((2, 4, 2, 2), (2, 2, 2, 3), {"x_dilation": (2,), "low": (1,), "w_dilation": (2,)}),
    ((1, 7, 5, 2, 1), (2, 2, 2, 1, 2), {"low": (-1, 2), "high": (-2, 0), "w_dilation": (2, 1)}),
    ((1, 3, 4, 3, 1, 2), (2, 2, 1, 1, 2, 2), {"strides": (1, 2, 2), "high": (1, 0, 0)}),
    ((2, 1, 3), (1, 3, 2), {}),
    ((1, 2, 1, 2), (4, 1, 2, 1), {}),
    ((2, 0, 1, 3), (2, 1, 3, 2), {"low": (2,), "high": (1,)}),
]


def _samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in sorted(NUMERIC | BOOL, key=str):
        for x, w, geometry in _CASES:
            operands = tuple(uniform(-2, 2)(rng, dtype, shape) for shape in (x, w))
            yield Sample(operands, {**plain_geometry(len(x) - 3), **geometry, "dtype": dtype})
    for narrow, wide in (("bf16", "f32"), ("i8", "i32")):
        x, w, geometry = _CASES[1]
        operands = tuple(uniform(-2, 2)(rng, BY_SHORT_NAME[narrow], shape) for shape in (x, w))
        yield Sample(operands, {**plain_geometry(2), **geometry, "dtype": BY_SHORT_NAME[wide]})


convolution = register(
    OpDef(
        name="convolution",
        doc="Σ over window and channels: x [n, *places, group, channel] with windows w [*window, group, channel, "
        "feature] give [n, *windows, group, feature]. `dtype` is the result's; f16 and bf16 accumulate in f32.",
        operands=("x", "w"),
        attributes={**ATTRIBUTES, "dtype": DTYPE},
        infer=_infer,
        reference=quiet(_reference),
        jvp=_jvp,
        transpose=_transpose,
        product=True,
        batch=_batch,
        lower=_lower,
        samples=_samples,
        family="convolution",
    )
)

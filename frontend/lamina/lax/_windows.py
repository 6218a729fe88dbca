"""Reductions over windows that slide over an array."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from lamina import errors, tree_util
from lamina.array import Array, ConcreteArray
from lamina.binding import bind
from lamina.lax._operands import ints
from lamina.lax._reductions import by_halves, monoid, reduction_operands
from lamina.lax._shapes import broadcast, concatenate, full, pad, reshape
from lamina.lax._slicing import slice as sliced
from lamina.lax._window_shapes import pads_of, padtype_to_pads, window_count
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.ops.reduce import limits
from lamina_compiler.ops.window_geometry import dilated
from lamina_compiler.types import Shape

_NAME = "lax.reduce_window"


def reduce_window(
    operand: Any,
    init_value: Any,
    computation: Callable[[Any, Any], Any],
    window_dimensions: Sequence[int],
    window_strides: Sequence[int] | None = None,
    padding: str | Sequence[tuple[int, int]] = "VALID",
    base_dilation: Sequence[int] | None = None,
    window_dilation: Sequence[int] | None = None,
) -> Any:
    """Combine the elements of each window by an associative function of two scalars.

    Args:
        operand: an array, or a container of arrays of one shape, whose elements are combined together.
        init_value: for each of them the scalar that every window begins with and that padding consists of.
        computation: (container of scalars, container of scalars) → container of scalars.
        window_dimensions: a size for each dimension.
        window_strides: distance of the windows; default 1.
        padding: "SAME", "SAME_LOWER", "VALID", or (low, high) for each dimension; negative cuts off.
        base_dilation: distance of the elements of the operand, with `init_value` between.
        window_dilation: distance of the elements of a window.

    Sums, products, maxima and minima are one operation, others are applied to halves of the elements of all windows.

    >>> import lamina.numpy as lnp
    >>> from lamina import lax
    >>> lax.reduce_window(lnp.array([1.0, 4.0, 2.0, 3.0]), -lnp.inf, lax.max, (2,), (2,))
    Array([4., 3.], dtype=float32)
    """
    arrays, initial, tree = reduction_operands("reduce_window", operand, init_value)
    shape = arrays[0].shape
    window, geometry = _geometry(shape, window_dimensions, window_strides, padding, base_dilation, window_dilation)
    if tree_util.treedef_is_leaf(tree):
        op = monoid(computation, initial[0])
        if op in _OPS and not (arrays[0].dtype.kind == "c" and op in ("lamina.max", "lamina.min")):
            return _by_op(op, arrays[0], initial[0], window, geometry)
    seen = [_elements(x, start, window, geometry) for x, start in zip(arrays, initial, strict=True)]
    return tree_util.tree_unflatten(tree, by_halves(seen, initial, (len(shape),), computation, tree))


def _geometry(
    shape: Sequence[int], window: Any, strides: Any, padding: Any, base_dilation: Any, window_dilation: Any
) -> tuple[Shape, dict[str, Any]]:
    """The window and the other attributes of the ops, checked."""
    rank = len(shape)
    window = ints(window)
    strides, base, within = (
        (1,) * rank if given is None else ints(given) for given in (strides, base_dilation, window_dilation)
    )
    for name, entries in [("window_dimensions", window), ("window_strides", strides), ("base_dilation", base),
                          ("window_dilation", within)]:  # fmt: skip
        if len(entries) != rank or any(n < 1 for n in entries):
            raise errors.ShapeError(
                _NAME, f"{name} {entries} must have a positive entry for each dimension", operand=tuple(shape)
            )
    places, reach = list(map(dilated, shape, base)), list(map(dilated, window, within))
    pads = padtype_to_pads(places, reach, strides, padding) if isinstance(padding, str) else padding
    pads = pads_of("reduce_window", pads, rank)
    window_count(places, reach, strides, pads)
    low, high = (tuple(pair[i] for pair in pads) for i in (0, 1))
    return window, {"strides": strides, "low": low, "high": high, "x_dilation": base, "w_dilation": within}


# the op that reduces windows by a monoid
_OPS = {
    "lamina.add": "reduce_window_sum",
    "lamina.mul": "reduce_window_prod",
    "lamina.max": "reduce_window_max",
    "lamina.min": "reduce_window_min",
}


def _identity(op: str, dtype: np.dtype) -> Any:
    """The number that changes nothing."""
    smallest, largest = limits(dtype)
    return {"lamina.add": 0, "lamina.mul": 1, "lamina.max": smallest, "lamina.min": largest}[op]


def _by_op(op: str, x: Array, start: Array, window: Shape, geometry: dict[str, Any]) -> Array:
    name = REGISTRY[_OPS[op]]
    if isinstance(start, ConcreteArray) and start.host() == _identity(op, x.dtype):
        return bind(name, x, window=window, **geometry)
    result = bind(name, _padded(x, start, geometry), window=window, **_unpadded(geometry))
    return bind(REGISTRY[op.removeprefix("lamina.")], result, broadcast(start, result.shape))


def _padded(x: Array, start: Array, geometry: dict[str, Any]) -> Array:
    interior = [d - 1 for d in geometry["x_dilation"]]
    return pad(x, start, list(zip(geometry["low"], geometry["high"], interior, strict=True)))


def _unpadded(geometry: dict[str, Any]) -> dict[str, Any]:
    """The geometry of an array that is padded already."""
    zeros, ones = (0,) * len(geometry["low"]), (1,) * len(geometry["low"])
    return {**geometry, "low": zeros, "high": zeros, "x_dilation": ones}


def _elements(x: Array, start: Array, window: Shape, geometry: dict[str, Any]) -> Array:
    """The elements of all windows, in a new last dimension."""
    return patches(_padded(x, start, geometry), window, geometry["w_dilation"], geometry["strides"], x.ndim)


def patches(x: Array, window: Shape, dilation: tuple[int, ...], strides: tuple[int, ...], axis: int) -> Array:
    """What each window sees, in row-major order, along a new axis; the other dimensions count the windows."""
    reach = tuple(map(dilated, window, dilation))
    count = window_count(x.shape, reach, strides, [(0, 0)] * x.ndim)
    shape = (*count[:axis], 1, *count[axis:])
    if 0 in count:
        return full((*count[:axis], math.prod(window), *count[axis:]), 0, x.dtype)
    parts = []
    for offset in product(*map(range, window)):
        start = [i * d for i, d in zip(offset, dilation, strict=True)]
        limit = [first + (n - 1) * step + 1 for first, n, step in zip(start, count, strides, strict=True)]
        parts.append(reshape(sliced(x, start, limit, strides), shape))
    return concatenate(parts, axis)

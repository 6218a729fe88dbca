"""Arrays as functions of real coordinates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax._elementwise import round as rounded
from lamina.numpy._operands import operand

__all__ = ["map_coordinates"]

_NAME = "scipy.ndimage.map_coordinates"


def _mirrored(index: Array, size: int) -> Array:
    last = max(size - 1, 1)
    return lnp.abs((index + last) % (2 * last) - last)


# where an index outside of the array lies
_MODES: dict[str, Callable[[Array, int], Array]] = {
    "constant": lambda index, size: index,
    "nearest": lambda index, size: lnp.clip(index, 0, size - 1),
    "wrap": lambda index, size: index % size,
    "mirror": _mirrored,
    "reflect": lambda index, size: (_mirrored(2 * index + 1, 2 * size + 1) - 1) // 2,
}


def map_coordinates(
    input: Any, coordinates: Sequence[Any], order: int, mode: str = "constant", cval: Any = 0.0
) -> Array:
    """Elements at real coordinates, by the nearest element (order 0) or linear interpolation (order 1).

    Args:
        coordinates: an array for each axis of the input, of the shape of the result.
        mode: what is outside: "constant" (`cval`), "nearest" (the edge), "wrap", "mirror" (without the edge element),
            "reflect" (with it).

    Returns: an array of the input's dtype.

    >>> import lamina.numpy as lnp
    >>> map_coordinates(lnp.array([10.0, 20.0, 30.0]), [lnp.array([0.5, 1.25, 9.0])], 1)
    Array([15. , 22.5,  0. ], dtype=float32)
    """
    x = operand(_NAME, input, "input")
    if len(coordinates) != x.ndim:
        raise ValueError(f"`{_NAME}`: there must be coordinates for each of {x.ndim} axes, not for {len(coordinates)}.")
    if mode not in _MODES:
        raise NotImplementedError(f"`{_NAME}`: the mode is one of {', '.join(_MODES)}, not {mode!r}.")
    if order not in (0, 1):
        raise NotImplementedError(f"`{_NAME}`: the order is 0 (nearest) or 1 (linear), not {order}.")
    fill = lnp.asarray(cval, x.dtype)
    corners = _nearest if order == 0 else _neighbours
    along = [
        [(_MODES[mode](index, size), lnp.logical_and(index >= 0, index < size), weight) for index, weight in corners(c)]
        for c, size in zip(map(lnp.asarray, coordinates), x.shape, strict=True)
    ]
    total: Any = None
    for corner in itertools.product(*along):
        indices, inside, weights = zip(*corner, strict=True) if corner else ((), (), ())
        value = x[tuple(indices)]
        if mode == "constant":
            for each in inside:
                value = lnp.where(each, value, fill)
        value = math.prod(weights[1:], start=weights[0]) * value if weights else value
        total = value if total is None else total + value
    if x.dtype.kind in "iu":
        total = _away_from_zero(total)
    return total.astype(x.dtype)


def _away_from_zero(x: Array) -> Array:
    """The nearest integer, ties away from 0."""
    return x if x.dtype.kind in "iu" else rounded(x)


def _nearest(coordinate: Array) -> list[tuple[Array, Any]]:
    return [(_away_from_zero(coordinate).astype(np.int32), lnp.ones((), coordinate.dtype))]


def _neighbours(coordinate: Array) -> list[tuple[Array, Any]]:
    below = lnp.floor(coordinate)
    share = coordinate - below
    index = below.astype(np.int32)
    return [(index, 1 - share), (index + 1, share)]

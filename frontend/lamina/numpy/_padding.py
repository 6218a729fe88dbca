"""Putting elements around an array."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.numpy._operands import (
    converted,
    expanded,
    operand,
)
from lamina.numpy._steps import joined, reversed_along, sliced
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY

# ---- padding --------------------------------------------------------------------------------------------------------

_MIRRORS = {"edge", "reflect", "symmetric", "wrap"}


def pad(
    array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0, reflect_type: str = "even"
) -> Array:
    """The array with elements put around it: `pad_width` before and after along each axis (an int, a pair, or pairs).

    Args:
        mode: "constant", "edge" (the last element), "reflect" (mirrored, without the edge), "symmetric" (with it),
            "wrap" (from the other end), "empty" (zeros).
        constant_values: a number, or the values before and after along each axis.

    >>> import lamina.numpy as lnp
    >>> lnp.pad(lnp.array([1, 2]), 1, "edge")
    Array([1, 1, 2, 2], dtype=int32)
    """
    x = operand("pad", array, "array")
    widths = _pairs("pad_width", pad_width, x.ndim)
    if builtins.any(n < 0 for pair in widths for n in pair):
        raise ValueError(f"lnp.pad: the widths {widths} must not be negative")
    if mode in ("constant", "empty"):
        return _padded_with(x, widths, constant_values if mode == "constant" else 0)
    if mode not in _MIRRORS or reflect_type != "even":
        raise NotImplementedError(
            f"lnp.pad: the mode is one of constant, empty, {', '.join(sorted(_MIRRORS))}, not {mode!r}"
        )
    for axis, (before, after) in enumerate(widths):
        x = _padded_from(x, axis, before, after, mode)
    return x


def _pairs(name: str, given: Any, rank: int) -> list[tuple[Any, Any]]:
    """One (before, after) for every axis."""
    try:
        return [tuple(pair) for pair in np.broadcast_to(np.asarray(given), (rank, 2)).tolist()]
    except ValueError:
        raise errors.ShapeError(
            "lnp.pad", f"{name} is a number, a pair, or a pair for each of the {rank} axes"
        ) from None


def _padded_with(x: Array, widths: list[tuple[int, int]], values: Any) -> Array:
    if np.ndim(values) == 0:
        value = converted(operand("pad", values, "constant_values"), x.dtype, x.weak_type)
        low, high = (tuple(pair[i] for pair in widths) for i in (0, 1))
        return bind(REGISTRY["pad"], x, value, weak_type=x.weak_type, low=low, high=high, interior=(0,) * x.ndim)
    for axis, pair in enumerate(_pairs("constant_values", values, x.ndim)):
        for side in (0, 1):
            width = [(0, 0)] * x.ndim
            width[axis] = (widths[axis][0], 0) if side == 0 else (0, widths[axis][1])
            x = _padded_with(x, width, pair[side])
    return x


def _padded_from(x: Array, axis: int, before: int, after: int, mode: str) -> Array:
    """Pieces of the array itself joined to both ends, repeatedly where one does not suffice."""
    size = x.shape[axis]
    if size == 0 and (before or after):
        raise ValueError(f"lnp.pad: axis {axis} is empty, so there is nothing to pad it with in the mode {mode!r}")
    if mode == "edge" or size == 1:
        edges = [
            expanded(sliced(x, axis, at, at + 1), (*x.shape[:axis], n, *x.shape[axis + 1 :]))
            for at, n in ((0, before), (size - 1, after))
        ]
        return joined([edges[0], x, edges[1]] if before or after else [x], axis)
    period = {"reflect": 2 * size - 2, "symmetric": 2 * size, "wrap": size}[mode]
    mirrored = {"reflect": (1, size - 1), "symmetric": (0, size)}.get(mode)
    once = [x] if mirrored is None else [x, reversed_along(sliced(x, axis, *mirrored), (axis,))]
    # the endless pattern, cut where the padded array begins and ends
    first = -before % period
    length = before + size + after
    copies = -(-(first + length) // period)
    return sliced(joined(once * copies, axis), axis, first, first + length)

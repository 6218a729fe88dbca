"""Putting elements around an array."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy import _elementwise as e
from lamina.numpy import _reductions as r
from lamina.numpy._functional import apply_along_axis
from lamina.numpy._manipulation import moveaxis
from lamina.numpy._operands import converted, expanded, operand
from lamina.numpy._quantiles import median
from lamina.numpy._ranges import linspace
from lamina.numpy._steps import joined, reversed_along, sliced
from lamina_compiler.opdef import REGISTRY

Pairs = list[tuple[Any, Any]]

_STATISTICS: dict[str, Callable[..., Array]] = {"maximum": r.max, "minimum": r.min, "mean": r.mean, "median": median}
_OPTIONS: dict[str, dict[str, Any]] = {  # of each mode, with their defaults
    "constant": {"constant_values": 0},
    "empty": {},
    "edge": {},
    "wrap": {},
    "reflect": {"reflect_type": "even"},
    "symmetric": {"reflect_type": "even"},
    "linear_ramp": {"end_values": 0},
    **{name: {"stat_length": None} for name in _STATISTICS},
}


def pad(array: Any, pad_width: Any, mode: str | Callable[..., Any] = "constant", **kwargs: Any) -> Array:
    """The array with elements put around it: `pad_width` before and after along each axis (an int, a pair, or pairs).

    Args:
        mode: "constant", "edge" (the last element), "reflect" (mirrored, without the edge), "symmetric" (with it),
            "wrap" (from the other end), "linear_ramp" (evenly to the end value), "maximum", "minimum", "mean", "median"
            (of the line), "empty" (zeros); or ``f(line, (before, after), axis, options) -> line``, for each line.
        constant_values, end_values: a number, or the values before and after along each axis.
        reflect_type: "odd" mirrors in the edge's value, too.
        stat_length: how many elements at each end a statistic is taken of; None: all.

    >>> import lamina.numpy as lnp
    >>> lnp.pad(lnp.array([1, 2]), 1, "edge")
    Array([1, 1, 2, 2], dtype=int32)
    """
    x = operand("pad", array, "array")
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(d, pad_width.get(d - x.ndim, 0)) for d in range(x.ndim)]
        pad_width = [(w, w) if np.ndim(w) == 0 else w for w in pad_width]
    widths = _pairs("pad_width", pad_width, x.ndim)
    if builtins.any(n < 0 or int(n) != n for pair in widths for n in pair):
        raise errors.ShapeError("lnp.pad", f"the widths {widths} must be integers and not negative")
    if callable(mode):
        return _padded_by(x, widths, mode, kwargs)
    if mode not in _OPTIONS:
        raise NotImplementedError(f"lnp.pad: the mode is one of {', '.join(_OPTIONS)}, not {mode!r}")
    unknown = kwargs.keys() - _OPTIONS[mode].keys()
    if unknown:
        raise ValueError(f"lnp.pad: the mode {mode!r} has no option {', '.join(sorted(unknown))}")
    options = _OPTIONS[mode] | kwargs
    if mode in ("constant", "empty"):
        return _padded_with(x, widths, options.get("constant_values", 0))
    for axis, pair in enumerate(widths):
        if any(pair):
            if x.shape[axis] == 0:
                problem = f"axis {axis} is empty, so there is nothing to pad it with in the mode {mode!r}"
                raise errors.ShapeError("lnp.pad", problem, array=x.shape)
            x = _padded_along(x, axis, pair, mode, options)
    return x


def _padded_along(x: Array, axis: int, widths: tuple[int, int], mode: str, options: dict[str, Any]) -> Array:
    if mode == "linear_ramp":
        return _ramped(x, axis, widths, _pairs("end_values", options["end_values"], x.ndim)[axis])
    if "stat_length" in options:
        lengths = _pairs("stat_length", options["stat_length"], x.ndim)[axis]
        return _between(x, axis, widths, [_statistic(mode, x, axis, side, lengths[side]) for side in (0, 1)])
    if options.get("reflect_type", "even") == "odd":
        return _mirrored_oddly(x, axis, *widths, edge=mode == "symmetric")
    if options.get("reflect_type", "even") != "even":
        raise ValueError(f"lnp.pad: reflect_type is 'even' or 'odd', not {options['reflect_type']!r}")
    return _padded_from(x, axis, *widths, mode)


def _pairs(name: str, given: Any, rank: int) -> Pairs:
    """One (before, after) for every axis; a single number stands for both."""
    values = np.asarray(given)
    try:
        pairs = np.broadcast_to(values, (rank, 2)).tolist()
    except ValueError:
        pairs = None
    if pairs is None or (values.ndim == 2 and values.shape[1] != 2):
        raise errors.ShapeError("lnp.pad", f"{name} is a number, a pair, or a pair for each of the {rank} axes")
    return [tuple(pair) for pair in pairs]


def _padded_with(x: Array, widths: Pairs, values: Any) -> Array:
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


def _between(x: Array, axis: int, widths: tuple[int, int], sides: list[Array]) -> Array:
    """What stands at each end, of size 1 or of the width, and the array between."""
    before, after = (
        expanded(side, (*x.shape[:axis], n, *x.shape[axis + 1 :])) for side, n in zip(sides, widths, strict=True)
    )
    return joined([before, x, after], axis)


def _edge(x: Array, axis: int, side: int) -> Array:
    last = x.shape[axis] - 1
    return sliced(x, axis, last * side, last * side + 1)


def _statistic(mode: str, x: Array, axis: int, side: int, length: int | None) -> Array:
    """Of the elements at one end."""
    size = x.shape[axis]
    length = size if length is None else min(length, size)
    if length < 1:
        raise ValueError(f"lnp.pad: stat_length must be 1 at least, not {length}")
    part = sliced(x, axis, (size - length) * side, (size - length) * side + length)
    value = _STATISTICS[mode](part, axis=axis, keepdims=True)
    return converted(e.round(value) if x.dtype.kind in "iu" else value, x.dtype, x.weak_type)


def _ramped(x: Array, axis: int, widths: tuple[int, int], ends: tuple[Any, Any]) -> Array:
    """Evenly from the end value to the edge, and back."""
    sides = []
    for side, (n, end) in enumerate(zip(widths, ends, strict=True)):
        edge = sliced(_edge(x, axis, side), axis, 0, 1)
        edge = moveaxis(edge, axis, 0)[0]
        ramp = linspace(converted(operand("pad", end), x.dtype), edge, n, endpoint=False, axis=axis, dtype=x.dtype)
        sides.append(reversed_along(ramp, (axis,)) if side else ramp)
    return _between(converted(x, x.dtype), axis, widths, sides)


def _padded_from(x: Array, axis: int, before: int, after: int, mode: str) -> Array:
    """Pieces of the array itself joined to both ends, repeatedly where one does not suffice."""
    size = x.shape[axis]
    if mode == "edge" or size == 1:
        return _between(x, axis, (before, after), [_edge(x, axis, 0), _edge(x, axis, 1)])
    period = {"reflect": 2 * size - 2, "symmetric": 2 * size, "wrap": size}[mode]
    mirrored = {"reflect": (1, size - 1), "symmetric": (0, size)}.get(mode)
    # the endless pattern, of x and what is mirrored in turns, where the padded array begins and ends
    begin = -before % period
    end, at, pieces = begin + before + size + after, 0, []
    while at < end:
        is_mirrored = mirrored is not None and at % period == size
        low, high = mirrored if mirrored and is_mirrored else (0, size)
        cut, kept = max(0, begin - at), min(high - low, end - at)
        at += high - low
        if cut >= kept:
            continue
        if is_mirrored:
            pieces.append(reversed_along(sliced(x, axis, high - kept, high - cut), (axis,)))
        else:
            pieces.append(sliced(x, axis, low + cut, low + kept))
    return joined(pieces, axis)


def _mirrored_oddly(x: Array, axis: int, before: int, after: int, *, edge: bool) -> Array:
    """Mirrored in the edge and in its value, one length of the array after the other, so that slopes stay."""
    size = x.shape[axis]
    skipped = 0 if edge or size == 1 else 1
    for side, missing in ((0, before), (1, after)):
        while missing:
            n, total = min(missing, size - skipped), x.shape[axis]
            first = skipped if side == 0 else total - skipped - n
            part = reversed_along(sliced(x, axis, first, first + n), (axis,))
            part = e.subtract(e.multiply(2, _edge(x, axis, side)), part)
            x = joined([part, x] if side == 0 else [x, part], axis)
            missing -= n
    return x


def _padded_by(x: Array, widths: Pairs, function: Callable[..., Any], options: dict[str, Any]) -> Array:
    """The zero-padded lines along each axis, replaced by what the function makes of them."""
    x = _padded_with(x, widths, 0)
    for axis, pair in enumerate(widths):

        def replaced(line: Array, axis: int = axis, pair: tuple[Any, Any] = pair) -> Any:
            return function(line, pair, axis, options)

        x = apply_along_axis(replaced, axis, x)
    return x

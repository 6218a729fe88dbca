"""Differences of neighbours, slopes, and the integral of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import remainder
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._operands import converted, expanded, normal_axes, normal_axis, operand, promoted
from lamina.numpy._reductions import sum
from lamina.numpy._steps import reshaped, sliced


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    """Differences x[i + 1] − x[i] along an axis, n times; of booleans whether they differ.

    >>> import lamina.numpy as lnp
    >>> lnp.diff(lnp.array([1, 4, 9]))
    Array([3, 5], dtype=int32)
    """
    a = operand("diff", a, "a")
    if n < 0:
        raise ValueError(f"lnp.diff: n is {n}, but differences are not taken a negative number of times")
    if a.ndim == 0:
        raise ValueError("lnp.diff: a number has no neighbours")
    if n == 0:
        return a
    axis = normal_axis("diff", axis, a.ndim)
    edge = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    ends = [None if v is None else operand("diff", v) for v in (prepend, append)]
    ends = [v if v is None or v.ndim else expanded(v, edge) for v in ends]
    a = concatenate([v for v in (ends[0], a, ends[1]) if v is not None], axis)
    for _ in range(n):
        later, earlier = _neighbours(a, axis)
        a = e.not_equal(later, earlier) if a.dtype.kind == "b" else e.subtract(later, earlier)
    return a


def _neighbours(a: Array, axis: int) -> tuple[Array, Array]:
    """All but the first, and all but the last."""
    size = a.shape[axis]
    return sliced(a, axis, min(1, size), size), sliced(a, axis, 0, max(size - 1, 0))


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Array:
    """Differences of neighbours of the flattened array, with further elements behind and in front.

    >>> import lamina.numpy as lnp
    >>> lnp.ediff1d(lnp.array([1, 4, 9]), to_begin=0)
    Array([0, 3, 5], dtype=int32)
    """
    ary = ravel(operand("ediff1d", ary, "ary"))
    result = e.subtract(*_neighbours(ary, 0))
    ends = [None if v is None else converted(ravel(v), ary.dtype) for v in (to_begin, to_end)]
    return concatenate([v for v in (ends[0], result, ends[1]) if v is not None])


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int | None = None) -> Any:
    """Slopes along each axis (or those given): central differences inside, one-sided ones at both ends.

    Args:
        varargs: the distance of the samples: one number, or one per axis; or their positions as a vector per axis.
        edge_order: 1 only.

    Returns an array for one axis, else a list.

    >>> import lamina.numpy as lnp
    >>> lnp.gradient(lnp.array([1.0, 2.0, 4.0, 7.0]))
    Array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """
    if edge_order is not None:
        raise NotImplementedError("lnp.gradient: edge_order= is not supported")
    (f,) = promoted("gradient", f, names=("f",), inexact=True)
    axes = normal_axes("gradient", axis, f.ndim)
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError(f"lnp.gradient: {len(varargs)} distances for {len(axes)} axes")
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    for d in axes:
        if f.shape[d] < 2:
            raise ValueError(f"lnp.gradient: axis {d} has {f.shape[d]} samples, but a slope needs two")
    results = [_slope(f, d, operand("gradient", h)) for d, h in zip(axes, spacings, strict=True)]
    return results[0] if len(results) == 1 else results


def _slope(f: Array, axis: int, spacing: Array) -> Array:
    if spacing.ndim > 1 or (spacing.ndim == 1 and spacing.shape[0] != f.shape[axis]):
        raise ValueError(f"lnp.gradient: axis {axis} of size {f.shape[axis]} has {spacing.shape} positions")
    later, earlier = _neighbours(f, axis)
    steps = e.subtract(later, earlier)
    h = spacing if spacing.ndim == 0 else diff(spacing)
    if spacing.ndim:
        h = reshaped(h, (*h.shape, *(1,) * (f.ndim - 1 - axis)))
    slopes = e.true_divide(steps, h)  # between neighbours; inside, weighted with the other distance
    size = slopes.shape[axis]
    if spacing.ndim:
        right, left = _neighbours(slopes, axis)
        h_right, h_left = _neighbours(h, 0)
        inside = e.true_divide(e.add(e.multiply(left, h_right), e.multiply(right, h_left)), e.add(h_left, h_right))
    else:
        wide = e.subtract(sliced(f, axis, 2, f.shape[axis]), sliced(f, axis, 0, f.shape[axis] - 2))
        inside = e.true_divide(e.multiply(wide, 0.5), h)
    return concatenate([sliced(slopes, axis, 0, 1), inside, sliced(slopes, axis, size - 1, size)], axis)


def unwrap(p: Any, discont: Any = None, axis: int = -1, period: Any = 2 * math.pi) -> Array:
    """Angles without jumps: multiples of the period are added wherever neighbours differ by more than half of it.

    >>> import lamina.numpy as lnp
    >>> lnp.unwrap(lnp.array([0, 3, 1, 2]), period=3)
    Array([0, 0, 1, 2], dtype=int32)
    """
    from lamina.numpy._scans import cumsum

    p = operand("unwrap", p, "p")
    integral = p.dtype.kind in "iu" and isinstance(period, (int, np.integer))
    if p.dtype.kind in "biu" and not integral:
        p = converted(p, dtypes.result_type(p, float))
    axis = normal_axis("unwrap", axis, p.ndim)
    half = operand("unwrap", period // 2 if integral else period / 2)
    steps = diff(p, axis=axis)
    wrapped = e.subtract(remainder(e.add(steps, half), period), half)
    wrapped = e.where(e.logical_and(e.equal(wrapped, e.negative(half)), e.greater(steps, 0)), half, wrapped)
    jumps = e.subtract(wrapped, steps)
    jumps = e.where(e.less(e.abs(steps), half if discont is None else discont), 0, jumps)
    first, rest = sliced(p, axis, 0, min(1, p.shape[axis])), sliced(p, axis, min(1, p.shape[axis]), p.shape[axis])
    return converted(concatenate([first, e.add(rest, cumsum(jumps, axis))], axis), p.dtype, p.weak_type)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """The integral of samples y at positions x (or at distances dx) along an axis, by the trapezoidal rule.

    >>> import lamina.numpy as lnp
    >>> lnp.trapezoid(lnp.array([0.0, 1.0, 4.0]), dx=0.5)
    Array(1.5, dtype=float32)
    """
    (y,) = promoted("trapezoid", y, inexact=True)
    y = moveaxis(y, axis, -1)
    if x is not None:
        x = operand("trapezoid", x)
        dx = diff(x) if x.ndim == 1 else diff(moveaxis(x, axis, -1))
    pairs = e.add(*_neighbours(y, y.ndim - 1))
    return e.multiply(sum(e.multiply(dx, pairs), -1), 0.5)

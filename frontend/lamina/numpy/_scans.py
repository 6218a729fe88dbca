"""Running sums and products, and differences of neighbours."""

from __future__ import annotations

from typing import Any

from lamina import dtypes
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import converted, expanded, filled, normal_axis, operand, promoted, refuse_out
from lamina.numpy._steps import sliced
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY


def _running(function: str, combine: Any, neutral: int, a: Any, axis: int | None, dtype: Any, out: Any) -> Array:
    """By doubling the distance of what is combined (Hillis & Steele 1986): log₂ n steps."""
    refuse_out(function, out)
    a = operand(function, a, "a")
    if dtype is not None:
        a = converted(a, dtypes.check_user_dtype_supported(dtype, function))
    elif a.dtype.kind == "b":
        a = converted(a, dtypes.canonicalize_dtype(int))
    a = converted(a, a.dtype)
    a, axis = (ravel(a), 0) if axis is None else (a, normal_axis(function, axis, a.ndim))
    none, distance = (0,) * a.ndim, 1
    while distance < a.shape[axis]:
        low, high = (tuple(side * distance if d == axis else 0 for d in range(a.ndim)) for side in (1, -1))
        earlier = bind(REGISTRY["pad"], a, filled((), neutral, a.dtype), low=low, high=high, interior=none)
        a = combine(a, earlier)
        distance *= 2
    return a


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """Sums of the first 1, 2, … elements along an axis (None: of the flattened array).

    >>> import lamina.numpy as lnp
    >>> lnp.cumsum(lnp.array([1, 2, 3]))
    Array([1, 3, 6], dtype=int32)
    """
    return _running("cumsum", e.add, 0, a, axis, dtype, out)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """Products of the first 1, 2, … elements along an axis (None: of the flattened array)."""
    return _running("cumprod", e.multiply, 1, a, axis, dtype, out)


def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """`cumsum` that takes nan for 0."""
    a = operand("nancumsum", a, "a")
    return cumsum(e.where(e.isnan(a), 0, a), axis, dtype, out)


def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """`cumprod` that takes nan for 1."""
    a = operand("nancumprod", a, "a")
    return cumprod(e.where(e.isnan(a), 1, a), axis, dtype, out)


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    """Differences x[i + 1] − x[i] along an axis, n times; of booleans whether they differ.

    >>> import lamina.numpy as lnp
    >>> lnp.diff(lnp.array([1, 4, 9]))
    Array([3, 5], dtype=int32)
    """
    a = operand("diff", a, "a")
    axis = normal_axis("diff", axis, a.ndim)
    edge = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    ends = [None if v is None else operand("diff", v) for v in (prepend, append)]
    ends = [v if v is None or v.ndim else expanded(v, edge) for v in ends]
    a = concatenate([v for v in (ends[0], a, ends[1]) if v is not None], axis)
    for _ in range(n):
        size = a.shape[axis]
        later, earlier = sliced(a, axis, min(1, size), size), sliced(a, axis, 0, max(size - 1, 0))
        a = e.not_equal(later, earlier) if a.dtype.kind == "b" else e.subtract(later, earlier)
    return a


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """The integral of samples y at positions x (or at distances dx) along an axis, by the trapezoidal rule."""
    from lamina.numpy._manipulation import moveaxis
    from lamina.numpy._reductions import sum

    (y,) = promoted("trapezoid", y, inexact=True)
    y = moveaxis(y, axis, -1)
    if x is not None:
        x = operand("trapezoid", x)
        dx = diff(x) if x.ndim == 1 else diff(moveaxis(x, axis, -1))
    size = y.shape[-1]
    pairs = e.add(sliced(y, y.ndim - 1, min(1, size), size), sliced(y, y.ndim - 1, 0, max(size - 1, 0)))
    return e.multiply(sum(e.multiply(dx, pairs), -1), 0.5)

"""Running sums and products, and differences of neighbours."""

from __future__ import annotations

from typing import Any

from lamina import dtypes
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import converted, expanded, filled, normal_axis, operand, promoted, refuse_out
from lamina.numpy._reductions import accumulator
from lamina.numpy._steps import sliced
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY


def _running(
    function: str, op: str, a: Any, axis: int | None, dtype: Any, out: Any, promote_integers: bool = False
) -> Array:
    refuse_out(function, out)
    a = operand(function, a, "a")
    if dtype is not None:
        dtype = dtypes.check_user_dtype_supported(dtype, function)
    else:
        dtype = accumulator(a.dtype) if promote_integers or a.dtype.kind == "b" else a.dtype
    if dtype.kind == "b":  # whether any, or all, so far: counted, so that −1 and 1 do not cancel
        a = converted(a, dtype)
    a = converted(a, accumulator(dtype) if dtype.kind == "b" else dtype)
    a, axis = (ravel(a), 0) if axis is None or a.ndim == 0 else (a, normal_axis(function, axis, a.ndim))
    return converted(bind(REGISTRY[op], a, axis=axis, reverse=False), dtype)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """Sums of the first 1, 2, … elements along an axis (None: of the flattened array).

    >>> import lamina.numpy as lnp
    >>> lnp.cumsum(lnp.array([1, 2, 3]))
    Array([1, 3, 6], dtype=int32)
    """
    return _running("cumsum", "cumsum", a, axis, dtype, out)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """Products of the first 1, 2, … elements along an axis (None: of the flattened array)."""
    return _running("cumprod", "cumprod", a, axis, dtype, out)


def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Sums of the first 1, 2, … elements along an axis, which only vectors need not name; small integers are added
    up in the default integer dtype. `include_initial`: also of the first 0.

    >>> import lamina.numpy as lnp
    >>> lnp.cumulative_sum(lnp.array([1, 2, 3]), include_initial=True)
    Array([0, 1, 3, 6], dtype=int32)
    """
    return _cumulative("cumulative_sum", "cumsum", 0, x, axis, dtype, include_initial)


def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Array:
    """Products of the first 1, 2, … elements along an axis; everything else as in `cumulative_sum`."""
    return _cumulative("cumulative_prod", "cumprod", 1, x, axis, dtype, include_initial)


def _cumulative(
    function: str, op: str, initial: int, x: Any, axis: int | None, dtype: Any, with_initial: bool
) -> Array:
    x = operand(function, x)
    if x.ndim == 0:
        raise ValueError(f"lnp.{function}: x must have an axis at least, but it is a number")
    if axis is None and x.ndim > 1:
        raise ValueError(f"lnp.{function}: axis must be given for an array of rank {x.ndim}")
    axis = normal_axis(function, 0 if axis is None else axis, x.ndim)
    result = _running(function, op, x, axis, dtype, None, promote_integers=True)
    if not with_initial:
        return result
    edge = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
    return concatenate([filled(edge, initial, result.dtype), result], axis)


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

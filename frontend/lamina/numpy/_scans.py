"""Running sums and products."""

from __future__ import annotations

from typing import Any

from lamina import dtypes
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy import _elementwise as e
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import converted, filled, normal_axis, operand, refuse_out
from lamina.numpy._reductions import accumulator
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
    a = ravel(a) if axis is None or a.ndim == 0 else a
    axis = 0 if axis is None else normal_axis(function, axis, a.ndim)
    return converted(bind(REGISTRY[op], a, axis=axis, reverse=False), dtype)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """Sums of the first 1, 2, … elements along an axis (None: of the flattened array).

    >>> import lamina.numpy as lnp
    >>> lnp.cumsum(lnp.array([1, 2, 3]))
    Array([1, 3, 6], dtype=int32)
    """
    return _running("cumsum", "cumsum", a, axis, dtype, out)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """Products of the first 1, 2, … elements along an axis (None: of the flattened array).

    >>> import lamina.numpy as lnp
    >>> lnp.cumprod(lnp.array([1, 2, 3, 4]))
    Array([ 1,  2,  6, 24], dtype=int32)
    """
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
    """Products of the first 1, 2, … elements along an axis; everything else as in `cumulative_sum`.

    >>> import lamina.numpy as lnp
    >>> lnp.cumulative_prod(lnp.array([2, 3]), include_initial=True)
    Array([1, 2, 6], dtype=int32)
    """
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
    """`cumsum` that takes nan for 0.

    >>> import lamina.numpy as lnp
    >>> lnp.nancumsum(lnp.array([2.0, lnp.nan, 3.0]))
    Array([2., 2., 5.], dtype=float32)
    """
    a = operand("nancumsum", a, "a")
    return cumsum(e.where(e.isnan(a), 0, a), axis, dtype, out)


def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Array:
    """`cumprod` that takes nan for 1.

    >>> import lamina.numpy as lnp
    >>> lnp.nancumprod(lnp.array([2.0, lnp.nan, 3.0]))
    Array([2., 2., 6.], dtype=float32)
    """
    a = operand("nancumprod", a, "a")
    return cumprod(e.where(e.isnan(a), 1, a), axis, dtype, out)

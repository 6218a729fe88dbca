"""Reductions: sums, extremes, means, and positions of extremes.

All take `axis` (None: all axes; an int or several), `keepdims` (reduced axes stay with size 1), and mostly `where` (a
mask that broadcasts: only these elements count) and `initial` (a further element).
"""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy import _elementwise as e
from lamina.numpy._makers import as_bool
from lamina.numpy._operands import (
    broadcast_shape,
    converted,
    expanded,
    filled,
    normal_axes,
    operand,
    promoted,
    refuse_out,
)
from lamina.tracer import reweighed
from lamina_compiler.opdef import REGISTRY

Axis = Any


def reduced(op: str, a: Array, axes: tuple[int, ...], keepdims: bool) -> Array:
    """The op on the axes, with them kept as size 1 if asked."""
    result = bind(REGISTRY[op], a, axes=axes) if axes else reweighed(a, False)
    if not keepdims:
        return result
    return bind(REGISTRY["reshape"], result, shape=tuple(1 if d in axes else n for d, n in enumerate(a.shape)))


def only_where(function: str, a: Array, where: Any, neutral: Any) -> Array:
    """The elements outside the mask replaced by the neutral one."""
    if where is None:
        return a
    mask = _mask(function, where)
    shape = broadcast_shape(function, [a.shape, mask.shape], ("a", "where"))
    a = expanded(a, shape)
    return bind(REGISTRY["select"], expanded(mask, shape), a, filled(shape, neutral, a.dtype), weak_type=a.weak_type)


def _mask(function: str, where: Any) -> Array:
    mask = operand(function, where, "where")
    if mask.dtype.kind != "b":
        raise errors.DTypeError(
            f"`lnp.{function}`: where= is a boolean mask, not {mask.dtype}.", cure="Compare with 0."
        )
    return mask


def _with_initial(function: str, combine: Any, result: Array, initial: Any) -> Array:
    """The result and one more number."""
    if initial is None:
        return result
    more = converted(operand(function, initial, "initial"), result.dtype)
    if more.ndim:
        raise errors.ShapeError(f"lnp.{function}", "initial= must be a number", initial=more.shape)
    return converted(combine(result, more), result.dtype)


def _accumulated(
    function: str, op: str, combine: Any, neutral: int, a: Any, axis: Axis, dtype: Any, out: Any, keepdims: bool,
    initial: Any, where: Any, promote_integers: bool,
) -> Array:  # fmt: skip
    """Sum or product: small integers accumulate in the default integer dtype."""
    refuse_out(function, out)
    a = operand(function, a, "a")
    if dtype is not None:
        dtype = dtypes.check_user_dtype_supported(dtype, function)
    else:
        dtype = accumulator(a.dtype) if promote_integers else a.dtype
    if dtype.kind == "b":  # whether any, or all
        a, op = converted(a, dtype), {"reduce_sum": "reduce_or", "reduce_prod": "reduce_and"}[op]
    a = only_where(function, converted(a, dtype), where, neutral)
    return _with_initial(function, combine, reduced(op, a, normal_axes(function, axis, a.ndim), keepdims), initial)


def accumulator(dtype: np.dtype) -> np.dtype:
    default = dtypes.canonicalize_dtype(np.uint64 if dtype.kind == "u" else np.int64)
    return default if dtype.kind in "biu" and dtype.itemsize < default.itemsize else dtype


def sum(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> Array:  # fmt: skip
    """Sum over the axes. Booleans and small integers are added up as int32 (uint32); f16 and bf16 in float32.

    >>> import lamina.numpy as lnp
    >>> lnp.sum(lnp.array([[1, 2], [3, 4]]), axis=0)
    Array([4, 6], dtype=int32)
    """
    return _accumulated("sum", "reduce_sum", e.add, 0, a, axis, dtype, out, keepdims, initial, where, promote_integers)


def prod(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None, promote_integers: bool = True,
) -> Array:  # fmt: skip
    """Product over the axes; dtypes as those of `sum`.

    >>> import lamina.numpy as lnp
    >>> lnp.prod(lnp.array([[1, 2], [3, 4]]), axis=1)
    Array([ 2, 12], dtype=int32)
    """
    return _accumulated(
        "prod", "reduce_prod", e.multiply, 1, a, axis, dtype, out, keepdims, initial, where, promote_integers
    )


def limit(dtype: np.dtype, largest: bool) -> Any:
    """The largest or smallest value of a dtype."""
    if dtype.kind == "b":
        return largest
    if dtype.kind in "iu":
        return int(dtypes.iinfo(dtype).max if largest else dtypes.iinfo(dtype).min)
    infinity = math.inf if largest else -math.inf
    return complex(infinity, infinity) if dtype.kind == "c" else infinity


def _extreme(
    function: str, op: str, combine: Any, a: Any, axis: Axis, out: Any, keepdims: bool, initial: Any, where: Any
) -> Array:
    refuse_out(function, out)
    a = operand(function, a, "a")
    if where is not None and initial is None:
        raise ValueError(f"lnp.{function}: with where= there may be no element left, so initial= must be given")
    a = only_where(function, a, where, limit(a.dtype, function == "min"))
    axes = normal_axes(function, axis, a.ndim)
    if initial is None and builtins.any(a.shape[d] == 0 for d in axes):
        raise ValueError(f"lnp.{function} of no elements (shape {a.shape}, axes {axes}) does not exist; give initial=")
    return _with_initial(function, combine, reduced(op, a, axes, keepdims), initial)


def max(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Array:
    """Largest element over the axes; nan if there is one. Raises: ValueError where there are no elements.

    >>> import lamina.numpy as lnp
    >>> lnp.max(lnp.array([[1.0, 5.0], [3.0, 4.0]]), axis=1)
    Array([5., 4.], dtype=float32)
    """
    return _extreme("max", "reduce_max", e.maximum, a, axis, out, keepdims, initial, where)


def min(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Array:
    """Smallest element over the axes; nan if there is one. Raises: ValueError where there are no elements.

    >>> import lamina.numpy as lnp
    >>> lnp.min(lnp.array([[3, 1], [2, 5]]), axis=0)
    Array([2, 1], dtype=int32)
    """
    return _extreme("min", "reduce_min", e.minimum, a, axis, out, keepdims, initial, where)


amax, amin = max, min


def ptp(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False) -> Array:
    """Largest minus smallest element.

    >>> import lamina.numpy as lnp
    >>> lnp.ptp(lnp.array([[1, 5], [3, 4]]), axis=1)
    Array([4, 1], dtype=int32)
    """
    refuse_out("ptp", out)
    return e.subtract(max(a, axis, keepdims=keepdims), min(a, axis, keepdims=keepdims))


def _truth(function: str, op: str, neutral: bool, a: Any, axis: Axis, out: Any, keepdims: bool, where: Any) -> Array:
    refuse_out(function, out)
    a = only_where(function, as_bool(operand(function, a, "a")), where, neutral)
    return reduced(op, a, normal_axes(function, axis, a.ndim), keepdims)


def all(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = None) -> Array:
    """Whether all elements are true (not 0).

    >>> import lamina.numpy as lnp
    >>> lnp.all(lnp.array([[True, False], [True, True]]), axis=1)
    Array([False,  True], dtype=bool)
    """
    return _truth("all", "reduce_and", True, a, axis, out, keepdims, where)


def any(a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, *, where: Any = None) -> Array:
    """Whether any element is true (not 0).

    >>> import lamina.numpy as lnp
    >>> lnp.any(lnp.array([[True, False], [False, False]]), axis=1)
    Array([ True, False], dtype=bool)
    """
    return _truth("any", "reduce_or", False, a, axis, out, keepdims, where)


def count_nonzero(a: Any, axis: Axis = None, keepdims: bool = False) -> Array:
    """Number of elements that are not 0.

    >>> import lamina.numpy as lnp
    >>> lnp.count_nonzero(lnp.array([[1, 0], [2, 3]]), axis=0)
    Array([2, 1], dtype=int32)
    """
    return sum(as_bool(operand("count_nonzero", a, "a")), axis, keepdims=keepdims)


# ---- means ----------------------------------------------------------------------------------------------------------


def _mean_dtypes(function: str, a: Array, dtype: Any) -> tuple[np.dtype, np.dtype]:
    """The result's dtype, and that of the computation: half precision is computed in float32."""
    result = dtypes.to_inexact_dtype(a.dtype) if dtype is None else dtypes.check_user_dtype_supported(dtype, function)
    if result.kind == "b" or (function == "var" and not dtypes.issubdtype(result, np.inexact)):
        raise errors.DTypeError(f"`lnp.{function}`: dtype= must be a floating-point dtype, not {result}.")
    if function == "var" and a.dtype.kind == "c" and result.kind != "c":
        raise errors.DTypeError(f"`lnp.{function}`: dtype= must be complex for a complex array, not {result}.")
    half = dtypes.issubdtype(result, np.floating) and result.itemsize < 4
    return result, np.dtype(np.float32) if half else result


def _count(a: Array, axes: tuple[int, ...], keepdims: bool, where: Any) -> Any:
    """Number of elements that count for each result."""
    if where is None:
        return math.prod(a.shape[d] for d in axes)
    mask = _mask("mean", where)
    return sum(expanded(mask, broadcast_shape("mean", [a.shape, mask.shape], ("a", "where"))), axes, keepdims=keepdims)


def mean(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> Array:
    """Arithmetic mean over the axes; of integers a float. The mean of no elements is nan.

    >>> import lamina.numpy as lnp
    >>> lnp.mean(lnp.array([[1, 2], [3, 5]]), axis=1)
    Array([1.5, 4. ], dtype=float32)
    """
    refuse_out("mean", out)
    a = operand("mean", a, "a")
    result, computed = _mean_dtypes("mean", a, dtype)
    axes = normal_axes("mean", axis, a.ndim)
    total = sum(converted(a, computed), axes, keepdims=keepdims, where=where)
    return converted(e.true_divide(total, _count(a, axes, keepdims, where)), result)


def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, keepdims: bool = False) -> Any:
    """Weighted mean Σ w·a / Σ w over the axes; `weights` have the shape of `a`, or of the one axis.

    With `returned` also the sum of the weights.

    >>> import lamina.numpy as lnp
    >>> lnp.average(lnp.array([1.0, 2.0, 6.0]), weights=lnp.array([2, 1, 1]))
    Array(2.5, dtype=float32)
    """
    a = operand("average", a, "a")
    if weights is None:
        result = mean(a, axis, keepdims=keepdims)
        axes = normal_axes("average", axis, a.ndim)
        return (result, filled(result.shape, math.prod(a.shape[d] for d in axes), result.dtype)) if returned else result
    a, w = promoted("average", a, weights, names=("a", "weights"), inexact=True)
    if w.shape != a.shape:
        if w.ndim != 1 or not isinstance(axis, int) or w.shape[0] != a.shape[axis]:
            raise errors.ShapeError(
                "lnp.average", "the weights fit neither the array nor its axis", a=a.shape, weights=w.shape
            )
        place = axis % a.ndim
        w = bind(REGISTRY["broadcast_in_dim"], w, weak_type=w.weak_type, shape=a.shape, dimensions=(place,))
    total = sum(w, axis, keepdims=keepdims)
    result = e.true_divide(sum(e.multiply(a, w), axis, keepdims=keepdims), total)
    return (result, total) if returned else result


def var(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = None, mean: Any = None, correction: Any = None,
) -> Array:  # fmt: skip
    """Variance: mean of |a − mean|² over the axes, with n − `ddof` (or `correction`) for n.

    Real, unless `dtype` says otherwise.

    >>> import lamina.numpy as lnp
    >>> lnp.var(lnp.array([1.0, 2.0, 3.0, 4.0]))
    Array(1.25, dtype=float32)
    """
    refuse_out("var", out)
    a = operand("var", a, "a")
    result, computed = _mean_dtypes("var", a, dtype)
    axes = normal_axes("var", axis, a.ndim)
    a = converted(a, computed)
    center = globals()["mean"](a, axes, keepdims=True, where=where) if mean is None else mean
    centered = only_where("var", e.subtract(a, center), where, 0)  # here, or a masked nan would reach derivatives
    squared = e.square(centered) if computed.kind != "c" else e.real(e.multiply(centered, e.conj(centered)))
    count = e.subtract(_count(a, axes, keepdims, where), ddof if correction is None else correction)
    total = e.true_divide(sum(squared, axes, keepdims=keepdims, where=where), count)
    total = e.where(e.greater(count, 0), total, math.nan)
    return converted(total, dtypes.to_real_dtype(result) if dtype is None else result)


def std(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False, *,
    where: Any = None, mean: Any = None, correction: Any = None,
) -> Array:  # fmt: skip
    """Standard deviation: the root of `var`.

    >>> import lamina.numpy as lnp
    >>> lnp.std(lnp.array([1.0, 3.0])), lnp.std(lnp.array([1.0, 3.0]), ddof=1)
    (Array(1., dtype=float32), Array(1.4142135, dtype=float32))
    """
    refuse_out("std", out)
    return e.sqrt(var(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction))


# ---- positions ------------------------------------------------------------------------------------------------------


def _position(function: str, a: Any, axis: int | None, out: Any, keepdims: bool) -> Array:
    refuse_out(function, out)
    a = operand(function, a, "a")
    shape = a.shape
    if axis is None:
        a = bind(REGISTRY["reshape"], a, shape=(a.size,))
        result_shape: tuple[int, ...] = (1,) * len(shape)
        place = 0
    else:
        (place,) = normal_axes(function, (axis,), a.ndim)
        result_shape = tuple(1 if d == place else n for d, n in enumerate(shape))
    if a.shape[place] == 0:
        raise ValueError(f"lnp.{function} of no elements (shape {shape}) does not exist")
    result = bind(REGISTRY[function], a, axis=place, dtype=dtypes.canonicalize_dtype(int))
    return bind(REGISTRY["reshape"], result, shape=result_shape) if keepdims else result


def argmax(a: Any, axis: int | None = None, out: None = None, keepdims: bool = False) -> Array:
    """Position of the first largest element (a nan counts as largest) along the axis; None: in the flattened array.

    >>> import lamina.numpy as lnp
    >>> lnp.argmax(lnp.array([[1, 9, 3], [7, 5, 6]]), axis=1)
    Array([1, 0], dtype=int32)
    """
    return _position("argmax", a, axis, out, keepdims)


def argmin(a: Any, axis: int | None = None, out: None = None, keepdims: bool = False) -> Array:
    """Position of the first smallest element (a nan counts as one) along the axis; None: in the flattened array.

    >>> import lamina.numpy as lnp
    >>> lnp.argmin(lnp.array([[3, 1, 1], [0, 5, 2]]), axis=1)
    Array([1, 0], dtype=int32)
    """
    return _position("argmin", a, axis, out, keepdims)

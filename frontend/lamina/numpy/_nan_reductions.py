"""Reductions over the elements that are not nan; `axis`, `keepdims`, `where`, `initial` as in the others."""

from __future__ import annotations

import math
from typing import Any

from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._operands import operand, refuse_out
from lamina.numpy._reductions import Axis, all, argmax, argmin, limit, max, mean, min, prod, sum, var


def _without_nan(a: Array, replacement: Any) -> Array:
    return e.where(e.isnan(a), replacement, a)


def nansum(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None,
) -> Array:  # fmt: skip
    """`sum` of the elements that are not nan.

    >>> import lamina.numpy as lnp
    >>> lnp.nansum(lnp.array([1.0, lnp.nan, 3.0]))
    Array(4., dtype=float32)
    """
    return sum(_without_nan(operand("nansum", a, "a"), 0), axis, dtype, out, keepdims, initial, where)


def nanprod(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, initial: Any = None,
    where: Any = None,
) -> Array:  # fmt: skip
    """`prod` of the elements that are not nan.

    >>> import lamina.numpy as lnp
    >>> lnp.nanprod(lnp.array([2.0, lnp.nan, 3.0]))
    Array(6., dtype=float32)
    """
    return prod(_without_nan(operand("nanprod", a, "a"), 1), axis, dtype, out, keepdims, initial, where)


def _nan_extreme(
    function: str, reduce: Any, a: Any, axis: Axis, out: Any, keepdims: bool, initial: Any, where: Any
) -> Array:
    """The extreme of the others; nan where all are."""
    a = operand(function, a, "a")
    if a.dtype.kind in "biu":
        return reduce(a, axis, out, keepdims, initial, where)
    result = reduce(_without_nan(a, limit(a.dtype, reduce is min)), axis, out, keepdims, initial, where)
    if initial is not None:
        return result
    return e.where(all(e.isnan(a), axis, keepdims=keepdims), math.nan, result)


def nanmax(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Array:
    """`max` of the elements that are not nan; nan where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanmax(lnp.array([1.0, lnp.nan, 3.0]))
    Array(3., dtype=float32)
    """
    return _nan_extreme("nanmax", max, a, axis, out, keepdims, initial, where)


def nanmin(
    a: Any, axis: Axis = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Array:
    """`min` of the elements that are not nan; nan where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanmin(lnp.array([1.0, lnp.nan, 3.0]))
    Array(1., dtype=float32)
    """
    return _nan_extreme("nanmin", min, a, axis, out, keepdims, initial, where)


def _nan_position(function: str, position: Any, a: Any, axis: int | None, out: Any, keepdims: bool) -> Array:
    """Position of the extreme of the others; −1 where all are nan."""
    a = operand(function, a, "a")
    if a.dtype.kind in "biu":
        return position(a, axis, out, keepdims)
    result = position(_without_nan(a, limit(a.dtype, position is argmin)), axis, out, keepdims)
    return e.where(all(e.isnan(a), axis, keepdims=keepdims), -1, result)


def nanargmax(a: Any, axis: int | None = None, out: None = None, keepdims: bool = False) -> Array:
    """`argmax` of the elements that are not nan; −1 where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanargmax(lnp.array([1.0, lnp.nan, 3.0]))
    Array(2, dtype=int32)
    """
    return _nan_position("nanargmax", argmax, a, axis, out, keepdims)


def nanargmin(a: Any, axis: int | None = None, out: None = None, keepdims: bool = False) -> Array:
    """`argmin` of the elements that are not nan; −1 where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanargmin(lnp.array([lnp.nan, 2.0, 1.0]))
    Array(2, dtype=int32)
    """
    return _nan_position("nanargmin", argmin, a, axis, out, keepdims)


def _counted(a: Array, where: Any) -> Array:
    """The mask of the elements that are not nan."""
    present = e.logical_not(e.isnan(a))
    return present if where is None else e.logical_and(present, where)


def nanmean(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, keepdims: bool = False, where: Any = None
) -> Array:
    """`mean` of the elements that are not nan.

    >>> import lamina.numpy as lnp
    >>> lnp.nanmean(lnp.array([1.0, lnp.nan, 3.0]))
    Array(2., dtype=float32)
    """
    a = operand("nanmean", a, "a")
    return mean(a, axis, dtype, out, keepdims, where=_counted(a, where))


def nanvar(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
    where: Any = None, mean: Any = None,
) -> Array:  # fmt: skip
    """`var` of the elements that are not nan.

    >>> import lamina.numpy as lnp
    >>> lnp.nanvar(lnp.array([1.0, lnp.nan, 5.0]))
    Array(4., dtype=float32)
    """
    a = operand("nanvar", a, "a")
    return var(a, axis, dtype, out, ddof, keepdims, where=_counted(a, where), mean=mean)


def nanstd(
    a: Any, axis: Axis = None, dtype: Any = None, out: None = None, ddof: Any = 0, keepdims: bool = False,
    where: Any = None, mean: Any = None,
) -> Array:  # fmt: skip
    """`std` of the elements that are not nan.

    >>> import lamina.numpy as lnp
    >>> lnp.nanstd(lnp.array([1.0, lnp.nan, 3.0]))
    Array(1., dtype=float32)
    """
    refuse_out("nanstd", out)
    return e.sqrt(nanvar(a, axis, dtype, None, ddof, keepdims, where, mean))

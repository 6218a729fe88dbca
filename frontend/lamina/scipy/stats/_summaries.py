"""Statistics of samples: the most frequent value, ranks, the standard error of the mean."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import normal_axis, operand, promoted
from lamina.vectorization import vmap


class ModeResult(NamedTuple):
    """Most frequent values, and how often they occur."""

    mode: Array
    count: Array  # type: ignore[assignment]  (a name of tuple)


def _refuse_policy(function: str, nan_policy: str) -> None:
    if nan_policy not in ("propagate", "omit", "raise"):
        listed = "'propagate', 'omit', 'raise'"
        raise ValueError(f"scipy.stats.{function}: nan_policy is one of {listed}, not {nan_policy!r}.")
    if nan_policy != "propagate":
        raise NotImplementedError(
            f"scipy.stats.{function}: nan_policy={nan_policy!r} depends on values, which a compiled program does not "
            "know. Look for nan outside with lnp.isnan."
        )


def mode(a: Any, axis: int | None = 0, nan_policy: str = "propagate", keepdims: bool = False) -> ModeResult:
    """The most frequent value along an axis (None: of all elements), the smallest of several, and its count.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> scipy.stats.mode(lnp.array([3, 1, 3, 2]))
    ModeResult(mode=Array(3, dtype=int32), count=Array(2, dtype=int32))
    """
    _refuse_policy("mode", nan_policy)
    x = lnp.atleast_1d(operand("scipy.stats.mode", a, "a"))
    rank = x.ndim
    if axis is None:
        x, axis, kept = lnp.ravel(x), 0, (1,) * rank
    else:
        axis = normal_axis("scipy.stats.mode", axis, rank)
        kept = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    shape = kept if keepdims else tuple(n for i, n in enumerate(x.shape) if i != axis)
    columns = lnp.moveaxis(x, axis, 0)
    columns = lnp.reshape(columns, (columns.shape[0], math.prod(columns.shape[1:])))
    if x.size == 0:
        count = columns.shape[1] if columns.shape[0] == 0 else 0
        dtype = dtypes.canonicalize_dtype(float)
        return ModeResult(*(lnp.reshape(lnp.full(count, value, dtype), shape) for value in (math.nan, 0)))
    values, counts = vmap(_most_frequent, in_axes=1)(columns)
    return ModeResult(lnp.reshape(values, shape), lnp.reshape(counts, shape))


def _most_frequent(x: Array) -> tuple[Array, Array]:
    values, counts = lnp.unique(x, return_counts=True, size=x.size)
    return values[lnp.argmax(counts)], lnp.max(counts)


def rankdata(a: Any, method: str = "average", *, axis: int | None = None, nan_policy: str = "propagate") -> Array:
    """Ranks of the elements, from 1; nan everywhere if one is nan.

    Args:
        a: numbers.
        method: the rank of equal elements: the "average" of their places, the "min" or the "max"; "dense": as min, but
            the next larger has the next rank; "ordinal": different ones, in their order.
        axis: along which to rank; None: all elements of the raveled array.

    Raises: ValueError for another method.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> scipy.stats.rankdata(lnp.array([10, 30, 20, 20]))
    Array([1. , 4. , 2.5, 2.5], dtype=float32)
    """
    _refuse_policy("rankdata", nan_policy)
    if method not in _RANKS:
        listed = ", ".join(map(repr, _RANKS))
        raise ValueError(f"scipy.stats.rankdata: method is one of {listed}, not {method!r}.")
    x = operand("scipy.stats.rankdata", a, "a")
    if axis is None:
        return _ranks(lnp.ravel(x), method)
    axis = normal_axis("scipy.stats.rankdata", axis, x.ndim)
    rows = lnp.moveaxis(x, axis, -1)
    ranks = vmap(lambda row: _ranks(row, method))(lnp.reshape(rows, (math.prod(rows.shape[:-1]), rows.shape[-1])))
    return lnp.moveaxis(lnp.reshape(ranks, rows.shape), -1, axis)


# from the first place, the last place and the number of the group of equal elements
_RANKS = {
    "average": lambda first, last, group: 0.5 * (first + last),
    "min": lambda first, last, group: first,
    "max": lambda first, last, group: last,
    "dense": lambda first, last, group: group,
    "ordinal": None,
}


def _ranks(x: Array, method: str) -> Array:
    dtype = dtypes.canonicalize_dtype(float)
    places = lnp.arange(1, x.size + 1)
    ordered, order = lax.sort_key_val(x, places - 1, 0)
    combine = _RANKS[method]
    if combine is None:
        ranks = places.astype(dtype)
    else:
        is_new = lnp.concatenate([lnp.ones(min(x.size, 1), bool), ordered[1:] != ordered[:-1]])
        first = lax.cummax(lnp.where(is_new, places, 0), 0)
        is_last = lnp.concatenate([is_new[1:], lnp.ones(min(x.size, 1), bool)])
        last = lax.cummin(lnp.where(is_last, places, x.size), 0, reverse=True)
        ranks = combine(first.astype(dtype), last.astype(dtype), lnp.cumsum(is_new).astype(dtype))
    result = lnp.zeros(x.shape, dtype).at[order].set(ranks)
    return lnp.where(lnp.any(lnp.isnan(x)), math.nan, result) if dtypes.issubdtype(x.dtype, np.inexact) else result


def sem(a: Any, axis: int | None = 0, ddof: int = 1, nan_policy: str = "propagate", *, keepdims: bool = False) -> Array:
    """The standard error of the mean: the standard deviation (with n − ddof) over √n; nan_policy "omit" leaves nan out.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> scipy.stats.sem(lnp.array([1.0, 2.0, 3.0, 4.0]))
    Array(0.6454972, dtype=float32)
    """
    (x,) = promoted("scipy.stats.sem", a, names=("a",), inexact=True)
    if nan_policy == "propagate":
        count = x.size if axis is None else x.shape[normal_axis("scipy.stats.sem", axis, x.ndim)]
        return lnp.std(x, axis, ddof=ddof, keepdims=keepdims) / lnp.asarray(
            math.sqrt(count), dtypes.to_real_dtype(x.dtype)
        )
    if nan_policy != "omit":
        raise ValueError(f"scipy.stats.sem: nan_policy is 'propagate' or 'omit', not {nan_policy!r}.")
    counts = lnp.sum(~lnp.isnan(x), axis, keepdims=keepdims)
    return lnp.nanstd(x, axis, ddof=ddof, keepdims=keepdims) / lnp.sqrt(counts.astype(dtypes.to_real_dtype(x.dtype)))

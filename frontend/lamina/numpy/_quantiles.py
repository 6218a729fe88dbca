"""Medians, quantiles and percentiles: elements of the sorted array, or between two of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.devices import refuse_sharding
from lamina.lax._sorting import sort_key_val
from lamina.numpy import _elementwise as e
from lamina.numpy._manipulation import moveaxis
from lamina.numpy._operands import converted, expanded, filled, normal_axes, operand, promoted, refuse_out
from lamina.numpy._reductions import any as any_
from lamina.numpy._reductions import sum as sum_
from lamina.numpy._scans import cumsum
from lamina.numpy._sorting import sort
from lamina.numpy._steps import permuted, reshaped
from lamina.numpy._taking import take_along_axis
from lamina_compiler.opdef import REGISTRY

Axis = Any

_METHODS = ("linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf")


def quantile(
    a: Any, q: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Array:  # fmt: skip
    """The value that the fraction q of the elements along the axes is below. nan where an element is nan.

    Args:
        a: real numbers.
        q: fractions between 0 and 1, a number or a vector, whose dimension comes first in the result.
        axis: None: all.
        method: what to take between two elements: "linear", "lower", "higher", "midpoint", "nearest"; "inverted_cdf":
            the first element at which the (weighted) part of the elements so far reaches q.
        weights: of the elements, for "inverted_cdf"; of the shape of a, or of its axes.

    >>> import lamina.numpy as lnp
    >>> lnp.quantile(lnp.array([1.0, 2.0, 3.0, 4.0]), lnp.array([0.0, 0.5]))
    Array([1. , 2.5], dtype=float32)
    """
    return _quantile("quantile", a, q, axis, out, overwrite_input, method, keepdims, weights, skip_nan=False)


def nanquantile(
    a: Any, q: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Array:  # fmt: skip
    """`quantile` of the elements that are not nan; nan where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanquantile(lnp.array([1.0, lnp.nan, 3.0]), 0.25)
    Array(1.5, dtype=float32)
    """
    return _quantile("nanquantile", a, q, axis, out, overwrite_input, method, keepdims, weights, skip_nan=True)


def percentile(
    a: Any, q: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None, out_sharding: Any = None,
) -> Array:  # fmt: skip
    """`quantile` for q in percent.

    >>> import lamina.numpy as lnp
    >>> lnp.percentile(lnp.array([1.0, 2.0, 3.0]), 25)
    Array(1.5, dtype=float32)
    """
    refuse_sharding("lnp.percentile", out_sharding)
    (q,) = promoted("percentile", q, names=("q",), inexact=True)
    return _quantile("percentile", a, q / 100, axis, out, overwrite_input, method, keepdims, weights, skip_nan=False)


def nanpercentile(
    a: Any, q: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Array:  # fmt: skip
    """`percentile` of the elements that are not nan; nan where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanpercentile(lnp.array([1.0, lnp.nan, 3.0]), 50)
    Array(2., dtype=float32)
    """
    (q,) = promoted("nanpercentile", q, names=("q",), inexact=True)
    return _quantile("nanpercentile", a, q / 100, axis, out, overwrite_input, method, keepdims, weights, skip_nan=True)


def median(a: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Array:
    """The middle element along the axes, or the mean of the two in the middle. nan where an element is nan.

    >>> import lamina.numpy as lnp
    >>> lnp.median(lnp.array([[3, 1, 2], [8, 8, 4]]), axis=1)
    Array([2., 8.], dtype=float32)
    """
    return _quantile("median", a, 0.5, axis, out, overwrite_input, "midpoint", keepdims, None, skip_nan=False)


def nanmedian(
    a: Any, axis: Axis = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False
) -> Array:
    """`median` of the elements that are not nan; nan where there are none.

    >>> import lamina.numpy as lnp
    >>> lnp.nanmedian(lnp.array([1.0, lnp.nan, 3.0, 8.0]))
    Array(3., dtype=float32)
    """
    return _quantile("nanmedian", a, 0.5, axis, out, overwrite_input, "midpoint", keepdims, None, skip_nan=True)


def _quantile(
    function: str, a: Any, q: Any, axis: Axis, out: Any, overwrite_input: bool, method: str, keepdims: bool,
    weights: Any, *, skip_nan: bool,
) -> Array:  # fmt: skip
    refuse_out(function, out)
    if overwrite_input:
        raise ValueError(f"lnp.{function}: there is no overwrite_input=, because arrays are immutable")
    if method not in _METHODS:
        raise ValueError(f"lnp.{function}: the method is one of {', '.join(_METHODS)}, not {method!r}")
    (a,) = promoted(function, a, names=("a",), inexact=True)
    (q,) = promoted(function, q, names=("q",), inexact=True)
    if a.dtype.kind == "c":
        raise ValueError(f"lnp.{function} takes real numbers: complex ones have no order")
    if q.ndim > 1:
        raise errors.ShapeError(f"lnp.{function}", "q must be a number or a vector", q=q.shape)
    axes = normal_axes(function, axis, a.ndim)
    if any(a.shape[d] == 0 for d in axes):
        raise ValueError(f"lnp.{function} of no elements (shape {a.shape}) does not exist")
    lines = _lines(a, axes)
    if method == "inverted_cdf":
        w = filled(a.shape, 1, a.dtype) if weights is None else _weights(function, weights, a, axes)
        lines, w = promoted(function, lines, _lines(w, axes))
        result = _weighted(lines, w, q, skip_nan)
    elif weights is not None:
        raise NotImplementedError(f"lnp.{function}: weights have a meaning for the method 'inverted_cdf' only")
    else:
        result = _between(lines, q, method, skip_nan)
    result = moveaxis(result, -1, 0) if q.ndim else result[..., 0]
    if not keepdims:
        return result
    return reshaped(result, (*q.shape, *(1 if d in axes else n for d, n in enumerate(a.shape))))


def _lines(a: Array, axes: tuple[int, ...]) -> Array:
    """The axes as one, the last."""
    others = [d for d in range(a.ndim) if d not in axes]
    moved = permuted(a, [*others, *axes])
    return reshaped(moved, (*moved.shape[: len(others)], math.prod(a.shape[d] for d in axes)))


def _weights(function: str, weights: Any, a: Array, axes: tuple[int, ...]) -> Array:
    w = operand(function, weights, "weights")
    if w.dtype.kind == "c":
        raise ValueError(f"lnp.{function}: weights are real numbers")
    if w.shape == a.shape:
        return w
    if w.shape != tuple(a.shape[d] for d in axes):
        raise errors.ShapeError(
            f"lnp.{function}", "weights have the shape of a, or that of the axes", a=a.shape, weights=w.shape
        )
    order = sorted(range(len(axes)), key=axes.__getitem__)
    shape = tuple(n if d in axes else 1 for d, n in enumerate(a.shape))
    return expanded(reshaped(permuted(w, order), shape), a.shape)


def _between(a: Array, q: Array, method: str, skip_nan: bool) -> Array:
    """[..., n], [m] or [] → [..., m or 1]"""
    dtype = dtypes.promote_types(a.dtype, q.dtype)
    q = reshaped(q, (q.size,))
    ordered = sort(a)
    if skip_nan:
        last = sum_(e.logical_not(e.isnan(a)), -1, dtype=q.dtype, keepdims=True) - 1
    else:
        last = filled((*a.shape[:-1], 1), a.shape[-1] - 1, q.dtype)
    place = q * last
    low, high = e.floor(place), e.ceil(place)
    share = place - low
    shape = share.shape
    # places out of range (q is not a fraction, or all are nan) are moved inside
    at = [converted(e.maximum(e.minimum(edge, last), 0), dtypes.canonicalize_dtype(int)) for edge in (low, high)]
    below, above = (take_along_axis(ordered, expanded(index, shape), -1, mode="clip") for index in at)
    if method == "linear":
        result = converted(below, dtype) * (1 - share) + converted(above, dtype) * share
    else:
        result = {
            "lower": lambda: below,
            "higher": lambda: above,
            "nearest": lambda: e.where(share <= 0.5, below, above),
            "midpoint": lambda: (below + above) * 0.5,
        }[method]()
    if not skip_nan:
        result = e.where(any_(e.isnan(a), -1, keepdims=True), float("nan"), result)
    return converted(result, a.dtype)


def _weighted(a: Array, w: Array, q: Array, skip_nan: bool) -> Array:
    """The first elements at which the sum of the weights so far reaches q times their sum."""
    missing = e.isnan(a)
    wrong = e.logical_or(w < 0, e.isnan(w))
    ordered, w = sort_key_val(a, e.where(e.logical_or(wrong, missing), 0, w))
    so_far = cumsum(w, -1)
    target = reshaped(q, (q.size,)) * so_far[..., -1:]
    so_far, target = promoted("quantile", so_far, target)
    batch = so_far.ndim - 1
    index = bind(
        REGISTRY["searchsorted"], so_far, target, side="left", batch_dimensions=batch, dtype=np.dtype(np.int32)
    )
    count = sum_(e.logical_not(missing), -1, keepdims=True) if skip_nan else a.shape[-1]
    index = e.maximum(e.minimum(index, count - 1), 0)
    result = take_along_axis(ordered, index, -1, mode="clip")
    unknown = any_(wrong, -1, keepdims=True)
    nothing = count == 0 if skip_nan else any_(missing, -1, keepdims=True)
    return e.where(e.logical_or(unknown, nothing), float("nan"), result)

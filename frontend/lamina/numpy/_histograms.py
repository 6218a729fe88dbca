"""Counting values by the bins they fall in."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Sequence
from typing import Any

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._counting import bincount
from lamina.numpy._creation import asarray
from lamina.numpy._differences import diff
from lamina.numpy._joining import stack
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import converted, filled, operand, promoted
from lamina.numpy._ranges import linspace
from lamina.numpy._reductions import max as max_
from lamina.numpy._reductions import min as min_
from lamina.numpy._reductions import sum as sum_
from lamina.numpy._searching import searchsorted
from lamina.numpy._steps import reshaped


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Array:
    """Edges of bins: that many of one width over the range (default: of the values), or the given ones.

    >>> import lamina.numpy as lnp
    >>> lnp.histogram_bin_edges(lnp.array([1.0, 5.0]), 2)
    Array([1., 3., 5.], dtype=float32)
    """
    if isinstance(bins, str):
        raise NotImplementedError("lnp.histogram_bin_edges: bins is a number or the edges; rules by name do not exist")
    a = operand("histogram_bin_edges", a, "a")
    dtype = dtypes.to_inexact_dtype(a.dtype)
    edges = asarray(bins)
    if edges.ndim == 1:
        return converted(edges, dtype)
    if range is None:
        low, high = (
            (converted(min_(a), dtype), converted(max_(a), dtype))
            if a.size
            else (asarray(0.0, dtype), asarray(1.0, dtype))
        )
    else:
        bounds = asarray(range, dtype)
        if bounds.shape != (2,):
            raise ValueError(f"lnp.histogram_bin_edges: range is a pair of numbers, not {range!r}")
        low, high = bounds[0], bounds[1]
    single = low == high
    return linspace(
        e.where(single, low - 0.5, low), e.where(single, high + 0.5, high), operator.index(bins) + 1, dtype=dtype
    )


def histogram(
    a: Any, bins: Any = 10, range: Sequence[Any] | None = None, weights: Any = None, density: bool | None = None
) -> tuple[Array, Array]:
    """How many values fall in each bin, and the edges. The last bin includes its right edge.

    Args:
        bins: a number of bins, or their edges.
        range: of the bins, where `bins` is a number; values outside are not counted.
        weights: of the values, added up instead of counting.
        density: whether to divide so that the integral is 1.

    >>> import lamina.numpy as lnp
    >>> lnp.histogram(lnp.array([1.0, 2.0, 2.5, 4.0]), bins=lnp.array([1.0, 2.0, 4.0]))
    (Array([1., 3.], dtype=float32), Array([1., 2., 4.], dtype=float32))
    """
    a, weights = _weighted("histogram", a, weights)
    if weights.shape != a.shape:
        raise errors.ShapeError("lnp.histogram", "weights must have the shape of a", a=a.shape, weights=weights.shape)
    edges = histogram_bin_edges(a, bins, range)
    places = _places(ravel(a), edges)
    counts = bincount(places, ravel(weights), length=edges.size + 1)[1:-1]
    counts = converted(counts, weights.dtype)
    if density:
        counts = counts / diff(edges) / sum_(counts)
    return counts, edges


def _weighted(function: str, a: Any, weights: Any) -> tuple[Array, Array]:
    """Values and their weights (default 1) in one inexact dtype."""
    if weights is not None:
        a, weights = promoted(function, a, weights, names=("a", "weights"), inexact=True)
        return a, weights
    (a,) = promoted(function, a, names=("a",), inexact=True)
    return a, filled(a.shape, 1, a.dtype)


def _places(values: Array, edges: Array) -> Array:
    """Number of the bin from 1 on; 0 below all, and one more than there are above all."""
    place = searchsorted(edges, values, "right")
    return e.where(values == edges[-1], edges.size - 1, place)


def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Sequence[Any] | None = None, weights: Any = None,
    density: bool | None = None,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """How many points (x, y) fall in each cell of a grid, and the edges along x and y; see `histogramdd`.

    >>> import lamina.numpy as lnp
    >>> counts, _, _ = lnp.histogram2d(lnp.array([0.0, 1.0, 1.0]), lnp.array([0.0, 0.0, 1.0]), bins=2)
    >>> counts
    Array([[1, 0],
           [1, 1]], dtype=int32)
    """
    x, y = promoted("histogram2d", x, y)
    if x.ndim != 1 or x.shape != y.shape:
        raise errors.ShapeError("lnp.histogram2d", "x and y must be vectors of one size", x=x.shape, y=y.shape)
    per_axis = len(bins) if hasattr(bins, "__len__") and getattr(bins, "ndim", 1) else 1
    if per_axis not in (1, 2):  # one vector of edges for both
        bins = [bins, bins]
    counts, (edges_x, edges_y) = histogramdd(stack([x, y], 1), bins, range, weights, density)
    return counts, edges_x, edges_y


def histogramdd(
    sample: Any, bins: Any = 10, range: Sequence[Any] | None = None, weights: Any = None, density: bool | None = None
) -> tuple[Array, list[Array]]:
    """How many points fall in each cell of a grid, and the edges along each dimension.

    Args:
        sample: the points, of the shape (count, dimensions).
        bins: a number of bins, or for each dimension a number of bins or edges.
        range: for each dimension a pair, or None.
        weights: of the points, added up instead of counting.
        density: whether to divide so that the integral is 1.

    >>> import lamina.numpy as lnp
    >>> counts, edges = lnp.histogramdd(lnp.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), bins=2)
    >>> counts
    Array([[1, 0],
           [1, 1]], dtype=int32)
    """
    sample = operand("histogramdd", sample, "sample")
    if sample.ndim != 2:
        raise errors.ShapeError("lnp.histogramdd", "sample has the shape (count, dimensions)", sample=sample.shape)
    count, dimensions = sample.shape
    if weights is not None:
        weights = operand("histogramdd", weights, "weights")
        if weights.shape != (count,):
            raise errors.ShapeError(
                "lnp.histogramdd", "there must be one weight for each point", sample=sample.shape, weights=weights.shape
            )
        sample, weights = promoted("histogramdd", sample, weights, names=("sample", "weights"), inexact=True)
    else:
        (sample,) = promoted("histogramdd", sample, names=("sample",), inexact=True)
    if range is not None and len(range) != dimensions:
        raise ValueError(
            f"lnp.histogramdd: range has a pair or None for each of {dimensions} dimensions, not {range!r}"
        )
    one = not hasattr(bins, "__len__") or getattr(bins, "ndim", 1) == 0
    each = [bins] * dimensions if one else list(bins)
    if len(each) != dimensions:
        raise ValueError(f"lnp.histogramdd: bins has an entry for each of {dimensions} dimensions, not {len(each)}")
    edges, flat = [], None
    for i, chosen in enumerate(each):
        column = sample[:, i]
        edges.append(histogram_bin_edges(column, chosen, None if range is None else range[i]))
        place = _places(column, edges[-1])
        flat = place if flat is None else flat * (edges[-1].size + 1) + place
    padded = tuple(edge.size + 1 for edge in edges)
    counts = bincount(flat, weights, length=math.prod(padded))
    counts = reshaped(counts, padded)[(slice(1, -1),) * dimensions]
    if density:
        counts = converted(counts, sample.dtype)
        counts = counts / sum_(counts)
        for i, edge in enumerate(edges):
            counts = counts / reshaped(
                diff(edge), tuple(edge.size - 1 if d == i else 1 for d in builtins.range(dimensions))
            )
    return counts, edges

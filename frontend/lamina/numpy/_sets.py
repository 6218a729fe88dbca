"""Distinct elements, and operations on arrays as sets.

How many there are depends on the values: under `jit` and `vmap` the result needs a `size`; what is too much is left
out, what is missing is filled up with `fill_value`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from lamina.array import Array
from lamina.lax._cumulative import cummax
from lamina.numpy import _elementwise as e
from lamina.numpy._differences import diff
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._nonzero import nonzero
from lamina.numpy._operands import converted, expanded, filled, normal_axis, operand, promoted
from lamina.numpy._ranges import arange
from lamina.numpy._reductions import any as any_
from lamina.numpy._reductions import sum as sum_
from lamina.numpy._scans import cumsum
from lamina.numpy._searching import searchsorted
from lamina.numpy._sorting import argsort, lexsort, sort
from lamina.numpy._steps import reshaped
from lamina.numpy._taking import known_value


class UniqueAllResult(NamedTuple):
    """What `unique_all` gives."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCountsResult(NamedTuple):
    """What `unique_counts` gives."""

    values: Array
    counts: Array


class UniqueInverseResult(NamedTuple):
    """What `unique_inverse` gives."""

    values: Array
    inverse_indices: Array


_CURE = "Say how many with size=; what is missing is filled up with fill_value=."


def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, *, equal_nan: bool = True, size: int | None = None, fill_value: Any = None,
    sorted: bool = True,
) -> Any:  # fmt: skip
    """The distinct elements (None: of the flattened array) or slices along an axis, in increasing order.

    Args:
        return_index: also the positions of their first occurrences.
        return_inverse: also for each element which of them it is.
        return_counts: also how often each occurs.
        equal_nan: whether several nan are one.
        size: how many; needed where the values of `ar` are not known yet.
        fill_value: what missing ones are; default: the first.
        sorted: accepted; they are always.

    Raises: ConcretizationTypeError in a traced program without `size`.

    >>> import lamina.numpy as lnp
    >>> lnp.unique(lnp.array([3, 1, 3]), return_counts=True)
    (Array([1, 3], dtype=int32), Array([1, 2], dtype=int32))
    >>> lnp.unique(lnp.array([3, 1, 3]), size=3, fill_value=-1)
    Array([ 1,  3, -1], dtype=int32)
    """
    x = operand("unique", ar, "ar")
    shape = x.shape
    x, axis = (ravel(x), 0) if axis is None else (x, normal_axis("unique", axis, x.ndim))
    flattened = x.shape != shape or x.ndim == 1
    if size is None:
        known_value(x, "`lnp.unique` without size=", _CURE)
    elif x.shape[axis] == 0 and size and fill_value is None:
        raise ValueError("lnp.unique: there is no element, so a size needs a fill_value")
    rows = moveaxis(x, axis, 0)
    order, first = _grouped(rows, equal_nan)
    found = nonzero(first, size=size)[0]
    values = rows[order][found] if rows.shape[0] else filled((size or 0, *rows.shape[1:]), 0, x.dtype)
    if size is not None and fill_value is not None:
        valid = reshaped(arange(size) < sum_(first), (size, *(1,) * (rows.ndim - 1)))
        values = e.where(valid, values, converted(operand("unique", fill_value, "fill_value"), x.dtype))
    results = [moveaxis(values, 0, axis)]
    if return_index:
        results.append(order[found] if rows.shape[0] else found)
    if return_inverse:
        which = cumsum(first) - 1
        inverse = which[argsort(order)] if rows.shape[0] else order
        results.append(reshaped(inverse, shape) if flattened else inverse)
    if return_counts:
        n = rows.shape[0]
        count = None if size is None else size + 1  # where the last one ends
        starts = nonzero(first, size=count, fill_value=n)[0]
        results.append(diff(starts, append=None if size is not None else filled((1,), n, starts.dtype)))
    return results[0] if len(results) == 1 else tuple(results)


def _grouped(rows: Array, equal_nan: bool) -> tuple[Array, Array]:
    """The order of slices along axis 0, and which of them, in this order, differ from the one before."""
    size = rows.shape[0]
    columns = reshaped(rows, (size, math.prod(rows.shape[1:])))
    if columns.dtype.kind == "c":  # one nan for all numbers with a nan part
        columns = e.where(e.isnan(columns), math.nan, columns)
    if columns.shape[1] == 0 or size == 0:
        return arange(size), arange(size) == 0
    if columns.shape[1] == 1:
        order = argsort(columns[:, 0])
    else:
        order = lexsort([columns[:, i] for i in reversed(range(columns.shape[1]))])
    ordered = columns[order]
    later, earlier = ordered[1:], ordered[:-1]
    differ = later != earlier
    if equal_nan and columns.dtype.kind in "fcV":
        differ = e.logical_and(differ, e.logical_not(e.logical_and(e.isnan(later), e.isnan(earlier))))
    return order, concatenate([filled((1,), True, np.dtype(bool)), any_(differ, 1)])


def unique_all(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> UniqueAllResult:
    """Distinct elements, their first positions, for each element which it is, and how often each occurs.

    >>> import lamina.numpy as lnp
    >>> found = lnp.unique_all(lnp.array([3, 1, 3]))
    >>> found.values, found.counts
    (Array([1, 3], dtype=int32), Array([1, 2], dtype=int32))
    """
    return UniqueAllResult(*unique(x, True, True, True, equal_nan=False, size=size, fill_value=fill_value))


def unique_counts(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> UniqueCountsResult:
    """Distinct elements, and how often each occurs.

    >>> import lamina.numpy as lnp
    >>> lnp.unique_counts(lnp.array([3, 1, 3])).counts
    Array([1, 2], dtype=int32)
    """
    return UniqueCountsResult(*unique(x, return_counts=True, equal_nan=False, size=size, fill_value=fill_value))


def unique_inverse(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> UniqueInverseResult:
    """Distinct elements, and for each element which of them it is.

    >>> import lamina.numpy as lnp
    >>> found = lnp.unique_inverse(lnp.array([3, 1, 3]))
    >>> found.values[found.inverse_indices]
    Array([3, 1, 3], dtype=int32)
    """
    return UniqueInverseResult(*unique(x, return_inverse=True, equal_nan=False, size=size, fill_value=fill_value))


def unique_values(x: Any, /, *, size: int | None = None, fill_value: Any = None) -> Array:
    """Distinct elements; every nan is one.

    >>> import lamina.numpy as lnp
    >>> lnp.unique_values(lnp.array([3, 1, 3]))
    Array([1, 3], dtype=int32)
    """
    return unique(x, equal_nan=False, size=size, fill_value=fill_value)


def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, method: str = "auto"
) -> Array:
    """Whether each element is among the test elements, or (`invert`) is not; found by binary search.

    >>> import lamina.numpy as lnp
    >>> lnp.isin(lnp.array([1, 2, 3]), lnp.array([3, 1]))
    Array([ True, False,  True], dtype=bool)
    """
    if method not in ("auto", "compare_all", "binary_search", "sort"):
        raise ValueError(f"lnp.isin: method is one of auto, compare_all, binary_search, sort, not {method!r}")
    x, tests = promoted("isin", element, test_elements, names=("element", "test_elements"))
    if not tests.size:
        return filled(x.shape, invert, np.dtype(bool))
    tests = sort(ravel(tests))
    found = tests[e.minimum(searchsorted(tests, x), tests.size - 1)] == x
    return e.logical_not(found) if invert else found


def union1d(ar1: Any, ar2: Any, *, size: int | None = None, fill_value: Any = None) -> Array:
    """Distinct elements of both arrays, in increasing order.

    >>> import lamina.numpy as lnp
    >>> lnp.union1d(lnp.array([3, 1]), lnp.array([2, 3]))
    Array([1, 2, 3], dtype=int32)
    """
    both = promoted("union1d", ar1, ar2, names=("ar1", "ar2"))
    return unique(concatenate([ravel(x) for x in both]), size=size, fill_value=fill_value)


def setdiff1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, *, size: int | None = None, fill_value: Any = None
) -> Array:
    """Distinct elements of the first array that are not in the second, in increasing order (`assume_unique`: as they
    stand); missing ones are 0.

    >>> import lamina.numpy as lnp
    >>> lnp.setdiff1d(lnp.array([3, 1, 2, 3]), lnp.array([2]))
    Array([1, 3], dtype=int32)
    """
    x = ravel(operand("setdiff1d", ar1, "ar1"))
    fill_value = converted(operand("setdiff1d", 0 if fill_value is None else fill_value, "fill_value"), x.dtype)
    if assume_unique or not x.size:
        chosen = isin(x, ar2, invert=True)
        return _picked("setdiff1d", x, chosen, size, fill_value)
    order, first = _grouped(x, equal_nan=True)
    ordered = x[order]
    chosen = e.logical_and(first, isin(ordered, ar2, invert=True))
    return _picked("setdiff1d", ordered, chosen, size, fill_value)


def setxor1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, *, size: int | None = None, fill_value: Any = None
) -> Array:
    """Distinct elements that are in one of the arrays only, in increasing order; missing ones are the first.

    >>> import lamina.numpy as lnp
    >>> lnp.setxor1d(lnp.array([3, 1]), lnp.array([2, 3]))
    Array([1, 2], dtype=int32)
    """
    merged = _Merged("setxor1d", ar1, ar2)
    alone = e.logical_and(merged.last, merged.of_second[merged.start] == merged.of_second)
    return _picked("setxor1d", merged.values, alone, size, fill_value)


def intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False, *, size: int | None = None,
    fill_value: Any = None,
) -> Any:  # fmt: skip
    """Distinct elements that are in both arrays, in increasing order; missing ones are the first.

    `return_indices`: also the positions of their first occurrences in the flattened arrays; missing ones are the sizes.

    >>> import lamina.numpy as lnp
    >>> lnp.intersect1d(lnp.array([3, 1, 2]), lnp.array([2, 3, 3]), return_indices=True)
    (Array([2, 3], dtype=int32), Array([2, 0], dtype=int32), Array([0, 1], dtype=int32))
    """
    merged = _Merged("intersect1d", ar1, ar2)
    # the last of a group that is of the first array, if one of the second follows
    here, after = merged.of_second[:-1], merged.of_second[1:]
    meets = e.logical_and(e.logical_not(here), after)
    meets = e.logical_and(meets, e.logical_not(merged.last[:-1]))
    values = _picked("intersect1d", merged.values[:-1], meets, size, fill_value)
    if not return_indices:
        return values
    in_first = merged.order[merged.start[:-1]]
    in_second = merged.order[1:] - merged.sizes[0]
    indices = (
        _picked("intersect1d", index, meets, size, n)
        for index, n in zip((in_first, in_second), merged.sizes, strict=True)
    )
    return (values, *indices)


class _Merged:
    """Two arrays as one sorted vector; equal elements are a group, in which those of the first array come first."""

    def __init__(self, function: str, ar1: Any, ar2: Any):
        both = [ravel(x) for x in promoted(function, ar1, ar2, names=("ar1", "ar2"))]
        joined = concatenate(both)
        self.sizes = both[0].size, both[1].size
        self.order = argsort(joined)
        self.values = joined[self.order]
        self.of_second = self.order >= self.sizes[0]
        edge = filled((min(joined.size, 1),), True, np.dtype(bool))
        first = concatenate([edge, self._differ()])
        self.last = concatenate([first[1:], edge])
        positions = arange(joined.size)
        self.start = cummax(e.where(first, positions, 0))  # of the group of each element

    def _differ(self) -> Array:
        later, earlier = self.values[1:], self.values[:-1]
        differ = later != earlier
        if self.values.dtype.kind not in "fcV":
            return differ
        same_array = self.of_second[1:] == self.of_second[:-1]  # nan of one array are one, of two are two
        both_nan = e.logical_and(e.isnan(later), e.isnan(earlier))
        return e.logical_and(differ, e.logical_not(e.logical_and(both_nan, same_array)))


def _picked(function: str, values: Array, chosen: Array, size: int | None, fill_value: Any) -> Array:
    """The chosen values; `size` of them, of which missing ones are the fill value or else the first (0 of none)."""
    if size is None:
        known_value(chosen, f"`lnp.{function}` without size=", _CURE)
        return values[nonzero(chosen)[0]]
    if not values.size:
        fill = operand(function, 0 if fill_value is None else fill_value, "fill_value")
        return expanded(converted(fill, values.dtype), (size,))
    result = values[nonzero(chosen, size=size)[0]]
    count = sum_(chosen)
    if fill_value is None:
        fill_value = e.where(count > 0, result[:1], filled((1,), 0, values.dtype))
    return e.where(arange(size) < count, result, fill_value)

"""Reductions over segments: one scatter."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import lamina.numpy as lnp
from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.devices import refuse_sharding
from lamina.lax._gather import Mode
from lamina.numpy._operands import filled, operand
from lamina.numpy._taking import known_value


class _Reduction(NamedTuple):
    """Its name in `x.at`, the function on whole arrays that combines buckets, and what an empty segment gives."""

    update: str
    reduce: Callable[..., Array]
    neutral: Callable[[np.dtype], Any]


def _limit(dtype: np.dtype, largest: bool) -> Any:
    """The largest or smallest number of a dtype."""
    if dtype.kind == "b":
        return largest
    if dtype.kind in "iu":
        return int(dtypes.iinfo(dtype).max if largest else dtypes.iinfo(dtype).min)
    return math.inf if largest else -math.inf


_SUM = _Reduction("add", lnp.sum, lambda dtype: 0)
_PROD = _Reduction("multiply", lnp.prod, lambda dtype: 1)
_MAX = _Reduction("max", lnp.max, lambda dtype: _limit(dtype, largest=False))
_MIN = _Reduction("min", lnp.min, lambda dtype: _limit(dtype, largest=True))


def _segments(
    function: str,
    reduction: _Reduction,
    data: Any,
    segment_ids: Any,
    num_segments: int | None,
    unique_indices: bool,
    bucket_size: int | None,
    mode: Mode,
) -> Array:
    data, ids = operand(function, data, "data"), operand(function, segment_ids, "segment_ids")
    if ids.dtype.kind not in "iu":
        raise TypeError(f"ops.{function}: segment_ids must be integers, not {ids.dtype}")
    if num_segments is None:
        value = known_value(ids, f"`ops.{function}` without num_segments=", "Give their number: num_segments=...")
        num_segments = int(value.max()) + 1 if value.size else 0
    num_segments = operator.index(num_segments)
    if num_segments < 0:
        raise ValueError(f"ops.{function}: the number of segments, {num_segments}, is negative")
    if not ids.ndim or ids.shape != data.shape[: ids.ndim]:
        problem = "segment_ids must have the shape of the first axes of data"
        raise errors.ShapeError(f"ops.{function}", problem, data=data.shape, segment_ids=ids.shape)
    rest, neutral = data.shape[ids.ndim :], reduction.neutral(data.dtype)
    if bucket_size is None:
        empty = filled((num_segments, *rest), neutral, data.dtype)
        return _combined(reduction, empty, ids, data, unique_indices, mode)
    bucket = np.arange(ids.shape[0]) // bucket_size
    empty = filled((-(-ids.shape[0] // bucket_size), num_segments, *rest), neutral, data.dtype)
    buckets = _combined(reduction, empty, (from_numpy(bucket.astype(np.int32)), ids), data, unique_indices, mode)
    return lnp.astype(reduction.reduce(buckets, axis=0), data.dtype)


def _combined(reduction: _Reduction, empty: Array, index: Any, data: Array, unique: bool, mode: Mode) -> Array:
    update: Callable[..., Array] = getattr(empty.at[index], reduction.update)
    return update(data, unique_indices=unique, mode=mode, wrap_negative_indices=False)


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False,
    unique_indices: bool = False, bucket_size: int | None = None, mode: Mode = None,
    out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Sums of the slices of `data` that belong to one segment each.

    Args:
        data: slices along the first axes.
        segment_ids: integers: the segment of each slice; those outside of 0 to num_segments − 1 are dropped.
        num_segments: their number; default: the largest id plus 1. Needed where the ids are not known yet.
        indices_are_sorted: accepted; nothing depends on it.
        unique_indices: a promise that no id repeats.
        bucket_size: reduce so many slices at a time, then the results: smaller rounding errors.
        mode: "clip": an id outside is the nearest segment.

    Returns: of shape (num_segments, …); what an empty segment gives is 0.

    >>> import lamina, lamina.numpy as lnp
    >>> lamina.ops.segment_sum(lnp.array([1.0, 2.0, 3.0]), lnp.array([0, 0, 2]))
    Array([3., 0., 3.], dtype=float32)
    """
    refuse_sharding("ops.segment_sum", out_sharding)
    return _segments("segment_sum", _SUM, data, segment_ids, num_segments, unique_indices, bucket_size, mode)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False,
    unique_indices: bool = False, bucket_size: int | None = None, mode: Mode = None,
    out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Products of segments; of an empty one: 1. See `segment_sum`.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.ops.segment_prod(lnp.array([5, 1, 7, 2]), lnp.array([0, 0, 1, 1]))
    Array([ 5, 14], dtype=int32)
    """
    refuse_sharding("ops.segment_prod", out_sharding)
    return _segments("segment_prod", _PROD, data, segment_ids, num_segments, unique_indices, bucket_size, mode)


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False,
    unique_indices: bool = False, bucket_size: int | None = None, mode: Mode = None,
    out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Maxima of segments; of an empty one: −inf, or the smallest integer. See `segment_sum`.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.ops.segment_max(lnp.array([5, 1, 7, 2]), lnp.array([0, 0, 1, 1]))
    Array([5, 7], dtype=int32)
    """
    refuse_sharding("ops.segment_max", out_sharding)
    return _segments("segment_max", _MAX, data, segment_ids, num_segments, unique_indices, bucket_size, mode)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, indices_are_sorted: bool = False,
    unique_indices: bool = False, bucket_size: int | None = None, mode: Mode = None,
    out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Minima of segments; of an empty one: inf, or the largest integer. See `segment_sum`.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.ops.segment_min(lnp.array([5, 1, 7, 2]), lnp.array([0, 0, 1, 1]))
    Array([1, 2], dtype=int32)
    """
    refuse_sharding("ops.segment_min", out_sharding)
    return _segments("segment_min", _MIN, data, segment_ids, num_segments, unique_indices, bucket_size, mode)

"""Indices as a list of one entry per axis: what `x[i, ..., ::2]` means before anything is read."""

from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np

from lamina import errors
from lamina.array import Array, ConcreteArray
from lamina.tracing import Tracer


class Range(NamedTuple):
    """Elements `start`, `start + step`, … (`size` of them) of an axis; `step` may be negative."""

    start: int
    step: int
    size: int

    @property
    def bounds(self) -> tuple[int, int, int]:
        """First position, limit and positive stride of the elements in ascending order."""
        last = self.start + self.step * (self.size - 1)
        low, high = sorted((self.start, last))
        return (low, high + 1, abs(self.step)) if self.size else (0, 0, 1)


class At(NamedTuple):
    """One position of an axis, which the result does not have; traced unless it is an int."""

    position: Any


class Gather(NamedTuple):
    """Positions of an axis given by an integer array."""

    positions: Any


class New:
    """A new axis of size 1."""


Entry = Range | At | Gather | type[New]


def parse(index: Any, shape: tuple[int, ...]) -> list[Entry]:
    """One entry for each axis of an array of the given shape, and for each new axis.

    Raises: IndexOutOfBoundsError for a known int outside the axis; IndexError for too many indices; TypeError for what
    is no index (lists, floats, text).
    """
    items = [_checked(item) for item in (index if isinstance(index, tuple) else (index,))]
    items = [part for item in items for part in _without_masks(item)]
    consumed = sum(item is not None and item is not Ellipsis for item in items)
    if consumed > len(shape):
        raise IndexError(f"too many indices: the array has {len(shape)} dimensions, but {consumed} were indexed")
    ellipses = sum(item is Ellipsis for item in items)
    if ellipses > 1:
        raise IndexError("an index can have only one ellipsis (...)")
    if not ellipses:
        items.append(Ellipsis)
    entries: list[Entry] = []
    axis = 0
    for item in items:
        if item is None:
            entries.append(New)
        elif item is Ellipsis:
            for _ in range(len(shape) - consumed):
                entries.append(Range(0, 1, shape[axis]))
                axis += 1
        else:
            entries.append(_entry(item, axis, shape[axis]))
            axis += 1
    return entries


def _checked(item: Any) -> Any:
    if item is None or item is Ellipsis or isinstance(item, (builtins.slice, int, np.integer, np.bool_)):
        return item
    if isinstance(item, (Array, np.ndarray)):
        if item.dtype.kind in "iub":
            return item
        raise TypeError(f"an index must be an integer or boolean, not an array of dtype {item.dtype}")
    if isinstance(item, (list, tuple)):
        raise TypeError(f"a {type(item).__name__} is no index; make it an array: x[lnp.array(i)]")
    if hasattr(item, "__index__"):
        return item.__index__()
    raise TypeError(f"an index must be an integer, a slice, ..., None or an array of them, not {item!r}")


def _without_masks(item: Any) -> list[Any]:
    """A boolean array as the positions where it holds, one integer array for each of its axes."""
    if isinstance(item, (bool, np.bool_)) or (isinstance(item, (Array, np.ndarray)) and item.dtype.kind == "b"):
        if isinstance(item, Tracer):
            raise errors.NonConcreteBooleanIndexError(item.described())
        mask = np.asarray(item)
        if mask.ndim == 0:
            if not mask:
                raise NotImplementedError("False as an index, which selects nothing along a new axis, is not supported")
            return [None]
        return [_Mask(positions, mask.shape, i) for i, positions in enumerate(np.nonzero(mask))]
    return [item]


class _Mask(NamedTuple):
    positions: np.ndarray
    shape: tuple[int, ...]
    axis: int  # of the mask


def _entry(item: Any, axis: int, size: int) -> Entry:
    if isinstance(item, builtins.slice):
        return _range(item, size)
    if isinstance(item, (int, np.integer)):
        if not -size <= item < size:
            raise errors.IndexOutOfBoundsError(int(item), axis, size)
        return At(int(item) % size)
    if isinstance(item, _Mask):
        if item.shape[item.axis] != size:
            raise IndexError(f"the boolean index of shape {item.shape} does not fit: axis {axis} has the size {size}")
        return Gather(item.positions)
    if item.ndim:
        return Gather(item)
    if known(item) and -size <= int(np.asarray(item)) < size:
        return At(int(np.asarray(item)) % size)
    return At(item)  # outside, an array's value is treated as one that nobody knows yet


def _range(item: builtins.slice, size: int) -> Range:
    try:
        start, stop, step = item.indices(size)
    except errors.TracerIntegerConversionError as error:
        error.add_note("The bounds of a slice fix the shape of the result; lax.dynamic_slice takes a traced start.")
        raise
    return Range(start, step, len(range(start, stop, step)))


def known(x: Any) -> bool:
    """Whether a value can be used by NumPy now."""
    return not isinstance(x, Tracer) and (not isinstance(x, ConcreteArray) or x.is_on_host)

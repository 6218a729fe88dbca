"""Indices as a list of one entry per axis: what `x[i, ..., ::2]` means before anything is read."""

from __future__ import annotations

import builtins
import operator
from typing import Any, NamedTuple

import numpy as np

from lamina import errors
from lamina.array import Array, ConcreteArray
from lamina.tracer import Tracer

Shape = tuple[int, ...]


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


class ParsedIndex(NamedTuple):
    """An index of an array.

    Attributes:
        entries: one for each axis of `shape`, and for each new axis.
        shape: of the array, with an axis of size 1 for each True or False in the index.
        separated: whether something else stands between integer arrays, so that their axes come first.
    """

    entries: list[Entry]
    shape: Shape
    separated: bool

    @property
    def has_arrays(self) -> bool:
        return any(isinstance(entry, Gather) for entry in self.entries)


def parse(index: Any, shape: Shape, checked: bool = True, wrap: bool = True) -> ParsedIndex:
    """What an index of an array of the given shape means.

    Args:
        checked: whether an int outside the axis is an error; otherwise it is a position like one that nobody knows yet.
        wrap: whether negative positions count from the end of the axis; otherwise they lie outside.

    Raises: IndexOutOfBoundsError for a known int outside the axis; IndexError for too many indices and masks that do
    not fit; TypeError for what is no index (lists, floats, text).
    """
    if isinstance(index, list):
        raise TypeError("a list is no index; make it an array: x[lnp.array(i)], or a tuple: x[tuple(i)]")
    items = [_checked(item) for item in (index if isinstance(index, tuple) else (index,))]
    items = [part for item in items for part in _without_masks(item)]
    consumed = sum(item is not None and item is not Ellipsis and not isinstance(item, _Flag) for item in items)
    if consumed > len(shape):
        raise IndexError(f"too many indices: the array has {len(shape)} dimensions, but {consumed} were indexed")
    ellipses = sum(item is Ellipsis for item in items)
    if ellipses > 1:
        raise IndexError("an index can have only one ellipsis (...)")
    if not ellipses:
        items.append(Ellipsis)
    entries: list[Entry] = []
    widened = []
    axis = 0
    for item in items:
        if item is None:
            entries.append(New)
        elif isinstance(item, _Flag):
            entries.append(Gather(np.arange(int(item.on))))
            widened.append(1)
        elif item is Ellipsis:
            rest = shape[axis : axis + len(shape) - consumed]
            entries += [Range(0, 1, size) for size in rest]
            widened += rest
            axis += len(rest)
        else:
            entries.append(_entry(item, axis, shape[axis], checked, wrap))
            widened.append(shape[axis])
            axis += 1
    return ParsedIndex(entries, tuple(widened), _are_separated(items))


def _are_separated(items: list[Any]) -> bool:
    """Whether a slice, an ellipsis or a new axis stands between integer arrays; ints count as such beside arrays."""
    where = [i for i, item in enumerate(items) if not (item is None or item is Ellipsis or isinstance(item, slice))]
    return bool(where) and where != list(range(where[0], where[-1] + 1))


def _checked(item: Any) -> Any:
    if item is None or item is Ellipsis or isinstance(item, (builtins.slice, int, np.integer, np.bool_)):
        return item
    if isinstance(item, (list, tuple)):
        item = _array_of(item)
    if isinstance(item, (Array, np.ndarray)):
        if item.dtype.kind in "iub":
            return item
        raise TypeError(f"an index must be an integer or boolean, not an array of dtype {item.dtype}")
    if hasattr(item, "__index__"):
        return operator.index(item)
    raise TypeError(f"an index must be an integer, a slice, ..., None or an array of them, not {item!r}")


def _array_of(sequence: Any) -> Any:
    """A list within an index."""
    from lamina.numpy._creation import asarray

    return asarray(sequence) if len(sequence) else np.zeros(0, np.int32)


class _Flag(NamedTuple):
    """True or False: an axis of size 1, all or nothing of which is taken."""

    on: bool


class _Mask(NamedTuple):
    """Positions along one of the axes of a boolean array."""

    positions: np.ndarray
    shape: Shape
    axis: int


def _without_masks(item: Any) -> list[Any]:
    """A boolean array as the positions where it holds, one integer array for each of its axes."""
    if not (isinstance(item, (bool, np.bool_)) or (isinstance(item, (Array, np.ndarray)) and item.dtype.kind == "b")):
        return [item]
    if isinstance(item, Tracer):
        mask = item.known()
        if mask is None:
            raise errors.NonConcreteBooleanIndexError(item.described())
    else:
        mask = np.asarray(item)
    if mask.ndim == 0:
        return [_Flag(bool(mask))]
    return [_Mask(positions, mask.shape, i) for i, positions in enumerate(np.nonzero(mask))]


def _entry(item: Any, axis: int, size: int, checked: bool, wrap: bool) -> Entry:
    if isinstance(item, builtins.slice):
        return _range(item, size)
    low = -size if wrap else 0
    if isinstance(item, (int, np.integer)):
        if low <= item < size:
            return At(int(item) % size)
        if checked:
            raise errors.IndexOutOfBoundsError(int(item), axis, size)
        return At(np.asarray(item))
    if isinstance(item, _Mask):
        if item.shape[item.axis] not in (0, size):
            raise IndexError(f"the boolean index of shape {item.shape} does not fit: axis {axis} has the size {size}")
        return Gather(item.positions)
    if item.ndim:
        return Gather(item)
    if known(item) and low <= int(np.asarray(item)) < size:
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

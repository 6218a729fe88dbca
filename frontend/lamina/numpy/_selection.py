"""What an index with integer arrays selects, as one gather; replacing it is one scatter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.lax._gather import GatherDimensionNumbers, Mode, ScatterDimensionNumbers, gather
from lamina.numpy import _elementwise as e
from lamina.numpy._index_parsing import At, Entry, Gather, New, ParsedIndex, Range, known
from lamina.numpy._operands import Shape, broadcast_shape, converted, expanded, filled
from lamina.numpy._steps import joined, reshaped
from lamina.tracing import current_trace

_INT = np.dtype(np.int32)


class Selection:
    """The elements that an index selects: dimension numbers, and an array of index vectors.

    A slice is a dimension of the window that is gathered at every point; one with a step consists of points, as an
    integer array does.
    """

    def __init__(self, index: ParsedIndex, wrap: bool = True):
        self.operand = index.shape
        self.result: list[int] = []  # shape of what is selected
        self._spread: list[int] = []  # the same without new axes: the gather's
        self._points: list[int] = []
        self._window_dims: list[int] = []
        self._collapsed: list[int] = []
        self._sizes: dict[int, int] = {}  # of a window, along the axes that it has
        self._vectors: list[tuple[int, Any, int]] = []  # axis, positions, first dimension of the points they run along
        self._wrap = wrap
        axes = _with_axes(index.entries)
        arrays = [(entry, axis) for entry, axis in axes if _is_array(entry, index)]
        if index.separated:
            self._add_arrays(arrays)
        for entry, axis in axes:
            if not _is_array(entry, index):
                self._add(entry, axis)
            elif entry is arrays[0][0] and not index.separated:
                self._add_arrays(arrays)
        self._collapsed.sort()
        self.shape = tuple(self.result)
        self.indices, self.unique = self._index_vectors(arrays)

    @property
    def spread(self) -> Shape:
        """Shape of the updates of a scatter."""
        return tuple(self._spread)

    @property
    def numbers(self) -> ScatterDimensionNumbers:
        axes = tuple(axis for axis, _, _ in self._vectors)
        return ScatterDimensionNumbers(tuple(self._window_dims), tuple(self._collapsed), axes)

    def read(self, x: Array, mode: Mode, fill_value: Any, unique: bool) -> Array:
        """The selected elements."""
        x = reshaped(x, self.operand)
        if 0 in self.shape:
            return filled(self.shape, 0, x.dtype, x.weak_type)
        for axis in self._collapsed:
            if self.operand[axis] == 0:
                raise errors.IndexOutOfBoundsError(0, axis, 0)
        numbers = GatherDimensionNumbers(*map(tuple, self.numbers))
        sizes = [self._sizes.get(axis, 1) for axis in range(len(self.operand))]
        result = gather(
            x, self.indices, numbers, sizes, unique_indices=unique or self.unique, mode=mode, fill_value=fill_value
        )
        return reshaped(result, self.shape)

    # ---- entries ----

    def _add(self, entry: Entry, axis: int) -> None:
        """Everything but integer arrays."""
        if entry is New:
            self.result.append(1)
        elif isinstance(entry, At):
            self._vectors.append((axis, entry.position, len(self._points)))
            self._collapsed.append(axis)
        elif isinstance(entry, Range) and (entry.step == 1 or entry.size <= 1):
            if entry.size and (entry.start or entry.size < self.operand[axis]):
                self._vectors.append((axis, np.asarray(entry.start), len(self._points)))
            self._window_dims.append(len(self._spread))
            self._sizes[axis] = entry.size
            self._extend((entry.size,))
        elif isinstance(entry, Range):
            self._vectors.append((axis, entry.start + entry.step * np.arange(entry.size), len(self._points)))
            self._collapsed.append(axis)
            self._points.append(entry.size)
            self._extend((entry.size,))

    def _add_arrays(self, arrays: Sequence[tuple[Any, int]]) -> None:
        """Integer arrays, and ints beside them: one block of axes of their common shape."""
        positions = [entry.position if isinstance(entry, At) else entry.positions for entry, _ in arrays]
        positions = [p if isinstance(p, Array) else np.asarray(p) for p in positions]
        shape = broadcast_shape("indexing", [p.shape for p in positions], [f"index{i}" for i in range(len(positions))])
        for p, (_, axis) in zip(positions, arrays, strict=True):
            self._vectors.append((axis, p, len(self._points) + len(shape) - p.ndim))
            self._collapsed.append(axis)
        self._points += shape
        self._extend(shape)

    def _extend(self, shape: Shape) -> None:
        self._spread += shape
        self.result += shape

    # ---- index vectors ----

    def _index_vectors(self, arrays: Sequence[tuple[Any, int]]) -> tuple[Array, bool]:
        """Index vectors, one for each point; and whether points are known to be distinct and inside."""
        points, rank = tuple(self._points), len(self._points)
        dtype = np.dtype(np.int64) if max(self.operand, default=0) >= 2**31 else _INT
        columns = []
        for axis, positions, first in self._vectors:
            p = counted(positions, self.operand[axis], self._wrap)
            columns.append(p.reshape((1,) * first + p.shape + (1,) * (rank - first - p.ndim)))
        if all(isinstance(p, np.ndarray) for p in columns):
            stacked = [np.broadcast_to(p, points) for p in columns]
            vectors = np.stack(stacked, axis=-1) if stacked else np.zeros((*points, 0))
            unique = not arrays or (current_trace() is not None and self._are_distinct(vectors))
            return from_numpy(vectors.astype(dtype)), unique
        columns = [p if isinstance(p, Array) else from_numpy(p.astype(dtype)) for p in columns]
        dtype = dtypes.result_type(*columns)
        columns = [reshaped(expanded(converted(p, dtype), points), (*points, 1)) for p in columns]
        return joined(columns, rank), not arrays

    def _are_distinct(self, vectors: np.ndarray) -> bool:
        number = np.zeros(vectors.shape[:-1], np.int64)
        for j, (axis, _, _) in enumerate(self._vectors):
            position = vectors[..., j]
            if position.size and not (position.min() >= 0 and position.max() < self.operand[axis]):
                return False
            number = number * self.operand[axis] + position
        return len(np.unique(number)) == number.size


def _with_axes(entries: Sequence[Entry]) -> list[tuple[Entry, int]]:
    """Every entry with its axis of the array (of a new axis: the next)."""
    result, axis = [], 0
    for entry in entries:
        result.append((entry, axis))
        axis += entry is not New
    return result


def _is_array(entry: Entry, index: ParsedIndex) -> bool:
    """Whether an entry belongs to the block of integer arrays."""
    return isinstance(entry, Gather) or (isinstance(entry, At) and index.has_arrays)


def counted(positions: Any, size: int, wrap: bool) -> Any:
    """Positions as signed integers, negative ones (if `wrap`) counted from the end.

    Known ones are a NumPy array, in which positions outside are −1 or `size`.
    """
    if not known(positions):
        p = _signed(positions, size)
        return e.where(e.less(p, 0), e.add(p, size), p) if wrap and positions.dtype.kind == "i" else p
    p = np.asarray(positions)
    if p.dtype.kind == "u":
        return np.asarray(np.minimum(p, np.uint64(size))).astype(np.int64)
    p = p.astype(np.int64)
    return np.asarray(np.clip(np.where(p < 0, p + size, p) if wrap else p, -1, size))


def _signed(position: Array, size: int) -> Array:
    """Positions as integers of at least 32 bits with a sign; unsigned ones outside stay outside."""
    if position.dtype.kind == "u":
        return converted(e.minimum(position, min(size, int(dtypes.iinfo(position.dtype).max))), _INT)
    return position if position.dtype.itemsize >= 4 else converted(position, _INT)

"""What an index of ints, slices and traced scalars selects: a slice, dynamic where a position is traced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.binding import bind
from lamina.numpy import _elementwise as e
from lamina.numpy._index_parsing import At, Entry, New, ParsedIndex, Range
from lamina.numpy._operands import converted, filled
from lamina.numpy._selection import counted
from lamina.numpy._steps import joined, reshaped, reversed_along
from lamina_compiler.opdef import REGISTRY

_INT = np.dtype(np.int32)


class Window:
    """The part of an array that ints, slices and traced scalars select: reading and replacing it."""

    def __init__(self, index: ParsedIndex, wrap: bool = True):
        entries, shape = index.entries, index.shape
        axes = [entry for entry in entries if entry is not New]
        self.shape = shape
        self.bounds = [
            entry.bounds if isinstance(entry, Range) else _static_bounds(entry, n)
            for entry, n in zip(axes, shape, strict=True)
        ]
        self.inner = tuple(len(range(*bounds)) for bounds in self.bounds)  # after the static slice
        self.dynamic = {
            d: counted(entry.position, shape[d], wrap)
            for d, entry in enumerate(axes)
            if isinstance(entry, At) and not isinstance(entry.position, int)
        }
        self.sizes = tuple(1 if d in self.dynamic else n for d, n in enumerate(self.inner))
        self.reversed = tuple(
            d for d, entry in enumerate(axes) if isinstance(entry, Range) and entry.step < 0 and entry.size > 1
        )
        sizes = iter(self.sizes)
        kept = [1 if entry is New else next(sizes) for entry in entries]
        self.result = tuple(n for n, entry in zip(kept, entries, strict=True) if not isinstance(entry, At))
        for d in self.dynamic:
            if shape[d] == 0:
                raise errors.IndexOutOfBoundsError(0, d, 0)

    def read(self, x: Array) -> Array:
        """The selected elements."""
        x = self._static_slice(x)
        if self.dynamic:
            x = bind(
                REGISTRY["dynamic_slice"], x, self.start, weak_type=x.weak_type, sizes=self.sizes, batch_dimensions=0
            )
        return reshaped(reversed_along(x, self.reversed), self.result)

    def write(self, x: Array, value: Array) -> Array:
        """`x` with `value`, of the shape of the result, in the place of the selected elements."""
        window = reversed_along(reshaped(value, self.sizes), self.reversed)
        if self.dynamic:
            inner = self._static_slice(x)
            window = bind(
                REGISTRY["dynamic_update_slice"], inner, window, self.start, weak_type=x.weak_type, batch_dimensions=0
            )
        if self.inner == self.shape:
            return window
        low = tuple(start for start, _, _ in self.bounds)
        interior = tuple(stride - 1 for _, _, stride in self.bounds)
        if not any(interior):
            start = from_numpy(np.array(low, _INT))
            return bind(REGISTRY["dynamic_update_slice"], x, window, start, weak_type=x.weak_type, batch_dimensions=0)
        reach = [n + max(n - 1, 0) * i for n, i in zip(self.inner, interior, strict=True)]
        high = tuple(full - a - r for full, a, r in zip(self.shape, low, reach, strict=True))
        edges: dict[str, Any] = {"low": low, "high": high, "interior": interior}
        spread = bind(REGISTRY["pad"], window, filled((), 0, x.dtype), **edges)
        hit = bind(
            REGISTRY["pad"], filled(self.inner, True, np.dtype(bool)), filled((), False, np.dtype(bool)), **edges
        )
        return bind(REGISTRY["select"], hit, spread, x, weak_type=x.weak_type)

    def inside(self) -> Array | None:
        """Whether the traced positions lie in the array; None if there are none."""
        result = None
        for d, position in self.dynamic.items():
            one = e.logical_and(e.greater_equal(position, 0), e.less(position, self.inner[d]))
            result = one if result is None else e.logical_and(result, one)
        return result

    @property
    def start(self) -> Array:
        """The first position along each axis."""
        return _vector([self.dynamic.get(d, 0) for d in range(len(self.shape))])

    def _static_slice(self, x: Array) -> Array:
        if self.inner == self.shape:
            return x
        start, limit, strides = zip(*self.bounds, strict=True)
        return bind(REGISTRY["slice"], x, weak_type=x.weak_type, start=start, limit=limit, strides=strides)


def _static_bounds(entry: Entry, size: int) -> tuple[int, int, int]:
    """The element of an int; the whole axis for a traced position."""
    assert isinstance(entry, At)
    return (entry.position, entry.position + 1, 1) if isinstance(entry.position, int) else (0, size, 1)


def _vector(positions: Sequence[Any]) -> Array:
    """Scalars as one vector."""
    arrays = [reshaped(p if isinstance(p, Array) else from_numpy(np.array(p, _INT)), (1,)) for p in positions]
    dtype = dtypes.result_type(*arrays)
    return joined([converted(a, dtype) for a in arrays], 0)

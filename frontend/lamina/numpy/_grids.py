"""What is written with brackets: `mgrid`, `ogrid`, `r_`, `c_`, `s_`, `index_exp`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.array import Array
from lamina.numpy._creation import asarray
from lamina.numpy._joining import concatenate, stack
from lamina.numpy._manipulation import expand_dims, moveaxis
from lamina.numpy._operands import promoted
from lamina.numpy._ranges import arange, linspace, meshgrid

s_, index_exp = np.s_, np.index_exp


def _line(part: slice) -> Array:
    """``start:stop:step`` as `arange`; an imaginary step is the number of points, with the end."""
    start, stop = (0 if part.start is None else part.start), part.stop
    if isinstance(part.step, complex):
        return linspace(start, stop, int(abs(part.step)))
    return arange(start, stop, part.step)


def _lines(index: Any) -> list[Array]:
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        if not isinstance(part, slice):
            raise TypeError(f"a grid is written with slices, not {part!r}")
    lines = [_line(part) for part in parts]
    return promoted("mgrid", *lines, names=[f"slice {i}" for i in range(len(lines))])


class _MGrid:
    """Coordinates of all points of a grid, stacked: ``mgrid[0:2, 0:1:3j]``.

    >>> import lamina.numpy as lnp
    >>> lnp.mgrid[0:2, 5:7]
    Array([[[0, 0],
            [1, 1]],
    <BLANKLINE>
           [[5, 6],
            [5, 6]]], dtype=int32)
    """

    def __getitem__(self, index: Any) -> Array:
        lines = _lines(index)
        return stack(meshgrid(*lines, indexing="ij")) if isinstance(index, tuple) else lines[0]


class _OGrid:
    """Coordinates along each axis of a grid, which broadcast together: ``ogrid[0:2, 0:1:3j]``."""

    def __getitem__(self, index: Any) -> Any:
        lines = _lines(index)
        return meshgrid(*lines, indexing="ij", sparse=True) if isinstance(index, tuple) else lines[0]


class _Concatenation:
    """Slices, numbers and arrays joined: ``r_[1:4, 0, x]`` along the first axis, ``c_[x, y]`` as columns.

    A string in front says how: ``"axis,rank,place"`` is the axis to join along, the least rank of the parts, and where
    their own axes go in it; "r" and "c" make a matrix of one row or column.

    >>> import lamina.numpy as lnp
    >>> lnp.r_[1:4, 0], lnp.c_[lnp.array([1, 2]), lnp.array([3, 4])]
    (Array([1, 2, 3, 0], dtype=int32), Array([[1, 3],
           [2, 4]], dtype=int32))
    """

    def __init__(self, axis: int, rank: int, place: int):
        self.axis, self.rank, self.place = axis, rank, place

    def __getitem__(self, index: Any) -> Array:
        parts: Sequence[Any] = index if isinstance(index, tuple) else (index,)
        axis, rank, place = self.axis, self.rank, self.place
        matrix = None
        if parts and isinstance(parts[0], str):
            directive, parts = parts[0], parts[1:]
            if directive in ("r", "c"):
                matrix = directive
            else:
                axis, rank, place = self._directive(directive)
        arrays = [self._shaped(part, rank, place) for part in parts]
        result = concatenate(arrays, axis)
        if matrix is None:
            return result
        return expand_dims(result, 0 if matrix == "r" else 1) if result.ndim == 1 else result

    def _directive(self, text: str) -> tuple[int, int, int]:
        try:
            numbers = [int(part) for part in text.split(",")]
        except ValueError:
            numbers = []
        if not 1 <= len(numbers) <= 3:
            raise ValueError(f"r_ and c_ take 'r', 'c' or up to three numbers as the first string, not {text!r}")
        axis, rank, place = (*numbers, *(self.axis, self.rank, self.place)[len(numbers) :])
        return axis, rank, place

    @staticmethod
    def _shaped(part: Any, rank: int, place: int) -> Array:
        x = _line(part) if isinstance(part, slice) else asarray(part)
        own = max(x.ndim, 1)
        x = x if x.ndim else expand_dims(x, 0)
        missing = rank - own
        if missing <= 0:
            return x
        first = place if place >= 0 else missing + 1 + place
        x = expand_dims(x, tuple(range(missing)))
        return moveaxis(x, tuple(range(missing, rank)), tuple(range(first, first + own)))


mgrid, ogrid = _MGrid(), _OGrid()
r_, c_ = _Concatenation(0, 1, -1), _Concatenation(-1, 2, 0)

"""What blocked factorizations are made of: the rows of a matrix less multiples of the rows of a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..types import COMPLEX
from .loops import Loops
from .memory import Matrix, Memory
from .values import Value

Bound = Value | int


def panel_height(dtype: np.dtype) -> int:
    """Rows of a panel: as many as have their factors in registers."""
    return 4 if dtype in COMPLEX else 8


def for_panels(code: Loops, size: int, height: int, body: Callable[[Bound, int], None]) -> None:
    """``body(first, rows)`` for panels of `height` rows, then for the rest row by row."""
    whole = size // height * height
    for start, stop, rows in ((0, whole, height), (whole, size, 1)):
        if start < stop:
            with code.loop(start, stop, rows) as first:
                body(first, rows)


def subtract(
    code: Loops,
    out: Matrix,
    i: Bound,
    columns: tuple[Bound, Bound],
    factors: Sequence[Any],
    rows: Matrix,
    first: Bound,
    dtype: np.dtype,
) -> None:
    """``out[i, j] −= Σ factors[r] · rows[first + r, j]`` for all j from one column to another."""

    def at(j: Any) -> None:
        value = out[i, j]
        for r, factor in enumerate(factors):
            value = value.minus(factor, rows[first + r, j])
        out[i, j] = value

    if factors:
        code.lanes(*columns, dtype, at, vectors=2)


def row_major(memory: Memory, number: Value, rows: int, columns: int) -> Matrix:
    """The matrix of that number in a batch."""
    return Matrix(memory.at(number * (rows * columns)), (columns, 1))


def copy_rows(code: Loops, source: Matrix, out: Matrix, rows: int, columns: int, dtype: np.dtype) -> None:
    """Copy a matrix whose rows are contiguous in both."""

    def row(i: Value) -> None:
        def at(j: Any) -> None:
            out[i, j] = source[i, j]

        code.lanes(0, columns, dtype, at)

    with code.loop(0, rows) as i:
        row(i)


_TILE = 16


def copy_in_tiles(code: Loops, source: Matrix, out: Matrix, rows: int, columns: int) -> None:
    """Copy a matrix whose columns are contiguous into one whose rows are, or the other way."""
    with code.loop(0, columns, _TILE) as left:
        right = (left + _TILE).minimum(columns)
        with code.loop(0, rows) as i, code.loop(left, right) as j:
            out[i, j] = source[i, j]


def for_lower_triangle(code: Loops, size: int, body: Callable[[Value, Value], None]) -> None:
    """``body(i, j)`` for all i ≥ j, in tiles, so that both a matrix and its transpose are read in nearby places."""
    with code.loop(0, size, _TILE) as left, code.loop(left, size) as i:
        right = (left + _TILE).minimum(i + 1)
        with code.loop(left, right) as j:
            body(i, j)

"""Tridiagonal systems by elimination with partial pivoting: U has two diagonals above the main one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Matrix, Memory
from .panels import row_major
from .values import Value


def tridiagonal_solve_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, result: TensorType, perturb_singular: bool
) -> ir.Value:
    """Lowering of `tridiagonal_solve`."""
    if result.size == 0:
        return operands[3]
    (n, count), dtype = result.shape[-2:], result.dtype

    def body(
        code: Loops, number: Value, dl: Memory, d: Memory, du: Memory, y: Memory, out: Memory, upper: Memory
    ) -> None:
        diagonals = [memory.at(number * n) for memory in (dl, d, du)]
        x, u = row_major(out, number, n, count), Matrix(upper, (1, n))

        def every(column: Callable[[Any], None]) -> None:
            if count == 1:
                column(0)
            else:
                code.lanes(0, count, dtype, column)

        _eliminate(code, diagonals, row_major(y, number, n, count), x, u, n, every)
        if perturb_singular:
            _perturb(code, u, n, dtype)
        _substitute(code, u, x, n, every)

    name = f"tridiagonal_solve_{'ny'[perturb_singular]}"
    parts, work = result.size // (n * count), 8 * n * count
    return append_batched(
        lw, name, operands, types, [result], body, parts=parts, work=work, scratch=[(3 * n, dtype)]
    )[0]  # fmt: skip


def _eliminate(
    code: Loops, diagonals: Sequence[Memory], y: Matrix, x: Matrix, u: Matrix, n: int, every: Callable[..., None]
) -> None:
    """Rows of U, and of the right sides as they become."""
    dl, d, du = diagonals
    zero = code.zero(d.dtype)

    def begin(j: Any) -> None:
        x[0, j] = y[0, j]

    def step(i: Value, main: Any, above: Any) -> list[Any]:
        """With the row that is not eliminated yet: its first two elements, its third is zero."""
        last = (i + 2) >= n
        below = dl[i + 1], d[i + 1], code.select(last, zero, du[code.select(last, 0, i + 1)])
        swap = below[0].size() > main.size()
        top = [code.select(swap, x, y) for x, y in zip(below, (main, above, zero), strict=True)]
        low = [code.select(swap, x, y) for x, y in zip((main, above, zero), below, strict=True)]
        singular = top[0].eq(0.0)
        factor = code.select(singular, zero, low[0] / code.select(singular, 1.0, top[0]))
        for diagonal, value in enumerate(top):
            u[i, diagonal] = value

        def update(j: Any) -> None:
            upper, lower = x[i, j], y[i + 1, j]
            first = code.select(swap, lower, upper)
            x[i, j] = first
            x[i + 1, j] = code.select(swap, upper, lower).minus(factor, first)

        every(update)
        return [low[1].minus(factor, top[1]), low[2].minus(factor, top[2])]

    every(begin)
    main, _ = code.fold(0, n - 1, [d[0], du[0]], step)
    for diagonal, value in enumerate((main, zero, zero)):
        u[n - 1, diagonal] = value


def _perturb(code: Loops, u: Matrix, n: int, dtype: np.dtype) -> None:
    """Replace pivots that are tiny by eps · max |U|."""

    def look(i: Value, largest: Value) -> list[Value]:
        for diagonal in range(3):
            size = u[i, diagonal].abs2().sqrt()
            largest = code.select(size > largest, size, largest)
        return [largest]

    (largest,) = code.fold(0, n, [code.zero(dtype).real], look)
    smallest = code.select(largest.eq(0.0), 1.0, largest) * float(np.finfo(dtype).eps)
    with code.loop(0, n) as i:
        pivot = u[i, 0]
        replaced = code.select(pivot.real < 0.0, -smallest, smallest)
        u[i, 0] = code.select(pivot.abs2().sqrt() < smallest, code.zero(dtype) + replaced, pivot)


def _substitute(code: Loops, u: Matrix, x: Matrix, n: int, every: Callable[..., None]) -> None:
    """From the last row on; all becomes nan where a pivot is zero."""

    def singular(i: Value, found: Value) -> list[Value]:
        return [code.select(u[i, 0].eq(0.0), np.nan, found)]

    (bad,) = code.fold(0, n, [u[0, 0].real.lift(0.0)], singular)
    with code.loop(0, n) as step:
        i = n - 1 - step
        pivot, first, second = u[i, 0], u[i, 1], u[i, 2]
        next_, after = (code.select(i + k >= n, i, i + k) for k in (1, 2))  # there, U is zero

        def at(j: Any) -> None:
            value = x[i, j].minus(first, x[next_, j]).minus(second, x[after, j])
            x[i, j] = value / pivot + bad

        every(at)

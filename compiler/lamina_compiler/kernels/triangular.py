"""Substitution in triangular systems: for many right sides panel after panel, for few one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Matrix, Memory
from .panels import Bound, copy_in_tiles, copy_rows, for_panels, panel_height, row_major, subtract
from .values import Value

_FEW = 4  # right sides


def triangular_solve_lower(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Any,
    result: TensorType,
    left_side: bool,
    lower: bool,
    transpose_a: bool,
    conjugate_a: bool,
    unit_diagonal: bool,
) -> ir.Value:
    """Lowering of `triangular_solve`."""
    if result.size == 0:
        return operands[1]
    n, (rows, columns), dtype = types[0].shape[-1], result.shape[-2:], result.dtype
    count = columns if left_side else rows

    def body(code: Loops, number: Value, a: Memory, y: Memory, x: Memory, scratch: Memory) -> None:
        t, given, found = row_major(a, number, n, n), *(row_major(m, number, rows, columns) for m in (y, x))
        if conjugate_a:
            t = t.conjugate
        if transpose_a != (not left_side):  # x a = y is aᵀ xᵀ = yᵀ
            t = t.transposed
        if not left_side:
            given, found = given.transposed, found.transposed
        is_lower = lower != (transpose_a != (not left_side))
        system = System(code, t, n, is_lower, unit_diagonal, dtype)
        if left_side and count >= _FEW:
            copy_rows(code, given, found, rows, columns, dtype)
            system.solve_all(found, count)
        elif count >= _FEW:
            columns_as_rows = row_major(scratch, code.index(0), n, count)
            copy_in_tiles(code, given, columns_as_rows, n, count)
            system.solve_all(columns_as_rows, count)
            copy_in_tiles(code, columns_as_rows, found, n, count)
        else:
            with code.loop(0, count) as j:
                with code.loop(0, n) as i:
                    scratch[i] = given[i, j]
                system.solve_one(scratch)
                with code.loop(0, n) as i:
                    found[i, j] = scratch[i]

    flags = (left_side, lower, transpose_a, conjugate_a, unit_diagonal)
    name = f"triangular_solve_{''.join('ny'[flag] for flag in flags)}"
    parts, work = result.size // (rows * columns), n * n * count // 8 + 1
    scratch = [(n if left_side or count < _FEW else n * count, dtype)]
    return append_batched(lw, name, operands, types, [result], body, parts=parts, work=work, scratch=scratch)[0]


class System(NamedTuple):
    """t x = y, t triangular of n rows."""

    code: Loops
    t: Matrix
    n: int
    lower: bool
    unit_diagonal: bool
    dtype: np.dtype

    def _row(self, step: Value | int) -> Value | int:
        """The row that is solved in a step."""
        return step if self.lower else self.n - 1 - step

    def _solved(self, i: Value | int) -> tuple[Bound, Bound]:
        """The rows that are solved before row i."""
        return (0, i) if self.lower else (i + 1, self.n)

    def _unsolved(self, i: Value | int) -> tuple[Bound, Bound]:
        return (i + 1, self.n) if self.lower else (0, i)

    def _divided(self, value: Any, i: Value | int) -> Any:
        return value if self.unit_diagonal else value / self.t[i, i]

    def solve_one(self, x: Memory) -> None:
        """Solve for one right side, which the solution replaces."""
        code, t = self.code, self.t
        if t.rows_are_contiguous():
            with code.loop(0, self.n) as step:
                i = self._row(step)
                known = code.sum(*self._solved(i), self.dtype, lambda k: t[i, k] * x[k])
                x[i] = self._divided(x[i] - known, i)
            return
        with code.loop(0, self.n) as step:
            k = self._row(step)
            value = x[k] = self._divided(x[k], k)

            def at(i: Any, k: Value | int = k, value: Any = value) -> None:
                x[i] = x[i].minus(value, t[i, k])

            code.lanes(*self._unsolved(k), self.dtype, at)

    def solve_all(self, x: Matrix, count: int) -> None:
        """Solve for all columns of x."""

        def panel(first: Bound, rows: int) -> None:
            self._panel(x, count, first if self.lower else self.n - rows - first, rows)

        for_panels(self.code, self.n, panel_height(self.dtype), panel)

    def _panel(self, x: Matrix, count: int, first: Bound, height: int) -> None:
        """Solve in `height` rows, and take their products from the rows that are not solved."""
        code, t, every = self.code, self.t, (0, count)
        for step in range(height):
            p = step if self.lower else height - 1 - step
            known = range(p) if self.lower else range(p + 1, height)
            i = first + p
            subtract(code, x, i, every, [t[i, first + r] for r in known], x, first + known.start, self.dtype)
            if not self.unit_diagonal:
                pivot = t[i, i]

                def at(j: Any, i: Bound = i, pivot: Any = pivot) -> None:
                    x[i, j] = x[i, j] / pivot

                code.lanes(0, count, self.dtype, at)
        rest = (first + height, self.n) if self.lower else (0, first)
        with code.loop(*rest) as i:
            subtract(code, x, i, every, [t[i, first + r] for r in range(height)], x, first, self.dtype)

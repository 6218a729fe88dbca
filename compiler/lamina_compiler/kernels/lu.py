"""The LU factorization with partial pivoting: the largest |re| + |im| of a column is the pivot, as in LAPACK."""

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
from .panels import Bound, copy_rows, for_panels, panel_height, row_major, subtract
from .values import Value


def lu_lower(lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any) -> Sequence[ir.Value]:
    """Lowering of `lu`."""
    (type,) = types
    m, n = type.shape[-2:]
    if type.size == 0:
        pivots = lw.empty(results[1])
        return [*operands, pivots, permutation_lower(lw, [pivots], results[1:2], results[2], m)]
    k, dtype = min(m, n), type.dtype

    def body(code: Loops, number: Value, x: Memory, out: Memory, pivots: Memory, order: Memory) -> None:
        a = row_major(out, number, m, n)
        copy_rows(code, row_major(x, number, m, n), a, m, n, dtype)
        factorization = Factorization(code, a, m, n, dtype, pivots.at(number * k))
        for_panels(code, k, panel_height(dtype), factorization.panel)
        _order(code, pivots.at(number * k), order.at(number * m), k, m)

    parts, work = type.size // (m * n), m * n * k // 16 + m * n
    return append_batched(lw, "lu", operands, types, results, body, parts=parts, work=work)


class Factorization(NamedTuple):
    """A matrix of m rows and n columns that is being factored in its place."""

    code: Loops
    a: Matrix
    m: int
    n: int
    dtype: np.dtype
    pivots: Memory

    def panel(self, first: Bound, width: int) -> None:
        """Eliminate in `width` columns, and take their products from the rest of the matrix."""
        code, a = self.code, self.a
        for p in range(width):
            self._eliminate(first, p, width)
        rest = (first + width, self.n)
        for p in range(1, width):
            row = first + p
            subtract(code, a, row, rest, [a[row, first + r] for r in range(p)], a, first, self.dtype)
        with code.loop(first + width, self.m) as i:
            subtract(code, a, i, rest, [a[i, first + r] for r in range(width)], a, first, self.dtype)

    def _eliminate(self, first: Bound, p: int, width: int) -> None:
        """In one column of the panel, whose first column is `first`; only the panel changes."""
        code, a, column = self.code, self.a, self.code.index(first + p)
        pivot_row = self._largest(column)
        self.pivots[column] = pivot_row.as_int(32)
        with code.when(pivot_row.ne(column)):
            self._swap(column, pivot_row)
        pivot = a[column, column]
        inverse = 1.0 / code.select(pivot.eq(0.0), 1.0, pivot)
        right = [a[column, first + q] for q in range(p + 1, width)]
        with code.loop(column + 1, self.m) as i:
            factor = a[i, column] = a[i, column] * inverse
            for q, value in zip(range(p + 1, width), right, strict=True):
                a[i, first + q] = a[i, first + q].minus(factor, value)

    def _largest(self, column: Value) -> Value:
        """The row, from the diagonal on, of the largest element of a column."""
        code, a = self.code, self.a

        def look(i: Value, largest: Value, row: Value) -> list[Value]:
            size = a[i, column].size()
            larger = size > largest
            return [code.select(larger, size, largest), code.select(larger, i, row)]

        return code.fold(column + 1, self.m, [a[column, column].size(), column], look)[1]

    def _swap(self, i: Value, other: Value) -> None:
        a = self.a

        def at(j: Any) -> None:
            a[i, j], a[other, j] = a[other, j], a[i, j]

        self.code.lanes(0, self.n, self.dtype, at)


def permutation_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, result: TensorType, rows: int
) -> ir.Value:
    """Lowering of `lu_pivots_to_permutation`."""
    (type,) = types
    k = type.shape[-1]
    if result.size == 0:
        return lw.empty(result)
    if type.size == 0:
        order = lw.constant(np.arange(rows, dtype=np.int32))
        return lw.parallel([order], [[result.rank - 1]], result, lambda inner, args: args[0])

    def body(code: Loops, number: Value, pivots: Memory, order: Memory) -> None:
        _order(code, pivots.at(number * k), order.at(number * rows), k, rows)

    return append_batched(
        lw, f"permutation_{rows}", operands, types, [result], body, parts=result.size // rows, work=2 * rows
    )[0]


def _order(code: Loops, pivots: Memory, order: Memory, count: int, rows: int) -> None:
    """The order of rows after all swaps."""
    with code.loop(0, rows) as i:
        order[i] = i.as_int(32)
    with code.loop(0, count) as i:
        other = pivots[i].as_index()
        order[i], order[other] = order[other], order[i]

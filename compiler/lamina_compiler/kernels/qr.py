"""The QR factorization by Householder reflectors, with LAPACK's choice of signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import REAL_OF, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Matrix, Memory
from .panels import Bound, copy_rows, row_major, subtract
from .reflector import make_reflector
from .reflector_block import SIZE, ReflectorBlock
from .reflector_panel import ReflectorPanel
from .values import Value

_ROWS = 8  # that are added up at once
_TALL = 6  # rows from which on vectors along columns are worth a copy


def qr_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any, pivoting: bool, full_matrices: bool
) -> Sequence[ir.Value]:
    """Lowering of `qr`."""
    (type,), (q_type, r_type, order_type) = types, results
    m, n = type.shape[-2:]
    k, columns, dtype = min(m, n), q_type.shape[-1], type.dtype
    if type.size == 0:
        return [identity_lower(lw, q_type), lw.splat(r_type, 0), lw.splat(order_type, 0)]

    def body(code: Loops, number: Value, x: Memory, q: Memory, r: Memory, *rest: Memory) -> None:
        order, (work, taus, line, norms, block) = (rest[0].at(number * n) if pivoting else None), rest[-5:]
        a = row_major(work, code.index(0), m, n)
        copy_rows(code, row_major(x, number, m, n), a, m, n, dtype)
        reflectors = Reflectors(code, a, m, n, dtype, taus, Matrix(line, (0, 1)), block)
        if order is None:
            reflectors.factor()
        else:
            reflectors.factor_pivoted(order, norms)
        reflectors.form(row_major(q, number, m, columns), columns)
        upper = row_major(r, number, columns, n)
        with code.loop(0, columns) as i:
            with code.loop(0, n) as j:
                upper[i, j] = code.zero(dtype)
            with code.when(i < k), code.loop(i, n) as j:
                upper[i, j] = a[i, j]

    scratch = [
        (m * n, dtype),
        (k, dtype),
        (max(n, columns), dtype),
        (n, REAL_OF.get(dtype, dtype)),
        (block_size(m, n), dtype),
    ]
    found = append_batched(
        lw, f"qr_{columns}", operands, types, [q_type, r_type, *([order_type] if pivoting else [])], body,
        parts=type.size // (m * n), work=m * n * k // 4 + m * n, scratch=scratch,
    )  # fmt: skip
    return found if pivoting else [*found, lw.empty(order_type)]


def geqrf_lower(lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any) -> Sequence[ir.Value]:
    """Lowering of `geqrf`."""
    (type,) = types
    m, n = type.shape[-2:]
    k = min(m, n)
    if type.size == 0:
        return [operands[0], lw.splat(results[1], 0)]

    def body(code: Loops, number: Value, x: Memory, packed: Memory, taus: Memory, line: Memory, block: Memory) -> None:
        a = row_major(packed, number, m, n)
        copy_rows(code, row_major(x, number, m, n), a, m, n, type.dtype)
        Reflectors(code, a, m, n, type.dtype, taus.at(number * k), Matrix(line, (0, 1)), block).factor()

    return append_batched(
        lw, "geqrf", operands, types, results, body,
        parts=type.size // (m * n), work=m * n * k // 8 + m * n,
        scratch=[(n, type.dtype), (block_size(m, n), type.dtype)],
    )  # fmt: skip


def identity_lower(lw: LinalgBuilder, type: TensorType) -> ir.Value:
    """Matrices with ones on the diagonal."""

    def element(inner: Any, _: Any) -> ir.Value:
        row, column = (inner.loop_index(type.rank - d) for d in (2, 1))
        on_diagonal = inner.compare_index("eq", row, column)
        return inner.choose(on_diagonal, *(inner.scalar_constant(v, type.dtype) for v in (1, 0)))

    return lw.parallel([], [], type, element)


def block_size(m: int, n: int) -> int:
    """Elements of the memory for a block of reflectors of a matrix."""
    return m * max(SIZE, min(n, 2 * SIZE - 1))


class Reflectors(NamedTuple):
    """A matrix of m rows and n columns; reflectors 1 − tau v vᴴ make it triangular, and are kept below the diagonal."""

    code: Loops
    a: Matrix
    m: int
    n: int
    dtype: np.dtype
    taus: Memory
    line: Matrix  # memory for a row
    block: Memory  # for the reflectors of some columns at a time

    def factor(self) -> None:
        """Triangulate the matrix."""
        code, count, blocked = self.code, min(self.m, self.n), self._in_blocks()
        if blocked:
            with code.loop(0, blocked, SIZE) as first:
                self._factor_columns(first, SIZE)
                self._block(first).apply(self.a, (first + SIZE, self.n), adjoint=True)
        if blocked < count:
            self._factor_columns(blocked, count - blocked)

    def _factor_columns(self, first: Bound, count: int) -> None:
        """Triangulate some columns; those after them change at once where they are not a block, for which they wait."""
        code = self.code
        if self._is_tall():
            panel = self._panel(first, count)
            panel.read(self.a, first)
            panel.factor()
            panel.write(self.a, first)
            return
        with code.loop(first, first + count) as k:
            self.eliminate(k, first + count if isinstance(first, Value) else None)

    def _is_tall(self) -> bool:
        """Whether vectors should go along the columns."""
        return self.code.has_vectors and self.m >= max(self.n, _TALL)

    def _in_blocks(self) -> int:
        """How many reflectors are applied in blocks."""
        count = min(self.m, self.n)
        return count // SIZE * SIZE if self.code.has_vectors and count >= 2 * SIZE else 0

    def _panel(self, first: Bound, count: int) -> ReflectorPanel:
        rows = self.m - first if isinstance(first, int) else self.code.index(self.m) - first
        return ReflectorPanel(self.code, Matrix(self.block, (1, self.m)), rows, count, self.dtype, self.taus.at(first))

    def _block(self, first: Bound) -> ReflectorBlock:
        vectors = Matrix(self.block, (SIZE, 1))
        return ReflectorBlock(self.code, self.a, self.m, self.dtype, self.taus, vectors, first)

    def factor_pivoted(self, order: Memory, norms: Memory) -> None:
        """The same, the column of largest norm first in each step; `order` gets the columns."""
        code, a = self.code, self.a
        with code.loop(0, self.n) as j:
            order[j] = j.as_int(32)
        with code.loop(0, min(self.m, self.n)) as k:
            largest = self._largest(k, norms)
            with code.when(largest.ne(k)):
                order[k], order[largest] = order[largest], order[k]
                with code.loop(0, self.m) as i:
                    a[i, k], a[i, largest] = a[i, largest], a[i, k]
            self.eliminate(k)

    def _largest(self, k: Value, norms: Memory) -> Value:
        """The column of largest norm, of its elements from row k on."""
        code, a = self.code, self.a

        def clear(j: Any) -> None:
            norms[j] = 0.0

        code.lanes(k, self.n, norms.dtype, clear)
        with code.loop(k, self.m) as i:

            def add(j: Any) -> None:
                norms[j] = norms[j] + a[i, j].abs2()

            code.lanes(k, self.n, norms.dtype, add)

        def look(j: Value, largest: Value, column: Value) -> list[Value]:
            larger = norms[j] > largest
            return [code.select(larger, norms[j], largest), code.select(larger, j, column)]

        return code.fold(k + 1, self.n, [norms[k], k], look)[1]

    def eliminate(self, k: Value, end: Bound | None = None) -> None:
        """In column k, by a reflector that is applied to the columns after it, up to `end`."""
        tau = self.taus[k] = make_reflector(self.code, self.a, k, self.m, self.dtype)
        self._reflect(self.a, k, (k + 1, self.n if end is None else end), tau.conj())

    def _reflect(self, target: Matrix, k: Value, columns: tuple[Bound, Bound], tau: Any) -> None:
        """Apply 1 − tau v vᴴ, v of column k, to columns of a matrix."""
        code, a, line, dtype = self.code, self.a, self.line, self.dtype

        def begin(j: Any) -> None:
            line[0, j] = target[k, j]

        def add(i: Bound, rows: int) -> None:
            factors = [-a[i + r, k].conj() for r in range(rows)]
            subtract(code, line, 0, columns, factors, target, i, dtype)

        code.lanes(*columns, dtype, begin)
        start = k + 1
        whole = (self.m - start) // _ROWS * _ROWS + start
        with code.loop(start, whole, _ROWS) as i:
            add(i, _ROWS)
        with code.loop(whole, self.m) as i:
            add(i, 1)
        subtract(code, target, k, columns, [tau], line, 0, dtype)
        with code.loop(start, self.m) as i:
            subtract(code, target, i, columns, [tau * a[i, k]], line, 0, dtype)

    def form(self, q: Matrix, columns: int) -> None:
        """The first columns of the product of all reflectors."""
        code, k = self.code, min(self.m, self.n)
        with code.loop(0, self.m) as i, code.loop(0, columns) as j:
            q[i, j] = code.select(i.eq(j), 1.0, code.zero(self.dtype))
        blocked = self._in_blocks()
        if columns == k > blocked and self._is_tall():
            panel = self._panel(blocked, k - blocked)
            panel.read(self.a, blocked)
            panel.form()
            panel.write(q, blocked)
        else:
            with code.loop(0, k - blocked) as step:
                number = k - 1 - step
                self._reflect(q, number, (number, columns), self.taus[number])
        if blocked:
            with code.loop(0, blocked // SIZE) as step:
                first = blocked - (step + 1) * SIZE
                self._block(first).apply(q, (first, columns), adjoint=False)

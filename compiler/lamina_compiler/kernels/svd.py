"""The singular value decomposition: Householder's reduction to a real bidiagonal matrix, then QR iteration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from .batch import append_batched
from .bidiagonal import Bidiagonal
from .eigh import form_from_rows, reflector_of_row, scale_of
from .loops import Loops
from .memory import Matrix, Memory
from .panels import copy_in_tiles, row_major
from .ql import order_by_size
from .qr import Reflectors, block_size, identity_lower
from .values import Value

_I32 = np.dtype(np.int32)


def svd_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any, full_matrices: bool, vectors: bool
) -> Sequence[ir.Value]:
    """Lowering of `svd`."""
    (type,), (s_type, u_type, vh_type) = types, results
    if type.size == 0:
        return [lw.empty(s_type), *(identity_lower(lw, t) if t.size else lw.empty(t) for t in (u_type, vh_type))]
    rows, columns = type.shape[-2:]
    wide = rows < columns
    m, n, dtype, real = max(rows, columns), min(rows, columns), type.dtype, s_type.dtype
    kept = m if full_matrices else n  # left vectors, of the tall matrix

    def body(code: Loops, number: Value, x: Memory, *rest: Memory) -> None:
        (s, *out), (work, left, right, turned, left_taus, right_taus, lines, block, d, e, positions) = (
            rest[:-11],
            rest[-11:],
        )
        zero = code.index(0)
        a, given = row_major(work, zero, m, n), row_major(x, number, rows, columns)
        scale = _read(code, given.adjoint if wide else given, a, m, n, dtype)
        line = Matrix(lines, (n + m, 1))
        reflectors = Reflectors(code, a, m, n, dtype, left_taus, line, block)
        reduction = Reduction(reflectors, right_taus, d, e)
        reduction.reduce()
        us = vs = None
        if vectors:
            u, us = row_major(left, zero, m, kept), row_major(turned, zero, kept, m)
            reflectors.form(u, kept)
            copy_in_tiles(code, u.adjoint, us, kept, m)
            v, vs = row_major(right, zero, n, n), row_major(left, zero, n, n)
            form_from_rows(code, a, n, dtype, right_taus, line, v)
            copy_in_tiles(code, v.adjoint, vs, n, n)
        system = Bidiagonal(code, n, d, e, us and (us, m), vs and (vs, n))
        bad = system.diagonalize()
        order_by_size(code, d, n, positions, descending=True)
        with code.loop(0, n) as i:
            s[number * n + i] = d[positions[i].as_index()] * scale + bad
        if us is None or vs is None:
            return
        first, second = (vs, us) if wide else (us, vs)
        sizes = (n, kept) if wide else (kept, n)
        u_out = row_major(out[0], number, rows, sizes[0])
        v_out = row_major(out[1], number, sizes[1], columns)
        _write(code, first, u_out.adjoint, positions, n, sizes[0], rows, bad)
        _write(code, second, v_out, positions, n, sizes[1], columns, bad)

    side = m * max(kept, n)
    scratch = [(m * n, dtype), (side if vectors else 1, dtype), (n * n if vectors else 1, dtype)]
    scratch += [(side if vectors else 1, dtype), (n, dtype), (n, dtype), (n + m, dtype), (block_size(m, n), dtype)]
    scratch += [(n, real), (n, real), (n, _I32)]
    found = append_batched(
        lw, f"svd_{kept}", operands, types, [s_type, *([u_type, vh_type] if vectors else [])], body,
        parts=type.size // (m * n), work=(m * n * n if vectors else m * n * n // 4) + m * n, scratch=scratch,
    )  # fmt: skip
    return found if vectors else [*found, lw.empty(u_type), lw.empty(vh_type)]


def _read(code: Loops, given: Matrix, a: Matrix, m: int, n: int, dtype: np.dtype) -> Value:
    """Copy the matrix, scaled; gives what singular values are to be multiplied by."""

    def row(i: Value, largest: Value) -> list[Value]:
        def look(j: Value, largest: Value) -> list[Value]:
            size = given[i, j].size()
            return [code.select(size > largest, size, largest)]

        return code.fold(0, n, [largest], look)

    (largest,) = code.fold(0, m, [code.zero(dtype).real], row)
    scale = scale_of(code, largest)
    with code.loop(0, m) as i, code.loop(0, n) as j:
        a[i, j] = given[i, j] / scale
    return scale


def _write(
    code: Loops, rows: Matrix, out: Matrix, positions: Memory, n: int, count: int, size: int, bad: Value
) -> None:
    """Rows in the order of the singular values, then those that belong to none."""
    with code.loop(0, count) as j:
        row = code.select(j < n, positions[j.minimum(n - 1)].as_index(), j)
        with code.loop(0, size) as i:
            out[j, i] = rows[row, i] + bad


class Reduction(NamedTuple):
    """A matrix, at least as tall as wide, that becomes bidiagonal: d on the diagonal, e above it."""

    columns: Reflectors
    taus: Memory  # of reflectors that are kept in rows
    d: Memory
    e: Memory

    def reduce(self) -> None:
        code, n = self.columns.code, self.columns.n
        with code.loop(0, n) as k:
            self.columns.eliminate(k)
            self.d[k] = self.columns.a[k, k].real
            self.e[k] = 0.0
            with code.when(k < n - 1):
                tau = self.taus[k] = reflector_of_row(code, self.columns.a, k, n, self.columns.dtype, self.e)
                self._apply(k, tau)

    def _apply(self, k: Value, tau: Any) -> None:
        """Rows below k, times 1 − tau v vᴴ."""
        code, a, n, dtype = self.columns.code, self.columns.a, self.columns.n, self.columns.dtype
        start = k + 1
        with code.loop(start, self.columns.m) as i:
            factor = tau * code.sum(start, n, dtype, lambda j: a[i, j] * a[k, j])

            def at(j: Any) -> None:
                a[i, j] = a[i, j].minus(factor, a[k, j].conj())

            code.lanes(start, n, dtype, at)

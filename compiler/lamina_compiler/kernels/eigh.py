"""Eigenvalues and eigenvectors of Hermitian matrices: Householder's reduction to a real tridiagonal one, then QL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import COMPLEX, REAL_OF
from .batch import append_batched
from .loops import Loops
from .memory import Matrix, Memory
from .panels import copy_in_tiles, row_major, subtract
from .ql import Tridiagonal, order_by_size
from .values import Value

_I32 = np.dtype(np.int32)
_SAFE = 16.0  # matrices whose largest element is beyond this or its inverse are scaled


def eigh_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any, lower: bool, vectors: bool
) -> Sequence[ir.Value]:
    """Lowering of `eigh`."""
    (type,), (w_type, v_type) = types, results
    if type.size == 0:
        return [lw.empty(result) for result in results]
    n, dtype, real = type.shape[-1], type.dtype, w_type.dtype

    def body(code: Loops, number: Value, x: Memory, *rest: Memory) -> None:
        (w, *out), (work, q, taus, lines, d, e, positions) = rest[:-7], rest[-7:]
        a = row_major(work, code.index(0), n, n)
        given = row_major(x, number, n, n)
        scale = _read(code, given if lower else given.adjoint, a, n, dtype)
        reduction = Reduction(code, a, n, dtype, taus, Matrix(lines, (n, 1)), d, e)
        reduction.reduce()
        turned = None
        if vectors:
            basis = row_major(q, code.index(0), n, n)
            reduction.form(basis)
            turned = a  # whose reflectors are not needed any more
            copy_in_tiles(code, basis.adjoint, turned, n, n)
        system = Tridiagonal(code, n, d, e, turned, n)
        bad = system.diagonalize()
        order_by_size(code, system.d, n, positions)
        write_values(code, w.at(number * n), d, positions, (0, n), lambda value: value * scale + bad)
        if turned is not None:
            write_vectors(code, row_major(out[0], number, n, n), turned, positions, n, (0, n), bad)

    scratch = [(n * n, dtype), (n * n if vectors else 1, dtype), (n, dtype), (2 * n, dtype)]
    scratch += [(n, real), (n, real), (n, _I32)]
    found = append_batched(
        lw, f"eigh_{'lower' if lower else 'upper'}", operands, types, [w_type, *([v_type] if vectors else [])], body,
        parts=type.size // n**2, work=n**3 // (2 if vectors else 8) + n * n, scratch=scratch,
    )  # fmt: skip
    return found if vectors else [*found, lw.empty(v_type)]


def eigh_tridiagonal_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any, vectors: bool, first: int, last: int
) -> Sequence[ir.Value]:
    """Lowering of `eigh_tridiagonal`."""
    type, (w_type, v_type) = types[0], results
    if w_type.size == 0:
        return [lw.splat(result, 0) for result in results]
    n, count, dtype = type.shape[-1], last - first, type.dtype
    if n == 1:
        d, e = operands[0], operands[0]  # there is no e
        operands, types = [d, e], [type, type]

    def body(code: Loops, number: Value, d: Memory, e: Memory, *rest: Memory) -> None:
        (w, *out), (diagonal, beside, z, positions) = rest[:-4], rest[-4:]
        with code.loop(0, n) as i:
            diagonal[i] = d[number * n + i]
        with code.loop(0, n - 1) as i:
            beside[i] = e[number * (n - 1) + i]
        beside[n - 1] = 0.0
        scale = _scaled(code, [(diagonal, n), (beside, n - 1)])
        turned = row_major(z, code.index(0), n, n) if vectors else None
        if turned is not None:
            with code.loop(0, n) as i, code.loop(0, n) as j:
                turned[i, j] = code.select(i.eq(j), 1.0, code.zero(dtype))
        system = Tridiagonal(code, n, diagonal, beside, turned, n)
        bad = system.diagonalize()
        order_by_size(code, system.d, n, positions)
        chosen = first, last
        write_values(code, w.at(number * count), diagonal, positions, chosen, lambda value: value * scale + bad)
        if turned is not None:
            write_vectors(code, row_major(out[0], number, n, count), turned, positions, n, chosen, bad)

    scratch = [(n, dtype), (n, dtype), (n * n if vectors else 1, dtype), (n, _I32)]
    found = append_batched(
        lw, f"eigh_tridiagonal_{first}_{last}", operands, types, [w_type, *([v_type] if vectors else [])], body,
        parts=type.size // n, work=n**3 // 4 if vectors else 30 * n * n, scratch=scratch,
    )  # fmt: skip
    return found if vectors else [*found, lw.empty(v_type)]


# ---- scale ----------------------------------------------------------------------------------------------------------


def _read(code: Loops, given: Matrix, a: Matrix, n: int, dtype: np.dtype) -> Value:
    """Copy the lower triangle, and its conjugate above it, scaled; gives what eigenvalues are to be multiplied by."""

    def row(i: Value, largest: Value) -> list[Value]:
        def look(j: Value, largest: Value) -> list[Value]:
            size = given[i, j].size()
            return [code.select(size > largest, size, largest)]

        return code.fold(0, i + 1, [largest], look)

    (largest,) = code.fold(0, n, [code.zero(REAL_OF.get(dtype, dtype))], row)
    scale = scale_of(code, largest)
    with code.loop(0, n) as i:
        with code.loop(0, i) as j:
            value = a[i, j] = given[i, j] / scale
            a[j, i] = value.conj()
        a[i, i] = given[i, i].real / scale
    return scale


def _scaled(code: Loops, parts: Sequence[tuple[Memory, int]]) -> Value:
    """Scale vectors in their place; gives by how much."""
    largest: Any = code.zero(parts[0][0].dtype)
    for memory, size in parts:

        def look(i: Value, largest: Value, memory: Memory = memory) -> list[Value]:
            size = memory[i].abs()
            return [code.select(size > largest, size, largest)]

        (largest,) = code.fold(0, size, [largest], look)
    scale = scale_of(code, largest)
    for memory, size in parts:
        with code.loop(0, size) as i:
            memory[i] = memory[i] / scale
    return scale


def scale_of(code: Loops, largest: Value) -> Value:
    extreme = (largest > _SAFE) | (largest < 1 / _SAFE) & largest.ne(0.0)
    return code.select(extreme, largest, largest.lift(1.0))


# ---- results --------------------------------------------------------------------------------------------------------


def write_values(
    code: Loops,
    out: Memory,
    values: Memory,
    positions: Memory,
    chosen: tuple[int, int],
    finish: Callable[[Value], Value],
) -> None:
    """Values in order, those of the chosen ranks."""
    first, last = chosen
    with code.loop(0, last - first) as i:
        out[i] = finish(values[positions[i + first].as_index()])


def write_vectors(
    code: Loops, out: Matrix, rows: Matrix, positions: Memory, n: int, chosen: tuple[int, int], bad: Value
) -> None:
    """Conjugated rows as columns, in order."""
    first, last = chosen
    with code.loop(0, last - first) as j:
        row = positions[j + first].as_index()
        with code.loop(0, n) as i:
            out[i, j] = rows[row, i].conj() + bad


# ---- reduction ------------------------------------------------------------------------------------------------------


class Reduction(NamedTuple):
    """A Hermitian matrix a, both triangles of it, that becomes tridiagonal: d on the diagonal, e beside it.

    Reflectors 1 − tau v vᴴ are kept in the rows of a, beyond the diagonal.
    """

    code: Loops
    a: Matrix
    n: int
    dtype: np.dtype
    taus: Memory
    lines: Matrix  # memory for two rows
    d: Memory
    e: Memory

    def reduce(self) -> None:
        code, n = self.code, self.n
        with code.loop(0, n - 1) as k:
            self.d[k] = self.a[k, k].real
            tau = self.taus[k] = reflector_of_row(self.code, self.a, k, self.n, self.dtype, self.e)
            self._apply(k, tau)
        self.d[n - 1] = self.a[n - 1, n - 1].real
        self.e[n - 1] = 0.0

    def _apply(self, k: Value, tau: Any) -> None:
        """a − v wᴴ − w vᴴ with w = p − ½ tau (pᴴ v) v, p = tau a v, in rows and columns beyond k."""
        code, a, n, lines, dtype = self.code, self.a, self.n, self.lines, self.dtype
        start = k + 1
        with code.loop(start, n) as i:
            lines[0, i] = tau * code.sum(start, n, dtype, lambda j: a[i, j] * a[k, j])
        inner = code.sum(start, n, dtype, lambda j: lines[0, j].conj() * a[k, j])
        half = tau * inner * 0.5

        def finish(j: Any) -> None:
            v = a[k, j]
            lines[0, j] = lines[0, j].minus(half, v).conj()
            lines[1, j] = v.conj()

        code.lanes(start, n, dtype, finish)
        with code.loop(start, n) as i:
            subtract(code, a, i, (start, n), [a[k, i], lines[0, i].conj()], lines, 0, dtype)

    def form(self, q: Matrix) -> None:
        """The product of all reflectors."""
        form_from_rows(self.code, self.a, self.n, self.dtype, self.taus, self.lines, q)


def reflector_of_row(code: Loops, a: Matrix, k: Value, n: int, dtype: np.dtype, e: Memory) -> Any:
    """A reflector from the conjugate of row k, beyond the diagonal; the row becomes its vector. Gives tau.

    What the reflector leaves of the row, a real number, goes to e. Elements whose squares would vanish are taken for
    zero: matrices are scaled, so that these are far below their rounding errors.
    """
    alpha = a[k, k + 1].conj()
    square = code.sum(k + 2, n, e.dtype, lambda j: a[k, j].abs2())
    beta = (square + alpha.abs2()).sqrt()
    beta = code.select(alpha.real < 0.0, beta, -beta)
    rest = square.plus(alpha.imag, alpha.imag) if dtype in COMPLEX else square
    info = np.finfo(dtype)
    done = rest <= float(info.tiny / info.eps**2)
    divisor = code.select(done, 1.0, alpha - beta)

    def scale(j: Any) -> None:
        a[k, j] = a[k, j].conj() / divisor

    code.lanes(k + 2, n, dtype, scale)
    a[k, k + 1] = 1.0
    e[k] = code.select(done, alpha.real, beta)
    return code.select(done, 0.0, -(alpha - beta) / code.select(done, 1.0, beta))


def form_from_rows(code: Loops, a: Matrix, n: int, dtype: np.dtype, taus: Memory, lines: Matrix, q: Matrix) -> None:
    """The product of n − 1 reflectors whose vectors are in the rows of a, beyond the diagonal."""
    with code.loop(0, n) as i, code.loop(0, n) as j:
        q[i, j] = code.select(i.eq(j), 1.0, code.zero(dtype))
    with code.loop(0, n - 1) as step:
        k = n - 2 - step
        start = k + 1

        def clear(j: Any) -> None:
            lines[0, j] = 0.0

        code.lanes(start, n, dtype, clear)
        with code.loop(start, n) as i:
            subtract(code, lines, 0, (start, n), [-a[k, i].conj()], q, i, dtype)
        with code.loop(start, n) as i:
            subtract(code, q, i, (start, n), [taus[k] * a[k, i]], lines, 0, dtype)

"""Reflectors of a few columns, in memory where columns are contiguous, so that vectors go along them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .loops import Loops
from .memory import Matrix, Memory
from .reflector import Bound, make_reflector
from .values import Value

_COLUMNS = 4  # that a reflector is applied to at once


class ReflectorPanel(NamedTuple):
    """`width` columns of a matrix, at least as many rows, from an element of its diagonal on."""

    code: Loops
    columns: Matrix
    rows: Bound
    width: int
    dtype: np.dtype
    taus: Memory

    def read(self, a: Matrix, first: Bound) -> None:
        """Copy the columns, from (first, first) on."""
        with self.code.loop(0, self.rows) as i:
            for j in range(self.width):
                self.columns[i, j] = a[first + i, first + j]

    def write(self, a: Matrix, first: Bound) -> None:
        """Copy them back."""
        with self.code.loop(0, self.rows) as i:
            for j in range(self.width):
                a[first + i, first + j] = self.columns[i, j]

    def factor(self) -> None:
        """Triangulate the columns; the reflectors are left below the diagonal."""
        code, a = self.code, self.columns
        with code.loop(0, self.width) as k:
            tau = self.taus[k] = make_reflector(code, a, k, self.rows, self.dtype)
            self._reflect(k, tau.conj())

    def form(self) -> None:
        """Turn the reflectors into the first columns of their product (LAPACK's org2r)."""
        code, a = self.code, self.columns
        with code.loop(0, self.width) as step:
            k = self.width - 1 - step
            tau = self.taus[k]
            with code.loop(0, k) as i:
                a[i, k] = code.zero(self.dtype)
            a[k, k] = code.zero(self.dtype) + 1.0 - tau

            def negate(i: Any, k: Value = k, tau: Any = tau) -> None:
                a[i, k] = -(a[i, k] * tau)

            self._reflect(k, tau)
            code.lanes(k + 1, self.rows, self.dtype, negate)

    def _reflect(self, k: Value, tau: Any) -> None:
        """Apply 1 − tau v vᴴ, v of column k, to the columns after it."""
        code, width = self.code, self.width
        whole = (width - (k + 1)) // _COLUMNS * _COLUMNS + (k + 1)
        with code.loop(k + 1, whole, _COLUMNS) as first:
            self._reflect_columns(k, tau, [first + j for j in range(_COLUMNS)])
        with code.loop(whole, width) as j:
            self._reflect_columns(k, tau, [j])

    def _reflect_columns(self, k: Value, tau: Any, columns: list[Value]) -> None:
        code, a, dtype = self.code, self.columns, self.dtype

        def add(i: Any, *sums: Any) -> list[Any]:
            v = a[i, k].conj()
            return [total.plus(v, a[i, j]) for total, j in zip(sums, columns, strict=True)]

        sums = code.sums(k + 1, self.rows, dtype, len(columns), add)
        factors = [tau * (a[k, j] + total) for total, j in zip(sums, columns, strict=True)]
        for j, factor in zip(columns, factors, strict=True):
            a[k, j] = a[k, j] - factor

        def subtract(i: Any) -> None:
            v = a[i, k]
            for j, factor in zip(columns, factors, strict=True):
                a[i, j] = a[i, j].minus(factor, v)

        code.lanes(k + 1, self.rows, dtype, subtract)

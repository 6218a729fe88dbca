"""Several reflectors at once: their product is 1 − V T Vᴴ, T triangular.

Schreiber, Van Loan 1989, "A storage-efficient WY representation for products of Householder transformations",
DOI 10.1137/0910005.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .loops import Loops
from .memory import Lanes, Matrix, Memory
from .values import Complex, Value

SIZE = 8  # reflectors

Bound = Value | int


class ReflectorBlock(NamedTuple):
    """`SIZE` reflectors, whose vectors are in columns of a from `first` on, beneath the diagonal."""

    code: Loops
    a: Matrix
    m: int
    dtype: np.dtype
    taus: Memory
    vectors: Matrix  # memory for V: m rows, of which those from `first` on are used
    first: Bound

    def apply(self, target: Matrix, columns: tuple[Bound, Bound], *, adjoint: bool) -> None:
        """target ← (1 − V T Vᴴ) target in some columns, or with the adjoint of that."""
        code, v = self.code, self.vectors
        self._unpack()
        t = self._triangle()

        def at(j: Any) -> None:
            def add(i: Value, *sums: Any) -> list[Any]:
                row = target[i, j]
                return [s.plus(v[i, r].conj(), row) for r, s in enumerate(sums)]

            zeros = [self._zero(j)] * SIZE
            sums = code.fold(self.first, self.m, zeros, add)
            moved = [_combined(sums, t, r, adjoint) for r in range(SIZE)]
            with code.loop(self.first, self.m) as i:
                value = target[i, j]
                for r, w in enumerate(moved):
                    value = value.minus(v[i, r], w)
                target[i, j] = value

        code.lanes(*columns, self.dtype, at)

    def _zero(self, j: Any) -> Any:
        zero = self.code.zero(self.dtype)
        if not isinstance(j, Lanes):
            return zero
        if isinstance(zero, Complex):
            return Complex(zero.real.spread(j.width), zero.imag.spread(j.width))
        return zero.spread(j.width)

    def _unpack(self) -> None:
        """V: ones on the diagonal, zeros above it."""
        code, v, zero = self.code, self.vectors, self.code.zero(self.dtype)
        for i in range(SIZE):
            for r in range(SIZE):
                v[self.first + i, r] = self.a[self.first + i, self.first + r] if r < i else zero + float(r == i)
        with code.loop(self.first + SIZE, self.m) as i:
            every = Lanes(0, SIZE)
            v[i, every] = self.a[i, every + self.first]

    def _triangle(self) -> dict[tuple[int, int], Any]:
        """The elements of T, from the products of the vectors with each other."""
        code, v, every = self.code, self.vectors, Lanes(0, SIZE)

        def add(i: Value, *sums: Any) -> list[Any]:
            row = v[i, every]
            return [s.plus(v[i, q].conj(), row) for q, s in enumerate(sums)]

        products = code.fold(self.first, self.m, [self._zero(every)] * SIZE, add)
        t: dict[tuple[int, int], Any] = {}
        for r in range(SIZE):
            tau = t[r, r] = self.taus[self.first + r]
            for s in range(r):
                total = t[s, s] * _lane(products[s], r)
                for q in range(s + 1, r):
                    total = total.plus(t[s, q], _lane(products[q], r))
                t[s, r] = -(tau * total)
        return t


def _combined(sums: list[Any], t: dict[tuple[int, int], Any], r: int, adjoint: bool) -> Any:
    """Element r of T Vᴴ x, or of Tᴴ Vᴴ x."""
    if adjoint:
        factors = [(s, t[s, r].conj()) for s in range(r + 1)]
    else:
        factors = [(s, t[r, s]) for s in range(r, SIZE)]
    (s, factor), *rest = factors
    total = sums[s] * factor
    for s, factor in rest:
        total = total.plus(factor, sums[s])
    return total


def _lane(value: Any, i: int) -> Any:
    return Complex(value.real.lane(i), value.imag.lane(i)) if isinstance(value, Complex) else value.lane(i)

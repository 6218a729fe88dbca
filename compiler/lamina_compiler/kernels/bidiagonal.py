"""Singular values and vectors of real bidiagonal matrices by implicit QR iteration.

Golub, Reinsch 1970, DOI 10.1007/BF02163027; without a shift where a singular value is zero: Demmel, Kahan 1990,
DOI 10.1137/0911052.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .loops import Loops
from .memory import Matrix, Memory
from .values import Value

_SWEEPS = 40  # at most, for each singular value


class Bidiagonal(NamedTuple):
    """n diagonal elements d, and e above them, with a last one that is not used.

    `left`, `right`: matrices, with their numbers of columns, whose rows turn with the singular vectors.
    """

    code: Loops
    n: int
    d: Memory
    e: Memory
    left: tuple[Matrix, int] | None
    right: tuple[Matrix, int] | None

    def diagonalize(self) -> Value:
        """Turn d into the singular values, in no order; gives 0, or nan if they do not converge or are not finite."""
        code, floor = self.code, self._floor()

        def is_left(last: Value, sweeps: Value) -> Value:
            return last.ne(0) & (sweeps < _SWEEPS * self.n)

        def work(last: Value, sweeps: Value) -> list[Value]:
            first = self._block_start(last, floor)

            def sweep() -> list[Value]:
                self._sweep(first, last, floor)
                return [last, sweeps + 1]

            return code.choose(first.eq(last), lambda: [last - 1, sweeps], sweep)

        left, _ = code.repeat([code.index(self.n - 1), code.index(0)], is_left, work)

        with code.loop(0, self.n) as i, code.when(self.d[i] < 0.0):
            self.d[i] = -self.d[i]
            self._negate(i)
        return code.select(left.ne(0), np.nan, floor * 0.0)

    def _floor(self) -> Value:
        """What is negligible beside anything: without it, tiny blocks would not converge where squares underflow.

        nan if an element is not finite.
        """
        code, d, e = self.code, self.d, self.e

        def look(i: Value, largest: Value, bad: Value) -> list[Value]:
            size = d[i].abs() + e[i].abs()
            return [code.select(size > largest, size, largest), bad + (size - size)]

        zero = d[0].lift(0.0)
        largest, bad = code.fold(0, self.n, [zero, zero], look)
        return (largest + bad) * float(np.finfo(d.dtype).eps) ** 2

    def _block_start(self, last: Value, floor: Value) -> Value:
        """The smallest position from which on, up to `last`, no off-diagonal element is negligible."""
        code, d, e = self.code, self.d, self.e
        eps = float(np.finfo(d.dtype).eps)

        def matters(i: Value) -> Value:
            before = code.select(i.eq(0), 0, i - 1)
            return i.ne(0) & (((d[before].abs() + d[i].abs()) * eps + floor) < e[before].abs())

        return code.repeat([last], matters, lambda i: [i - 1])[0]

    def _sweep(self, first: Value, last: Value, floor: Value) -> None:
        """One iteration on the block from one position to another."""
        code, d = self.code, self.d

        def look(i: Value, smallest: Value) -> list[Value]:
            size = d[i].abs()
            return [code.select(size < smallest, size, smallest)]

        (smallest,) = code.fold(first, last + 1, [d[first].abs()], look)
        singular = smallest <= floor

        def without_shift() -> list[Value]:
            self._chase_zero_shift(first, last)
            return []

        def with_shift() -> list[Value]:
            self._chase(first, last)
            return []

        code.choose(singular, without_shift, with_shift)

    def _shift(self, last: Value) -> Value:
        """The smaller singular value of the last two rows and columns."""
        f, g, h = (v.abs() for v in (self.d[last - 1], self.e[last - 1], self.d[last]))
        plus, minus = f + h, f - h
        square = g * g
        return f * h * 2.0 / (square.plus(plus, plus).sqrt() + square.plus(minus, minus).sqrt())

    def _chase(self, first: Value, last: Value) -> None:
        code, d, e = self.code, self.d, self.e
        shift, top = self._shift(last), d[first]
        f = (top.abs() - shift) * (code.select(top < 0.0, -1.0, top.lift(1.0)) + shift / top)

        def rotate(i: Value, f: Value, g: Value) -> list[Value]:
            c, s, r = self._rotation(f, g)
            with code.when(i > first):
                e[i - 1] = r
            here, beside, next_ = d[i], e[i], d[i + 1]
            f, beside = (c * here).plus(s, beside), (c * beside).minus(s, here)
            g, next_ = s * next_, c * next_
            self._turn(self.right, i, c, s)
            c, s, r = self._rotation(f, g)
            d[i] = r
            f = (c * beside).plus(s, next_)
            d[i + 1] = (c * next_).minus(s, beside)
            self._turn(self.left, i, c, s)
            following = e[i + 1]  # beyond the block in the end, where it does not matter
            inside = i + 1 < last
            e[i + 1] = code.select(inside, c * following, following)
            return [f, s * following]

        f, _ = code.fold(first, last, [f, e[first]], rotate)
        e[last - 1] = f

    def _chase_zero_shift(self, first: Value, last: Value) -> None:
        code, d, e = self.code, self.d, self.e
        one = d[first].lift(1.0)

        def rotate(i: Value, c: Value, c_left: Value, s_left: Value) -> list[Value]:
            c, s, r = self._rotation(d[i] * c, e[i])
            with code.when(i > first):
                e[i - 1] = s_left * r
            self._turn(self.right, i, c, s)
            c_left, s_left, r = self._rotation(c_left * r, d[i + 1] * s)
            d[i] = r
            self._turn(self.left, i, c_left, s_left)
            return [c, c_left, s_left]

        c, c_left, s_left = code.fold(first, last, [one, one, one.lift(0.0)], rotate)
        end = d[last] * c
        d[last] = end * c_left
        e[last - 1] = end * s_left

    def _rotation(self, f: Value, g: Value) -> tuple[Value, Value, Value]:
        """c, s, r with c f + s g = r and c g = s f."""
        code = self.code
        r = (f * f).plus(g, g).sqrt()
        none = r.eq(0.0)
        divisor = code.select(none, 1.0, r)
        return code.select(none, 1.0, f / divisor), code.select(none, 0.0, g / divisor), r

    def _turn(self, vectors: tuple[Matrix, int] | None, i: Value, c: Value, s: Value) -> None:
        """Rotate two neighbouring rows."""
        if vectors is None:
            return
        rows, columns = vectors

        def at(j: Any) -> None:
            low, high = rows[i, j], rows[i + 1, j]
            rows[i, j] = (low * c).plus(s, high)
            rows[i + 1, j] = (high * c).minus(s, low)

        self.code.lanes(0, columns, self.d.dtype, at)

    def _negate(self, i: Value) -> None:
        """Of a pair of vectors the one that LAPACK negates."""
        vectors = self.left if self.n == 1 else self.right
        if vectors is None:
            return
        rows, columns = vectors

        def at(j: Any) -> None:
            rows[i, j] = -rows[i, j]

        self.code.lanes(0, columns, self.d.dtype, at)

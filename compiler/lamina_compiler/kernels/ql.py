"""Eigenvalues and eigenvectors of real symmetric tridiagonal matrices by the implicit QL algorithm.

Dubrulle, Martin, Wilkinson 1968, DOI 10.1007/BF02165404, with Wilkinson's shift.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .loops import Loops
from .memory import Matrix, Memory
from .values import Value

_SWEEPS = 40  # at most, for each eigenvalue


class Tridiagonal(NamedTuple):
    """n diagonal elements d, and e beside them, with a last one that is not used.

    `vectors`: a matrix of `columns` columns, of which the eigenvectors are to be columns, transposed: its rows turn.
    """

    code: Loops
    n: int
    d: Memory
    e: Memory
    vectors: Matrix | None
    columns: int

    def diagonalize(self) -> Value:
        """Turn d into the eigenvalues, in no order; gives 0, or nan if they do not converge or are not finite."""
        code, start, floor = self.code, self.code.index(0), self._floor()

        def is_left(first: Value, sweeps: Value) -> Value:
            return (first < self.n) & (sweeps < _SWEEPS * self.n)

        def work(first: Value, sweeps: Value) -> list[Value]:
            last = self._block_end(first, floor)

            def sweep() -> list[Value]:
                self._sweep(first, last)
                return [first, sweeps + 1]

            return code.choose(last.eq(first), lambda: [first + 1, sweeps], sweep)

        done, _ = code.repeat([start, start], is_left, work)

        return code.select(done < self.n, np.nan, floor * 0.0)

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

    def _block_end(self, first: Value, floor: Value) -> Value:
        """The first position from `first` on whose off-diagonal element is negligible."""
        code, d, e, n = self.code, self.d, self.e, self.n
        eps = float(np.finfo(d.dtype).eps)

        def matters(i: Value) -> Value:
            inside = i < n - 1
            next_ = code.select(inside, i + 1, i)
            # not "greater than": nan would never end
            return inside & (((d[i].abs() + d[next_].abs()) * eps + floor) < e[i].abs())

        return code.repeat([first], matters, lambda i: [i + 1])[0]

    def _sweep(self, first: Value, last: Value) -> None:
        """One QL iteration on the block from one position to another, rotation after rotation from its end on."""
        code, d, e = self.code, self.d, self.e
        half = (d[first + 1] - d[first]) / (e[first] * 2.0)
        root = _hypotenuse(half, 1.0)
        shifted = d[last] - d[first] + e[first] / (half + code.select(half < 0.0, -root, root))
        one, zero = half.lift(1.0), half.lift(0.0)

        def rotate(step: Value, g: Value, s: Value, c: Value, p: Value) -> list[Value]:
            i = last - 1 - step
            f, b = s * e[i], c * e[i]
            r = _hypotenuse(f, g)
            none = r.eq(0.0)
            divisor = code.select(none, 1.0, r)
            s, c = code.select(none, 0.0, f / divisor), code.select(none, 1.0, g / divisor)
            e[i + 1] = r
            g = d[i + 1] - p
            moved = (d[i] - g) * s + c * b * 2.0
            p = s * moved
            d[i + 1] = g + p
            self._turn(i, c, s)
            return [c * moved - b, s, c, p]

        g, _, _, p = code.fold(0, last - first, [shifted, one, one, zero], rotate)
        d[first] = d[first] - p
        e[first] = g
        e[last] = 0.0

    def _turn(self, i: Value, c: Value, s: Value) -> None:
        """Rotate two neighbouring eigenvectors."""
        z = self.vectors
        if z is None:
            return

        def at(j: Any) -> None:
            low, high = z[i, j], z[i + 1, j]
            z[i + 1, j] = (low * s).plus(c, high)
            z[i, j] = (low * c).minus(s, high)

        self.code.lanes(0, self.columns, self.d.dtype, at)


def order_by_size(code: Loops, values: Memory, n: int, positions: Memory, *, descending: bool = False) -> None:
    """Positions of n values in increasing order, by insertion."""
    with code.loop(0, n) as i:
        value = values[i]

        def belongs_before(j: Value, value: Value = value) -> Value:
            """Before the one at j − 1."""
            before = positions[code.select(j.eq(0), 0, j - 1)].as_index()
            other = values[code.select(j.eq(0), 0, before)]
            return j.ne(0) & (value > other if descending else value < other)

        def move_up(j: Value) -> list[Value]:
            positions[j] = positions[j - 1]
            return [j - 1]

        (place,) = code.repeat([i], belongs_before, move_up)
        positions[place] = i.as_int(32)


def _hypotenuse(x: Value, y: Value | float) -> Value:
    """Of numbers that are scaled so that squares neither overflow nor vanish together."""
    return (x * x).plus(x.lift(y), y).sqrt()

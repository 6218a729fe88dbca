"""Fourier transforms of lengths with small prime factors by Stockham's algorithm in mixed radix.

In a stage, points a distance apart are combined by a small transform, turned by powers of a root of unity ("twiddles"),
and put next to each other, so that no reordering is left in the end (Van Loan, Computational Frameworks for the Fast
Fourier Transform, 1992, §1.7).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..types import COMPLEX_OF
from .loops import Loops
from .memory import Lanes, Memory
from .values import Complex, Value

LARGEST_PRIME = 13
_POWERS = {1: [2], 2: [4], 3: [8], 4: [16], 5: [8, 4]}  # radices of small powers of two


def radices(n: int) -> list[int] | None:
    """Lengths of the small transforms, in the order of the stages; None if n has a large prime factor."""
    twos = (n & -n).bit_length() - 1
    n >>= twos
    found: list[int] = []
    while twos > 5:
        step = 4 if twos % 3 == 1 else 3
        found.append(1 << step)
        twos -= step
    found = sorted([*found, *_POWERS.get(twos, [])], reverse=True)
    for prime in (13, 11, 7, 5, 3):
        while n % prime == 0:
            found.append(prime)
            n //= prime
    return found if n == 1 else None


class _Stage(NamedTuple):
    """`radix` transforms of points that are `rest` apart, of a transform of ``radix · rest`` points."""

    radix: int
    rest: int
    stride: int  # points that are next to each other already
    table: int  # where its twiddles are


# ---- twiddles -------------------------------------------------------------------------------------------------------

_LONGEST_TABLE = 65536
_FINE = 1024  # for longer transforms: powers are products of a coarse and a fine one


def roots(count: int, of: int) -> np.ndarray:
    """The first powers of exp(−2πi / of), each to full accuracy."""
    angle = np.arange(count) % of * (2 * np.pi / of)
    return np.cos(angle) - 1j * np.sin(angle)


class Stockham:
    """A transform of n points. Call `tables` once, `scratch_size` for memory, and the object to write the loops."""

    def __init__(self, n: int, factors: Sequence[int], width: int, columns: int = 1) -> None:
        """`columns`: as many transforms at once, whose points are next to each other."""
        self.n = n
        self.columns = columns
        self._width = width
        self._stages: list[_Stage] = []
        self._tables: list[np.ndarray] = []
        length, stride = n, columns
        for radix in factors:
            stage = _Stage(radix, length // radix, stride, sum(t.size for t in self._tables))
            self._stages.append(stage)
            if stage.rest > 1:
                self._tables += self._twiddle_tables(stage)
            length, stride = stage.rest, stride * radix

    def _twiddle_tables(self, stage: _Stage) -> Iterator[np.ndarray]:
        length = stage.radix * stage.rest
        powers = np.arange(1, stage.radix)
        if length <= _LONGEST_TABLE:
            yield roots(length, length)[np.outer(powers, np.arange(stage.rest)).ravel()]
            return
        yield roots(_FINE, length)
        coarse = np.arange(-(-length // _FINE)) * _FINE * (2 * np.pi / length)
        yield np.cos(coarse) - 1j * np.sin(coarse)
        yield roots(self._width * stage.radix, length)[np.outer(powers, np.arange(self._width)).ravel()]

    def tables(self) -> np.ndarray:
        """Constants, which the kernel gets as real numbers: real parts, then imaginary ones."""
        found = np.concatenate([*self._tables, np.zeros(self._width)])
        return np.concatenate([found.real, found.imag])

    @property
    def scratch_size(self) -> int:
        """Real numbers."""
        return 4 * self.n * self.columns

    def __call__(
        self,
        code: Loops,
        dtype: np.dtype,
        tables: Memory,
        scratch: Memory,
        read: Callable[[Any], Complex],
        write: Callable[[Any, Complex], None],
        *,
        inverse: bool = False,
        given: int | None = None,
        wanted: int | None = None,
    ) -> None:
        """Write the loops; `read(i)` gives points, and `write(i, z)` takes them, for single and for vectors of indices.

        `dtype` is the real one, `inverse` is without the factor 1 / n. Points from `given` on are zero, and those from
        `wanted` on do not matter, so that most of them are neither read nor written.
        """
        if not self._stages:
            code.lanes(0, self.columns, dtype, lambda i: write(i, read(i)))
            return
        size = self.n * self.columns
        halves = [_Split(scratch.at(2 * size * i), size) for i in range(2)]
        twiddles = _Split(tables, sum(t.size for t in self._tables) + self._width)
        for number, stage in enumerate(self._stages):
            source = read if number == 0 else halves[number % 2].__getitem__
            last = number == len(self._stages) - 1
            target = write if last else halves[(number + 1) % 2].__setitem__
            limits = given if number == 0 else None, wanted if last else None
            _Writer(code, dtype, stage, twiddles, source, target, inverse, not last, *limits).write()


class _Split:
    """Complex numbers whose real parts are together, and whose imaginary parts are."""

    def __init__(self, memory: Memory, size: int) -> None:
        self._real = memory
        self._imag = memory.at(size)

    def __getitem__(self, index: Any) -> Complex:
        return Complex(self._real[index], self._imag[index])

    def __setitem__(self, index: Any, value: Complex) -> None:
        self._real[index] = value.real
        self._imag[index] = value.imag


# ---- stages ---------------------------------------------------------------------------------------------------------


class _Writer(NamedTuple):
    """Writes the loops of one stage."""

    code: Loops
    dtype: np.dtype
    stage: _Stage
    twiddles: _Split
    source: Callable[[Any], Complex]
    target: Callable[[Any, Complex], None]
    inverse: bool
    contiguous: bool  # the target takes vectors at any place
    given: int | None
    wanted: int | None

    def write(self) -> None:
        code, stage = self.code, self.stage
        if stage.stride == 1:
            code.lanes(0, stage.rest, self.dtype, lambda p: self._points(p, 0), masked=False)
            return
        if stage.rest == 1:
            self._along_stride(0)
            return
        with code.loop(0, stage.rest) as p:
            self._along_stride(p)

    def _along_stride(self, p: Value | int) -> None:
        """All points that are next to each other have the same twiddles."""
        code, stride = self.code, self.stage.stride
        factors = self._factors(p)
        if code.has_vectors and stride in (4, 8) and stride < code.width(self.dtype):
            self._points(p, Lanes(0, stride), factors)
        else:
            code.lanes(0, stride, self.dtype, lambda q: self._points(p, q, factors))

    def _points(self, p: Any, q: Any, factors: Sequence[Complex] | None = None) -> None:
        stage = self.stage
        if factors is None:
            factors = self._factors(p)
        first = p * stage.stride + q if isinstance(q, Lanes | Value) else p
        distance = stage.rest * stage.stride
        points = [
            self._zero() if _reaches(self.given, k * distance) else self.source(first + k * distance)
            for k in range(stage.radix)
        ]
        found = butterfly(points, self.inverse)
        turned = found[:1] + [z * w for z, w in zip(found[1:], factors, strict=True)] if factors else found
        if isinstance(p, Lanes):
            self._store_in_turn(p, turned)
            return
        start = p * (stage.radix * stage.stride) + q
        for j, z in enumerate(turned):
            if not _reaches(self.wanted, j * stage.stride):
                self.target(start + j * stage.stride, z)

    def _zero(self) -> Complex:
        return self.code.zero(COMPLEX_OF[self.dtype])

    def _factors(self, p: Any) -> list[Complex]:
        stage = self.stage
        if stage.rest == 1:
            return []
        length = stage.radix * stage.rest
        if length <= _LONGEST_TABLE:
            found = [self.twiddles[p + (stage.table + j * stage.rest)] for j in range(stage.radix - 1)]
        else:
            found = [self._product(p, j, length) for j in range(1, stage.radix)]
        return [w.conj() for w in found] if self.inverse else found

    def _product(self, p: Any, j: int, length: int) -> Complex:
        """A power of the root of a long transform."""
        first = p.first if isinstance(p, Lanes) else p
        power, fine = first * j, self.stage.table
        coarse = fine + _FINE
        found = self.twiddles[power % _FINE + fine] * self.twiddles[power // _FINE + coarse]
        if not isinstance(p, Lanes):
            return found
        lanes = coarse + -(-length // _FINE) + (j - 1) * p.width
        return self.twiddles[Lanes(lanes, p.width)] * found

    def _store_in_turn(self, p: Lanes, values: list[Complex]) -> None:
        """Lane after lane, in each the points of all transforms."""
        radix, width = self.stage.radix, p.width
        first = p.first * radix
        if self.contiguous and radix & (radix - 1) == 0:
            real, imag = (interleaved([getattr(z, part) for z in values]) for part in ("real", "imag"))
            for i, parts in enumerate(zip(real, imag, strict=True)):
                self.target(Lanes(first + i * width, width), Complex(*parts))
            return
        for lane in range(width):
            for j, z in enumerate(values):
                self.target(first + (lane * radix + j), Complex(z.real.lane(lane), z.imag.lane(lane)))


def _reaches(limit: int | None, index: int) -> bool:
    return limit is not None and index >= limit


def interleaved(vectors: Sequence[Value]) -> list[Value]:
    """The first elements of all vectors, then the second ones, …; there are a power of two of vectors."""
    if len(vectors) == 1:
        return list(vectors)
    low, high = interleaved(vectors[0::2]), interleaved(vectors[1::2])
    width = low[0].lanes
    order = [i // 2 + width * (i % 2) for i in range(2 * width)]
    return [x.shuffle(y, half) for x, y in zip(low, high, strict=True) for half in (order[:width], order[width:])]


# ---- small transforms -----------------------------------------------------------------------------------------------


def butterfly(points: list[Complex], inverse: bool) -> list[Complex]:
    """The transform of a few points."""
    n = len(points)
    if n == 1:
        return points
    if n % 2:
        return _odd(points, inverse)
    even, odd = butterfly(points[0::2], inverse), butterfly(points[1::2], inverse)
    turned = [_turned(z, k, n, inverse) for k, z in enumerate(odd)]
    return [x + y for x, y in zip(even, turned, strict=True)] + [x - y for x, y in zip(even, turned, strict=True)]


def _turned(z: Complex, k: int, n: int, inverse: bool) -> Complex:
    """z exp(−2πi k / n), for k < n / 2."""
    if k == 0:
        return z
    if 4 * k == n:
        return z.times_i() if inverse else -z.times_i()
    c, s = math.cos(2 * math.pi * k / n), math.sin(2 * math.pi * k / n) * (1 if inverse else -1)
    return Complex((z.real * c).minus(z.imag, s), (z.real * s).plus(z.imag, c))


def _odd(points: list[Complex], inverse: bool) -> list[Complex]:
    """Pairs of points share their cosines, and but for the sign their sines."""
    n, first = len(points), points[0]
    pairs = [(points[j] + points[n - j], points[j] - points[n - j]) for j in range(1, n // 2 + 1)]
    total = first
    for plus, _ in pairs:
        total = total + plus
    low: list[Complex] = []
    high: list[Complex] = []
    for k in range(1, n // 2 + 1):
        even, odd = first, None
        for j, (plus, minus) in enumerate(pairs, 1):
            angle = 2 * math.pi * (j * k % n) / n
            even = even.plus(math.cos(angle), plus)
            sine = math.sin(angle) * (1 if inverse else -1)
            odd = minus * sine if odd is None else odd.plus(sine, minus)
        assert odd is not None
        turned = odd.times_i()
        low.append(even + turned)
        high.append(even - turned)
    return [total, *low, *high[::-1]]

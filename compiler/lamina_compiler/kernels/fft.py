"""Fourier transforms of any length over the last dimensions of arrays.

Lengths with a large prime factor go by Bluestein's algorithm: the transform is a convolution, which is done by longer
transforms (Bluestein 1970, DOI 10.1109/TAU.1970.1162132).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import COMPLEX_OF, REAL_OF, Shape, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory
from .stockham import Stockham, radices
from .values import Complex, Value

Read = Callable[[Any], Complex]
Write = Callable[[Any, Complex], None]


def fft_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, result: TensorType, kind: str, lengths: Shape
) -> ir.Value:
    """Lowering of `fft`: one kernel for each dimension."""
    (x,), (type,) = operands, types
    if result.size == 0 or type.size == 0:
        return lw.splat(result, 0)
    inverse = kind in ("ifft", "irfft")
    scale = 1 / math.prod(lengths) if inverse else 1.0
    last = result.rank - 1
    others = range(last - len(lengths) + 1, last)
    if kind == "rfft":
        x, type = _real(lw, x, type, lengths[-1]), result
    along = [*others] if kind in ("rfft", "irfft") else [*others, last]
    for axis in along:
        final = axis == along[-1] and kind != "irfft"
        x = _along(lw, x, type, axis, inverse, scale if final else 1.0)
    return _to_real(lw, x, type, result, scale) if kind == "irfft" else x


# ---- one transform --------------------------------------------------------------------------------------------------


class Transform:
    """A transform of n points by the algorithm that fits n."""

    def __init__(self, n: int, dtype: np.dtype, code: Loops, columns: int = 1) -> None:
        self.n = n
        self.dtype = dtype  # real
        factors = radices(n)
        self._convolves = factors is None
        self._length = n if factors is not None else _smooth(2 * n - 1)
        self._columns = columns if factors is not None else 1
        self._stockham = Stockham(
            self._length, factors or radices(self._length) or [], code.width(dtype), self._columns
        )

    @property
    def columns(self) -> int:
        """Transforms that are done at once."""
        return self._columns

    @property
    def scratch_size(self) -> int:
        """Real numbers."""
        return self._stockham.scratch_size + (2 * self._length if self._convolves else 0)

    @property
    def work(self) -> int:
        return 4 * self._length * self._columns * (2 if self._convolves else 1)

    def tables(self) -> np.ndarray:
        """Constants, as real numbers."""
        found = self._stockham.tables()
        if self._convolves:
            chirp = _chirp(self.n)
            wrapped = np.zeros(self._length, complex)
            wrapped[: self.n] = chirp.conj()
            wrapped[self._length - self.n + 1 :] = chirp.conj()[:0:-1]
            kernel = np.fft.fft(wrapped) / self._length
            found = np.concatenate([found, _pairs(chirp), _pairs(kernel)])
        return found.astype(self.dtype)

    def write(self, code: Loops, tables: Memory, scratch: Memory, read: Read, write: Write, inverse: bool) -> None:
        """Write the loops."""
        if not self._convolves:
            self._stockham(code, self.dtype, tables, scratch, read, write, inverse=inverse)
            return
        n, dtype = self.n, COMPLEX_OF[self.dtype]
        behind = self._stockham.tables().size
        chirp = tables.at(behind).viewed(dtype)
        kernel = tables.at(behind + 2 * n).viewed(dtype)
        product = scratch.at(self._stockham.scratch_size).viewed(dtype)

        def turned(z: Complex, w: Complex) -> Complex:
            return z * (w.conj() if inverse else w)

        def load(i: Any) -> Complex:
            if isinstance(i, Lanes):
                inside = _masked(code, i, n)
                return turned(read(inside), chirp[inside])
            i = code.index(i)
            place = code.select(i < n, i, 0)
            return code.select(i < n, turned(read(place), chirp[place]), 0.0)

        def multiply(i: Any, z: Complex) -> None:
            product[i] = turned(z, kernel[i])

        def store(i: Any, z: Complex) -> None:
            if isinstance(i, Lanes):
                inside = _masked(code, i, n)
                write(inside, turned(z, chirp[inside]))
                return
            i = code.index(i)
            with code.when(i < n):
                write(i, turned(z, chirp[i]))

        run = self._stockham
        run(code, self.dtype, tables, scratch, load, multiply, inverse=inverse, given=n)
        run(code, self.dtype, tables, scratch, product.__getitem__, store, inverse=not inverse, wanted=n)


def _masked(code: Loops, lanes: Lanes, size: int) -> Lanes:
    """Those below a size."""
    below = code.mask(size - code.index(lanes.first), lanes.width)
    return lanes._replace(mask=below if lanes.mask is None else lanes.mask & below)


def _chirp(n: int) -> np.ndarray:
    """exp(−πi k² / n)"""
    k = np.arange(n, dtype=np.int64)
    angle = k * k % (2 * n) * (np.pi / n)
    return np.cos(angle) - 1j * np.sin(angle)


def _pairs(z: np.ndarray) -> np.ndarray:
    return np.stack([np.real(z), np.imag(z)], -1).ravel()


def _smooth(least: int) -> int:
    """A length for convolutions: a power of two, or 3, 5, 9 times one."""
    candidates = [odd << max(4, math.ceil(math.log2(least / odd))) for odd in (1, 3, 5, 9)]
    return min(length for length in candidates if length >= least)


# ---- along dimensions -----------------------------------------------------------------------------------------------


def _along(lw: LinalgBuilder, x: ir.Value, type: TensorType, axis: int, inverse: bool, scale: float) -> ir.Value:
    """Complex transforms along one dimension."""
    n, inner = type.shape[axis], math.prod(type.shape[axis + 1 :])
    outside, dtype = Loops(lw), REAL_OF[type.dtype]
    width = outside.width(dtype)
    columns = width if inner % width == 0 and radices(n) is not None else 1
    transform = Transform(n, dtype, outside, columns)
    contiguous = inner == 1 or columns > 1 or width == 1
    line = 0 if contiguous else 2 * n

    def body(code: Loops, part: Value, x: Memory, tables: Memory, out: Memory, scratch: Memory) -> None:
        groups = inner // columns
        start = part // groups * (n * inner) + part % groups * columns
        source, target = x.at(start), out.at(start)

        def place(i: Any) -> Any:
            return i if inner == columns else i // columns * inner + i % columns if columns > 1 else i * inner

        def read(i: Any) -> Complex:
            return source[_moved(place, i)]

        def store(i: Any, z: Complex) -> None:
            target[_moved(place, i)] = z if scale == 1.0 else z * scale

        if contiguous:
            transform.write(code, tables, scratch, read, store, inverse)
            return
        own = scratch.at(transform.scratch_size).viewed(type.dtype)
        with code.loop(0, n) as i:
            own[i] = read(i)
        transform.write(code, tables, scratch, own.__getitem__, own.__setitem__, inverse)
        with code.loop(0, n) as i:
            store(i, own[i])

    name = f"{'inverse_' * inverse}fft_axis{axis}_{scale}"
    parts = type.size // (n * columns)
    return _append(lw, name, transform, x, type, type, body, parts, transform.tables(), line)


def _moved(place: Callable[[Any], Any], index: Any) -> Any:
    """Of lanes, where the first is: the others follow."""
    return index._replace(first=place(index.first)) if isinstance(index, Lanes) else place(index)


def _append(
    lw: LinalgBuilder,
    name: str,
    transform: Transform,
    x: ir.Value,
    type: TensorType,
    result: TensorType,
    body: Callable[..., None],
    parts: int,
    tables: np.ndarray,
    more_scratch: int,
) -> ir.Value:
    constant = lw.constant(tables)
    types = [type, TensorType(tables.shape, tables.dtype)]
    size = transform.scratch_size + more_scratch
    return append_batched(
        lw, name, [x, constant], types, [result], body,
        parts=parts, work=transform.work, scratch=[(size, transform.dtype)],
    )[0]  # fmt: skip


# ---- real numbers ---------------------------------------------------------------------------------------------------


def _real(lw: LinalgBuilder, x: ir.Value, type: TensorType, n: int) -> ir.Value:
    """The first half of the spectrum of real numbers along the last dimension.

    Of an even length: pairs of them are complex numbers, whose transform holds that of both (Van Loan, §4.4.2).
    """
    dtype, half = type.dtype, n // 2
    result = TensorType((*type.shape[:-1], half + 1), COMPLEX_OF[dtype])
    even = n % 2 == 0
    transform = Transform(half if even else n, dtype, Loops(lw))
    turns = _half_turns(n).astype(dtype) if even else np.zeros(0, dtype)
    tables = np.concatenate([transform.tables(), turns])

    def body(code: Loops, part: Value, x: Memory, tables: Memory, out: Memory, scratch: Memory) -> None:
        spectrum = scratch.at(transform.scratch_size).viewed(result.dtype)
        row, target = x.at(part * n), out.at(part * (half + 1))
        if not even:
            transform.write(code, tables, scratch, lambda i: _without_imaginary(row[i]), spectrum.__setitem__, False)

            def copy(i: Any) -> None:
                target[i] = spectrum[i]

            code.lanes(0, half + 1, dtype, copy)
            return
        pairs = x.viewed(result.dtype).at(part * half)
        transform.write(code, tables, scratch, pairs.__getitem__, spectrum.__setitem__, False)
        turn = tables.at(transform.tables().size).viewed(result.dtype)

        def separate(k: Any) -> None:
            z, mirrored = spectrum[k], _mirror(spectrum, k, half).conj()
            target[k] = (z + mirrored).plus(turn[k], z - mirrored) * 0.5

        first = spectrum[0]
        target[0], target[half] = (_without_imaginary(v) for v in (first.real + first.imag, first.real - first.imag))
        code.lanes(1, half, dtype, separate, masked=False)

    name, parts = f"rfft_{n}", type.size // n
    size = 2 * (half if even else n)
    return _append(lw, name, transform, x, type, result, body, parts, tables, size)


def _to_real(lw: LinalgBuilder, x: ir.Value, type: TensorType, result: TensorType, scale: float) -> ir.Value:
    """The inverse of `_real`."""
    dtype, n = result.dtype, result.shape[-1]
    half, even = n // 2, n % 2 == 0
    transform = Transform(half if even else n, dtype, Loops(lw))
    turns = _half_turns(n).astype(dtype) if even else np.zeros(0, dtype)
    tables = np.concatenate([transform.tables(), turns])

    def body(code: Loops, part: Value, x: Memory, tables: Memory, out: Memory, scratch: Memory) -> None:
        source = x.at(part * (half + 1))
        spectrum = scratch.at(transform.scratch_size).viewed(type.dtype)
        if not even:
            row = out.at(part * n)

            def extend(k: Any) -> None:
                spectrum[k] = source[k]

            def mirror(k: Value) -> None:
                spectrum[n - k] = source[k].conj()

            def store(i: Any, z: Complex) -> None:
                row[i] = z.real * scale

            code.lanes(0, half + 1, dtype, extend)
            spectrum[0] = _without_imaginary(source[0].real)
            with code.loop(1, half + 1) as k:
                mirror(k)
            transform.write(code, tables, scratch, spectrum.__getitem__, store, True)
            return
        turn = tables.at(transform.tables().size).viewed(type.dtype)

        def join(k: Any) -> None:
            z, mirrored = source[k], _mirror(source, k, half).conj()
            spectrum[k] = (z + mirrored).plus(turn[k].conj(), z - mirrored)

        first, last = source[0].real, source[half].real
        spectrum[0] = Complex(first + last, first - last)
        code.lanes(1, half, dtype, join, masked=False)
        pairs = out.viewed(type.dtype).at(part * half)

        def store_pair(i: Any, z: Complex) -> None:
            pairs[i] = z * scale

        transform.write(code, tables, scratch, spectrum.__getitem__, store_pair, True)

    name, parts = f"irfft_{n}_{scale}", result.size // n
    size = 2 * (half if even else n)
    return _append(lw, name, transform, x, type, result, body, parts, tables, size)


def _half_turns(n: int) -> np.ndarray:
    """−i exp(−2πi k / n) for k up to n / 2, as pairs of real numbers."""
    angle = np.arange(n // 2 + 1) * (2 * np.pi / n)
    return _pairs(-np.sin(angle) - 1j * np.cos(angle))


def _without_imaginary(x: Value) -> Complex:
    return Complex(x, x.lift(0.0))


def _mirror(points: Memory, k: Any, n: int) -> Complex:
    """Points n − k, of vectors in reverse order."""
    if not isinstance(k, Lanes):
        return points[n - k]
    z = points[Lanes(n - (k.width - 1) - k.first, k.width)]
    order = list(range(k.width))[::-1]
    return Complex(z.real.shuffle(z.real, order), z.imag.shuffle(z.imag, order))

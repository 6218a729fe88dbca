"""Memory of kernels: flat buffers, and matrices in them, indexed like arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..mlir import ir
from ..types import COMPLEX
from .values import Complex, Number, Value

if TYPE_CHECKING:
    from .loops import Loops


class Lanes(NamedTuple):
    """An index that stands for several neighbouring positions at once, those that `mask` says if there is one.

    What is read at such an index is a vector, with zeros where masked.
    """

    first: Value | int
    width: int
    mask: Value | None = None

    def __add__(self, offset: Value | int) -> Lanes:  # type: ignore[override]
        return self._replace(first=self.first + offset)

    __radd__ = __add__

    def __sub__(self, offset: Value | int) -> Lanes:
        return self._replace(first=self.first - offset)


Index = Value | int | Lanes


def strides_of(shape: Sequence[int]) -> list[int]:
    """How far neighbours along each dimension are apart in an array of a shape."""
    return [math.prod(shape[d + 1 :]) for d in range(len(shape))]


def stored(dtype: np.dtype) -> np.dtype:
    """What elements are in memory: booleans are bytes."""
    return np.dtype(np.uint8) if dtype == np.bool_ else dtype


class Memory:
    """A flat buffer of elements from a position on. Complex elements are pairs of real ones."""

    def __init__(self, code: Loops, buffer: ir.Value, dtype: np.dtype, start: Value | int = 0) -> None:
        """`start`: where elements are counted from, in numbers as they are stored: for complex ones, in real ones."""
        self.code = code
        self.dtype = dtype
        self._buffer = Value(code, buffer)
        self._element = ir.MemRefType(buffer.type).element_type
        self._start = start

    def at(self, index: Value | int) -> Memory:
        """The same memory, counted from an element on."""
        start = index * 2 + self._start if self.dtype in COMPLEX else index + self._start
        return Memory(self.code, self._buffer.ir, self.dtype, start)

    def viewed(self, dtype: np.dtype) -> Memory:
        """The same memory, pairs of real numbers as complex ones."""
        return Memory(self.code, self._buffer.ir, dtype, self._start)

    def __getitem__(self, index: Index) -> Any:
        if self.dtype not in COMPLEX:
            return self._load(index + self._start)
        if not isinstance(index, Lanes):
            place = index * 2 + self._start
            return Complex(self._load(place), self._load(place + 1))
        low, high = (self._load(half) for half in self._halves(index))
        return Complex(*(low.shuffle(high, list(range(odd, 2 * index.width, 2))) for odd in (0, 1)))

    def __setitem__(self, index: Index, value: Number) -> None:
        if self.dtype not in COMPLEX:
            self._store(index + self._start, value)
            return
        number: Complex = self.code.zero(self.dtype).lift(value)
        if not isinstance(index, Lanes):
            place = index * 2 + self._start
            self._store(place, number.real)
            self._store(place + 1, number.imag)
            return
        n = index.width
        real, imag = number.real.spread(n), number.imag.spread(n)
        order = [i // 2 + n * (i % 2) for i in range(2 * n)]
        for half, chosen in zip(self._halves(index), (order[:n], order[n:]), strict=True):
            self._store(half, real.shuffle(imag, chosen))

    def _halves(self, index: Lanes) -> Sequence[Lanes]:
        """Where the real numbers of complex ones are, in two vectors."""
        first, n, mask = index.first * 2 + self._start, index.width, index.mask
        if mask is None:
            return Lanes(first, n), Lanes(first + n, n)
        masks = [mask.shuffle(mask, [(i + half) // 2 for i in range(n)]) for half in (0, n)]
        return Lanes(first, n, masks[0]), Lanes(first + n, n, masks[1])

    def gather(self, places: Value) -> Value:
        """Real elements at a vector of places."""
        code, lanes = self.code, places.lanes
        everywhere = code.constant(1, ir.IntegerType.get_signless(1)).spread(lanes)
        zeros = code.constant(0, self._element).spread(lanes)
        type = ir.VectorType.get([lanes], self._element)
        return code.op("vector.gather", type, self._buffer, code.index(self._start), places, everywhere, zeros)

    def _load(self, place: Index) -> Value:
        code = self.code
        if not isinstance(place, Lanes):
            return code.op("memref.load", self._element, self._buffer, code.index(place))
        type, first = ir.VectorType.get([place.width], self._element), code.index(place.first)
        if place.mask is None:
            return code.op("vector.load", type, self._buffer, first)
        zeros = code.constant(0, self._element).spread(place.width)
        return code.op("vector.maskedload", type, self._buffer, first, place.mask, zeros)

    def _store(self, place: Index, value: Any) -> None:
        code = self.code
        if not isinstance(value, Value):
            value = code.constant(value, self._element)
        if not isinstance(place, Lanes):
            code.op("memref.store", None, value, self._buffer, code.index(place))
            return
        value, first = value.spread(place.width), code.index(place.first)
        if place.mask is None:
            code.op("vector.store", None, value, self._buffer, first)
        else:
            code.op("vector.maskedstore", None, self._buffer, first, place.mask, value)


class Matrix:
    """A matrix in memory with any strides; one that is `conjugated` when read and written."""

    def __init__(self, memory: Memory, strides: tuple[Value | int, Value | int], *, conjugated: bool = False) -> None:
        self._memory = memory
        self._strides = strides
        self._conjugated = conjugated and memory.dtype in COMPLEX

    @property
    def transposed(self) -> Matrix:
        rows, columns = self._strides
        return Matrix(self._memory, (columns, rows), conjugated=self._conjugated)

    @property
    def conjugate(self) -> Matrix:
        return Matrix(self._memory, self._strides, conjugated=not self._conjugated)

    @property
    def adjoint(self) -> Matrix:
        return self.transposed.conjugate

    def columns_are_contiguous(self) -> bool:
        """Whether neighbours in a column are neighbours in memory."""
        return self._strides[0] == 1

    def rows_are_contiguous(self) -> bool:
        return self._strides[1] == 1

    def _place(self, i: Index, j: Index) -> Index:
        row, column = self._strides
        if isinstance(i, Lanes):
            i, j, row, column = j, i, column, row
        if isinstance(j, Lanes):
            assert column == 1 and not isinstance(i, Lanes)
            return j + _product(i, row)
        return _product(i, row) + _product(j, column)

    def __getitem__(self, place: tuple[Index, Index]) -> Any:
        value = self._memory[self._place(*place)]
        return value.conj() if self._conjugated else value

    def __setitem__(self, place: tuple[Index, Index], value: Number) -> None:
        if self._conjugated and isinstance(value, Complex):
            value = value.conj()
        self._memory[self._place(*place)] = value


def _product(index: Any, stride: Value | int) -> Any:
    return index if isinstance(stride, int) and stride == 1 else index * stride

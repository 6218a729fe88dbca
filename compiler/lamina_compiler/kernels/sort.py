"""Stable sorts along an axis: by insertion for a few elements, else counting sorts from the last digit on.

(Radix sort: Knuth, The Art of Computer Programming, volume 3, §5.2.5.) The keys of an element are unsigned integers in
its order, computed anew for every digit, so that elements move as they are: −0 and 0 have one key but keep their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import BY_SHORT_NAME, COMPLEX, REAL_OF, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Memory
from .values import Complex, Value

_FEW = 24  # elements that are sorted by insertion
_MANY = 4096  # elements from which long digits pay
_I32, _U32 = BY_SHORT_NAME["i32"], BY_SHORT_NAME["u32"]


class Key(NamedTuple):
    """Unsigned integers of `bits` bits, of which 8, 16, 32 or 64 are stored, that order elements."""

    bits: int
    of: Callable[[Any], Value]


def keys_of(dtype: np.dtype) -> list[Key]:
    """Keys of an element type, of which the last counts most: nan comes last, −0 equals 0."""
    if dtype in COMPLEX:
        bits = 8 * REAL_OF[dtype].itemsize
        return [
            Key(bits, lambda z: ordered_float(z.imag)),
            Key(bits, lambda z: ordered_float(z.real)),
            Key(2, _parts_that_are_nan),
        ]
    bits = 8 * dtype.itemsize
    if dtype.kind in "bu":
        return [Key(bits, lambda x: x)]
    if dtype.kind == "i":
        return [Key(bits, lambda x: x ^ (1 << (bits - 1)))]
    return [Key(bits, ordered_float)]


def _parts_that_are_nan(z: Complex) -> Value:
    """Numbers without nan come first, then those with one in the imaginary part, in the real part, in both."""
    return z.real.is_nan().as_int(8) * 2 + z.imag.is_nan().as_int(8)


def ordered_float(x: Value, *, total: bool = False) -> Value:
    """A float as unsigned integer in the same order: nan last, −0 as 0, unless in the `total` order of IEEE 754."""
    bits, width = x.as_bits(), x.width
    sign, largest = 1 << (width - 1), (1 << width) - 1
    key = bits ^ (bits.sign_bits() | sign)
    if total:
        return key
    code, magnitude = x.code, bits & (sign - 1)
    key = code.select(magnitude.eq(0), sign, key)
    return code.select(magnitude.compare("ugt", _INFINITY[str(x.element)]), largest, key)


_INFINITY = {"f16": 0x7C00, "bf16": 0x7F80, "f32": 0x7F80_0000, "f64": 0x7FF0_0000_0000_0000}  # bit patterns


# ---- lines of an array ----------------------------------------------------------------------------------------------


class Lines(NamedTuple):
    """The parts of an array along an axis."""

    number: int
    length: int
    stride: int

    @classmethod
    def along(cls, type: TensorType, axis: int) -> Lines:
        return cls(type.size // type.shape[axis], type.shape[axis], math.prod(type.shape[axis + 1 :]))

    def start(self, number: Value) -> Value:
        """Where a line begins in memory."""
        if self.stride == 1:
            return number * self.length
        return number // self.stride * (self.length * self.stride) + number % self.stride


def sort_lower(lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, result: TensorType, axis: int) -> ir.Value:
    """Lowering of `sort`."""
    (type,) = types
    lines = Lines.along(type, axis) if type.size else None
    if lines is None or lines.length == 1:
        return operands[0]

    def finish(out: Memory, start: Value, i: Value, element: Any, position: Any) -> None:
        out[start + i * lines.stride] = element

    return _append(lw, f"sort_axis{axis}", operands, type, result, lines, keys_of(type.dtype), finish, positions=False)


def argsort_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, result: TensorType, axis: int, dtype: np.dtype
) -> ir.Value:
    """Lowering of `argsort`."""
    (type,) = types
    if type.size == 0 or type.shape[axis] == 1:
        return lw.splat(result, 0)
    lines = Lines.along(type, axis)

    def finish(out: Memory, start: Value, i: Value, element: Any, position: Value) -> None:
        out[start + i * lines.stride] = position.as_int(8 * dtype.itemsize)

    return _append(lw, f"argsort_axis{axis}", operands, type, result, lines, keys_of(type.dtype), finish)


def _append(
    lw: LinalgBuilder,
    name: str,
    operands: Sequence[ir.Value],
    type: TensorType,
    result: TensorType,
    lines: Lines,
    keys: Sequence[Key],
    finish: Callable[..., None],
    *,
    positions: bool = True,
) -> ir.Value:
    plan = Plan(lines.length, keys, type.dtype, positions)

    def body(code: Loops, number: Value, x: Memory, out: Memory, *scratch: Memory) -> None:
        start = lines.start(number)
        plan.sort(
            code,
            lambda i: x[start + i * lines.stride],
            lambda i, *found: finish(out, start, i, *found),
            scratch,
            lines.length,
        )

    work = lines.length * plan.passes
    parts = lines.number
    return append_batched(lw, name, operands, [type], [result], body, parts=parts, work=work, scratch=plan.scratch)[0]


# ---- one line -------------------------------------------------------------------------------------------------------


class Plan:
    """How `length` elements of a dtype are sorted, with their positions or without."""

    def __init__(self, length: int, keys: Sequence[Key], dtype: np.dtype, positions: bool) -> None:
        self.length = length
        self.keys = keys
        self.dtype = np.dtype(np.uint8) if dtype == np.bool_ else dtype
        self.positions = positions
        self.digit = 8 if length < _MANY else 11
        self.digits = [(key, shift) for key in keys for shift in range(0, key.bits, self.digit)]

    @property
    def by_insertion(self) -> bool:
        return self.length <= _FEW

    @property
    def passes(self) -> int:
        return self.length if self.by_insertion else 2 * len(self.digits) + 2

    @property
    def scratch(self) -> list[tuple[int, np.dtype]]:
        """Memory: for elements, for their positions, for counts of digits."""
        halves = 1 if self.by_insertion else 2
        found = [(halves * self.length, self.dtype)]
        if self.positions:
            found.append((halves * self.length, _I32))
        return found if self.by_insertion else [*found, (len(self.digits) << self.digit, _I32)]

    def sort(
        self,
        code: Loops,
        read: Callable[[Value], Any],
        write: Callable[[Value, Any, Any], None],
        scratch: Sequence[Memory],
        count: int,
    ) -> None:
        """Sort what `read(i)` gives; `write(i, element, position)` gets the first `count` in order."""
        elements, *rest = scratch
        positions = rest.pop(0) if self.positions else None
        if self.by_insertion:
            self._insert(code, read, elements, positions)
            start: Value | int = 0
        else:
            start = self._distribute(code, read, elements, positions, rest[0])
        with code.loop(0, count) as i:
            write(i, elements[i + start], None if positions is None else positions[i + start])

    def _insert(self, code: Loops, read: Any, elements: Memory, positions: Memory | None) -> None:
        elements[0] = read(code.index(0))
        if positions is not None:
            positions[0] = 0
        with code.loop(1, self.length) as i:
            element = read(i)
            (place,) = code.repeat(
                [i],
                lambda j: self._comes_before_the_one_at(code, j, element, elements),
                lambda j: [self._move_up(j, elements, positions)],
            )
            elements[place] = element
            if positions is not None:
                positions[place] = i.as_int(32)

    def _comes_before_the_one_at(self, code: Loops, j: Value, element: Any, elements: Memory) -> Value:
        """Whether an element belongs before the one at j − 1; false for j = 0."""
        other = elements[code.select(j.eq(0), 0, j - 1)]
        before: Any = None
        equal: Any = None
        for key in reversed(self.keys):
            mine, others = key.of(element), key.of(other)
            smaller, same = mine.compare("ult", others), mine.eq(others)
            before, equal = (smaller, same) if before is None else (before | (equal & smaller), equal & same)
        assert before is not None
        return before & j.ne(0)

    def _move_up(self, j: Value, elements: Memory, positions: Memory | None) -> Value:
        below = j - 1
        elements[j] = elements[below]
        if positions is not None:
            positions[j] = positions[below]
        return below

    def _distribute(self, code: Loops, read: Any, elements: Memory, positions: Memory | None, counts: Memory) -> Value:
        """Counting sorts, from one half of the memory to the other; gives where the elements are in the end."""
        buckets, n = 1 << self.digit, self.length

        def clear(i: Any) -> None:
            counts[i] = 0

        code.lanes(0, len(self.digits) * buckets, _I32, clear)
        with code.loop(0, n) as i:
            element = read(i)
            elements[i] = element
            if positions is not None:
                positions[i] = i.as_int(32)
            for number, (key, shift) in enumerate(self.digits):
                place = self._digit(key, shift, element) + number * buckets
                counts[place] = counts[place] + 1
        start: Value = code.index(0)
        for number, (key, shift) in enumerate(self.digits):
            of_digit = counts.at(number * buckets)
            first = self._digit(key, shift, elements[start])
            alike = of_digit[first].eq(n)  # all elements have one digit here: they stay

            def move(
                start: Value = start, key: Key = key, shift: int = shift, counts: Memory = of_digit
            ) -> list[Value]:
                target = code.index(n) - start
                self._count_before(code, counts, buckets)
                with code.loop(0, n) as i:
                    element = elements[start + i]
                    digit = self._digit(key, shift, element)
                    place = counts[digit]
                    counts[digit] = place + 1
                    at = place.as_index() + target
                    elements[at] = element
                    if positions is not None:
                        positions[at] = positions[start + i]
                return [target]

            (start,) = code.choose(alike, lambda start=start: [start], move)
        return start

    def _digit(self, key: Key, shift: int, element: Any) -> Value:
        value = key.of(element)
        if shift:
            value = value >> shift
        if key.bits - shift > self.digit:
            value = value & ((1 << self.digit) - 1)
        return value.as_index()

    def _count_before(self, code: Loops, counts: Memory, buckets: int) -> None:
        """Turn counts into numbers of elements with smaller digits."""

        def step(i: Value, total: Value) -> list[Value]:
            count = counts[i]
            counts[i] = total
            return [total + count]

        code.fold(0, buckets, [code.constant(0, _I32)], step)

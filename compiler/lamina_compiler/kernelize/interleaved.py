"""Vectors of elements that are a few apart in memory: a coordinate of many points, the real parts of complex numbers.

All that stands between them is read or written as well, in whole vectors, and lanes are sorted: 16 numbers that are 3
apart are 3 loads and 2 shuffles, where one by one they would be 16 loads, put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from . import index as ix
from .graph import Buffer
from .index import Index
from .record import Value

if TYPE_CHECKING:
    from .memory import Memory

MOST = 4  # elements that stand together


class Run(NamedTuple):
    """Where lanes stand: `stride` elements for each, from `base` on, of which theirs is the one at `place`."""

    base: Index
    stride: int
    place: int


def run_of(buffer: Buffer, address: Index) -> Run | None:
    """The run of lanes at an address without the buffer's origin; None if it might not be within the buffer."""
    stride, (number, terms) = ix.lane_stride(address), ix.first_lane(address)
    if not 2 <= stride <= MOST or buffer.shape[buffer.innermost] % stride or any(c % stride for _, c in terms):
        return None
    place = number % stride
    return Run(ix.add(buffer.origin, (number - place, terms)), stride, place)


def load(
    memory: Memory, source: Value, element: str, base: Index, stride: int, places: Sequence[int]
) -> Sequence[Value]:
    """For each of these places a vector of the numbers there; `stride` numbers stand together."""
    width = memory.record.width
    vectors: list[Value] = []
    for address, lanes in _vectors(memory, base, stride):
        vectors.append(memory.load_lanes(source, element, address, lanes) if lanes > 0 else vectors[0])
    return [_merged(memory, vectors, [place + stride * lane for lane in range(width)]) for place in places]


def store(memory: Memory, target: Value, base: Index, values: Sequence[Value]) -> None:
    """Write vectors of numbers that stand together."""
    width, stride = memory.record.width, len(values)
    for i, (address, lanes) in enumerate(_vectors(memory, base, stride)):
        if lanes > 0:
            numbers = range(i * width, (i + 1) * width)
            order = [number % stride * width + number // stride for number in numbers]
            memory.store_lanes(_merged(memory, values, order), target, address, lanes)


def _vectors(memory: Memory, base: Index, stride: int) -> Sequence[tuple[Index, int]]:
    """Where the vectors are that all numbers stand in, and how many lanes of each are in use."""
    width, count = memory.record.width, memory.active * stride
    return [(ix.add(base, ix.constant(i * width)), min(width, count - i * width)) for i in range(stride)]


def _merged(memory: Memory, vectors: Sequence[Value], order: Sequence[int]) -> Value:
    """A vector of the lanes with these numbers, where those of all vectors are numbered one after the other."""
    width = memory.record.width
    if list(order) == list(range(width)):
        return vectors[0]
    first, *others = sorted({number // width for number in order})
    merged, now = vectors[first], [number % width for number in order]
    for i in others or [first]:
        mask = [
            width + number % width if number // width == i else lane for number, lane in zip(order, now, strict=True)
        ]
        merged, now = memory.shuffle(merged, vectors[i], mask), list(range(width))
    return merged

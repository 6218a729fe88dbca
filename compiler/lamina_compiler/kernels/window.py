"""A window of each of several arrays, at a computed place: copied, or written over."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import UNSIGNED, Shape, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Memory
from .values import Value

_BLOCK = 1 << 16  # elements of a part
_AT_ONCE = 8  # that are copied in a step
_VECTORS = 4  # that go side by side


class Window(NamedTuple):
    """Sizes of an array and of a window of it, for each of several arrays."""

    arrays: int
    extents: Shape
    sizes: Shape

    @property
    def last(self) -> int:
        """The last dimension that the window does not cover: what it has along that one and those behind is a run."""
        return max((d for d, (n, m) in enumerate(zip(self.extents, self.sizes, strict=True)) if n != m), default=0)

    @property
    def runs(self) -> int:
        return math.prod(self.sizes[: self.last])

    @property
    def run(self) -> int:
        """Elements of a run, which stand together in the array, too."""
        return math.prod(self.sizes[self.last :])

    @property
    def elements(self) -> int:
        return math.prod(self.extents)

    def begin(self, start: Memory, array: Value, dtype: np.dtype) -> Value | int:
        """Where the window of an array begins, moved inside where it would stick out."""
        place: Value | int = 0
        for d, (extent, size) in enumerate(zip(self.extents, self.sizes, strict=True)):
            if size < extent:
                number = start[array * len(self.sizes) + d]
                index = number.as_index()
                if dtype not in UNSIGNED:
                    index = start.code.select(number < 0, 0, index)
                place = index.minimum(extent - size) * math.prod(self.extents[d + 1 :]) + place
        return place

    def offset(self, run: Value | int) -> Value | int:
        """From the first to another run, in the array."""
        place: Value | int = 0
        for d in reversed(range(self.last)):
            place = run % self.sizes[d] * math.prod(self.extents[d + 1 :]) + place
            run = run // self.sizes[d]
        return place


def read_windows(lw: LinalgBuilder, x: ir.Value, start: ir.Value, types: list[TensorType], window: Window) -> ir.Value:
    """The windows of arrays ``x[array]`` at ``start[array]``."""
    blocks = -(-window.run // _BLOCK)

    def body(code: Loops, part: Value, x: Memory, start: Memory, out: Memory) -> None:
        first, part = part % blocks * _BLOCK, part // blocks
        array, run = part // window.runs, part % window.runs
        place = window.offset(run) + (array * window.elements + window.begin(start, array, types[1].dtype))
        source, target = x.at(place), out.at(part * window.run)
        last = (first + _BLOCK).minimum(window.run)
        code.lanes(first, last, types[0].dtype, lambda j: target.__setitem__(j, source[j]), vectors=_VECTORS)

    shape = (*types[0].shape[: types[0].rank - len(window.sizes)], *window.sizes)
    parts, work = window.arrays * window.runs * blocks, min(window.run, _BLOCK) // _AT_ONCE + 1
    result = TensorType(shape, types[0].dtype)
    name = f"window_{len(window.sizes)}"
    return append_batched(lw, name, [x, start], types, [result], body, parts=parts, work=work)[0]


def write_windows(
    lw: LinalgBuilder, x: ir.Value, update: ir.Value, start: ir.Value, types: list[TensorType], window: Window
) -> ir.Value:
    """Arrays ``x[array]`` with the windows at ``start[array]`` replaced by ``update[array]``.

    A part copies some elements, and then what it has of the runs: none waits for others.
    """
    dtype = types[0].dtype
    blocks = -(-window.elements // _BLOCK)
    share = -(-window.elements // blocks)

    def body(code: Loops, part: Value, x: Memory, update: Memory, start: Memory, out: Memory) -> None:
        array, low = part // blocks, part % blocks * share
        high = (low + share).minimum(window.elements)
        begin = window.begin(start, array, types[2].dtype)
        x, out = x.at(array * window.elements), out.at(array * window.elements)
        code.lanes(low, high, dtype, lambda j: out.__setitem__(j, x[j]), vectors=_VECTORS)
        with code.loop(0, window.runs) as run:
            place = window.offset(run) + code.index(begin)
            first, last = place.maximum(low), (place + window.run).minimum(high)
            source = update.at(array * (window.runs * window.run) + run * window.run - place)
            with code.when(first < last):
                code.lanes(first, last, dtype, lambda j: out.__setitem__(j, source[j]), vectors=_VECTORS)

    parts, work = window.arrays * blocks, share // _AT_ONCE + window.runs
    name = f"window_written_{len(window.sizes)}"
    return append_batched(lw, name, [x, update, start], types, [types[0]], body, parts=parts, work=work)[0]

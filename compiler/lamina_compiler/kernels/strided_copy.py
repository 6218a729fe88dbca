"""Elements of an array that are equal steps apart along every dimension, forwards or backwards: slices, reversals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory, strides_of
from .values import Value

_BLOCK = 1 << 16  # elements of a part
_FEWEST = 16  # elements along the last dimension
_WIDEST = 4  # steps there for which all that lies between is loaded
_AT_ONCE = 16  # bytes that are copied in a step
_VECTORS = 4  # that go side by side


def is_worth_it(result: TensorType, steps: Sequence[int]) -> bool:
    """Whether steps are other than those of a slice without gaps, and vectors go along the last dimension."""
    gaps = any(step != 1 for step in steps)
    return gaps and result.shape[-1] >= _FEWEST and -1 <= steps[-1] <= _WIDEST


def copy_strided(
    lw: LinalgBuilder, x: ir.Value, type: TensorType, result: TensorType, start: Sequence[int], steps: Sequence[int]
) -> ir.Value:
    """Result element i is ``x[start + i · steps]``. For what `is_worth_it`."""
    strides = strides_of(type.shape)
    offset = sum(first * stride for first, stride in zip(start, strides, strict=True))
    *outer, length = result.shape
    step, blocks = steps[-1], -(-length // _BLOCK)

    def body(code: Loops, part: Value, x: Memory, out: Memory) -> None:
        place: Value | int = offset
        first, row = part % blocks * _BLOCK, part // blocks
        target = out.at(row * length)
        for d in reversed(range(len(outer))):
            index = row % outer[d]
            if steps[d] < 0:  # indices are not negative on the way
                index, place = (outer[d] - 1) - index, place + (outer[d] - 1) * steps[d] * strides[d]
            place = index * (abs(steps[d]) * strides[d]) + place
            row = row // outer[d]
        source = x.at(place) if step > 0 else x.at(place - (length - 1))

        def copy(j: Value | Lanes) -> None:
            if step < 0:
                target[j] = _backwards(source, j, length)
            else:
                target[j] = _apart(source, j, step)

        # behind the last element there may be nothing to load
        last = (first + _BLOCK).minimum(length if step == 1 else length - 1)
        code.lanes(first, last, type.dtype, copy, vectors=_VECTORS, masked=step == 1)
        if step != 1:
            copy(code.index(length - 1))

    work = min(length, _BLOCK) * max(step, 1) * type.dtype.itemsize // _AT_ONCE
    name = f"strided_{'_'.join(map(str, (*start, *steps)))}".replace("-", "m")
    return append_batched(lw, name, [x], [type], [result], body, parts=math.prod(outer) * blocks, work=work)[0]


def _backwards(source: Memory, j: Value | Lanes, length: int) -> Any:
    if not isinstance(j, Lanes):
        return source[(length - 1) - j]
    vector = source[Lanes((length - j.width) - j.first, j.width)]
    return vector.shuffle(vector, list(reversed(range(j.width))))


def _apart(source: Memory, j: Value | Lanes, step: int) -> Any:
    """Every `step`-th element."""
    if step == 1:
        return source[j]
    if not isinstance(j, Lanes):
        return source[j * step]
    n = j.width
    vectors = [source[Lanes(j.first * step + k * n, n)] for k in range(step)]
    return _chosen(vectors, [i * step for i in range(n)])


def are_groups(type: TensorType, dimensions: Sequence[int]) -> bool:
    """Whether what is reversed is the order of groups of a few elements, as of pixels in the rows of images."""
    if type.rank < 2 or tuple(dimensions) != (type.rank - 2,):
        return False
    *_, count, each = type.shape
    return count >= _FEWEST and 1 < each <= _WIDEST


def reverse_groups(lw: LinalgBuilder, x: ir.Value, type: TensorType) -> ir.Value:
    """The last dimension but one backwards. For what `are_groups`."""
    *outer, count, each = type.shape

    def body(code: Loops, part: Value, x: Memory, out: Memory) -> None:
        n = code.width(type.dtype)
        source, target = x.at(part * (count * each)), out.at(part * (count * each))
        whole = count // n * n
        with code.loop(0, whole, n) as group:
            old = [source[Lanes(((count - n) - group) * each + k * n, n)] for k in range(each)]
            for k in range(each):
                places = [(n - 1 - t // each) * each + t % each for t in range(k * n, (k + 1) * n)]
                target[Lanes(group * each + k * n, n)] = _chosen(old, places)
        with code.loop(whole, count) as group:
            for k in range(each):
                target[group * each + k] = source[((count - 1) - group) * each + k]

    work = count * each * type.dtype.itemsize // _AT_ONCE
    return append_batched(lw, "groups_backwards", [x], [type], [type], body, parts=math.prod(outer), work=work)[0]


def _chosen(vectors: Sequence[Any], places: Sequence[int]) -> Any:
    """Elements of several vectors, one behind the other."""
    n, found = len(places), vectors[0]
    for k, vector in enumerate(vectors):
        order = [i if place < k * n else min(n + place - k * n, 2 * n - 1) for i, place in enumerate(places)]
        found = found.shuffle(vector, order)
    return found

"""The k largest elements: a short list that is kept in order while all elements are looked at, else a sort.

Blocks of elements are visited in an order that no usual input has, so that few elements enter the list even where the
input is sorted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory
from .sort import Key, Plan, keys_of, ordered_float
from .values import Value

_LONGEST_LIST = 64
_INT = np.dtype(np.int32)
_GOLDEN = (math.sqrt(5) - 1) / 2


def top_k_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, results: Any, k: int
) -> Sequence[ir.Value]:
    """Lowering of `top_k`."""
    (type,) = types
    if k == 0 or type.size == 0:
        return [lw.empty(result) for result in results]
    key, n = _key(type.dtype), type.shape[-1]
    if k <= _LONGEST_LIST and k < n // 2:
        body, work, scratch = _by_list(n, k, key, type), 2 * n, [(k, _stored(key)), (k, _INT)]
    else:
        plan = Plan(n, [Key(key.bits, lambda x: ~key.of(x))], type.dtype, positions=True)
        body, work, scratch = _by_sorting(plan, k), n * plan.passes, plan.scratch
    return append_batched(
        lw, f"top_{k}", operands, types, results, body, parts=type.size // n, work=work, scratch=scratch
    )


def _key(dtype: np.dtype) -> Key:
    if dtype.kind in "iub":
        return keys_of(dtype)[0]
    return Key(8 * dtype.itemsize, lambda x: ordered_float(x, total=True))


def _stored(key: Key) -> np.dtype:
    return np.dtype(f"u{key.bits // 8}")


def _by_sorting(plan: Plan, k: int) -> Any:
    def body(code: Loops, row: Value, x: Memory, values: Memory, index: Memory, *scratch: Memory) -> None:
        x, values, index = x.at(row * plan.length), values.at(row * k), index.at(row * k)

        def write(i: Value, element: Value, position: Value) -> None:
            values[i] = element
            index[i] = position

        plan.sort(code, lambda i: x[i], write, scratch, k)

    return body


def _by_list(n: int, k: int, key: Key, type: TensorType) -> Any:
    def body(
        code: Loops, row: Value, x: Memory, values: Memory, index: Memory, keys: Memory, positions: Memory
    ) -> None:
        x, values, index = x.at(row * n), values.at(row * k), index.at(row * k)
        with code.loop(0, k) as i:  # what every element comes before
            keys[i] = 0
            positions[i] = n

        def look_at(i: Value) -> None:
            mine, place = key.of(x[i]), i.as_int(32)

            def comes_before_the_one_at(j: Value) -> Value:
                before = code.select(j.eq(0), 0, j - 1)
                other = keys[before]
                first = mine.eq(other) & (place < positions[before])
                return (mine.compare("ugt", other) | first) & j.ne(0)

            last = code.index(k)
            with code.when(comes_before_the_one_at(last)):

                def move_down(j: Value) -> list[Value]:
                    above = j - 1
                    with code.when(j < k):
                        keys[j] = keys[above]
                        positions[j] = positions[above]
                    return [above]

                (to,) = code.repeat([last], comes_before_the_one_at, move_down)
                keys[to] = mine
                positions[to] = place

        width = code.width(type.dtype)
        blocks = n // width
        step = _step(blocks)

        def look_at_block(_: Value, number: Value) -> list[Value]:
            first = number * width
            block = key.of(x[Lanes(first, width)] if width > 1 else x[first])
            with code.when(block.compare("uge", keys[k - 1]).any()), code.loop(0, width) as lane:
                look_at(first + lane)
            following = number + step
            return [code.select(following >= blocks, following - blocks, following)]

        code.fold(0, blocks, [code.index(0)], look_at_block)
        with code.loop(blocks * width, n) as i:
            look_at(i)
        with code.loop(0, k) as i:
            place = positions[i]
            index[i] = place
            values[i] = x[place.as_index()]

    return body


def _step(count: int) -> int:
    """A number without a common divisor with `count`, near the golden ratio of it."""
    step = max(1, round(count * _GOLDEN))
    while math.gcd(step, count) != 1:
        step += 1
    return step

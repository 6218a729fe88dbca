"""Binary search for a vector of values at once, so that their reads of memory overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Memory
from .sort import keys_of
from .values import Value

_INT = np.dtype(np.int32)
_BLOCK = 32768  # values that are searched for in one part


def search_lower(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    result: TensorType,
    side: str,
    batch_dimensions: int,
) -> ir.Value:
    """Lowering of `searchsorted` for real numbers, on arrays that are not empty."""
    a_type = types[0]
    n, lines = a_type.shape[-1], a_type.size // a_type.shape[-1]
    each = result.size // lines
    blocks = -(-each // _BLOCK)
    (key,) = keys_of(a_type.dtype)
    precedes = "ult" if side == "left" else "ule"
    ready = min(each, _BLOCK) * 4 > n  # then all keys are computed first

    def body(code: Loops, part: Value, a: Memory, v: Memory, out: Memory, keys: Memory) -> None:
        line, block = part // blocks, part % blocks
        a, v, out = a.at(line * n), v.at(line * each), out.at(line * each)
        first = block * _BLOCK
        last = (first + _BLOCK).minimum(each)

        def prepare(i: Any) -> None:
            keys[i] = key.of(a[i])

        def key_at(i: Value) -> Value:
            return keys.gather(i) if ready else key.of(a.gather(i))

        if ready:
            code.lanes(0, n, a_type.dtype, prepare)

        def search(i: Any) -> None:
            wanted = key.of(v[i])
            start = code.constant(0, _INT).spread(wanted.lanes)

            def halve(_: Value, length: Value, found: Value) -> list[Value]:
                half = (length + 1) // 2
                after = found + half
                before = key_at(after - 1).compare(precedes, wanted)
                return [length - half, code.select(before, after, found)]

            _, found = code.fold(0, n.bit_length(), [code.constant(n, _INT), start], halve)
            out[i] = found.as_int(8 * result.dtype.itemsize)

        code.lanes(first, last, a_type.dtype, search)

    parts, work = lines * blocks, min(each, _BLOCK) * n.bit_length()
    scratch = [(n if ready else 1, np.dtype(f"u{key.bits // 8}"))]
    name = f"searchsorted_{side}_{batch_dimensions}"
    return append_batched(lw, name, operands, types, [result], body, parts=parts, work=work, scratch=scratch)[0]

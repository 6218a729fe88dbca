"""Rows of arrays at computed numbers: copied, or where a row is one element, gathered for vectors of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import COMPLEX, TensorType, from_ir
from .batch import append_batched
from .loops import Loops
from .memory import Memory, stored
from .scatter import Layout
from .values import Value

_BLOCK = 1 << 15  # elements that are worth a part
_AT_ONCE = 8  # elements that are copied in a step
_VECTORS = 4  # that go side by side


def gather_rows(
    lw: LinalgBuilder, rows: ir.Value, x: ir.Value, layout: Layout, dtype: np.dtype, fill: complex
) -> ir.Value:
    """For every line of x its rows ``rows[i, 0]``; `fill` where there is no such row."""
    lines, count, columns = layout
    length = from_ir(rows.type).shape[0]
    block = max(_BLOCK // columns, 1)
    blocks = -(-length // block)
    in_vectors = dtype.itemsize >= 4 and dtype not in COMPLEX  # other elements are gathered one by one anyway

    def body(code: Loops, part: Value, rows: Memory, x: Memory, out: Memory) -> None:
        line: Any = part // blocks
        first, last = 0, length
        if blocks > 1:
            first = part % blocks * block
            last = (first + block).minimum(length)
        source, target = x.at(line * (count * columns)), out.at(line * (length * columns))

        def take(i: Any) -> None:
            number = rows[i].as_index()
            place = number.minimum(count - 1)
            element = source.gather(place) if place.lanes else source[place]
            target[i] = code.select(number.compare("ult", count), element, code.number(fill, stored(dtype)))

        def copy(i: Value) -> None:
            number = rows[i].as_index()
            inside = number.compare("ult", count)
            old, new = source.at(number * columns), target.at(i * columns)
            with code.when(inside):
                code.lanes(0, columns, dtype, lambda j: new.__setitem__(j, old[j]), vectors=_VECTORS)
            with code.when(~inside):
                code.lanes(0, columns, dtype, lambda j: new.__setitem__(j, code.number(fill, stored(dtype), j.width)))

        if columns == 1 and in_vectors:
            code.lanes(first, last, dtype, take)
        else:
            with code.loop(first, last) as i:
                take(i) if columns == 1 else copy(i)

    types, result = [from_ir(rows.type), TensorType(layout, dtype)], TensorType(layout.of_updates(length), dtype)
    work = min(block, length) * -(-columns // _AT_ONCE)
    name = f"gather_or_{fill}"
    return append_batched(lw, name, [rows, x], types, [result], body, parts=lines * blocks, work=work)[0]

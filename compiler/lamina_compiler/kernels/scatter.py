"""Rows of an array combined with updates, in their order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType, from_ir
from .batch import append_batched
from .kernel import WORKGROUP
from .loops import Loops
from .memory import Memory
from .values import Value

_MOST_PARTS = 8  # all of which read the numbers of the rows
_WORTH_PARTS = 1 << 20  # elements: fewer are as fast on one core
_VECTORS = 4  # that go side by side


def scatter_rows(
    lw: LinalgBuilder,
    name: str,
    rows: ir.Value,
    updates: ir.Value,
    start: Any,
    updates_type: TensorType,
    result: TensorType,
    combine: Callable[..., Any],
) -> ir.Value:
    """An array filled with `start`; row ``rows[i, 0]`` is combined with ``updates[i]``, if there is such a row.

    Workgroups share the columns: every one does all updates of its own, and none waits for others.
    """
    count, length = result.shape[0], updates_type.shape[0]
    columns, dtype = math.prod(result.shape[1:]), result.dtype
    grain = 2 * Loops(lw).width(dtype)
    most = _MOST_PARTS if (count + length) * columns > _WORTH_PARTS else 1
    block = -(-columns // (most * grain)) * grain
    parts = -(-columns // block)

    def body(code: Loops, part: Value, rows: Memory, updates: Memory, out: Memory) -> None:
        first: Any = part * block if parts > 1 else 0
        last: Any = (first + block).minimum(columns) if parts > 1 else columns

        def fill(row: Memory, j: Any) -> None:
            row[j] = code.number(start, dtype, j.width)

        def combined(row: Memory, update: Memory, j: Any) -> None:
            row[j] = code.apply(combine, [update[j], row[j]], [dtype, dtype])

        if parts == 1:
            code.lanes(0, count * columns, dtype, lambda j: fill(out, j), vectors=_VECTORS)
        else:
            with code.loop(0, count) as i:
                row = out.at(i * columns)
                code.lanes(first, last, dtype, lambda j: fill(row, j), vectors=_VECTORS)
        with code.loop(0, length) as i:
            number = rows[i].as_index()
            with code.when(number.compare("ult", count)):
                row, update = out.at(number * columns), updates.at(i * columns)
                if columns == 1:
                    combined(row, update, 0)
                else:
                    code.lanes(first, last, dtype, lambda j: combined(row, update, j), vectors=_VECTORS)

    types = [from_ir(rows.type), updates_type]
    # A part is worth a workgroup: one that had several would go through the updates again and again.
    return append_batched(
        lw, f"{name}_into_{start}", [rows, updates], types, [result], body, parts=parts, work=WORKGROUP
    )[0]

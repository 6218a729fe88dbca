"""Rows of arrays combined with updates, in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType, from_ir
from .batch import append_batched
from .kernel import WORKGROUP
from .loops import Loops
from .memory import Memory, stored
from .values import Value

_MOST_PARTS = 8  # all of which read the numbers of the rows
_WORTH_PARTS = 1 << 20  # elements: fewer are as fast on one core
_VECTORS = 4  # that go side by side
_AT_ONCE = 16  # elements that are copied while one number is looked at


class Layout(NamedTuple):
    """An array as lines, each of them rows, each of them columns: the same rows of all lines have updates."""

    lines: int
    rows: int
    columns: int

    def of_updates(self, length: int) -> Layout:
        return self._replace(rows=length)

    @property
    def size(self) -> int:
        return self.lines * self.rows * self.columns


class _Division(NamedTuple):
    """Into how many parts the rows and the columns of a line are divided, and how large these are."""

    row_parts: int
    rows: int
    column_parts: int
    columns: int


def scatter_rows(
    lw: LinalgBuilder,
    name: str,
    rows: ir.Value,
    updates: ir.Value,
    start: ir.Value | complex,
    layout: Layout,
    dtype: np.dtype,
    combine: Callable[..., Any] | None,
) -> ir.Value:
    """An array, or one number everywhere; row ``rows[i, 0]`` of a line combined with, or replaced by, ``updates[i]``.

    Updates of what is no row are dropped. Workgroups share lines, columns and rows: every one does all updates of its
    own, and none waits for others.
    """
    lines, count, columns = layout
    length = from_ir(rows.type).shape[0]
    is_array = isinstance(start, ir.Value)
    divided = _divided(layout, length, Loops(lw).width(dtype))

    def body(code: Loops, part: Value, rows: Memory, updates: Memory, *memory: Memory) -> None:
        line, low, high, first, last = _place(part, layout, divided)
        updates = updates.at(line * (length * columns))
        *old, out = (m.at(line * (count * columns)) for m in memory)

        def begin(at: Any, j: Any) -> None:
            out.at(at)[j] = old[0].at(at)[j] if is_array else code.number(start, stored(dtype), j.width)

        def combined(row: Memory, update: Memory, j: Any) -> None:
            row[j] = code.apply(combine, [update[j], row[j]], [dtype, dtype]) if combine else update[j]

        if divided.column_parts == 1:
            begin_, end = low * columns, high * columns
            code.lanes(begin_, end, dtype, lambda j: begin(0, j), vectors=_VECTORS)
        else:
            with code.loop(low, high) as i:
                code.lanes(first, last, dtype, lambda j: begin(i * columns, j), vectors=_VECTORS)
        with code.loop(0, length) as i:
            number = rows[i].as_index()
            with code.when((number - low).compare("ult", code.index(high) - low)):
                row, update = out.at(number * columns), updates.at(i * columns)
                if columns == 1:
                    combined(row, update, 0)
                else:
                    code.lanes(first, last, dtype, lambda j: combined(row, update, j), vectors=_VECTORS)

    types = [from_ir(rows.type), TensorType(layout.of_updates(length), dtype)]
    result = TensorType(layout, dtype)
    operands = [rows, updates, start] if is_array else [rows, updates]
    types += [result] * is_array
    name = f"{name}_into_{'array' if is_array else start}"
    parts = lines * divided.row_parts * divided.column_parts
    # A part is worth a workgroup: one that had several would go through the updates again and again.
    work = WORKGROUP if parts <= _MOST_PARTS else (count // _AT_ONCE + length) * columns
    return append_batched(lw, name, operands, types, [result], body, parts=parts, work=work)[0]


def _divided(layout: Layout, length: int, width: int) -> _Division:
    """A line: into rows, if looking at all numbers of the updates takes little time; or into columns, if many.

    Rows lie together: a part that has some columns of all rows goes through as many pages as the whole.
    """
    lines, count, columns = layout
    large = layout.size + lines * length * columns > _WORTH_PARTS
    wanted = -(-_MOST_PARTS // lines) if large else 1
    if length * _MOST_PARTS * _AT_ONCE <= count * columns:
        share = -(-count // wanted)
        return _Division(-(-count // share), share, 1, columns)
    grain = 2 * width
    block = -(-columns // (wanted * grain)) * grain
    return _Division(1, count, -(-columns // block), block)


def _place(part: Value, layout: Layout, divided: _Division) -> tuple[Any, Any, Any, Any, Any]:
    """Of a part the line, its rows from … to, its columns from … to."""
    line: Any = part
    low, high, first, last = 0, layout.rows, 0, layout.columns
    if divided.column_parts > 1:
        first, line = line % divided.column_parts * divided.columns, line // divided.column_parts
        last = (first + divided.columns).minimum(layout.columns)
    if divided.row_parts > 1:
        low, line = line % divided.row_parts * divided.rows, line // divided.row_parts
        high = (low + divided.rows).minimum(layout.rows)
    return line, low, high, first, last

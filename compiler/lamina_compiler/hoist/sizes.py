"""What arrays weigh, and what is as cheap to compute again as to read."""

from __future__ import annotations

from collections.abc import Iterable

from ..control.scan_parts import parts_of
from ..higher_order import Call
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import from_ir

_CHEAP = {"arithmetic", "shape", "convert", "slicing", "comparison", "bitwise"}

_GROWTH = 4  # times the arrays that a loop reads and writes anyway
_SMALL = 1 << 20  # bytes that are no matter


def is_cheap(op: ir.Operation) -> bool:
    """Whether elements are copied, or computed by an instruction or two, in the loop of whoever reads them."""
    return is_lamina(op) and lookup(op.name).family in _CHEAP


def bytes_of(values: Iterable[ir.Value]) -> int:
    return sum(from_ir(value.type).nbytes for value in values)


def most_of(call: Call) -> int:
    """Bytes that further stacks of a scan, which it reads or writes, may need."""
    parts = parts_of(call)
    _, _, xs = parts.split(call.types)
    return max(_SMALL, _GROWTH * sum(t.nbytes for t in [*xs, *call.result_types[parts.carry :]]))

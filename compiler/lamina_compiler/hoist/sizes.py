"""What arrays weigh, and what is as cheap to compute again as to read."""

from __future__ import annotations

from collections.abc import Iterable

from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import from_ir

_CHEAP = {"arithmetic", "shape", "convert", "slicing", "comparison", "bitwise"}


def is_cheap(op: ir.Operation) -> bool:
    """Whether elements are copied, or computed by an instruction or two, in the loop of whoever reads them."""
    return is_lamina(op) and lookup(op.name).family in _CHEAP


def bytes_of(values: Iterable[ir.Value]) -> int:
    return sum(from_ir(value.type).nbytes for value in values)

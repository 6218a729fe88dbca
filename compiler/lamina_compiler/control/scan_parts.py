"""How the operands of a scan are laid out: consts, carry, xs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import functions
from ..higher_order import Call
from ..mlir import ir
from ..types import TensorType


class Parts(NamedTuple):
    """How many consts and carried values come first."""

    consts: int
    carry: int

    @property
    def carry_slice(self) -> slice:
        return slice(self.consts, self.consts + self.carry)

    def split(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """Consts, carry and xs."""
        first = self.consts + self.carry
        return list(values[: self.consts]), list(values[self.consts : first]), list(values[first:])


def parts_of(call: Call) -> Parts:
    return Parts(call.details["consts"], call.details["carry"])


def invariant_ops(body: ir.Operation, consts: int) -> list[ir.Operation]:
    """The operations of a body that read nothing but its first inputs, the consts."""
    available, found = set(functions.arguments(body)[:consts]), []
    for op in functions.operations(body)[:-1]:
        if all(operand in available for operand in op.operands):
            found.append(op)
            available.update(op.results)
    return found


def sliced(type: TensorType) -> TensorType:
    """Type of one iteration's slice."""
    return TensorType(type.shape[1:], type.dtype)


def stacked(type: TensorType, length: int) -> TensorType:
    """Type of the slices of all iterations."""
    return TensorType((length, *type.shape), type.dtype)


def chosen(values: Sequence[Any], flags: Sequence[bool]) -> list[Any]:
    """The values that are marked."""
    return [value for value, flag in zip(values, flags, strict=True) if flag]


def others(values: Sequence[Any], flags: Sequence[bool]) -> list[Any]:
    """The values that are not marked."""
    return [value for value, flag in zip(values, flags, strict=True) if not flag]

"""A while loop whose condition is a bound on a counter, as a scan: its length is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import functions
from ..builder import Builder
from ..control.scan_counters import fits, growth
from ..control.while_loop import parts_of
from ..higher_order import Call
from ..mlir import ir
from ..types import INTEGER, from_ir

_SWAPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


class _Bound(NamedTuple):
    """What a condition says: the position of the carry, and the numbers for which the loop goes on."""

    carry: int
    relation: str
    limit: int


def counted_while(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """The results of a while loop as those of a scan, or None if it is not known how often it goes round."""
    if call.record.name != "while":
        return None
    parts = parts_of(call)
    _, consts, carry = parts.split(operands)
    bound = _bound(call, operands)
    length = None if bound is None else _length(call, bound, functions.constant(carry[bound.carry]))
    if length is None:
        return None
    details = {"body": call.details["body"], "consts": len(consts), "carry": len(carry), "reverse": False}
    return call.emit(b, [*consts, *carry], kind="scan", length=length, **details)


def _bound(call: Call, operands: Sequence[ir.Value]) -> _Bound | None:
    """A condition that compares a carry with a constant."""
    parts, condition = parts_of(call), call.function("condition")
    inputs = functions.arguments(condition)
    outside = dict(zip(inputs[: parts.condition], operands, strict=False))
    (predicate,) = functions.operations(condition)[-1].operands
    if isinstance(predicate.owner, ir.Block):
        return None
    op = predicate.owner.operation
    relation = op.name.removeprefix("lamina.")
    if relation not in _SWAPPED:
        return None
    x, y = op.operands
    for value, other, name in ((x, y, relation), (y, x, _SWAPPED[relation])):
        limit = functions.constant(outside.get(other, other))
        if value in inputs[parts.condition :] and isinstance(limit, int):
            return _Bound(inputs.index(value) - parts.condition, name, limit)
    return None


def _length(call: Call, bound: _Bound, first: float | None) -> int | None:
    """The number of iterations, if the carry is an integer that moves towards the limit by the same step always."""
    parts, body = parts_of(call), call.function("body")
    before = functions.arguments(body)[parts.body + bound.carry]
    step = growth(before, functions.operations(body)[-1].operands[bound.carry])
    type = from_ir(before.type)
    if step is None or not isinstance(first, int) or type.dtype not in INTEGER:
        return None
    is_up, includes = bound.relation in ("lt", "le"), bound.relation in ("le", "ge")
    distance, pace = (bound.limit - first, step) if is_up else (first - bound.limit, -step)
    if distance + includes <= 0:
        return 0
    if pace <= 0:
        return None
    length = -(-(distance + includes) // pace)
    return length if fits(type, first + length * step) else None

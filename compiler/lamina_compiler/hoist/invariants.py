"""What a loop computes the same way in all iterations, computed before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import functions
from ..builder import Builder
from ..control import scan_parts, while_loop
from ..higher_order import Call
from ..mlir import ir
from ..opdef import ByReference, is_lamina, lookup
from ..passes.linearize import REMADE
from .sizes import bytes_of, is_cheap

_NEAR = 1 << 15  # bytes that a core reads faster than it computes even cheap things again
_LARGE = 1 << 26  # bytes that are worth not computing expensive things again
_GROWTH = 2  # times what an array is computed from: smaller ones need no limit


def invariants_before(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """The results of a loop that finds what is the same in all iterations computed, or None if there is nothing."""
    return {"scan": _of_scan, "while": _of_while}.get(call.record.name, lambda *_: None)(b, call, operands)


def _of_scan(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    parts = scan_parts.parts_of(call)
    consts, carry, xs = parts.split(operands)
    body = _shortened(b, call.module, call.function("body"), consts, always=call.details["length"] > 0)
    if not body.values:
        return None
    operands = [*consts, *body.values, *carry, *xs]
    return call.emit(b, operands, body=body.name, consts=parts.consts + len(body.values))


def _of_while(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """The condition is computed once at least, the body perhaps never."""
    parts = while_loop.parts_of(call)
    condition_consts, body_consts, carry = parts.split(operands)
    condition = _shortened(b, call.module, call.function("condition"), condition_consts, always=True)
    body = _shortened(b, call.module, call.function("body"), body_consts, always=False)
    if not condition.values and not body.values:
        return None
    return call.emit(
        b,
        [*condition_consts, *condition.values, *body_consts, *body.values, *carry],
        condition=condition.name,
        body=body.name,
        condition_consts=parts.condition + len(condition.values),
        body_consts=parts.body + len(body.values),
    )


class _Shortened(NamedTuple):
    """The name of a function that gets more inputs after its consts, and what these are."""

    name: str
    values: list[ir.Value]


def _shortened(
    b: Builder, module: ir.Module, function: ir.Operation, consts: Sequence[ir.Value], *, always: bool
) -> _Shortened:
    """A function of a loop without what only depends on its first inputs, which are `consts` outside of the loop.

    `always`: it runs at least once.
    """
    *ops, terminator = functions.operations(function)
    inputs, returned = functions.arguments(function), list(terminator.operands)
    own, name = inputs[: len(consts)], functions.symbol(function)
    fixed = _fixed(ops, own, always)
    moved = _worth_moving(ops, fixed, own, returned)
    if not moved:
        return _Shortened(name, [])
    outside = dict(zip(own, consts, strict=True))
    for op in functions.live(fixed, moved):
        functions.clone(op, outside, b.ip)
    rest = functions.live([op for op in ops if not any(r in moved for r in op.results)], returned)
    arguments = [*own, *moved, *inputs[len(own) :]]
    smaller = functions.outline(module, name, arguments, rest, returned, function.location)
    return _Shortened(functions.symbol(smaller), [outside[value] for value in moved])


def _fixed(ops: Sequence[ir.Operation], consts: Sequence[ir.Value], always: bool) -> list[ir.Operation]:
    """The operations that read nothing but consts and may be moved."""
    available, found = set(consts), []
    for op in ops:
        if all(operand in available for operand in op.operands) and _may_move(op, always):
            found.append(op)
            available.update(op.results)
    return found


def _may_move(op: ir.Operation, always: bool) -> bool:
    """One that might fail or not end stays in a loop that might not run."""
    return always or (is_lamina(op) and not isinstance(lookup(op.name).lower, ByReference))


def _worth_moving(
    ops: Sequence[ir.Operation], fixed: Sequence[ir.Operation], consts: Sequence[ir.Value], returned: list[ir.Value]
) -> list[ir.Value]:
    """Of the values that fixed operations give, those that the rest of the loop should find computed."""
    stay = _remade(fixed, consts)
    read = {x for op in set(ops) - set(fixed) for x in op.operands} | set(returned)
    moved: list[ir.Value] = []
    for op in reversed(fixed):
        results = [result for result in op.results if result in read]
        if results and op in stay:
            read.update(op.operands)
        else:
            moved += results
    return moved[::-1]


def _remade(fixed: Sequence[ir.Operation], consts: Sequence[ir.Value]) -> set[ir.Operation]:
    """Operations that make much of little: they are repeated in every iteration, where others read them."""
    made_from: dict[ir.Value, frozenset[ir.Value]] = {x: frozenset([x]) for x in consts}  # what has to be in memory
    found = set()
    for op in fixed:
        sources = frozenset[ir.Value]().union(*(made_from[x] for x in op.operands))
        cheap, size = is_cheap(op), bytes_of(op.results)
        made_from.update((result, sources if cheap else frozenset([result])) for result in op.results)
        if op.name in REMADE or size > max(_NEAR if cheap else _LARGE, _GROWTH * bytes_of(sources)):
            found.add(op)
    return found

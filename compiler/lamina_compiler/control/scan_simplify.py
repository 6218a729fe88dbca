"""Simplification of scan: what no result needs is removed, carries that never change become consts, what is the same
in all iterations is computed once, one iteration is written out."""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..dependence import Flags
from ..higher_order import Call, has_effects
from ..mlir import ir
from ..passes.linearize import REMADE
from .scan_parts import chosen, invariant_ops, others, parts_of


def simplify(b: Builder, call: Call, operands: Sequence[ir.Value], used: Flags) -> Sequence[ir.Value | None] | None:
    """Results of a simpler form (None for unused ones), or None if there is none."""
    if call.details["length"] == 0:
        parts = parts_of(call)
        return [*parts.split(operands)[1], *(b.zeros(t) for t in call.result_types[parts.carry :])]
    if call.details["length"] == 1:
        return _written_out(b, call, operands)
    if has_effects(call.module, call.function("body")):
        return None
    return (
        _without_constant_carries(b, call, operands)
        or _without_dead_parts(b, call, operands, used)
        or _with_invariants_outside(b, call, operands)
    )


def _written_out(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value]:
    parts, body = parts_of(call), call.function("body")
    consts, carry, xs = parts.split(operands)
    slices = [b.reshape(x, shape=b.shape(x)[1:]) for x in xs]
    out = functions.inlined(body, [*consts, *carry, *slices], b.ip)
    return [*out[: parts.carry], *(b.reshape(y, shape=(1, *b.shape(y))) for y in out[parts.carry :])]


def _without_constant_carries(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """A carry that the body returns as it is, as a const."""
    parts, body = parts_of(call), call.function("body")
    inputs, returned = functions.arguments(body), list(functions.operations(body)[-1].operands)
    fixed = [returned[i] == inputs[parts.consts + i] for i in range(parts.carry)]
    if not any(fixed):
        return None
    consts, carry, xs = parts.split(operands)
    own_consts, own_carry, own_xs = parts.split(inputs)
    outputs = [*others(returned[: parts.carry], fixed), *returned[parts.carry :]]
    arguments = [*own_consts, *chosen(own_carry, fixed), *others(own_carry, fixed), *own_xs]
    new_body = _outlined(call, arguments, outputs)
    out = iter(
        call.emit(
            b,
            [*consts, *chosen(carry, fixed), *others(carry, fixed), *xs],
            body=new_body,
            consts=parts.consts + sum(fixed),
            carry=parts.carry - sum(fixed),
        )
    )
    carried = [init if flag else next(out) for init, flag in zip(carry, fixed, strict=True)]
    return [*carried, *out]


def _without_dead_parts(
    b: Builder, call: Call, operands: Sequence[ir.Value], used: Flags
) -> list[ir.Value | None] | None:
    """Without carries and results that nothing needs, and operands that nothing reads."""
    parts, body = parts_of(call), call.function("body")
    inputs, returned = functions.arguments(body), list(functions.operations(body)[-1].operands)
    *ops, _ = functions.operations(body)
    kept = list(used)
    while True:
        outputs = chosen(returned, kept)
        needed = {operand for op in functions.live(ops, outputs) for operand in op.operands} | set(outputs)
        wanted = [*(value in needed for value in inputs[parts.carry_slice]), *kept[parts.carry :]]
        joined = [a or w for a, w in zip(kept, wanted, strict=True)]
        if joined == kept:
            break
        kept = joined
    read = [value in needed for value in inputs]
    read[parts.carry_slice] = kept[: parts.carry]
    if all(kept) and all(read):
        return None
    consts, carry, _ = parts.split(read)
    new_body = _outlined(call, chosen(inputs, read), outputs)
    out = iter(call.emit(b, chosen(operands, read), body=new_body, consts=sum(consts), carry=sum(carry)))
    return [next(out) if flag else None for flag in kept]


def _with_invariants_outside(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """Ops that only depend on consts before the loop. What is cheaply remade from them stays inside."""
    parts, body = parts_of(call), call.function("body")
    inputs, returned = functions.arguments(body), list(functions.operations(body)[-1].operands)
    *ops, _ = functions.operations(body)
    fixed = invariant_ops(body, parts.consts)
    read = {x for op in ops if op not in fixed for x in op.operands} | set(returned)
    moved = [result for op in fixed if op.name not in REMADE for result in op.results if result in read]
    if not moved:
        return None
    outside = dict(zip(inputs[: parts.consts], operands, strict=False))
    for op in functions.live(fixed, moved):
        functions.clone(op, outside, b.ip)
    consts, carry, xs = parts.split(inputs)
    name = functions.symbol(body)
    arguments = [*consts, *moved, *carry, *xs]
    rest = functions.live([op for op in ops if not any(r in moved for r in op.results)], returned)
    new_body = functions.outline(call.module, name, arguments, rest, returned, body.location)
    consts, carry, xs = parts.split(operands)
    new_operands = [*consts, *(outside[value] for value in moved), *carry, *xs]
    return call.emit(b, new_operands, body=functions.symbol(new_body), consts=parts.consts + len(moved))


def _outlined(call: Call, inputs: Sequence[ir.Value], outputs: Sequence[ir.Value]) -> str:
    """Name of a body with other inputs and outputs."""
    body = call.function("body")
    ops = functions.live(functions.operations(body)[:-1], outputs)
    name = functions.symbol(body)
    return functions.symbol(functions.outline(call.module, name, inputs, ops, outputs, body.location))

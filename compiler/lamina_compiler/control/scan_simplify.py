"""Simplification of scan: what no result needs is removed, carries that never change become consts, one iteration is
written out."""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..dependence import Flags
from ..higher_order import Call, has_effects
from ..mlir import ir
from .scan_parts import chosen, others, parts_of


def simplify(b: Builder, call: Call, operands: Sequence[ir.Value], used: Flags) -> Sequence[ir.Value | None] | None:
    """Results of a simpler form (None for unused ones), or None if there is none."""
    if call.details["length"] == 0:
        parts = parts_of(call)
        return [*parts.split(operands)[1], *(b.zeros(t) for t in call.result_types[parts.carry :])]
    if call.details["length"] == 1:
        return _written_out(b, call, operands)
    if has_effects(call.module, call.function("body")):
        return None
    return _without_constant_carries(b, call, operands) or _without_dead_parts(b, call, operands, used)


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


def _outlined(call: Call, inputs: Sequence[ir.Value], outputs: Sequence[ir.Value]) -> str:
    """Name of a body with other inputs and outputs."""
    body = call.function("body")
    ops = functions.live(functions.operations(body)[:-1], outputs)
    name = functions.symbol(body)
    return functions.symbol(functions.outline(call.module, name, inputs, ops, outputs, body.location))

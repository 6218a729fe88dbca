"""Derivatives of scan: its JVP, the split into a known and a linear loop, and the transpose of a linear loop.

The body is differentiated once, however long the loop is. Residuals that are the same in all iterations are computed
before the loop, and slices of `xs` are read again instead of being stacked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import functions
from ..builder import Builder
from ..dependence import Flags, dependent_results, fixed_point, tangent_results
from ..higher_order import Call, has_effects
from ..mlir import ir
from ..passes import derive
from ..passes.linearize import Split, split
from ..types import from_ir, to_ir
from .scan_parts import chosen, invariant_ops, others, parts_of, sliced

Tangents = Sequence[ir.Value | None]


def jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Tangents
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    """A loop that carries the tangents beside the values."""
    parts, body, module = parts_of(call), call.function("body"), call.module
    given = [tangent is not None for tangent in tangents]
    flags = fixed_point(given, parts.carry_slice, lambda marks: tangent_results(module, body, marks))
    carry_flags = flags[parts.carry_slice]
    out_flags = [*carry_flags, *tangent_results(module, body, flags)[parts.carry :]]
    argnums, outputs = ([i for i, flag in enumerate(marks) if flag] for marks in (flags, out_flags))
    derived = derive.declare_jvp(module, body, argnums, outputs)
    types = functions.signature(body)[0]
    flag_parts = parts.split(flags)

    def with_tangents(values: Sequence, marks: Sequence) -> list:
        return [x for part, flag in zip(parts.split(values), parts.split(marks), strict=True) for x in [*part, *flag]]

    def step(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        primals, directions, position = [], [], 0
        for part, marks in zip(parts.split(types), flag_parts, strict=True):
            primals += values[position : position + len(part)]
            position += len(part)
            directions += values[position : position + sum(marks)]
            position += sum(marks)
        out = functions.call(inner, derived, [*primals, *directions])
        results, changes = out[: len(out_flags)], out[len(out_flags) :]
        carried = sum(carry_flags)
        return [*results[: parts.carry], *changes[:carried], *results[parts.carry :], *changes[carried:]]

    inputs = [
        t for part, marks in zip(parts.split(types), flag_parts, strict=True) for t in [*part, *chosen(part, marks)]
    ]
    stepped = functions.adapted(module, functions.symbol(derived), inputs, b.loc, step)
    derive.flatten(module, stepped)
    derive.tidy(module, stepped)  # or equal residuals would be saved twice
    new_operands = []
    for part, directions, marks in zip(parts.split(operands), parts.split(tangents), flag_parts, strict=True):
        new_operands += [
            *part,
            *(b.instantiate(t, x) for x, t, flag in zip(part, directions, marks, strict=True) if flag),
        ]
    out = call.emit(
        b,
        new_operands,
        body=functions.symbol(stepped),
        consts=parts.consts + sum(flag_parts[0]),
        carry=parts.carry + sum(carry_flags),
    )
    ys = len(out_flags) - parts.carry
    carry_end = parts.carry + sum(carry_flags)
    results = [*out[: parts.carry], *out[carry_end : carry_end + ys]]
    changes = iter([*out[parts.carry : carry_end], *out[carry_end + ys :]])
    return results, [next(changes) if flag else None for flag in out_flags]


# ---- the known and the linear loop ----------------------------------------------------------------------------------


class _Residuals(NamedTuple):
    """Where the linear loop finds the values it needs: fixed for all iterations, or a slice for each."""

    fixed: list[ir.Value]  # values of the body …
    fixed_operands: list[ir.Value]  # … and what they are outside
    sliced: list[ir.Value]
    sliced_operands: list[ir.Value]


def partition(b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags) -> tuple[list[ir.Value], list[bool]]:
    """A loop for what is known, then one for what is linear."""
    parts, body, module = parts_of(call), call.function("body"), call.module
    flags = fixed_point(linear, parts.carry_slice, lambda marks: dependent_results(module, body, marks))
    out_flags = [*flags[parts.carry_slice], *dependent_results(module, body, flags)[parts.carry :]]
    pieces = split(module, body, flags, [i for i, flag in enumerate(out_flags) if flag])
    known, residuals = _known_loop(b, call, operands, flags, out_flags, pieces)
    moving = _linear_loop(b, call, operands, flags, pieces, residuals)
    sources = {False: iter(known), True: iter(moving)}
    return [next(sources[flag]) for flag in out_flags], out_flags


def _known_loop(
    b: Builder, call: Call, operands: Sequence[ir.Value], flags: Flags, out_flags: Flags, pieces: Split
) -> tuple[list[ir.Value], _Residuals]:
    """Run the known part; its results, and the residuals that the linear part needs."""
    parts, body, module = parts_of(call), call.function("body"), call.module
    inputs, returned = functions.arguments(body), list(functions.operations(body)[-1].operands)
    position = {value: i for i, value in enumerate(inputs)}
    invariant = set(inputs[: parts.consts])
    invariant.update(result for op in invariant_ops(body, parts.consts) for result in op.results)
    fixed = [v for v in pieces.residuals if v in invariant]
    slices = [v for v in pieces.residuals if v not in invariant]
    stacks = [v for v in slices if position.get(v, -1) < parts.consts + parts.carry]  # not a slice of xs

    outside = {v: operands[i] for v, i in position.items() if i < parts.consts}
    for op in functions.live(pieces.known, fixed):
        functions.clone(op, outside, b.ip)
    results, stacked_results = [], []
    if not all(out_flags) or stacks or any(_has_effects(module, op) for op in pieces.known):
        outputs = [*others(returned, out_flags), *stacks]
        name = f"{functions.symbol(body)}.known"
        known = functions.outline(module, name, others(inputs, flags), pieces.known, outputs, call.location)
        derive.tidy(module, known)
        consts, carry, _ = (others(p, f) for p, f in zip(parts.split(operands), parts.split(flags), strict=True))
        out = call.emit(b, others(operands, flags), body=functions.symbol(known), consts=len(consts), carry=len(carry))
        count = len(outputs) - len(stacks)
        results, stacked_results = out[:count], out[count:]
    by_value = dict(zip(stacks, stacked_results, strict=True))
    sliced_operands = [by_value[v] if v in by_value else operands[position[v]] for v in slices]
    return results, _Residuals(fixed, [outside[v] for v in fixed], slices, sliced_operands)


def _has_effects(module: ir.Module, op: ir.Operation) -> bool:
    """Whether an operation is a call of something that has effects."""
    return op.name == "func.call" and has_effects(
        module,
        functions.find(module, op.attributes["callee"].value),  # type: ignore[attr-defined]
    )


def _linear_loop(
    b: Builder, call: Call, operands: Sequence[ir.Value], flags: Flags, pieces: Split, residuals: _Residuals
) -> list[ir.Value]:
    parts, body, module = parts_of(call), call.function("body"), call.module
    if not pieces.linear_results:
        return []
    returned = list(functions.operations(body)[-1].operands)
    consts, carry, xs = (
        chosen(p, f) for p, f in zip(parts.split(functions.arguments(body)), parts.split(flags), strict=True)
    )
    inputs = [*residuals.fixed, *consts, *carry, *residuals.sliced, *xs]
    outputs = [returned[i] for i in pieces.linear_results]
    name = f"{functions.symbol(body)}.linear"
    linear = functions.outline(module, name, inputs, pieces.linear, outputs, call.location)
    own_consts, own_carry, own_xs = (
        chosen(p, f) for p, f in zip(parts.split(operands), parts.split(flags), strict=True)
    )
    return call.emit(
        b,
        [*residuals.fixed_operands, *own_consts, *own_carry, *residuals.sliced_operands, *own_xs],
        body=functions.symbol(linear),
        consts=len(residuals.fixed) + len(consts),
        carry=len(carry),
    )


# ---- transposition --------------------------------------------------------------------------------------------------


def transpose(b: Builder, call: Call, operands: Tangents, cotangents: Tangents) -> list[ir.Value | None]:
    """The loop in the other direction: it carries the cotangents of the carry, and sums of those of linear consts."""
    parts, body, module = parts_of(call), call.function("body"), call.module
    consts, _, xs = parts.split(operands)
    types = functions.signature(body)[0]
    const_types, carry_types, x_types = parts.split(types)
    const_flags, x_flags = [x is None for x in consts], [x is None for x in xs]
    ys = [i for i, cotangent in enumerate(cotangents[parts.carry :]) if cotangent is not None]
    counts = [len(consts) - sum(const_flags), len(xs) - sum(x_flags)]  # of known consts and xs

    def linear_last(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        """The body with its linear inputs last, and without results that get no cotangent."""
        known_consts, known_xs = values[: counts[0]], values[counts[0] : sum(counts)]
        linear = values[sum(counts) :]
        own_consts, own_carry = linear[: sum(const_flags)], linear[sum(const_flags) :][: parts.carry]
        own_xs = linear[sum(const_flags) + parts.carry :]
        arguments = [*_merged(const_flags, own_consts, known_consts), *own_carry, *_merged(x_flags, own_xs, known_xs)]
        out = functions.call(inner, body, arguments)
        return [*out[: parts.carry], *(out[parts.carry + i] for i in ys)]

    known_types = [*others(const_types, const_flags), *others(x_types, x_flags)]
    linear_types = [*chosen(const_types, const_flags), *carry_types, *chosen(x_types, x_flags)]
    name = f"{functions.symbol(body)}.map"
    mapped = functions.adapted(module, name, [*known_types, *linear_types], b.loc, linear_last)
    turned = derive.declare_transpose(module, mapped, len(linear_types))
    sums = sum(const_flags)

    def step(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        known_consts, rest = values[: counts[0]], values[counts[0] :]
        totals, rest = rest[:sums], rest[sums:]
        carried, rest = rest[: parts.carry], rest[parts.carry :]
        known_xs, arrived = rest[: counts[1]], rest[counts[1] :]
        out = functions.call(inner, turned, [*known_consts, *known_xs, *carried, *arrived])
        new_totals = [inner.add(total, ct) for total, ct in zip(totals, out[:sums], strict=True)]
        return [*new_totals, *out[sums:]]

    y_types = [to_ir(sliced(call.result_types[parts.carry + i])) for i in ys]
    inputs = [
        *others(const_types, const_flags), *chosen(const_types, const_flags), *carry_types,
        *others(x_types, x_flags), *y_types,
    ]  # fmt: skip
    stepped = functions.adapted(module, f"{functions.symbol(body)}.transpose", inputs, b.loc, step)
    derive.flatten(module, stepped)
    derive.tidy(module, stepped)
    start = [b.zeros(from_ir(t)) for t in chosen(const_types, const_flags)]
    start += [
        b.zeros(from_ir(t)) if cotangent is None else cotangent
        for t, cotangent in zip(carry_types, cotangents[: parts.carry], strict=True)
    ]
    out = call.emit(
        b,
        [*others(consts, const_flags), *start, *others(xs, x_flags), *(cotangents[parts.carry + i] for i in ys)],
        body=functions.symbol(stepped),
        consts=counts[0],
        carry=sums + parts.carry,
        reverse=not call.details["reverse"],
    )
    to_consts, to_carry, to_xs = out[:sums], out[sums : sums + parts.carry], out[sums + parts.carry :]
    return [
        *_merged(const_flags, to_consts, [None] * counts[0]),
        *to_carry,
        *_merged(x_flags, to_xs, [None] * counts[1]),
    ]


def _merged(flags: Flags, marked: Sequence, unmarked: Sequence) -> list:
    """Two lists as one again: where a flag is set, the next of `marked`."""
    sources = {True: iter(marked), False: iter(unmarked)}
    return [next(sources[flag]) for flag in flags]

"""Products of slices and what stays the same, as one product of all slices before the loop.

A recurrent network computes x_t W + b in every step. Of all slices at once that is one product of matrices, whose rows
are further slices. What is moved is mapped over the iterations by the rules of vmap.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..control.scan_parts import parts_of
from ..dependence import dependent_values
from ..higher_order import Batch, Call
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..passes import derive
from .sizes import bytes_of, is_cheap, most_of

_PREPARATION = {"contract", "reduce", "gather", "transcendental", "power"}  # families, beside what is cheap


def products_before(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """The results of a scan that finds products of its slices computed, or None if it has none."""
    if call.record.name != "scan":
        return None
    parts, body, length = parts_of(call), call.function("body"), call.details["length"]
    *ops, terminator = functions.operations(body)
    inputs, returned = functions.arguments(body), list(terminator.operands)
    moved = _moved(call, ops)
    rest = functions.live([op for op in ops if not any(r in moved for r in op.results)], returned)
    read = {x for op in rest for x in op.operands} | set(returned)
    outputs = [value for value in moved if value in read]
    if not outputs or length * bytes_of(outputs) > most_of(call):
        return None
    stacks = _of_all_slices(b, call, operands, outputs)
    name = functions.symbol(body)
    smaller = functions.outline(call.module, name, [*inputs, *outputs], rest, returned, body.location)
    results = call.emit(b, [*operands, *stacks], body=functions.symbol(smaller))
    known = dict(zip(outputs, stacks, strict=True))
    ys = [known.get(y, stack) for y, stack in zip(returned[parts.carry :], results[parts.carry :], strict=True)]
    return [*results[: parts.carry], *ys]


def _moved(call: Call, ops: Sequence[ir.Operation]) -> list[ir.Value]:
    """Products of slices and invariant matrices, and what is made of them element by element."""
    parts, length, most = parts_of(call), call.details["length"], most_of(call)
    flags = [False] * len(call.types)
    carried, sliced = list(flags), list(flags)
    carried[parts.carry_slice] = [True] * parts.carry
    sliced[parts.consts + parts.carry :] = [True] * (len(flags) - parts.consts - parts.carry)
    body = call.function("body")
    kept, varies = (dependent_values(call.module, body, marks) for marks in (carried, sliced))
    moved: dict[ir.Value, None] = {}
    for op in ops:
        if any(x in varies for x in op.operands) and not (
            all(x not in kept for x in op.operands) and _can_be_mapped(op) and length * bytes_of(op.results) <= most
        ):
            kept.update(op.results)
        elif is_lamina(op) and (_is_of_slices(op, varies) or _goes_on(op, moved)) and op.results[0] not in kept:
            moved[op.results[0]] = None
    return list(moved)


def _can_be_mapped(op: ir.Operation) -> bool:
    return is_cheap(op) or (is_lamina(op) and lookup(op.name).family in _PREPARATION)


def _is_of_slices(op: ir.Operation, varies: set[ir.Value]) -> bool:
    """Whether an operation is the product of something that varies and something that does not."""
    return op.name == "lamina.dot_general" and sum(x in varies for x in op.operands) == 1


def _goes_on(op: ir.Operation, moved: dict[ir.Value, None]) -> bool:
    """Whether elements of what is moved become an array that is not larger."""
    sizes = [bytes_of([x]) for x in op.operands if x in moved]
    return lookup(op.name).scalar is not None and bool(sizes) and bytes_of(op.results) <= max(sizes)


def _of_all_slices(b: Builder, call: Call, operands: Sequence[ir.Value], outputs: Sequence[ir.Value]) -> list[ir.Value]:
    """Write what values of the body are for all slices."""
    parts, body, module = parts_of(call), call.function("body"), call.module
    inputs = functions.arguments(body)
    ops = functions.live(functions.operations(body)[:-1], outputs)
    count = parts.consts + parts.carry
    consts, slices = inputs[: parts.consts], inputs[count:]
    one = functions.outline(module, f"{functions.symbol(body)}.slice", [*consts, *slices], ops, outputs, b.loc)
    flags = [i >= parts.consts for i in range(len(consts) + len(slices))]
    mapped = derive.declare_vmap(module, one, flags, Batch(call.details["length"]))
    derive.flatten(module, mapped)
    return functions.inlined(mapped, [*operands[: parts.consts], *operands[count:]], b.ip)

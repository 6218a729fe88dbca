"""lamina-linearize: splits a JVP by data dependence into what needs only primals and what is linear in the tangents.

Given ``@f.jvp : (*primals, *tangents) -> (*results, *result tangents)`` it makes

* ``@f.fwd : (*primals) -> (*results, *residuals)`` and
* ``@f.lin : (*residuals, *tangents) -> (*result tangents)``, linear in the tangents.

Constants and what is cheaply remade from smaller values (broadcasts) are repeated in the linear part, not saved. Calls
of higher-order operations that mix both parts are split first, by their own rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import functions
from ..builder import Builder
from ..dependence import dependent_values
from ..higher_order import call_of
from ..mlir import ir

REMADE = {"lamina.constant", "lamina.iota", "lamina.broadcast_in_dim"}


class Split(NamedTuple):
    """The operations and results of a function in two parts; the values are the function's own."""

    known: list[ir.Operation]
    linear: list[ir.Operation]  # those that the linear results need, with what they repeat
    known_results: list[int]
    linear_results: list[int]
    residuals: list[ir.Value]  # known values that the linear part reads


class Linearized(NamedTuple):
    forward: ir.Operation
    linear: ir.Operation
    residuals: int  # how many: they are the last results of `forward` and the first inputs of `linear`


def split(
    module: ir.Module, function: ir.Operation, flags: Sequence[bool], wanted: Sequence[int] | None = None
) -> Split:
    """Split a function by dependence on the marked inputs, in which it is linear.

    `wanted`: the linear results that are of interest; default: all that depend on the inputs.
    """
    partition_calls(module, function, flags)
    *ops, terminator = functions.operations(function)
    linear_values = dependent_values(module, function, flags)
    returned = list(terminator.operands)
    if wanted is None:
        wanted = [i for i, value in enumerate(returned) if value in linear_values]
    known, linear = separated(ops, linear_values)
    outputs = [returned[i] for i in wanted]
    linear = functions.live(linear, outputs)
    remade, residuals = _residuals(linear, outputs, linear_values)
    known_results = [i for i, value in enumerate(returned) if value not in linear_values and i not in wanted]
    return Split(known, [*remade, *linear], known_results, list(wanted), residuals)


def separated(ops: Sequence[ir.Operation], linear: set[ir.Value]) -> tuple[list[ir.Operation], list[ir.Operation]]:
    """Operations that need no linear value, and the others. (One without results is known by its operands.)"""
    parts: tuple[list[ir.Operation], list[ir.Operation]] = [], []
    for op in ops:
        parts[any(value in linear for value in (op.results or op.operands))].append(op)
    return parts


def linearize(
    module: ir.Module, jvp: ir.Operation, primals: int, results: int, wanted: Sequence[int], name: str
) -> Linearized:
    """Split `jvp`, which takes `primals` primal inputs first and gives `results` primal results first.

    Of its tangent results only the `wanted` ones (positions among the tangents) are kept.
    """
    inputs = functions.arguments(jvp)
    flags = [i >= primals for i in range(len(inputs))]
    parts = split(module, jvp, flags, [results + i for i in wanted])
    returned = list(functions.operations(jvp)[-1].operands)
    forward_results = [*returned[:results], *parts.residuals]
    forward = functions.outline(module, f"{name}.fwd", inputs[:primals], parts.known, forward_results, jvp.location)
    linear_inputs = [*parts.residuals, *inputs[primals:]]
    linear_results = [returned[i] for i in parts.linear_results]
    linear = functions.outline(module, f"{name}.lin", linear_inputs, parts.linear, linear_results, jvp.location)
    return Linearized(forward, linear, len(parts.residuals))


def partition_calls(module: ir.Module, function: ir.Operation, flags: Sequence[bool]) -> None:
    """Replace calls of higher-order operations that mix known and linear values by one call for each."""
    linear = {value for value, flag in zip(functions.arguments(function), flags, strict=True) if flag}
    for op in functions.operations(function)[:-1]:
        marked = [operand in linear for operand in op.operands]
        if not any(marked):
            continue
        call = call_of(module, op)
        if call is None:
            linear.update(op.results)
            continue
        b = Builder(ir.InsertionPoint(op), op.location)
        results, result_linear = call.record.partition(b, call, list(op.operands), marked)
        for old, new, flag in zip(list(op.results), results, result_linear, strict=True):
            old.replace_all_uses_with(new)
            if flag:
                linear.add(new)
        op.erase()


def _residuals(
    linear: list[ir.Operation], outputs: list[ir.Value], linear_values: set[ir.Value]
) -> tuple[list[ir.Operation], list[ir.Value]]:
    """Operations to repeat in the linear part (operands first), and the known values to save for it."""
    remade: dict[ir.Operation, None] = {}
    residuals: dict[ir.Value, None] = {}

    def need(value: ir.Value) -> None:
        owner = value.owner
        if not isinstance(owner, ir.Block) and owner.operation.name in REMADE:
            for operand in owner.operation.operands:
                need(operand)
            remade[owner.operation] = None
        else:
            residuals[value] = None

    for value in [operand for op in linear for operand in op.operands] + outputs:
        if value not in linear_values:
            need(value)
    return list(remade), list(residuals)

"""lamina-transpose: the transpose of a function that is linear in its last inputs.

``{kind = "transpose", of = @g, linear = n}`` with ``@g : (*known, *n linear inputs) -> (*results)`` declares
``(*known, *cotangents of the results) -> (*cotangents of the linear inputs)``.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..dependence import dependent_values
from ..errors import MissingRule, NotLinear
from ..higher_order import call_of
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import from_ir
from .cotangents import Cotangents
from .linearize import partition_calls, separated


def transpose(module: ir.Module, function: ir.Operation, derived: ir.Operation, linear: int) -> None:
    """Give `derived` the body of the transpose of `function` in its last `linear` inputs."""
    inputs = functions.arguments(function)
    known_count = len(inputs) - linear
    partition_calls(module, function, [i >= known_count for i in range(len(inputs))])
    *ops, terminator = functions.operations(function)
    linear_values = dependent_values(module, function, [i >= known_count for i in range(len(inputs))])

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        env = dict(zip(inputs[:known_count], values[:known_count], strict=True))
        cotangents = Cotangents()
        for value, cotangent in zip(terminator.operands, values[known_count:], strict=True):
            if value in linear_values:
                cotangents.add(b, value, cotangent)
        forward, backward = separated(ops, linear_values)
        for op in forward:
            functions.clone(op, env, b.ip)
        for op in reversed(backward):
            if any(result in cotangents for result in op.results):
                b.loc = op.location
                arrived = [cotangents.take(b, result) for result in op.results]
                _transpose_op(b, module, op, arrived, env, linear_values, cotangents)
        b.loc = derived.location
        found = [(value, cotangents.take(b, value)) for value in inputs[known_count:]]
        return [b.zeros(from_ir(value.type)) if total is None else total for value, total in found]

    functions.fill(derived, body)


def _transpose_op(
    b: Builder,
    module: ir.Module,
    op: ir.Operation,
    arrived: Sequence[ir.Value | None],
    env: functions.Env,
    linear_values: set[ir.Value],
    cotangents: Cotangents,
) -> None:
    """Send the cotangents of an op's results to its linear operands."""
    operands = list(op.operands)
    for operand in operands:
        if operand in linear_values and not from_ir(operand.type).differentiable:
            raise NotLinear(_maker(operand), op.location)
    known = [None if operand in linear_values else env[operand] for operand in operands]
    call = call_of(module, op)
    if call is not None:
        contributions = call.record.transpose(b, call, known, arrived)
    else:
        record = lookup(op.name) if is_lamina(op) else None
        if record is None:
            raise MissingRule(f"no transpose rule for '{op.name}'", op.location)
        if record.transpose is None or (record.product and sum(value is None for value in known) > 1):
            raise NotLinear(f"`{record.name}`", op.location)
        types = [from_ir(operand.type) for operand in operands]
        attributes = record.decode_attributes(op)
        contributions = record.transpose(b, record.packed(arrived), known, types, **attributes)
        if any(value is None and ct is None for value, ct in zip(known, contributions, strict=True)):
            raise NotLinear(f"`{record.name}`", op.location)
    for operand, contribution in zip(operands, contributions, strict=True):
        if contribution is not None and operand in linear_values:
            cotangents.add(b, operand, contribution)


def _maker(value: ir.Value) -> str:
    """The operation that a number or a truth value comes from, for an error."""
    owner = value.owner
    if isinstance(owner, ir.Block) or not is_lamina(owner.operation):
        return "what a choice or an index is made of"
    return f"`{lookup(owner.operation.name).name}`"

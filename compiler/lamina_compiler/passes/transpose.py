"""lamina-transpose: the transpose of a function that is linear in its last inputs.

``{kind = "transpose", of = @g, linear = n}`` with ``@g : (*known, *n linear inputs) -> (*results)`` declares
``(*known, *cotangents of the results) -> (*cotangents of the linear inputs)``.
"""

from __future__ import annotations

from .. import functions
from ..builder import Builder
from ..errors import MissingRule
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..types import from_ir


def transpose(function: ir.Operation, derived: ir.Operation, linear: int) -> None:
    """Give `derived` the body of the transpose of `function` in its last `linear` inputs."""
    inputs = functions.arguments(function)
    known_count = len(inputs) - linear
    *ops, terminator = functions.operations(function)
    linear_values = set(inputs[known_count:])
    for op in ops:
        if any(operand in linear_values for operand in op.operands):
            linear_values.update(op.results)

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        env = dict(zip(inputs[:known_count], values[:known_count], strict=True))
        cotangents: functions.Env = {}
        for value, cotangent in zip(terminator.operands, values[known_count:], strict=True):
            if value in linear_values:
                _accumulate(b, cotangents, value, cotangent)
        backward = []
        for op in ops:
            if op.results[0] in linear_values:
                backward.append(op)
            else:
                functions.clone(op, env, b.ip)
        for op in reversed(backward):
            cotangent = cotangents.pop(op.results[0], None)
            if cotangent is not None:
                b.loc = op.location
                _transpose_op(b, op, cotangent, env, linear_values, cotangents)
        b.loc = derived.location
        return [cotangents[v] if v in cotangents else b.zeros(from_ir(v.type)) for v in inputs[known_count:]]

    functions.fill(derived, body)


def _accumulate(b: Builder, cotangents: functions.Env, value: ir.Value, cotangent: ir.Value) -> None:
    cotangents[value] = b.add(cotangents[value], cotangent) if value in cotangents else cotangent


def _transpose_op(
    b: Builder,
    op: ir.Operation,
    cotangent: ir.Value,
    env: functions.Env,
    linear_values: set[ir.Value],
    cotangents: functions.Env,
) -> None:
    """Send the cotangent of an op's result to its linear operands."""
    record = lookup(op.name) if is_lamina(op) else None
    if record is None or record.transpose is None:
        raise MissingRule(f"'{op.name}' is not linear: it has no transpose rule", op.location)
    operands = list(op.operands)
    contributions = record.transpose(
        b,
        cotangent,
        [None if operand in linear_values else env[operand] for operand in operands],
        [from_ir(operand.type) for operand in operands],
        **record.decode_attributes(op),
    )
    for operand, contribution in zip(operands, contributions, strict=True):
        if contribution is not None and operand in linear_values:
            _accumulate(b, cotangents, operand, contribution)

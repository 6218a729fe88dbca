"""lamina-differentiate: forward-mode derivatives (JVP).

``{kind = "jvp", of = @f, argnums = array<i64: …>}`` declares ``(*inputs, *tangents of argnums) -> (*results,
*tangents of the differentiable results)``. Tangents that are known to be zero are never computed ("symbolic zeros").
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..errors import MissingRule
from ..mlir import ir
from ..opdef import NotDifferentiable, is_lamina, lookup
from ..types import from_ir


def jvp_signature(
    inputs: Sequence[ir.Type], results: Sequence[ir.Type], argnums: Sequence[int]
) -> tuple[list[ir.Type], list[ir.Type]]:
    """Signature of the derived function."""
    return [*inputs, *(inputs[i] for i in argnums)], [*results, *filter(_differentiable, results)]


def _differentiable(type: ir.Type) -> bool:
    return from_ir(type).differentiable


def differentiate(function: ir.Operation, derived: ir.Operation, argnums: Sequence[int]) -> None:
    """Give `derived` the body of the JVP of `function`, whose calls are inlined."""

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        inputs = functions.arguments(function)
        env = dict(zip(inputs, values[: len(inputs)], strict=True))
        tangents = dict(zip((inputs[i] for i in argnums), values[len(inputs) :], strict=True))
        *ops, terminator = functions.operations(function)
        for op in ops:
            functions.clone(op, env, b.ip)
            if any(operand in tangents for operand in op.operands):
                b.loc = op.location
                _add_tangent(b, op, env, tangents)
        b.loc = derived.location
        primal_results = [env[value] for value in terminator.operands]
        tangent_results = [
            tangents[value] if value in tangents else b.zeros(from_ir(value.type))
            for value in terminator.operands
            if _differentiable(value.type)
        ]
        return [*primal_results, *tangent_results]

    functions.fill(derived, body)


def _add_tangent(b: Builder, op: ir.Operation, env: functions.Env, tangents: functions.Env) -> None:
    """Append the tangent of one op, unless it is zero."""
    if not is_lamina(op):
        raise MissingRule(f"no derivative rule for '{op.name}'", op.location)
    record = lookup(op.name)
    if isinstance(record.jvp, NotDifferentiable):
        return
    tangent = record.jvp(
        b,
        [tangents.get(operand) for operand in op.operands],
        [env[operand] for operand in op.operands],
        env[op.results[0]],
        **record.decode_attributes(op),
    )
    if tangent is not None:
        tangents[op.results[0]] = tangent

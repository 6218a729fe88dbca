"""lamina-differentiate: forward-mode derivatives (JVP).

``{kind = "jvp", of = @f, argnums = array<i64: …>}`` declares ``(*inputs, *tangents of argnums) -> (*results,
*tangents of the differentiable results)``, or of those results only that ``outputs = array<i64: …>`` lists. Tangents
that are known to be zero are never computed ("symbolic zeros").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .. import functions
from ..builder import Builder
from ..errors import MissingRule, NoDerivativeRule
from ..higher_order import call_of
from ..mlir import ir
from ..opdef import NoDerivative, NotDifferentiable, is_lamina, lookup
from ..types import from_ir


def jvp_signature(
    inputs: Sequence[ir.Type], results: Sequence[ir.Type], argnums: Sequence[int], outputs: Sequence[int]
) -> tuple[list[ir.Type], list[ir.Type]]:
    """Signature of the derived function."""
    return [*inputs, *(inputs[i] for i in argnums)], [*results, *(results[i] for i in outputs)]


def differentiable(types: Sequence[ir.Type]) -> list[int]:
    """Positions of the types that have tangents."""
    return [i for i, type in enumerate(types) if from_ir(type).differentiable]


def differentiate(
    module: ir.Module, function: ir.Operation, derived: ir.Operation, argnums: Sequence[int], outputs: Sequence[int]
) -> None:
    """Give `derived` the body of the JVP of `function`, whose calls are inlined."""

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        inputs = functions.arguments(canonical)
        env = dict(zip(inputs, values[: len(inputs)], strict=True))
        tangents = dict(zip((inputs[i] for i in argnums), values[len(inputs) :], strict=True))
        *ops, terminator = functions.operations(canonical)
        for op in ops:
            if not any(operand in tangents for operand in op.operands):
                functions.clone(op, env, b.ip)
                continue
            b.loc = op.location
            _differentiate_op(b, module, op, env, tangents)
        b.loc = derived.location
        returned = list(terminator.operands)
        tangent_results = [
            tangents[value] if value in tangents else b.zeros(from_ir(value.type))
            for value in (returned[i] for i in outputs)
        ]
        return [*(env[value] for value in returned), *tangent_results]

    with _canonical(module, function) as canonical:
        functions.fill(derived, body)


@contextmanager
def _canonical(module: ir.Module, function: ir.Operation) -> Iterator[ir.Operation]:
    """The function, or for a while a copy of it, with its calls in the forms whose derivatives are best."""
    calls = [call_of(module, op) for op in functions.operations(function)]
    if not any(call is not None and call.record.canonical is not None for call in calls):
        yield function
        return
    copy = functions.copied(module, function)
    for op, call in zip(functions.operations(copy), calls, strict=True):
        if call is not None and call.record.canonical is not None:
            results = call.record.canonical(Builder(ir.InsertionPoint(op), op.location), call, list(op.operands))
            if results is not None:
                functions.replace(op, results)
    try:
        yield copy
    finally:
        functions.erase(module, copy)


def _differentiate_op(
    b: Builder, module: ir.Module, op: ir.Operation, env: functions.Env, tangents: functions.Env
) -> None:
    """Append an op and the tangents of its results, unless they are zero."""
    operands = [env[operand] for operand in op.operands]
    directions = [tangents.get(operand) for operand in op.operands]
    if is_lamina(op):
        record = lookup(op.name)
        functions.clone(op, env, b.ip)
        if isinstance(record.jvp, NotDifferentiable):
            return
        if isinstance(record.jvp, NoDerivative):
            raise NoDerivativeRule(record.name, op.location, record.jvp.reason)
        for i, missing in record.undifferentiable.items():
            if directions[i] is not None:
                what = f"{record.name} with respect to its operand '{record.operands[i]}'"
                raise NoDerivativeRule(what, op.location, missing.reason)
        results = record.packed([env[result] for result in op.results])
        found = record.jvp(b, directions, operands, results, **record.decode_attributes(op))
        new = [None] * len(op.results) if found is None else record.several(found)
    else:
        call = call_of(module, op)
        if call is None:
            raise MissingRule(f"no derivative rule for '{op.name}'", op.location)
        results, new = call.record.jvp(b, call, operands, directions)
        env.update(zip(op.results, results, strict=True))
    tangents.update((old, tangent) for old, tangent in zip(op.results, new, strict=True) if tangent is not None)

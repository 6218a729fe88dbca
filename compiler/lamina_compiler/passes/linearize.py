"""lamina-linearize: splits a JVP by data dependence into what needs only primals and what is linear in the tangents.

Given ``@f.jvp : (*primals, *tangents) -> (*results, *result tangents)`` it makes

* ``@f.fwd : (*primals) -> (*results, *residuals)`` and
* ``@f.lin : (*residuals, *tangents) -> (*result tangents)``, linear in the tangents.

Constants and what is cheaply remade from smaller values (broadcasts) are repeated in the linear part, not saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .. import functions
from ..builder import Builder
from ..mlir import ir

_REMADE = {"lamina.constant", "lamina.iota", "lamina.broadcast_in_dim"}


class Linearized(NamedTuple):
    forward: ir.Operation
    linear: ir.Operation
    residuals: int  # how many: they are the last results of `forward` and the first inputs of `linear`


def linearize(
    module: ir.Module, jvp: ir.Operation, primals: int, results: int, wanted: Sequence[int], name: str
) -> Linearized:
    """Split `jvp`, which takes `primals` primal inputs first and gives `results` primal results first.

    Of its tangent results only the `wanted` ones (positions among the tangents) are kept.
    """
    inputs = functions.arguments(jvp)
    *ops, terminator = functions.operations(jvp)
    returned = list(terminator.operands)
    primal_out, tangent_out = returned[:results], [returned[results + i] for i in wanted]
    linear_values = set(inputs[primals:])
    known: list[ir.Operation] = []
    linear: list[ir.Operation] = []
    for op in ops:
        if any(operand in linear_values for operand in op.operands):
            linear.append(op)
            linear_values.update(op.results)
        else:
            known.append(op)
    linear = _live(linear, tangent_out)
    remade, residuals = _residuals(linear, tangent_out, linear_values)

    forward_function = _make(module, f"{name}.fwd", inputs[:primals], known, [*primal_out, *residuals], jvp.location)
    linear_function = _make(
        module, f"{name}.lin", [*residuals, *inputs[primals:]], [*remade, *linear], tangent_out, jvp.location
    )
    return Linearized(forward_function, linear_function, len(residuals))


def _live(ops: list[ir.Operation], outputs: list[ir.Value]) -> list[ir.Operation]:
    """Those of `ops` that `outputs` depend on."""
    needed, kept = set(outputs), []
    for op in reversed(ops):
        if any(result in needed for result in op.results):
            kept.append(op)
            needed.update(op.operands)
    return kept[::-1]


def _residuals(
    linear: list[ir.Operation], outputs: list[ir.Value], linear_values: set[ir.Value]
) -> tuple[list[ir.Operation], list[ir.Value]]:
    """Operations to repeat in the linear part (operands first), and the known values to save for it."""
    remade: dict[ir.Operation, None] = {}
    residuals: dict[ir.Value, None] = {}

    def need(value: ir.Value) -> None:
        owner = value.owner
        if not isinstance(owner, ir.Block) and owner.operation.name in _REMADE:
            for operand in owner.operation.operands:
                need(operand)
            remade[owner.operation] = None
        else:
            residuals[value] = None

    for value in [operand for op in linear for operand in op.operands] + outputs:
        if value not in linear_values:
            need(value)
    return list(remade), list(residuals)


def _make(
    module: ir.Module,
    name: str,
    inputs: list[ir.Value],
    ops: list[ir.Operation],
    results: list[ir.Value],
    location: ir.Location,
) -> ir.Operation:
    """A private function of copies of `ops`."""
    types = [value.type for value in inputs], [value.type for value in results]
    function = functions.create(module, functions.unique_name(module, name), *types, body=False, location=location)

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        env = dict(zip(inputs, values, strict=True))
        for op in ops:
            functions.clone(op, env, b.ip)
        return [env[value] for value in results]

    return functions.fill(function, body)

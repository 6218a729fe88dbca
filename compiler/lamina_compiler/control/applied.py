"""Rules that the operations share which apply one function to all their operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import functions
from ..builder import Builder
from ..dependence import Flags, Flow, tangent_results
from ..errors import ClosedOver
from ..higher_order import Call
from ..mlir import ir
from ..opdef import OpError, Rule
from ..passes import derive
from ..types import TensorType, from_ir
from .scan_parts import chosen, others


def infer_from(attribute: str) -> Rule:
    """The result types of the function that an attribute names."""

    def infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
        function = call.function(attribute)
        inputs, results = ([from_ir(t) for t in part] for part in functions.signature(function))
        if inputs != list(types):
            raise OpError(f"'{functions.symbol(function)}' takes {inputs}, but is given {list(types)}")
        return results

    return infer


def execute(attribute: str) -> Rule:
    """Run the function that an attribute names."""

    def rule(call: Call, prepare: Callable[[ir.Operation], Any]) -> Any:
        return prepare(call.function(attribute))

    return rule


def dependent(attribute: str) -> Rule:
    """What depends on the operands through the function that an attribute names."""

    def rule(call: Call, flags: Flags, flow: Flow) -> list[bool]:
        return flow(call.module, call.function(attribute), flags)

    return rule


def linear_last(
    module: ir.Module, function: ir.Operation, linear: Flags, outputs: Sequence[int], location: ir.Location
) -> ir.Operation:
    """The function with its linear inputs last, and with some of its results only: ready to be transposed."""
    types = functions.signature(function)[0]
    known_count = len(types) - sum(linear)

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        known, moving = iter(values[:known_count]), iter(values[known_count:])
        out = functions.call(b, function, [next(moving) if flag else next(known) for flag in linear])
        return [out[i] for i in outputs]

    inputs = [*others(types, linear), *chosen(types, linear)]
    return functions.adapted(module, f"{functions.symbol(function)}.map", inputs, location, body)


def inlined_partition(attribute: str) -> Rule:
    """Where a custom rule is of no use any more (inside a linear function), what it stands for."""

    def rule(b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags) -> tuple[list[ir.Value], list[bool]]:
        function = call.function(attribute)
        derive.flatten(call.module, function)
        results = functions.inlined(function, operands, b.ip)
        from ..dependence import dependent_results

        return results, dependent_results(call.module, function, linear)

    return rule


def mapped_again(*attributes: str) -> Rule:
    """The same operation on mapped functions, all of which take the operands."""

    def rule(
        b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Any
    ) -> tuple[list[ir.Value], list[bool]]:
        from ..dependence import mapped_over

        base = call.function(attributes[0])
        results = mapped_over(batch.name)(call.module, base, batched)
        changes = {}
        for attribute in attributes:
            function = derive.declare_vmap(call.module, call.function(attribute), batched, batch, results)
            derive.flatten(call.module, function)
            changes[attribute] = functions.symbol(function)
        return call.emit(b, operands, **changes), results

    return rule


def check_captures(call: Call, tangents: Sequence[ir.Value | None]) -> None:
    """ClosedOver if the primal depends on a captured operand (these are last) with a tangent: the rule ignores it."""
    first = len(tangents) - call.details["captures"]
    marks = [i >= first and tangent is not None for i, tangent in enumerate(tangents)]
    if any(marks) and any(tangent_results(call.module, call.function("primal"), marks)):
        raise ClosedOver(call.record.name, call.location)

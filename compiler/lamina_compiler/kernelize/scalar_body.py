"""The body of a linalg.generic, read once: it is evaluated at very many points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .. import functions
from ..mlir import ir
from .record import PRICES, PRODUCTS, Record, Value

COMBINERS = {  # reductions that may be reassociated: name for vector.reduction
    "arith.addf": "add", "arith.mulf": "mul", "arith.maximumf": "maximumf", "arith.minimumf": "minimumf",
    "arith.addi": "add", "arith.muli": "mul", "arith.andi": "and", "arith.ori": "or", "arith.xori": "xor",
    "arith.maxsi": "maxsi", "arith.minsi": "minsi", "arith.maxui": "maxui", "arith.minui": "minui",
}  # fmt: skip


def neutral(combiner: str, type: ir.Type) -> ir.Attribute:
    """The number that combined with another one gives that one."""
    name = combiner.removeprefix("arith.")
    if isinstance(type, ir.FloatType):
        values = {"addf": -0.0, "mulf": 1.0, "maximumf": -math.inf, "minimumf": math.inf}
        return ir.FloatAttr.get(type, values[name])
    bits = type.width  # type: ignore[attr-defined]
    top = 1 << (bits - 1)
    integers = {"addi": 0, "ori": 0, "xori": 0, "maxui": 0, "muli": 1, "andi": -1, "minui": -1, "maxsi": -top,
                "minsi": top - 1}  # fmt: skip
    return ir.IntegerAttr.get(type, integers[name] if bits > 1 else integers[name] & 1)


_CONSTANTS = ("arith.constant", "complex.constant")


class Step(NamedTuple):
    """One operation; operands are places in the list of values: arguments, results of steps, or (< 0) captures."""

    name: str
    operands: tuple[int, ...]
    element: str
    attributes: dict[str, ir.Attribute]


class ScalarBody:
    """Steps from arguments to results, those of called functions among them; `captures` are values from outside."""

    def __init__(self, block: ir.Block):
        places: dict[ir.Value, int] = {argument: i for i, argument in enumerate(block.arguments)}
        self.arguments = len(places)
        self.captures: list[ir.Value] = []
        self.steps: list[Step] = []

        def place(value: ir.Value) -> int:
            if value not in places:
                self.captures.append(value)
                places[value] = -len(self.captures)
            return places[value]

        self.has_loops = False  # which have no form as steps

        def read(block: ir.Block) -> tuple[int, ...]:
            *operations, terminator = [op.operation for op in block.operations]
            for op in operations:
                if op.name == "func.call":
                    callee = functions.called(op)
                    places.update(zip(functions.arguments(callee), map(place, op.operands), strict=True))
                    places.update(zip(op.results, read(functions.block(callee)), strict=True))
                elif op.name not in _CONSTANTS:
                    self.has_loops |= len(op.regions) > 0
                    operands = tuple(place(x) for x in op.operands)
                    attributes = {name: op.attributes[name] for name in op.attributes}
                    # the lower half of a long product is a plain one
                    names = ("arith.muli", op.name) if op.name in PRODUCTS else (op.name,)
                    for name, result in zip(names, op.results, strict=False):
                        self.steps.append(Step(name, operands, str(result.type), attributes))
                        places[result] = self.arguments + len(self.steps) - 1
            return tuple(place(x) for x in terminator.operands)

        self.results = read(block)
        self.used = {i for step in self.steps for i in step.operands} | set(self.results)
        self.price = sum(PRICES.get(step.name, 1) for step in self.steps)
        self._sum, self._product = self._multiply_add()

    def combiner(self, accumulator: int) -> Step | None:
        """The last step, if it combines the argument at that place with something, in an order that does not matter."""
        if len(self.results) != 1 or not self.steps:
            return None
        last = self.results[0] - self.arguments
        if last < 0 or self.steps[last].name not in COMBINERS:
            return None
        uses = [i for step in self.steps for i in step.operands].count(accumulator)
        return self.steps[last] if uses == 1 and accumulator in self.steps[last].operands else None

    def evaluate(
        self,
        record: Record,
        arguments: Sequence[Value | None],
        captured: Callable[[ir.Value], Any],
        special: Callable[[Step, list[Any]], Value | None],
    ) -> list[Value]:
        """The results for these arguments; `special` writes steps that are not lane by lane."""
        outside = [captured(value) for value in self.captures]
        values: list[Any] = list(arguments)
        for i, step in enumerate(self.steps):
            operands = [values[p] if p >= 0 else outside[-p - 1] for p in step.operands]
            if i == self._product:
                values.append(operands)  # not a value, but what is to be multiplied
            elif i == self._sum:
                factors, total = values[self.arguments + self._product], values[self.arguments - 1]
                values.append(record.apply("math.fma", [*factors, total], step.element))
            else:
                value = special(step, operands)
                if value is None:
                    value = record.apply(step.name, operands, step.element, step.attributes)
                values.append(value)
        return [values[p] if p >= 0 else outside[-p - 1] for p in self.results]

    def _multiply_add(self) -> tuple[int, int]:
        """Steps that are a product and its sum with the last argument, a running sum: one rounding will do. Else -1."""
        accumulator = self.arguments - 1
        for i, step in enumerate(self.steps):
            if step.name == "arith.addf" and accumulator in step.operands and step.element in ("f32", "f64"):
                other = next((p for p in step.operands if p != accumulator), accumulator) - self.arguments
                uses = [p for s in self.steps for p in s.operands].count(other + self.arguments)
                if other >= 0 and self.steps[other].name == "arith.mulf" and uses == 1:
                    return i, other
        return -1, -1

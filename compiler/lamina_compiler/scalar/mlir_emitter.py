"""Emission of scalar code as MLIR operations at the current insertion point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina_compiler.mlir import ir

from .value import TYPES, Emitter, Value

_PREDICATES = {
    "arith.cmpi": {"eq": 0, "ne": 1, "slt": 2, "sle": 3, "sgt": 4, "sge": 5, "ult": 6, "ule": 7, "ugt": 8, "uge": 9},
    "arith.cmpf": {"oeq": 1, "ogt": 2, "oge": 3, "olt": 4, "ole": 5, "une": 13},
}


class MlirEmitter(Emitter):
    """Appends operations to one block; identical operations and constants come out once.

    Use one emitter per block, with the insertion point inside that block for its whole life:

    >>> with ir.InsertionPoint(block), ir.Location.unknown():
    ...     emitter = MlirEmitter()
    ...     result = scalar.sin(emitter.argument(block.arguments[0], "f32"))
    ...     linalg_yield(emitter.payload(result))
    """

    def __init__(self, has_f64: bool = True, has_fma: bool = True, lanes: int = 0) -> None:
        """`lanes`: the values are vectors of as many elements, if not 0."""
        super().__init__(has_f64, has_fma)
        self._lanes = lanes
        self._emitted: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        self._types: dict[str, ir.Type] = {}
        self._i64 = ir.IntegerType.get_signless(64)

    def _type(self, name: str) -> ir.Type:
        text = TYPES[name].mlir
        if text not in self._types:
            self._types[text] = ir.Type.parse(f"vector<{self._lanes}x{text}>" if self._lanes else text)
        return self._types[text]

    def _emit(
        self, key: Any, name: str, operands: list[Any], results: list[ir.Type], attributes: dict[str, Any]
    ) -> tuple[Any, ...]:
        key = (name, key, *operands, *results)
        if key not in self._emitted:
            operation = ir.Operation.create(name, results, operands, attributes)
            self._emitted[key] = tuple(operation.results)
        return self._emitted[key]

    def constant(self, value: Any, type: str) -> Value:
        element, result_type = TYPES[type], self._type(type)
        scalar_type = ir.VectorType(result_type).element_type if self._lanes else result_type
        with np.errstate(over="ignore"):
            if element.kind == "float":
                number = element.dtype.type(value)
                attribute = ir.FloatAttr.get(scalar_type, float(number))
                key = number.tobytes()  # bits, so that -0.0 and NaN stay themselves
            elif element.kind == "bool":
                key = bool(value)
                attribute = ir.BoolAttr.get(key)
            else:
                key = int(value) & ((1 << element.width) - 1)
                key -= (key >> (element.width - 1)) << element.width
                attribute = ir.IntegerAttr.get(scalar_type, key)
        if self._lanes:
            attribute = ir.DenseElementsAttr.get_splat(result_type, attribute)
        (result,) = self._emit(key, "arith.constant", [], [result_type], {"value": attribute})
        return Value(self, type, result)

    def operation(self, name: str, operands: tuple[Value, ...], type: str, predicate: str = "") -> Value:
        attributes = {}
        if predicate:
            attributes["predicate"] = ir.IntegerAttr.get(self._i64, _PREDICATES[name][predicate])
        payloads = [v.payload for v in operands]
        (result,) = self._emit(predicate, name, payloads, [self._type(type)], attributes)
        return Value(self, type, result)

    def operation_pair(self, name: str, operands: tuple[Value, ...], type: str) -> tuple[Value, Value]:
        low, high = self._emit("", name, [v.payload for v in operands], [self._type(type)] * 2, {})
        return Value(self, type, low), Value(self, type, high)

    def loop(
        self, condition: Callable[..., Value], body: Callable[..., Sequence[Value]], state: Sequence[Value]
    ) -> list[Value]:
        """scf.while; there is none of vectors."""
        assert not self._lanes
        types = [self._type(v.type) for v in state]
        loop = ir.Operation.create("scf.while", types, [v.payload for v in state], regions=2)

        def region(number: int, name: str, end: Callable[..., Sequence[Value]]) -> None:
            block = loop.regions[number].blocks.append(*types)
            outside = self._emitted
            self._emitted = dict(outside)  # what is emitted inside is unknown outside
            with ir.InsertionPoint(block):
                values = [Value(self, v.type, a) for v, a in zip(state, block.arguments, strict=True)]
                ir.Operation.create(name, [], [v.payload for v in end(*values)])
            self._emitted = outside

        region(0, "scf.condition", lambda *values: (condition(*values), *values))
        region(1, "scf.yield", body)
        return [Value(self, v.type, r) for v, r in zip(state, loop.results, strict=True)]

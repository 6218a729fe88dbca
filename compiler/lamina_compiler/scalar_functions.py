"""Functions of numbers in lowered modules: written once, called wherever an element is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import functions, scalar
from .mlir import ir
from .types import SHORT_NAME, signless_element

SCALAR = "lamina.scalar"  # on functions of numbers, which are called in the bodies of linalg operations


def is_scalar(function: ir.Operation) -> bool:
    return SCALAR in function.attributes


class ScalarFunctions:
    """Scalar functions of a module, each written down once as a func.func and inlined behind the kernels.

    An accurate sine is fifty operations: writing them from Python, and reading them in every pass, for every sine of a
    program would take most of the time.
    """

    _WORTH_A_CALL = 8  # operations

    def __init__(self, module: ir.Module, has_f64: bool):
        self.module = module
        self._has_f64 = has_f64
        self._found: dict[Any, tuple[str, list[ir.Type]] | None] = {}

    def emit(
        self, function: Callable[..., Any], operands: Sequence[ir.Value], dtypes: Sequence[np.dtype]
    ) -> Sequence[ir.Value]:
        """The operations at the current insertion point; gives the function's results."""
        names = [SHORT_NAME[dtype] for dtype in dtypes]
        # targets without f64 are those of SPIR-V, whose drivers do not promise a fused multiply-add either
        found = scalar.emit(function, operands, names, has_f64=self._has_f64, has_fma=self._has_f64)
        return found if isinstance(found, tuple) else (found,)

    def find(self, function: Callable[..., Any], dtypes: Sequence[np.dtype]) -> tuple[str, list[ir.Type]] | None:
        """Name and result types of the shared function; None where operations are few, or for a closure."""
        if getattr(function, "__closure__", None):
            return None
        key = (function, *dtypes)
        if key not in self._found:
            self._found[key] = self._define(function, dtypes)
        return self._found[key]

    def _define(self, function: Callable[..., Any], dtypes: Sequence[np.dtype]) -> tuple[str, list[ir.Type]] | None:
        types = [signless_element(dtype) for dtype in dtypes]
        base = getattr(function, "__name__", "scalar").strip("<>")
        wanted = f"{base}.{'.'.join(SHORT_NAME[dtype] for dtype in dtypes)}"
        name = functions.unique_name(self.module, wanted)
        definition = functions.create(self.module, name, types, [])
        with ir.InsertionPoint(functions.block(definition)), ir.Location.unknown():
            results = self.emit(function, functions.arguments(definition), dtypes)
        functions.append_return(definition, results)
        definition.attributes[SCALAR] = ir.UnitAttr.get()
        if len(functions.operations(definition)) <= self._WORTH_A_CALL:
            definition.erase()
            return None
        return name, [result.type for result in results]

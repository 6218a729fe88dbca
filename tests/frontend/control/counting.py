"""Counting instead of timing: what a traced program would execute."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import lamina as la
from lamina_compiler import functions, mlir
from lamina_compiler.higher_order import call_of
from lamina_compiler.mlir import ir
from lamina_compiler.opdef import is_lamina, lookup
from lamina_compiler.types import from_ir


def module_of(f: Callable[..., Any], *args: Any, stage: str = "simplify") -> ir.Module:
    mlir.enter()
    return ir.Module.parse(la.make_ir(f, *args, stage=stage))


def executed(module: ir.Module, name: str = "main") -> Counter[str]:
    """Elements that each op computes when a function runs; "multiply-adds" are those of products and contractions.

    Bodies of scans count as often as they run, of the branches of a choice the dearest counts.
    """
    total: Counter[str] = Counter()
    for op in functions.operations(functions.find(module, name))[:-1]:
        call = call_of(module, op)
        if call is not None:
            parts = [executed(module, functions.symbol(applied)) for applied in call.applied]
            times = call.details.get("length", 1)
            for key, count in max(parts, key=lambda part: part["multiply-adds"]).items():
                total[key] += times * count
        elif is_lamina(op):
            kind = op.name.removeprefix("lamina.")
            size = from_ir(op.results[0].type).size
            total[kind] += size
            if kind in ("mul", "div", "dot_general"):
                total["multiply-adds"] += size * _contracted(op)
    return total


def _contracted(op: ir.Operation) -> int:
    """Terms that are summed up in each element of a contraction; 1 for any other op."""
    if op.name != "lamina.dot_general":
        return 1
    axes = lookup(op.name).decode_attributes(op)["lhs_contracting"]
    return int(np.prod([from_ir(op.operands[0].type).shape[i] for i in axes]))


def multiply_adds(f: Callable[..., Any], *args: Any) -> int:
    return executed(module_of(f, *args))["multiply-adds"]


def largest_array(module: ir.Module) -> int:
    """Elements of the largest array in a program."""
    sizes = [
        from_ir(value.type).size
        for function in functions.functions(module)
        if functions.has_body(function)
        for op in functions.operations(function)
        for value in op.results
    ]
    return max(sizes)


def length_of(module: ir.Module) -> int:
    """Lines of the text of a program."""
    return str(module).count("\n")


def scans(module: ir.Module) -> list[Any]:
    """The scans that the main function calls, in order."""
    calls = [call_of(module, op) for op in functions.operations(functions.find(module, "main"))]
    return [call for call in calls if call is not None and call.record.name == "scan"]


def lowered_loops(f: Callable[..., Any], *args: Any) -> int:
    """The linalg ops of the lowered program: each is at most one dispatch."""
    return len(re.findall(r"= linalg\.", la.make_ir(f, *args, stage="linalg")))

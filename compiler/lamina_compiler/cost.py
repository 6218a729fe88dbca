"""How much a program of the lamina dialect computes: flops, transcendental functions, bytes."""

from __future__ import annotations

import math
from collections import Counter

from . import functions
from .higher_order import Call, call_of
from .mlir import ir
from .opdef import is_lamina, lookup
from .types import INEXACT, from_ir

_ELEMENTARY = ("transcendental", "power")  # families of ops that are approximated, not computed by one instruction


def of_module(module: ir.Module) -> dict[str, float]:
    """The cost of all public functions together: "flops", "transcendentals", "bytes accessed"."""
    total: Counter[str] = Counter()
    for function in functions.functions(module):
        if functions.has_body(function) and "sym_visibility" not in function.attributes:
            total.update(of_function(module, function))
    return {name: float(total[name]) for name in ("flops", "transcendentals", "bytes accessed")}


def of_function(module: ir.Module, function: ir.Operation) -> Counter[str]:
    """The cost of one call of a function."""
    total: Counter[str] = Counter()
    for op in functions.operations(function)[:-1]:
        if is_lamina(op):
            total.update(_of_op(op))
            continue
        call = call_of(module, op)
        if call is None:
            callee = functions.find(module, op.attributes["callee"].value)  # type: ignore[attr-defined]
            total.update(of_function(module, callee) if functions.has_body(callee) else {})
        else:
            total.update(_of_call(module, call))
    return total


def _of_call(module: ir.Module, call: Call) -> Counter[str]:
    """A loop's body as often as it runs; the most expensive branch."""
    each = [of_function(module, applied) for applied in call.applied]
    if call.record.name == "cond":
        return max(each, key=lambda cost: cost["flops"])
    times = call.details.get("length", 1)
    total: Counter[str] = Counter()
    for cost in each:
        total.update({name: times * amount for name, amount in cost.items()})
    return total


def _of_op(op: ir.Operation) -> dict[str, int]:
    record, result = lookup(op.name), from_ir(op.results[0].type)
    moved = sum(from_ir(x.type).nbytes for x in (*op.operands, *op.results))
    if record.name == "constant":
        return {}
    if record.name == "dot_general":
        x = from_ir(op.operands[0].type)
        contracted = math.prod(x.shape[d] for d in record.decode_attributes(op)["lhs_contracting"])
        return {"flops": 2 * result.size * contracted, "bytes accessed": moved}
    if record.family == "reduce":
        return {"flops": from_ir(op.operands[0].type).size, "bytes accessed": moved}
    if record.scalar is None or not any(from_ir(x.type).dtype in INEXACT for x in op.operands):
        return {"bytes accessed": moved}
    kind = "transcendentals" if record.family in _ELEMENTARY else "flops"
    return {kind: result.size, "bytes accessed": moved}

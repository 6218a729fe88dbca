"""lamina-lower: every lamina op by its lowering rule; functions on signless types. Nothing of lamina is left.

The functions that loops and branches apply become the bodies of scf operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import functions, host_calls, legality, targeting
from ..errors import MissingRule
from ..higher_order import call_of, is_declaration, view
from ..kernels.kernel import is_dispatch, is_kernel
from ..linalg_builder import LinalgBuilder
from ..mlir import ir, run_passes
from ..opdef import ByReference, KernelOrReference, OpDef, Rule, is_lamina, lookup
from ..scalar_functions import ScalarFunctions
from ..types import TensorType, from_ir, signless
from . import separate, split


def lower(module: ir.Module, function: ir.Operation, scalars: ScalarFunctions) -> None:
    """Replace a function by its lowered form under the same name."""
    name = functions.symbol(function)
    inputs, results = ([signless(from_ir(type)) for type in types] for types in functions.signature(function))
    public = "sym_visibility" not in function.attributes
    function.attributes["sym_name"] = ir.StringAttr.get(f"{name}.lamina")
    lowered = functions.create(module, name, inputs, results, public=public, location=function.location)
    lw = LinalgBuilder(ir.InsertionPoint(functions.block(lowered)), function.location, scalars)
    functions.append_return(lowered, lower_body(lw, module, function, functions.arguments(lowered)))
    function.erase()


def lower_body(
    lw: LinalgBuilder, module: ir.Module, function: ir.Operation, arguments: Sequence[ir.Value]
) -> list[ir.Value]:
    """Append what a function computes from `arguments`; gives its results."""
    env = dict(zip(functions.arguments(function), arguments, strict=True))
    *ops, terminator = functions.operations(function)
    for op in ops:
        lw.loc = op.location
        env.update(zip(op.results, _lower_op(lw, module, op, [env[operand] for operand in op.operands]), strict=True))
    return [env[value] for value in terminator.operands]


def _lower_op(lw: LinalgBuilder, module: ir.Module, op: ir.Operation, operands: list[ir.Value]) -> Sequence[ir.Value]:
    if is_lamina(op):
        record = lookup(op.name)
        types = [from_ir(operand.type) for operand in op.operands]
        results = [from_ir(result.type) for result in op.results]
        attributes = record.decode_attributes(op)
        rule = _rule(record, module, types, attributes)
        if isinstance(rule, ByReference):
            return host_calls.call_reference(lw, record, operands, types, results, attributes)
        return record.several(rule(lw, operands, types, record.packed(results), **attributes))
    call = call_of(module, op)
    if call is None or call.record.lower is None:
        raise MissingRule(f"no lowering for '{op.name}'", op.location)
    return call.record.lower(lw, call, operands, lower_body)


def _rule(
    record: OpDef, module: ir.Module, types: Sequence[TensorType], attributes: Mapping[str, Any]
) -> Rule | ByReference:
    """How an op is lowered for the target of the module."""
    rule = record.lower
    if not isinstance(rule, KernelOrReference):
        return rule
    by_reference = targeting.has_host(module) and (
        not targeting.has_vectors(module) or rule.prefers_reference(*types, **attributes)
    )
    return ByReference() if by_reference else rule.kernel


def run(module: ir.Module) -> None:
    """Lower every function. NoFloat64 if the target has none and needs it."""
    has_f64 = targeting.has_f64(module)
    if not has_f64:
        legality.check_no_f64(module)
    scalars = ScalarFunctions(module, has_f64)
    applied = _applied(module)
    for function in list(functions.functions(module)):
        if functions.has_body(function) and not is_kernel(function) and functions.symbol(function) not in applied:
            lower(module, function, scalars)
    for function in list(functions.functions(module)):
        declared = not (functions.has_body(function) or host_calls.is_declaration(function) or is_dispatch(function))
        if declared or functions.symbol(function) in applied:
            function.erase()
    run_passes(module.operation, "canonicalize,cse,symbol-dce")
    separate.run(module)
    split.run(module)


def _applied(module: ir.Module) -> set[str]:
    """Names of the functions that higher-order operations apply."""
    calls = [view(module, f) for f in functions.functions(module) if is_declaration(f)]
    return {functions.symbol(applied) for call in calls for applied in call.applied}

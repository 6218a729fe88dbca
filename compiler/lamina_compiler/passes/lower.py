"""lamina-lower: every lamina op by its lowering rule; functions on signless types. Nothing of lamina is left."""

from __future__ import annotations

from .. import functions, legality
from ..linalg_builder import LinalgBuilder, ScalarFunctions, signless
from ..mlir import ir, run_passes
from ..opdef import is_lamina, lookup
from ..types import from_ir

NO_F64 = "lamina.no_f64"  # on the module: the target has no f64 arithmetic


def lower(module: ir.Module, function: ir.Operation, scalars: ScalarFunctions) -> None:
    """Replace a function by its lowered form under the same name."""
    name = functions.symbol(function)
    inputs, results = ([signless(from_ir(type)) for type in types] for types in functions.signature(function))
    public = "sym_visibility" not in function.attributes
    function.attributes["sym_name"] = ir.StringAttr.get(f"{name}.lamina")
    lowered = functions.create(module, name, inputs, results, public=public, location=function.location)
    env = dict(zip(functions.arguments(function), functions.arguments(lowered), strict=True))
    lw = LinalgBuilder(ir.InsertionPoint(functions.block(lowered)), function.location, scalars)
    *ops, terminator = functions.operations(function)
    for op in ops:
        lw.loc = op.location
        if is_lamina(op):
            env[op.results[0]] = _lower_op(lw, op, env)
        else:
            functions.clone(op, env, lw.ip)
    functions.append_return(lowered, [env[value] for value in terminator.operands])
    function.erase()


def _lower_op(lw: LinalgBuilder, op: ir.Operation, env: functions.Env) -> ir.Value:
    record = lookup(op.name)
    types = [from_ir(operand.type) for operand in op.operands]
    result = from_ir(op.results[0].type)
    return record.lower(lw, [env[operand] for operand in op.operands], types, result, **record.decode_attributes(op))


def run(module: ir.Module) -> None:
    """Lower every function, then inline the shared scalar functions. NoFloat64 if the target has none and needs it."""
    has_f64 = NO_F64 not in module.operation.attributes
    if not has_f64:
        legality.check_no_f64(module)
    scalars = ScalarFunctions(module, has_f64)
    for function in list(functions.functions(module)):
        if functions.has_body(function):
            lower(module, function, scalars)
    run_passes(module.operation, "inline,canonicalize,cse,symbol-dce")

"""lamina-simplify: algebra, folding of constants, shape ops that cancel, transposes into dots; dead code and CSE.

Each function is rebuilt once, op by op; a rule sees the already simplified operands and may look at what defines them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import functions
from ..builder import Builder
from ..higher_order import call_of
from ..mlir import ir, run_passes
from ..opdef import OpDef, is_lamina, lookup
from ..types import COMPLEX, KEY, TensorType, from_ir
from .derive import tidy
from .simplify_rules import RULES, definition, splat

_FOLD_LIMIT = 1024  # elements: larger results stay computed at run time


def simplify(module: ir.Module, function: ir.Operation) -> None:
    """Rewrite a function in place."""
    operations = functions.operations(function)
    b = Builder(ir.InsertionPoint(operations[0]), function.location)
    for op in operations:
        if not is_lamina(op) or len(op.results) != 1:
            continue
        b.ip, b.loc = ir.InsertionPoint(op), op.location
        replacement, again = None, _simplified(b, op)
        while again is not None:  # what a rule makes may be simplified further
            replacement, owner = again, again.owner
            again = (
                None
                if isinstance(owner, ir.Block) or not is_lamina(owner.operation)
                else _simplified(b, owner.operation)
            )
        if replacement is not None:
            op.results[0].replace_all_uses_with(replacement)
            op.erase()
    tidy(module, function)
    while _simplify_calls(module, function):
        tidy(module, function)


def _simplify_calls(module: ir.Module, function: ir.Operation) -> bool:
    """Whether a call of the function had a simpler form, and has it now."""
    changed = [_simplify_call(module, op) for op in functions.operations(function) if op.name == "func.call"]
    return any(changed)


def _simplify_call(module: ir.Module, op: ir.Operation) -> bool:
    """Replace a call of a higher-order operation by a simpler form if there is one."""
    call = call_of(module, op)
    if call is None or call.record.simplify is None:
        return False
    for applied in call.applied:
        simplify(module, applied)
    b = Builder(ir.InsertionPoint(op), op.location)
    used = [next(iter(result.uses), None) is not None for result in op.results]
    results = call.record.simplify(b, call, list(op.operands), used)
    if results is None:
        return False
    for old, new in zip(op.results, results, strict=True):
        if new is not None:
            old.replace_all_uses_with(new)
    op.erase()
    return True


def _simplified(b: Builder, op: ir.Operation) -> ir.Value | None:
    """A value to use instead of an op's result, or None."""
    record = lookup(op.name)
    operands = list(op.operands)
    rule = RULES.get(record.name)
    if rule is None and not operands:
        return None
    attributes = record.decode_attributes(op)
    type = from_ir(op.results[0].type)
    if rule is not None:
        replacement = rule(b, operands, type, attributes)
        if replacement is not None:
            return replacement
    if record.commutative and _comes_after(*operands):
        return b.emit(record, *operands[::-1], **attributes)
    return _folded(b, record, operands, type, attributes)


def _comes_after(x: ir.Value, y: ir.Value) -> bool:
    """Whether x is made after y; constants come last. CSE finds x + y and y + x to be one where they have one order."""
    constants = [definition(value, "constant") is not None for value in (x, y)]
    if constants[0] != constants[1]:
        return constants[0]
    if isinstance(x.owner, ir.Block) or isinstance(y.owner, ir.Block):
        if not (isinstance(x.owner, ir.Block) and isinstance(y.owner, ir.Block)):
            return isinstance(y.owner, ir.Block)
        return ir.BlockArgument(x).arg_number > ir.BlockArgument(y).arg_number
    return y.owner.operation != x.owner.operation and y.owner.operation.is_before_in_block(x.owner.operation)


def _folded(
    b: Builder, record: OpDef, operands: list[ir.Value], type: TensorType, attributes: dict[str, Any]
) -> ir.Value | None:
    """The result as a constant if all operands are constants."""
    if not operands or type.dtype in COMPLEX | KEY or type.dtype.name == "bfloat16":
        return None
    if type.size > _FOLD_LIMIT and record.scalar is None:
        return None
    owners = [definition(operand, "constant") for operand in operands]
    if not all(owners):
        return None
    if type.size > _FOLD_LIMIT:  # elementwise on splats: fold one element
        numbers = [splat(operand) for operand in operands]
        if any(number is None for number in numbers):
            return None
        arrays = [np.asarray(n).astype(from_ir(v.type).dtype) for n, v in zip(numbers, operands, strict=True)]
        return b.full(type, record.evaluate(arrays, attributes)[0].item())
    constant = lookup("lamina.constant")
    arrays = [constant.decode_attributes(owner)["value"] for owner in owners if owner is not None]
    return b.constant_array(record.evaluate(arrays, attributes)[0])


@functions.indexed
def _simplify_all(module: ir.Module) -> None:
    for function in list(functions.functions(module)):
        if functions.has_body(function):
            simplify(module, function)


def run(module: ir.Module) -> None:
    """Simplify every function that has a body; those that nothing uses any more are dropped."""
    _simplify_all(module)
    run_passes(module.operation, "symbol-dce")

"""lamina-hoist: computes before a loop what is the same in all its iterations, or one product for all.

* What a scan or a while loop computes of nothing but what it does not change is computed once. What makes large arrays
  of little, broadcasts above all, stays: it costs less than reading the array.
* Products of slices of a scan and matrices become one product before it, whose rows are slices.
* A sum of products that a scan carries becomes one product after it.
* A loop of known length is a scan, rows that it reads one after the other are slices: all this goes for them, too.

Inner loops come first, so that what leaves them may leave the outer ones too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .. import functions
from ..builder import Builder
from ..control.scan_counters import counted_slices
from ..higher_order import Call, call_of, has_effects
from ..hoist.counted import counted_while
from ..hoist.invariants import invariants_before
from ..hoist.slices import products_before
from ..hoist.sums import sums_after
from ..mlir import ir, run_passes
from .fuse import fuse

Rule = Callable[[Builder, Call, Sequence[ir.Value]], Sequence[ir.Value] | None]  # results of a loop with less in it


def _slices_along(b: Builder, call: Call, operands: Sequence[ir.Value]) -> Sequence[ir.Value] | None:
    """The results of a scan that goes along the arrays it reads slices of, or None."""
    return counted_slices(b, call, operands, leading=True) if call.record.name == "scan" else None


_RULES: tuple[Rule, ...] = (counted_while, _slices_along, invariants_before, products_before, sums_after)


def hoist(module: ir.Module, function: ir.Operation) -> None:
    """Rewrite a function, and the functions that its loops apply, in place."""
    for op in functions.operations(function):
        call = call_of(module, op)
        for applied in call.applied if call is not None else ():
            hoist(module, applied)
    for rule in _RULES:
        changed = [_apply(module, op, rule) for op in functions.operations(function)]
        if any(changed):
            fuse(module, function)  # and remove what the loops no longer need


def _apply(module: ir.Module, op: ir.Operation, rule: Rule) -> bool:
    """Whether a rule found a better form of the call that an operation is, which is there now."""
    call = call_of(module, op)
    if call is None or has_effects(module, call.declaration):
        return False
    results = rule(Builder(ir.InsertionPoint(op), op.location), call, list(op.operands))
    if results is None:
        return False
    functions.replace(op, results)
    return True


@functions.indexed
def _hoist_all(module: ir.Module) -> None:
    for function in list(functions.functions(module)):
        if functions.has_body(function) and "sym_visibility" not in function.attributes:
            hoist(module, function)


def run(module: ir.Module) -> None:
    """Apply to every public function and what it calls; functions that nothing uses any more are dropped."""
    _hoist_all(module)
    run_passes(module.operation, "symbol-dce")

"""lamina-inline: replaces calls by the bodies of the called functions, which get their own calls inlined first.

Calls of higher-order operations (loops, branches) stay, the functions they apply get theirs inlined. `final` also
replaces custom derivatives and checkpoints, which nothing differentiates any more, by what they compute.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import functions
from ..errors import PassError
from ..higher_order import Call, call_of
from ..mlir import ir, run_passes

Resolve = Callable[[ir.Module, ir.Operation], None]


def inline(
    module: ir.Module,
    function: ir.Operation,
    prepare: Resolve | None = None,
    callers: tuple[str, ...] = (),
    *,
    final: bool = False,
) -> None:
    """Inline all calls in a function. `prepare` is applied to a called function first (derive gives it its body).

    Raises PassError if a function calls itself, directly or through others.
    """
    callers = (*callers, functions.symbol(function))
    for op in functions.operations(function):
        if op.name != "func.call":
            continue
        call = call_of(module, op)
        for callee in _callees(module, op, call, final):
            if functions.symbol(callee) in callers:
                raise PassError(f"'{functions.symbol(callee)}' calls itself, which cannot be compiled", op.location)
            if prepare is not None:
                prepare(module, callee)
            if not functions.has_body(callee):
                continue
            inline(module, callee, prepare, callers, final=final)
            if call is None or (final and call.record.inlined):
                _inline_call(op, callee)


def _callees(module: ir.Module, op: ir.Operation, call: Call | None, final: bool) -> list[ir.Operation]:
    if call is None:
        return [functions.find(module, op.attributes["callee"].value)]  # type: ignore[attr-defined]
    return [call.function(call.record.inlined)] if final and call.record.inlined else call.applied


def _inline_call(op: ir.Operation, callee: ir.Operation) -> None:
    functions.replace(op, functions.inlined(callee, list(op.operands), ir.InsertionPoint(op)))


def run(module: ir.Module) -> None:
    """Inline everywhere, then drop private functions that nothing calls any more."""
    for function in list(functions.functions(module)):
        if functions.has_body(function):
            inline(module, function, final=True)
    run_passes(module.operation, "symbol-dce")

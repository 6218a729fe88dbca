"""lamina-inline: replaces calls by the bodies of the called functions, which get their own calls inlined first."""

from __future__ import annotations

from collections.abc import Callable

from .. import functions
from ..mlir import ir

Resolve = Callable[[ir.Module, ir.Operation], None]


def inline(module: ir.Module, function: ir.Operation, prepare: Resolve | None = None) -> None:
    """Inline all calls in a function. `prepare` is applied to a called function first (derive gives it its body)."""
    for op in functions.operations(function):
        if op.name != "func.call":
            continue
        callee = functions.find(module, op.attributes["callee"].value)  # type: ignore[attr-defined]
        if prepare is not None:
            prepare(module, callee)
        if not functions.has_body(callee):
            continue
        inline(module, callee, prepare)
        _inline_call(op, callee)


def _inline_call(op: ir.Operation, callee: ir.Operation) -> None:
    env = dict(zip(functions.arguments(callee), op.operands, strict=True))
    ip = ir.InsertionPoint(op)
    *body, terminator = functions.operations(callee)
    for inner in body:
        functions.clone(inner, env, ip)
    for result, value in zip(op.results, terminator.operands, strict=True):
        result.replace_all_uses_with(env[value])
    op.erase()


def run(module: ir.Module) -> None:
    """Inline everywhere, then drop private functions that nothing calls any more."""
    from ..mlir import run_passes

    for function in list(functions.functions(module)):
        if functions.has_body(function):
            inline(module, function)
    run_passes(module.operation, "symbol-dce")

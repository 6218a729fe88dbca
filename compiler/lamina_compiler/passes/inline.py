"""lamina-inline: replaces calls by the bodies of the called functions, which get their own calls inlined first."""

from __future__ import annotations

from collections.abc import Callable

from .. import functions
from ..errors import PassError
from ..mlir import ir, run_passes

Resolve = Callable[[ir.Module, ir.Operation], None]


def inline(
    module: ir.Module, function: ir.Operation, prepare: Resolve | None = None, callers: tuple[str, ...] = ()
) -> None:
    """Inline all calls in a function. `prepare` is applied to a called function first (derive gives it its body).

    Raises PassError if a function calls itself, directly or through others.
    """
    callers = (*callers, functions.symbol(function))
    for op in functions.operations(function):
        if op.name != "func.call":
            continue
        callee = functions.find(module, op.attributes["callee"].value)  # type: ignore[attr-defined]
        if functions.symbol(callee) in callers:
            raise PassError(f"'{functions.symbol(callee)}' calls itself, which cannot be compiled", op.location)
        if prepare is not None:
            prepare(module, callee)
        if not functions.has_body(callee):
            continue
        inline(module, callee, prepare, callers)
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
    for function in list(functions.functions(module)):
        if functions.has_body(function):
            inline(module, function)
    run_passes(module.operation, "symbol-dce")

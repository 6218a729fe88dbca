"""lamina-derive: gives every declared derived function its body, innermost first.

A derived function is a private declaration whose `lamina.derive` attribute says how it follows from another function.
Before a function is transformed, what it calls is derived and inlined, so each transformation sees plain ops.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import functions
from ..attributes import INT, INTS
from ..builder import Builder
from ..mlir import ir, run_passes
from ..types import from_ir
from .differentiate import differentiate, jvp_signature
from .inline import inline
from .linearize import Linearized, linearize
from .transpose import transpose
from .vectorize import vectorize, vmap_signature

ATTRIBUTE = "lamina.derive"


# ---- declarations ---------------------------------------------------------------------------------------------------


def declare_jvp(module: ir.Module, of: ir.Operation, argnums: Sequence[int]) -> ir.Operation:
    """``(*inputs, *tangents) -> (*results, *result tangents)``."""
    types = jvp_signature(*functions.signature(of), argnums)
    return _declare(module, of, "jvp", types, {"argnums": INTS.encode(argnums)})


def declare_vjp(module: ir.Module, of: ir.Operation, argnums: Sequence[int], outputs: Sequence[int]) -> ir.Operation:
    """``(*inputs, *cotangents of outputs) -> (*results, *gradients of argnums)``."""
    inputs, results = functions.signature(of)
    types = [*inputs, *(results[i] for i in outputs)], [*results, *(inputs[i] for i in argnums)]
    return _declare(module, of, "vjp", types, {"argnums": INTS.encode(argnums), "outputs": INTS.encode(outputs)})


def declare_vmap(module: ir.Module, of: ir.Operation, batched: Sequence[bool], size: int) -> ir.Operation:
    """The function with a leading batch dimension on the marked inputs and on the results that depend on them."""
    types = vmap_signature(of, batched, size)
    return _declare(
        module, of, "vmap", types, {"batched": INTS.encode([int(flag) for flag in batched]), "size": INT.encode(size)}
    )


def declare_transpose(module: ir.Module, of: ir.Operation, linear: int) -> ir.Operation:
    """``(*known, *cotangents) -> (*cotangents of the last `linear` inputs)``."""
    inputs, results = functions.signature(of)
    known = len(inputs) - linear
    return _declare(module, of, "transpose", ([*inputs[:known], *results], inputs[known:]), {"linear": INT.encode(linear)})


def _declare(
    module: ir.Module,
    of: ir.Operation,
    kind: str,
    types: tuple[list[ir.Type], list[ir.Type]],
    details: Mapping[str, ir.Attribute],
) -> ir.Operation:
    name = functions.unique_name(module, f"{functions.symbol(of)}.{kind}")
    declaration = functions.create(module, name, *types, body=False, location=of.location)
    declaration.attributes[ATTRIBUTE] = ir.DictAttr.get(
        {"kind": ir.StringAttr.get(kind), "of": ir.FlatSymbolRefAttr.get(functions.symbol(of)), **details}
    )
    return declaration


# ---- bodies ---------------------------------------------------------------------------------------------------------


def materialize(module: ir.Module, function: ir.Operation) -> None:
    """Give a declared derived function its body, after those it depends on. Does nothing to any other function."""
    if ATTRIBUTE not in function.attributes:
        return
    details: Any = function.attributes[ATTRIBUTE]
    del function.attributes[ATTRIBUTE]
    base = functions.find(module, details["of"].value)
    flatten(module, base)
    _KINDS[details["kind"].value](module, base, function, details)


def flatten(module: ir.Module, function: ir.Operation) -> None:
    """Derive and inline everything a function calls."""
    materialize(module, function)
    inline(module, function, materialize)


def _jvp(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    differentiate(base, derived, INTS.decode(details["argnums"]))


def _vmap(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    vectorize(base, derived, [bool(flag) for flag in INTS.decode(details["batched"])], INT.decode(details["size"]))


def _transpose(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    transpose(base, derived, INT.decode(details["linear"]))


def linearized(
    module: ir.Module, of: ir.Operation, argnums: Sequence[int], outputs: Sequence[int]
) -> Linearized:
    """JVP of a function, cleaned up, and split (see linearize.py); tangents of the given differentiable outputs only."""
    flatten(module, of)
    jvp = declare_jvp(module, of, argnums)
    materialize(module, jvp)
    tidy(jvp)
    inputs, results = functions.signature(of)
    differentiable = [i for i, type in enumerate(results) if from_ir(type).differentiable]
    wanted = [differentiable.index(i) for i in outputs]
    split = linearize(module, jvp, len(inputs), len(results), wanted, functions.symbol(of))
    jvp.erase()
    return split


def _vjp(module: ir.Module, base: ir.Operation, derived: ir.Operation, details: Any) -> None:
    """Forward part, then the transpose of the linear part."""
    argnums, outputs = INTS.decode(details["argnums"]), INTS.decode(details["outputs"])
    split = linearized(module, base, argnums, outputs)
    backward = declare_transpose(module, split.linear, len(argnums))
    materialize(module, backward)
    inputs, results = functions.signature(base)

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        forward = functions.call(b, split.forward, values[: len(inputs)])
        residuals, cotangents = forward[len(results) :], values[len(inputs) :]
        return [*forward[: len(results)], *functions.call(b, backward, [*residuals, *cotangents])]

    functions.fill(derived, body)
    inline(module, derived)
    for part in (split.forward, split.linear, backward):
        part.erase()
    tidy(derived)


def tidy(function: ir.Operation) -> None:
    """Upstream CSE, which also drops dead pure ops."""
    run_passes(function, "cse", anchor="func.func")


_KINDS: dict[str, Callable[[ir.Module, ir.Operation, ir.Operation, Any], None]] = {
    "jvp": _jvp,
    "vjp": _vjp,
    "vmap": _vmap,
    "transpose": _transpose,
}


def run(module: ir.Module, only: str | None = None) -> None:
    """Derive and inline everything (or only one kind); private functions that nothing uses are dropped."""
    for function in list(functions.functions(module)):
        materialize(module, function)
    for function in list(functions.functions(module)):
        if functions.has_body(function):
            inline(module, function, materialize)
    run_passes(module.operation, "symbol-dce")

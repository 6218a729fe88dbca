"""custom_jvp: a function with a derivative of its own.

``(*operands) -> (*results)`` with ``@primal`` of the same type and ``@rule : (*operands, *tangents of the
differentiable operands) -> (*results, *tangents of the differentiable results)``. The last `captures` operands are
what the function closes over: the rule knows nothing of their tangents.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..attributes import INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags
from ..higher_order import Batch, Call, HigherOrder, register
from ..mlir import ir
from ..opdef import OpError
from ..passes import derive
from ..passes.differentiate import differentiable
from ..types import TensorType, from_ir
from .applied import check_captures, dependent, execute, infer_from, inlined_partition

_infer_primal = infer_from("primal")


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    results = _infer_primal(call, types)
    rule = call.function("rule")
    wanted = (
        [*types, *(t for t in types if t.differentiable)],
        [*results, *(t for t in results if t.differentiable)],
    )
    inputs, outputs = ([from_ir(t) for t in part] for part in functions.signature(rule))
    if (inputs, outputs) != wanted:
        raise OpError(
            f"the rule '{functions.symbol(rule)}' should map {wanted[0]} to {wanted[1]}, but maps {inputs} to {outputs}"
        )
    return results


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    """A call of the rule, on zeros where there is no tangent."""
    check_captures(call, tangents)
    types = functions.signature(call.declaration)
    directions = [b.instantiate(tangents[i], operands[i]) for i in differentiable(types[0])]
    out = functions.call(b, call.function("rule"), [*operands, *directions])
    count = len(types[1])
    changes: list[ir.Value | None] = [None] * count
    for i, tangent in zip(differentiable(types[1]), out[count:], strict=True):
        changes[i] = tangent
    return out[:count], changes


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """The rule is mapped too, where operands are mapped their tangents are."""
    inputs, outputs = functions.signature(call.declaration)
    rule_flags = [*batched, *(batched[i] for i in differentiable(inputs))]
    # the rule may depend on other operands than the function: a result has a batch where any of them has
    results = [any(batched)] * len(outputs)
    rule_results = [*results, *(results[i] for i in differentiable(outputs))]
    primal = derive.declare_vmap(call.module, call.function("primal"), batched, batch, results)
    derive.flatten(call.module, primal)
    rule = derive.declare_vmap(call.module, call.function("rule"), rule_flags, batch, rule_results)
    return call.emit(b, operands, primal=functions.symbol(primal), rule=functions.symbol(rule)), results


def _transpose(b: Builder, call: Call, operands: object, cotangents: object) -> list[ir.Value | None]:
    raise AssertionError("a linear call of a custom_jvp function is replaced by its primal before it is transposed")


custom_jvp = register(
    HigherOrder(
        name="custom_jvp",
        doc="A function with a JVP of its own.",
        attributes={"primal": SYMBOL, "rule": SYMBOL, "captures": INT},
        infer=_infer,
        execute=execute("primal"),
        dependent=dependent("primal"),
        jvp=_jvp,
        partition=inlined_partition("primal"),
        transpose=_transpose,
        batch=_batch,
        inlined="primal",
        deferred=frozenset({"rule"}),
    )
)

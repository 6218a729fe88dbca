"""custom_vjp: a function with a reverse-mode derivative of its own.

``(*operands) -> (*results)`` with ``@primal`` of the same type, ``@forward : (*operands) -> (*results, *residuals)``
and ``@backward : (*residuals, *cotangents of the differentiable results) -> (*cotangents of the differentiable
operands)``. The last `captures` operands are what the function closes over: the rules know nothing of their tangents.

Its JVP is a call of the second operation, custom_vjp_tangent: linear, and known only by its transpose, `backward`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import functions
from ..attributes import INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags, Flow, mapped_over
from ..errors import NotForward
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
    forward, backward = call.function("forward"), call.function("backward")
    inputs, outputs = ([from_ir(t) for t in part] for part in functions.signature(forward))
    if inputs != list(types) or outputs[: len(results)] != results:
        raise OpError(
            f"the rule '{functions.symbol(forward)}' maps {inputs} to {outputs}, not {list(types)} to {results}…"
        )
    residuals = outputs[len(results) :]
    wanted = (
        [*residuals, *(t for t in results if t.differentiable)],
        [t for t in types if t.differentiable],
    )
    given = tuple([from_ir(t) for t in part] for part in functions.signature(backward))
    if given != wanted:
        raise OpError(
            f"the rule '{functions.symbol(backward)}' should map {wanted[0]} to {wanted[1]}, but maps {given[0]} to "
            f"{given[1]}"
        )
    return results


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    check_captures(call, tangents)
    inputs, outputs = functions.signature(call.declaration)
    out = functions.call(b, call.function("forward"), operands)
    results, residuals = out[: len(outputs)], out[len(outputs) :]
    directions = [b.instantiate(tangents[i], operands[i]) for i in differentiable(inputs)]
    details = {"backward": call.details["backward"], "residuals": len(residuals)}
    linear = call.emit(b, [*residuals, *directions], kind="custom_vjp_tangent", **details)
    changes: list[ir.Value | None] = [None] * len(outputs)
    for i, tangent in zip(differentiable(outputs), linear, strict=True):
        changes[i] = tangent
    return results, changes


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """All three functions are mapped; the cotangent of an operand that is not mapped is summed over the batch."""
    module, (inputs, outputs) = call.module, functions.signature(call.declaration)
    forward = call.function("forward")
    derive.flatten(module, forward)
    residual_flags = mapped_over(batch.name)(module, forward, batched)[len(outputs) :]
    results = [any(batched)] * len(outputs)
    primal = derive.declare_vmap(module, call.function("primal"), batched, batch, results)
    new_forward = derive.declare_vmap(module, forward, batched, batch, [*results, *residual_flags])
    derive.flatten(module, primal)
    backward_flags = [*residual_flags, *(results[i] for i in differentiable(outputs))]
    backward = _summed_backward(b, call, backward_flags, [batched[i] for i in differentiable(inputs)], batch)
    changes = {"primal": primal, "forward": new_forward, "backward": backward}
    return call.emit(b, operands, **{name: functions.symbol(f) for name, f in changes.items()}), results


def _summed_backward(b: Builder, call: Call, flags: Flags, wanted: Flags, batch: Batch) -> ir.Operation:
    """The mapped backward function, with a batch dimension on exactly the wanted cotangents."""
    module, backward = call.module, call.function("backward")
    count = len(wanted)
    mapped = derive.declare_vmap(module, backward, flags, batch, [True] * count)

    def body(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        out = functions.call(inner, mapped, values)
        return [ct if flag else inner.reduce_sum(ct, axes=(0,)) for ct, flag in zip(out, wanted, strict=True)]

    return functions.adapted(module, functions.symbol(mapped), functions.signature(mapped)[0], b.loc, body)


custom_vjp = register(
    HigherOrder(
        name="custom_vjp",
        doc="A function with a VJP of its own.",
        attributes={"primal": SYMBOL, "forward": SYMBOL, "backward": SYMBOL, "captures": INT},
        infer=_infer,
        execute=execute("primal"),
        dependent=dependent("primal"),
        jvp=_jvp,
        partition=inlined_partition("primal"),
        transpose=lambda b, call, operands, cotangents: _forward_only(call),
        batch=_batch,
        inlined="primal",
        deferred=frozenset({"forward", "backward"}),
    )
)


# ---- the tangent, of which only the transpose is known --------------------------------------------------------------


def _forward_only(call: Call) -> Any:
    raise NotForward("a custom_vjp function", call.location)


def _tangent_infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    inputs, results = ([from_ir(t) for t in part] for part in functions.signature(call.function("backward")))
    count = call.details["residuals"]
    if list(types) != [*inputs[:count], *results]:
        raise OpError(f"the tangent of a custom_vjp takes {[*inputs[:count], *results]}, but is given {list(types)}")
    return inputs[count:]


def _tangent_dependent(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    return [any(flags)] * len(call.result_types)


def _tangent_transpose(
    b: Builder, call: Call, operands: Sequence[ir.Value | None], cotangents: Sequence[ir.Value | None]
) -> list[ir.Value | None]:
    count = call.details["residuals"]
    arrived = [b.zeros(type) if ct is None else ct for ct, type in zip(cotangents, call.result_types, strict=True)]
    residuals = [x for x in operands[:count] if x is not None]
    out = functions.call(b, call.function("backward"), [*residuals, *arrived])
    return [*[None] * count, *out]


def _tangent_batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """Tangents and cotangents all get the batch dimension, residuals where they have it."""
    count, results = call.details["residuals"], [True] * len(call.result_types)
    directions = b.all_batched(operands[count:], batched[count:], batch.size)
    backward = _summed_backward(b, call, [*batched[:count], *results], [True] * len(directions), batch)
    return call.emit(b, [*operands[:count], *directions], backward=functions.symbol(backward)), results


custom_vjp_tangent = register(
    HigherOrder(
        name="custom_vjp_tangent",
        doc="The linear map from tangents of operands to tangents of results that a custom VJP is the transpose of.",
        attributes={"backward": SYMBOL, "residuals": INT},
        infer=_tangent_infer,
        execute=lambda call, prepare: _forward_only(call),
        dependent=_tangent_dependent,
        jvp=lambda b, call, operands, tangents: _forward_only(call),
        partition=lambda b, call, operands, linear: (
            call.again(b, operands),
            [True] * len(call.result_types),
        ),
        transpose=_tangent_transpose,
        batch=_tangent_batch,
        impossible=lambda location: NotForward("a custom_vjp function", location),
        deferred=frozenset({"backward"}),
    )
)

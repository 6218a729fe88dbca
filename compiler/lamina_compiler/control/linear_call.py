"""linear_call: a function that is linear in its last operands, with a transpose of its own.

``(*residuals, *operands) -> (*results)`` with ``@forward`` of the same type and ``@backward : (*residuals, *cotangents
of the results) -> (*cotangents of the operands)``. It is differentiated in the operands only.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..attributes import INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags
from ..errors import NoDerivative
from ..higher_order import Batch, Call, HigherOrder, register
from ..mlir import ir
from ..opdef import OpError
from ..passes import derive
from ..types import TensorType, from_ir
from .applied import dependent, execute, infer_from

_infer_forward = infer_from("forward")


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    results, count = _infer_forward(call, types), call.details["residuals"]
    inputs, outputs = ([from_ir(t) for t in part] for part in functions.signature(call.function("backward")))
    if inputs != [*types[:count], *results] or outputs != list(types[count:]):
        raise OpError(
            f"the transpose '{functions.symbol(call.function('backward'))}' should map {[*types[:count], *results]} to "
            f"{list(types[count:])}, but maps {inputs} to {outputs}"
        )
    return results


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    count = call.details["residuals"]
    if any(tangent is not None for tangent in tangents[:count]):
        raise NoDerivative("linear_call in its residuals", call.location)
    directions = [b.instantiate(t, x) for t, x in zip(tangents[count:], operands[count:], strict=True)]
    return call.again(b, operands), list(call.again(b, [*operands[:count], *directions]))


def _partition(
    b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags
) -> tuple[list[ir.Value], list[bool]]:
    return call.again(b, operands), [True] * len(call.result_types)


def _transpose(
    b: Builder, call: Call, operands: Sequence[ir.Value | None], cotangents: Sequence[ir.Value | None]
) -> list[ir.Value | None]:
    count = call.details["residuals"]
    arrived = [b.zeros(type) if ct is None else ct for ct, type in zip(cotangents, call.result_types, strict=True)]
    residuals = [x for x in operands[:count] if x is not None]
    return [*[None] * count, *functions.call(b, call.function("backward"), [*residuals, *arrived])]


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """Operands and results all get the batch dimension, residuals where they have it."""
    count, results = call.details["residuals"], [True] * len(call.result_types)
    own = b.all_batched(operands[count:], batched[count:], batch.size)
    flags = {"forward": [True] * len(own), "backward": results}
    outputs = {"forward": results, "backward": [True] * len(own)}
    mapped = {
        name: derive.declare_vmap(call.module, call.function(name), [*batched[:count], *marks], batch, outputs[name])
        for name, marks in flags.items()
    }
    derive.flatten(call.module, mapped["forward"])
    names = {name: functions.symbol(function) for name, function in mapped.items()}
    return call.emit(b, [*operands[:count], *own], **names), results


linear_call = register(
    HigherOrder(
        name="linear_call",
        doc="A linear function with a transpose of its own.",
        attributes={"forward": SYMBOL, "backward": SYMBOL, "residuals": INT},
        infer=_infer,
        execute=execute("forward"),
        dependent=dependent("forward"),
        jvp=_jvp,
        partition=_partition,
        transpose=_transpose,
        batch=_batch,
        inlined="forward",
        deferred=frozenset({"backward"}),
    )
)

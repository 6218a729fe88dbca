"""callback: a Python function that the program calls while it runs.

``(*operands) -> (*results)``; `callback` names a `host_calls.Callback`, `results` its result types. `effect` is
"pure" (it may be left out, or be called again), "io", "debug", or "check" (it raises unless its first operand is
true; see passes/checkify.py). `batching` says what vmap does: "sequential" calls
it once for every example, "expand_dims" and "broadcast_all" once for all; "none" and "ordered" cannot be mapped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import functions, host_calls
from ..attributes import STRING, TYPES
from ..builder import Builder
from ..dependence import Flags, Flow
from ..errors import NoBatching, NoDerivative
from ..higher_order import KINDS, Batch, Call, HigherOrder, emit, register
from ..mlir import ir
from ..types import TensorType, to_ir


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    return list(call.details["results"])


def _execute(call: Call, prepare: Callable[[ir.Operation], Any]) -> Any:
    function, types = host_calls.callback(call.details["callback"]), call.result_types

    def execute(operands: Sequence[np.ndarray]) -> list[np.ndarray]:
        given = function(*operands)
        results = [given] if len(types) == 1 else list(given or ())
        arrays = [np.asarray(x, t.dtype) for x, t in zip(results, types, strict=True)]
        for array, type in zip(arrays, types, strict=True):
            if array.shape != type.shape:
                raise ValueError(f"a callback returned an array of shape {array.shape} instead of {type.shape}")
        return arrays

    return execute


def _dependent(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    return [any(flags)] * len(call.result_types)


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    """Debugging and checks look at values only; what computes something needs a rule."""
    if call.details["effect"] not in ("debug", "check"):
        raise NoDerivative(f"{call.details['effect']}_callback", call.location)
    return call.again(b, operands), []


def _partition(
    b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags
) -> tuple[list[ir.Value], list[bool]]:
    raise NoDerivative(f"{call.details['effect']}_callback", call.location)


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    results = [True] * len(call.result_types)
    types = [TensorType((batch.size, *t.shape), t.dtype) for t in call.result_types]
    match call.details["batching"]:
        case "broadcast_all":
            return call.emit(b, b.all_batched(operands, batched, batch.size), results=types), results
        case "expand_dims":
            wide = [
                x if flag else b.reshape(x, shape=(1, *b.shape(x))) for x, flag in zip(operands, batched, strict=True)
            ]
            return call.emit(b, wide, results=types), results
        case "none" | "ordered" as batching:
            raise NoBatching(
                "pure_callback without vmap_method" if batching == "none" else "an ordered io_callback", b.loc
            )
        case _:
            return _one_by_one(b, call, operands, batched, batch), results


def _one_by_one(b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch) -> list[ir.Value]:
    """A loop over the examples."""
    consts = [x for x, flag in zip(operands, batched, strict=True) if not flag]
    xs = [x for x, flag in zip(operands, batched, strict=True) if flag]

    def body(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        fixed, moving = iter(values[: len(consts)]), iter(values[len(consts) :])
        return call.again(inner, [next(moving) if flag else next(fixed) for flag in batched])

    types = [to_ir(t) for t, flag in zip(call.types, batched, strict=True) if not flag]
    types += [to_ir(t) for t, flag in zip(call.types, batched, strict=True) if flag]
    name = functions.symbol(call.declaration)
    step = functions.adapted(call.module, f"{name}.step", types, b.loc, body)
    details = {
        "body": functions.symbol(step), "consts": len(consts), "carry": 0, "length": batch.size, "reverse": False,
    }  # fmt: skip
    return emit(call.module, b, KINDS["scan"], [*consts, *xs], details)


def _transpose(b: Builder, call: Call, operands: object, cotangents: object) -> list[ir.Value | None]:
    raise NoDerivative(f"{call.details['effect']}_callback", call.location)


def _lower(lw: Any, call: Call, operands: Sequence[ir.Value], apply: Any) -> list[ir.Value]:
    return host_calls.call_callback(lw, call.details["callback"], operands, call.types, call.result_types)


callback = register(
    HigherOrder(
        name="callback",
        doc="A Python function that the program calls while it runs.",
        attributes={"callback": STRING, "results": TYPES, "effect": STRING, "batching": STRING},
        infer=_infer,
        execute=_execute,
        dependent=_dependent,
        jvp=_jvp,
        partition=_partition,
        transpose=_transpose,
        batch=_batch,
        lower=_lower,
        effects=lambda call: call.details["effect"] != "pure",
    )
)

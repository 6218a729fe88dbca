"""scan: a loop with a known number of iterations that carries values, reads slices of arrays and stacks results.

``(*consts, *carry, *xs) -> (*carry, *ys)`` with ``@body : (*consts, *carry, *slices of xs) -> (*carry, *slices of
ys)``; `xs` and `ys` have the iterations as their first dimension, which `reverse` runs through from the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import functions
from ..attributes import BOOL, INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags, Flow, fixed_point, mapped_over
from ..higher_order import Batch, Call, HigherOrder, register
from ..mlir import ir
from ..opdef import OpError
from ..passes import derive
from ..types import TensorType, from_ir
from .loop_lowering import append_loop
from .scan_counters import counted_slices
from .scan_derivatives import jvp, partition, transpose
from .scan_parts import parts_of, sliced, stacked
from .scan_simplify import simplify


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    details, body = call.details, call.function("body")
    inputs, results = ([from_ir(t) for t in part] for part in functions.signature(body))
    name, count = functions.symbol(body), details["consts"] + details["carry"]
    if min(details["consts"], details["carry"], details["length"]) < 0 or len(types) < count:
        raise OpError(f"scan needs {count} operands for its consts and carry, but has {len(types)}")
    carry, xs = list(types[details["consts"] : count]), types[count:]
    for x in xs:
        if x.rank == 0 or x.shape[0] != details["length"]:
            raise OpError(f"scan over {details['length']} iterations cannot read slices of {x}")
    expected = [*types[:count], *(sliced(x) for x in xs)]
    if inputs != expected:
        raise OpError(f"the body '{name}' of a scan takes {inputs}, but is given {expected}")
    if results[: len(carry)] != carry:
        raise OpError(f"the body '{name}' of a scan must give the carry {carry} first, but gives {results}")
    return [*carry, *(stacked(y, details["length"]) for y in results[len(carry) :])]


def _execute(call: Call, prepare: Callable[[ir.Operation], Any]) -> Any:
    body, details = prepare(call.function("body")), call.details
    parts, length = parts_of(call), details["length"]
    order = range(length)[::-1] if details["reverse"] else range(length)
    y_types = call.result_types[details["carry"] :]

    def execute(operands: Sequence[np.ndarray]) -> list[np.ndarray]:
        fixed, carry, xs = parts.split(operands)
        ys = [np.empty(t.shape, t.dtype) for t in y_types]
        for i in order:
            out = body([*fixed, *carry, *(x[i] for x in xs)])
            carry = list(out[: len(carry)])
            for stack, y in zip(ys, out[len(carry) :], strict=True):
                stack[i] = y
        return [*carry, *ys]

    return execute


def _dependent(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    parts, body = parts_of(call), call.function("body")
    fixed = fixed_point(flags, parts.carry_slice, lambda marks: flow(call.module, body, marks))
    out = flow(call.module, body, fixed)
    return [*fixed[parts.carry_slice], *out[parts.carry :]]


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """The batch dimension of slices is the first, so that of `xs` and `ys` is the second."""
    parts, body, flow = parts_of(call), call.function("body"), mapped_over(batch.name)
    flags = fixed_point(batched, parts.carry_slice, lambda marks: flow(call.module, body, marks))
    results = [*flags[parts.carry_slice], *flow(call.module, body, flags)[parts.carry :]]
    mapped = derive.declare_vmap(call.module, body, flags, batch, results)
    derive.flatten(call.module, mapped)
    consts, carry, xs = parts.split(operands)
    x_flags = batched[parts.consts + parts.carry :]
    carry = [
        b.add_batch(x, batch.size) if flag and not was else x
        for x, flag, was in zip(carry, flags[parts.carry_slice], batched[parts.carry_slice], strict=True)
    ]
    xs = [b.move_dimension(x, 0, 1) if flag else x for x, flag in zip(xs, x_flags, strict=True)]
    out = call.emit(b, [*consts, *carry, *xs], body=functions.symbol(mapped))
    ys = [
        b.move_dimension(y, 1, 0) if flag else y
        for y, flag in zip(out[parts.carry :], results[parts.carry :], strict=True)
    ]
    return [*out[: parts.carry], *ys], results


def _lower(lw: Any, call: Call, operands: Sequence[ir.Value], apply: Any) -> list[ir.Value]:
    """scf.for over the carry and the stacks of results, which are written in place."""
    parts, body, length = parts_of(call), call.function("body"), call.details["length"]
    consts, carry, xs = parts.split(operands)
    x_types = call.types[parts.consts + parts.carry :]
    y_types = call.result_types[parts.carry :]
    if length == 0:
        return [*carry, *(lw.empty(t) for t in y_types)]

    def iteration(inner: Any, index: ir.Value, state: list[ir.Value]) -> list[ir.Value]:
        if call.details["reverse"]:
            index = inner.index_op("subi", inner.index(length - 1), index)
        slices = [inner.slice_at(x, index, sliced(t)) for x, t in zip(xs, x_types, strict=True)]
        out = apply(inner, call.module, body, [*consts, *state[: parts.carry], *slices])
        stacks = [
            inner.insert_at(y, stack, index, sliced(t))
            for y, stack, t in zip(out[parts.carry :], state[parts.carry :], y_types, strict=True)
        ]
        return [*out[: parts.carry], *stacks]

    return append_loop(lw, length, [*carry, *(lw.empty(t) for t in y_types)], iteration)


scan = register(
    HigherOrder(
        name="scan",
        doc="A loop of known length over a carry and slices of arrays.",
        attributes={"body": SYMBOL, "consts": INT, "carry": INT, "length": INT, "reverse": BOOL},
        infer=_infer,
        execute=_execute,
        dependent=_dependent,
        jvp=jvp,
        partition=partition,
        transpose=transpose,
        batch=_batch,
        lower=_lower,
        simplify=simplify,
        canonical=counted_slices,
    )
)

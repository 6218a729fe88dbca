"""cond: one of several functions, chosen by an integer index when the program runs.

``(index, *operands) -> (*results)`` with branches ``(*operands) -> (*results)``; an index out of range means
the nearest branch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import functions
from ..attributes import SYMBOLS
from ..builder import Builder
from ..dependence import Flags, Flow, dependent_results, mapped_over, tangent_results
from ..higher_order import Batch, Call, HigherOrder, has_effects, register
from ..mlir import ir
from ..opdef import OpError
from ..passes import derive
from ..passes.linearize import split
from ..types import BY_SHORT_NAME, TensorType, from_ir
from .applied import linear_last
from .loop_lowering import append_choice, fence
from .scan_parts import chosen, others

_log = logging.getLogger("lamina")
_INDEX = TensorType((), BY_SHORT_NAME["i32"])


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    branches = call.applied
    if not branches or not types:
        raise OpError("cond needs an index and at least one branch")
    if types[0].dtype != _INDEX.dtype or types[0].rank != 0:
        raise OpError(f"the index of a cond is {_INDEX}, not {types[0]}")
    first = functions.signature(branches[0])
    for branch in branches:
        inputs, results = functions.signature(branch)
        if [from_ir(t) for t in inputs] != list(types[1:]):
            raise OpError(f"the branch '{functions.symbol(branch)}' of a cond does not take {list(types[1:])}")
        if results != first[1]:
            raise OpError(
                f"the branches '{functions.symbol(branches[0])}' and '{functions.symbol(branch)}' of a cond give "
                f"{[from_ir(t) for t in first[1]]} and {[from_ir(t) for t in results]}"
            )
    return [from_ir(t) for t in first[1]]


def _execute(call: Call, prepare: Callable[[ir.Operation], Any]) -> Any:
    branches, prepared = call.applied, {}

    def execute(operands: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        i = min(max(int(operands[0]), 0), len(branches) - 1)
        if i not in prepared:
            prepared[i] = prepare(branches[i])
        return prepared[i](operands[1:])

    return execute


def _union(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    """Results that are marked in any branch."""
    found = [flow(call.module, branch, flags) for branch in call.applied]
    return [any(each) for each in zip(*found, strict=True)]


def _dependent(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    results = _union(call, flags[1:], flow)
    return [True] * len(results) if flags[0] and flow is not tangent_results else results


def _again(b: Builder, call: Call, operands: Sequence[ir.Value], branches: Sequence[ir.Operation]) -> list[ir.Value]:
    """The same choice between other functions."""
    for branch in branches:
        derive.flatten(call.module, branch)
        derive.tidy(call.module, branch)
    return call.emit(b, operands, branches=tuple(functions.symbol(branch) for branch in branches))


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    flags = [tangent is not None for tangent in tangents[1:]]
    out_flags = _union(call, flags, tangent_results)
    argnums, outputs = ([i for i, flag in enumerate(marks) if flag] for marks in (flags, out_flags))
    branches = [derive.declare_jvp(call.module, branch, argnums, outputs) for branch in call.applied]
    out = _again(b, call, [*operands, *(t for t in tangents[1:] if t is not None)], branches)
    found = iter(out[len(out_flags) :])
    return out[: len(out_flags)], [next(found) if flag else None for flag in out_flags]


def _partition(
    b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags
) -> tuple[list[ir.Value], list[bool]]:
    """Two choices by the same index. Residuals of different branches share places where their types agree; those that
    are operands are read again."""
    module, flags = call.module, linear[1:]
    out_flags = _union(call, flags, dependent_results)
    wanted = [i for i, flag in enumerate(out_flags) if flag]
    pieces = [split(module, branch, flags, wanted) for branch in call.applied]
    known_inputs = [others(functions.arguments(branch), flags) for branch in call.applied]
    computed = [[v for v in p.residuals if v not in own] for p, own in zip(pieces, known_inputs, strict=True)]
    per_branch = [[v in p.residuals for v in own] for p, own in zip(pieces, known_inputs, strict=True)]
    read = [any(marks) for marks in zip(*per_branch, strict=True)]
    places, types = _shared_places([[v.type for v in values] for values in computed])

    known, moving = [], []
    for branch, piece, values, own in zip(call.applied, pieces, computed, places, strict=True):
        inputs, returned = functions.arguments(branch), list(functions.operations(branch)[-1].operands)
        name, results = functions.symbol(branch), others(returned, out_flags)
        forward = functions.outline(
            module, f"{name}.known", others(inputs, flags), piece.known, [*results, *values], call.location
        )
        outputs = [returned[i] for i in wanted]
        lin_inputs = [*values, *chosen(others(inputs, flags), read), *chosen(inputs, flags)]
        backward = functions.outline(module, f"{name}.linear", lin_inputs, piece.linear, outputs, call.location)
        known.append(_padded_results(module, forward, len(results), own, types))
        moving.append(_padded_inputs(module, backward, own, types))
    count, known_operands = len(out_flags) - len(wanted), others(operands[1:], flags)
    runs = count or types or any(has_effects(module, branch) for branch in known)
    known_out = _again(b, call, [operands[0], *known_operands], known) if runs else []
    linear_operands = [operands[0], *known_out[count:], *chosen(known_operands, read), *chosen(operands[1:], flags)]
    linear_out = _again(b, call, linear_operands, moving) if wanted else []
    sources = {False: iter(known_out[:count]), True: iter(linear_out)}
    return [next(sources[flag]) for flag in out_flags], out_flags


def _shared_places(residuals: Sequence[Sequence[ir.Type]]) -> tuple[list[list[int]], list[ir.Type]]:
    """A place for every residual of every branch, and the types of all places."""
    types: list[ir.Type] = []
    places = []
    for own in residuals:
        free = dict.fromkeys(range(len(types)))
        taken = []
        for type in own:
            place = next((i for i in free if types[i] == type), None)
            if place is None:
                place = len(types)
                types.append(type)
            free.pop(place, None)
            taken.append(place)
        places.append(taken)
    return places, types


def _padded_results(
    module: ir.Module, function: ir.Operation, count: int, places: Sequence[int], types: Sequence[ir.Type]
) -> ir.Operation:
    """The function with its results from `count` on at their places, zeros at the others."""

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        out = functions.call(b, function, values)
        own = dict(zip(places, out[count:], strict=True))
        return [*out[:count], *(own[i] if i in own else b.zeros(from_ir(t)) for i, t in enumerate(types))]

    name = functions.symbol(function)
    return functions.adapted(module, name, functions.signature(function)[0], function.location, body)


def _padded_inputs(
    module: ir.Module, function: ir.Operation, places: Sequence[int], types: Sequence[ir.Type]
) -> ir.Operation:
    """The function that finds its first inputs at their places."""

    def body(b: Builder, values: list[ir.Value]) -> list[ir.Value]:
        return functions.call(b, function, [*(values[i] for i in places), *values[len(types) :]])

    inputs = [*types, *functions.signature(function)[0][len(places) :]]
    return functions.adapted(module, functions.symbol(function), inputs, function.location, body)


def _transpose(
    b: Builder, call: Call, operands: Sequence[ir.Value | None], cotangents: Sequence[ir.Value | None]
) -> list[ir.Value | None]:
    flags = [x is None for x in operands[1:]]
    arrived = [i for i, cotangent in enumerate(cotangents) if cotangent is not None]

    branches = [
        derive.declare_transpose(call.module, linear_last(call.module, branch, flags, arrived, b.loc), sum(flags))
        for branch in call.applied
    ]
    index = operands[0]
    assert index is not None
    known = [x for x in operands[1:] if x is not None]
    out = iter(_again(b, call, [index, *known, *(cotangents[i] for i in arrived)], branches))  # type: ignore[list-item]
    return [None, *(next(out) if flag else None for flag in flags)]


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """With one index for all examples still a choice; else all branches run, and each example takes its result."""
    flow = mapped_over(batch.name)
    results = _union(call, batched[1:], flow)
    if batched[0]:
        results = [True] * len(results)
    branches = [derive.declare_vmap(call.module, branch, batched[1:], batch, results) for branch in call.applied]
    if not batched[0]:
        return _again(b, call, operands, branches), results
    _note_all_run(b.loc)
    index, *rest = operands
    outs = [functions.call(b, branch, rest) for branch in branches]
    chosen_results = []
    for values in zip(*outs, strict=True):
        best = values[-1]
        for i in reversed(range(len(values) - 1)):
            mask = b.broadcast_in_dim(b.le(index, i), shape=b.shape(best), dimensions=(0,))
            best = b.select(mask, values[i], best)
        chosen_results.append(best)
    return chosen_results, results


_noted: set[str] = set()


def _note_all_run(location: ir.Location) -> None:
    """Tell the user, once for every line: it may cost more than a loop over the examples would."""
    if str(location) not in _noted:
        _noted.add(str(location))
        _log.warning(
            "vmap: the condition at %s differs between examples, so all its branches run for all of them; lax.map runs "
            "only one branch for each example",
            location,
        )


def _lower(lw: Any, call: Call, operands: Sequence[ir.Value], apply: Any) -> list[ir.Value]:
    """A chain of scf.if."""
    index, *rest = operands
    fence(lw)
    types = [lw.tensor(t) for t in call.result_types]
    branches = call.applied
    number = lw.to_index(lw.extract(index, []), _INDEX.dtype)

    def choose(inner: Any, first: int) -> list[ir.Value]:
        if first == len(branches) - 1:
            return apply(inner, call.module, branches[first], rest)
        here = inner.compare_index("sle", number, inner.index(first))
        return append_choice(
            inner,
            here,
            types,
            lambda then: apply(then, call.module, branches[first], rest),
            lambda otherwise: choose(otherwise, first + 1),
        )

    return choose(lw, 0)


def _simplify(b: Builder, call: Call, operands: Sequence[ir.Value], used: Flags) -> Sequence[ir.Value | None] | None:
    """The branch itself where the index is a constant; without results that nothing needs."""
    number = functions.constant(operands[0])
    branches = call.applied
    if number is not None or len(branches) == 1:
        i = 0 if number is None else min(max(int(number), 0), len(branches) - 1)
        return functions.inlined(branches[i], operands[1:], b.ip)
    if all(used):
        return None
    smaller = []
    for branch in branches:
        *ops, terminator = functions.operations(branch)
        outputs, name = chosen(terminator.operands, used), functions.symbol(branch)
        inputs = functions.arguments(branch)
        smaller.append(functions.outline(call.module, name, inputs, ops, outputs, branch.location))
    out = iter(_again(b, call, operands, smaller))
    return [next(out) if flag else None for flag in used]


cond = register(
    HigherOrder(
        name="cond",
        doc="One of several functions, chosen by an index.",
        attributes={"branches": SYMBOLS},
        infer=_infer,
        execute=_execute,
        dependent=_dependent,
        jvp=_jvp,
        partition=_partition,
        transpose=_transpose,
        batch=_batch,
        lower=_lower,
        simplify=_simplify,
    )
)

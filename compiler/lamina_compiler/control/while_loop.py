"""while: a loop that goes on as long as a condition on its carry holds.

``(*cond consts, *body consts, *carry) -> (*carry)`` with ``@condition : (*cond consts, *carry) -> tensor<i1>`` and
``@body : (*body consts, *carry) -> (*carry)``. The number of iterations is not known, so there is no reverse mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import functions
from ..attributes import INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags, Flow, dependent_results, fixed_point, mapped_over, tangent_results
from ..errors import NotLinear, NotTransposable
from ..higher_order import Batch, Call, HigherOrder, register
from ..mlir import ir
from ..opdef import OpError
from ..passes import derive
from ..passes.linearize import partition_calls
from ..types import BOOL_DTYPE, TensorType, from_ir
from .loop_lowering import append_while
from .scan_parts import chosen, others

_PREDICATE = TensorType((), BOOL_DTYPE)


class _Parts(NamedTuple):
    condition: int
    body: int

    @property
    def first(self) -> int:
        """Position of the first carried value."""
        return self.condition + self.body

    def split(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        """Consts of the condition, consts of the body, carry."""
        return list(values[: self.condition]), list(values[self.condition : self.first]), list(values[self.first :])


def parts_of(call: Call) -> _Parts:
    return _Parts(call.details["condition_consts"], call.details["body_consts"])


def _infer(call: Call, types: Sequence[TensorType]) -> list[TensorType]:
    parts = parts_of(call)
    condition_consts, body_consts, carry = parts.split(types)
    for name, consts, results in (("condition", condition_consts, [_PREDICATE]), ("body", body_consts, carry)):
        function = call.function(name)
        inputs, given = ([from_ir(t) for t in part] for part in functions.signature(function))
        if inputs != [*consts, *carry] or given != results:
            raise OpError(
                f"the {name} '{functions.symbol(function)}' of a while loop should map {[*consts, *carry]} to "
                f"{results}, but maps {inputs} to {given}"
            )
    return carry


def _execute(call: Call, prepare: Callable[[ir.Operation], Any]) -> Any:
    condition, body, parts = prepare(call.function("condition")), prepare(call.function("body")), parts_of(call)

    def execute(operands: Sequence[np.ndarray]) -> list[np.ndarray]:
        condition_consts, body_consts, carry = parts.split(operands)
        while condition([*condition_consts, *carry])[0]:
            carry = list(body([*body_consts, *carry]))
        return carry

    return execute


def _carry_flags(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    """Marks of the carry that hold in every iteration."""
    parts = parts_of(call)
    start = [*flags[parts.condition : parts.first], *flags[parts.first :]]
    carry = slice(parts.body, len(start))
    fixed = fixed_point(start, carry, lambda marks: flow(call.module, call.function("body"), marks))
    return fixed[carry]


def _dependent(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    """A condition that depends on the operands makes all results do so: it says how often the body runs."""
    carry = _carry_flags(call, flags, flow)
    condition = call.function("condition")
    if flow is not tangent_results and any(flow(call.module, condition, [*flags[: parts_of(call).condition], *carry])):
        return [True] * len(carry)
    return carry


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    parts, body, module = parts_of(call), call.function("body"), call.module
    _, const_tangents, carry_tangents = parts.split(tangents)
    condition_consts, body_consts, carry = parts.split(operands)
    carry_flags = _carry_flags(call, [tangent is not None for tangent in tangents], tangent_results)
    const_flags = [tangent is not None for tangent in const_tangents]
    marks = [*const_flags, *carry_flags]
    derived = derive.declare_jvp(
        module, body, [i for i, flag in enumerate(marks) if flag], [i for i, flag in enumerate(carry_flags) if flag]
    )
    own_consts, own_carry = (
        functions.signature(body)[0][: parts.body], functions.signature(body)[0][parts.body :],
    )  # fmt: skip
    direction_types = chosen(own_consts, const_flags)

    def step(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        consts, rest = values[: parts.body], values[parts.body :]
        directions, rest = rest[: len(direction_types)], rest[len(direction_types) :]
        state, changes = rest[: len(carry)], rest[len(carry) :]
        return functions.call(inner, derived, [*consts, *state, *directions, *changes])

    inputs = [*own_consts, *direction_types, *own_carry, *chosen(own_carry, carry_flags)]
    stepped = functions.adapted(module, functions.symbol(derived), inputs, b.loc, step)
    derive.flatten(module, stepped)
    condition = _ignoring(call, chosen(own_carry, carry_flags))
    changes = [b.instantiate(t, x) for t, x, flag in zip(carry_tangents, carry, carry_flags, strict=True) if flag]
    out = call.emit(
        b,
        [*condition_consts, *body_consts, *chosen(const_tangents, const_flags), *carry, *changes],
        condition=functions.symbol(condition),
        body=functions.symbol(stepped),
        body_consts=parts.body + sum(const_flags),
    )
    found = iter(out[len(carry) :])
    return out[: len(carry)], [next(found) if flag else None for flag in carry_flags]


def _ignoring(call: Call, types: Sequence[ir.Type]) -> ir.Operation:
    """The condition as a function of a carry that has more values of these types."""
    condition = call.function("condition")
    inputs = functions.signature(condition)[0]
    widened = functions.adapted(
        call.module,
        functions.symbol(condition),
        [*inputs, *types],
        condition.location,
        lambda inner, values: functions.call(inner, condition, values[: len(inputs)]),
    )
    derive.flatten(call.module, widened)
    return widened


def _partition(
    b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags
) -> tuple[list[ir.Value], list[bool]]:
    """The loop over what is known, and the whole loop again for what is linear."""
    parts = parts_of(call)
    condition_flags, const_flags, _ = parts.split(linear)
    carry_flags = _carry_flags(call, linear, dependent_results)
    if dependent_results(call.module, call.function("condition"), [*condition_flags, *carry_flags])[0]:
        raise NotLinear("the condition of a while loop", call.location)
    made = {
        name: functions.symbol(_known(call, name, [*flags, *carry_flags], carry_flags))
        for name, flags in (("condition", condition_flags), ("body", const_flags))
    }
    known_operands = others(operands, [*condition_flags, *const_flags, *carry_flags])
    known = iter(call.emit(b, known_operands, **made, body_consts=parts.body - sum(const_flags)))
    whole = call.again(b, operands) if any(carry_flags) else carry_flags
    return [again if flag else next(known) for again, flag in zip(whole, carry_flags, strict=True)], carry_flags


def _known(call: Call, name: str, linear: Flags, carry: Flags) -> ir.Operation:
    """The condition or the body without its linear inputs and results."""
    function = call.function(name)
    partition_calls(call.module, function, linear)
    *ops, terminator = functions.operations(function)
    outputs = others(terminator.operands, carry) if name == "body" else list(terminator.operands)
    inputs = others(functions.arguments(function), linear)
    kept = functions.live(ops, outputs)
    return functions.outline(call.module, f"{functions.symbol(function)}.known", inputs, kept, outputs, call.location)


def _transpose(b: Builder, call: Call, operands: Any, cotangents: Any) -> Any:
    raise NotTransposable("a while loop", call.location)


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    """Examples whose condition no longer holds keep their values while others go on."""
    parts, flow = parts_of(call), mapped_over(batch.name)
    condition_flags, const_flags, _ = parts.split(batched)
    carry_flags = _carry_flags(call, batched, flow)
    varies = flow(call.module, call.function("condition"), [*condition_flags, *carry_flags])[0]
    if varies:
        carry_flags = [True] * len(carry_flags)
    condition_consts, body_consts, carry = parts.split(operands)
    carry = [
        b.add_batch(x, batch.size) if flag and not was else x
        for x, flag, was in zip(carry, carry_flags, batched[parts.first :], strict=True)
    ]
    body = derive.declare_vmap(call.module, call.function("body"), [*const_flags, *carry_flags], batch, carry_flags)
    condition = derive.declare_vmap(
        call.module, call.function("condition"), [*condition_flags, *carry_flags], batch, [varies]
    )
    if not varies:
        for function in (body, condition):
            derive.flatten(call.module, function)
        names = {"condition": functions.symbol(condition), "body": functions.symbol(body)}
        return call.emit(b, [*condition_consts, *body_consts, *carry], **names), carry_flags
    return _masked(b, call, [condition_consts, body_consts, carry], condition, body), carry_flags


def _masked(
    b: Builder, call: Call, operands: list[list[ir.Value]], condition: ir.Operation, body: ir.Operation
) -> list[ir.Value]:
    """A loop that goes on while the condition holds for any example."""
    condition_consts, body_consts, carry = operands
    types = [[value.type for value in part] for part in operands]

    def any_left(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        return [inner.reduce_or(functions.call(inner, condition, values)[0], axes=(0,))]

    def step(inner: Builder, values: list[ir.Value]) -> list[ir.Value]:
        own_condition, rest = values[: len(condition_consts)], values[len(condition_consts) :]
        own_body, state = rest[: len(body_consts)], rest[len(body_consts) :]
        (goes_on,) = functions.call(inner, condition, [*own_condition, *state])
        new = functions.call(inner, body, [*own_body, *state])
        return [_where(inner, goes_on, after, before) for after, before in zip(new, state, strict=True)]

    module, name = call.module, functions.symbol
    whole = functions.adapted(module, f"{name(condition)}.any", types[0] + types[2], b.loc, any_left)
    stepped = functions.adapted(module, f"{name(body)}.masked", types[0] + types[1] + types[2], b.loc, step)
    for function in (whole, stepped):
        derive.flatten(module, function)
    return call.emit(
        b,
        [*condition_consts, *condition_consts, *body_consts, *carry],
        condition=name(whole),
        body=name(stepped),
        body_consts=len(condition_consts) + len(body_consts),
    )


def _where(b: Builder, mask: ir.Value, on_true: ir.Value, on_false: ir.Value) -> ir.Value:
    """Choose whole examples by a mask of rank 1."""
    return b.select(b.broadcast_in_dim(mask, shape=b.shape(on_true), dimensions=(0,)), on_true, on_false)


def _lower(lw: Any, call: Call, operands: Sequence[ir.Value], apply: Any) -> list[ir.Value]:
    condition_consts, body_consts, carry = parts_of(call).split(operands)

    def goes_on(inner: Any, state: list[ir.Value]) -> ir.Value:
        (predicate,) = apply(inner, call.module, call.function("condition"), [*condition_consts, *state])
        return inner.extract(predicate, [])

    return append_while(
        lw,
        carry,
        goes_on,
        lambda inner, state: apply(inner, call.module, call.function("body"), [*body_consts, *state]),
    )


while_loop = register(
    HigherOrder(
        name="while",
        doc="A loop that goes on as long as a condition on its carry holds.",
        attributes={"condition": SYMBOL, "body": SYMBOL, "condition_consts": INT, "body_consts": INT},
        infer=_infer,
        execute=_execute,
        dependent=_dependent,
        jvp=_jvp,
        partition=_partition,
        transpose=_transpose,
        batch=_batch,
        lower=_lower,
    )
)

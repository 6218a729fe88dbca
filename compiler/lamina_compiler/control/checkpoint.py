"""checkpoint: a function whose intermediate values are not kept for the backward pass but computed again there.

``(*operands) -> (*results)`` with ``@body`` of the same type. `policy` says which values are kept all the same; see
`saved`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..attributes import BOOL, STRING, SYMBOL
from ..builder import Builder
from ..dependence import Flags, dependent_results, tangent_results
from ..higher_order import Call, HigherOrder, register
from ..mlir import ir
from ..opdef import is_lamina, lookup
from ..passes import derive
from ..passes.linearize import split
from .applied import dependent, execute, infer_from, linear_last, mapped_again
from .scan_parts import chosen, others


def saved(policy: str, op: ir.Operation) -> bool:
    """Whether a policy keeps the results of an op.

    Policies: "everything", "nothing", "dots", "dots_without_batch"; with names separated by commas "names:" (only
    values of these names), "names_except:" (all named values but these), "except:" (all values but these); "a|b": both.
    """
    kind, _, listed = policy.partition(":")
    if "|" in policy:
        return any(saved(part, op) for part in policy.split("|"))
    if kind in ("everything", "nothing"):
        return kind == "everything"
    if not is_lamina(op):
        return kind == "except"
    record = lookup(op.name)
    if kind.startswith("dots"):
        is_dot = record.name in ("dot_general", "conv_general_dilated")
        return is_dot and (kind == "dots" or not record.decode_attributes(op).get("lhs_batch"))
    name = record.decode_attributes(op)["name"] if record.name == "name" else None
    names = set(listed.split(",")) if listed else set()
    match kind:
        case "names":
            return name in names
        case "names_except":
            return name is not None and name not in names
        case "except":
            return name is None or name not in names
    raise ValueError(f"there is no checkpoint policy {policy!r}")


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    body, given = call.function("body"), [tangent is not None for tangent in tangents]
    out_flags = tangent_results(call.module, body, given)
    argnums, outputs = ([i for i, flag in enumerate(marks) if flag] for marks in (given, out_flags))
    derived = derive.declare_jvp(call.module, body, argnums, outputs)
    derive.flatten(call.module, derived)
    derive.tidy(call.module, derived)
    directions = [tangent for tangent in tangents if tangent is not None]
    out = call.emit(b, [*operands, *directions], body=functions.symbol(derived))
    found = iter(out[len(out_flags) :])
    return out[: len(out_flags)], [next(found) if flag else None for flag in out_flags]


def _partition(
    b: Builder, call: Call, operands: Sequence[ir.Value], linear: Flags
) -> tuple[list[ir.Value], list[bool]]:
    """Forward: results and what the policy keeps. Backward: the rest of the residuals is computed again."""
    module, body, policy = call.module, call.function("body"), call.details["policy"]
    out_flags = dependent_results(module, body, linear)
    pieces = split(module, body, linear, [i for i, flag in enumerate(out_flags) if flag])
    inputs, returned = functions.arguments(body), list(functions.operations(body)[-1].operands)
    name, known_inputs = functions.symbol(body), others(inputs, linear)

    kept_ops = [op for op in pieces.known if saved(policy, op)]
    again = functions.live([op for op in pieces.known if op not in kept_ops], pieces.residuals)
    read = {operand for op in again for operand in op.operands} | set(pieces.residuals)
    kept = [value for op in kept_ops for value in op.results if value in read]

    known_results = [*others(returned, out_flags), *kept]
    forward = functions.outline(module, f"{name}.known", known_inputs, pieces.known, known_results, call.location)
    known_out = functions.call(b, forward, others(operands, linear))
    count = len(known_results) - len(kept)

    needed = [value in read for value in known_inputs]
    outputs = [returned[i] for i in pieces.linear_results]
    linear_inputs = [*chosen(known_inputs, needed), *kept, *chosen(inputs, linear)]
    ops = [*again, *pieces.linear]
    backward = functions.outline(module, f"{name}.linear", linear_inputs, ops, outputs, call.location)
    linear_operands = [*chosen(others(operands, linear), needed), *known_out[count:], *chosen(operands, linear)]
    linear_out = call.emit(b, linear_operands, body=functions.symbol(backward))
    sources = {False: iter(known_out[:count]), True: iter(linear_out)}
    return [next(sources[flag]) for flag in out_flags], out_flags


def _transpose(
    b: Builder, call: Call, operands: Sequence[ir.Value | None], cotangents: Sequence[ir.Value | None]
) -> list[ir.Value | None]:
    """The body's transpose, which computes again what it needs: not before the cotangents are there."""
    linear = [x is None for x in operands]
    arrived = [(i, cotangent) for i, cotangent in enumerate(cotangents) if cotangent is not None]
    mapped = linear_last(call.module, call.function("body"), linear, [i for i, _ in arrived], b.loc)
    turned = derive.declare_transpose(call.module, mapped, sum(linear))
    derive.flatten(call.module, turned)
    known = [x for x in operands if x is not None]
    if call.details["prevent_cse"]:
        known = [b.barrier(x, arrived[0][1]) for x in known]
    out = iter(call.emit(b, [*known, *(cotangent for _, cotangent in arrived)], body=functions.symbol(turned)))
    return [next(out) if flag else None for flag in linear]


checkpoint = register(
    HigherOrder(
        name="checkpoint",
        doc="A function whose intermediate values are computed again for the backward pass.",
        attributes={"body": SYMBOL, "policy": STRING, "prevent_cse": BOOL},
        infer=infer_from("body"),
        execute=execute("body"),
        dependent=dependent("body"),
        jvp=_jvp,
        partition=_partition,
        transpose=_transpose,
        batch=mapped_again("body"),
        inlined="body",
    )
)

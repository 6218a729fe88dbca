"""custom_vmap: a function with a batching rule of its own, which is a Python function.

``(*operands) -> (*results)`` with ``@primal`` of the same type. `rule` is the number of a Python function in `RULES`:
``(module, batch, batched, types) -> (function, results batched)``. It is asked for when the batch is made, since it
depends on which operands have one; so a program with such a call cannot be continued from its text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary

from .. import functions
from ..attributes import INT, SYMBOL
from ..builder import Builder
from ..dependence import Flags, Flow, dependent_results, tangent_results
from ..errors import MissingRule
from ..higher_order import Batch, Call, HigherOrder, register
from ..mlir import ir
from ..passes import derive
from .applied import execute, infer_from, inlined_partition


class BatchingRule:
    """A rule in the table: what traces it, and what gives the rule of the function's JVP."""

    def __init__(
        self, trace: Callable[..., Any], differentiated: Callable[[Sequence[int], Sequence[int]], BatchingRule]
    ):
        self.trace = trace
        self.differentiated = differentiated
        self.kept: list[BatchingRule] = []  # rules made from this one live as long


RULES: WeakValueDictionary[int, BatchingRule] = WeakValueDictionary()


def number_of(rule: BatchingRule) -> int:
    """The number under which a rule is found while it lives."""
    RULES[id(rule)] = rule
    return id(rule)


def _rule(call: Call) -> BatchingRule:
    try:
        return RULES[call.details["rule"]]
    except KeyError:
        raise MissingRule("the rule of a custom_vmap function is in another process", call.location) from None


def _batch(
    b: Builder, call: Call, operands: Sequence[ir.Value], batched: Flags, batch: Batch
) -> tuple[list[ir.Value], list[bool]]:
    function, results = _rule(call).trace(call.module, batch, batched, call.types)
    return functions.call(b, function, operands), results


def _jvp(
    b: Builder, call: Call, operands: Sequence[ir.Value], tangents: Sequence[ir.Value | None]
) -> tuple[list[ir.Value], list[ir.Value | None]]:
    """The JVP of the function, with the JVP of the rule as its batching rule."""
    primal, given = call.function("primal"), [tangent is not None for tangent in tangents]
    out_flags = tangent_results(call.module, primal, given)
    argnums, outputs = ([i for i, flag in enumerate(marks) if flag] for marks in (given, out_flags))
    derived = derive.declare_jvp(call.module, primal, argnums, outputs)
    derive.flatten(call.module, derived)
    rule = _rule(call)
    new = rule.differentiated(argnums, outputs)
    rule.kept.append(new)
    directions = [tangent for tangent in tangents if tangent is not None]
    out = call.emit(b, [*operands, *directions], primal=functions.symbol(derived), rule=number_of(new))
    found = iter(out[len(out_flags) :])
    return out[: len(out_flags)], [next(found) if flag else None for flag in out_flags]


def _dependent(call: Call, flags: Flags, flow: Flow) -> list[bool]:
    """The rule says which results have a batch: all of them may, even where the function ignores its operands."""
    results = flow(call.module, call.function("primal"), flags)
    return results if flow in (dependent_results, tangent_results) else [any(flags)] * len(results)


def _transpose(b: Builder, call: Call, operands: object, cotangents: object) -> list[ir.Value | None]:
    raise AssertionError("a linear call of a custom_vmap function is replaced by its primal before it is transposed")


custom_vmap = register(
    HigherOrder(
        name="custom_vmap",
        doc="A function with a batching rule of its own.",
        attributes={"primal": SYMBOL, "rule": INT},
        infer=infer_from("primal"),
        execute=execute("primal"),
        dependent=_dependent,
        jvp=_jvp,
        partition=inlined_partition("primal"),
        transpose=_transpose,
        batch=_batch,
        inlined="primal",
    )
)

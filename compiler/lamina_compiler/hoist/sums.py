"""Sums that a scan carries, taken after it: a sum of products is one product, which contracts over the iterations.

The gradient of a weight is a sum of products, x_tᵀ d_t, that grows in every step of the loop that runs backwards. The
loop gives all d_t instead; all x_t are there already.
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import functions
from ..builder import Builder
from ..control.scan_parts import parts_of
from ..dependence import dependent_values
from ..higher_order import Call
from ..mlir import ir
from ..passes.simplify_rules import splat
from ..types import BOOL_DTYPE, from_ir
from .addends import Addends, Sum
from .sizes import bytes_of, most_of

WORTH = 1 << 18  # multiply-adds of all iterations
FACTOR = 4  # multiply-adds for each element that is stacked for them


def sums_after(b: Builder, call: Call, operands: Sequence[ir.Value]) -> list[ir.Value] | None:
    """The results of a scan that carries less, or None if it carries no sum that is better taken after it."""
    if call.record.name != "scan":
        return None
    parts, body = parts_of(call), call.function("body")
    *ops, terminator = functions.operations(body)
    inputs, returned = functions.arguments(body), list(terminator.operands)
    _, carry, slices = parts.split(inputs)
    ys = returned[parts.carry :]
    sums = _worthwhile(call, {*slices, *ys})
    if not sums:
        return None
    new = list(dict.fromkeys(x for found in sums.values() for x in found.stacked if x not in {*slices, *ys}))
    kept = [i for i in range(parts.carry) if i not in sums]
    outputs = [*(returned[i] for i in kept), *ys, *new]
    rest = functions.live(ops, outputs)
    arguments = [x for x in inputs if x not in {carry[i] for i in sums}]
    name = functions.symbol(body)
    smaller = functions.outline(call.module, name, arguments, rest, outputs, body.location)
    consts, starts, xs = parts.split(operands)
    results = call.emit(b, [*consts, *(starts[i] for i in kept), *xs], body=functions.symbol(smaller), carry=len(kept))
    stacks = dict(zip([*slices, *ys, *new], [*xs, *results[len(kept) :]], strict=True))
    last = dict(zip(kept, results, strict=False))
    last |= {i: _from_start(b, starts[i], found.write(b, stacks)) for i, found in sums.items()}
    return [*(last[i] for i in range(parts.carry)), *results[len(kept) : len(kept) + len(ys)]]


def _from_start(b: Builder, start: ir.Value, total: ir.Value) -> ir.Value:
    return total if splat(start) == 0 else b.add(start, total)


def _worthwhile(call: Call, ready: set[ir.Value]) -> dict[int, Sum]:
    """The sums of products, by carry, that have much to compute for what must be stacked; those that need no more."""
    length, most, found = call.details["length"], most_of(call), dict[int, Sum]()
    for i, candidate in _carried_sums(call, ready).items():
        new = {*candidate.stacked} - ready
        work, memory = candidate.work, length * bytes_of(new)
        if length * work >= WORTH and work >= FACTOR * sum(from_ir(x.type).size for x in new) and memory <= most:
            found[i] = candidate
            most -= memory
            ready |= new
    if found:
        others = _carried_sums(call, ready)
        found |= {i: other for i, other in others.items() if i not in found and ready.issuperset(other.stacked)}
    return found


def _carried_sums(call: Call, ready: set[ir.Value]) -> dict[int, Sum]:
    """What the carries that are nothing but sums grow by, in all iterations; some values are stacked anyway."""
    parts, body = parts_of(call), call.function("body")
    inputs, returned = functions.arguments(body), list(functions.operations(body)[-1].operands)
    varies = dependent_values(call.module, body, [i >= parts.consts for i in range(len(inputs))])
    addends, found = Addends(ready, varies), dict[int, Sum]()
    for i, (before, after) in enumerate(zip(inputs[parts.carry_slice], returned, strict=False)):
        growth = addends.of_carry(before, after) if from_ir(before.type).dtype != BOOL_DTYPE else None
        if growth is not None:
            found[i] = growth
    return found

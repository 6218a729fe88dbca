"""scf operations with bodies, written through a LinalgBuilder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..linalg_builder import LinalgBuilder
from ..mlir import ir

Values = list[ir.Value]


def fence(lw: LinalgBuilder) -> ir.Value:
    """Append what IREE moves nothing across; gives an index 0 that only exists after it.

    It would gather dispatches before and after a loop into one group where it does not see what lies between them, and
    then find that the loop needs the group which needs the loop ("circular dependency").
    """
    return lw.barrier(lw.index(0))


def append_loop(
    lw: LinalgBuilder,
    length: int,
    state: Sequence[ir.Value],
    iteration: Callable[[LinalgBuilder, ir.Value, Values], Sequence[ir.Value]],
) -> Values:
    """scf.for from 0 to `length`; `iteration` gets the index and the state, and gives the new state."""
    bounds = [fence(lw), lw.index(length), lw.index(1)]
    types = [value.type for value in state]
    loop = lw.op("scf.for", types, [*bounds, *state], regions=1)
    _fill(lw, loop.regions[0], [ir.IndexType.get(), *types], lambda inner, args: iteration(inner, args[0], args[1:]))
    return list(loop.results)


def append_while(
    lw: LinalgBuilder,
    state: Sequence[ir.Value],
    condition: Callable[[LinalgBuilder, Values], ir.Value],
    iteration: Callable[[LinalgBuilder, Values], Sequence[ir.Value]],
) -> Values:
    """scf.while; `condition` gives an i1.

    A barrier reads all state, and what is written goes through barriers: IREE's compiler crashes if its own folding
    finds that state is not read, or that two values are one, as it removes only some of their places in the loop then.
    """
    fence(lw)
    types = [value.type for value in state]
    loop = lw.op("scf.while", types, state, regions=2)
    before = loop.regions[0].blocks.append(*types, arg_locs=[lw.loc] * len(types))
    inner = LinalgBuilder(ir.InsertionPoint(before), lw.loc, lw.scalars)
    arguments = list(before.arguments)
    inner.op("scf.condition", [], [condition(inner, arguments), *arguments])
    _fill(lw, loop.regions[1], types, lambda inner, args: _apart(inner, args, iteration))
    return list(loop.results)


def _apart(
    lw: LinalgBuilder, state: Values, iteration: Callable[[LinalgBuilder, Values], Sequence[ir.Value]]
) -> Values:
    """The new state; none of the old is unread, and none of the new is another, to IREE."""
    for value in state:
        lw.op("util.optimization_barrier", [value.type], [value])
    return [old if new == old else lw.barrier(new) for old, new in zip(state, iteration(lw, state), strict=True)]


def append_choice(
    lw: LinalgBuilder,
    condition: ir.Value,
    types: Sequence[ir.Type],
    on_true: Callable[[LinalgBuilder], Sequence[ir.Value]],
    on_false: Callable[[LinalgBuilder], Sequence[ir.Value]],
) -> Values:
    """scf.if with results."""
    choice = lw.op("scf.if", types, [condition], regions=2)
    for region, branch in zip(choice.regions, (on_true, on_false), strict=True):
        _fill(lw, region, [], lambda inner, _, branch=branch: branch(inner))
    return list(choice.results)


def _fill(
    lw: LinalgBuilder,
    region: ir.Region,
    types: Sequence[ir.Type],
    body: Callable[[LinalgBuilder, Values], Sequence[ir.Value]],
) -> None:
    block = region.blocks.append(*types, arg_locs=[lw.loc] * len(types))
    inner = LinalgBuilder(ir.InsertionPoint(block), lw.loc, lw.scalars)
    inner.op("scf.yield", [], body(inner, list(block.arguments)))

"""Tiles that have no form as a kernel, one after the other in loops that IREE runs."""

from __future__ import annotations

from collections.abc import Sequence

from ..linalg_loops import TileLoop, tiles_of
from ..mlir import ir


def one_by_one(op: ir.Operation) -> None:
    """Replace an `scf.forall` by nested `scf.for` that insert the results of the tiles."""
    loops = tiles_of(op)
    body = op.regions[0].blocks[0]
    counters, shared = list(body.arguments)[: len(loops)], list(body.arguments)[len(loops) :]
    results = _nest(op, loops, counters, shared, list(op.operands), ir.InsertionPoint(op))
    for old, new in zip(op.results, results, strict=True):
        old.replace_all_uses_with(new)
    op.erase()


def _nest(
    op: ir.Operation,
    loops: Sequence[TileLoop],
    counters: Sequence[ir.Value],
    shared: Sequence[ir.Value],
    arrays: Sequence[ir.Value],
    ip: ir.InsertionPoint,
) -> list[ir.Value]:
    """A loop over the first of `counters`, with one over the others inside; gives the arrays with all results."""
    index, (tiles, step) = ir.IndexType.get(), loops[0]
    bounds = [
        ir.Operation.create(
            "arith.constant", [index], (), {"value": ir.IntegerAttr.get(index, value)}, ip=ip, loc=op.location
        ).result
        for value in (0, tiles * step, step)
    ]
    types = [x.type for x in arrays]
    loop = ir.Operation.create("scf.for", types, [*bounds, *arrays], regions=1, ip=ip, loc=op.location)
    block = loop.regions[0].blocks.append(index, *types, arg_locs=[op.location] * (1 + len(types)))
    counter, *carried = block.arguments
    counters[0].replace_all_uses_with(counter)
    inside = ir.InsertionPoint(block)
    if len(loops) > 1:
        yielded = _nest(op, loops[1:], counters[1:], shared, carried, inside)
    else:
        yielded = _inserted(op, shared, carried, block)
    ir.Operation.create("scf.yield", [], yielded, ip=ir.InsertionPoint(block), loc=op.location)
    return list(loop.results)


def _inserted(
    op: ir.Operation, shared: Sequence[ir.Value], carried: Sequence[ir.Value], block: ir.Block
) -> list[ir.Value]:
    """Move the operations of a tile to a block; gives the arrays with its results."""
    for old, new in zip(shared, carried, strict=True):
        old.replace_all_uses_with(new)
    *inner, end = [x.operation for x in op.regions[0].blocks[0].operations]
    into = ir.InsertionPoint(block)
    for x in inner:
        x.detach_from_parent()
        into.insert(x)
    yielded = dict(zip(carried, carried, strict=True))
    for insertion in [x.operation for x in end.regions[0].blocks[0].operations]:
        source, array, *offsets = insertion.operands
        attributes = {name: insertion.attributes[name] for name in insertion.attributes}
        inserted = ir.Operation.create(
            "tensor.insert_slice",
            [array.type],
            [source, yielded[array], *offsets],
            attributes,
            ip=into,
            loc=op.location,
        )
        yielded[array] = inserted.results[0]
    return list(yielded.values())

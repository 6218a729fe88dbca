"""`scf.forall`: tiles that run in parallel, and where their results go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..mlir import ir
from .tile import slice_of

Insertion = tuple[
    ir.Value, dict[int, ir.Value]
]  # what a tile has of a result, and where that starts in some dimensions


def write_forall(
    types: Sequence[ir.Type],
    extents: Sequence[int],
    steps: Sequence[int],
    tile: Callable[[Sequence[ir.Value], ir.InsertionPoint], Sequence[Sequence[Insertion]]],
    ip: ir.InsertionPoint,
    location: ir.Location,
) -> list[ir.Value]:
    """Results of these types, put together from what `tile` writes for each where a tile starts along the loops."""
    inits = [ir.Operation.create("tensor.empty", [type], ip=ip, loc=location).result for type in types]
    values = {"staticLowerBound": [0] * len(steps), "staticUpperBound": extents, "staticStep": steps}
    bounds: dict[str, ir.Attribute] = {n: ir.DenseI64ArrayAttr.get(list(numbers)) for n, numbers in values.items()}
    bounds["operandSegmentSizes"] = ir.DenseI32ArrayAttr.get([0, 0, 0, len(types)])
    forall = ir.Operation.create("scf.forall", types, inits, bounds, regions=1, ip=ip, loc=location)
    arguments = [*[ir.IndexType.get()] * len(steps), *types]
    block = forall.regions[0].blocks.append(*arguments, arg_locs=[location] * len(arguments))
    at, shared = list(block.arguments)[: len(steps)], list(block.arguments)[len(steps) :]
    inside = ir.InsertionPoint(block)
    made = tile(at, inside)
    end = ir.Operation.create("scf.forall.in_parallel", regions=1, ip=inside, loc=location)
    last = ir.InsertionPoint(end.regions[0].blocks.append())
    for part, offsets, into in ((*x, into) for parts, into in zip(made, shared, strict=True) for x in parts):
        shape = ir.RankedTensorType(part.type).shape
        sizes = [1] * (ir.RankedTensorType(into.type).rank - len(shape)) + shape
        slice = slice_of(sizes, offsets, [1, 1, len(offsets), 0, 0])
        operands = [part, into, *(offsets[d] for d in sorted(offsets))]
        ir.Operation.create("tensor.parallel_insert_slice", [], operands, slice, ip=last, loc=location)
    return list(forall.results)

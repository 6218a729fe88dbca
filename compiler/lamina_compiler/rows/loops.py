"""Tiles that have no form as a kernel, one after the other in a loop that IREE runs."""

from __future__ import annotations

from ..mlir import ir


def one_by_one(op: ir.Operation) -> None:
    """Replace an `scf.forall` by an `scf.for` that inserts the results of the tiles."""
    before, location = ir.InsertionPoint(op), op.location
    index = ir.IndexType.get()
    bounds = []
    for name in ("staticLowerBound", "staticUpperBound", "staticStep"):
        (value,) = ir.DenseI64ArrayAttr(op.attributes[name])
        attributes = {"value": ir.IntegerAttr.get(index, value)}
        bounds.append(ir.Operation.create("arith.constant", [index], (), attributes, ip=before, loc=location).result)
    types = [result.type for result in op.results]
    loop = ir.Operation.create("scf.for", types, [*bounds, *op.operands], regions=1, ip=before, loc=location)
    body = op.regions[0].blocks[0]
    body.append_to(loop.regions[0])
    shared = list(body.arguments)[1:]
    *_, end = body.operations
    yielded = dict(zip(shared, shared, strict=True))
    for inner in [inner.operation for inner in end.operation.regions[0].blocks[0].operations]:
        source, into, *offsets = inner.operands
        attributes = {name: inner.attributes[name] for name in inner.attributes}
        inserted = ir.Operation.create(
            "tensor.insert_slice",
            [into.type],
            [source, yielded[into], *offsets],
            attributes,
            ip=ir.InsertionPoint(end),
            loc=location,
        )
        yielded[into] = inserted.results[0]
    ir.Operation.create("scf.yield", [], list(yielded.values()), ip=ir.InsertionPoint(end), loc=location)
    end.operation.erase()
    for old, new in zip(op.results, loop.results, strict=True):
        old.replace_all_uses_with(new)
    op.erase()

"""Copies of operands with their dimensions in another order."""

from __future__ import annotations

from collections.abc import Sequence

from ..mlir import ir


def copy_in_order(
    value: ir.Value, order: Sequence[int], element: ir.Type, ip: ir.InsertionPoint, location: ir.Location
) -> ir.Value:
    """A tensor whose dimensions are those of the value in another order, of this type or a shorter one it extends.

    The value itself, if that is what it is.
    """
    old = ir.RankedTensorType(value.type)
    type = ir.RankedTensorType.get([old.shape[d] for d in order], element)
    if type == old and list(order) == sorted(order):
        return value
    empty = ir.Operation.create("tensor.empty", [type], ip=ip, loc=location).result
    places = [order.index(d) for d in range(old.rank)]
    maps = ir.AffineMap.get_permutation(places), ir.AffineMap.get_identity(old.rank)
    attributes = {
        "indexing_maps": ir.ArrayAttr.get([ir.AffineMapAttr.get(map) for map in maps]),
        "iterator_types": ir.ArrayAttr.get([ir.Attribute.parse("#linalg.iterator_type<parallel>")] * old.rank),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 1]),
    }
    copy = ir.Operation.create("linalg.generic", [type], [value, empty], attributes, regions=1, ip=ip, loc=location)
    block = copy.regions[0].blocks.append(old.element_type, element, arg_locs=[location] * 2)
    inside, copied = ir.InsertionPoint(block), block.arguments[0]
    if element != old.element_type:
        copied = ir.Operation.create("arith.extf", [element], [copied], ip=inside, loc=location).result
    ir.Operation.create("linalg.yield", [], [copied], ip=inside, loc=location)
    return copy.result


def map_in_order(map: ir.Attribute, order: Sequence[int]) -> ir.Attribute:
    """The indexing map of a copy with the dimensions in another order."""
    expressions = map.value.results  # type: ignore[attr-defined]
    dims = map.value.n_dims  # type: ignore[attr-defined]
    return ir.AffineMapAttr.get(ir.AffineMap.get(dims, 0, [expressions[d] for d in order]))

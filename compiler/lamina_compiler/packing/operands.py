"""Operands of products in the order that is fast to read, and in the type of the sums."""

from __future__ import annotations

from collections.abc import Mapping

from ..linalg_loops import loops_of
from ..mlir import ir
from ..rows.copies import copy_in_order, map_in_order
from .product import Product


def arrange(product: Product) -> Product:
    """Replace the product by one of copies, where an operand is not as it should be.

    The left one, of which a number at a time is read, goes along the sums; the right one, of which vectors are read,
    along the columns. Both are of the type of the sums.
    """
    op, depth, column = product.op, product.depth, product.columns[-1]
    maps, operands = list(op.attributes["indexing_maps"]), list(op.operands)  # type: ignore[call-overload]
    for i, last in (product.left, {d: i for i, d in enumerate(depth)}), (product.right, {column: 0}):
        order = _with_last(loops_of(op)[i], last)
        operands[i] = copy_in_order(operands[i], order, product.element, ir.InsertionPoint(op), op.location)
        maps[i] = map_in_order(maps[i], order)
    new = _multiply(op, operands, ir.ArrayAttr.get(maps))
    op.results[0].replace_all_uses_with(new.results[0])
    op.erase()
    return product._replace(op=new)


def _with_last(loops: tuple[int | None, ...], last: Mapping[int, int]) -> list[int]:
    """The dimensions, those of some loops moved to the end, in the order that `last` has."""
    return sorted(range(len(loops)), key=lambda d: last.get(loops[d], -1))  # type: ignore[arg-type]


def _multiply(op: ir.Operation, operands: list[ir.Value], maps: ir.Attribute) -> ir.Operation:
    """The same product of other operands, which are of the type of the sums."""
    kept = {name: op.attributes[name] for name in ("iterator_types", "operandSegmentSizes")}
    attributes = {"indexing_maps": maps, **kept}
    type, ip = op.results[0].type, ir.InsertionPoint(op)
    new = ir.Operation.create("linalg.generic", [type], operands, attributes, regions=1, ip=ip, loc=op.location)
    element = ir.RankedTensorType(type).element_type
    block = new.regions[0].blocks.append(element, element, element, arg_locs=[op.location] * 3)
    x, y, total = block.arguments
    inside = ir.InsertionPoint(block)
    product = ir.Operation.create("arith.mulf", [element], [x, y], ip=inside, loc=op.location).result
    sum = ir.Operation.create("arith.addf", [element], [total, product], ip=inside, loc=op.location).result
    ir.Operation.create("linalg.yield", [], [sum], ip=inside, loc=op.location)
    return new

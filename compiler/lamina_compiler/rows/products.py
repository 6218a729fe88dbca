"""Products of matrices: those whose large side is an array of a row times a row, as attention has, join a group.

There that array is one of tiles, which stay in a cache. Elsewhere IREE has better code for products.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import prod

from ..kernelize.cost import is_better_alone
from ..kernelize.machine import CPU
from ..linalg_loops import adds_products, extents_of, kinds_of, loops_of, reduces
from ..mlir import ir
from ..packing.product import product_of
from .copies import copy_in_order, map_in_order
from .moves import points_of

ELEMENTS = 1 << 15  # of a tile with sums over its rows, whose products want many of them, and a cache of 1 MiB
SHARED = 1 << 17  # elements at most that every tile reads anew
FEWEST_ROWS = 8  # of a tile, for what is read anew to be used that often
_VECTOR = 16
_THIN = 256  # elements at most of a row on the small side
_RATIO = 4  # from which on the large side is so large
_MULTIPLICATIONS = ("mulf", "muli", "complex.mul")


def is_product(op: ir.Operation) -> bool:
    """Whether an operation is a product of matrices, or a convolution, for which there is better code."""
    if (
        op.name != "linalg.generic"
        or len(op.operands) - len(op.results) != 2
        or not reduces(op)
        or kinds_of(op).count("parallel") <= 1
    ):
        return False
    names = [inner.operation.name for inner in op.regions[0].blocks[0].operations]
    return any(name.endswith(_MULTIPLICATIONS) for name in names) and (_is_packed(op) or not is_better_alone(op))


def _is_packed(op: ir.Operation) -> bool:
    """Whether `lamina-pack` has the better code than a kernel that adds up one by one, on any CPU."""
    product = product_of(op)
    return product is not None and product.is_worth_it(is_tiled=False, machine=CPU)


def joins(op: ir.Operation, row: int) -> bool:
    """Whether a product may be done for some indices of a loop, together with others."""
    visited = loops_of(op)[:-1]
    if not adds_products(op) or any(None in loops for loops in visited):
        return False
    extents = extents_of(op)
    batch = set.intersection(*(set(loops) for loops in visited)) | {row}  # type: ignore[arg-type]

    def size(loops: Iterable[int | None]) -> int:
        return prod(extents[loop] for loop in loops if loop is not None and loop not in batch)

    with_rows = sorted(size(loops) for loops in visited if row in loops)
    others = [size(loops) for loops in visited if row not in loops]
    if len(others) != 1 or max(others) > SHARED:
        return False
    small, large = with_rows
    return _VECTOR <= small <= _THIN and large >= _RATIO * small


def is_thin(op: ir.Operation) -> bool:
    """Whether a product may join a group at all."""
    return any(joins(op, loop) for loop in range(len(kinds_of(op))))


def elements_of(op: ir.Operation) -> int:
    """Of the largest array of a product; the points that another operation visits."""
    if not is_product(op):
        return points_of(op)
    return max(prod(ir.RankedTensorType(x.type).shape) for x in op.operands)


def face_lanes(op: ir.Operation, row: int, inside: Collection[ir.Value], ip: ir.InsertionPoint) -> None:
    """Have a product read what every tile reads anew along the result's last dimension, from a transposed copy.

    `inside`: what is computed in tiles, where it can be in any order.
    """
    maps = list(op.attributes["indexing_maps"])  # type: ignore[call-overload]
    *visited, result = loops_of(op)
    for i, loops in enumerate(visited[:2]):
        operand = op.operands[i]
        if operand in inside or row in loops or result[-1] not in loops[:-1]:
            continue
        at = loops.index(result[-1])
        order = [d for d in range(len(loops)) if d != at] + [at]
        op.operands[i] = copy_in_order(operand, order, operand.type.element_type, ip, op.location)
        maps[i] = map_in_order(maps[i], order)
    op.attributes["indexing_maps"] = ir.ArrayAttr.get(maps)

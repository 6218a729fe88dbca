"""The loops of linalg.generic operations: read once for all that have the same maps, kinds of loops and types.

And those of scf.forall, over tiles.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from .mlir import ir

_MOST = 1 << 14  # that are remembered


def kinds_of(op: ir.Operation) -> tuple[str, ...]:
    """For every loop "parallel" or "reduction"."""
    return _kinds(op.attributes["iterator_types"])


def reduces(op: ir.Operation) -> bool:
    return "reduction" in kinds_of(op)


def extents_of(op: ir.Operation) -> tuple[int, ...]:
    """How far each loop runs."""
    return _extents(op.attributes["indexing_maps"], *(operand.type for operand in op.operands))


def points_of(op: ir.Operation) -> tuple[int, bool]:
    """How many points a linalg.generic visits, and whether it is a contraction: two inputs, and a reduction."""
    return math.prod(extents_of(op)), len(op.operands) == 3 and reduces(op)


def loops_of(op: ir.Operation) -> tuple[tuple[int | None, ...], ...]:
    """For every operand, and then every result: the loop that visits each of its dimensions.

    None for a dimension that is not visited in step with one loop.
    """
    maps = _visited(op.attributes["indexing_maps"])
    return *maps, *maps[len(maps) - len(op.results) :]


def adds_products(op: ir.Operation) -> bool:
    """Whether a linalg.generic with two inputs adds their products to what is there, as floats of one type."""
    return _adds_products(op, [])


def adds_widened_products(op: ir.Operation) -> bool:
    """Whether it does that after extending both inputs to the type of the sums."""
    return _adds_products(op, ["arith.extf", "arith.extf"])


def _adds_products(op: ir.Operation, widening: list[str]) -> bool:
    block = op.regions[0].blocks[0]
    body = [inner.operation for inner in block.operations]
    if len(op.operands) != 3 or [x.name for x in body] != [*widening, "arith.mulf", "arith.addf", "linalg.yield"]:
        return False
    *_, product, sum, _ = body
    factors = [x.result for x in body[: len(widening)]] or list(block.arguments)[:2]
    return set(product.operands) == set(factors) and set(sum.operands) == {product.result, block.arguments[2]}


def has_windows(op: ir.Operation, loop: int) -> bool:
    """Whether an operand is visited along sums of this loop's index and others."""
    return any(re.search(rf"\bd{loop}\b", sum) for sum in sums_of(op))


def sums_of(op: ir.Operation) -> tuple[str, ...]:
    """What operands are visited along that is not the index of one loop."""
    return _sums(op.attributes["indexing_maps"])


def source_of_transpose(value: ir.Value) -> tuple[ir.Value, list[int]]:
    """What a tensor is a transpose of, and for each of its dimensions which one of the source it is.

    A tensor that is no transpose is one of itself.
    """
    op = value.owner
    if not isinstance(op, ir.Block) and op.name == "linalg.generic" and len(op.operands) == 2:
        (block,) = op.regions[0].blocks
        first = block.operations[0]
        read, written = loops_of(op)[:2]
        is_permutation = len(read) == len(written) == len({*read, *written} - {None})
        if is_permutation and first.operation.name == "linalg.yield" and first.operands[0] == block.arguments[0]:
            return op.operands[0], [read.index(loop) for loop in written]
    return value, list(range(ir.RankedTensorType(value.type).rank))


class TileLoop(NamedTuple):
    """A loop of an `scf.forall`: how many tiles there are along it, and how far they are apart."""

    tiles: int
    step: int


def tiles_of(op: ir.Operation) -> list[TileLoop]:
    """The loops of an `scf.forall`, which start from 0."""
    bounds = (ir.DenseI64ArrayAttr(op.attributes[f"static{name}"]) for name in ("LowerBound", "UpperBound", "Step"))
    loops = list(zip(*bounds, strict=True))
    assert not any(lower for lower, _, _ in loops)
    return [TileLoop(-(-upper // step), step) for _, upper, step in loops]


@lru_cache(_MOST)
def _kinds(attribute: ir.Attribute) -> tuple[str, ...]:
    return tuple("reduction" if "reduction" in str(kind) else "parallel" for kind in attribute)  # type: ignore


@lru_cache(_MOST)
def _extents(maps: ir.Attribute, *types: ir.Type) -> tuple[int, ...]:
    extents: dict[int, int] = {}
    for loops, type in zip(_visited(maps), types, strict=True):
        shape = type.shape if isinstance(type, ir.RankedTensorType) else ()
        extents |= {loop: size for loop, size in zip(loops, shape, strict=False) if loop is not None}
    return tuple(extents[d] for d in sorted(extents))


@lru_cache(_MOST)
def _visited(maps: ir.Attribute) -> tuple[tuple[int | None, ...], ...]:
    return tuple(
        tuple(e.position if isinstance(e, ir.AffineDimExpr) else None for e in map.value.results)
        for map in maps  # type: ignore[attr-defined]
    )


@lru_cache(_MOST)
def _sums(maps: ir.Attribute) -> tuple[str, ...]:
    expressions = (e for map in maps for e in map.value.results)  # type: ignore[attr-defined]
    return tuple(str(e) for e in expressions if not isinstance(e, ir.AffineDimExpr))

"""lamina-tile: tile sizes for matrix products, which IREE's code generation for CPUs takes in place of its own choice.

A transpose of a product is kept out of its dispatch, where it would decide about the tiles.

Measured with AVX-512 and AVX2; where tiles do not divide the sizes, IREE's choice is better.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from .. import targeting
from ..kernels.kernel import host_functions
from ..linalg_loops import adds_products, adds_widened_products, extents_of, kinds_of, points_of, source_of_transpose
from ..mlir import context, ir
from ..vectors import Vectors

WORTH = 1 << 20  # multiply-adds
_SHALLOW = 512  # depth of a reduction whose operands a cache holds as a whole
_MOST, _LEAST = 160, 48  # of a deeper one that are in the cache at once
_INFO = (
    "#iree_codegen.compilation_info<lowering_config = #iree_cpu.lowering_config<distribution = {distribution}, "
    "{cache}vector_common_parallel = {parallel}, vector_reduction = {reduction}>, "
    "translation_info = <pipeline = #iree_cpu.pipeline<DoubleTilingExpert>>>"
)


class Tiles(NamedTuple):
    """Sizes by loop: of what a thread computes, of what it goes through at once along the reduction, of what is in
    registers, of a step along the reduction."""

    distribution: list[int]
    cache: list[int]
    parallel: list[int]
    reduction: list[int]

    def info(self) -> str:
        """The attribute that IREE reads."""
        cache = f"cache_reduction = {self.cache}, " if any(self.cache) else ""
        return _INFO.format(**{**self._asdict(), "cache": cache})


def run(module: ir.Module) -> None:
    """Annotate the products."""
    if not targeting.has_vectors(module):
        return
    vectors = targeting.vectors_of(module)

    def visit(op: ir.Operation) -> ir.WalkResult:
        if op.name == "linalg.generic":
            tiles = tiles_for(op, vectors)
            if tiles is not None:
                context().allow_unregistered_dialects = True
                op.attributes["compilation_info"] = ir.Attribute.parse(tiles.info())
            if points_of(op)[1]:
                _keep_apart(op.results[0])
            return ir.WalkResult.SKIP
        return ir.WalkResult.ADVANCE

    for function in host_functions(module):
        function.walk(visit, ir.WalkOrder.PRE_ORDER)


def _keep_apart(product: ir.Value) -> None:
    """Put a barrier between a product and transposes of it, perhaps in another shape."""
    for user in [use.owner.operation for use in product.uses]:
        if _is_transposed(product, user):
            place = ir.InsertionPoint(user)
            barrier = ir.Operation.create(
                "util.optimization_barrier", [product.type], [product], ip=place, loc=user.location
            )
            user.operands[0] = barrier.results[0]


def _is_transposed(value: ir.Value, user: ir.Operation) -> bool:
    if user.name in ("tensor.expand_shape", "tensor.collapse_shape"):
        return any(_is_transposed(user.results[0], use.owner.operation) for use in user.results[0].uses)
    return user.name == "linalg.generic" and source_of_transpose(user.results[0])[0] == value


def tiles_for(op: ir.Operation, vectors: Vectors) -> Tiles | None:
    """Tiles for f32 products whose right operand has its columns innermost, in about half of the registers."""
    kinds = kinds_of(op)
    rank = len(kinds) - 1
    if rank < 2 or kinds != ("parallel",) * rank + ("reduction",) or not _is_f32(op):
        return None
    right = op.attributes["indexing_maps"][1].value.results  # type: ignore[index]
    if not right or not isinstance(right[-1], ir.AffineDimExpr) or right[-1].position != rank - 1:
        return None
    *outer, rows, columns, depth = extents_of(op)
    registers = vectors.registers // 4, vectors.bytes // 2  # 8 rows and 32 columns with AVX-512
    if rows % registers[0] or columns % registers[1] or depth % 4 or prod((*outer, rows, columns, depth)) < WORTH:
        return None
    ones, zeros = [1] * len(outer), [0] * len(outer)
    distribution = [*ones, _largest(rows), _largest(columns), 0]
    return Tiles(distribution, [*zeros, 0, 0, _cached(depth)], [*ones, *registers, 0], [*zeros, 0, 0, 4])


def _cached(depth: int) -> int:
    """The part of a deep reduction whose operands stay in a core's cache; 0: all of it, or there is no such part."""
    if depth <= _SHALLOW:
        return 0
    return next((part for part in range(_MOST, _LEAST - 1, -4) if depth % part == 0), 0)


def _largest(size: int) -> int:
    return next(tile for tile in (64, 32, 16, 8, 4) if size % tile == 0)


def _is_f32(op: ir.Operation) -> bool:
    """Whether the body is a product of the two inputs, in f32 or widened to it, added to a sum in f32."""
    types = {str(operand.type.element_type) for operand in op.operands}  # type: ignore[attr-defined]
    if adds_widened_products(op):
        return types in ({"f32", "bf16"}, {"f32", "f16"})
    return adds_products(op) and types == {"f32"}

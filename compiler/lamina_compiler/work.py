"""How much a lowered program computes: decides whether it is worth more than the calling thread."""

from __future__ import annotations

import math

from .mlir import ir


def work_of(module: ir.Module) -> int:
    """Sum over all linalg operations of the points they visit."""
    total = 0

    def visit(op: ir.Operation) -> ir.WalkResult:
        nonlocal total
        if op.name.startswith("linalg.") and op.name not in ("linalg.yield", "linalg.index"):
            total += _points(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return total


def _points(op: ir.Operation) -> int:
    """Size of the iteration space, from the largest operand and, for contractions, the dimensions it lacks."""
    maps = op.attributes.get("indexing_maps", None)
    shapes = [tuple(v.type.shape) for v in op.operands if isinstance(v.type, ir.RankedTensorType)]  # type: ignore
    if maps is None:
        return max((math.prod(shape) for shape in shapes), default=1)
    extents: dict[int, int] = {}
    tensors = [v.type for v in op.operands]
    for attribute, type in zip(maps, tensors, strict=True):  # type: ignore[arg-type]
        shape = type.shape if isinstance(type, ir.RankedTensorType) else ()
        for expression, size in zip(attribute.value.results, shape, strict=False):
            if isinstance(expression, ir.AffineDimExpr):
                extents[expression.position] = size
    return math.prod(extents.values())

"""How much a lowered program computes: decides whether it is worth more than the calling thread."""

from __future__ import annotations

import math

from .mlir import ir

# Multiply-adds of a contraction that take as long as visiting one point of anything else (data in registers, fma).
_MULTIPLY_ADDS = 16

_SIMPLE = 16  # operations on numbers in registers that take as long as visiting a point in memory

_WORKGROUP = 65536  # points that a workgroup of a kernel is worth, where it has several


def work_of(module: ir.Module) -> int:
    """Sum over all linalg operations of the points they visit, those of contractions at their lower price.

    So are those of what IREE computes together with its only user. Kernels count where they have several workgroups.
    """
    total = 0

    def visit(op: ir.Operation) -> ir.WalkResult:
        nonlocal total
        if op.name.startswith(("linalg.", "iree_linalg_ext.")) and not op.name.endswith((".yield", ".index")):
            total += _points(op) // (_MULTIPLY_ADDS if _is_contraction(op) else 1) * _share(op) // _SIMPLE
        if op.name == "hal.executable.export" and (workgroups := _workgroups(op)) > 1:
            total += workgroups * _WORKGROUP
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return total


def points_of(op: ir.Operation) -> tuple[int, bool]:
    """How many points a linalg.generic visits, and whether it is a contraction."""
    return _points(op), _is_contraction(op)


def _workgroups(export: ir.Operation) -> int:
    return export.regions[0].blocks[0].operations[0].attributes["value"].value  # type: ignore[attr-defined]


def _share(op: ir.Operation) -> int:
    """What a point costs, in simple operations: fewer where it is computed in the loop of its only user."""
    uses = list(op.results[0].uses) if op.name == "linalg.generic" else []
    if len(uses) != 1 or "reduction" in str(op.attributes["iterator_types"]):
        return _SIMPLE
    user = uses[0].owner
    if user.name != "linalg.generic" or user.attributes["iterator_types"] != op.attributes["iterator_types"]:
        return _SIMPLE
    return min(len(op.regions[0].blocks[0].operations), _SIMPLE)


def _is_contraction(op: ir.Operation) -> bool:
    """Two inputs, and a loop that is a reduction."""
    kinds = op.attributes.get("iterator_types", None)
    return len(op.operands) == 3 and kinds is not None and "reduction" in str(kinds)


def _points(op: ir.Operation) -> int:
    """Size of the iteration space, from the largest operand and, for contractions, the dimensions it lacks."""
    maps = op.attributes.get("indexing_maps", None)
    shapes = [tuple(v.type.shape) for v in op.operands if isinstance(v.type, ir.RankedTensorType)]  # type: ignore
    if maps is None:
        return max((math.prod(shape) for shape in shapes), default=1)
    return math.prod(extents_of(op))


def extents_of(op: ir.Operation) -> list[int]:
    """How far each loop of a linalg.generic runs."""
    extents: dict[int, int] = {}
    for attribute, value in zip(op.attributes["indexing_maps"], op.operands, strict=True):  # type: ignore[arg-type]
        shape = value.type.shape if isinstance(value.type, ir.RankedTensorType) else ()
        for expression, size in zip(attribute.value.results, shape, strict=False):
            if isinstance(expression, ir.AffineDimExpr):
                extents[expression.position] = size
    return [extents[d] for d in sorted(extents)]

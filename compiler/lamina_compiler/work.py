"""How much a lowered program computes: decides whether it is worth more than the calling thread."""

from __future__ import annotations

import math

from . import functions
from .kernelize.cost import SIMPLE
from .linalg_loops import points_of, reduces
from .mlir import ir

# Multiply-adds of a contraction that take as long as visiting one point of anything else (data in registers, fma).
_MULTIPLY_ADDS = 16

WORK = "work"  # on executables' exports: see `kernel.shared_work`
_STEP = 4  # points that a step of a kernel takes as long as
_FEWEST = 1 << 15  # steps of a kernel; handing out fewer to threads takes as long as doing them


@functions.indexed
def work_of(module: ir.Module) -> int:
    """Sum over all linalg operations of the points they visit, those of contractions at their lower price.

    So are those of what IREE computes together with its only user. Kernels count with the steps that workgroups share.
    """
    total = 0

    def visit(op: ir.Operation) -> ir.WalkResult:
        nonlocal total
        if op.name.startswith(("linalg.", "iree_linalg_ext.")) and not op.name.endswith((".yield", ".index")):
            points, is_contraction = _points(op)
            total += points // (_MULTIPLY_ADDS if is_contraction else 1) * _share(op) // SIMPLE
        if op.name == "hal.executable.export" and WORK in op.attributes:
            work = op.attributes[WORK].value
            total += _STEP * work if work >= _FEWEST else 0
        return ir.WalkResult.ADVANCE

    module.operation.walk(visit)
    return total


def _share(op: ir.Operation) -> int:
    """What a point costs, in simple operations: memory costs nothing where the only user computes it in its loop."""
    if op.name != "linalg.generic":
        return SIMPLE
    uses, length = list(op.results[0].uses), functions.length(op.regions[0].blocks[0])
    if len(uses) == 1 and not reduces(op):
        user = uses[0].owner
        if user.name == "linalg.generic" and user.attributes["iterator_types"] == op.attributes["iterator_types"]:
            return length
    return max(length, SIMPLE)


def _points(op: ir.Operation) -> tuple[int, bool]:
    """As `points_of`; what has no maps visits its largest operand."""
    if op.name == "linalg.generic":
        return points_of(op)
    shapes = (v.type.shape for v in op.operands if isinstance(v.type, ir.RankedTensorType))
    return max(map(math.prod, shapes), default=1), False

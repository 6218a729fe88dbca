"""Whether a loop is better as one kernel, on one core, than as dispatches of its steps, on all."""

from __future__ import annotations

from ..mlir import ir
from ..work import points_of

POINTS = 1 << 18  # that one operation of a step may visit
MULTIPLY_ADDS = 1 << 22  # that the contractions of a step may have


def is_worth_it(op: ir.Operation) -> bool:
    """Whether no operation in the loop is so large that it should be split over cores."""
    largest, multiply_adds = 0, 0

    def visit(inner: ir.Operation) -> ir.WalkResult:
        nonlocal largest, multiply_adds
        if inner.name == "linalg.generic":
            points, is_contraction = points_of(inner)
            if is_contraction:
                multiply_adds += points
            else:
                largest = max(largest, points)
            return ir.WalkResult.SKIP
        return ir.WalkResult.ADVANCE

    op.walk(visit, ir.WalkOrder.PRE_ORDER)
    return largest <= POINTS and multiply_adds <= MULTIPLY_ADDS

"""Whether a loop is better as one kernel, on one core, than as dispatches of its steps, on all."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod

from .. import functions
from ..kernels.kernel import kernel_of, shared_work, workgroups
from ..linalg_loops import adds_products, kinds_of, points_of, sums_of, tiles_of
from ..mlir import ir
from .machine import CPU, Machine
from .windows import visited

TILES = "scf.forall"
CONVOLUTION = 1 << 26  # multiply-adds of a convolution along one dimension that is a kernel of its own
ALONE = 1 << 22  # points of a reduction that is a kernel of its own: one core computes it
SHARED = 1 << 20  # points of tiles from which on several workgroups share them
SIMPLE = 16  # operations on numbers that take as long as visiting a point
WORKGROUPS = 16
FUNCTION_POINTS = 1 << 14  # that the operations of a function may visit for it to be one kernel
BETWEEN_POINTS = 1 << 17  # that operations between kernels may visit for them to be one, too
FUNCTION_OPERATIONS = 200  # more are slow to compile as one piece


def is_small(ops: Sequence[ir.Operation], most: int = FUNCTION_POINTS) -> bool:
    """Whether there are several operations, with so little to compute that dispatches would cost more."""
    points, count = 0, 0
    if sum(map(_size, ops)) > FUNCTION_OPERATIONS:
        return False
    for op in ops:
        if op.name == "linalg.generic":
            points += points_of(op)[0]
            count += 1
        elif op.regions and op.name.startswith("scf."):
            if op.name == TILES or not is_worth_it(op):
                return False
            count += 2
        elif op.name == "func.call":
            kernel = kernel_of(op)
            if kernel is None or workgroups(kernel) > 1:
                return False
            points += _largest(op)  # which the kernel of all may have to copy
            count += 1
        elif op.name in ("tensor.concat", "tensor.pad"):
            points += prod(op.results[0].type.shape)
            count += 1
        elif op.name in ("tensor.insert_slice", "iree_linalg_ext.scan"):
            count += 1
    return count > 1 and points <= most


def is_little(op: ir.Operation) -> bool:
    """Whether an operation makes arrays of a few elements, and visits few points."""
    sizes = [prod(x.type.shape) for x in op.results if isinstance(x.type, ir.RankedTensorType)]
    points = points_of(op)[0] if op.name == "linalg.generic" else 0
    return op.name.startswith(("linalg.", "tensor.", "arith.")) and max(points, *sizes, 0) <= BETWEEN_POINTS


def _largest(op: ir.Operation) -> int:
    """Elements of the largest tensor that an operation reads or makes."""
    types = [value.type for value in (*op.operands, *op.results)]
    return max((prod(type.shape) for type in types if isinstance(type, ir.RankedTensorType)), default=0)


def _size(op: ir.Operation) -> int:
    """Operations on tensors, with those in loops and branches."""
    inner = op.regions if op.name.startswith("scf.") else ()
    return 1 + sum(_size(x.operation) for region in inner for block in region.blocks for x in block.operations)


def is_worth_it(op: ir.Operation, machine: Machine = CPU) -> bool:
    """Whether no operation in the loop is so large that it should be split over cores."""
    largest, multiply_adds, shared = 0, 0, 0

    def visit(inner: ir.Operation) -> ir.WalkResult:
        nonlocal largest, multiply_adds, shared
        if inner.name == "func.call" and (kernel := kernel_of(inner)):
            shared += shared_work(kernel)
        if inner.name == TILES:  # which are for all cores
            multiply_adds = inf
            return ir.WalkResult.INTERRUPT
        if inner.name == "linalg.generic":
            points, is_contraction = visited(inner)
            if is_contraction:
                multiply_adds += points
            else:
                largest = max(largest, points)
            return ir.WalkResult.SKIP
        return ir.WalkResult.ADVANCE

    op.walk(visit, ir.WalkOrder.PRE_ORDER)
    return max(largest, shared) <= machine.points and multiply_adds <= machine.multiply_adds


def workgroups_of(op: ir.Operation) -> int:
    """How many workgroups share the tiles of an `scf.forall`: one, or enough for all cores (some may have none)."""
    tiles = prod(loop.tiles for loop in tiles_of(op))
    return 1 if tiles == 1 or tiles * _points_in(op) < SHARED else WORKGROUPS


def _points_in(op: ir.Operation) -> int:
    """How many points the operations in a loop visit for an iteration, with those of loops inside.

    One where much is computed counts as several.
    """
    points = 0
    for inner in op.regions[0].blocks[0].operations:
        if inner.operation.name == "linalg.generic":
            length = functions.length(inner.operation.regions[0].blocks[0])
            points += points_of(inner.operation)[0] * max(1, length // SIMPLE)
        elif inner.operation.name == "scf.for":
            points += _times(inner.operation) * _points_in(inner.operation)
    return points


def _times(loop: ir.Operation) -> int:
    """Iterations of a loop with known bounds."""
    lower, upper, step = (ir.IntegerAttr(x.owner.attributes["value"]).value for x in list(loop.operands)[:3])
    return (upper - lower) // step


def is_gathered(value: ir.Value) -> bool:
    """Whether a tensor takes elements of another one from computed places. IREE must not compute such a tensor apart.

    It reads outside of memory where it vectorizes that.
    """
    if isinstance(value.owner, ir.Block):
        return False
    maker = value.owner.operation
    if maker.name.startswith("tensor."):
        return any(map(is_gathered, maker.operands))
    if maker.name != "linalg.generic":
        return False
    return any(inner.operation.name == "tensor.extract" for inner in maker.regions[0].blocks[0].operations)


def is_better_alone(op: ir.Operation) -> bool:
    """Whether IREE is slow at a reduction.

    These are windows, products with vectors, sums of products over several dimensions, one-dimensional convolutions.
    """
    if op.name != "linalg.generic":
        return False
    kinds, (points, _), windows = kinds_of(op), points_of(op), len(sums_of(op))
    reductions = kinds.count("reduction")
    if not reductions or points > CONVOLUTION:
        return False
    is_product = adds_products(op)
    if is_product and windows:
        is_slow = windows == 1
    elif is_product:
        is_slow = points <= ALONE and (reductions > 1 or kinds.count("parallel") == 1)
    else:
        is_slow = points <= ALONE and windows > 0
    return is_slow and not any(map(is_gathered, op.operands))

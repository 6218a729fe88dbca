"""lamina-separate: barriers where IREE would compute in one loop nest what it cannot. Runs on linalg, after lowering.

* Between an element read at a computed place and a sum, where they meet in one number: its compiler crashes where it
  vectorizes such a nest.
* Between what is computed and elements read of it in a fixed row: IREE takes that for an operand, fuses it with other
  uses of the whole, and computes wrong numbers.
* Between a slice of columns and elements read of it: a vector of them is a gather with a stride, which it cannot lower.
"""

from __future__ import annotations

import math

from ..linalg_loops import reduces
from ..mlir import ir

_SHAPES = ("tensor.expand_shape", "tensor.collapse_shape", "tensor.cast", "tensor.extract_slice")


def run(module: ir.Module) -> None:
    """Put the barriers in."""
    _inside(module.operation)


def _inside(op: ir.Operation) -> None:
    for region in op.regions:
        for block in region.blocks:
            _separate(block)


def _separate(block: ir.Block) -> None:
    read: set[ir.Value] = set()  # numbers made from elements that were read, with no barrier behind
    summed: set[ir.Value] = set()  # numbers made from sums
    for op in [op.operation for op in block.operations]:
        if not op.name.startswith("linalg."):
            _inside(op)
        if op.name == "linalg.generic":
            _apart_from_sources(op)
        if len(op.results) != 1 or not _is_one_number(op.results[0].type):
            continue
        if op.name in _SHAPES:
            reads, sums = op.operands[0] in read, op.operands[0] in summed
        elif op.name == "linalg.generic" and not reduces(op):
            itself = _reads(op)
            sums = any(x in summed for x in op.operands)
            if itself:
                reads, sums = True, sums and not _apart(op, summed)
            else:
                reads = any(x in read for x in op.operands)
                reads = reads and not (sums and _apart(op, read))
        else:
            reads, sums = False, op.name.startswith("linalg.") and op.name != "linalg.fill"
        read |= {op.results[0]} if reads else set()
        summed |= {op.results[0]} if sums else set()


def _apart_from_sources(op: ir.Operation) -> None:
    """Barriers behind sources of the body that are read in a fixed row, or are columns."""
    for inner in [inner.operation for inner in op.regions[0].blocks[0].operations]:
        if inner.name != "tensor.extract":
            continue
        source, *places = inner.operands
        makers = {_maker(place) for place in places}
        fixed = "arith.constant" in makers <= {"arith.constant", "linalg.index"}
        if (_maker(source).startswith("linalg.") and fixed) or _is_narrow(source, op.results[0]):
            inner.operands[0] = _barrier(source, op)


def _is_narrow(source: ir.Value, result: ir.Value) -> bool:
    """Whether the source is a slice with fewer columns, not so much larger than the result that a copy would show."""
    if _maker(source) != "tensor.extract_slice":
        return False
    whole, part = ir.ShapedType(source.owner.operands[0].type).shape, ir.ShapedType(source.type).shape
    size = math.prod(ir.ShapedType(result.type).shape)
    return size > 1 and math.prod(part) <= 4 * size and whole[-1] != part[-1]


def _maker(x: ir.Value) -> str:
    """The name of the operation that a value is a result of; nothing for an argument."""
    return "" if isinstance(x.owner, ir.Block) else x.owner.operation.name


def _is_one_number(type: ir.Type) -> bool:
    return isinstance(type, ir.RankedTensorType) and all(size == 1 for size in type.shape)


def _reads(op: ir.Operation) -> bool:
    """Whether the body reads tensors at places that it computes."""
    return any(inner.operation.name == "tensor.extract" for inner in op.regions[0].blocks[0].operations)


def _apart(op: ir.Operation, values: set[ir.Value]) -> bool:
    """Take the operands that are in `values` through a barrier."""
    for i, x in enumerate(list(op.operands)):
        if x in values:
            op.operands[i] = _barrier(x, op)
    return True


def _barrier(x: ir.Value, before: ir.Operation) -> ir.Value:
    barrier = "util.optimization_barrier"
    return ir.Operation.create(barrier, [x.type], [x], ip=ir.InsertionPoint(before), loc=before.location).results[0]

"""lamina-separate: barriers between an element read at a computed place and a sum, where they meet in one number.

IREE would compute both in one loop nest, and its compiler crashes where it vectorizes such a nest. Runs on linalg, at
the end of lowering.
"""

from __future__ import annotations

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
        if len(op.results) != 1 or not _is_one_number(op.results[0].type):
            continue
        if op.name in _SHAPES:
            reads, sums = op.operands[0] in read, op.operands[0] in summed
        elif op.name == "linalg.generic" and "reduction" not in str(op.attributes["iterator_types"]):
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


def _is_one_number(type: ir.Type) -> bool:
    return isinstance(type, ir.RankedTensorType) and all(size == 1 for size in type.shape)


def _reads(op: ir.Operation) -> bool:
    """Whether the body reads tensors at places that it computes."""
    return any(inner.operation.name == "tensor.extract" for inner in op.regions[0].blocks[0].operations)


def _apart(op: ir.Operation, values: set[ir.Value]) -> bool:
    """Take the operands that are in `values` through a barrier."""
    for i, x in enumerate(list(op.operands)):
        if x in values:
            barrier = ir.Operation.create(
                "util.optimization_barrier", [x.type], [x], ip=ir.InsertionPoint(op), loc=op.location
            )
            op.operands[i] = barrier.results[0]
    return True

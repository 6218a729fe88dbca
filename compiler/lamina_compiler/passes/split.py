"""lamina-split: barriers in elementwise chains that read more arrays than a dispatch can bind.

IREE computes such a chain, a sum of very many arrays perhaps, in one dispatch, and then does not load it: 32 buffers
are the most. Runs on linalg, at the end of lowering.
"""

from __future__ import annotations

from ..mlir import ir

LIMIT = 16  # arrays a chain reads; the other half of the bindings is for what is computed before and after it
_SHAPES = ("tensor.expand_shape", "tensor.collapse_shape", "tensor.cast", "tensor.extract_slice")

Read = dict[ir.Value, frozenset[ir.Value]]  # by the results of chains: the arrays these read


def run(module: ir.Module) -> None:
    """Put the barriers in."""
    _inside(module.operation, {})


def _inside(op: ir.Operation, read: Read) -> None:
    for region in op.regions:
        for block in region.blocks:
            for inner in [op.operation for op in block.operations]:
                if inner.name in _SHAPES:
                    read[inner.results[0]] = _read_by(inner.operands[0], read)
                elif inner.name == "linalg.generic" and "reduction" not in str(inner.attributes["iterator_types"]):
                    arrays = _split(inner, read)
                    read.update((result, arrays) for result in inner.results)
                elif not inner.name.startswith("linalg."):
                    _inside(inner, read)


def _split(op: ir.Operation, read: Read) -> frozenset[ir.Value]:
    """The arrays that an op's chain reads, after the longest chains before it have been cut off where they are many."""
    arrays = [_read_by(operand, read) for operand in op.operands]
    for i in sorted(range(len(arrays)), key=lambda i: -len(arrays[i])):
        if len(frozenset().union(*arrays)) <= LIMIT:
            break
        operand = op.operands[i]
        barrier = ir.Operation.create(
            "util.optimization_barrier", [operand.type], [operand], ip=ir.InsertionPoint(op), loc=op.location
        )
        op.operands[i] = barrier.results[0]
        arrays[i] = frozenset((barrier.results[0],))
    return frozenset().union(*arrays)


def _read_by(value: ir.Value, read: Read) -> frozenset[ir.Value]:
    found = read.get(value)
    if found is None:
        found = read[value] = frozenset() if _is_made_in_place(value) else frozenset((value,))
    return found


def _is_made_in_place(value: ir.Value) -> bool:
    """Whether no buffer is needed for a value: a number, or many times the same."""
    if not isinstance(value.type, ir.RankedTensorType):
        return True
    if isinstance(value.owner, ir.Block):
        return False
    maker = value.owner.operation
    return maker.name in ("tensor.empty", "linalg.fill") or (
        maker.name == "arith.constant" and getattr(maker.attributes["value"], "is_splat", False)
    )

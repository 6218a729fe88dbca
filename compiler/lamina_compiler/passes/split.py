"""lamina-split: barriers in elementwise chains that read and write more arrays than a dispatch can bind.

IREE computes such a chain, a sum of very many arrays perhaps, in one dispatch, and then does not load it: 32 buffers
are the most. Runs on linalg, at the end of lowering.

What IREE computes together is not known here. So no chain may read too many arrays if all that is elementwise goes into
one dispatch, and none may read and write too many if only operations of one shape do, between two others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..linalg_loops import reduces
from ..mlir import ir

LIMIT = 16  # arrays a chain reads; the other half of the bindings is for what is computed before and after it
BINDINGS = 28  # arrays that operations of one shape read and write
LONGEST = 64  # operations of one shape: the time IREE takes grows exponentially with those that feed one another
_SHAPES = ("tensor.expand_shape", "tensor.collapse_shape", "tensor.cast", "tensor.extract_slice")

Read = dict[ir.Value, frozenset[ir.Value]]  # by the results of chains: the arrays these read


def run(module: ir.Module) -> None:
    """Put the barriers in."""
    _inside(module.operation, {})
    _groups_inside(module.operation)


def _inside(op: ir.Operation, read: Read) -> None:
    for region in op.regions:
        for block in region.blocks:
            for inner in [op.operation for op in block.operations]:
                if inner.name in _SHAPES:
                    read[inner.results[0]] = _read_by(inner.operands[0], read)
                elif _is_elementwise(inner):
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
        op.operands[i] = _barrier(op.operands[i], op)
        arrays[i] = frozenset((op.operands[i],))
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


def _is_elementwise(op: ir.Operation) -> bool:
    return op.name == "linalg.generic" and not reduces(op)


def _barrier(value: ir.Value, before: ir.Operation) -> ir.Value:
    place = ir.InsertionPoint(before)
    return ir.Operation.create(
        "util.optimization_barrier", [value.type], [value], ip=place, loc=before.location
    ).results[0]


# ---- operations of one shape, between two others --------------------------------------------------------------------


def _groups_inside(op: ir.Operation) -> None:
    for region in op.regions:
        for block in region.blocks:
            for group in _groups([inner.operation for inner in block.operations]):
                _divide(group)
            for inner in block.operations:
                if not inner.operation.name.startswith("linalg."):
                    _groups_inside(inner.operation)


def _groups(ops: Sequence[ir.Operation]) -> list[list[ir.Operation]]:
    """The elementwise operations of each shape, and each stage: how many times something else lies before them."""
    groups: dict[tuple[ir.Type, int], list[ir.Operation]] = defaultdict(list)
    made: dict[ir.Value, tuple[ir.Type | None, int]] = {}  # by value: of which shape and stage
    for op in ops:
        shape = _shape(op) if _is_elementwise(op) else None
        stage = 0
        for value in _operands(op):
            before, number = made.get(value, (shape, 0))
            stage = max(stage, number + (before != shape or shape is None))
        if shape is not None:
            groups[shape, stage].append(op)
        made.update((result, (shape, stage)) for result in op.results)
    return list(groups.values())


def _shape(op: ir.Operation) -> ir.Type:
    return ir.RankedTensorType.get(ir.RankedTensorType(op.results[0].type).shape, ir.IntegerType.get_signless(1))


def _operands(op: ir.Operation) -> Iterator[ir.Value]:
    """What an operation and those inside of it read."""
    yield from op.operands
    if not op.name.startswith("linalg."):
        for region in op.regions:
            for block in region.blocks:
                for inner in block.operations:
                    yield from _operands(inner.operation)


def _divide(group: list[ir.Operation]) -> None:
    """Barriers between parts of a group none of which reads and writes too many arrays."""
    while group:
        count = _length(group)
        part, group = group[:count], group[count:]
        if not group:
            return
        later = set(group)
        for result in [result for op in part for result in op.results]:
            uses = [(use.owner.operation, use.operand_number) for use in result.uses]
            uses = [(op, i) for op, i in uses if op in later]
            if uses:
                opaque = _barrier(result, group[0])
                for op, i in uses:
                    op.operands[i] = opaque


def _length(group: list[ir.Operation]) -> int:
    """How many operations, from the first one on, read and write few enough arrays; at least one."""
    read: set[ir.Value] = set()
    unfinished: dict[ir.Value, int] = {}  # results with uses by operations that are not counted yet
    fitting = 1
    for count, op in enumerate(group[:LONGEST], 1):
        for value in op.operands:
            if value in unfinished:
                unfinished[value] -= 1
                if not unfinished[value]:
                    del unfinished[value]
            elif not _is_made_in_place(value):
                read.add(value)
        unfinished.update((result, len(uses)) for result in op.results if (uses := list(result.uses)))
        if len(read) + len(unfinished) <= BINDINGS:
            fitting = count
    return fitting

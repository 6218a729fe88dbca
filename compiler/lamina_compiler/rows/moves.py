"""Operations that only move elements: joins, paddings, slices, reshapes; and barriers, which move nothing.

Along dimensions that they leave as they are they can be done for some indices alone, as elementwise operations can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from .. import linalg_loops
from ..kernelize.graph import SMALL
from ..mlir import ir

BARRIER = "util.optimization_barrier"
JOINS = ("tensor.concat", "tensor.pad")

Loops = tuple[int | None, ...]
_DYNAMIC = -(2**63)


def loops_of(op: ir.Operation) -> tuple[Loops, ...]:
    """For every operand, and then every result: the loop that visits each of its dimensions.

    None for a dimension that is not visited in step with one loop.
    """
    return linalg_loops.loops_of(op) if op.name == "linalg.generic" else _VISITED[op.name](op)


def kinds_of(op: ir.Operation) -> tuple[str, ...]:
    """For every loop "parallel" or "reduction"."""
    return linalg_loops.kinds_of(op) if op.name == "linalg.generic" else ("parallel",) * len(_shape(op.results[0]))


def points_of(op: ir.Operation) -> int:
    """How many points an operation visits; slices and reshapes cost nothing."""
    if op.name == "linalg.generic":
        return linalg_loops.points_of(op)[0]
    return prod(_shape(op.results[0])) if op.name in JOINS else 0


def is_move(op: ir.Operation) -> bool:
    """Whether an operation has loops, without being a linalg.generic."""
    values = (*op.operands, *op.results)
    return op.name in _VISITED and all(isinstance(x.type, ir.RankedTensorType) for x in values)


def is_narrow(op: ir.Operation) -> bool:
    """Whether an operation takes some of few elements that stand together, which IREE does one by one."""
    if op.name != "tensor.extract_slice":
        return False
    (source, *_), (result, *_) = _shape(op.operands[0])[::-1], _shape(op.results[0])[::-1]
    return 1 <= result < source <= SMALL


def clone_for(op: ir.Operation, operands: Sequence[ir.Value], type: ir.Type, ip: ir.InsertionPoint) -> ir.Operation:
    """The operation on operands that are smaller along some dimensions, for a result of this type."""
    clone = op.clone(ip=ip)
    for i, operand in enumerate(operands):
        clone.operands[i] = operand
    for name in ("static_sizes", "static_output_shape"):
        if name in op.attributes:
            clone.attributes[name] = ir.DenseI64ArrayAttr.get(ir.RankedTensorType(type).shape)
    clone.results[0].set_type(type)
    return clone


def _shape(value: ir.Value) -> list[int]:
    return ir.RankedTensorType(value.type).shape


def _where(kept: Sequence[bool]) -> Loops:
    return tuple(d if stays else None for d, stays in enumerate(kept))


def _joined(op: ir.Operation) -> tuple[Loops, ...]:
    """What tiles have along the dimension of the join itself does not come from the same places of the pieces."""
    along = dimensions_of_join(op)
    own = tuple(range(len(_shape(op.results[0]))))
    return (*[_where([d not in along for d in own])] * len(op.operands), own)


def dimensions_of_join(op: ir.Operation) -> list[int]:
    """Those that a join or a padding makes longer."""
    if op.name == "tensor.concat":
        return [ir.IntegerAttr(op.attributes["dim"]).value]
    edges = zip(*(ir.DenseI64ArrayAttr(op.attributes[f"static_{end}"]) for end in ("low", "high")), strict=True)
    return [d for d, edge in enumerate(edges) if edge != (0, 0)]


def _sliced(op: ir.Operation) -> tuple[Loops, ...]:
    source, result = _shape(op.operands[0]), _shape(op.results[0])
    if len(op.operands) > 1 or len(source) != len(result):
        return (*[(None,) * len(_shape(x)) for x in op.operands], (None,) * len(result))
    loops = _where([a == b for a, b in zip(source, result, strict=True)])
    return loops, loops


def _reshaped(op: ir.Operation) -> tuple[Loops, ...]:
    """Dimensions that only gain or lose neighbours of size 1."""
    few, many = sorted((op.operands[0], op.results[0]), key=lambda x: len(_shape(x)))
    narrow: list[int | None] = [None] * len(_shape(few))
    wide: list[int | None] = [None] * len(_shape(many))
    for i, group in enumerate(ir.ArrayAttr(op.attributes["reassociation"])):
        long = [d for d in (ir.IntegerAttr(d).value for d in ir.ArrayAttr(group)) if _shape(many)[d] != 1]
        if len(long) == 1:
            narrow[i] = wide[long[0]] = i
    loops = (tuple(narrow), tuple(wide))
    return loops if few == op.operands[0] else loops[::-1]


def _same(op: ir.Operation) -> tuple[Loops, ...]:
    loops = tuple(range(len(_shape(op.results[0]))))
    return loops, loops


_VISITED: dict[str, Callable[[ir.Operation], tuple[Loops, ...]]] = {
    "tensor.concat": _joined,
    "tensor.pad": _joined,
    "tensor.extract_slice": _sliced,
    "tensor.expand_shape": _reshaped,
    "tensor.collapse_shape": _reshaped,
    BARRIER: _same,
}

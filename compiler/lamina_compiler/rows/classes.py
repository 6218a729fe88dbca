"""Which dimensions of tensors are the same one: linked by loops of linalg operations, from operand to result."""

from __future__ import annotations

from collections.abc import Iterable

from ..mlir import ir
from .moves import is_move, loops_of

Dimension = tuple[ir.Value, int]


def is_free(value: ir.Value) -> bool:
    """Whether a tensor is but one number, which can be written anew wherever it is needed, in any shape."""
    if isinstance(value.owner, ir.Block):
        return False
    maker = value.owner.operation
    if maker.name == "tensor.empty":
        return not len(maker.operands)
    if maker.name == "linalg.fill":
        number = maker.operands[0].owner
        return not isinstance(number, ir.Block) and number.operation.name == "arith.constant"
    return maker.name == "arith.constant" and getattr(maker.attributes["value"], "is_splat", False)


def free_like(value: ir.Value, type: ir.Type, ip: ir.InsertionPoint) -> ir.Value:
    """The number that a free tensor is, in another shape."""
    maker = value.owner.operation  # type: ignore[union-attr]
    if maker.name == "tensor.empty":
        return ir.Operation.create("tensor.empty", [type], ip=ip, loc=maker.location).results[0]
    operands = list(maker.operands)
    if maker.name == "linalg.fill":
        operands[1] = ir.Operation.create("tensor.empty", [type], ip=ip, loc=maker.location).results[0]
    clone = maker.clone(ip=ip)
    for i, operand in enumerate(operands):
        clone.operands[i] = operand
    if maker.name == "arith.constant":
        element = maker.attributes["value"].get_splat_value()  # type: ignore[attr-defined]
        clone.attributes["value"] = ir.DenseElementsAttr.get_splat(type, element)
    clone.results[0].set_type(type)
    return clone.results[0]


class Classes:
    """Classes of dimensions; each is named by one of them."""

    def __init__(self, ops: Iterable[ir.Operation]):
        self._parent: dict[Dimension, Dimension] = {}
        self._loops: dict[ir.Operation, dict[int, Dimension]] = {}
        for op in ops:
            if op.name == "linalg.generic" or is_move(op):
                self._link(op)

    def of(self, dimension: Dimension) -> Dimension:
        found = dimension
        while (parent := self._parent.get(found, found)) != found:
            found = parent
        if found != dimension:
            self._parent[dimension] = found
        return found

    def loops(self, op: ir.Operation) -> dict[int, Dimension]:
        """The class that each loop of an operation visits."""
        return {loop: self.of(dimension) for loop, dimension in self._loops[op].items()}

    def places(self, value: ir.Value, row: Dimension) -> list[int]:
        """Which dimensions of a tensor are in a class."""
        if not isinstance(value.type, ir.RankedTensorType):
            return []
        return [d for d in range(value.type.rank) if self.of((value, d)) == row]

    def _link(self, op: ir.Operation) -> None:
        first: dict[int, Dimension] = {}
        for value, loops in zip((*op.operands, *op.results), loops_of(op), strict=True):
            if is_free(value):
                continue
            for d, loop in enumerate(loops):
                if loop is not None:
                    self._join(first.setdefault(loop, (value, d)), (value, d))
        self._loops[op] = first

    def _join(self, a: Dimension, b: Dimension) -> None:
        self._parent[self.of(b)] = self.of(a)

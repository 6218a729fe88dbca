"""What is done with each element of a product, which is best done while a tile of it is in a cache."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..linalg_loops import loops_of, reduces
from ..mlir import ir
from ..rows.classes import is_free
from ..rows.views import is_broadcast

MOST = 20  # operations, for what a dispatch can bind, and what compiles soon


def epilogue(product: ir.Operation, positions: Mapping[ir.Value, int]) -> list[ir.Operation]:
    """Elementwise operations on the result that need nothing else from behind the product, in their order.

    `positions`: of the operations of the block, by result (the hash of an operation changes with its operands); what is
    not among them was written in front of the product.
    """
    search = _Search(product, positions)
    while search.waiting and len(search.found) < MOST:
        search.visit(heapq.heappop(search.waiting).op)
    return search.found


@dataclass(order=True)
class _Waiting:
    position: int
    op: ir.Operation = field(compare=False)


class _Search:
    def __init__(self, product: ir.Operation, positions: Mapping[ir.Value, int]):
        self.positions, self.start = positions, positions[product.results[0]]
        self.shape = ir.RankedTensorType(product.results[0].type).shape
        self.values = {product.results[0]}  # that a tile has
        self.found: list[ir.Operation] = []
        self.waiting: list[_Waiting] = []  # each operation behind all whose results it uses
        self._push(product)

    def visit(self, op: ir.Operation) -> None:
        """Add an operation if that goes, and the broadcasts that it reads."""
        if op in self.found or not _is_elementwise(op, self.shape):
            return
        repeated = [x.owner.operation for x in dict.fromkeys(op.operands) if not self._is_there(x)]
        if not all(is_broadcast(x) and all(map(self._is_there, x.operands)) for x in repeated):
            return
        if not all(_in_step(op, i) for i, x in enumerate(op.operands) if x in self.values):
            return
        for each in (*repeated, op):
            self.found.append(each)
            self.values |= set(each.results)
        self._push(op)

    def _is_there(self, value: ir.Value) -> bool:
        """Whether a value is known where the product is, or a tile has it."""
        if isinstance(value.owner, ir.Block) or value in self.values or is_free(value):
            return True
        return self.positions.get(value, -1) < self.start

    def _push(self, op: ir.Operation) -> None:
        for use in (use for result in op.results for use in result.uses):
            user = use.owner.operation
            if len(user.results) and user.results[0] in self.positions:
                heapq.heappush(self.waiting, _Waiting(self.positions[user.results[0]], user))


def _is_elementwise(op: ir.Operation, shape: Collection[int]) -> bool:
    """Whether an operation computes arrays of this shape, element by element."""
    if op.name != "linalg.generic" or reduces(op):
        return False
    inner = [x.operation.name for x in op.regions[0].blocks[0].operations]
    results = range(len(op.operands) - len(op.results), len(op.operands))
    fits = all(ir.RankedTensorType(x.type).shape == list(shape) for x in op.results)
    return fits and "tensor.extract" not in inner and all(_in_step(op, i) for i in results)


def _in_step(op: ir.Operation, operand: int) -> bool:
    """Whether an operand is visited in the order of the loops."""
    loops = loops_of(op)[operand]
    return loops == tuple(range(len(loops)))

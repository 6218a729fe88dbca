"""Operations that stay together, and the tiles that a group of them is done in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from ..kernelize.blocks import defined_inside, values_used
from ..kernelize.reductions import divisor
from ..mlir import ir
from . import products
from .classes import is_free
from .moves import kinds_of
from .products import elements_of, is_product

ELEMENTS = 1 << 14  # of a tile in each array, so that a few fit into a cache of 256 KiB or more
FEWEST = 16  # tiles there should be at least, for the cores to share
_BLOCK = 4  # rows that reductions go over together
_PART = 4  # how much more an element of a part costs, which is to be added up, than one that is copied


@dataclass(eq=False)
class Item:
    """Operations that stay together: one, or a group.

    `rows`, of a group: for each operation the loops that tiles go along: those of which a tile has one index, and last
    the rows, of which it has several. `extents`: how far these loops run.
    """

    ops: list[ir.Operation]
    rows: Sequence[tuple[int, ...]] = ()
    extents: Sequence[int] = ()
    is_refused: bool = False  # a group with it would be too long
    operands: list[ir.Value] = field(default_factory=list)  # from outside, but constants
    results: list[ir.Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.results = [value for op in self.ops for value in op.results]
        own = {*self.results, *(value for op in self.ops for value in defined_inside(op))}
        used = dict.fromkeys(value for op in self.ops for value in values_used(op))
        self.operands = [v for v in used if v not in own and not _is_constant(v) and not is_free(v)]

    @property
    def may_join(self) -> bool:
        """Whether it is in no group yet, and may be in one."""
        return not self.rows and not self.is_refused

    @property
    def has_products(self) -> bool:
        return any(map(is_product, self.ops))

    def partial_results(self) -> list[ir.Value]:
        """Results that are sums over the rows, of which tiles give parts."""
        pairs = zip(self.ops, self.rows, strict=True)
        return [op.results[0] for op, rows in pairs if is_partial(op, rows[-1])]

    def elements_of_row(self) -> int:
        """Of the largest array."""
        return max(map(elements_of, self.ops)) // prod(self.extents)

    def share_of_row(self) -> float:
        """How much of a row a tile should have at most."""
        return min(1, ELEMENTS / self.elements_of_row())

    def rows_of_tile(self) -> int:
        """How many rows a tile has."""
        sums = self.has_products and bool(self.partial_results())
        fitting = (products.ELEMENTS if sums else ELEMENTS) // self.elements_of_row()
        return step_of(self.extents[-1], min(max(1, fitting), self._shared()))

    def rows_of_large_tile(self) -> int:
        """Where tiles give parts of sums: how many rows small tiles share a part, a multiple of theirs.

        What else they make is copied then, which has to cost less than parts of all small tiles would.
        """
        rows, extent = self.rows_of_tile(), self.extents[-1]
        outputs = [value for value in self.results if is_used_outside(value, [self])]
        parts = set(self.partial_results())
        of_tile = sum(_size(value) for value in outputs if value in parts) // prod(self.extents[:-1])
        of_row = sum(_size(value) for value in outputs if value not in parts) // prod(self.extents)
        if _PART * of_tile <= rows * of_row:
            return rows
        return rows * step_of(-(-extent // rows), max(1, min(extent, self._shared()) // rows))

    def _shared(self) -> int:
        """Rows of a tile where there are just enough tiles for the cores to share."""
        return -(-prod(self.extents) // FEWEST)


def step_of(extent: int, most: int) -> int:
    """How much of an extent a tile has, `most` at most: a divisor, or if all are small, what overlaps little."""
    most = min(extent, most)
    exact = divisor(extent, most)
    if 2 * exact >= most:
        return exact
    tiles = -(-extent // most)
    step = -(-extent // tiles)
    blocks = -(-step // _BLOCK) * _BLOCK
    return blocks if blocks <= most else step


def _size(value: ir.Value) -> int:
    return prod(ir.RankedTensorType(value.type).shape)


def is_partial(op: ir.Operation, row: int) -> bool:
    """Whether an operation sums over the rows (or multiplies …), so that tiles give parts of its result."""
    return kinds_of(op)[row] == "reduction"


def _is_constant(value: ir.Value) -> bool:
    is_number = not isinstance(value.type, ir.RankedTensorType) and not isinstance(value.owner, ir.Block)
    return is_number and value.owner.operation.name == "arith.constant"  # type: ignore[union-attr]


def is_used_outside(value: ir.Value, inside: Iterable[Item]) -> bool:
    ops = {op for item in inside for op in item.ops}
    return any(user not in ops for user in users_of(value))


def users_of(value: ir.Value) -> Iterator[ir.Operation]:
    """Operations of the value's block that use it, or in which it is used."""
    block = value.owner if isinstance(value.owner, ir.Block) else value.owner.operation.block
    for use in value.uses:
        op = use.owner.operation
        while op.block != block:
            op = op.parent.operation
        yield op

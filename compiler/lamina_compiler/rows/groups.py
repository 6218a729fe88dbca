"""Which operations are done together, tile of rows by tile of rows: a reduction and what leads to it and follows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from ..kernelize.blocks import defined_inside, values_used
from ..kernelize.cost import is_better_alone
from ..kernelize.scalar_body import ScalarBody
from ..linalg_loops import extents_of, has_windows, kinds_of, loops_of, points_of, reduces
from ..mlir import ir
from .classes import Classes, Dimension, is_free
from .views import is_broadcast

WINDOW = 150  # operations before and after a reduction among which its group is sought
LONGEST = 100  # operations of a group; more are slow to compile as one piece
POINTS = 1 << 15  # that a group visits at least: with fewer, dispatches do not show
ELEMENTS = 1 << 14  # of a tile in each array, so that a few fit into a cache of 256 KiB or more
FEWEST = 16  # tiles there should be at least, for the cores to share
ARRAYS = 24  # that a group reads and writes; a dispatch can bind 32
_SMALLER = 8
_PART = 8  # points that an element of a part costs, which is written and read again
_MULTIPLICATIONS = ("mulf", "muli", "complex.mul")
_BARRIER = "util.optimization_barrier"


@dataclass(eq=False)
class Item:
    """Operations that stay together: one, or a group.

    `rows`, of a group: for each operation its loop over the rows, for a barrier the dimension; `extent`: how many rows.
    """

    ops: list[ir.Operation]
    rows: list[int] = field(default_factory=list)
    extent: int = 0
    operands: list[ir.Value] = field(default_factory=list)  # from outside, but constants
    results: list[ir.Value] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.results = [value for op in self.ops for value in op.results]
        own = {*self.results, *(value for op in self.ops for value in defined_inside(op))}
        used = dict.fromkeys(value for op in self.ops for value in values_used(op))
        self.operands = [v for v in used if v not in own and not _is_constant(v) and not is_free(v)]


class Block:
    """The operations of a block in an order that may be changed; those that make free values are not among them."""

    def __init__(self, ops: Sequence[ir.Operation]):
        self.classes = Classes(ops)
        self.items = [Item([op]) for op in ops if not any(map(is_free, op.results)) and op.name != "arith.constant"]

    def find_groups(self) -> list[Item]:
        """Groups, each in one place of `items`."""
        position = 0
        while position < len(self.items):
            item = self.items[position]
            if not item.rows and is_reduction(item.ops[0]):
                self._make_group(position)
            position += 1
        return [item for item in self.items if item.rows]

    def _make_group(self, position: int) -> None:
        anchor = self.items[position]
        start = max(0, position - WINDOW)
        window = self.items[start : position + WINDOW]
        users: dict[ir.Value, list[Item]] = defaultdict(list)
        for item in window:
            for value in item.operands:
                users[value].append(item)
        best, most = None, 0.0
        for row in dict.fromkeys(self.classes.loops(anchor.ops[0]).values()):
            growth = _Growth(self.classes, row, window, users, anchor)
            if (worth := growth.worth()) > most:
                best, most = growth, worth
        if best is not None:
            self.items[start : position + WINDOW] = best.ordered()


class _Growth:
    """A group that grows from a reduction as long as nothing outside lies between two of its operations."""

    def __init__(
        self,
        classes: Classes,
        row: Dimension,
        window: Sequence[Item],
        users: Mapping[ir.Value, Sequence[Item]],
        anchor: Item,
    ):
        self.classes, self.row, self.window, self._users = classes, row, window, users
        sizes = (prod(x.type.shape) for x in anchor.operands if isinstance(x.type, ir.RankedTensorType))
        self._large = max(sizes) // _SMALLER  # elements of an array that vectors have to go along
        self.inside: set[Item] = set()
        self._followers: set[Item] = set()  # what is outside and depends on the group, or on its partial results
        self._leaders: set[Item] = set()  # what is outside and the group depends on, or on what it makes
        self._is_grown = False
        if not self._fits(anchor):
            return
        self.inside.add(anchor)
        size = 0
        while size != len(self.inside):
            size = len(self.inside)
            self._forward()
            self._backward()
        self._leave_broadcasts()

    def _leave_broadcasts(self) -> None:
        """Broadcasts for others are theirs to make."""
        self._is_grown = True
        for item in reversed(self.window):
            users = self._users.get(item.results[0], ()) if item in self.inside else ()
            if item in self.inside and is_broadcast(item.ops[0]) and self.inside.isdisjoint(users):
                self.inside.remove(item)
        self._forward()
        self._backward()

    def _forward(self) -> None:
        made: set[ir.Value] = set()
        finished: set[ir.Value] = set()
        read = {value for item in self.inside for value in item.operands if self.classes.places(value, self.row)}
        self._followers = set()
        for item in self.window:
            follows = not finished.isdisjoint(item.operands)
            uses = not made.isdisjoint(item.operands)
            near = not follows and (uses or not read.isdisjoint(item.operands))
            if near and item not in self.inside and item not in self._leaders and self._fits(item):
                self.inside.add(item)
            if item in self.inside:
                (finished if self._is_partial(item.ops[0]) else made).update(item.results)
            elif follows or uses:
                self._followers.add(item)
                finished.update(item.results)

    def _backward(self) -> None:
        self._leaders = set()
        for item in reversed(self.window):
            if item in self.inside:
                continue
            users = {user for value in item.results for user in self._users.get(value, ())}
            leads = not users.isdisjoint(self._leaders)
            if not leads and users.isdisjoint(self.inside):
                continue
            may_lead = not leads and item not in self._followers and self._fits(item)
            if may_lead and not self._is_partial(item.ops[0]):
                self.inside.add(item)
            else:
                self._leaders.add(item)

    def _fits(self, item: Item) -> bool:
        """Whether an operation can be done for some indices of the row dimension alone."""
        if item.rows or self._is_grown or len(self.inside) >= LONGEST:
            return False
        (op,) = item.ops
        if op.name == _BARRIER:
            return len(self.classes.places(op.results[0], self.row)) == 1
        return op.name == "linalg.generic" and _is_divisible(op, self.classes, self.row, self._large)

    def worth(self) -> float:
        """How much is computed together.

        Less where results have to be put together from those of the tiles, where a row is larger than a tile should be,
        and where there are so few rows that cores cannot share them.
        """
        ops = [item.ops[0] for item in self.inside if item.ops[0].name != _BARRIER]
        points = sum(points_of(op)[0] for op in ops)
        if points < POINTS or len(self.arrays()) > ARRAYS or self.extent() <= 1:
            return 0
        parts = FEWEST * sum(prod(op.results[0].type.shape) for op in ops if self._is_partial(op))  # type: ignore
        row = max(points_of(op)[0] for op in ops) // self.extent()
        fits = min(1, ELEMENTS / row) ** 0.25  # what is not stored need not fit
        return (points - _PART * parts) * fits * min(1, self.extent() / FEWEST)

    def extent(self) -> int:
        value, d = self.row
        return value.type.shape[d]  # type: ignore[attr-defined]

    def _is_partial(self, op: ir.Operation) -> bool:
        return op.name != _BARRIER and is_partial(op, self._row_of(op))

    def _row_of(self, op: ir.Operation) -> int:
        if op.name == _BARRIER:
            return self.classes.places(op.results[0], self.row)[0]
        return next(loop for loop, found in self.classes.loops(op).items() if found == self.row)

    def arrays(self) -> set[ir.Value]:
        """What the group reads from outside, and what it makes that others use."""
        made = {value for item in self.inside for value in item.results}
        read = {v for item in self.inside for v in item.operands if isinstance(v.type, ir.RankedTensorType)}
        return (read - made) | {value for value in made if is_used_outside(value, self.inside)}

    def ordered(self) -> list[Item]:
        """The window with the group in one place, behind what it needs."""
        ops = [item.ops[0] for item in self.window if item in self.inside]
        group = Item(ops, [self._row_of(op) for op in ops], self.extent())
        others = [item for item in self.window if item not in self.inside]
        before = [item for item in others if item in self._leaders]
        return [*before, group, *(item for item in others if item not in self._leaders)]


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


def is_reduction(op: ir.Operation) -> bool:
    return op.name == "linalg.generic" and reduces(op) and not _is_product(op)


def is_partial(op: ir.Operation, row: int) -> bool:
    """Whether an operation sums over the rows (or multiplies …), so that tiles give parts of its result."""
    return op.name == "linalg.generic" and kinds_of(op)[row] == "reduction"


def _is_divisible(op: ir.Operation, classes: Classes, row: Dimension, large: int) -> bool:
    """`large`: elements from which on the rows may not be the innermost dimension, since vectors go along that."""
    loops = [loop for loop, found in classes.loops(op).items() if found == row]
    if len(loops) != 1 or _is_product(op) or _reads_elsewhere(op) or not points_of(op)[0]:
        return False
    (loop,) = loops
    if has_windows(op, loop):
        return False
    for value, visited in zip((*op.operands, *op.results), loops_of(op), strict=True):
        if is_free(value) or not isinstance(value.type, ir.RankedTensorType):
            continue
        shape = value.type.shape
        if classes.places(value, row) not in ([], [d for d, x in enumerate(visited) if x == loop]):
            return False
        if loop in visited:
            d = visited.index(loop)
            if prod(shape[d + 1 :]) == 1 and prod(shape) > max(shape[d], large):
                return False
    return kinds_of(op)[loop] == "parallel" or _is_summable(op)


def _is_product(op: ir.Operation) -> bool:
    """Whether an operation is a product of matrices, or a convolution, for which there is better code."""
    if len(op.operands) - len(op.results) != 2 or not reduces(op) or kinds_of(op).count("parallel") <= 1:
        return False
    names = [inner.operation.name for inner in op.regions[0].blocks[0].operations]
    return any(name.endswith(_MULTIPLICATIONS) for name in names) and not is_better_alone(op)


def _reads_elsewhere(op: ir.Operation) -> bool:
    return any(inner.operation.name == "tensor.extract" for inner in op.regions[0].blocks[0].operations)


def _is_summable(op: ir.Operation) -> bool:
    """Whether a reduction may be done in parts: one result, a combiner, and a start that is one known number."""
    inputs = len(op.operands) - len(op.results)
    return (
        len(op.results) == 1
        and is_free(op.operands[inputs])
        and ScalarBody(op.regions[0].blocks[0]).combiner(inputs) is not None
        and len(extents_of(op)) > 0
    )

"""Which operations are done together, tile of rows by tile of rows: a reduction or a join, and what surrounds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import inf, prod

from .. import functions
from ..kernelize.cost import FUNCTION_POINTS
from ..kernelize.scalar_body import ScalarBody
from ..linalg_loops import extents_of, has_windows, reduces
from ..mlir import ir
from ..vectors import Vectors
from .classes import Classes, Dimension, is_free
from .item import FEWEST, Item, is_partial, is_used_outside
from .joined import has_rows
from .moves import JOINS, dimensions_of_join, is_move, is_narrow, kinds_of, loops_of, points_of
from .products import FEWEST_ROWS, is_product, is_thin, joins
from .views import is_broadcast, is_cheap, is_view

WINDOW = 150  # operations before and after a reduction among which its group is sought
LONGEST = 100  # operations of a group; more are slow to compile as one piece
POINTS = FUNCTION_POINTS  # that a group visits at least: with fewer, dispatches do not show
ARRAYS = 24  # that a group reads and writes; a dispatch can bind 32
_SMALLER = 8
_MASKED = 100  # operations that are worth less than leaving lanes out of what is written
_WHOLE = 4096  # points, of which IREE can always make whole vectors
_PART = 8  # points that an element of a part costs, which is written and read again


class Block:
    """The operations of a block in an order that may be changed; those that make free values are not among them."""

    def __init__(self, ops: Sequence[ir.Operation]):
        self.classes = Classes([op for op in ops if not _is_apart(op)])
        self.items = [Item([op]) for op in ops if not any(map(is_free, op.results)) and op.name != "arith.constant"]

    def find_groups(self, vectors: Vectors) -> list[Item]:
        """Groups, each in one place of `items`; last those that IREE has slow code for, or none with vectors."""
        kinds = [(is_anchor, inf), (_computes_complex, inf), *([] if vectors.has_masks else [(_is_masked, _MASKED)])]
        for starts_group, most in kinds:
            position = 0
            while position < len(self.items):
                item = self.items[position]
                if item.may_join and starts_group(item.ops[0]):
                    self._make_group(position, most)
                position += 1
        return [item for item in self.items if item.rows]

    def _make_group(self, position: int, most: float) -> None:
        """Put a group in one place of `items`, if one is worth it that has `most` operations on numbers at most."""
        anchor = self.items[position]
        start = max(0, position - WINDOW)
        window = self.items[start : position + WINDOW]
        users: dict[ir.Value, list[Item]] = defaultdict(list)
        for item in window:
            for value in item.operands:
                users[value].append(item)
        best, highest = None, 0.0
        for row in dict.fromkeys(self.classes.loops(anchor.ops[0]).values()):
            for with_products in (True, False):
                growth = _Growth(self.classes, row, window, users, anchor, with_products)
                if (worth := growth.worth()) > highest:
                    best, highest = growth, worth
                if not growth.has_products:
                    break
        if best is not None and (best.length() > most or best.is_cut()):
            for item in best.inside:
                item.is_refused = True
        elif best is not None:
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
        with_products: bool,
    ):
        self.classes, self.row, self.window, self._users = classes, row, window, users
        self._with_products = with_products
        arrays = (*anchor.operands, *anchor.results)
        sizes = (prod(x.type.shape) for x in arrays if isinstance(x.type, ir.RankedTensorType))
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
            self._backward()  # first, so that nothing joins that the anchor waits for through others
            self._forward()
        self._leave_views()

    def _leave_views(self) -> None:
        """Broadcasts and views for others are theirs to make."""
        self._is_grown = True
        for item in reversed(self.window):
            users = self._users.get(item.results[0], ()) if item in self.inside else ()
            if item in self.inside and _is_left(item.ops[0]) and self.inside.isdisjoint(users):
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
        if not item.may_join or self._is_grown or len(self.inside) >= LONGEST:
            return False
        (op,) = item.ops
        if not is_move(op) and (op.name != "linalg.generic" or (is_product(op) and not self._with_products)):
            return False
        return _is_divisible(op, self.classes, self.row, self._large)

    @property
    def has_products(self) -> bool:
        return any(is_product(item.ops[0]) for item in self.inside)

    def length(self) -> int:
        """Operations on numbers, with those of functions that are called."""
        bodies = (item.ops[0].regions[0].blocks[0] for item in self.inside if item.ops[0].name == "linalg.generic")
        return sum(map(functions.length, bodies))

    def is_cut(self) -> bool:
        """Whether it would have been larger, and too long."""
        refused = [item for item in self.window if item.is_refused]
        read = {value for item in self.inside for value in item.operands}
        made = {value for item in self.inside for value in item.results}
        return any(not read.isdisjoint(item.results) or not made.isdisjoint(item.operands) for item in refused)

    def worth(self) -> float:
        """How much is computed together.

        Less where results have to be put together from those of the tiles, where a row is larger than a tile should be,
        and where there are so few rows that cores cannot share them.
        """
        ops = [item.ops[0] for item in self.inside]
        points = sum(map(points_of, ops))
        only_pads = all(_pads_memory(op) for op in ops if points_of(op))  # which IREE is good at
        if points < POINTS or only_pads or len(self.arrays()) > ARRAYS:
            return 0
        group = self.group()
        rows = prod(group.extents)
        if rows <= 1 or (group.has_products and group.rows_of_tile() < FEWEST_ROWS):
            return 0
        parts = FEWEST * sum(prod(value.type.shape) for value in group.partial_results())  # type: ignore[attr-defined]
        fits = group.share_of_row() ** 0.25  # what is not stored need not fit
        return (points - _PART * parts) * fits * min(1, rows / FEWEST)

    def _is_partial(self, op: ir.Operation) -> bool:
        return is_partial(op, self._loop_of(op, self.row))

    def _loop_of(self, op: ir.Operation, dimension: Dimension) -> int:
        """The one loop of an operation over a class of dimensions."""
        return self._loops_of(op, dimension)[0]

    def _loops_of(self, op: ir.Operation, dimension: Dimension) -> list[int]:
        return [loop for loop, found in self.classes.loops(op).items() if found == dimension]

    def _batch(self, ops: Sequence[ir.Operation]) -> list[Dimension]:
        """Other dimensions that all operations can be done for one index of, those of products of batches."""
        first = next(op for op in ops if is_product(op))
        return [
            dimension
            for dimension in dict.fromkeys(self.classes.loops(first).values())
            if dimension != self.row and all(self._has_one(op, dimension) for op in ops)
        ]

    def _has_one(self, op: ir.Operation, dimension: Dimension) -> bool:
        """Whether an operation can be done for one index of a dimension, which gives a part of each result."""
        if len(self._loops_of(op, dimension)) != 1:
            return False
        return _is_in_step(op, self.classes, dimension) and not is_partial(op, self._loop_of(op, dimension))

    def arrays(self) -> set[ir.Value]:
        """What the group reads from outside, and what it makes that others use."""
        made = {value for item in self.inside for value in item.results}
        read = {v for item in self.inside for v in item.operands if isinstance(v.type, ir.RankedTensorType)}
        return (read - made) | {value for value in made if is_used_outside(value, self.inside)}

    def group(self) -> Item:
        """What has grown."""
        ops = [item.ops[0] for item in self.window if item in self.inside]
        dimensions = [*(self._batch(ops) if self.has_products else ()), self.row]
        rows = [tuple(self._loop_of(op, dimension) for dimension in dimensions) for op in ops]
        return Item(ops, rows, [value.type.shape[d] for value, d in dimensions])  # type: ignore[attr-defined]

    def ordered(self) -> list[Item]:
        """The window with the group in one place, behind what it needs."""
        others = [item for item in self.window if item not in self.inside]
        before = [item for item in others if item in self._leaders]
        return [*before, self.group(), *(item for item in others if item not in self._leaders)]


def is_anchor(op: ir.Operation) -> bool:
    """Whether a group is sought around an operation: one that IREE does not fuse with all that surrounds it."""
    return is_reduction(op) or (is_move(op) and (op.name in JOINS or is_narrow(op)))


def is_reduction(op: ir.Operation) -> bool:
    return op.name == "linalg.generic" and reduces(op) and not is_product(op)


def _computes_complex(op: ir.Operation) -> bool:
    """Whether elements are computed one by one, and any number in that is complex."""
    if op.name != "linalg.generic" or reduces(op) or len(op.regions[0].blocks[0].operations) == 1:
        return False
    return any(isinstance(x.type, ir.ComplexType) for x in op.regions[0].blocks[0].arguments)


def _is_masked(op: ir.Operation) -> bool:
    """Whether IREE leaves lanes out of each vector, so as to end where the array does."""
    if op.name != "linalg.generic" or reduces(op) or len(op.regions[0].blocks[0].operations) == 1:
        return False
    return points_of(op) % _WHOLE != 0


def _is_divisible(op: ir.Operation, classes: Classes, row: Dimension, large: int) -> bool:
    """`large`: elements from which on the rows may not be the innermost dimension, since vectors go along that."""
    if _is_apart(op) or 0 in ir.ShapedType(op.results[0].type).shape:
        return False
    loops = [loop for loop, found in classes.loops(op).items() if found == row]
    if len(loops) != 1:
        return False
    (loop,) = loops
    if op.name == "linalg.generic" and not _computes_apart(op, loop):
        return False
    if op.name in JOINS and loop in dimensions_of_join(op) and not has_rows(op.results[0], [loop]):
        return False
    if not _is_in_step(op, classes, row):
        return False
    for value, visited in zip((*op.operands, *op.results), loops_of(op), strict=True):
        if loop in visited and not is_free(value):
            d, shape = visited.index(loop), ir.RankedTensorType(value.type).shape
            if prod(shape[d + 1 :]) == 1 and prod(shape) > max(shape[d], large):
                return False
    return kinds_of(op)[loop] == "parallel" or _is_summable(op)


def _pads_memory(op: ir.Operation) -> bool:
    """Whether an operation pads what is not computed on the way."""
    if op.name != "tensor.pad":
        return False
    maker = op.operands[0].owner
    return isinstance(maker, ir.Block) or not is_cheap(maker.operation)


def _is_left(op: ir.Operation) -> bool:
    """Whether an operation is cheap enough to be done wherever it is needed."""
    return is_broadcast(op) or is_view(op.results[0])


def _computes_apart(op: ir.Operation, loop: int) -> bool:
    """Whether what an operation computes for some indices of a loop is made of what its operands have there."""
    if 0 in extents_of(op) or _reads_elsewhere(op) or has_windows(op, loop):
        return False
    return joins(op, loop) if is_product(op) else True


def _is_in_step(op: ir.Operation, classes: Classes, row: Dimension) -> bool:
    """Whether all dimensions of a class are visited by the one loop over it."""
    (loop,) = [loop for loop, found in classes.loops(op).items() if found == row]
    return all(
        is_free(value) or classes.places(value, row) in ([], [d for d, x in enumerate(visited) if x == loop])
        for value, visited in zip((*op.operands, *op.results), loops_of(op), strict=True)
    )


def _is_apart(op: ir.Operation) -> bool:
    """Whether an operation is a product that never joins a group."""
    return is_product(op) and not is_thin(op)


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

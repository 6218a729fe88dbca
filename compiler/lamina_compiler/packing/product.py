"""Which products of matrices are done in tiles, and how large these are."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import NamedTuple

from ..kernelize.cost import WORKGROUPS, is_gathered
from ..kernelize.machine import CPU, Machine
from ..linalg_loops import adds_products, adds_widened_products, extents_of, kinds_of, loops_of
from ..mlir import ir
from ..rows.classes import is_free

# Multiply-adds from which on this is faster than IREE's code: with the tiles that `lamina-tile` gives it; with its own
# for sizes that vectors divide, where an operand has the columns of the result innermost, or none has; and for other
# sizes, which it does not vectorize. With vectors narrower than AVX-512's it is slower from NARROW on.
TILED, EVEN, CROSSED, ODD = 1 << 28, 1 << 24, 1 << 22, 1 << 18
NARROW = 1 << 21
SHALLOW = 32  # multiply-adds for an element; fewer are not worth a tile
VECTOR = 16  # columns that are worth vectors
SCATTERED = 4  # price of writing an element alone, which is also much code, where copying one is 1
ROWS = 512  # of a tile at most: each uses what is copied for it again
FEWEST_ROWS = 128  # where there are two tiles then


class Product(NamedTuple):
    """A product of matrices.

    Loops by what they visit: `batch` both operands and the result; `rows` the left operand and the result, `columns`
    the right one and the result, vectors along the last one; `depth` both operands. `left`, `right`: which operand is
    which.
    """

    op: ir.Operation
    left: int
    right: int
    batch: list[int]
    rows: list[int]
    columns: list[int]
    depth: list[int]
    extents: tuple[int, ...]

    def size(self, loops: Iterable[int | None]) -> int:
        return prod(self.extents[loop] for loop in loops if loop is not None)

    @property
    def loops(self) -> list[int]:
        """Those that tiles go along, in the order of the tiles."""
        return [*self.batch, *self.columns, *self.rows]

    @property
    def element(self) -> ir.Type:
        """The type of the sums."""
        return ir.RankedTensorType(self.op.results[0].type).element_type

    def copied(self) -> int:
        """Elements that are not in the order in which a tile reads or writes them; those of the result count more."""
        *visited, result = loops_of(self.op)[:3]
        lane = self.columns[-1]
        wrong = [self.left] * (visited[self.left][-1] not in self.depth) + [self.right] * (
            visited[self.right][-1] != lane
        )
        return sum(self.size(visited[i]) for i in wrong) + SCATTERED * (result[-1] != lane) * self.size(result)

    def steps(self, machine: Machine) -> list[int]:
        """How much a tile has along each of the loops."""
        width, most = self.extents[self.columns[-1]], self._most_columns(machine)
        columns = width if width <= most else _even(width, most, machine.width)
        outer = self.size(self.batch) * self.size(self.columns[:-1]) * _ceil(width, columns)
        all = self.size(self.rows) * outer
        most = max(min(FEWEST_ROWS, all // 2), min(ROWS, all // WORKGROUPS))
        rows = []
        for loop in reversed(self.rows):
            rows.insert(0, _even(self.extents[loop], max(1, most), 1 if rows else machine.rows))
            most //= rows[0]
        return [1] * len(self.batch) + [1] * (len(self.columns) - 1) + [columns, *rows]

    def depth_step(self, machine: Machine) -> int:
        """How far along its first loop the sums go at once."""
        first, *others = self.depth
        return _even(self.extents[first], max(1, machine.depth // self.size(others)), 1)

    def is_worth_it(self, is_tiled: bool, machine: Machine) -> bool:
        """Whether this is faster than IREE's code. `is_tiled`: IREE is told tiles that it is fast with."""
        columns, depth = self.extents[self.columns[-1]], self.size(self.depth)
        if str(self.element) not in ("f32", "f64") or columns < VECTOR or depth < SHALLOW:
            return False
        if len(self.depth) > 1 or columns % VECTOR or self.extents[self.rows[-1]] % 8 or depth % 4:
            return prod(self.extents) >= ODD
        if machine.width < CPU.width:
            return prod(self.extents) >= NARROW
        *visited, result = loops_of(self.op)[:3]
        is_crossed = all(loops[-1] != result[-1] for loops in visited)
        return prod(self.extents) >= (TILED if is_tiled else CROSSED if is_crossed else EVEN)

    def _most_columns(self, machine: Machine) -> int:
        """Of a tile: as many as registers take of a row."""
        return machine.row * machine.width // (2 if str(self.element) == "f64" else 1)


def product_of(op: ir.Operation) -> Product | None:
    """What a product of matrices is, if it is one. That operand is the left one with which less has to be copied."""
    if op.name != "linalg.generic" or not (adds_products(op) or adds_widened_products(op)):
        return None
    *visited, _, result = loops_of(op)
    known = all(None not in loops and len(set(loops)) == len(loops) for loops in (*visited, result))
    if not known or not is_free(op.operands[2]) or any(map(is_gathered, op.operands)):
        return None
    products = [product for left in (0, 1) if (product := _with_left(op, left))]
    return min(products, key=Product.copied, default=None)


def _with_left(op: ir.Operation, left: int) -> Product | None:
    *visited, _, result = loops_of(op)
    lefts, rights = visited[left], visited[1 - left]
    depth = [loop for loop, kind in enumerate(kinds_of(op)) if kind == "reduction"]
    batch = [loop for loop in result if loop in lefts and loop in rights]
    rows = [loop for loop in result if loop in lefts and loop not in rights]
    columns = [loop for loop in result if loop in rights and loop not in lefts]
    if not rows or not columns or not depth or not all(loop in lefts and loop in rights for loop in depth):
        return None
    columns.sort(key=rights[-1].__eq__)
    return Product(op, left, 1 - left, batch, rows, columns, depth, extents_of(op))  # type: ignore[arg-type]


def _even(extent: int, most: int, unit: int) -> int:
    """A step up to `most` and the extent, of whole units where that goes; with it all steps are about as long."""
    for count in range(_ceil(extent, most), extent):
        step = unit * _ceil(_ceil(extent, count), unit)
        if step <= min(extent, most):
            return step
    return 1 if extent > most else extent


def _ceil(x: int, y: int) -> int:
    return -(-x // y)

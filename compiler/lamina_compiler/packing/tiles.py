"""A product, and what is done with its elements, as `scf.forall` over tiles of its result::

    %y = scf.forall (%column, %row) = (0, 0) to (2048, 2048) step (64, 512) shared_outs(%all = …) -> (…) {
      %sum = scf.for %k = 0 to 2048 step 1024 iter_args(%tile = 0) -> tensor<512x64xf32> {
        %a = tensor.extract_slice %left[%row, %k] [512, 1024] [1, 1]
        %b = tensor.extract_slice %right[%k, %column] [1024, 64] [1, 1]
        %new = linalg.generic … ins(%a, %b) outs(%tile)
      }
      …                                                            the operations, on a tile
    }

The kernel copies the slice of the right operand, whose rows are far apart in memory (K. Goto, R. van de Geijn, "Anatomy
of high-performance matrix multiplication", 2008). Where tiles do not divide the result, the last ones overlap others.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernelize.machine import Machine
from ..linalg_loops import loops_of
from ..mlir import ir
from ..rows.classes import free_like
from ..rows.forall import Insertion, write_forall
from ..rows.item import Item, is_used_outside
from ..rows.tile import Tile, tile_type
from .epilogue import epilogue
from .operands import arrange
from .product import Product


def write(product: Product, positions: dict[ir.Value, int], machine: Machine) -> None:
    """Replace a product, and the elementwise operations that follow it, which are taken out of `positions`."""
    following = epilogue(product.op, positions)
    for result in (result for op in (product.op, *following) for result in op.results):
        del positions[result]
    _Tiles(arrange(product), following, machine).write()


class _Tiles:
    def __init__(self, product: Product, following: list[ir.Operation], machine: Machine):
        self.product, self.loops, self.steps = product, product.loops, product.steps(machine)
        self.depth = product.depth_step(machine)
        self.location, self.before = product.op.location, ir.InsertionPoint(product.op)
        result = loops_of(product.op)[-1]
        dimensions = tuple(result.index(loop) for loop in self.loops)
        extents = [product.extents[loop] for loop in self.loops]
        rows = [tuple(self.loops), *[dimensions] * len(following)]
        self.group = Item([product.op, *following], rows, extents)
        self.following = Item(following, rows[1:], extents)
        self.outputs = [value for value in self.group.results if is_used_outside(value, [self.group])]
        self.places = {d: i for i, d in enumerate(dimensions)}

    def write(self) -> None:
        types = [value.type for value in self.outputs]
        wholes = write_forall(types, self.group.extents, self.steps, self._tile, self.before, self.location)
        for value, whole in zip(self.outputs, wholes, strict=True):
            value.replace_all_uses_with(whole)
        for op in reversed(self.group.ops):
            op.erase()

    def _tile(self, counters: Sequence[ir.Value], ip: ir.InsertionPoint) -> list[list[Insertion]]:
        at = [self._start(i, counter, ip) for i, counter in enumerate(counters)]
        values = {self.product.op.results[0]: self._sum(at, ip)}
        values = Tile(self.following, self.steps, at, {}, ip, values).values
        return [[(values[value], {d: at[i] for d, i in self.places.items()})] for value in self.outputs]

    def _start(self, i: int, counter: ir.Value, ip: ir.InsertionPoint) -> ir.Value:
        """Where a tile starts along a loop: where it is still whole."""
        if self.group.extents[i] % self.steps[i] == 0:
            return counter
        last = self._number(self.group.extents[i] - self.steps[i], ip)
        return self._op("arith.minui", counter.type, [counter, last], ip)

    # ---- sums ----

    def _sum(self, at: Sequence[ir.Value], ip: ir.InsertionPoint) -> ir.Value:
        """The elements of the product: the sums go on where those of a part of their depth have ended."""
        op, step, extent = self.product.op, self.depth, self.product.extents[self.product.depth[0]]
        whole, rest = divmod(extent, step)
        sum = free_like(op.operands[2], tile_type(op.results[0], self.places, self.steps), ip)
        if whole == 1:
            sum = self._part(at, self._number(0, ip), step, sum, ip)
        else:
            sum = self._loop(at, whole, step, sum, ip)
        return self._part(at, self._number(whole * step, ip), rest, sum, ip) if rest else sum

    def _loop(self, at: Sequence[ir.Value], times: int, step: int, start: ir.Value, ip: ir.InsertionPoint) -> ir.Value:
        bounds = [self._number(value, ip) for value in (0, times * step, step)]
        loop = ir.Operation.create("scf.for", [start.type], [*bounds, start], regions=1, ip=ip, loc=self.location)
        block = loop.regions[0].blocks.append(bounds[0].type, start.type, arg_locs=[self.location] * 2)
        counter, carried = block.arguments
        inside = ir.InsertionPoint(block)
        made = self._part(at, counter, step, carried, inside)
        ir.Operation.create("scf.yield", [], [made], ip=inside, loc=self.location)
        return loop.result

    def _part(
        self, at: Sequence[ir.Value], first: ir.Value, depth: int, start: ir.Value, ip: ir.InsertionPoint
    ) -> ir.Value:
        """Sums over some of the depth."""
        op, (inner, *_) = self.product.op, self.product.depth
        item = Item([op], [(*self.loops, inner)])
        return Tile(item, [*self.steps, depth], [*at, first], {op.results[0]: start}, ip).values[op.results[0]]

    # ---- operations ----

    def _number(self, value: int, ip: ir.InsertionPoint) -> ir.Value:
        attributes = {"value": ir.IntegerAttr.get(ir.IndexType.get(), value)}
        return self._op("arith.constant", ir.IndexType.get(), [], ip, attributes)

    def _op(
        self,
        name: str,
        type: ir.Type,
        operands: Sequence[ir.Value],
        ip: ir.InsertionPoint,
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> ir.Value:
        return ir.Operation.create(name, [type], operands, attributes, ip=ip, loc=self.location).result

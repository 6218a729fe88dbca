"""A group of operations as `scf.forall` over tiles of rows::

    %r:2 = scf.forall (%at) = (0) to (1024) step (16) shared_outs(%y = %0, %part = %1) -> (…) {
      %x = tensor.extract_slice %arg0[%at, 0] [16, 512] [1, 1]
      …                                                            the operations, on 16 rows
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %8 into %y[%at, 0] [16, 512] [1, 1]
        tensor.parallel_insert_slice %9 into %part[%tile, 0] [1, 512] [1, 1]     a sum over the rows, of this tile
      }
    }

Partial results are put together by another reduction behind it. For these not to be many, a tile then is a larger one
in which a loop goes over small ones::

      %t:2 = scf.for %i = 0 to 64 step 16 iter_args(%y = …, %sum = …) -> (…) {

Where tiles do not divide the rows, the last one starts earlier, and leaves out of sums what the one before has in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from ..kernelize.scalar_body import ScalarBody, Step, neutral
from ..mlir import ir
from .forall import Insertion, write_forall
from .item import Item, is_used_outside
from .products import face_lanes, is_product
from .tile import Places, Tile, places_of, slice_of, tile_type

_RUN = 16  # elements that stand side by side in a piece for it to be written on its own


def write(group: Item) -> None:
    """Replace the operations of a group, which stand one behind the other, by a loop over tiles."""
    inside = set(group.results)
    for op, rows in zip(group.ops, group.rows, strict=True):
        if is_product(op):
            face_lanes(op, rows[-1], inside, ir.InsertionPoint(group.ops[0]))
    _Tiles(group).write()


class _Tiles:
    def __init__(self, group: Item):
        self.group, self.parts = group, group.partial_results()
        self.rows, self.most = group.rows_of_tile(), group.rows_of_large_tile()
        self.steps = [1] * (len(group.extents) - 1) + [self.most]
        self.outputs = [value for value in group.results if is_used_outside(value, [group])]
        self.before, self.location = ir.InsertionPoint(group.ops[0]), group.ops[0].location
        self.ip = self.before
        self.places: dict[ir.Value, Places] = {}
        for op, rows in zip(group.ops, group.rows, strict=True):
            visited = places_of(op, rows)
            self.places.update(zip(op.results, visited[len(visited) - len(op.results) :], strict=True))

    def write(self) -> None:
        types = [self._whole_type(value) for value in self.outputs]
        wholes = write_forall(types, self.group.extents, self.steps, self._made, self.before, self.location)
        self.ip = self.before
        for value, result in zip(self.outputs, wholes, strict=True):
            value.replace_all_uses_with(self._together(value, result) if value in self.parts else result)
        for op in reversed(self.group.ops):
            op.erase()

    def _whole_type(self, value: ir.Value) -> ir.Type:
        """Of the loop's result: as the value, or all tiles' parts of it."""
        type = ir.RankedTensorType(value.type)
        tiles = [-(-self.group.extents[-1] // self.most)] if value in self.parts else []
        return ir.RankedTensorType.get([*tiles, *type.shape], type.element_type)

    # ---- what a tile makes ----

    def _made(self, at: Sequence[ir.Value], ip: ir.InsertionPoint) -> list[list[Insertion]]:
        """The outputs that a tile makes, and where they go."""
        self.ip = ip
        *outer, first = at
        overlaps = self.group.extents[-1] % self.most > 0
        at = [*outer, self._whole(first)] if overlaps else at
        self.first = first if overlaps else None
        starts = {value: self._neutral(value) for value in self.parts}
        made = self._loop(at, starts) if self.rows < self.most else self._tile(at, starts)
        insertions: list[list[Insertion]] = []
        for value, tile in zip(self.outputs, made, strict=True):
            offsets = {d: at[i] for d, i in self.places[value].items()}
            if value in self.parts:
                number = self._op("arith.divui", [first.type], [first, self._number(self.most)])
                offsets = {0: number, **{d + 1: x for d, x in offsets.items()}}
            insertions.append(self._apart(tile, offsets))
        return insertions

    def _apart(self, tile: ir.Value, offsets: dict[int, ir.Value]) -> list[Insertion]:
        """What is inserted for a tile: each piece of a join whose pieces are long, for them not to be stored before."""
        maker = None if isinstance(tile.owner, ir.Block) else tile.owner.operation
        if maker is None or maker.name != "tensor.concat":
            return [(tile, offsets)]
        dimension = ir.IntegerAttr(maker.attributes["dim"]).value
        insertions: list[Insertion] = []
        start = 0
        for piece in maker.operands:
            shape = ir.RankedTensorType(piece.type).shape
            if prod(shape[dimension:]) < _RUN:
                return [(tile, offsets)]
            insertions.append((piece, offsets | {dimension: self._number(start)}))
            start += shape[dimension]
        return insertions

    def _whole(self, row: ir.Value) -> ir.Value:
        """Where a tile starts that is still whole."""
        last = self._number(self.group.extents[-1] - self.most)
        return self._op("arith.minui", [row.type], [row, last])

    def _tile(self, at: Sequence[ir.Value], starts: Mapping[ir.Value, ir.Value]) -> list[ir.Value]:
        """The outputs, as far as they belong to the tile at a place."""
        steps = [*self.steps[:-1], self.rows]
        tile = Tile(self.group, steps, at, starts, self.ip, first=self.first)
        return [tile.values[value] for value in self.outputs]

    def _loop(self, at: Sequence[ir.Value], starts: Mapping[ir.Value, ir.Value]) -> list[ir.Value]:
        """The same of a large tile, by a loop over small ones, which are inserted into it or add to its sums."""
        inits = [
            starts[v] if v in starts else self._op("tensor.empty", [tile_type(v, self.places[v], self.steps)])
            for v in self.outputs
        ]
        types = [x.type for x in inits]
        bounds = [self._number(value) for value in (0, self.most, self.rows)]
        loop = ir.Operation.create("scf.for", types, [*bounds, *inits], regions=1, ip=self.ip, loc=self.location)
        block = loop.regions[0].blocks.append(bounds[0].type, *types, arg_locs=[self.location] * (1 + len(types)))
        outside, self.ip = self.ip, ir.InsertionPoint(block)
        counter, *carried = block.arguments
        row = self._op("arith.addi", [counter.type], [at[-1], counter])
        sums = {v: x for v, x in zip(self.outputs, carried, strict=True) if v in starts}
        made = self._tile([*at[:-1], row], sums)
        yielded = [
            new if value in starts else self._inserted(value, new, old, counter)
            for value, new, old in zip(self.outputs, made, carried, strict=True)
        ]
        ir.Operation.create("scf.yield", [], yielded, ip=self.ip, loc=self.location)
        self.ip = outside
        return list(loop.results)

    def _inserted(self, value: ir.Value, tile: ir.Value, into: ir.Value, row: ir.Value) -> ir.Value:
        """A large tile of a value with the small one at a row."""
        moving = [d for d, i in self.places[value].items() if i == len(self.steps) - 1]
        slice = slice_of(ir.RankedTensorType(tile.type).shape, moving, [1, 1, len(moving), 0, 0])
        return self._op("tensor.insert_slice", [into.type], [tile, into, *[row] * len(moving)], slice)

    # ---- sums over the rows ----

    def _neutral(self, value: ir.Value) -> ir.Value:
        """What the sum over the rows of a tile starts from."""
        type = tile_type(value, self.places[value], self.steps)
        element = ir.RankedTensorType(type).element_type
        number = ir.DenseElementsAttr.get_splat(type, neutral(_combiner(value).name, element))
        return self._op("arith.constant", [type], (), {"value": number})

    def _together(self, value: ir.Value, parts: ir.Value) -> ir.Value:
        """The parts of all tiles combined, from the start that the whole had."""
        op = value.owner.operation  # type: ignore[union-attr]
        inputs = len(op.operands) - 1
        step = _combiner(value)
        rank = ir.RankedTensorType(value.type).rank
        dims = [ir.AffineDimExpr.get(d) for d in range(rank + 1)]
        maps = [ir.AffineMapAttr.get(ir.AffineMap.get(rank + 1, 0, results)) for results in (dims, dims[1:])]
        kinds = ["reduction", *["parallel"] * rank]
        attributes = {
            "indexing_maps": ir.ArrayAttr.get(maps),
            "iterator_types": ir.ArrayAttr.get([ir.Attribute.parse(f"#linalg.iterator_type<{k}>") for k in kinds]),
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 1]),
        }
        operands = [parts, op.operands[inputs]]
        whole = ir.Operation.create(
            "linalg.generic", [value.type], operands, attributes, regions=1, ip=self.ip, loc=self.location
        )
        element = ir.RankedTensorType(value.type).element_type
        block = whole.regions[0].blocks.append(element, element, arg_locs=[self.location] * 2)
        inside = ir.InsertionPoint(block)
        combined = ir.Operation.create(
            step.name, [element], block.arguments, step.attributes, ip=inside, loc=self.location
        )
        ir.Operation.create("linalg.yield", [], [combined.results[0]], ip=inside, loc=self.location)
        return whole.results[0]

    # ---- operations ----

    def _number(self, value: int) -> ir.Value:
        index = ir.IndexType.get()
        return self._op("arith.constant", [index], (), {"value": ir.IntegerAttr.get(index, value)})

    def _op(
        self,
        name: str,
        types: Sequence[ir.Type],
        operands: Sequence[ir.Value] = (),
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> ir.Value:
        return ir.Operation.create(name, types, operands, attributes, ip=self.ip, loc=self.location).results[0]


def _combiner(value: ir.Value) -> Step:
    """How the reduction that makes a value combines two numbers."""
    op = value.owner.operation  # type: ignore[union-attr]
    step = ScalarBody(op.regions[0].blocks[0]).combiner(len(op.operands) - 1)
    assert step is not None
    return step

"""A group of operations as `scf.forall` over tiles of rows::

    %r:2 = scf.forall (%at) = (0) to (1024) step (16) shared_outs(%y = %0, %part = %1) -> (…) {
      %x = tensor.extract_slice %arg0[%at, 0] [16, 512] [1, 1]
      …                                                            the operations, on 16 rows
      scf.forall.in_parallel {
        tensor.parallel_insert_slice %8 into %y[%at, 0] [16, 512] [1, 1]
        tensor.parallel_insert_slice %9 into %part[%tile, 0] [1, 512] [1, 1]     a sum over the rows, of this tile
      }
    }

Partial results are put together by another reduction behind it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernelize.reductions import divisor
from ..kernelize.scalar_body import ScalarBody, Step, neutral
from ..linalg_loops import loops_of, points_of
from ..mlir import ir
from .classes import free_like, is_free
from .groups import ELEMENTS, FEWEST, Item, is_partial, is_used_outside
from .views import is_view

MOST_PARTS = 32  # tiles there should be at most where partial results are put together
_DYNAMIC = -(2**63)


def rows_of_tile(extent: int, row_elements: int, has_parts: bool) -> int:
    """How many rows a tile has: a divisor of how many there are."""
    fitting = max(1, ELEMENTS // row_elements)
    if has_parts:
        fitting = max(fitting, extent // MOST_PARTS)
    return divisor(extent, min(fitting, max(1, extent // FEWEST)))


def write(group: Item) -> None:
    """Replace the operations of a group, which stand one behind the other, by a loop over tiles."""
    row_elements = max(points_of(op)[0] for op in group.ops if op.name == "linalg.generic") // group.extent
    parts = [op.results[0] for op, row in zip(group.ops, group.rows, strict=True) if is_partial(op, row)]
    _Tiles(group, rows_of_tile(group.extent, row_elements, bool(parts)), parts).write()


class _Tiles:
    def __init__(self, group: Item, rows: int, parts: Sequence[ir.Value]):
        self.group, self.rows, self.parts = group, rows, set(parts)
        self.outputs = [value for value in group.results if is_used_outside(value, [group])]
        self.before, self.location = ir.InsertionPoint(group.ops[0]), group.ops[0].location
        self.ip = self.before
        self.tile_values: dict[ir.Value, ir.Value] = {}  # by value: what a tile has of it
        self._places: dict[ir.Value, list[int]] = {}  # by value: the dimensions that are rows
        self._numbers: dict[int, ir.Value] = {}

    def write(self) -> None:
        types = [self._whole_type(value) for value in self.outputs]
        inits = [self._op("tensor.empty", [type]) for type in types]
        forall = ir.Operation.create(
            "scf.forall", types, inits, self._bounds(), regions=1, ip=self.before, loc=self.location
        )
        index = ir.IndexType.get()
        block = forall.regions[0].blocks.append(index, *types, arg_locs=[self.location] * (1 + len(types)))
        self.ip = ir.InsertionPoint(block)
        self.at, *shared = block.arguments
        for op, row in zip(self.group.ops, self.group.rows, strict=True):
            self._tile_of(op, row)
        self._insert(shared)
        self.ip = self.before
        for value, result in zip(self.outputs, forall.results, strict=True):
            value.replace_all_uses_with(self._together(value, result) if value in self.parts else result)
        for op in reversed(self.group.ops):
            op.erase()

    # ---- the loop ----

    def _bounds(self) -> dict[str, ir.Attribute]:
        values = {"staticLowerBound": 0, "staticUpperBound": self.group.extent, "staticStep": self.rows}
        segments = ir.DenseI32ArrayAttr.get([0, 0, 0, len(self.outputs)])
        bounds = {name: ir.DenseI64ArrayAttr.get([value]) for name, value in values.items()}
        return {**bounds, "operandSegmentSizes": segments}

    def _whole_type(self, value: ir.Value) -> ir.Type:
        """Of the loop's result: as the value, or all tiles' parts of it."""
        type = ir.RankedTensorType(value.type)
        tiles = [self.group.extent // self.rows] if value in self.parts else []
        return ir.RankedTensorType.get([*tiles, *type.shape], type.element_type)

    def _insert(self, shared: Sequence[ir.Value]) -> None:
        """Say where the results of a tile go."""
        places = []
        for value in self.outputs:
            inner = self.tile_values[value]
            sizes = list(inner.type.shape)  # type: ignore[attr-defined]
            rows = self._places[value]
            if value in self.parts:
                sizes, rows = [1, *sizes], [0]
            offset = self._tile_number() if value in self.parts else self.at
            places.append((inner, offset, self._slice(sizes, rows)))
        end = ir.Operation.create("scf.forall.in_parallel", regions=1, ip=self.ip, loc=self.location)
        self.ip = ir.InsertionPoint(end.regions[0].blocks.append())
        for (inner, offset, slice), into in zip(places, shared, strict=True):
            segments = {"operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 1, 1, 0, 0])}
            operands = [inner, into, offset]
            ir.Operation.create(
                "tensor.parallel_insert_slice", [], operands, slice | segments, ip=self.ip, loc=self.location
            )

    def _tile_number(self) -> ir.Value:
        return self._op("arith.divui", [ir.IndexType.get()], [self.at, self._number(self.rows)])

    def _number(self, value: int) -> ir.Value:
        found = self._numbers.get(value)
        if found is None:
            index = ir.IndexType.get()
            attributes: dict[str, ir.Attribute] = {"value": ir.IntegerAttr.get(index, value)}
            found = self._numbers[value] = self._op("arith.constant", [index], (), attributes)
        return found

    def _slice(self, sizes: Sequence[int], rows: Sequence[int]) -> dict[str, ir.Attribute]:
        offsets = [_DYNAMIC if d in rows else 0 for d in range(len(sizes))]
        return {
            "static_offsets": ir.DenseI64ArrayAttr.get(offsets),
            "static_sizes": ir.DenseI64ArrayAttr.get(list(sizes)),
            "static_strides": ir.DenseI64ArrayAttr.get([1] * len(sizes)),
        }

    # ---- what a tile has ----

    def _tile_of(self, op: ir.Operation, row: int) -> None:
        """Write an operation on the rows of a tile."""
        if op.name != "linalg.generic":  # a barrier, which nothing needs here
            self.tile_values[op.results[0]] = self._of(op.operands[0], [row])
            self._places[op.results[0]] = [row]
            return
        visited = loops_of(op)
        operands = [
            free_like(x, self._tile_type(x, loops, row), self.ip)
            if is_free(x)
            else self._of(x, [d for d, loop in enumerate(loops) if loop == row])
            for x, loops in zip(op.operands, visited, strict=False)
        ]
        if op.results[0] in self.parts:
            operands[-1] = self._neutral(op)
        clone = op.clone(ip=self.ip)
        for i, operand in enumerate(operands):
            clone.operands[i] = operand
        for result, loops, new in zip(op.results, visited[len(operands) :], clone.results, strict=True):
            new.set_type(self._tile_type(result, loops, row))
            self.tile_values[result] = new
            self._places[result] = [d for d, loop in enumerate(loops) if loop == row]
        self._shift_indices(clone, row)

    def _tile_type(self, value: ir.Value, loops: Sequence[int | None], row: int) -> ir.Type:
        if not isinstance(value.type, ir.RankedTensorType):
            return value.type
        shape = [self.rows if x == row else size for x, size in zip(loops, value.type.shape, strict=True)]
        return ir.RankedTensorType.get(shape, value.type.element_type)

    def _shift_indices(self, op: ir.Operation, loop: int) -> None:
        """The loop's index counts rows of the whole."""
        block = op.regions[0].blocks[0]
        for inner in [inner.operation for inner in block.operations]:
            if inner.name == "linalg.index" and ir.IntegerAttr(inner.attributes["dim"]).value == loop:
                after = ir.InsertionPoint(block.operations[list(block.operations).index(inner) + 1])
                index = inner.results[0]
                whole = ir.Operation.create("arith.addi", [index.type], [index, self.at], ip=after, loc=inner.location)
                index.replace_all_uses_except(whole.results[0], whole)

    def _of(self, value: ir.Value, rows: Sequence[int]) -> ir.Value:
        """What a tile has of a value: some indices of the dimensions that are rows, or all if none is."""
        found = self.tile_values.get(value)
        if found is None:
            found = self._viewed(value)
            if rows:
                found = self._rows_of(found, rows)
            self.tile_values[value] = found
        return found

    def _rows_of(self, whole: ir.Value, rows: Sequence[int]) -> ir.Value:
        type = ir.RankedTensorType(whole.type)
        sizes = [self.rows if d in rows else size for d, size in enumerate(type.shape)]
        segments = {"operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, len(rows), 0, 0])}
        tile = ir.RankedTensorType.get(sizes, type.element_type)
        operands = [whole, *[self.at] * len(rows)]
        return self._op("tensor.extract_slice", [tile], operands, self._slice(sizes, rows) | segments)

    def _viewed(self, value: ir.Value) -> ir.Value:
        """A value from outside; views of others are made anew, for the loop to read what is in memory."""
        if not is_view(value):
            return value
        maker = value.owner.operation  # type: ignore[union-attr]
        source = self._viewed(maker.operands[0])
        clone = maker.clone(ip=self.ip)
        clone.operands[0] = source
        return clone.results[0]

    # ---- parts ----

    def _neutral(self, op: ir.Operation) -> ir.Value:
        """What the sum over the rows of a tile starts from."""
        type = ir.RankedTensorType(op.results[0].type)
        number = ir.DenseElementsAttr.get_splat(type, neutral(_combiner(op).name, type.element_type))
        return self._op("arith.constant", [type], (), {"value": number})

    def _together(self, value: ir.Value, parts: ir.Value) -> ir.Value:
        """The parts of all tiles combined, from the start that the whole had."""
        op = value.owner.operation  # type: ignore[union-attr]
        inputs = len(op.operands) - 1
        step = _combiner(op)
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

    def _op(
        self,
        name: str,
        types: Sequence[ir.Type],
        operands: Sequence[ir.Value] = (),
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> ir.Value:
        return ir.Operation.create(name, types, operands, attributes, ip=self.ip, loc=self.location).results[0]


def _combiner(op: ir.Operation) -> Step:
    """How a reduction combines two numbers."""
    step = ScalarBody(op.regions[0].blocks[0]).combiner(len(op.operands) - 1)
    assert step is not None
    return step

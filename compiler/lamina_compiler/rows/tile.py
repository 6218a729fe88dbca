"""The operations of a group on one tile: some rows of what they read and make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..kernelize.scalar_body import neutral
from ..mlir import ir
from . import joined
from .classes import free_like, is_free
from .item import Item
from .moves import BARRIER, clone_for, is_move, loops_of
from .views import is_view

_DYNAMIC = -(2**63)

Places = dict[int, int]  # by dimension of a value that tiles go along: which of the loops it is


class Tile:
    """Writes the operations. `steps`: how much a tile has along each loop; `at`: where it starts.

    `starts`: by result that is a sum over the rows: what the sum starts from. `known`: what a tile has of other values.
    `first`: the row from which on rows belong to the sums, where others belong to those of the tile before.
    """

    def __init__(
        self,
        group: Item,
        steps: Sequence[int],
        at: Sequence[ir.Value],
        starts: Mapping[ir.Value, ir.Value],
        ip: ir.InsertionPoint,
        known: Mapping[ir.Value, ir.Value] | None = None,
        first: ir.Value | None = None,
    ):
        self.steps, self.at, self.starts, self.ip, self.first = steps, at, starts, ip, first
        self.values = dict(known or {})  # by value: what a tile has of it
        self._read: dict[tuple[ir.Value, tuple[tuple[int, int], ...]], ir.Value] = {}  # of those from outside
        for op, rows in zip(group.ops, group.rows, strict=True):
            self._write(op, rows)

    def _write(self, op: ir.Operation, rows: Sequence[int]) -> None:
        visited = places_of(op, rows)
        if joined.has_rows(op.results[0], visited[-1]):
            self.values[op.results[0]] = self._rows_of_join(op.results[0], visited[-1])
            return
        if op.name == BARRIER:  # which nothing needs here
            self.values[op.results[0]] = self._of(op.operands[0], visited[0])
            return
        operands = [
            free_like(x, tile_type(x, places, self.steps), self.ip) if is_free(x) else self._of(x, places)
            for x, places in zip(op.operands, visited, strict=False)
        ]
        if op.results[0] in self.starts:
            operands[-1] = self.starts[op.results[0]]
        if is_move(op):
            type = tile_type(op.results[0], visited[-1], self.steps)
            self.values[op.results[0]] = clone_for(op, operands, type, self.ip).results[0]
            return
        clone = op.clone(ip=self.ip)
        for i, operand in enumerate(operands):
            clone.operands[i] = operand
        for result, places, new in zip(op.results, visited[len(operands) :], clone.results, strict=True):
            new.set_type(tile_type(result, places, self.steps))
            self.values[result] = new
        if op.results[0] in self.starts and self.first is not None:
            _leave_out(clone, rows[-1], self.first)
        for loop, at in zip(rows, self.at, strict=True):
            _shift_indices(clone, loop, at)

    def _of(self, value: ir.Value, places: Places) -> ir.Value:
        """What a tile has of a value: some indices of the dimensions that are rows, or all if none is."""
        if value in self.values:
            return self.values[value]
        key = value, tuple(places.items())  # a @ a reads the same array in two ways
        if key not in self._read:
            whole = self._viewed(value)
            self._read[key] = self._rows_of(whole, places) if places else whole
        return self._read[key]

    def _rows_of(self, whole: ir.Value, places: Places) -> ir.Value:
        type = tile_type(whole, places, self.steps)
        if joined.has_rows(whole, places):
            return self._rows_of_join(whole, places)
        slice = slice_of(ir.RankedTensorType(type).shape, places, [1, len(places), 0, 0])
        operands = [whole, *(self.at[places[d]] for d in sorted(places))]
        return ir.Operation.create(
            "tensor.extract_slice", [type], operands, slice, ip=self.ip, loc=self.ip.block.owner.location
        ).result

    def _rows_of_join(self, whole: ir.Value, places: Places) -> ir.Value:
        ((d, i),) = places.items()
        return joined.rows_of(whole, d, self.at[i], self.steps[i], self.ip)

    def _viewed(self, value: ir.Value) -> ir.Value:
        """A value from outside; views of others are made anew, for the loop to read what is in memory."""
        if not is_view(value):
            return value
        maker = value.owner.operation  # type: ignore[union-attr]
        source = self._viewed(maker.operands[0])
        clone = maker.clone(ip=self.ip)
        clone.operands[0] = source
        return clone.results[0]


def places_of(op: ir.Operation, rows: Sequence[int]) -> list[Places]:
    """For every operand, and then every result: which of its dimensions tiles go along."""
    return [{d: rows.index(loop) for d, loop in enumerate(loops) if loop in rows} for loops in loops_of(op)]


def tile_type(value: ir.Value, places: Places, steps: Sequence[int]) -> ir.Type:
    """The type of what a tile has of a value."""
    if not isinstance(value.type, ir.RankedTensorType):
        return value.type
    shape = [steps[places[d]] if d in places else size for d, size in enumerate(value.type.shape)]
    return ir.RankedTensorType.get(shape, value.type.element_type)


def slice_of(sizes: Sequence[int], moving: Iterable[int], segments: Sequence[int]) -> dict[str, ir.Attribute]:
    """Attributes of a slice whose offsets along some dimensions are operands."""
    return {
        "static_offsets": ir.DenseI64ArrayAttr.get([_DYNAMIC if d in moving else 0 for d in range(len(sizes))]),
        "static_sizes": ir.DenseI64ArrayAttr.get(list(sizes)),
        "static_strides": ir.DenseI64ArrayAttr.get([1] * len(sizes)),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get(list(segments)),
    }


def _shift_indices(op: ir.Operation, loop: int, at: ir.Value) -> None:
    """The loop's index counts rows of the whole."""
    block = op.regions[0].blocks[0]
    for inner in [inner.operation for inner in block.operations]:
        if inner.name == "linalg.index" and ir.IntegerAttr(inner.attributes["dim"]).value == loop:
            after = ir.InsertionPoint(block.operations[list(block.operations).index(inner) + 1])
            index = inner.results[0]
            whole = ir.Operation.create("arith.addi", [index.type], [index, at], ip=after, loc=inner.location)
            index.replace_all_uses_except(whole.results[0], whole)


def _leave_out(op: ir.Operation, loop: int, first: ir.Value) -> None:
    """Have a sum combine nothing for indices of a loop before the first."""
    block = op.regions[0].blocks[0]
    combined = list(block.operations)[-1].operands[0].owner.operation
    place = next(i for i, x in enumerate(combined.operands) if x != block.arguments[len(block.arguments) - 1])
    term, ip = combined.operands[place], ir.InsertionPoint(combined)

    def write(name: str, type: ir.Type, operands: Sequence[ir.Value], **attributes: ir.Attribute) -> ir.Value:
        return ir.Operation.create(name, [type], operands, attributes, ip=ip, loc=op.location).result

    i64 = ir.IntegerType.get_signless(64)
    row = write("linalg.index", ir.IndexType.get(), [], dim=ir.IntegerAttr.get(i64, loop))
    is_own = write("arith.cmpi", ir.IntegerType.get_signless(1), [row, first], predicate=ir.IntegerAttr.get(i64, 9))
    nothing = write("arith.constant", term.type, [], value=neutral(combined.name, term.type))
    combined.operands[place] = write("arith.select", term.type, [is_own, term, nothing])

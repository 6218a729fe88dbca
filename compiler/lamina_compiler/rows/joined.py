"""Rows of arrays that are joined along the rows: read from where the pieces lie, so that nobody has to join them.

concat(x[1:], x[:1])[at : at + 16]    is    x[i + 1 if i < n - 1 else i - (n - 1)] for i = at, at + 1, …
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import prod
from typing import NamedTuple

from ..mlir import ir
from .classes import free_like, is_free
from .moves import JOINS, dimensions_of_join
from .views import is_cheap, is_number

MOST = 4  # pieces, each of which is read for every row
_VECTOR = 16  # elements of a row at least, for vectors to go along it


class _Piece(NamedTuple):
    """Rows of a join, from `start` on: rows of an array (`source`) from `offsets` on, or a number everywhere."""

    start: int
    rows: int
    source: ir.Value
    offsets: tuple[int, ...] | None


def has_rows(value: ir.Value, places: Collection[int]) -> bool:
    """Whether a value is joined along the one dimension that tiles go along, and they can read the pieces."""
    if isinstance(value.owner, ir.Block) or value.owner.operation.name not in JOINS:
        return False
    op, shape = value.owner.operation, ir.RankedTensorType(value.type).shape
    if len(places) != 1 or len(op.operands) > MOST:
        return False
    (d,) = places
    return d in dimensions_of_join(op) and prod(shape[d + 1 :]) >= _VECTOR


def rows_of(value: ir.Value, dimension: int, at: ir.Value, rows: int, ip: ir.InsertionPoint) -> ir.Value:
    """So many rows of a join along a dimension, from `at` on."""
    op = ir.OpResult(value).owner.operation
    whole = ir.RankedTensorType(value.type if op.name == "tensor.concat" else op.operands[0].type)
    shape = [rows if d == dimension else size for d, size in enumerate(whole.shape)]
    type = ir.RankedTensorType.get(shape, whole.element_type)
    pieces: list[_Piece] = []
    start = 0
    for rows, value in _parts(op, dimension, ip):
        if rows:
            is_array = isinstance(value.type, ir.RankedTensorType)
            pieces.append(_Piece(start, rows, *(_source(value) if is_array else (value, None))))
        start += rows
    tile = _Body(dimension, at, type, ip, op.location).written(pieces)
    return tile if dimensions_of_join(op) == [dimension] else _padded(op, tile, dimension, ip)


def _padded(op: ir.Operation, tile: ir.Value, dimension: int, ip: ir.InsertionPoint) -> ir.Value:
    """A tile padded in all dimensions but one."""
    clone = op.clone(ip=ip)
    clone.operands[0] = tile
    shape = list(ir.RankedTensorType(tile.type).shape)
    for name in ("static_low", "static_high"):
        edges = [edge if d != dimension else 0 for d, edge in enumerate(ir.DenseI64ArrayAttr(op.attributes[name]))]
        clone.attributes[name] = ir.DenseI64ArrayAttr.get(edges)
        shape = [size + edge for size, edge in zip(shape, edges, strict=True)]
    clone.results[0].set_type(ir.RankedTensorType.get(shape, ir.RankedTensorType(tile.type).element_type))
    return clone.results[0]


def _parts(op: ir.Operation, dimension: int, ip: ir.InsertionPoint) -> list[tuple[int, ir.Value]]:
    """How many rows come from which array, or are one number."""
    rows = [ir.RankedTensorType(x.type).shape[dimension] for x in op.operands]
    if op.name == "tensor.concat":
        values = [_number_of(x, ip) if is_free(x) else x for x in op.operands]
        return list(zip(rows, values, strict=True))
    low, high = (ir.DenseI64ArrayAttr(op.attributes[f"static_{end}"])[dimension] for end in ("low", "high"))
    number = op.regions[0].blocks[0].operations[0].operands[0]
    return [(low, number), (rows[0], op.operands[0]), (high, number)]


def _number_of(value: ir.Value, ip: ir.InsertionPoint) -> ir.Value:
    element = ir.RankedTensorType(value.type).element_type
    one = free_like(value, ir.RankedTensorType.get([], element), ip)
    return ir.Operation.create("tensor.extract", [element], [one], ip=ip, loc=ip.block.owner.location).result


def _source(value: ir.Value) -> tuple[ir.Value, tuple[int, ...]]:
    """The array that a value is a slice of, and where that starts."""
    offsets = (0,) * ir.RankedTensorType(value.type).rank
    while not isinstance(value.owner, ir.Block) and value.owner.operation.name == "tensor.extract_slice":
        maker = value.owner.operation
        sizes, strides = (list(ir.DenseI64ArrayAttr(maker.attributes[f"static_{x}"])) for x in ("sizes", "strides"))
        if len(maker.operands) > 1 or len(sizes) != len(offsets) or any(stride != 1 for stride in strides):
            break
        own = ir.DenseI64ArrayAttr(maker.attributes["static_offsets"])
        offsets = tuple(a + b for a, b in zip(offsets, own, strict=True))
        value = maker.operands[0]
    return value, offsets


class _Body:
    """Writes a linalg.generic that takes every element from its piece."""

    def __init__(
        self, dimension: int, at: ir.Value, type: ir.RankedTensorType, ip: ir.InsertionPoint, location: ir.Location
    ):
        self.dimension, self.location, self.type = dimension, location, type
        self.at, self.ip, self.outside = at, ip, ip

    def written(self, pieces: Sequence[_Piece]) -> ir.Value:
        rank = self.type.rank
        empty = self._op("tensor.empty", self.type)
        attributes = {
            "indexing_maps": ir.ArrayAttr.get([ir.AffineMapAttr.get(ir.AffineMap.get_identity(rank))]),
            "iterator_types": ir.ArrayAttr.get([ir.Attribute.parse("#linalg.iterator_type<parallel>")] * rank),
            "operandSegmentSizes": ir.DenseI32ArrayAttr.get([0, 1]),
        }
        generic = ir.Operation.create(
            "linalg.generic", [self.type], [empty], attributes, regions=1, ip=self.ip, loc=self.location
        )
        element = self.type.element_type
        block = generic.regions[0].blocks.append(element, arg_locs=[self.location])
        self.ip = ir.InsertionPoint(block)
        ir.Operation.create("linalg.yield", [], [self._element(pieces)], ip=self.ip, loc=self.location)
        return generic.result

    def _element(self, pieces: Sequence[_Piece]) -> ir.Value:
        index = ir.IndexType.get()
        self.places = [
            self._op("linalg.index", index, dim=ir.IntegerAttr.get(ir.IntegerType.get_signless(64), d))
            for d in range(self.type.rank)
        ]
        self.row = self._op("arith.addi", index, self.places[self.dimension], self.at)
        first, *others = pieces
        if all(self._is_beside(piece, first) for piece in others):
            place = self._row_in(first)
            for piece in others:
                place = self._op("arith.select", index, self._is_from(piece), self._row_in(piece), place)
            return self._extracted(first, place)
        element = self._nearest(first)
        for piece in others:
            element = self._op("arith.select", element.type, self._is_from(piece), self._nearest(piece), element)
        return element

    def _nearest(self, piece: _Piece) -> ir.Value:
        """The element of a piece, or of its row that is the nearest."""
        index = ir.IndexType.get()
        if piece.offsets is None:
            return piece.source
        first = piece.offsets[self.dimension]
        row = self._op("arith.maxsi", index, self._row_in(piece), self._number(first))
        row = self._op("arith.minsi", index, row, self._number(first + piece.rows - 1))
        return self._extracted(piece, row)

    def _is_beside(self, piece: _Piece, other: _Piece) -> bool:
        """Whether two pieces are rows of one array, at the same place in its other dimensions."""
        if piece.source != other.source or piece.offsets is None or other.offsets is None:
            return False
        pairs = enumerate(zip(piece.offsets, other.offsets, strict=True))
        return all(a == b for d, (a, b) in pairs if d != self.dimension)

    def _row_in(self, piece: _Piece) -> ir.Value:
        """Where in the piece's array the row is, if it is in the piece."""
        assert piece.offsets is not None
        return self._moved(self.row, piece.offsets[self.dimension] - piece.start)

    def _is_from(self, piece: _Piece) -> ir.Value:
        """Whether the row is in the piece, or in one behind."""
        predicate = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), 5)  # signed, greater or equal
        i1 = ir.IntegerType.get_signless(1)
        return self._op("arith.cmpi", i1, self.row, self._number(piece.start), predicate=predicate)

    def _extracted(self, piece: _Piece, row: ir.Value) -> ir.Value:
        assert piece.offsets is not None
        places = [
            row if d == self.dimension else self._moved(place, offset)
            for d, (place, offset) in enumerate(zip(self.places, piece.offsets, strict=True))
        ]
        return self._computed(piece.source, places)

    def _computed(self, value: ir.Value, places: Sequence[ir.Value]) -> ir.Value:
        """An element of an array; what is computed element by element, and cheap, nobody has to store."""
        if not isinstance(value.type, ir.RankedTensorType):
            return value
        if is_free(value):
            return _number_of(value, self.outside)
        value, offsets = _source(value)
        places = [self._moved(place, offset) for place, offset in zip(places, offsets, strict=True)]
        if isinstance(value.owner, ir.Block) or not is_cheap(value.owner.operation):
            return self._op("tensor.extract", ir.RankedTensorType(value.type).element_type, value, *places)
        op = value.owner.operation
        *body, end = [x.operation for x in op.regions[0].blocks[0].operations]
        arguments = zip(op.regions[0].blocks[0].arguments, op.operands, strict=True)
        known = {argument: self._computed(x, [] if is_number(x) else places) for argument, x in arguments}
        for inner in body:
            clone = inner.clone(ip=self.ip)
            for i, operand in enumerate(inner.operands):
                clone.operands[i] = known.get(operand, operand)
            known.update(zip(inner.results, clone.results, strict=True))
        return known.get(end.operands[0], end.operands[0])

    def _moved(self, place: ir.Value, by: int) -> ir.Value:
        return self._op("arith.addi", place.type, place, self._number(by)) if by else place

    def _number(self, value: int) -> ir.Value:
        index = ir.IndexType.get()
        return self._op("arith.constant", index, value=ir.IntegerAttr.get(index, value))

    def _op(self, name: str, type: ir.Type, *operands: ir.Value, **attributes: ir.Attribute) -> ir.Value:
        return ir.Operation.create(name, [type], operands, attributes, ip=self.ip, loc=self.location).result

"""Writes what the elements of a node are at some points: loads, views, element by element computation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..mlir import ir
from . import index as ix
from .exceptions import Again, Uneven, Unsupported
from .graph import (
    Buffer,
    Elements,
    Generic,
    GenericOp,
    Node,
    Piece,
    Pieces,
    Registers,
    Splat,
    View,
    apply_map,
)
from .index import Index, Point
from .memory import Memory
from .reader import Reader
from .record import Record, Value
from .scalar_body import ScalarBody, Step


@dataclass
class Decisions:
    """What earlier attempts found out, by keys of nodes and buffers; and what this one has found out for the next."""

    stored: set[str] = field(default_factory=set)  # nodes that need memory
    not_in_registers: set[str] = field(default_factory=set)
    innermost: dict[str, int] = field(default_factory=dict)  # dimension order of buffers
    settled: set[str] = field(default_factory=set)  # buffers whose order stays
    packed: set[tuple[str, int]] = field(default_factory=set)  # copies of inputs, by innermost dimension
    copied: set[str] = field(default_factory=set)  # results that are carried in another order, and copied in the end
    to_store: set[str] = field(default_factory=set)
    to_evict: set[str] = field(default_factory=set)  # from registers

    def store(self, node: Node) -> None:
        """Have a node in memory, from the next attempt on."""
        if node.key in self.stored:
            raise Unsupported("an element at a place that is not known")
        self.to_store.add(node.key)

    def take_up(self) -> bool:
        """Decide what the last attempt has found out; whether that is anything."""
        found = bool(self.to_store or self.to_evict)
        self.stored |= self.to_store
        self.not_in_registers |= self.to_evict
        self.to_store, self.to_evict = set(), set()
        return found


class Evaluator:
    """Evaluates nodes at points: always several at once, so that reductions can share a loop."""

    def __init__(self, record: Record, memory: Memory, reader: Reader, decisions: Decisions):
        self.record, self.memory, self.reader, self.decisions = record, memory, reader, decisions
        self.reduce_in_lanes = False  # whether a reduction may go along the lanes
        self.evaluated: dict[Node, set[Point]] | None = None  # what a trial evaluates

    def at(self, node: Node, points: Sequence[Point]) -> list[Value]:
        """The elements at these points."""
        record = self.record
        missing = [p for p in dict.fromkeys(points) if record.find((node, p)) is None]
        if missing:
            if self.evaluated is not None:
                self.evaluated.setdefault(node, set()).update(missing)
            for point, value in zip(missing, self._compute(node, missing), strict=True):
                record.remember((node, point), value)
        return [record.find((node, p)) for p in points]

    def _compute(self, node: Node, points: Sequence[Point]) -> Sequence[Value]:
        if isinstance(node.home, Buffer):
            return [self.memory.load(node.home, p) for p in points]
        if node.home is not None:
            return [self._in_registers(node, node.home, p) for p in points]
        if isinstance(node, View):
            return self._viewed(node, points)
        if isinstance(node, Splat):
            number = node.number() if node.number else self._zero(node.element)
            return [number] * len(points)
        if isinstance(node, Elements):
            return [self._element(node, p) for p in points]
        if isinstance(node, Pieces):
            return self._put_together(node, points)
        if not isinstance(node, Generic):
            return node.compute(self, points)
        if node.op.reductions:
            from .reductions import reduced

            return reduced(self, node, points)
        return self._elementwise(node, points)

    # ---- nodes without arithmetic ----

    def _zero(self, element: str) -> Value:
        return self.record.constant(self.memory.zero(element), element)

    def _in_registers(self, node: Node, home: Registers, point: Point) -> Value:
        if point in home.values:
            return home.values[point]
        if home.in_vectors and all(map(ix.is_constant, point)):
            return self._lane(home, point[0][0])
        if not self.record.is_trial:
            self.decisions.to_evict.add(home.key)
        return self._anything(node, point)

    def _anything(self, node: Node, point: Point) -> Value:
        """In place of an element that is not to be had, so that an attempt finds out more than one thing."""
        return self.record.emit("arith.constant", [], node.element, ix.has_lanes(point))

    def _lane(self, home: Registers, place: int) -> Value:
        start, lane = place - place % self.record.width, place % self.record.width
        vector = home.values[((start, ix.LANES[1]),)]
        return self.memory.extract(vector, lane)

    def _viewed(self, node: View, points: Sequence[Point]) -> list[Value]:
        try:
            return self.at(node.source, [node.place(p) for p in points])
        except Uneven:
            if node.flat is None:
                raise
        source = node.source.home
        if isinstance(source, Buffer):
            if source.innermost != len(source.shape) - 1:
                self.decisions.innermost.pop(source.key, None)
                self.decisions.settled.add(source.key)
                raise Again
            return self.at(node.source, [node.flat(p) for p in points])
        if source is None:
            self.decisions.store(node.source)
        else:
            self.decisions.to_evict.add(source.key)
        return [self._anything(node, p) for p in points]

    def _element(self, node: Elements, point: Point) -> Value:
        place, stride = ix.ZERO, 1
        for i, size in reversed(list(zip(point, node.shape, strict=True))):
            place = ix.add(place, ix.scale(i, stride))
            stride *= size
        if ix.is_constant(place):
            return node.numbers[place[0]]()
        if node.backing is not None:
            return self.at(node.backing, [point])[0]
        self.decisions.store(node)
        return self._anything(node, point)

    def _put_together(self, node: Pieces, points: Sequence[Point]) -> list[Value]:
        try:
            return [self._piece(node, p, len(node.pieces)) for p in points]
        except Uneven:
            self.decisions.store(node)
            return [self._anything(node, p) for p in points]

    def _piece(self, node: Pieces, point: Point, count: int) -> Value:
        """The element, from the first `count` pieces and the base. Uneven if the point does not say where it is."""
        for i in reversed(range(count)):
            where = self._inside(node.pieces[i], point)
            if where is None:
                continue
            inner, conditions = where
            value = self.at(node.pieces[i].source, [inner])[0]
            otherwise = self._piece(node, point, i) if conditions else value
            for condition in conditions:
                value = self.record.apply("arith.select", [condition, value, otherwise], node.element)
            return value
        return self.at(node.base, [point])[0]

    def _inside(self, piece: Piece, point: Point) -> tuple[Point, list[Value]] | None:
        """The point in the piece, and what must be true at run time for it to be there; None if it is outside."""
        inner, conditions = [], []
        dimensions = zip(point, piece.starts, piece.strides, piece.sizes, piece.whole, strict=True)
        for x, start, stride, size, whole in dimensions:
            if start == 0 and stride == 1 and size == whole:
                inner.append(x)
            elif isinstance(start, int) and ix.is_constant(x):
                step, rest = divmod(x[0] - start, stride)
                if rest or not 0 <= step < size:
                    return None
                inner.append(ix.constant(step))
            elif size == 1:
                conditions.append(self._equal(x, self.reader.start(start)))
                inner.append(ix.ZERO)
            else:
                raise Uneven
        return tuple(inner[d] for d in piece.kept), conditions

    def _equal(self, x: Index, y: Index) -> Value:
        attributes = {"predicate": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), 0)}
        return self.record.apply("arith.cmpi", [self.record.at(x), self.record.at(y)], "i1", attributes)

    # ---- generics ----

    def dimensions(self, node: Generic, point: Point) -> list[Index]:
        """Values of the loop dimensions; those of reductions are not known yet."""
        found = [ix.ZERO] * len(node.op.extents)
        for (_, terms), i in zip(node.output_map, point, strict=True):
            found[terms[0][0]] = i
        return found

    def operands(self, op: GenericOp, dimensions: Sequence[Sequence[Index]]) -> list[list[Value | None]]:
        """Elements of the inputs at several places; None for inputs that the body does not use."""
        used, maps = op.body.used, op.maps
        columns: list[Sequence[Value | None]] = [
            self.at(x, [apply_map(map, dims) for dims in dimensions]) if i in used else [None] * len(dimensions)
            for i, (x, map) in enumerate(zip(op.inputs, maps, strict=False))
        ]
        return [[column[k] for column in columns] for k in range(len(dimensions))]

    def _elementwise(self, node: Generic, points: Sequence[Point]) -> list[Value]:
        op, places = node.op, [self.dimensions(node, p) for p in points]
        found = []
        for inputs, dims in zip(self.operands(op, places), places, strict=True):
            starts = [
                self.at(init, [apply_map(map, dims)])[0] if i + len(op.inputs) in op.body.used else None
                for i, (init, map) in enumerate(zip(op.inits, op.maps[len(op.inputs) :], strict=True))
            ]
            values = self.body(op, [*inputs, *starts], dims)
            for result in op.results:
                if result is not node:
                    point = apply_map(result.output_map, dims)
                    self.record.remember((result, point), values[result.place])
            found.append(values[node.place])
        return found

    def body(self, op: GenericOp, arguments: Sequence[Value | None], dimensions: Sequence[Index]) -> list[Value]:
        """What the body yields."""

        def special(step: Step, operands: list[Any]) -> Value | None:
            if step.name == "linalg.index":
                return self.record.at(dimensions[ir.IntegerAttr(step.attributes["dim"]).value])
            if step.name == "tensor.extract":
                return self._extracted(operands[0], operands[1:])
            if step.name == "arith.addi" and step.element == "index":
                return self._sum_of_indices(*operands)
            return None

        return op.body.evaluate(self.record, arguments, self._captured, special)

    def plain(self, body: ScalarBody, arguments: Sequence[Value]) -> list[Value]:
        """What a body yields that knows nothing but its arguments."""
        return body.evaluate(self.record, arguments, self._captured, lambda step, operands: None)

    def _captured(self, value: ir.Value) -> Node | Value:
        found = self.reader.nodes.get(value)
        return found if found is not None else self.reader.number_of(value)

    def _sum_of_indices(self, x: Value, y: Value) -> Value | None:
        first, second = self.record.expression(x), self.record.expression(y)
        return None if first is None or second is None else self.record.at(ix.add(first, second))

    def _extracted(self, node: Node, indices: Sequence[Value]) -> Value:
        """An element at a computed place; vectors of places that may lie anywhere give a vector element by element."""
        point = tuple(i for i in map(self.record.expression, indices) if i is not None)
        if len(point) == len(indices):
            return self.at(node, [point])[0]
        lanes = []
        for lane in range(self.memory.active):
            places = [self.memory.extract_index(i, lane) if i.lanes else i for i in indices]
            lanes += self.at(node, [tuple(ix.symbol(i.number) for i in places)])
        return self.memory.together(lanes, node.element)

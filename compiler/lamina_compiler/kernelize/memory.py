"""Buffers of a kernel: elements and vectors from and to memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..mlir import ir
from . import index as ix
from . import interleaved
from .graph import Buffer
from .index import Index, Point
from .interleaved import Run, run_of
from .record import GATHERED, Record, Value, part_of

REORDERED = 1.5  # price of a vector that will be one load, once the buffer's dimensions are in another order


class Memory:
    """Loads and stores, some of whose lanes may be masked off: `mask` is how many are in use, or None for all."""

    def __init__(self, record: Record):
        self.record = record
        self.mask: int | None = None
        self.loads: list[tuple[Buffer, Point]] | None = None  # those of a trial
        self.votes: dict[Buffer, dict[int, float]] = {}  # by dimension: vectors along it
        self.strided: set[Buffer] = set()  # buffers whose order of dimensions is not the best
        self.packable: set[tuple[Buffer, int]] = set()  # inputs that would be read in vectors along another dimension
        self.is_inside_loop = False
        self.in_tiles = False  # where loops go over tiles of rows, which read little of what is in memory
        self._masks: dict[int, Value] = {}

    @property
    def active(self) -> int:
        """Lanes in use."""
        return self.mask or self.record.width

    def zero(self, element: str) -> ir.Attribute:
        type = ir.Type.parse(element)
        if isinstance(type, ir.ComplexType):
            return ir.ArrayAttr.get([ir.FloatAttr.get(type.element_type, 0.0)] * 2)
        return ir.FloatAttr.get(type, 0.0) if isinstance(type, ir.FloatType) else ir.IntegerAttr.get(type, 0)

    @contextmanager
    def inside_loop(self) -> Iterator[None]:
        """While a loop of the program is written: what it reads in any order is worth a copy in that order."""
        outer, self.is_inside_loop = self.is_inside_loop, True
        yield
        self.is_inside_loop = outer

    # ---- lanes ----

    def extract(self, vector: Value, lane: int) -> Value:
        if vector.parts:
            return self.record.complex(*(self.extract(part, lane) for part in vector.parts))
        attributes = {"static_position": ir.DenseI64ArrayAttr.get([lane])}
        return self.record.emit("vector.extract", [vector], vector.element, False, attributes)

    def extract_index(self, vector: Value, lane: int) -> Value:
        return self.record.emit("arith.index_cast", [self.extract(vector, lane)], "index", False)

    def together(self, lanes: Sequence[Value], element: str) -> Value:
        """A vector of these numbers; the last one fills lanes that are masked off."""
        if part := part_of(element):
            columns = zip(*(lane.parts for lane in lanes), strict=True)
            return self.record.complex(*(self.together(column, part) for column in columns))
        lanes = [*lanes, *[lanes[-1]] * (self.record.width - len(lanes))]
        return self.record.emit("vector.from_elements", lanes, element, True)

    def mask_value(self, lanes: int | None = None) -> Value:
        """A vector of booleans: true in so many lanes, or in those in use."""
        lanes = self.active if lanes is None else lanes
        found = self._masks.get(lanes)
        if found is None:
            bits = ["true" if lane < lanes else "false" for lane in range(self.record.width)]
            attribute = ir.Attribute.parse(f"dense<[{', '.join(bits)}]> : vector<{len(bits)}xi1>")
            found = self._masks[lanes] = self.record.constant(attribute, "i1", True)
        return found

    # ---- elements ----

    def load(self, buffer: Buffer, point: Point) -> Value:
        """The element, or vector of elements."""
        if self.loads is not None:
            self.loads.append((buffer, point))
        self._vote(buffer, point)
        copy = self._packed(buffer, point)
        if copy is not None:
            return self.load(copy, point)
        address, stride = self._address(buffer, point)
        if stride == 0:
            value = self._load_one(buffer, address)
        elif (run := self._run(buffer, point)) is not None:
            value = self._load_run(buffer, run)
        else:
            self._charge_strided(buffer)
            lanes = [self._load_one(buffer, ix.add(address, ix.constant(i * stride))) for i in range(self.active)]
            value = self.together(lanes, _stored(buffer))
        return self.record.apply("arith.trunci", [value], "i1") if buffer.element == "i1" else value

    def store(self, value: Value, buffer: Buffer, point: Point) -> None:
        self._vote(buffer, point)
        address, stride = self._address(buffer, point)
        if buffer.element == "i1":
            value = self.record.apply("arith.extui", [value], "i8")
        if stride == 0:
            assert not value.lanes
            self._store_one(value, buffer, address)
            return
        vector = self.record.in_lanes(value)
        if stride == 1:
            self._store_run(buffer, address, [vector])
            return
        self._charge_strided(buffer)
        for lane in range(self.active):
            self._store_one(self.extract(vector, lane), buffer, ix.add(address, ix.constant(lane * stride)))

    def store_all(self, values: Sequence[Value], buffer: Buffer, points: Sequence[Point]) -> None:
        """Store at several points; what fills runs in whole vectors."""
        runs: dict[tuple[Index, int], dict[int, tuple[Value, Point]]] = {}
        for value, point in zip(values, points, strict=True):
            run = self._run(buffer, point) if buffer.element != "i1" else None
            if run is None:
                self.store(value, buffer, point)
            else:
                runs.setdefault((run.base, run.stride), {})[run.place] = value, point
        for (base, stride), found in runs.items():
            if len(found) == stride:
                for _, point in found.values():
                    self._vote(buffer, point)
                self._store_run(buffer, base, [self.record.in_lanes(found[i][0]) for i in range(stride)])
            else:
                for value, point in found.values():
                    self.store(value, buffer, point)

    def _address(self, buffer: Buffer, point: Point) -> tuple[Index, int]:
        """Of the first lane, and how far apart lanes are."""
        address = buffer.origin
        for i, stride in zip(point, buffer.strides, strict=True):
            address = ix.add(address, ix.scale(i, stride))
        return ix.first_lane(address), ix.lane_stride(address)

    def _load_one(self, buffer: Buffer, address: Index) -> Value:
        element, record = _stored(buffer), self.record
        part = part_of(element)
        if not part:
            return record.emit("memref.load", [buffer.memory, record.at(address)], element, False)
        places = map(record.at, _halves(address, 1))
        return record.complex(*(record.emit("memref.load", [buffer.memory, place], part, False) for place in places))

    def _store_one(self, value: Value, buffer: Buffer, address: Index) -> None:
        places = _halves(address, 1) if value.parts else [address]
        for part, place in zip(value.parts or [value], places, strict=True):
            self.record.effect("memref.store", [part, buffer.memory, self.record.at(place)])

    def _run(self, buffer: Buffer, point: Point) -> Run | None:
        """Where the lanes stand, if they stand together, and will: the order of dimensions stays."""
        address = ix.ZERO
        for i, stride in zip(point, buffer.strides, strict=True):
            address = ix.add(address, ix.scale(i, stride))
        if ix.lane_stride(address) == 1:
            return Run(ix.add(buffer.origin, ix.first_lane(address)), 1, 0)
        is_written_once = buffer.kind == "output" and not self.is_inside_loop
        return None if self._may_change(buffer) and not is_written_once else run_of(buffer, address)

    def _load_run(self, buffer: Buffer, run: Run) -> Value:
        element = _stored(buffer)
        part = part_of(element)
        each = 2 if part else 1
        places = [each * run.place + i for i in range(each)]
        base = ix.scale(run.base, each)
        found = interleaved.load(self, buffer.memory, part or element, base, each * run.stride, places)
        return self.record.complex(*found) if part else found[0]

    def _store_run(self, buffer: Buffer, base: Index, vectors: Sequence[Value]) -> None:
        numbers = [part for vector in vectors for part in vector.parts or (vector,)]
        interleaved.store(self, buffer.memory, ix.scale(base, len(numbers) // len(vectors)), numbers)

    def load_lanes(self, memory: Value, element: str, address: Index, lanes: int) -> Value:
        """The first lanes of a vector, and zeros behind."""
        record, at = self.record, self.record.at(address)
        if lanes == record.width:
            return record.emit("vector.load", [memory, at], element, True)
        zeros = record.in_lanes(record.constant(self.zero(element), element))
        return record.emit("vector.maskedload", [memory, at, self.mask_value(lanes), zeros], element, True)

    def store_lanes(self, vector: Value, memory: Value, address: Index, lanes: int) -> None:
        at = self.record.at(address)
        if lanes == self.record.width:
            self.record.effect("vector.store", [vector, memory, at])
        else:
            self.record.effect("vector.maskedstore", [memory, at, self.mask_value(lanes), vector])

    def shuffle(self, x: Value, y: Value, order: Sequence[int]) -> Value:
        attributes = {"mask": ir.DenseI64ArrayAttr.get(list(order))}
        return self.record.emit("vector.shuffle", [x, y], x.element, True, attributes)

    # ---- the order of dimensions ----

    def _vote(self, buffer: Buffer, point: Point) -> None:
        if not self.record.is_trial:
            for d, i in enumerate(point):
                if ix.lane_stride(i) == 1:
                    votes = self.votes.setdefault(buffer, {})
                    votes[d] = votes.get(d, 0) + self.record.weight

    def _charge_strided(self, buffer: Buffer) -> None:
        """Little for a buffer whose order may still be changed so that its lanes stand side by side."""
        may_change = self._may_change(buffer)
        self.record.charge(REORDERED if may_change else GATHERED)
        if may_change and not self.record.is_trial and buffer.kind != "input":
            self.strided.add(buffer)

    def _may_change(self, buffer: Buffer) -> bool:
        """Whether a buffer, or a copy of it, may have its dimensions in another order."""
        if len(buffer.shape) < 2 or buffer.is_settled:
            return False
        return buffer.kind != "input" or self._may_pack(buffer)

    def _may_pack(self, buffer: Buffer) -> bool:
        return buffer.kind == "input" and self.is_inside_loop and not self.in_tiles

    def _packed(self, buffer: Buffer, point: Point) -> Buffer | None:
        """The copy of an input in which lanes stand side by side; asks for one if there is none."""
        dims = [d for d, i in enumerate(point) if ix.lane_stride(i)]
        if not self._may_pack(buffer) or len(dims) != 1 or ix.lane_stride(point[dims[0]]) != 1:
            return None
        if buffer.strides[dims[0]] == 1:
            return None
        if dims[0] not in buffer.packed and not self.record.is_trial:
            self.packable.add((buffer, dims[0]))
        return buffer.packed.get(dims[0])


def _halves(address: Index, apart: int) -> Sequence[Index]:
    """Where the real numbers start that complex ones from an address on are, in two numbers or vectors."""
    first = ix.scale(address, 2)
    return first, ix.add(first, ix.constant(apart))


def _stored(buffer: Buffer) -> str:
    return "i8" if buffer.element == "i1" else buffer.element

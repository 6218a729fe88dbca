"""Buffers of a kernel: elements and vectors from and to memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..mlir import ir
from . import index as ix
from .graph import Buffer
from .index import Index, Point
from .record import GATHERED, Record, Value

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
        attributes = {"static_position": ir.DenseI64ArrayAttr.get([lane])}
        return self.record.emit("vector.extract", [vector], vector.element, False, attributes)

    def extract_index(self, vector: Value, lane: int) -> Value:
        return self.record.emit("arith.index_cast", [self.extract(vector, lane)], "index", False)

    def together(self, lanes: Sequence[Value], element: str) -> Value:
        """A vector of these numbers; the last one fills lanes that are masked off."""
        lanes = [*lanes, *[lanes[-1]] * (self.record.width - len(lanes))]
        return self.record.emit("vector.from_elements", lanes, element, True)

    def mask_value(self) -> Value:
        """A vector of booleans: true in the lanes in use."""
        found = self._masks.get(self.active)
        if found is None:
            bits = ["true" if lane < self.active else "false" for lane in range(self.record.width)]
            attribute = ir.Attribute.parse(f"dense<[{', '.join(bits)}]> : vector<{len(bits)}xi1>")
            found = self._masks[self.active] = self.record.constant(attribute, "i1", True)
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
            value = self.record.emit("memref.load", [buffer.memory, self.record.at(address)], _stored(buffer), False)
        elif stride == 1:
            value = self._load_vector(buffer, address)
        else:
            self._charge_strided(buffer)
            value = self._load_lanes(buffer, address, stride)
        return self.record.apply("arith.trunci", [value], "i1") if buffer.element == "i1" else value

    def store(self, value: Value, buffer: Buffer, point: Point) -> None:
        self._vote(buffer, point)
        address, stride = self._address(buffer, point)
        if buffer.element == "i1":
            value = self.record.apply("arith.extui", [value], "i8")
        if stride == 0:
            assert not value.lanes
            self.record.effect("memref.store", [value, buffer.memory, self.record.at(address)])
            return
        vector = self.record.in_lanes(value)
        if stride == 1 and self.mask is None:
            self.record.effect("vector.store", [vector, buffer.memory, self.record.at(address)])
        elif stride == 1:
            self.record.effect(
                "vector.maskedstore", [buffer.memory, self.record.at(address), self.mask_value(), vector]
            )
        else:
            self._charge_strided(buffer)
            for lane in range(self.active):
                place = self.record.at(ix.add(address, ix.constant(lane * stride)))
                self.record.effect("memref.store", [self.extract(vector, lane), buffer.memory, place])

    def _address(self, buffer: Buffer, point: Point) -> tuple[Index, int]:
        """Of the first lane, and how far apart lanes are."""
        address = buffer.origin
        for i, stride in zip(point, buffer.strides, strict=True):
            address = ix.add(address, ix.scale(i, stride))
        return ix.first_lane(address), ix.lane_stride(address)

    def _load_vector(self, buffer: Buffer, address: Index) -> Value:
        element, at = _stored(buffer), self.record.at(address)
        if self.mask is None:
            return self.record.emit("vector.load", [buffer.memory, at], element, True)
        zeros = self.record.in_lanes(self.record.constant(self.zero(element), element))
        return self.record.emit("vector.maskedload", [buffer.memory, at, self.mask_value(), zeros], element, True)

    def _load_lanes(self, buffer: Buffer, address: Index, stride: int) -> Value:
        element = _stored(buffer)
        places = [self.record.at(ix.add(address, ix.constant(lane * stride))) for lane in range(self.active)]
        lanes = [self.record.emit("memref.load", [buffer.memory, place], element, False) for place in places]
        return self.together(lanes, element)

    # ---- the order of dimensions ----

    def _vote(self, buffer: Buffer, point: Point) -> None:
        if not self.record.is_trial:
            for d, i in enumerate(point):
                if ix.lane_stride(i) == 1:
                    votes = self.votes.setdefault(buffer, {})
                    votes[d] = votes.get(d, 0) + self.record.weight

    def _charge_strided(self, buffer: Buffer) -> None:
        """Little for a buffer whose order may still be changed so that its lanes stand side by side."""
        may_change = len(buffer.shape) > 1 and not buffer.is_settled
        self.record.charge(REORDERED if may_change and (buffer.kind != "input" or self._may_pack(buffer)) else GATHERED)
        if may_change and not self.record.is_trial and buffer.kind != "input":
            self.strided.add(buffer)

    def _may_pack(self, buffer: Buffer) -> bool:
        return buffer.kind == "input" and self.is_inside_loop

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


def _stored(buffer: Buffer) -> str:
    return "i8" if buffer.element == "i1" else buffer.element

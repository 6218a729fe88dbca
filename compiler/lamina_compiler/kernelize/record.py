"""What a kernel does, recorded as plain objects: cheap to write, to price, and to throw away again."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from math import inf
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..mlir import ir
from . import index as ix
from .exceptions import TooDear, Unsupported
from .index import LANE, Index

T = TypeVar("T")

# Prices of operations on a vector or a number, in additions. Measured with 16 lanes of f32 on AVX-512.
PRICES = {
    "arith.divf": 6, "math.sqrt": 6, "math.rsqrt": 6, "arith.remf": 20, "math.exp": 14, "math.log": 16,
    "arith.divsi": 20, "arith.divui": 20, "arith.remsi": 20, "arith.remui": 20,
}  # fmt: skip
MOST_VALUES = 200_000  # that may be written, trials included; a few seconds
PRODUCTS = ("arith.mului_extended", "arith.mulsi_extended")  # whose results are the halves of one number
STEP = 16.0  # price of what takes about a nanosecond, within a factor of two
READ = 4.0  # price of an element of an array, which memory has to give or take
INSTRUCTION = 2.0  # what any instruction costs beside, since code takes room and compile time
ACROSS_LANES = 16.0  # a reduction over the lanes of a vector
GATHERED = 24.0  # a vector of elements that do not stand side by side


class Value:
    """A recorded value: a number, a vector of numbers (`lanes`), or a buffer; `element` is an MLIR type's name.

    `parts`: of complex numbers the real and the imaginary ones, which are written in their place.
    """

    __slots__ = ("element", "lanes", "number", "parts")

    def __init__(self, number: int, element: str, lanes: bool, parts: Sequence[Value] = ()):
        self.number, self.element, self.lanes, self.parts = number, element, lanes, parts


class Region(NamedTuple):
    arguments: Sequence[Value]
    body: list[Instruction]


class Instruction(NamedTuple):
    name: str
    operands: Sequence[Value]
    results: Sequence[Value]
    attributes: dict[str, ir.Attribute]
    regions: Sequence[Region] = ()


class Record:
    """Instructions in the order they are written, in the region that is open; the memory of what was written already.

    `width`: lanes of a vector. `cost` adds up prices, each as often as the loops around run; `tried` counts the
    instructions of a trial.
    """

    def __init__(self, width: int, has_i64: bool = True):
        self.width, self.has_i64 = width, has_i64
        self.body: list[Instruction] = []
        self.cost, self.weight = 0.0, 1.0
        self._most = inf
        self.is_trial, self.tried = False, 0
        self.values: list[Value] = [Value(LANE, "i64", True)]
        self.constants: dict[Hashable, Value] = {}
        self._numbers: dict[tuple[int, str], Value] = {}  # integer constants
        self._expressions: dict[int, Index] = {}  # by number of a value
        self._bits: dict[int, Value] = {}  # booleans, by number of what was extended from each
        self._scopes: list[dict[Hashable, Any]] = [{}]

    # ---- what was computed already ----

    def find(self, key: Hashable) -> Any:
        for scope in reversed(self._scopes):
            if key in scope:
                return scope[key]
        return None

    def remember(self, key: Hashable, value: Any) -> None:
        self._scopes[-1][key] = value

    # ---- instructions ----

    def new(self, element: str, lanes: bool = False) -> Value:
        part = part_of(element)
        return self._new(element, lanes, [self._new(part, lanes) for _ in range(2)] if part else ())

    def complex(self, real: Value, imag: Value) -> Value:
        """The complex number, or vector, of these parts."""
        lanes = real.lanes or imag.lanes
        parts = [self.in_lanes(part) if lanes else part for part in (real, imag)]
        return self._new(f"complex<{real.element}>", lanes, parts)

    def _new(self, element: str, lanes: bool, parts: Sequence[Value] = ()) -> Value:
        value = Value(len(self.values), element, lanes, parts)
        self.values.append(value)
        return value

    def charge(self, price: float) -> None:
        self.cost += price * self.weight
        if self.cost + INSTRUCTION * self.tried > self._most:
            raise TooDear

    def emit(
        self,
        name: str,
        operands: Sequence[Value],
        element: str,
        lanes: bool,
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> Value:
        """One instruction with one result; of a product in two halves, the upper one."""
        results = [self.new(element, lanes) for _ in range(2 if name in PRODUCTS else 1)]
        self._write(name, operands, results, attributes)
        self.charge(PRICES.get(name, 1))
        return results[-1]

    def effect(self, name: str, operands: Sequence[Value], attributes: dict[str, ir.Attribute] | None = None) -> None:
        """One instruction without results."""
        self._write(name, operands, (), attributes)
        self.charge(1)

    def _write(
        self,
        name: str,
        operands: Sequence[Value],
        results: Sequence[Value],
        attributes: dict[str, ir.Attribute] | None = None,
        regions: Sequence[Region] = (),
    ) -> None:
        if self.is_trial:
            self.tried += 1
        else:
            self.body.append(Instruction(name, _written(operands), _written(results), attributes or {}, regions))

    def apply(
        self,
        name: str,
        operands: Sequence[Value],
        element: str,
        attributes: dict[str, ir.Attribute] | None = None,
    ) -> Value:
        """An operation that works lane by lane, where any operand has lanes."""
        if part_of(element) or any(operand.parts for operand in operands):
            return self._apply_complex(name, operands)
        if not any(operand.lanes for operand in operands):
            if name.startswith("arith.index_cast") and not self.has_i64:
                return self._cast_for_spirv(name, operands[0], element)
            value = self.emit(name, operands, element, False, attributes)
            if name == "arith.extui" and operands[0].element == "i1":
                self._bits[value.number] = operands[0]
            return value
        operands = [self.in_lanes(operand) for operand in operands]
        if name.startswith("arith.index_cast"):
            return self._cast_lanes(operands[0], element, signed=name == "arith.index_cast")
        return self.emit(name, operands, _lane_element(element), True, attributes)

    def _apply_complex(self, name: str, operands: Sequence[Value]) -> Value:
        """Lowering leaves nothing else of complex arithmetic."""
        if name == "complex.create":
            return self.complex(*operands)
        if name in ("complex.re", "complex.im"):
            return operands[0].parts[name == "complex.im"]
        if name != "arith.select":
            raise Unsupported(name)
        condition, *choices = operands
        parts = zip(*(choice.parts for choice in choices), strict=True)
        return self.complex(*(self.apply(name, [condition, *pair], pair[0].element) for pair in parts))

    def _cast_lanes(self, x: Value, element: str, *, signed: bool) -> Value:
        to = _lane_element(element)
        if to == x.element:
            return x
        name = "arith.trunci" if element != "index" else "arith.extsi" if signed else "arith.extui"
        return self.emit(name, [x], to, True)

    def _cast_for_spirv(self, name: str, x: Value, element: str) -> Value:
        """By way of i32, and not from booleans, which IREE would make of the cast of one that was extended."""
        if x.number in self._bits:
            choice = [self._bits[x.number], self.number(1), self.number(0)]
            return self.emit("arith.select", choice, element, False)
        if x.element == "i64":
            x = self.emit("arith.trunci", [x], "i32", False)
        if element != "i64":
            return self.emit(name, [x], element, False)
        return self.emit("arith.extsi", [self.emit("arith.index_cast", [x], "i32", False)], "i64", False)

    def constant(self, attribute: ir.Attribute, element: str, lanes: bool = False) -> Value:
        """A constant, written once for the whole kernel."""
        if part := part_of(element):
            return self.complex(*(self.constant(x, part, lanes) for x in ir.ArrayAttr(attribute)))
        key = attribute, lanes
        found = self.constants.get(key)
        if found is None:
            found = self.constants[key] = self.new(element, lanes)
            if element == "index":
                self._expressions[found.number] = ix.constant(ir.IntegerAttr(attribute).value)
        return found

    def number(self, value: int, element: str = "index") -> Value:
        """An integer constant."""
        found = self._numbers.get((value, element))
        if found is None:
            found = self.constant(ir.IntegerAttr.get(ir.Type.parse(element), value), element)
            self._numbers[value, element] = found
        return found

    def in_lanes(self, value: Value) -> Value:
        """The value in every lane."""
        if value.lanes:
            return value
        if value.parts:
            return self.complex(*map(self.in_lanes, value.parts))
        key = "lanes", value.number
        found = self.find(key)
        if found is None:
            if value.element == "index":
                value = self.emit("arith.index_cast", [value], "i64", False)
            found = self.emit("vector.broadcast", [value], value.element, True)
            self.remember(key, found)
        return found

    def at(self, index: Index) -> Value:
        """The value of an expression; a vector if it has lanes."""
        found = self.find(index)
        if found is None:
            found = self._computed(index)
            self.remember(index, found)
            self._expressions[found.number] = index
        return found

    def expression(self, value: Value) -> Index | None:
        """The index that a value is, as far as that is known; None if it is not known how its lanes differ."""
        found = self._expressions.get(value.number)
        return ix.symbol(value.number) if found is None and not value.lanes else found

    def _computed(self, index: Index) -> Value:
        if stride := ix.lane_stride(index):
            steps = ir.DenseElementsAttr.get(
                np.arange(self.width, dtype=np.int64) * stride,
                type=ir.VectorType.get([self.width], ir.IntegerType.get_signless(64)),
            )
            return self.apply("arith.addi", [self.at(ix.first_lane(index)), self.constant(steps, "i64", True)], "index")
        constant, terms = index
        total = None
        for number, coefficient in terms:
            term = self.values[number]
            if coefficient != 1:
                term = self.emit("arith.muli", [term, self.number(coefficient)], "index", False)
            total = term if total is None else self.emit("arith.addi", [total, term], "index", False)
        if total is None:
            return self.number(constant)
        return self.emit("arith.addi", [total, self.number(constant)], "index", False) if constant else total

    # ---- regions ----

    def scoped(self, write: Callable[[], T]) -> T:
        """What `write` gives; what it computed is not found afterwards."""
        self._scopes.append({})
        try:
            return write()
        finally:
            self._scopes.pop()

    def region(
        self, arguments: Sequence[Value], body: Callable[[], tuple[str, Sequence[Value]]], times: float = 1
    ) -> Region:
        """What `body` writes, ended by the terminator it names."""
        outer, weight = self.body, self.weight
        self.body, self.weight = [], weight * times
        self._scopes.append({})
        try:
            self.charge(1)
            name, operands = body()
            self._write(name, operands, ())
            return Region(_written(arguments), self.body)
        finally:
            self._scopes.pop()
            self.body, self.weight = outer, weight

    def loop(
        self,
        bounds: tuple[Value, Value, Value],
        inits: Sequence[Value],
        body: Callable[[Value, Sequence[Value]], Sequence[Value]],
        times: float,
    ) -> Sequence[Value]:
        """scf.for; `body` gets the counter and the carried values and gives their new ones."""
        counter = self.new(bounds[0].element)
        carried = [self.new(x.element, x.lanes) for x in inits]
        region = self.region([counter, *carried], lambda: ("scf.yield", body(counter, carried)), times)
        return self.structured("scf.for", [*bounds, *inits], inits, [region])

    def count(self, extent: int, step: int, inits: Sequence[Value], body: Any) -> Sequence[Value]:
        """A loop from 0 to `extent`."""
        bounds = self.number(0), self.number(extent), self.number(step)
        return self.loop(bounds, inits, body, extent // step)

    def structured(
        self, name: str, operands: Sequence[Value], like: Sequence[Value], regions: Sequence[Region]
    ) -> Sequence[Value]:
        """An operation with regions whose results have the types of `like`."""
        results = [self.new(x.element, x.lanes) for x in like]
        self._write(name, operands, results, regions=regions)
        return results

    # ---- trials ----

    def price(self, write: Callable[[], None], most: float = inf) -> tuple[float, int]:
        """What `write` would cost, which is not written, and how many instructions that is.

        TooDear as soon as it costs more than `most`.
        """
        if len(self.values) > MOST_VALUES:
            raise Unsupported("so much to choose from that it takes long")
        cost, weight, scopes = self.cost, self.weight, len(self._scopes)
        self.is_trial, self.tried, self._most = True, 0, most
        self.cost, self.weight = 0.0, 1.0
        self._scopes.append({})
        try:
            write()
            return self.cost + INSTRUCTION * self.tried, self.tried
        finally:
            del self._scopes[scopes:]
            self.cost, self.weight = cost, weight
            self.is_trial, self.tried, self._most = False, 0, inf


@functools.cache
def part_of(element: str) -> str | None:
    """The type of the parts of complex numbers; None of others."""
    return element[len("complex<") : -1] if element.startswith("complex<") else None


def _written(values: Sequence[Value]) -> Sequence[Value]:
    return [part for value in values for part in value.parts or (value,)]


def length(body: Sequence[Instruction]) -> int:
    """Instructions, with those in regions."""
    return sum(1 + sum(length(region.body) for region in x.regions) for x in body)


def _lane_element(element: str) -> str:
    """The type of lanes: LLVM's conversion loses its way in vectors of indices."""
    return "i64" if element == "index" else element

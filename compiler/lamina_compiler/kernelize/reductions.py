"""Reductions: loops with several running results at once, so that none waits for the one before."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from ..mlir import ir
from . import index as ix
from .evaluate import Evaluator
from .graph import SMALL, Generic, apply_map
from .index import Index, Point
from .record import ACROSS_LANES, Value
from .scalar_body import COMBINERS, neutral

UNROLLED = 16  # a reduction of up to so many elements has no loop
RUNNING = 8  # running results that hide the latency of an addition
BUSY = 160.0  # price of what is unrolled together, at most


class Loop(NamedTuple):
    """A loop over a dimension: `step` elements at once, in lanes if it is the width."""

    dimension: int
    extent: int
    step: int


def reduced(e: Evaluator, node: Generic, points: Sequence[Point]) -> list[Value]:
    """The elements of a reduction at these points, and of the other results of its operation."""
    if node.op.body.combiner(len(node.op.inputs)) and len(node.op.results) == 1:
        return _Reassociated(e, node, points).result()
    return _in_order(e, node, points)


def divisor(number: int, limit: int) -> int:
    """The largest divisor up to a limit."""
    return next(d for d in range(max(1, min(number, limit)), 0, -1) if number % d == 0)


class _Reassociated:
    """A reduction whose elements may be combined in any order."""

    def __init__(self, e: Evaluator, node: Generic, points: Sequence[Point]):
        self.e, self.node, self.op, self.points = e, node, node.op, points
        self.record, self.width = e.record, e.record.width
        step = node.op.body.combiner(len(node.op.inputs))
        assert step is not None
        self.combiner = step
        self.places = [e.dimensions(node, p) for p in points]
        self.lane = self._lane_dimension()
        self.tail = 0
        self.unrolled: list[tuple[int, list[Index]]] = []
        self.loops: list[Loop] = []
        self.most = max(2, min(RUNNING, int(BUSY / max(1, node.price / node.op.length))))  # running results together
        self._plan()
        self.vectors = [self.lane is not None or ix.has_lanes(p) for p in points]

    def _lane_dimension(self) -> int | None:
        """The reduction dimension along which most operands stand side by side in memory."""
        if self.width == 1 or not self.e.reduce_in_lanes or any(map(ix.has_lanes, self.points)):
            return None
        long = [d for d in self.op.reductions if self.op.extents[d] >= 8]
        maps = self.op.maps[: len(self.op.inputs)]
        return max(long, key=lambda d: sum(bool(m) and m[-1][1] == ((d, 1),) for m in maps), default=None)

    def _plan(self) -> None:
        """Which dimensions are unrolled, and which are loops, the innermost last."""
        for d in self.op.reductions:
            extent = self.op.extents[d]
            if d == self.lane:
                whole, self.tail = divmod(extent, self.width)
                if whole <= self.most:
                    starts = [ix.constant(self.width * i) for i in range(whole)]
                    self.unrolled.append((d, [ix.add(s, ix.LANES) for s in starts]))
                else:
                    self.loops.append(Loop(d, whole * self.width, self.width))
            elif extent <= SMALL or self.op.length <= UNROLLED:
                self.unrolled.append((d, [ix.constant(i) for i in range(extent)]))
            else:
                self.loops.append(Loop(d, extent, 1))
        self.loops.sort(key=lambda loop: loop.step)
        self.each = prod(len(choices) for _, choices in self.unrolled)  # elements a point combines in one iteration
        self.unroll = 1
        if self.loops and 0 < self.each * len(self.points) < self.most:
            inner = self.loops[-1]
            self.unroll = divisor(inner.extent // inner.step, self.most // (self.each * len(self.points)))
        self.running = max(1, min(self.most // len(self.points), self.unroll * self.each))

    def result(self) -> list[Value]:
        starts = self.e.at(self.op.inits[0], [apply_map(self.op.maps[-1], dims) for dims in self.places])
        neutral = self._neutral()
        running = [
            [self._typed(start if i == 0 and self.lane is None else neutral, k) for i in range(self.running)]
            for k, start in enumerate(starts)
        ]
        if self.each:
            running = self._iterate(0, {}, running)
        if self.tail:
            running = self._tail(running)
        return [self._combined(column, start) for column, start in zip(running, starts, strict=True)]

    def _typed(self, value: Value, k: int) -> Value:
        return self.record.in_lanes(value) if self.vectors[k] else value

    def _iterate(self, depth: int, at: dict[int, Index], running: list[list[Value]]) -> list[list[Value]]:
        """The loops from `depth` on."""
        if depth == len(self.loops):
            return self._step(at, running)
        loop = self.loops[depth]
        step = loop.step * (self.unroll if depth == len(self.loops) - 1 else 1)
        flat = [value for column in running for value in column]
        lanes = ix.LANES if loop.dimension == self.lane else ix.ZERO

        def body(counter: Value, carried: Sequence[Value]) -> list[Value]:
            here = {**at, loop.dimension: ix.add(ix.symbol(counter.number), lanes)}
            return [value for column in self._iterate(depth + 1, here, self._columns(carried)) for value in column]

        return self._columns(self.record.count(loop.extent, step, flat, body))

    def _columns(self, values: Sequence[Value]) -> list[list[Value]]:
        return [list(values[i : i + self.running]) for i in range(0, len(values), self.running)]

    def _step(self, at: dict[int, Index], running: list[list[Value]]) -> list[list[Value]]:
        """One iteration: for every point the unrolled elements, dealt out to its running results."""
        choices = list(product(*[choices for _, choices in self.unrolled]))
        where = []
        for k, place in enumerate(self.places):
            for choice in choices:
                for i in range(self.unroll):
                    dims = list(place)
                    for (d, _), x in zip(self.unrolled, choice, strict=True):
                        dims[d] = x
                    for d, x in at.items():
                        dims[d] = x
                    if i:
                        inner = self.loops[-1]
                        dims[inner.dimension] = ix.add(dims[inner.dimension], ix.constant(i * inner.step))
                    where.append((k, dims))
        operands = self.e.operands(self.op, [dims for _, dims in where])
        running, turn = [list(column) for column in running], [0] * len(self.points)
        for (k, dims), inputs in zip(where, operands, strict=True):
            slot = turn[k] % self.running
            turn[k] += 1
            running[k][slot] = self._typed(self.e.body(self.op, [*inputs, running[k][slot]], dims)[0], k)
        return running

    def _tail(self, running: list[list[Value]]) -> list[list[Value]]:
        """The elements that do not fill a vector."""
        assert self.lane is not None
        outer, self.e.memory.mask = self.e.memory.mask, self.tail
        start = self.op.extents[self.lane] - self.tail
        at = {self.lane: ix.add(ix.constant(start), ix.LANES)}

        def masked(place: dict[int, Index], columns: list[list[Value]], rest: list[int]) -> list[list[Value]]:
            if rest:
                d, *others = rest
                if self.op.extents[d] <= SMALL:
                    for i in range(self.op.extents[d]):
                        columns = masked({**place, d: ix.constant(i)}, columns, others)
                    return columns

                def body(counter: Value, carried: Sequence[Value]) -> list[Value]:
                    inner = masked({**place, d: ix.symbol(counter.number)}, self._columns(carried), others)
                    return [value for column in inner for value in column]

                flat = [value for column in columns for value in column]
                return self._columns(self.record.count(self.op.extents[d], 1, flat, body))
            for k, dims in enumerate(self.places):
                dims = [place.get(d, x) for d, x in enumerate(dims)]
                (inputs,) = self.e.operands(self.op, [dims])
                value = self._typed(self.e.body(self.op, [*inputs, columns[k][0]], dims)[0], k)
                mask = self.e.memory.mask_value()
                columns[k][0] = self.record.apply("arith.select", [mask, value, columns[k][0]], value.element)
            return columns

        try:
            others = [d for d in self.op.reductions if d != self.lane]
            return self.record.scoped(lambda: masked(at, [list(column) for column in running], others))
        finally:
            self.e.memory.mask = outer

    def _combined(self, column: list[Value], start: Value) -> Value:
        """A tree over the running results, and then across lanes."""
        while len(column) > 1:
            pairs = [column[i : i + 2] for i in range(0, len(column), 2)]
            column = [self._combine(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
        (value,) = column
        if self.lane is None:
            return value
        attributes = {"kind": ir.Attribute.parse(f"#vector.kind<{COMBINERS[self.combiner.name]}>")}
        if self.combiner.name in ("arith.addf", "arith.mulf"):
            attributes["fastmath"] = ir.Attribute.parse("#arith.fastmath<reassoc>")
        self.record.charge(ACROSS_LANES)
        across = self.record.emit("vector.reduction", [value], value.element, False, attributes)
        return self._combine(across, start)

    def _combine(self, x: Value, y: Value) -> Value:
        return self.record.apply(self.combiner.name, [x, y], x.element, self.combiner.attributes)

    def _neutral(self) -> Value:
        element = self.node.element
        return self.record.constant(neutral(self.combiner.name, ir.Type.parse(element)), element)


def _in_order(e: Evaluator, node: Generic, points: Sequence[Point]) -> list[Value]:
    """A reduction of any kind, one element after the other; all results of the operation together."""
    op, count = node.op, len(node.op.results)
    places = [e.dimensions(node, p) for p in points]
    starts = [
        [e.at(init, [apply_map(map, dims)])[0] for init, map in zip(op.inits, op.maps[len(op.inputs) :], strict=True)]
        for dims in places
    ]
    lanes = [any(ix.lane_stride(i) for i in p) for p in points]

    def step(at: dict[int, Index], state: list[list[Value]]) -> list[list[Value]]:
        here = [[at.get(d, x) for d, x in enumerate(dims)] for dims in places]
        new = []
        for inputs, dims, running, vector in zip(e.operands(op, here), here, state, lanes, strict=True):
            values = e.body(op, [*inputs, *running], dims)
            new.append([e.record.in_lanes(v) if vector else v for v in values])
        return new

    def iterate(rest: Sequence[int], at: dict[int, Index], state: list[list[Value]]) -> list[list[Value]]:
        if not rest:
            return step(at, state)
        d, *inner = rest
        if op.extents[d] <= SMALL:
            for i in range(op.extents[d]):
                state = iterate(inner, {**at, d: ix.constant(i)}, state)
            return state

        def body(counter: Value, carried: Sequence[Value]) -> list[Value]:
            columns = [list(carried[i : i + count]) for i in range(0, len(carried), count)]
            return [v for row in iterate(inner, {**at, d: ix.symbol(counter.number)}, columns) for v in row]

        flat = e.record.count(op.extents[d], 1, [v for row in state for v in row], body)
        return [list(flat[i : i + count]) for i in range(0, len(flat), count)]

    start = [[e.record.in_lanes(v) if vector else v for v in row] for row, vector in zip(starts, lanes, strict=True)]
    found = iterate(op.reductions, {}, start)
    for result in op.results:
        for dims, row in zip(places, found, strict=True):
            e.record.remember((result, apply_map(result.output_map, dims)), row[result.place])
    return [row[node.place] for row in found]

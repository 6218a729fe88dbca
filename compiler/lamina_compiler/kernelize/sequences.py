"""What goes along a dimension one element after the other: running combinations, and updates at given rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import index as ix
from .graph import Buffer, Node, Sequential
from .index import Point
from .record import Value
from .scalar_body import ScalarBody

if TYPE_CHECKING:
    from .evaluate import Evaluator
    from .places import Places


@dataclass(eq=False)
class Running(Sequential):
    """iree_linalg_ext.scan: elements combined with all before them along a dimension. `totals` is its other result."""

    source: Node = field(kw_only=True)
    start: Node = field(kw_only=True)
    dimension: int = field(kw_only=True)
    body: ScalarBody = field(kw_only=True)
    totals: Totals = field(kw_only=True)

    def sources(self) -> Sequence[Node]:
        return self.source, self.start

    def store(self, places: Places) -> None:
        places.nests.flush()
        self.totals.into = places.new_buffer(self.key, self.shape, self.element)
        last = places.new_buffer(self.totals.key, self.totals.shape, self.element)
        places.nests.add(self.totals, last)
        places.nests.flush()
        self.home = self.totals.into


@dataclass(eq=False)
class Totals(Node):
    """The last of the running combinations; all of them are stored on the way to it."""

    running: Running | None = None
    into: Buffer | None = None

    def sources(self) -> Sequence[Node]:
        return self.running.sources() if self.running else ()

    def compute(self, evaluator: Evaluator, points: Sequence[Point]) -> Sequence[Value]:
        """The totals at these points."""
        e, running, into = evaluator, self.running, self.into
        assert running is not None and into is not None
        lanes = [ix.has_lanes(p) for p in points]
        start = [e.record.in_lanes(v) if v_ else v for v, v_ in zip(e.at(running.start, points), lanes, strict=True)]
        d = running.dimension

        def step(counter: Value, before: Sequence[Value]) -> list[Value]:
            here = [(*p[:d], ix.symbol(counter.number), *p[d:]) for p in points]
            elements = e.at(running.source, here)
            after = [e.plain(running.body, pair)[0] for pair in zip(before, elements, strict=True)]
            after = [e.record.in_lanes(v) if v_ else v for v, v_ in zip(after, lanes, strict=True)]
            for value, point in zip(after, here, strict=True):
                e.memory.store(value, into, point)
            return after

        return e.record.count(running.shape[d], 1, start, step)


@dataclass(eq=False)
class Updated(Sequential):
    """iree_linalg_ext.scatter: `base`, some rows of which are combined with updates, in their order."""

    base: Node = field(kw_only=True)
    updates: Node = field(kw_only=True)
    rows: Node = field(kw_only=True)
    body: ScalarBody = field(kw_only=True)

    def sources(self) -> Sequence[Node]:
        return self.base, self.updates, self.rows

    def store(self, places: Places) -> None:
        places.nests.flush()
        target = places.place_of(self, self.base)
        if target is None:
            target = places.new_buffer(self.key, self.shape, self.element)
            places.write(self.base, target)
            places.nests.flush()
        updates, rows = (places.unless_reading(target, node) for node in (self.updates, self.rows))
        record, e = places.record, places.evaluator

        def update(counter: Value, _: Sequence[Value]) -> list[Value]:
            i = ix.symbol(counter.number)
            (row,) = e.at(rows, [(i, ix.ZERO)])
            at = ix.symbol(record.apply("arith.index_cast", [row], "index").number)
            node = Combined(
                self.shape[1:], self.element, f"{self.key}.row", whole=self, updates=updates, i=i, at=at, target=target
            )
            places.nests.add(node, target, lambda p: (at, *p), stays=False, in_place=True)
            places.nests.flush()
            return []

        record.count(self.updates.shape[0], 1, [], update)
        self.home = target


@dataclass(eq=False)
class Combined(Node):
    """One row, combined with an update."""

    whole: Updated = field(kw_only=True)
    updates: Node = field(kw_only=True)
    i: ix.Index = field(kw_only=True)
    at: ix.Index = field(kw_only=True)
    target: Buffer = field(kw_only=True)

    def sources(self) -> Sequence[Node]:
        return (self.updates,)

    def compute(self, evaluator: Evaluator, points: Sequence[Point]) -> Sequence[Value]:
        e = evaluator
        updates = e.at(self.updates, [(self.i, *p) for p in points])
        current = [e.memory.load(self.target, (self.at, *p)) for p in points]
        return [e.plain(self.whole.body, pair)[0] for pair in zip(updates, current, strict=True)]

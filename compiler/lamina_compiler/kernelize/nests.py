"""Loops over the points of tensors that are stored: which dimension becomes lanes, what is unrolled, what may share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from math import inf, prod
from typing import NamedTuple

from . import index as ix
from .evaluate import Evaluator
from .exceptions import TooDear, Uneven, Unsupported
from .graph import SMALL, Buffer, Generic, Node, Splat, View, needed
from .index import Index, Point
from .machine import Machine
from .record import Value
from .reductions import BUSY, UNROLLED, divisor
from .threads import Threads

VECTORS = 4  # along the lane dimension at once; twice as many where there is no other dimension
LONG = 1000  # operations of a nest, up to which others join it: each that does is tried with all
COPIED = 2000  # operations of a nest, copies in unrolled dimensions included: more take long to compile
MOST_INSTRUCTIONS = 4000  # of a nest, if there is another way to write it; there are more where loads are gathered
SCALARS = -1  # in place of a lane dimension: no lanes, not even in reductions


def same(point: Point) -> Point:
    return point


class Root(NamedTuple):
    """A node that is evaluated everywhere, and where its elements go."""

    node: Node
    buffer: Buffer
    place: Callable[[Point], Point]
    stays: bool


class Choice(NamedTuple):
    """A way to write a nest.

    lane: the dimension in lanes; None is no lanes but in reductions.
    copied: operations, with copies in unrolled dimensions, up to which dimensions are unrolled; `unrolled` are so many.
    is_safe: nothing is read that the nest has overwritten.
    """

    lane: int | None
    copied: float = COPIED
    unrolled: int = 0
    price: float = 0
    instructions: int = 0
    is_safe: bool = False

    @property
    def is_long(self) -> bool:
        return self.instructions > MOST_INSTRUCTIONS


class Nests:
    """Writes roots to their buffers; roots of one shape wait for each other to share a nest."""

    def __init__(self, evaluator: Evaluator, machine: Machine):
        self.evaluator, self.record, self.memory = evaluator, evaluator.record, evaluator.memory
        self.machine = machine
        self.threads = Threads.of(self.record) if machine.is_gpu else None  # that share the points
        self.most_shared = 1  # points of a nest
        self.waiting: list[Root] = []
        self._known: tuple[Sequence[Root], Choice] | None = None  # the last choice
        self._is_safe = True  # of a trial
        self._copied: float = COPIED  # up to which to unroll the nest that is being written
        self._unrolled = 0  # what was

    def add(
        self,
        node: Node,
        buffer: Buffer,
        place: Callable[[Point], Point] = same,
        *,
        stays: bool = True,
        in_place: bool = False,
    ) -> bool:
        """Have a node stored, where `place` says; `stays`: it is to be found there afterwards.

        `in_place`: the buffer has something that the node is made of. False if that does not go.
        """
        root = Root(node, buffer, place, stays)
        if self._join([root]):
            return True
        self.flush()
        if in_place and not self._may_be_one([root]):
            return False
        self.waiting = [root]
        return True

    def add_together(self, pairs: Sequence[tuple[Node, Buffer]]) -> bool:
        """Have all of them stored by one nest, even over what they are computed from. False if that does not go."""
        roots = [Root(node, buffer, same, False) for node, buffer in pairs]
        if self._join(roots):
            return True
        self.flush()
        if not self._may_be_one(roots):
            return False
        self.waiting = roots
        return True

    def is_waiting(self, node: Node, buffer: Buffer) -> bool:
        """Whether a node is going to be in a buffer, and to be found there."""
        return any(root.node is node and root.buffer is buffer and root.stays for root in self.waiting)

    def flush(self) -> None:
        """Write what waits."""
        if not self.waiting:
            return
        roots, self.waiting = self.waiting, []
        goes = len(roots) == 1 or self._best(roots, must=False).price
        for part in [roots] if goes else [[root] for root in roots]:
            self._write(part, self._best(part))
        for root in roots:
            if root.stays:
                root.node.home = root.buffer

    def _join(self, roots: Sequence[Root]) -> bool:
        """Let roots wait together with those that do, if one nest may write them all."""
        together = [*self.waiting, *roots]
        fits = self.waiting and self.waiting[0].node.shape == roots[0].node.shape and _length(together) <= LONG
        if not fits or not self._may_be_one(together):
            return False
        self.waiting = together
        return True

    def _may_be_one(self, roots: Sequence[Root]) -> bool:
        """Whether one nest may write them: without a trial if none reads what is written, or is made of another."""
        written, nodes = {root.buffer for root in roots}, {root.node for root in roots}
        made_of = [(root.node, x) for root in roots for x in needed(root.node)]
        if not any(x.home in written or (x in nodes and x is not node) for node, x in made_of):
            return True
        return self._best(roots, must=False).is_safe

    def _best(self, roots: Sequence[Root], *, must: bool = True) -> Choice:
        """The cheapest way by trial, of those that are not long if there are such."""
        if self._known and self._known[0] == roots:
            return self._known[1]
        choices = self._choices(roots, self._likely(roots)) or self._choices(roots, self._lanes(roots))
        if not choices:
            if must:
                raise Unsupported("something that has neither vectors nor numbers")
            return Choice(None)
        best = min(choices, key=lambda c: (c.is_long, c.price, -1 if c.lane is None else -c.lane))
        self._known = roots, best
        return best

    def _choices(self, roots: Sequence[Root], lanes: Sequence[int | None]) -> list[Choice]:
        choices: list[Choice] = []
        for lane in lanes:
            choice: Choice | None = Choice(lane)
            while choice:
                most = min((c.price for c in choices if not c.is_long), default=inf)
                try:
                    choices.append(self._tried(roots, choice, most))
                except (Uneven, TooDear):
                    break
                choice = self._shorter(choices[-1])
        return choices

    def _shorter(self, choice: Choice) -> Choice | None:
        """The same with less that is unrolled, if a nest was long that may be written."""
        copied = choice.copied * COPIED / max(1, choice.instructions)
        is_other = choice.is_long and choice.is_safe and copied < choice.unrolled
        return Choice(choice.lane, copied) if is_other else None

    def _lanes(self, roots: Sequence[Root]) -> Sequence[int | None]:
        """Those that are likely the best first: trials of others then end early."""
        if self.record.width == 1:
            return [None]
        shape = roots[0].node.shape
        lanes = [*reversed([d for d, extent in enumerate(shape) if extent > SMALL])]
        if _is_heavy(roots):
            return [*lanes, None, SCALARS]
        return [*lanes, None] if shape and shape[-1] > SMALL else [None, *lanes]

    def _likely(self, roots: Sequence[Root]) -> Sequence[int | None]:
        """The last dimension of a tile, where no trial is needed to know that; in a longer nest the same again."""
        if self._known and self._known[0] == roots[:-1] and _length(roots) > LONG / 4:
            return [self._known[1].lane]
        shape = roots[0].node.shape
        is_long = shape[-1:] and shape[-1] >= self.record.width
        return [len(shape) - 1] if self.memory.in_tiles and is_long and not _is_heavy(roots) else []

    def _tried(self, roots: Sequence[Root], choice: Choice, most: float) -> Choice:
        memory, evaluator = self.memory, self.evaluator
        state = memory.mask, evaluator.reduce_in_lanes
        memory.loads, evaluator.evaluated, self._is_safe = [], {}, True
        try:
            price, instructions = self.record.price(lambda: self._write(roots, choice), most)
            return Choice(choice.lane, choice.copied, self._unrolled, price, instructions, self._is_safe)
        finally:
            memory.loads = evaluator.evaluated = None
            memory.mask, evaluator.reduce_in_lanes = state

    def _check(self, roots: Sequence[Root], points: Sequence[Point]) -> None:
        """In a trial: whether all that was read for a tile is replaced by this tile only, and evaluated once."""
        loads, evaluated, tile = self.memory.loads, self.evaluator.evaluated, set(points)
        if loads is None or evaluated is None:
            return
        for root in roots:
            written = {root.place(p) for p in points}
            read_elsewhere = any(buffer is root.buffer and point not in written for buffer, point in loads)
            again = len(roots) > 1 and not evaluated.get(root.node, set()) <= tile
            self._is_safe = self._is_safe and not read_elsewhere and not again
        loads.clear()
        evaluated.clear()

    # ---- one nest ----

    def _write(self, roots: Sequence[Root], choice: Choice) -> None:
        shape, width, lane = roots[0].node.shape, self.record.width, choice.lane
        self._copied, self._unrolled = choice.copied, 0
        outer = self.memory.mask, self.evaluator.reduce_in_lanes
        self.evaluator.reduce_in_lanes = lane is None
        if lane is None or lane == SCALARS:
            self._segment(roots, None, [])
        else:
            whole, tail = divmod(shape[lane], width)
            if whole:
                self._segment(roots, lane, self._vectors(roots, lane, whole))
            if tail:
                self.memory.mask = tail
                self._segment(roots, lane, [ix.add(ix.constant(whole * width), ix.LANES)])
        self.memory.mask, self.evaluator.reduce_in_lanes = outer

    def _vectors(self, roots: Sequence[Root], lane: int, whole: int) -> list[Index]:
        """The vectors along the lane dimension that are written at once."""
        alone = all(extent == 1 for d, extent in enumerate(roots[0].node.shape) if d != lane)
        if _is_heavy(roots):
            unroll = divisor(whole, 2 * VECTORS if alone else self.machine.row)
        else:
            price = sum(root.node.price for root in roots)
            unroll = divisor(whole, max(1, min(VECTORS, int(BUSY / max(price, 1)))))
        return [ix.add(ix.constant(self.record.width * i), ix.LANES) for i in range(unroll)]

    def _segment(self, roots: Sequence[Root], lane: int | None, vectors: list[Index]) -> None:
        """All points, those along the lane dimension from that of the first of `vectors` on, in whole tiles."""
        shape, width = roots[0].node.shape, self.record.width
        choices: list[list[Index]] = [[] for _ in shape]
        loops: list[tuple[int, int, int]] = []  # dimension, extent, step
        tile = max(1, len(vectors))
        if lane is not None:
            choices[lane] = vectors
            whole = shape[lane] // width
            if self.memory.mask is None and len(vectors) < whole:
                loops.append((lane, whole * width, len(vectors) * width))
        blocked = bool(self.threads) or not _is_heavy(roots) or _term_price(roots) * self.machine.rows > BUSY
        length = max(_length(roots), len(roots))
        copied = min(self._copied, BUSY) if _is_elementwise(roots) else self._copied
        for d in reversed(range(len(shape))):
            if d == lane:
                continue
            fits = tile * shape[d] <= self.machine.sums or not _is_heavy(roots)
            if shape[d] <= SMALL and tile * shape[d] * length <= copied and fits:
                choices[d] = [ix.constant(i) for i in range(shape[d])]
                tile *= shape[d]
                self._unrolled = max(self._unrolled, tile * length)
            else:
                rows = 1 if blocked else divisor(shape[d], min(self.machine.rows, self.machine.sums // tile))
                blocked = True
                tile *= rows
                choices[d] = [ix.constant(i) for i in range(rows)]
                loops.insert(len(loops) if rows > 1 else 0, (d, shape[d], rows))
        write = self._shared if self.threads else self._loops
        self.record.scoped(lambda: write(roots, loops, choices))

    def _shared(self, roots: Sequence[Root], loops: list[tuple[int, int, int]], choices: list[list[Index]]) -> None:
        """The points that the loops would visit, dealt out to the threads."""
        assert self.threads
        record, count = self.record, prod(extent for _, extent, _ in loops)

        def all() -> tuple[str, list[Value]]:
            self._tile_of(roots, [tuple(point) for point in product(*choices)])
            return "scf.yield", []

        def body(rest: Value, _carried: Sequence[Value]) -> list[Value]:
            for d, extent, _ in reversed(loops[1:]):
                choices[d] = [ix.symbol(record.apply("arith.remui", [rest, record.number(extent)], "index").number)]
                rest = record.apply("arith.divui", [rest, record.number(extent)], "index")
            choices[loops[0][0]] = [ix.symbol(rest.number)]
            return list(all()[1])

        if not loops:
            record.structured("scf.if", [self.threads.alone], [], [record.region([], all)])
            return
        if not record.is_trial:
            self.most_shared = max(self.most_shared, count)
        record.loop((self.threads.number, record.number(count), self.threads.total), [], body, count)

    def _loops(self, roots: Sequence[Root], loops: list[tuple[int, int, int]], choices: list[list[Index]]) -> None:
        if not loops:
            self._tile_of(roots, [tuple(point) for point in product(*choices)])
            return
        (d, extent, step), *inner = loops

        def body(counter, _carried):
            here = list(choices)
            here[d] = [ix.add(ix.symbol(counter.number), choice) for choice in choices[d]]
            self._loops(roots, inner, here)
            return []

        self.record.count(extent, step, [], body)

    def _tile_of(self, roots: Sequence[Root], points: Sequence[Point]) -> None:
        """Evaluate everything, then store it: so elements may be replaced by what is made of them."""
        values = [self.evaluator.at(root.node, points) for root in roots]
        self._check(roots, points)
        for root, column in zip(roots, values, strict=True):
            self.memory.store_all(column, root.buffer, [root.place(point) for point in points])


def _term_price(roots: Sequence[Root]) -> float:
    """What a term of the long reductions costs that have to be computed for an element."""
    return max((node.price / node.op.length for node in _long_reductions(roots)), default=0)


def _length(roots: Sequence[Root]) -> int:
    """How many operations an element of all takes."""
    computed = (x.op for x in needed(*(root.node for root in roots)) if isinstance(x, Generic) and x.home is None)
    return sum(len(op.body.steps) * (op.length if op.length <= UNROLLED else 1) for op in computed)


def _is_elementwise(roots: Sequence[Root]) -> bool:
    """Whether an element of all is computed from what no other one shares with it."""
    computed = [x for x in needed(*(root.node for root in roots)) if x.home is None]
    return all(
        isinstance(x, (Splat, View))
        or (isinstance(x, Generic) and not x.op.reductions and x.size == roots[0].node.size)
        for x in computed
    )


def _is_heavy(roots: Sequence[Root]) -> bool:
    """Whether a long reduction has to be computed for an element."""
    return any(True for _ in _long_reductions(roots))


def _long_reductions(roots: Sequence[Root]) -> Iterator[Generic]:
    computed = (x for x in needed(*(root.node for root in roots)) if isinstance(x, Generic) and x.home is None)
    return (x for x in computed if x.op.length > UNROLLED)

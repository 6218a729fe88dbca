"""The threads of a GPU's workgroup: where they wait for each other, and how long the longest one runs.

Every thread runs the whole kernel. Numbers and small tensors all of them compute alike, so they agree on conditions and
on how often loops run; what is stored they share: a loop over points goes from the thread's number on in steps of as
many threads as there are. (What has one point the first thread does alone.)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from ..mlir import ir
from .record import Instruction, Record, Region, Value

BARRIER = Instruction("gpu.barrier", (), (), {})
_LOADS, _STORES = {"memref.load": 0}, {"memref.store": 1}  # which operand is the memory


class Threads(NamedTuple):
    """Of a kernel that is being written: the number of the thread, and how many there are, which is known in the end.

    `alone` holds for the first one.
    """

    number: Value
    total: Value
    alone: Value

    @classmethod
    def of(cls, record: Record) -> Threads:
        return cls(record.new("index"), record.new("index"), record.new("i1"))


class Access(NamedTuple):
    """Memory that was read and written since the last barrier, as numbers of values."""

    read: frozenset[int] = frozenset()
    written: frozenset[int] = frozenset()

    def with_(self, other: Access) -> Access:
        return Access(self.read | other.read, self.written | other.written)

    def conflicts(self, later: Access) -> bool:
        """Whether another thread might be too late with this, or too early with what comes later."""
        return bool(self.written & (later.read | later.written) or self.read & later.written)


def with_barriers(body: Sequence[Instruction], threads: Threads) -> list[Instruction]:
    """The instructions, with barriers between those of different threads that use the same memory."""
    return _Barriers(threads).block(body, Access())[0]


class _Barriers:
    def __init__(self, threads: Threads):
        self.threads = threads

    def block(self, body: Sequence[Instruction], before: Access) -> tuple[list[Instruction], Access]:
        """`before`: what may have been used since the last barrier; gives the same for the end."""
        written: list[Instruction] = []
        for x in body:
            here = _accesses(x)
            if before.conflicts(here):
                written.append(BARRIER)
                before = Access()
            if x.regions and here.written and not is_shared(x, self.threads):
                x, before = self.structured(x, before)
            else:
                before = before.with_(here)
            written.append(x)
        return written, before

    def structured(self, x: Instruction, before: Access) -> tuple[Instruction, Access]:
        """A loop or branch that all threads go through together."""
        if x.name == "scf.if":
            parts = [self.block(region.body, before) for region in x.regions]
            after = before if len(parts) < 2 else Access()
            for _, end in parts:
                after = after.with_(end)
            return _with_bodies(x, [body for body, _ in parts]), after
        # what the end of an iteration leaves is there when the next one begins
        _, end = self.around(x.regions, before)
        bodies, ends = self.around(x.regions, before.with_(end[-1]))
        return _with_bodies(x, bodies), ends[0].with_(before) if x.name == "scf.for" else ends[0]

    def around(self, regions: Sequence[Region], before: Access) -> tuple[list[list[Instruction]], list[Access]]:
        """One iteration: the regions, one after the other, and what each leaves."""
        bodies, ends = [], []
        for region in regions:
            body, before = self.block(region.body, before)
            bodies.append(body)
            ends.append(before)
        return bodies, ends


def is_shared(x: Instruction, threads: Threads) -> bool:
    """Whether threads do different things in it."""
    return bool(x.operands) and x.operands[0].number in (threads.number.number, threads.alone.number)


def _with_bodies(x: Instruction, bodies: Sequence[list[Instruction]]) -> Instruction:
    regions = [Region(region.arguments, body) for region, body in zip(x.regions, bodies, strict=True)]
    return x._replace(regions=regions)


def _accesses(x: Instruction) -> Access:
    """The memory that an instruction uses, and those in its regions."""
    found = Access()
    if x.name in _LOADS:
        found = Access(read=frozenset([x.operands[_LOADS[x.name]].number]))
    elif x.name in _STORES:
        found = Access(written=frozenset([x.operands[_STORES[x.name]].number]))
    for region in x.regions:
        for inner in region.body:
            found = found.with_(_accesses(inner))
    return found


def iterations(record: Record, threads: Threads, count: int, *, outermost: bool = True) -> float:
    """How often all loops together go round in the thread that does most. `outermost`: else those count as once."""
    known = {v.number: _integer(attribute) for (attribute, _), v in record.constants.items()}  # type: ignore[misc]
    known |= {threads.number.number: 0, threads.total.number: count}

    def times(x: Instruction) -> float:
        if x.name == "scf.if":
            return 1
        if x.name != "scf.for":
            return inf
        lower, upper, step = (known.get(bound.number) for bound in x.operands[:3])
        if lower is None or upper is None or step is None:
            return inf
        return max(0, -(-(upper - lower) // step))

    def total(body: Sequence[Instruction], *, counted: bool) -> float:
        found = 0.0
        for x in body:
            if x.regions:
                each = sum(total(region.body, counted=True) for region in x.regions)
                each += x.name != "scf.if"
                rounds = times(x) if counted or is_shared(x, threads) else 1
                found += each * rounds if rounds else 0
        return found

    return total(record.body, counted=outermost)


def _integer(attribute: ir.Attribute) -> int | None:
    return attribute.value if isinstance(attribute, ir.IntegerAttr) else None

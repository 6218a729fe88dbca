"""Kernels that are called from inside of one: sorts, factorizations and the like, which are written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..mlir import ir
from . import index as ix
from .exceptions import Unsupported
from .graph import Buffer, Node, Sequential
from .record import Value

if TYPE_CHECKING:
    from .places import Places


@dataclass(eq=False)
class Call:
    """A kernel, and what it is called on; `scratch` are the sizes and elements of memory that it needs beside."""

    kernel: str
    workgroups: int
    operands: Sequence[Node]
    scratch: Sequence[tuple[int, str]]
    results: Sequence[Result] = ()

    def write(self, places: Places) -> None:
        """Call it now: operands, results and scratch memory each in a buffer of their own, row after row."""
        if places.nests.threads or places.workgroups > 1:
            raise Unsupported("a kernel in one that several threads run")
        places.nests.flush()
        given = [self._given(places, i, node) for i, node in enumerate(self.operands)]
        places.nests.flush()
        found = [self._target(places, result, given) for result in self.results]
        key = self.results[0].key
        beside = [places.new_buffer(f"{key}.scratch{i}", (n,), e) for i, (n, e) in enumerate(self.scratch)]
        memory = [buffer.memory for buffer in (*given, *found, *beside)]
        callee = {"callee": ir.FlatSymbolRefAttr.get(self.kernel)}

        def call(group: Value, _: Sequence[Value] = ()) -> Sequence[Value]:
            places.record.effect("func.call", [group, *memory], callee)
            return ()

        if self.workgroups == 1:
            call(places.record.number(0))
        else:
            places.record.count(self.workgroups, 1, [], call)
        for result, buffer in zip(self.results, found, strict=True):
            result.home = buffer

    def _given(self, places: Places, i: int, node: Node) -> Buffer:
        """Where an operand is: where it was stored, if it is as a kernel expects it."""
        if isinstance(node.home, Buffer) and _is_plain(node.home):
            node.home.is_settled = True
            return node.home
        buffer = _settled(places.new_buffer(f"{self.results[0].key}.operand{i}", node.shape, node.element))
        places.nests.add(node, buffer, stays=node.home is None)
        return buffer

    def _target(self, places: Places, result: Result, given: Sequence[Buffer]) -> Buffer:
        into = places.frames[-1].into.get(result)
        if into and _is_plain(into) and into not in given and not places.readers(into, result):
            return _settled(into)
        return _settled(places.new_buffer(result.key, result.shape, result.element))


@dataclass(eq=False)
class Result(Sequential):
    """One of the results of a call."""

    one_by_one = False
    call: Call = field(kw_only=True)

    def sources(self) -> Sequence[Node]:
        return self.call.operands

    def store(self, places: Places) -> None:
        self.call.write(places)


def _is_plain(buffer: Buffer) -> bool:
    """Whether the memory of a buffer has its elements in their order, and nothing else."""
    return buffer.innermost == len(buffer.shape) - 1 and buffer.origin == ix.ZERO


def _settled(buffer: Buffer) -> Buffer:
    buffer.is_settled = True
    return buffer

"""Repairs branches of compiled loops that lose a buffer: a fault of IREE's register allocation.

A branch hands buffers to the block it goes to, in registers. Where one buffer is handed over twice, and may stay in its
register for one of the two, IREE still *moves* it to the other one's register, which leaves nothing behind::

    vm.br ^bb1(%R1->%r7, …)      // R: moved; ^bb1 wants the buffer in r7, and the same one in r1, where it was

The program then stops with "indirect buffer reference slot 0 is out of range". Two values of a loop's state need only
have been computed side by side for that, since IREE keeps them in one buffer. Here a move becomes a copy of the
reference where, on some way from the branch, the register is read before something is written to it.
"""

from __future__ import annotations

import importlib.util
import re
import struct
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_REFERENCE, _MOVED = 0x8000, 0x4000  # bits of a register's number in bytecode

_EDGE = re.compile(r"\^(bb\d+)\(([^()]*)\)")
_PAIR = re.compile(r"%([irR])(\d+)->%([ir])(\d+)")
_BUFFER = re.compile(r"%[rR](\d+)")

Pairs = tuple[tuple[int, int], ...]
Moves = dict[int, frozenset[tuple[Pairs, int]]]  # by register: what moved its buffer away, pairs of a branch and which


class _Step(NamedTuple):
    """A line of a function: the buffers it reads, those it writes, and the blocks it may go to with their pairs."""

    reads: list[int]
    writes: list[int]
    edges: list[tuple[str, Pairs]]


def repaired(artifact: bytes) -> bytes:
    """The artifact with no such branch."""
    for pairs, lost in _losses(_disassembly(artifact)).items():
        kept = tuple((source & ~_MOVED if i in lost else source, to) for i, (source, to) in enumerate(pairs))
        artifact = artifact.replace(_encoded(pairs), _encoded(kept))
    return artifact


def _encoded(pairs: Pairs) -> bytes:
    return struct.pack("<H", len(pairs)) + b"".join(struct.pack("<HH", *pair) for pair in pairs)


def _disassembly(artifact: bytes) -> str:
    with tempfile.NamedTemporaryFile(suffix=".vmfb") as file:
        file.write(artifact)
        file.flush()
        command = [str(_tool()), "--output=disassembly", file.name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _tool() -> Path:
    found = importlib.util.find_spec("iree._runtime_libs") if importlib.util.find_spec("iree") else None
    if found is None or found.origin is None:
        raise ImportError("Compiling loops needs IREE's runtime: pip install iree-base-runtime")
    return Path(found.origin).parent / "iree-dump-module"


def _losses(disassembly: str) -> dict[Pairs, set[int]]:
    """The branches that lose buffers, by their pairs: which of these move one that is still read."""
    found: dict[Pairs, set[int]] = defaultdict(set)
    for blocks in _functions(disassembly):
        away: dict[str, Moves] = {"bb0": {}}  # at the beginning of each block
        waiting = ["bb0"] if "bb0" in blocks else []
        while waiting:
            block = waiting.pop()
            for target, moves in _run(blocks[block], away[block], found):
                old = away.get(target)
                new = moves if old is None else {r: moves.get(r, _NONE) | old.get(r, _NONE) for r in {*moves, *old}}
                if new != old:
                    away[target] = new
                    waiting.append(target)
    return found


_NONE: frozenset[tuple[Pairs, int]] = frozenset()


def _run(steps: list[_Step], before: Moves, found: dict[Pairs, set[int]]) -> Iterator[tuple[str, Moves]]:
    """Where a block goes to, and what has been moved away then; reads of what has been are added to `found`."""
    away = dict(before)
    for step in steps:
        for register in step.reads:
            _note(away, register, found)
        for register in step.writes:
            away.pop(register, None)
        for target, pairs in step.edges:
            then = dict(away)
            for i, (source, to) in enumerate(pairs):
                if source & _REFERENCE:
                    register = source & ~(_REFERENCE | _MOVED)
                    _note(then, register, found)
                    if source & _MOVED:
                        then[register] = frozenset(((pairs, i),))
                    then.pop(to & ~_REFERENCE, None)
            yield target, then


def _note(away: Moves, register: int, found: dict[Pairs, set[int]]) -> None:
    for pairs, i in away.get(register, ()):
        found[pairs].add(i)


def _functions(disassembly: str) -> Iterator[dict[str, list[_Step]]]:
    """The blocks of each function."""
    for text in disassembly.split("\nvm.func ")[1:]:
        blocks: dict[str, list[_Step]] = {}
        steps: list[_Step] = []
        for line in text.splitlines():
            if line.startswith("^bb"):
                steps = blocks[line[1:].rstrip(":")] = []
            elif line.startswith("  "):
                steps.append(_step(line))
        yield blocks


def _step(line: str) -> _Step:
    edges = [(block, _pairs(values)) for block, values in _EDGE.findall(line)]
    written, is_assignment, rest = _EDGE.sub("", line).partition(" = ")
    if not is_assignment:
        written, rest = "", written
    if "vm.discard.refs" in rest:
        written, rest = rest, ""
    return _Step([int(r) for r in _BUFFER.findall(rest)], [int(r) for r in _BUFFER.findall(written)], edges)


def _pairs(values: str) -> Pairs:
    return tuple((_register(a, n), _register(b, m)) for a, n, b, m in _PAIR.findall(values))


def _register(kind: str, number: str) -> int:
    return int(number) | {"i": 0, "r": _REFERENCE, "R": _REFERENCE | _MOVED}[kind]

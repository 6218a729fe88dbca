"""Repairs branches of compiled loops that lose a buffer: a fault of IREE's register allocation.

A branch hands buffers to the block it goes to, in registers. Where one buffer is handed over twice, and may stay in its
register for one of the two, IREE still *moves* it to the other one's register, which leaves nothing behind::

    vm.br ^bb1(%R1->%r7, …)      // R: moved; ^bb1 wants the buffer in r7, and the same one in r1, where it was

The program then stops with "indirect buffer reference slot 0 is out of range". Two values of a loop's state need only
have been computed side by side for that, since IREE keeps them in one buffer. Here such a move becomes a copy of the
reference.
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


class _Edge(NamedTuple):
    """A branch to a block of a function: registers and where their values go."""

    target: tuple[int, str]
    pairs: list[tuple[int, int]]

    @property
    def encoded(self) -> bytes:
        return struct.pack("<H", len(self.pairs)) + b"".join(struct.pack("<HH", *pair) for pair in self.pairs)


def repaired(artifact: bytes) -> bytes:
    """The artifact with no such branch."""
    for edge, right in _lossy(list(_edges(_disassembly(artifact)))):
        artifact = artifact.replace(edge.encoded, right.encoded)
    return artifact


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


def _edges(disassembly: str) -> Iterator[_Edge]:
    function = 0
    for line in disassembly.splitlines():
        function += line.startswith("vm.func ")
        if "vm.br " in line or "vm.cond_br " in line:
            for block, values in _EDGE.findall(line):
                pairs = [(_register(a, n), _register(b, m)) for a, n, b, m in _PAIR.findall(values)]
                yield _Edge((function, block), pairs)


def _register(kind: str, number: str) -> int:
    return int(number) | {"i": 0, "r": _REFERENCE, "R": _REFERENCE | _MOVED}[kind]


def _lossy(edges: list[_Edge]) -> Iterator[tuple[_Edge, _Edge]]:
    """Edges that move a buffer away from a register in which its target looks for one, and what they should be."""
    wanted: dict[tuple[int, str], set[int]] = defaultdict(set)
    for edge in edges:
        wanted[edge.target].update(to for _, to in edge.pairs)
    for edge in edges:
        written = {to for _, to in edge.pairs}
        stay = wanted[edge.target] - written
        pairs = [(source & ~_MOVED if source & ~_MOVED in stay else source, to) for source, to in edge.pairs]
        if pairs != edge.pairs:
            yield edge, edge._replace(pairs=pairs)

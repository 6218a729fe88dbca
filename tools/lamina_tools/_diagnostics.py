"""MLIR's diagnostics: collected, shown with their source lines, compared with `expected-error` comments."""

from __future__ import annotations

import re
import sys
from typing import Any, NamedTuple

from lamina_compiler import mlir
from lamina_compiler.mlir import ir

_EXPECTED = re.compile(r"expected-(error|warning|note|remark)(?: *@([+-]\d+|above|below|unknown))? *\{\{(.*?)\}\}")


class Diagnostic(NamedTuple):
    """One message; `line` is 0 unless it points into the input file."""

    severity: str
    message: str
    place: str
    line: int
    column: int


class Diagnostics:
    """All diagnostics while the context manager is entered. `first_line`: how many lines of the file precede `text`."""

    def __init__(self, name: str, text: str | bytes, first_line: int) -> None:
        self.name = name
        self.first_line = first_line
        self.lines = text.split("\n") if isinstance(text, str) else []
        self.found: list[Diagnostic] = []

    def __enter__(self) -> Diagnostics:
        self._handler = mlir.context().attach_diagnostic_handler(self._add)
        return self

    def __exit__(self, *exception: object) -> None:
        self._handler.detach()

    def _add(self, diagnostic: Any) -> bool:
        location = diagnostic.location
        line = column = 0
        place = str(location).removeprefix("loc(").removesuffix(")").replace('"', "")
        if isinstance(location, ir.FileLineColLoc):
            place = f"{location.filename}:{location.start_line}:{location.start_col}"
            if location.filename == "-":  # what MLIR calls text that it parses from memory
                line, column = location.start_line, location.start_col
                place = f"{self.name}:{line}:{column}"
        severity = str(diagnostic.severity).rpartition(".")[2].lower()
        self.found.append(Diagnostic(severity, diagnostic.message, place, line, column))
        for note in diagnostic.notes:
            self._add(note)
        return True

    def show(self) -> None:
        """Print everything on standard error, with the line each message points to."""
        for diagnostic in self.found:
            print(f"{diagnostic.place}: {diagnostic.severity}: {diagnostic.message}", file=sys.stderr)
            i = diagnostic.line - self.first_line - 1
            if diagnostic.line and 0 <= i < len(self.lines):
                print(f"{self.lines[i]}\n{' ' * (diagnostic.column - 1)}^", file=sys.stderr)

    def as_expected(self) -> bool:
        """Whether the diagnostics are exactly those the text's `expected-...` comments announce; prints differences."""
        wanted = self._expected()
        different: list[str] = []
        for diagnostic in self.found:
            place = diagnostic.severity, diagnostic.line
            hit = [w for w in wanted if w[:2] == place and w[2] in diagnostic.message]
            if hit:
                wanted.remove(hit[0])
            elif diagnostic.severity != "note":
                different.append(f"{diagnostic.place}: unexpected {diagnostic.severity}: {diagnostic.message}")
        for severity, line, message in wanted:
            where = f"{self.name}:{line}" if line else f"{self.name}: unknown location"
            different.append(f'{where}: expected {severity} "{message}" was not produced')
        print(*different, sep="\n", end="\n" * bool(different), file=sys.stderr)
        return not different

    def _expected(self) -> list[tuple[str, int, str]]:
        """(severity, line, part of the message) of each comment; line 0: the location is not in the file."""
        return [
            (severity, self._designated(i, where), message)
            for i, line in enumerate(self.lines)
            for severity, where, message in _EXPECTED.findall(line)
        ]

    def _designated(self, i: int, where: str) -> int:
        if where == "unknown":
            return 0
        if where in ("above", "below"):
            step = -1 if where == "above" else 1
            i += step
            while 0 <= i < len(self.lines) and "expected-" in self.lines[i]:
                i += step
            where = ""
        return self.first_line + i + 1 + int(where or 0)

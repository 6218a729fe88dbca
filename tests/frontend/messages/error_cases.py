"""Programs that fail, each with the full text of its error.

In a text, {made} and {used} are the file and line of the program that ends in the comment ``# made`` or ``# used``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest


class Case(NamedTuple):
    error: type[Exception]
    text: str
    program: Callable[[], Any]

    @property
    def name(self) -> str:
        return self.program.__name__

    @property
    def full_text(self) -> str:
        lines, first = inspect.getsourcelines(self.program)
        places = {
            mark: f"{inspect.getsourcefile(self.program)}:{first + i}"
            for i, line in enumerate(lines)
            for mark in ("made", "used")
            if line.rstrip().endswith(f"# {mark}")
        }
        return self.text.format(**places)


def collected() -> tuple[list[Case], Callable[[type[Exception], str], Callable[[Callable[[], Any]], Any]]]:
    """A list of cases, and the decorator that adds to it."""
    cases: list[Case] = []

    def raises(error: type[Exception], text: str) -> Callable[[Callable[[], Any]], Any]:
        def register(program: Callable[[], Any]) -> Any:
            cases.append(Case(error, text, program))
            return program

        return register

    return cases, raises


def check(case: Case) -> None:
    with pytest.raises(case.error) as caught:
        case.program()
    assert str(caught.value) == case.full_text

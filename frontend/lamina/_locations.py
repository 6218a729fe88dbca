"""Where in the user's program an operation is written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType

from lamina._frames import SourceLocation, innermost_user_frame
from lamina_compiler import mlir
from lamina_compiler.mlir import ir


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.names: list[str] = []


_scopes = _Scopes()
_locations: dict[tuple[str, int], ir.Location] = {}


def user_location() -> tuple[ir.Location, tuple[CodeType, int]]:
    """The line of the user's program that is running, as MLIR and as Python know it."""
    frame = innermost_user_frame()
    if frame is None:
        return ir.Location.unknown(), (user_location.__code__, 0)
    code, line = frame.f_code, frame.f_lineno
    place = (code.co_filename, line)  # code objects as keys would be hashed with all their constants
    found = _locations.get(place)
    if found is None:
        mlir.enter()
        found = _locations[place] = ir.Location.file(*place, 1)
    return (found if not _scopes.names else ir.Location.name("/".join(_scopes.names), childLoc=found)), (code, line)


@contextmanager
def named_scope(name: str) -> Iterator[None]:
    """Operations traced inside get a name in their source locations, ``as_text(..., locations=True)`` shows it.

    >>> import lamina as la
    >>> def f(x):
    ...     with la.named_scope("attention"):
    ...         return x * 2
    >>> "attention" in la.make_ir(f, 1.0, locations=True)
    True
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a scope is a text, not {name!r}")
    _scopes.names.append(name)
    try:
        yield
    finally:
        _scopes.names.pop()


def source_location(made: tuple[CodeType, int]) -> SourceLocation:
    code, line = made
    return SourceLocation(code.co_filename, line, code.co_qualname)

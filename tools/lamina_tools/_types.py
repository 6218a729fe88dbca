"""Argument types on a command line, in the notation of signatures: ``f32[32,64]``, ``{w: f32[3], b: f32[]}``."""

from __future__ import annotations

import re
from typing import Any

from lamina._shapes import ShapeDtypeStruct
from lamina_compiler.types import BY_SHORT_NAME

_TOKEN = re.compile(r"\s*(\w+|\S)")
_NOTATION = "write f32[32,64] (f32[] for a number), (TYPE, TYPE), [TYPE], {name: TYPE} or None"


def parse_type(text: str) -> Any:
    """A tree of ShapeDtypeStructs. Raises ValueError.

    >>> parse_type("{w: f32[64,10], n: i32[]}")
    {'w': ShapeDtypeStruct(shape=(64, 10), dtype=float32), 'n': ShapeDtypeStruct(shape=(), dtype=int32)}
    """
    tokens = _TOKEN.findall(text)[::-1]
    try:
        tree = _tree(tokens)
    except IndexError:
        raise ValueError(f"the type {text!r} is not complete; {_NOTATION}") from None
    except ValueError as error:
        raise ValueError(f"{error} in the type {text!r}; {_NOTATION}") from None
    if tokens:
        raise ValueError(f"{tokens[-1]!r} is left over in the type {text!r}; {_NOTATION}")
    return tree


def _tree(tokens: list[str]) -> Any:
    """Takes one type from the end of the reversed tokens."""
    match tokens.pop():
        case "None":
            return None
        case "(":
            return tuple(_items(tokens, ")"))
        case "[":
            return _items(tokens, "]")
        case "{":
            return dict(_named(tokens))
        case name if name in BY_SHORT_NAME:
            return ShapeDtypeStruct(_shape(tokens), BY_SHORT_NAME[name])
        case name if name.isidentifier():
            raise ValueError(f"there is no dtype {name!r} (there are {' '.join(BY_SHORT_NAME)})")
        case other:
            raise ValueError(f"{other!r} starts no type")


def _items(tokens: list[str], end: str) -> list[Any]:
    items: list[Any] = []
    while tokens[-1] != end:
        items.append(_tree(tokens))
        _separator(tokens, end)
    tokens.pop()
    return items


def _named(tokens: list[str]) -> list[tuple[str, Any]]:
    items: list[tuple[str, Any]] = []
    while tokens[-1] != "}":
        name = tokens.pop()
        if tokens.pop() != ":":
            raise ValueError(f"':' is missing after {name!r}")
        items.append((name, _tree(tokens)))
        _separator(tokens, "}")
    tokens.pop()
    return items


def _shape(tokens: list[str]) -> tuple[int, ...]:
    """The dimensions in brackets; without brackets none."""
    if not tokens or tokens[-1] != "[":
        return ()
    tokens.pop()
    shape: list[int] = []
    while tokens[-1] != "]":
        size = tokens.pop()
        if not size.isdecimal():
            raise ValueError(f"{size!r} is no size")
        shape.append(int(size))
        _separator(tokens, "]")
    tokens.pop()
    return tuple(shape)


def _separator(tokens: list[str], end: str) -> None:
    if tokens[-1] == ",":
        tokens.pop()
    elif tokens[-1] != end:
        raise ValueError(f"',' or {end!r} is missing before {tokens[-1]!r}")

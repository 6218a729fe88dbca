"""The option ``debug_key_reuse``: which typed keys have been used, and where."""

from __future__ import annotations

import weakref

from lamina import errors
from lamina.array import Array

_used: dict[int, tuple[weakref.ref[Array], errors.SourceLocation]] = {}


def consume(key: Array) -> None:
    """Marks a key as used. Raises: KeyReuseError if it is already."""
    here = errors.user_frame()
    if is_consumed(key):
        raise errors.KeyReuseError(str(key.type), _used[id(key)][1], here)
    number = id(key)
    _used[number] = weakref.ref(key, lambda _: _used.pop(number, None)), here


def is_consumed(key: Array) -> bool:
    """Whether a key has been used."""
    found = _used.get(id(key))
    return found is not None and found[0]() is key

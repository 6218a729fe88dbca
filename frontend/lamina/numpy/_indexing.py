"""Reading by an index: ``x[i, 1:, ..., None]`` and ``x.at[i].get()``.

What is known when the program is traced becomes slices, reversals and reshapes; traced scalars become dynamic slices;
integer arrays become one gather.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.array import Array, ConcreteArray, from_numpy
from lamina.lax._gather import GatherScatterMode, Mode
from lamina.numpy._index_parsing import known, parse
from lamina.numpy._selection import Selection
from lamina.numpy._window import Window

_BASIC = (int, slice, type(None), type(...))


def getitem(x: Array, index: Any) -> Array:
    """``x[index]``: NumPy's, with traced scalars and arrays clamped to the array."""
    value = read_now(x, index if type(index) is tuple else (index,))
    return read(x, index) if value is None else value


def read_now(x: Array, items: tuple[Any, ...]) -> Array | None:
    """``x[items]`` by NumPy, if all values are known and all positions inside; else None."""
    if not (isinstance(x, ConcreteArray) and x.is_on_host and are_known(items)):
        return None
    try:
        value = x.host()[for_numpy(items)]
    except (IndexError, TypeError):  # positions outside, or parsing says what is wrong
        return None
    return from_numpy(np.asarray(value), x.weak_type)


def are_known(items: tuple[Any, ...]) -> bool:
    """Whether NumPy can index with them, and means what we mean."""
    return all(type(item) in _BASIC or (isinstance(item, (Array, np.ndarray)) and known(item)) for item in items)


def for_numpy(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """An index whose arrays are NumPy's."""
    return tuple(np.asarray(item) if isinstance(item, Array) else item for item in items)


def read(
    x: Array, index: Any, mode: Mode = None, fill_value: Any = None, unique: bool = False, wrap: bool = True
) -> Array:
    """``x[index]``, with what is to become of positions outside."""
    parsed = parse(index, x.shape, checked=mode is None, wrap=wrap)
    fills = mode is not None and GatherScatterMode.from_any(mode) is GatherScatterMode.FILL_OR_DROP
    window = None if parsed.has_arrays else Window(parsed, wrap)
    if window is not None and not (fills and window.dynamic):
        return window.read(x)
    return Selection(parsed, wrap).read(x, mode, fill_value, unique)

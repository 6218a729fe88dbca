"""Indexing: `x[i, 1:, ..., None]`, `take`, and updated copies by `x.at[i].set(y)`.

What is known when the program is traced becomes slices, reversals and reshapes; traced scalars become dynamic slices;
traced integer arrays become one dynamic slice for each position.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, ConcreteArray, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import remainder
from lamina.numpy._index_parsing import At, Entry, Gather, New, Range, known, parse
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._operands import (
    Shape,
    broadcast_shape,
    converted,
    expanded,
    filled,
    normal_axis,
    operand,
)
from lamina.numpy._steps import joined, reshaped, reversed_along
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY

_INT = np.dtype(np.int32)


_BASIC = (int, slice, type(None), type(...))


def getitem(x: Array, index: Any) -> Array:
    """``x[index]``: NumPy's, with traced scalars and arrays clamped to the array."""
    if isinstance(x, ConcreteArray) and x.is_on_host:
        items = index if type(index) is tuple else (index,)
        if all(type(item) in _BASIC for item in items):
            try:
                return from_numpy(np.asarray(x.host()[index]), x.weak_type)
            except (IndexError, TypeError):
                pass  # parsing says what is wrong
    entries = parse(index, x.shape)
    if any(isinstance(entry, Gather) for entry in entries):
        return gather(x, entries, "clip", None)
    return Window(x.shape, entries).read(x)


class Window:
    """The part of an array that ints, slices and traced scalars select: reading and replacing it."""

    def __init__(self, shape: Shape, entries: Sequence[Entry]):
        axes = [entry for entry in entries if entry is not New]
        self.shape = shape
        self.bounds = [
            entry.bounds if isinstance(entry, Range) else _static_bounds(entry, n)
            for entry, n in zip(axes, shape, strict=True)
        ]
        self.inner = tuple(len(range(*bounds)) for bounds in self.bounds)  # after the static slice
        self.dynamic = {
            d: entry.position
            for d, entry in enumerate(axes)
            if isinstance(entry, At) and not isinstance(entry.position, int)
        }
        self.sizes = tuple(1 if d in self.dynamic else n for d, n in enumerate(self.inner))
        self.reversed = tuple(
            d for d, entry in enumerate(axes) if isinstance(entry, Range) and entry.step < 0 and entry.size > 1
        )
        sizes = iter(self.sizes)
        kept = [1 if entry is New else next(sizes) for entry in entries]
        self.result = tuple(n for n, entry in zip(kept, entries, strict=True) if not isinstance(entry, At))
        for d in self.dynamic:
            if shape[d] == 0:
                raise errors.IndexOutOfBoundsError(0, d, 0)

    def read(self, x: Array) -> Array:
        """The selected elements."""
        x = self._static_slice(x)
        if self.dynamic:
            x = bind(
                REGISTRY["dynamic_slice"], x, self.start, weak_type=x.weak_type, sizes=self.sizes, batch_dimensions=0
            )
        return reshaped(reversed_along(x, self.reversed), self.result)

    def write(self, x: Array, value: Array) -> Array:
        """`x` with `value`, of the shape of the result, in the place of the selected elements."""
        window = reversed_along(reshaped(value, self.sizes), self.reversed)
        if self.dynamic:
            inner = self._static_slice(x)
            window = bind(
                REGISTRY["dynamic_update_slice"], inner, window, self.start, weak_type=x.weak_type, batch_dimensions=0
            )
        if self.inner == self.shape:
            return window
        low = tuple(start for start, _, _ in self.bounds)
        interior = tuple(stride - 1 for _, _, stride in self.bounds)
        if not any(interior):
            start = from_numpy(np.array(low, _INT))
            return bind(REGISTRY["dynamic_update_slice"], x, window, start, weak_type=x.weak_type, batch_dimensions=0)
        reach = [n + max(n - 1, 0) * i for n, i in zip(self.inner, interior, strict=True)]
        high = tuple(full - a - r for full, a, r in zip(self.shape, low, reach, strict=True))
        edges: dict[str, Any] = {"low": low, "high": high, "interior": interior}
        spread = bind(REGISTRY["pad"], window, filled((), 0, x.dtype), **edges)
        hit = bind(
            REGISTRY["pad"], filled(self.inner, True, np.dtype(bool)), filled((), False, np.dtype(bool)), **edges
        )
        return bind(REGISTRY["select"], hit, spread, x, weak_type=x.weak_type)

    def inside(self) -> Array | None:
        """Whether the traced positions lie in the array; None if there are none."""
        result = None
        for d, position in self.dynamic.items():
            n = self.inner[d]
            one = e.logical_and(e.greater_equal(position, -n), e.less(position, n))
            result = one if result is None else e.logical_and(result, one)
        return result

    @property
    def start(self) -> Array:
        """The first position along each axis."""
        return _vector(
            [_wrapped(self.dynamic[d], self.inner[d]) if d in self.dynamic else 0 for d in range(len(self.shape))]
        )

    def _static_slice(self, x: Array) -> Array:
        if self.inner == self.shape:
            return x
        start, limit, strides = zip(*self.bounds, strict=True)
        return bind(REGISTRY["slice"], x, weak_type=x.weak_type, start=start, limit=limit, strides=strides)


def _static_bounds(entry: Entry, size: int) -> tuple[int, int, int]:
    """The element of an int; the whole axis for a traced position."""
    assert isinstance(entry, At)
    return (entry.position, entry.position + 1, 1) if isinstance(entry.position, int) else (0, size, 1)


def _wrapped(position: Array, size: int) -> Array:
    """Negative positions counted from the end."""
    if position.dtype.kind == "u":
        return converted(e.minimum(position, min(size, int(dtypes.iinfo(position.dtype).max))), _INT)
    wide = position if position.dtype.itemsize >= 4 else converted(position, _INT)
    return e.where(e.less(wide, 0), e.add(wide, size), wide)


def _vector(positions: Sequence[Any]) -> Array:
    """Scalars as one vector."""
    arrays = [reshaped(p if isinstance(p, Array) else from_numpy(np.array(p, _INT)), (1,)) for p in positions]
    dtype = dtypes.result_type(*arrays)
    return joined([converted(a, dtype) for a in arrays], 0)


# ---- integer arrays -------------------------------------------------------------------------------------------------


class Advanced:
    """Integer-array positions along some axes: broadcast, in NumPy's order of the result's axes."""

    def __init__(self, x: Array, entries: Sequence[Entry]):
        both = [isinstance(entry, (Gather, At)) for entry in entries]  # an int beside arrays is an index array, too
        first, last = both.index(True), len(both) - 1 - both[::-1].index(True)
        self.adjacent = all(both[first : last + 1])
        sizes = iter(x.shape)
        with_sizes = [(entry, 1 if entry is New else next(sizes)) for entry in entries]
        # what is not positions is read first
        self.window = Window(
            x.shape, [Range(0, 1, n) if flag else entry for (entry, n), flag in zip(with_sizes, both, strict=True)]
        )
        gathered = [
            entry.position if isinstance(entry, At) else entry.positions
            for entry in entries
            if isinstance(entry, (Gather, At))
        ]
        self.positions = [p if isinstance(p, (Array, np.ndarray)) else np.asarray(p) for p in gathered]
        self.axes = [i for i, flag in enumerate(both) if flag]  # of the sliced array, new axes included
        self.place = self.axes[0] if self.adjacent else 0
        self.shape = broadcast_shape(
            "indexing", [p.shape for p in self.positions], [f"index{i}" for i in range(len(both))]
        )


def gather(x: Array, entries: Sequence[Entry], mode: str, fill_value: Any) -> Array:
    """Reading with integer arrays; positions outside: the nearest ("clip"), modulo n ("wrap"), or the fill value."""
    advanced = Advanced(x, entries)
    x = advanced.window.read(x)
    axes, sizes = advanced.axes, [x.shape[d] for d in advanced.axes]
    if math.prod(advanced.shape) and 0 in sizes:
        raise errors.IndexOutOfBoundsError(0, axes[sizes.index(0)], 0)
    if all(known(p) for p in (x, *advanced.positions)):
        return _gather_now(x, advanced, sizes, mode, fill_value)
    positions = [expanded(operand("indexing", p), advanced.shape) for p in advanced.positions]
    inside = _all_inside(positions, sizes) if mode == "fill" else None
    if mode == "wrap":
        positions = [remainder(p, n) for p, n in zip(positions, sizes, strict=True)]
    x = moveaxis(x, axes, range(len(axes)))
    result = _rows(x, [_wrapped(ravel(p), n) for p, n in zip(positions, sizes, strict=True)])
    rest = result.shape[1:]
    result = reshaped(result, (*advanced.shape, *rest))
    if inside is not None:
        keep = reshaped(inside, (*advanced.shape, *(1,) * len(rest)))
        result = e.where(keep, result, converted(_fill(x.dtype, fill_value), x.dtype))
    rank = len(advanced.shape)
    return moveaxis(result, range(rank), range(advanced.place, advanced.place + rank))


def _rows(x: Array, positions: Sequence[Array]) -> Array:
    """``x[positions[0][i], positions[1][i], …]`` for all i: a dynamic slice batched over i."""
    (count,) = positions[0].shape
    batched = bind(
        REGISTRY["broadcast_in_dim"],
        x,
        weak_type=x.weak_type,
        shape=(count, *x.shape),
        dimensions=tuple(range(1, x.ndim + 1)),
    )
    dtype = dtypes.result_type(*positions)
    columns = [reshaped(converted(p, dtype), (count, 1)) for p in positions]
    zeros = [filled((count, x.ndim - len(positions)), 0, dtype)] if x.ndim > len(positions) else []
    sizes = (*(1 for _ in positions), *x.shape[len(positions) :])
    start = joined([*columns, *zeros], 1)
    result = bind(REGISTRY["dynamic_slice"], batched, start, weak_type=x.weak_type, sizes=sizes, batch_dimensions=1)
    return reshaped(result, (count, *x.shape[len(positions) :]))


def _all_inside(positions: Sequence[Array], sizes: Sequence[int]) -> Array:
    result = None
    for p, n in zip(positions, sizes, strict=True):
        inside = e.logical_and(e.greater_equal(p, -n), e.less(p, n))
        result = inside if result is None else e.logical_and(result, inside)
    assert result is not None
    return result


def _fill(dtype: np.dtype, fill_value: Any) -> Array:
    """JAX's: nan, the smallest of signed, the largest of unsigned integers, True."""
    if fill_value is None:
        limits = {
            "i": lambda: int(dtypes.iinfo(dtype).min),
            "u": lambda: int(dtypes.iinfo(dtype).max),
            "b": lambda: True,
        }
        fill_value = limits.get(dtype.kind, lambda: math.nan)()
    return filled((), fill_value, dtype)


def _gather_now(x: Array, advanced: Advanced, sizes: Sequence[int], mode: str, fill_value: Any) -> Array:
    """By NumPy, all values being known."""
    positions = [np.asarray(p).astype(np.int64) for p in advanced.positions]
    inside = np.ones(advanced.shape, bool)
    clamped = []
    for p, n in zip(positions, sizes, strict=True):
        inside = inside & (p >= -n) & (p < n)
        wrapped = p % max(n, 1) if mode == "wrap" else np.where(p < 0, p + n, p)
        clamped.append(np.clip(wrapped, 0, max(n - 1, 0)))
    index: list[Any] = [slice(None)] * x.ndim
    for d, p in zip(advanced.axes, clamped, strict=True):
        index[d] = p
    value = np.moveaxis(np.asarray(x), advanced.axes, range(len(advanced.axes)))[tuple(np.broadcast_arrays(*clamped))]
    rank = len(advanced.shape)
    if mode == "fill" and not inside.all():
        inside = np.reshape(inside, (*advanced.shape, *(1,) * (value.ndim - rank)))
        value = np.where(inside, value, np.asarray(_fill(x.dtype, fill_value))).astype(x.dtype, copy=False)
    value = np.moveaxis(value, range(rank), range(advanced.place, advanced.place + rank))
    return from_numpy(np.asarray(value), x.weak_type)


# ---- functions ------------------------------------------------------------------------------------------------------


def take(
    a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str | None = None,
    unique_indices: bool = False, indices_are_sorted: bool = False, fill_value: Any = None,
) -> Array:  # fmt: skip
    """Elements at integer positions along an axis (None: of the flattened array).

    Args:
        mode: for positions outside (−n counts from the end): "fill" (default) gives nan, or the smallest integer, or
            `fill_value`; "clip" takes the nearest element; "wrap" counts modulo n.

    >>> import lamina.numpy as lnp
    >>> lnp.take(lnp.array([10, 20, 30]), lnp.array([2, 0]))
    Array([30, 10], dtype=int32)
    """
    if out is not None:
        raise NotImplementedError("lnp.take: there is no out=, because arrays are immutable. Use the result.")
    a, indices = operand("take", a, "a"), operand("take", indices, "indices")
    a, axis = (ravel(a), 0) if axis is None else (a, normal_axis("take", axis, a.ndim))
    if indices.dtype.kind not in "iu":
        raise TypeError(f"lnp.take: the indices must be integers, not {indices.dtype}")
    if mode == "clip":  # here, unlike in x[i], negative positions are outside
        indices = e.clip(indices, 0, max(a.shape[axis] - 1, 0))
    entries: list[Entry] = [Gather(indices) if d == axis else Range(0, 1, n) for d, n in enumerate(a.shape)]
    return gather(a, entries, read_mode(mode, "fill"), fill_value)


def take_along_axis(
    arr: Any, indices: Any, axis: int | None = -1, mode: str | None = None, fill_value: Any = None
) -> Array:
    """Elements at positions that differ from row to row: ``arr[i, indices[i, j]]`` for axis 1.

    >>> import lamina.numpy as lnp
    >>> lnp.take_along_axis(lnp.array([[1, 2], [3, 4]]), lnp.array([[1], [0]]), axis=1)
    Array([[2],
           [3]], dtype=int32)
    """
    arr, indices = operand("take_along_axis", arr, "arr"), operand("take_along_axis", indices, "indices")
    if indices.dtype.kind not in "iu":
        raise TypeError(f"lnp.take_along_axis: the indices must be integers, not {indices.dtype}")
    if axis is None:
        arr, axis = ravel(arr), 0
    axis = normal_axis("take_along_axis", axis, arr.ndim)
    if indices.ndim != arr.ndim:
        raise errors.ShapeError(
            "lnp.take_along_axis", "both must have the same rank", arr=arr.shape, indices=indices.shape
        )
    sizes = [(*s[:axis], *s[axis + 1 :]) for s in (arr.shape, indices.shape)]
    others = broadcast_shape("take_along_axis", sizes, ("arr", "indices"))
    whole = (*others[:axis], indices.shape[axis], *others[axis:])
    arr = expanded(arr, (*others[:axis], arr.shape[axis], *others[axis:]))
    entries: list[Entry] = []
    for d, n in enumerate(whole):
        line = np.arange(n).reshape([-1 if i == d else 1 for i in range(len(whole))])
        entries.append(Gather(expanded(indices, whole) if d == axis else line))
    return gather(arr, entries, read_mode(mode, "fill"), fill_value)


def read_mode(mode: str | None, default: str) -> str:
    mode = default if mode is None else str(getattr(mode, "name", mode)).lower()
    known_modes = {
        "fill": "fill",
        "drop": "fill",
        "fill_or_drop": "fill",
        "clip": "clip",
        "promise_in_bounds": "clip",
        "wrap": "wrap",
    }
    if mode not in known_modes:
        raise ValueError(f"the mode of an index is fill, drop, clip, wrap or promise_in_bounds, not {mode!r}")
    return known_modes[mode]

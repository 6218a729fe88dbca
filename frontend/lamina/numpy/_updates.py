"""Updated copies: ``x.at[index].set(y)`` and its kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import power
from lamina.numpy._index_parsing import At, Entry, Gather, known, parse
from lamina.numpy._indexing import Advanced, Window, gather, getitem, read_mode
from lamina.numpy._operands import (
    Shape,
    broadcast_shape,
    converted,
    expanded,
    operand,
)
from lamina.tracing import current_trace

# ---- updates --------------------------------------------------------------------------------------------------------


class IndexUpdateHelper:
    """What ``x.at`` is: ``x.at[index]`` has the methods that make updated copies."""

    __slots__ = ("array",)

    def __init__(self, array: Array):
        self.array = array

    def __getitem__(self, index: Any) -> IndexUpdateRef:
        return IndexUpdateRef(self.array, index)


class IndexUpdateRef:
    """Elements of an array, to be read with options or replaced in a copy.

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([1.0, 2.0, 3.0])
    >>> x.at[1].set(9), x.at[:2].add(1)
    (Array([1., 9., 3.], dtype=float32), Array([2., 3., 3.], dtype=float32))
    """

    __slots__ = ("array", "index")

    def __init__(self, array: Array, index: Any):
        self.array, self.index = array, index

    def get(
        self, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: Any = None,
        fill_value: Any = None,
    ) -> Array:  # fmt: skip
        """``x[index]``, with a `mode` for positions outside: "clip" (default), "fill" (with `fill_value`) or "wrap"."""
        if mode is None:
            return getitem(self.array, self.index)
        entries = [
            Gather(entry.position) if isinstance(entry, At) and not isinstance(entry.position, int) else entry
            for entry in _unchecked(self.index, self.array.shape)
        ]
        if any(isinstance(entry, Gather) for entry in entries):
            return gather(self.array, entries, read_mode(mode, "clip"), fill_value)
        return Window(self.array.shape, entries).read(self.array)

    def set(self, values: Any, **options: Any) -> Array:
        """A copy with the elements replaced by `values`, which are broadcast and converted to the array's dtype."""
        return self._updated("set", lambda old, new: new, values, **options)

    def add(self, values: Any, **options: Any) -> Array:
        """A copy with `values` added to the elements; where positions repeat, all are added."""
        return self._updated("add", e.add, values, **options)

    def subtract(self, values: Any, **options: Any) -> Array:
        """A copy with `values` subtracted from the elements."""
        return self._updated("subtract", e.subtract, values, **options)

    def multiply(self, values: Any, **options: Any) -> Array:
        """A copy with the elements multiplied by `values`."""
        return self._updated("multiply", e.multiply, values, **options)

    mul = multiply

    def divide(self, values: Any, **options: Any) -> Array:
        """A copy with the elements divided by `values`."""
        return self._updated("divide", e.true_divide, values, **options)

    def power(self, values: Any, **options: Any) -> Array:
        """A copy with the elements raised to the power `values`."""
        return self._updated("power", power, values, **options)

    def min(self, values: Any, **options: Any) -> Array:
        """A copy with the elements replaced by their minimum with `values`."""
        return self._updated("min", e.minimum, values, **options)

    def max(self, values: Any, **options: Any) -> Array:
        """A copy with the elements replaced by their maximum with `values`."""
        return self._updated("max", e.maximum, values, **options)

    def apply(self, func: Callable[[Array], Array], **options: Any) -> Array:
        """A copy with the elements replaced by ``func(elements)``."""
        return self._updated("apply", lambda old, new: func(old), 0, **options)

    def _updated(
        self, name: str, combine: Callable[[Array, Array], Any], values: Any, *, mode: Any = None, **_: Any
    ) -> Array:
        x = self.array
        values = operand(f"at[...].{name}", values, "values")
        values = converted(values, x.dtype, x.weak_type)
        mask = self.index
        if isinstance(mask, Array) and mask.dtype.kind == "b" and mask.shape == x.shape and values.ndim == 0:
            return converted(e.where(mask, combine(x, values), x), x.dtype, x.weak_type)
        entries = parse(self.index, x.shape) if mode is None else _unchecked(self.index, x.shape)
        drop = mode is None or read_mode(mode, "fill") == "fill"
        if any(isinstance(entry, Gather) for entry in entries):
            return _scatter(name, x, entries, combine, values, drop)
        window = Window(x.shape, entries)
        old = window.read(x)
        target = broadcast_shape(f"at[...].{name}", [old.shape, values.shape], ("the elements", "values"))
        if target != old.shape:
            shapes = {"elements": old.shape, "values": values.shape}
            raise errors.ShapeError(f"x.at[...].{name}", "the values do not fit the selected elements", **shapes)
        new = converted(operand(name, combine(old, expanded(values, target))), x.dtype, x.weak_type)
        inside = window.inside() if drop else None
        return window.write(x, new if inside is None else e.where(inside, new, old))


def _unchecked(index: Any, shape: Shape) -> list[Entry]:
    """`parse`, with ints that may lie outside as arrays of one position."""
    items = index if isinstance(index, tuple) else (index,)
    return parse(
        tuple(np.asarray([i]).reshape(()) if isinstance(i, int) and not isinstance(i, bool) else i for i in items),
        shape,
    )


def _scatter(
    name: str, x: Array, entries: Sequence[Entry], combine: Callable[[Array, Array], Any], values: Array, drop: bool
) -> Array:
    """Updates at integer-array positions, by NumPy: all values must be known. One after the other where they repeat."""
    advanced = Advanced(x, entries)
    if not all(known(v) for v in (x, values, *advanced.positions)) or current_trace() is not None:
        raise NotImplementedError(
            f"x.at[i].{name} with an integer array i inside a traced function needs the scatter operation, which is "
            "not there yet. Use lnp.where with a mask, or scalar positions."
        )
    flat = from_numpy(np.arange(x.size, dtype=np.int64).reshape(x.shape))
    targets = np.asarray(gather(flat, entries, "fill" if drop else "clip", -1))
    spread = np.broadcast_to(np.asarray(values), targets.shape)[targets >= 0]
    targets = targets[targets >= 0]
    result = np.array(x).reshape(-1)
    once = name == "set" or len(np.unique(targets)) == len(targets)
    for some in [slice(None)] if once else [slice(i, i + 1) for i in range(len(targets))]:
        old, new = from_numpy(result[targets[some]]), from_numpy(spread[some].copy())
        result[targets[some]] = np.asarray(converted(operand(name, combine(old, new)), x.dtype))
    return from_numpy(result.reshape(x.shape), x.weak_type)

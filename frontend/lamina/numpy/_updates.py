"""Updated copies: ``x.at[index].set(y)`` and its kin."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict, Unpack

import numpy as np

from lamina import errors
from lamina.array import Array, ConcreteArray, from_numpy
from lamina.devices import refuse_sharding
from lamina.lax import _gather as lax
from lamina.lax._gather import GatherScatterMode, Mode
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import power
from lamina.numpy._index_parsing import ParsedIndex, parse
from lamina.numpy._indexing import are_known, for_numpy, read
from lamina.numpy._operands import broadcast_shape, converted, expanded, filled, operand, promoted
from lamina.numpy._selection import Selection
from lamina.numpy._steps import reshaped
from lamina.numpy._window import Window
from lamina.tracing import current_trace


class Options(TypedDict, total=False):
    """Keywords of all updates.

    mode: positions outside are dropped ("drop", the default), or the nearest is updated ("clip");
    wrap_negative_indices: whether negative positions count from the end (default), or lie outside;
    unique_indices: a promise that no position repeats, which makes derivatives and GPUs faster;
    indices_are_sorted: accepted; nothing depends on it; out_sharding: needs several devices, so None.
    """

    indices_are_sorted: bool
    unique_indices: bool
    mode: Mode
    wrap_negative_indices: bool
    out_sharding: None


class _Kind(NamedTuple):
    """A kind of update: of all elements of a window, and of rows at given positions."""

    combine: Callable[[Array, Array], Array]
    scatter: Callable[..., Array]


_KINDS = {
    "set": _Kind(lambda old, new: new, lax.scatter),
    "add": _Kind(e.add, lax.scatter_add),
    "subtract": _Kind(e.subtract, lax.scatter_sub),
    "multiply": _Kind(e.multiply, lax.scatter_mul),
    "min": _Kind(e.minimum, lax.scatter_min),
    "max": _Kind(e.maximum, lax.scatter_max),
}


class IndexUpdateHelper:
    """What ``x.at`` is: ``x.at[index]`` has the methods that make updated copies."""

    __slots__ = ("array",)

    def __init__(self, array: Array):
        self.array = array

    def __getitem__(self, index: Any) -> IndexUpdateRef:
        return IndexUpdateRef(self.array, index)


class IndexUpdateRef:
    """Elements of an array, to be read with options or replaced in a copy. All updates take the keywords of `Options`.

    An int that lies outside the array is an error unless there is a `mode`.

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([1.0, 2.0, 3.0])
    >>> x.at[1].set(9), x.at[:2].add(1)
    (Array([1., 9., 3.], dtype=float32), Array([2., 3., 3.], dtype=float32))
    >>> x.at[lnp.array([0, 0, 7])].add(1)
    Array([3., 2., 3.], dtype=float32)
    """

    __slots__ = ("array", "index")

    def __init__(self, array: Array, index: Any):
        self.array, self.index = array, index

    def __repr__(self) -> str:
        return f"IndexUpdateRef({self.array!r}, {self.index!r})"

    def get(
        self, *, indices_are_sorted: bool = False, unique_indices: bool = False, mode: Mode = None,
        fill_value: Any = None, out_sharding: Any = None, wrap_negative_indices: bool = True,
    ) -> Array:  # fmt: skip
        """``x[index]``. Positions outside: the nearest ("clip", the default), or a `fill_value` (mode "fill").

        The `fill_value` is nan, the smallest signed or the largest unsigned integer or True where it is not given.

        >>> import lamina.numpy as lnp
        >>> lnp.array([1.0, 2.0, 3.0]).at[lnp.array([-1, 3])].get(mode="fill")
        Array([ 3., nan], dtype=float32)
        """
        refuse_sharding("at[...].get", out_sharding)
        return read(self.array, self.index, mode, fill_value, unique_indices, wrap_negative_indices)

    def set(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with the elements replaced by `values`, which are broadcast and converted to the array's dtype."""
        return _updated("set", self.array, self.index, values, **options)

    def add(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with `values` added to the elements; where positions repeat, all are added."""
        return _updated("add", self.array, self.index, values, **options)

    def subtract(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with `values` subtracted from the elements."""
        return _updated("subtract", self.array, self.index, values, **options)

    def multiply(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with the elements multiplied by `values`."""
        return _updated("multiply", self.array, self.index, values, **options)

    mul = multiply

    def divide(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with the elements divided by `values`: a float array, even of integers."""
        return e.true_divide(self.array, self._factors(values, options))

    def power(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with the elements raised to the power `values`; where positions repeat, to their product."""
        return power(self.array, self._factors(values, options))

    def min(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with the elements replaced by their minimum with `values`."""
        return _updated("min", self.array, self.index, values, **options)

    def max(self, values: Any, **options: Unpack[Options]) -> Array:
        """A copy with the elements replaced by their maximum with `values`."""
        return _updated("max", self.array, self.index, values, **options)

    def apply(self, func: Callable[[Array], Array], **options: Unpack[Options]) -> Array:
        """A copy with the elements replaced by ``func(elements)``, as often as their position appears.

        `func` must work elementwise.
        """
        return _updated("apply", self.array, self.index, filled((), 0, self.array.dtype), func=func, **options)

    def _factors(self, values: Any, options: Options) -> Array:
        """Ones, multiplied by `values` at the index."""
        ones = filled(self.array.shape, 1, self.array.dtype, self.array.weak_type)
        return _updated("multiply", ones, self.index, values, **options)


def _updated(
    name: str,
    x: Array,
    index: Any,
    values: Any,
    *,
    func: Callable[[Array], Array] | None = None,
    indices_are_sorted: bool = False,
    unique_indices: bool = False,
    mode: Mode = None,
    wrap_negative_indices: bool = True,
    out_sharding: Any = None,
) -> Array:
    """A copy of x with the elements at an index combined with `values`, or replaced by `func` of them."""
    function = f"at[...].{name}"
    refuse_sharding(function, out_sharding)
    clips = GatherScatterMode.from_any(mode) is GatherScatterMode.CLIP
    values = operand(function, values, "values")
    old, values = _compatible(function, x, values)
    kind = _KINDS[name] if func is None else _applying(func)
    if name == "set" and wrap_negative_indices and current_trace() is None:
        written = _written_now(old, index, values)
        if written is not None:
            return converted(written, x.dtype, x.weak_type)
    if _is_mask_of_scalars(index, x, values):
        values = _fitted(function, values, x.shape[index.ndim :])
        mask = operand(function, index)
        mask = expanded(reshaped(mask, mask.shape + (1,) * (x.ndim - mask.ndim)), x.shape)
        result = e.where(mask, kind.combine(old, expanded(values, x.shape)), old)
        return converted(result, x.dtype, x.weak_type)
    parsed = parse(index, x.shape, checked=mode is None, wrap=wrap_negative_indices)
    if parsed.has_arrays:
        result = _scattered(function, old, parsed, values, kind, unique_indices, mode, wrap_negative_indices)
    else:
        result = _written(function, old, Window(parsed, wrap_negative_indices), values, kind, clips)
    return converted(reshaped(result, x.shape), x.dtype, x.weak_type)


def _written_now(x: Array, index: Any, values: Array) -> Array | None:
    """A copy with the elements replaced by NumPy, if all values are known and all positions inside; else None."""
    items = index if type(index) is tuple else (index,)
    if not (isinstance(x, ConcreteArray) and isinstance(values, ConcreteArray) and x.is_on_host and values.is_on_host):
        return None
    if not are_known(items) or (values.ndim and values.shape[0] == 1):  # NumPy would drop leading axes of size 1
        return None
    result = np.array(x.host())
    try:
        result[for_numpy(items)] = values.host()
    except (IndexError, TypeError, ValueError):  # positions outside, or what follows says what is wrong
        return None
    return from_numpy(result, x.weak_type)


def _applying(func: Callable[[Array], Array]) -> _Kind:
    """Replacing elements by a function of them."""

    def scatter(x: Array, indices: Array, updates: Array, numbers: Any, **options: Any) -> Array:
        return lax.scatter_apply(x, indices, func, numbers, update_shape=updates.shape, **options)

    return _Kind(lambda old, new: func(old), scatter)


def _compatible(function: str, x: Array, values: Array) -> list[Array]:
    """Both as the dtype in which they are combined. A FutureWarning if the array's own dtype cannot hold `values`."""
    if x.dtype == values.dtype:
        return [x, values]
    both = promoted(function, x, values)
    if both[0].dtype != x.dtype and not x.weak_type:
        warnings.warn(
            f"x.{function}: the values are {values.dtype.name}, which {x.dtype.name} cannot hold. They are converted, "
            "which may change them. Convert them yourself, with values.astype(x.dtype): this may become an error.",
            FutureWarning,
            stacklevel=4,
        )
    return both


def _is_mask_of_scalars(index: Any, x: Array, values: Array) -> bool:
    """Whether an index is a mask of x, with values that are the same wherever it holds: no positions are needed."""
    if not isinstance(index, (Array, np.ndarray)) or index.dtype.kind != "b" or not 0 < index.ndim <= x.ndim:
        return False
    return index.shape == x.shape[: index.ndim] and values.ndim <= x.ndim - index.ndim


def _written(function: str, x: Array, window: Window, values: Array, kind: _Kind, clips: bool) -> Array:
    """Ints, slices and traced scalars: the window is read, combined and written."""
    old = window.read(x)
    new = operand(function, kind.combine(old, _fitted(function, values, old.shape)))
    new = converted(new, x.dtype, x.weak_type)
    inside = None if clips else window.inside()
    return window.write(x, new if inside is None else e.where(inside, new, old))


def _scattered(
    function: str,
    x: Array,
    parsed: ParsedIndex,
    values: Array,
    kind: _Kind,
    unique: bool,
    mode: Mode,
    wrap: bool,
) -> Array:
    """Integer arrays: one scatter."""
    selection = Selection(parsed, wrap)
    values = _fitted(function, values, selection.shape)
    if 0 in selection.shape or x.size == 0:
        return x
    return kind.scatter(
        reshaped(x, parsed.shape),
        selection.indices,
        reshaped(values, selection.spread),
        selection.numbers,
        unique_indices=unique or selection.unique,
        mode=mode,
    )


def _fitted(function: str, values: Array, shape: tuple[int, ...]) -> Array:
    """The values stretched to the shape of the selected elements. Raises: ShapeError."""
    if broadcast_shape(function, [shape, values.shape], ("the elements", "values")) != shape:
        raise errors.ShapeError(
            f"x.{function}", "the values do not fit the selected elements", elements=shape, values=values.shape
        )
    return expanded(values, shape)

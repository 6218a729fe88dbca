"""Sorting along an axis. nan comes last, −0 equals 0, complex numbers are ordered by real, then imaginary part."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._sorting import argsorted
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import converted, filled, normal_axis, operand
from lamina.numpy._steps import reversed_along
from lamina_compiler.opdef import REGISTRY


def _default_position() -> np.dtype:
    return dtypes.canonicalize_dtype(int)


def _refuse(function: str, kind: Any, order: Any) -> None:
    if kind is not None:
        raise TypeError(f"lnp.{function}: there is no kind=; every sort is stable, stable=False changes nothing")
    if order is not None:
        raise TypeError(f"lnp.{function}: there is no order=, because arrays have no fields")


def _along(function: str, a: Any, axis: int | None) -> tuple[Array, int]:
    """The array and the axis counted from the front; None: the flattened array."""
    a = operand(function, a, "a")
    return (ravel(a), 0) if axis is None else (a, normal_axis(function, axis, a.ndim))


def sort(
    a: Any, axis: int | None = -1, *, kind: None = None, order: None = None, stable: bool = True,
    descending: bool = False,
) -> Array:  # fmt: skip
    """Elements in increasing order along an axis (None: of the flattened array).

    >>> import lamina.numpy as lnp
    >>> lnp.sort(lnp.array([3.0, lnp.nan, 1.0]))
    Array([ 1.,  3., nan], dtype=float32)
    """
    _refuse("sort", kind, order)
    a, axis = _along("sort", a, axis)
    result = bind(REGISTRY["sort"], a, weak_type=a.weak_type, axis=axis)
    return reversed_along(result, (axis,)) if descending else result


def argsort(
    a: Any, axis: int | None = -1, *, kind: None = None, order: None = None, stable: bool = True,
    descending: bool = False, dtype: Any = None,
) -> Array:  # fmt: skip
    """Positions along an axis of the elements in increasing order; of equal ones the first comes first, also
    `descending`.

    >>> import lamina.numpy as lnp
    >>> lnp.argsort(lnp.array([3, 1, 2]))
    Array([1, 2, 0], dtype=int32)
    """
    _refuse("argsort", kind, order)
    a, axis = _along("argsort", a, axis)
    dtype = _default_position() if dtype is None else dtypes.check_user_dtype_supported(dtype, "argsort")
    if not descending:
        return bind(REGISTRY["argsort"], a, axis=axis, dtype=dtype)
    from_end = bind(REGISTRY["argsort"], reversed_along(a, (axis,)), axis=axis, dtype=dtype)
    return reversed_along(a.shape[axis] - 1 - from_end, (axis,))


def lexsort(keys: Sequence[Any], axis: int = -1) -> Array:
    """Positions in the order of several keys of one shape, of which the last counts most.

    >>> import lamina.numpy as lnp
    >>> lnp.lexsort((lnp.array([3, 1, 2]), lnp.array([1, 1, 0])))
    Array([2, 1, 0], dtype=int32)
    """
    arrays = [operand("lexsort", key, f"keys[{i}]") for i, key in enumerate(keys)]
    if not arrays:
        raise TypeError("lnp.lexsort needs a key at least")
    if any(key.shape != arrays[0].shape for key in arrays):
        raise ValueError(f"lnp.lexsort: the keys must have one shape, not {[key.shape for key in arrays]}")
    if arrays[0].ndim == 0:
        return filled((), 0, _default_position())
    return argsorted(arrays[::-1], normal_axis("lexsort", axis, arrays[0].ndim), _default_position())


def sort_complex(a: Any) -> Array:
    """`sort` along the last axis, as complex numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.sort_complex(lnp.array([2, 1]))
    Array([1.+0.j, 2.+0.j], dtype=complex64)
    """
    a = operand("sort_complex", a, "a")
    return sort(converted(a, dtypes.to_complex_dtype(a.dtype)))


def partition(a: Any, kth: int, axis: int = -1) -> Array:
    """The array with element `kth` along an axis where it would be after sorting, smaller ones before it, larger ones
    after it. (All others are sorted, too: NumPy leaves their order open.)

    >>> import lamina.numpy as lnp
    >>> lnp.partition(lnp.array([3, 1, 2]), 1)
    Array([1, 2, 3], dtype=int32)
    """
    a, axis = _partitioned("partition", a, kth, axis)
    return sort(a, axis)


def argpartition(a: Any, kth: int, axis: int = -1) -> Array:
    """Positions of the elements in an order that `partition` puts them in.

    >>> import lamina.numpy as lnp
    >>> lnp.argpartition(lnp.array([7, 1, 5]), 1)
    Array([1, 2, 0], dtype=int32)
    """
    a, axis = _partitioned("argpartition", a, kth, axis)
    return argsort(a, axis)


def _partitioned(function: str, a: Any, kth: int, axis: int) -> tuple[Array, int]:
    a, axis = _along(function, a, axis)
    if a.dtype.kind == "c":
        raise NotImplementedError(f"lnp.{function} of complex numbers does not exist. Use lnp.sort.")
    if not -a.shape[axis] <= operator.index(kth) < a.shape[axis]:
        raise ValueError(f"lnp.{function}: kth is {kth}, but axis {axis} has the size {a.shape[axis]}")
    return a, axis

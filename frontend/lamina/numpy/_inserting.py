"""Arrays with slices more or less: `insert`, `delete`; and with another diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._index_makers import diag_indices
from lamina.numpy._joining import concatenate
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._operands import converted, expanded, normal_axis, operand
from lamina.numpy._reductions import sum as total
from lamina.numpy._steps import reshaped
from lamina.numpy._taking import known_value, require_copy, take, tiled
from lamina.numpy._updates import IndexUpdateRef
from lamina.tracer import Tracer


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Array:
    """Slices put in before positions of an axis (None: of the flattened array).

    Args:
        obj: an int, a slice, or positions in `arr`, −n from the end; those outside count as the nearest end.
        values: what is put in; broadcast, and converted to the dtype of `arr`.

    >>> import lamina.numpy as lnp
    >>> lnp.insert(lnp.array([1, 2, 3]), lnp.array([0, 2]), lnp.array([10, 20]))
    Array([10,  1,  2, 20,  3], dtype=int32)
    """
    arr, values = operand("insert", arr, "arr"), operand("insert", values, "values")
    arr, axis = (ravel(arr), 0) if axis is None else (arr, normal_axis("insert", axis, arr.ndim))
    size = arr.shape[axis]
    positions = _positions("insert", np.arange(size)[obj] if isinstance(obj, slice) else obj)
    values = converted(reshaped(values, (1,) * (arr.ndim - values.ndim) + values.shape), arr.dtype, arr.weak_type)
    if positions.size == 1:
        values = values if positions.ndim else moveaxis(values, 0, axis)
        positions = expanded(reshaped(positions, (1,)), (values.shape[axis],))
    count = positions.shape[0]
    new = expanded(values, (*arr.shape[:axis], count, *arr.shape[axis + 1 :]))
    return take(concatenate([arr, new], axis), _merged(positions, size), axis, mode="clip")


def _positions(function: str, obj: Any) -> Array:
    """Positions as an array of rank 0 or 1."""
    obj = np.asarray(obj) if isinstance(obj, (list, tuple)) else obj
    positions = operand(function, obj, "obj")
    if positions.ndim > 1:
        raise errors.ShapeError(f"lnp.{function}", "positions are an int, a slice or a vector", obj=positions.shape)
    if positions.dtype.kind not in "iu" and positions.size:
        raise ValueError(f"lnp.{function}: positions must be integers, not {positions.dtype}")
    return converted(positions, np.dtype(np.int32))


def _merged(positions: Array, size: int) -> Array:
    """Of every slice of the result where it comes from: 0 … size − 1 from `arr`, from `size` on from `values`."""
    count = positions.shape[0]
    value = positions.known() if isinstance(positions, Tracer) else np.asarray(positions)
    if value is not None:
        value = np.clip(np.where(value < 0, value + size, value), 0, size)
        return from_numpy(np.insert(np.arange(size), value, np.arange(size, size + count)).astype(np.int32))
    positions = e.clip(e.where(e.less(positions, 0), e.add(positions, size), positions), 0, size)
    order = from_numpy(np.arange(count, dtype=np.int32))
    mine, other = reshaped(positions, (count, 1)), reshaped(positions, (1, count))
    earlier = e.logical_or(e.less(other, mine), e.logical_and(e.equal(other, mine), _before(count)))
    targets = e.add(positions, total(earlier, axis=1, dtype=np.int32))  # a slice moves by those that go before it
    from lamina.numpy._nonzero import flatnonzero

    result = from_numpy(np.zeros(size + count, np.int32))
    is_new = IndexUpdateRef(from_numpy(np.zeros(size + count, bool)), targets).set(True, unique_indices=True)
    kept = flatnonzero(e.logical_not(is_new), size=size)
    result = IndexUpdateRef(result, kept).set(from_numpy(np.arange(size, dtype=np.int32)), unique_indices=True)
    return IndexUpdateRef(result, targets).set(e.add(order, size), unique_indices=True)


def _before(count: int) -> Array:
    """Whether the column is left of the row's diagonal."""
    return from_numpy(np.tri(count, k=-1, dtype=bool))


def delete(arr: Any, obj: Any, axis: int | None = None, *, assume_unique_indices: bool = False) -> Array:
    """The array without slices at positions of an axis (None: of the flattened array).

    Args:
        obj: an int, a slice, a mask, or positions, which must be known unless they are unique.
        assume_unique_indices: a promise that positions do not repeat: they may be traced then.

    >>> import lamina.numpy as lnp
    >>> lnp.delete(lnp.array([1, 2, 3, 4]), lnp.array([0, 2]))
    Array([2, 4], dtype=int32)
    """
    arr = operand("delete", arr, "arr")
    arr, axis = (ravel(arr), 0) if axis is None else (arr, normal_axis("delete", axis, arr.ndim))
    size = arr.shape[axis]
    if isinstance(obj, (int, np.integer)) and not isinstance(obj, bool) and not -size <= obj < size:
        raise errors.IndexOutOfBoundsError(int(obj), axis, size)
    if isinstance(obj, slice):
        obj = np.arange(size)[obj]
    obj = np.asarray(obj) if isinstance(obj, (list, tuple)) else obj
    positions = operand("delete", obj, "obj")
    if positions.dtype.kind not in "iub" and positions.size:
        raise ValueError(f"lnp.delete: `obj` must hold integers or booleans, not {positions.dtype}")
    value = positions.known() if isinstance(positions, Tracer) else np.asarray(positions)
    if value is None and assume_unique_indices and positions.dtype.kind != "b":
        return take(arr, _others(ravel(positions), size), axis, mode="clip")
    cure = "Pass assume_unique_indices=True if no position repeats."
    value = known_value(positions, "`lnp.delete`", cure)
    if value.dtype.kind == "b" and value.shape != (size,):
        problem = f"a mask must have the length of the axis, {size}"
        raise errors.ShapeError("lnp.delete", problem, obj=value.shape)
    return take(arr, np.delete(np.arange(size), value if value.size else []), axis)


def _others(positions: Array, size: int) -> Array:
    """The positions that are not among the given ones, which are distinct."""
    from lamina.numpy._nonzero import flatnonzero

    gone = IndexUpdateRef(from_numpy(np.zeros(size, bool)), positions).set(True, unique_indices=True)
    return flatnonzero(e.logical_not(gone), size=max(size - positions.size, 0))


def fill_diagonal(a: Any, val: Any, wrap: bool = False, *, inplace: bool = True) -> Array:
    """A copy of `a` with `val` (a number, or values that are repeated) on its diagonal; `inplace` must be False.

    >>> import lamina.numpy as lnp
    >>> lnp.fill_diagonal(lnp.zeros((2, 3)), 1, inplace=False)
    Array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    require_copy("fill_diagonal", inplace)
    if wrap:
        raise NotImplementedError(
            "lnp.fill_diagonal: wrap=True does not exist here, as in JAX; fill parts of the array"
        )
    a, val = operand("fill_diagonal", a, "a"), operand("fill_diagonal", val, "val")
    if a.ndim < 2 or (a.ndim > 2 and len(set(a.shape)) != 1):
        raise errors.ShapeError("lnp.fill_diagonal", "there must be two axes, or more of one size", a=a.shape)
    n = min(a.shape)
    if n == 0:
        return a
    values = val if val.ndim == 0 else tiled(ravel(val), n)
    return IndexUpdateRef(a, diag_indices(n, a.ndim)).set(values, unique_indices=True)

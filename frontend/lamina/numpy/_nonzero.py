"""Where conditions hold: positions, elements, and new elements there. Within traced programs the number is given."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import divmod as quotient_and_remainder
from lamina.numpy._joining import stack
from lamina.numpy._makers import as_bool
from lamina.numpy._manipulation import atleast_1d, ravel
from lamina.numpy._operands import converted, filled, normal_axis, operand, refuse_out
from lamina.numpy._reductions import count_nonzero
from lamina.numpy._scans import cumsum
from lamina.numpy._steps import reshaped, sliced
from lamina.numpy._taking import known_value, require_copy, take
from lamina.numpy._updates import IndexUpdateRef

_CURE = "Give the number of positions to find: size=..., with a fill_value for those that are missing."


def nonzero(a: Any, *, size: int | None = None, fill_value: Any = None) -> tuple[Array, ...]:
    """Positions of the elements that are not 0, one array for each axis.

    Args:
        size: how many; the result is cut off or padded. Needed where the values of `a` are not known yet.
        fill_value: what missing positions are (default 0): a number, or a tuple with one for each axis.

    Raises: ConcretizationTypeError in a traced program without `size`; ValueError for a 0-d array.

    >>> import lamina.numpy as lnp
    >>> lnp.nonzero(lnp.array([0, 5, 0, 7]))
    (Array([1, 3], dtype=int32),)
    >>> lnp.nonzero(lnp.array([0, 5, 0, 7]), size=3, fill_value=-1)
    (Array([ 1,  3, -1], dtype=int32),)
    """
    a = operand("nonzero", a, "a")
    if a.ndim == 0:
        raise ValueError("lnp.nonzero: a 0-d array has no positions; use lnp.atleast_1d(a)")
    dtype = dtypes.canonicalize_dtype(int)
    if size is None:
        found = np.nonzero(known_value(a, "`lnp.nonzero` without size=", _CURE))
        return tuple(from_numpy(positions.astype(dtype)) for positions in found)
    size = operator.index(size)
    if size < 0:
        raise ValueError(f"lnp.nonzero: the size {size} is negative")
    if a.size == 0 or size == 0:
        flat = filled((size,), 0, dtype)
    else:
        mask = ravel(as_bool(a))
        place = e.where(mask, e.subtract(cumsum(mask), 1), size)
        everywhere = from_numpy(np.arange(a.size, dtype=dtype))
        flat = IndexUpdateRef(filled((size,), 0, dtype), place).set(
            everywhere, mode="drop", unique_indices=True, wrap_negative_indices=False
        )
    result = _unraveled(flat, a.shape)
    if fill_value is None:
        return result
    fills = fill_value if isinstance(fill_value, tuple) else (fill_value,) * a.ndim
    if len(fills) != a.ndim or any(np.ndim(fill) for fill in fills):
        raise ValueError(f"lnp.nonzero: fill_value is a number or a tuple of {a.ndim} numbers, not {fill_value!r}")
    missing = e.greater_equal(from_numpy(np.arange(size)), count_nonzero(a))
    return tuple(e.where(missing, fill, positions) for fill, positions in zip(fills, result, strict=True))


def _unraveled(flat: Array, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """Coordinates of the positions in the flattened array."""
    result: list[Array] = []
    for size in reversed(shape):
        flat, coordinate = quotient_and_remainder(flat, max(size, 1))
        result.append(coordinate)
    return tuple(reversed(result))


def flatnonzero(a: Any, *, size: int | None = None, fill_value: Any = None) -> Array:
    """Positions in the flattened array of the elements that are not 0; see `nonzero`.

    >>> import lamina.numpy as lnp
    >>> lnp.flatnonzero(lnp.array([[0, 5], [6, 7]]))
    Array([1, 2, 3], dtype=int32)
    """
    return nonzero(ravel(operand("flatnonzero", a, "a")), size=size, fill_value=fill_value)[0]


def argwhere(a: Any, *, size: int | None = None, fill_value: Any = None) -> Array:
    """Positions of the elements that are not 0, one row for each; see `nonzero`.

    >>> import lamina.numpy as lnp
    >>> lnp.argwhere(lnp.array([[0, 5], [6, 0]]))
    Array([[0, 1],
           [1, 0]], dtype=int32)
    """
    a = operand("argwhere", a, "a")
    found = stack(nonzero(atleast_1d(a), size=size, fill_value=fill_value), axis=1)
    return found if a.ndim else reshaped(sliced(found, 1, 0, 0), (found.shape[0], 0))


def compress(
    condition: Any, a: Any, axis: int | None = None, *, size: int | None = None, fill_value: Any = 0, out: None = None
) -> Array:
    """The slices along an axis (None: elements of the flattened array) for which a one-dimensional condition holds.

    Args:
        condition: at most as long as the axis, or False beyond it.
        size, fill_value: how many slices, and what missing ones are filled with; needed in traced programs.

    >>> import lamina.numpy as lnp
    >>> lnp.compress(lnp.array([True, False, True]), lnp.array([10, 20, 30]))
    Array([10, 30], dtype=int32)
    """
    refuse_out("compress", out)
    condition, a = as_bool(operand("compress", condition, "condition")), operand("compress", a, "a")
    if condition.ndim != 1:
        raise errors.ShapeError("lnp.compress", "the condition must be one-dimensional", condition=condition.shape)
    a, axis = (ravel(a), 0) if axis is None else (a, normal_axis("compress", axis, a.ndim))
    length = min(condition.shape[0], a.shape[axis])
    if size is not None and not 0 <= size <= a.shape[axis]:
        raise ValueError(
            f"lnp.compress: the size must be between 0 and {a.shape[axis]}, the length of the axis; not {size}"
        )
    if size is None:
        value = known_value(condition, "`lnp.compress` without size=", _CURE)
        if value[length:].any():
            raise ValueError(f"lnp.compress: the condition holds beyond the axis, which has the length {a.shape[axis]}")
        return take(a, np.flatnonzero(value[:length]), axis)
    positions = flatnonzero(sliced(condition, 0, 0, length), size=size, fill_value=a.shape[axis])
    if not a.shape[axis]:
        return a
    return take(a, positions, axis, mode="fill", fill_value=np.asarray(fill_value).astype(a.dtype).item())


def extract(condition: Any, arr: Any, *, size: int | None = None, fill_value: Any = 0) -> Array:
    """The elements of the flattened array for which the condition holds; see `compress`.

    >>> import lamina.numpy as lnp
    >>> lnp.extract(lnp.array([[True, False], [False, True]]), lnp.array([[1, 2], [3, 4]]))
    Array([1, 4], dtype=int32)
    """
    condition, arr = operand("extract", condition, "condition"), operand("extract", arr, "arr")
    return compress(ravel(condition), ravel(arr), size=size, fill_value=fill_value)


def place(arr: Any, mask: Any, vals: Any, *, inplace: bool = True) -> Array:
    """A copy of `arr` with the elements where the mask holds replaced by `vals`, in turn, repeated as often as needed.

    Raises: ValueError unless inplace=False, and where there are no values; ShapeError for a mask of another size.

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([1, 2, 3, 4])
    >>> lnp.place(x, x > 1, lnp.array([10, 20]), inplace=False)
    Array([ 1, 10, 20, 10], dtype=int32)
    """
    require_copy("place", inplace)
    arr, mask = operand("place", arr, "arr"), as_bool(operand("place", mask, "mask"))
    vals = ravel(operand("place", vals, "vals"))
    if arr.size != mask.size:
        raise errors.ShapeError("lnp.place", "the mask must have as many elements", arr=arr.shape, mask=mask.shape)
    if not vals.size:
        raise ValueError("lnp.place: there are no values")
    if not arr.size:
        return arr
    chosen = ravel(mask)
    new = take(vals, e.subtract(cumsum(chosen), 1), mode="wrap")
    return reshaped(e.where(chosen, converted(new, arr.dtype, arr.weak_type), ravel(arr)), arr.shape)

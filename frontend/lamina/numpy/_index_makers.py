"""Arrays of positions: of diagonals and triangles, of grids, and between positions and coordinates."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import divmod as quotient_and_remainder
from lamina.numpy._arithmetic import remainder
from lamina.numpy._creation import ones
from lamina.numpy._nonzero import nonzero
from lamina.numpy._operands import converted, filled, operand
from lamina.numpy._steps import reshaped
from lamina.numpy._taking import require_inside


def _known(positions: np.ndarray) -> Array:
    return from_numpy(positions.astype(dtypes.canonicalize_dtype(int)))


def ix_(*args: Any) -> tuple[Array, ...]:
    """One-dimensional positions as arrays that select all their combinations: ``x[lnp.ix_(rows, columns)]``.

    >>> import lamina.numpy as lnp
    >>> lnp.ix_(lnp.array([0, 1]), lnp.array([2, 4]))
    (Array([[0],
           [1]], dtype=int32), Array([[2, 4]], dtype=int32))
    """
    result = []
    for i, argument in enumerate(args):
        a = operand("ix_", argument, f"args[{i}]")
        if a.ndim != 1:
            problem = f"positions must be one-dimensional, but args[{i}] is not"
            raise errors.ShapeError("lnp.ix_", problem, positions=a.shape)
        if a.dtype.kind == "b":
            (a,) = nonzero(a)
        if not a.size:
            a = filled((0,), 0, dtypes.canonicalize_dtype(int))
        result.append(reshaped(a, (1,) * i + a.shape + (1,) * (len(args) - i - 1)))
    return tuple(result)


def diag_indices(n: int, ndim: int = 2) -> tuple[Array, ...]:
    """Coordinates of the diagonal of an array with `ndim` axes of size n.

    >>> import lamina.numpy as lnp
    >>> lnp.eye(3).at[lnp.diag_indices(3)].set(7)[1]
    Array([0., 7., 0.], dtype=float32)
    """
    n, ndim = operator.index(n), operator.index(ndim)
    if n < 0 or ndim < 0:
        raise ValueError(f"lnp.diag_indices: n and ndim must not be negative, but are {n} and {ndim}")
    return (_known(np.arange(n)),) * ndim


def diag_indices_from(arr: Any) -> tuple[Array, ...]:
    """`diag_indices` for an array, whose axes have one size.

    >>> import lamina.numpy as lnp
    >>> lnp.diag_indices_from(lnp.ones((2, 2)))
    (Array([0, 1], dtype=int32), Array([0, 1], dtype=int32))
    """
    arr = operand("diag_indices_from", arr, "arr")
    if arr.ndim < 2 or len(set(arr.shape)) != 1:
        raise errors.ShapeError("lnp.diag_indices_from", "there must be two or more axes of one size", arr=arr.shape)
    return diag_indices(arr.shape[0], arr.ndim)


def tril_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, Array]:
    """Coordinates of the lower triangle of an n × m matrix, up to the k-th diagonal.

    >>> import lamina.numpy as lnp
    >>> lnp.tril_indices(2)
    (Array([0, 1, 1], dtype=int32), Array([0, 0, 1], dtype=int32))
    """
    rows, columns = np.tril_indices(n, k, m)
    return _known(rows), _known(columns)


def triu_indices(n: int, k: int = 0, m: int | None = None) -> tuple[Array, Array]:
    """Coordinates of the upper triangle of an n × m matrix, from the k-th diagonal on.

    >>> import lamina.numpy as lnp
    >>> lnp.triu_indices(2)
    (Array([0, 0, 1], dtype=int32), Array([0, 1, 1], dtype=int32))
    """
    rows, columns = np.triu_indices(n, k, m)
    return _known(rows), _known(columns)


def tril_indices_from(arr: Any, k: int = 0) -> tuple[Array, Array]:
    """`tril_indices` for a matrix (or anything with a shape).

    >>> import lamina.numpy as lnp
    >>> lnp.tril_indices_from(lnp.ones((2, 2)))
    (Array([0, 1, 1], dtype=int32), Array([0, 0, 1], dtype=int32))
    """
    return tril_indices(*_matrix_shape("tril_indices_from", arr, k))


def triu_indices_from(arr: Any, k: int = 0) -> tuple[Array, Array]:
    """`triu_indices` for a matrix (or anything with a shape).

    >>> import lamina.numpy as lnp
    >>> lnp.triu_indices_from(lnp.ones((2, 2)), k=1)
    (Array([0], dtype=int32), Array([1], dtype=int32))
    """
    return triu_indices(*_matrix_shape("triu_indices_from", arr, k))


def _matrix_shape(function: str, arr: Any, k: int) -> tuple[int, int, int]:
    shape = arr.shape if hasattr(arr, "shape") else operand(function, arr, "arr").shape
    if len(shape) != 2:
        raise errors.ShapeError(f"lnp.{function}", "there must be two axes", arr=shape)
    return shape[0], k, shape[1]


def mask_indices(
    n: int, mask_func: Callable[[Any, int], Any], k: int = 0, *, size: int | None = None
) -> tuple[Array, Array]:
    """Coordinates of an n × n matrix that ``mask_func(matrix, k)`` (such as `lnp.triu`) keeps.

    >>> import lamina.numpy as lnp
    >>> lnp.mask_indices(2, lnp.triu)
    (Array([0, 0, 1], dtype=int32), Array([0, 1, 1], dtype=int32))
    """
    rows, columns = nonzero(mask_func(ones((n, n)), k), size=size)
    return rows, columns


# ---- positions and coordinates --------------------------------------------------------------------------------------


def ravel_multi_index(
    multi_index: Sequence[Any], dims: Sequence[int], mode: str = "raise", order: str = "C", *, dtype: Any = None
) -> Array:
    """Positions in the flattened array of coordinates, which are given by one integer array for each axis.

    Args:
        dims: shape of the array.
        mode: of coordinates outside: "raise" a ValueError (they must be known), "clip", "wrap" or "ignore".
        order: "C": the last axis varies fastest; "F": the first.
        dtype: of the result; by default that of the coordinates, at least int32.

    Raises: ValueError where the dtype cannot hold the positions.

    >>> import lamina.numpy as lnp
    >>> lnp.ravel_multi_index((lnp.array([0, 1]), lnp.array([2, 0])), (2, 3))
    Array([2, 3], dtype=int32)
    """
    dims = tuple(operator.index(n) for n in dims)
    if len(multi_index) != len(dims):
        raise ValueError(f"lnp.ravel_multi_index: {len(multi_index)} coordinates for {len(dims)} dims")
    coordinates = [operand("ravel_multi_index", i, "multi_index") for i in multi_index]
    if any(i.dtype.kind not in "iu" for i in coordinates):
        raise TypeError("lnp.ravel_multi_index: coordinates must be integers")
    if dtype is None:
        dtype = dtypes.result_type(int, *coordinates)
    else:
        dtype = dtypes.check_user_dtype_supported(dtype, "ravel_multi_index")
    if dtype.kind not in "iu":
        raise ValueError(f"lnp.ravel_multi_index: the dtype {dtype.name} is no integer type")
    if math.prod(dims) - 1 > dtypes.iinfo(dtype).max:
        raise ValueError(f"lnp.ravel_multi_index: {dtype.name} cannot hold positions in an array of shape {dims}")
    if order not in ("C", "F"):
        raise ValueError(f"lnp.ravel_multi_index: the order is 'C' or 'F', not {order!r}")
    inside = [_inside(i, n, mode) for i, n in zip(coordinates, dims, strict=True)]
    result: Array = filled((), 0, dtype)
    for i, n in zip(inside, dims, strict=True) if order == "C" else zip(inside[::-1], dims[::-1], strict=True):
        result = e.add(e.multiply(result, n), converted(i, dtype))
    return result


def _inside(coordinate: Array, size: int, mode: str) -> Array:
    if mode == "raise":
        require_inside("ravel_multi_index", coordinate, "multi_index", size)
    elif mode == "clip":
        return e.clip(coordinate, 0, size - 1)
    elif mode == "wrap":
        return remainder(coordinate, size)
    elif mode != "ignore":
        raise ValueError(f'lnp.ravel_multi_index: the mode is "raise", "clip", "wrap" or "ignore", not {mode!r}')
    return coordinate


def unravel_index(indices: Any, shape: Any) -> tuple[Array, ...]:
    """Coordinates of positions in the flattened array; of those outside, the nearest corner. −1 is the last position.

    >>> import lamina.numpy as lnp
    >>> lnp.unravel_index(lnp.array([2, 3]), (2, 3))
    (Array([0, 1], dtype=int32), Array([2, 0], dtype=int32))
    """
    rest = operand("unravel_index", indices, "indices")
    sizes: list[Any] = list(shape) if isinstance(shape, Sequence) or getattr(shape, "ndim", 0) else [shape]
    if any(isinstance(n, Sequence) or getattr(n, "ndim", 0) for n in sizes):
        raise ValueError("lnp.unravel_index: the shape is a number or a sequence of numbers")
    coordinates = []
    for n in reversed(sizes):
        rest, coordinate = quotient_and_remainder(rest, n)
        coordinates.append(coordinate)
    above, below = e.greater(rest, 0), e.less(rest, -1) if rest.dtype.kind == "i" else False
    return tuple(
        e.where(above, n - 1, e.where(below, 0, coordinate))
        for n, coordinate in zip(sizes, reversed(coordinates), strict=True)
    )

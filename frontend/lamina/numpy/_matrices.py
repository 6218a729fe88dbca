"""Matrices of a pattern: identity, triangles, diagonals."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array, from_numpy
from lamina.binding import bind
from lamina.devices import placed
from lamina.numpy._creation import chosen_dtype
from lamina.numpy._operands import (
    as_shape,
    converted,
    expanded,
    filled,
    operand,
)
from lamina.numpy._ranges import reshape_column
from lamina_compiler.opdef import REGISTRY

# ---- matrices of a pattern ------------------------------------------------------------------------------------------


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None, *, device: Any = None) -> Array:
    """Ones on the k-th diagonal of an N × M matrix (M = N by default), zeros elsewhere.

    >>> import lamina.numpy as lnp
    >>> lnp.eye(2)
    Array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return placed(converted(_diagonal_mask(*_matrix_sizes("eye", N, M), k), chosen_dtype("eye", dtype)), device)


def identity(n: int, dtype: Any = None) -> Array:
    """The n × n identity matrix.

    >>> import lamina.numpy as lnp
    >>> lnp.identity(2)
    Array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Array:
    """Ones at and below the k-th diagonal of an N × M matrix, zeros above.

    >>> import lamina.numpy as lnp
    >>> lnp.tri(2, 3)
    Array([[1., 0., 0.],
           [1., 1., 0.]], dtype=float32)
    """
    return converted(_lower_mask(*_matrix_sizes("tri", N, M), k), chosen_dtype("tri", dtype, np.float32))


def tril(m: Any, k: int = 0) -> Array:
    """The matrix (or stack of matrices) with zeros above the k-th diagonal.

    >>> import lamina.numpy as lnp
    >>> lnp.tril(lnp.ones((2, 2)))
    Array([[1., 0.],
           [1., 1.]], dtype=float32)
    """
    return _masked("tril", m, k, True)


def triu(m: Any, k: int = 0) -> Array:
    """The matrix (or stack of matrices) with zeros below the k-th diagonal.

    >>> import lamina.numpy as lnp
    >>> lnp.triu(lnp.array([[1, 2], [3, 4]]))
    Array([[1, 2],
           [0, 4]], dtype=int32)
    """
    return _masked("triu", m, k - 1, False)


def _masked(function: str, m: Any, k: int, keep_lower: bool) -> Array:
    m = operand(function, m, "m")
    if m.ndim < 2:
        raise errors.ShapeError(f"lnp.{function}", "the operand must be a matrix or a stack of them", m=m.shape)
    rows, columns = m.shape[-2:]
    mask = expanded(_lower_mask(rows, columns, k), m.shape)
    zero = filled(m.shape, 0, m.dtype)
    on_true, on_false = (m, zero) if keep_lower else (zero, m)
    return bind(REGISTRY["select"], mask, on_true, on_false, weak_type=m.weak_type)


def _matrix_sizes(function: str, rows: Any, columns: Any) -> tuple[int, int]:
    rows, columns = as_shape(function, (rows, rows if columns is None else columns))
    return rows, columns


def _lower_mask(rows: int, columns: int, k: int) -> Array:
    """Whether j ≤ i + k: computed by the program, so that no large constant is stored."""
    row, column = _positions(rows, columns, k)
    return bind(REGISTRY["ge"], row, column)


def _diagonal_mask(rows: int, columns: int, k: int) -> Array:
    row, column = _positions(rows, columns, k)
    return bind(REGISTRY["eq"], row, column)


def _positions(rows: int, columns: int, k: int) -> tuple[Array, Array]:
    """i + k and j."""
    shape, dtype = (rows, columns), np.dtype(np.int32)
    k = max(-rows, min(int(k), columns))  # further away there is no diagonal
    row = bind(REGISTRY["iota"], shape=shape, dimension=0, dtype=dtype)
    column = bind(REGISTRY["iota"], shape=shape, dimension=1, dtype=dtype)
    return (bind(REGISTRY["add"], row, filled(shape, k, dtype)) if k else row), column


def diag(v: Any, k: int = 0) -> Array:
    """The square matrix with the vector `v` on its k-th diagonal; or that diagonal of a matrix.

    >>> import lamina.numpy as lnp
    >>> lnp.diag(lnp.array([1, 2]))
    Array([[1, 0],
           [0, 2]], dtype=int32)
    """
    v = operand("diag", v, "v")
    if v.ndim == 2:
        return diagonal(v, k)
    if v.ndim != 1:
        raise errors.ShapeError("lnp.diag", "the operand must be a vector or a matrix", v=v.shape)
    n = v.shape[0] + (k if k >= 0 else -k)
    padded = bind(
        REGISTRY["pad"],
        v,
        filled((), 0, v.dtype),
        weak_type=v.weak_type,
        low=(max(k, 0),),
        high=(max(-k, 0),),
        interior=(0,),
    )
    columns = bind(REGISTRY["broadcast_in_dim"], padded, weak_type=v.weak_type, shape=(n, n), dimensions=(1,))
    return bind(REGISTRY["select"], _diagonal_mask(n, n, k), columns, filled((n, n), 0, v.dtype), weak_type=v.weak_type)


def diagflat(v: Any, k: int = 0) -> Array:
    """The square matrix with all elements of `v` on its k-th diagonal.

    >>> import lamina.numpy as lnp
    >>> lnp.diagflat(lnp.array([1, 2]), k=1)
    Array([[0, 1, 0],
           [0, 0, 2],
           [0, 0, 0]], dtype=int32)
    """
    v = operand("diagflat", v, "v")
    return diag(bind(REGISTRY["reshape"], v, shape=(v.size,)), k)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """The diagonal of two axes, as the last axis of the result. ``x[i, i + offset]``.

    >>> import lamina.numpy as lnp
    >>> lnp.diagonal(lnp.arange(9).reshape(3, 3), offset=1)
    Array([1, 5], dtype=int32)
    """
    from lamina.numpy._manipulation import moveaxis

    a = operand("diagonal", a, "a")
    if a.ndim < 2:
        raise errors.ShapeError("lnp.diagonal", "the operand must have two dimensions at least", a=a.shape)
    a = moveaxis(a, (axis1, axis2), (-2, -1))
    rows, columns = a.shape[-2:]
    first_row, first_column = max(-offset, 0), max(offset, 0)
    n = max(0, min(rows - first_row, columns - first_column))
    *outer, _, _ = a.shape
    flat = bind(REGISTRY["reshape"], a, weak_type=a.weak_type, shape=(*outer, rows * columns))
    start = first_row * columns + first_column if n else 0
    limit = start + (n - 1) * (columns + 1) + 1 if n else 0
    rank = len(outer)
    return bind(
        REGISTRY["slice"], flat, weak_type=a.weak_type, start=(0,) * rank + (start,),
        limit=(*outer, limit), strides=(1,) * rank + (columns + 1,),
    )  # fmt: skip


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> Array:
    """Sum of the diagonal of two axes.

    >>> import lamina.numpy as lnp
    >>> lnp.trace(lnp.array([[1, 2], [3, 4]]))
    Array(5, dtype=int32)
    """
    from lamina.numpy._reductions import sum

    return sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype, out=out)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Array:
    """Powers of a vector as columns: xᴺ⁻¹ … 1, or 1 … xᴺ⁻¹ if `increasing`.

    >>> import lamina.numpy as lnp
    >>> lnp.vander(lnp.array([2, 3]), 3)
    Array([[4, 2, 1],
           [9, 3, 1]], dtype=int32)
    """
    from lamina.numpy._arithmetic import power

    x = operand("vander", x)
    if x.ndim != 1:
        raise errors.ShapeError("lnp.vander", "the operand must be a vector", x=x.shape)
    n = x.shape[0] if N is None else operator.index(N)
    dtype = x.dtype if x.dtype.kind in "iu" else np.dtype(np.int32)
    powers = from_numpy(np.arange(n)[:: 1 if increasing else -1].astype(dtype))
    return power(expanded(reshape_column(x, 1), (x.shape[0], n)), powers)

"""Matrices made from vectors, which lie in the last axis of arrays, and block diagonal matrices."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import promoted
from lamina.scipy.linalg._operands import inexact


@api_boundary
def toeplitz(c: Any, r: Any = None) -> Array:
    """Matrices with constant diagonals: c is the first column, r (by default conj(c)) the first row without r[0].

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.toeplitz(lnp.array([1, 2, 3]))
    Array([[1, 2, 3],
           [2, 1, 2],
           [3, 2, 1]], dtype=int32)
    """
    c = lnp.atleast_1d(lnp.asarray(c))
    r = lnp.conj(c) if r is None else lnp.atleast_1d(lnp.asarray(r))
    c, r = _together(c, r)
    rows, columns = np.ogrid[: c.shape[-1], : r.shape[-1]]
    return lnp.concatenate([r[..., :0:-1], c], axis=-1)[..., rows - columns + max(r.shape[-1] - 1, 0)]


@api_boundary
def hankel(c: Any, r: Any = None) -> Array:
    """Matrices with constant antidiagonals: c is the first column, r (by default zeros) the last row without r[0].

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.hankel(lnp.array([1, 2, 3]))
    Array([[1, 2, 3],
           [2, 3, 0],
           [3, 0, 0]], dtype=int32)
    """
    c = lnp.asarray(c)
    r = lnp.zeros_like(c) if r is None else lnp.asarray(r)
    if not (c.ndim and r.ndim):
        raise errors.ShapeError("scipy.linalg.hankel", "c and r must be vectors", c=c.shape, r=r.shape)
    c, r = _together(c, r)
    rows, columns = np.ogrid[: c.shape[-1], : r.shape[-1]]
    return lnp.concatenate([c, r[..., 1:]], axis=-1)[..., rows + columns]


def _together(c: Array, r: Array) -> list[Array]:
    """Vectors of one dtype with common batch axes."""
    batch = lnp.broadcast_shapes(c.shape[:-1], r.shape[:-1])
    return [lnp.broadcast_to(x, (*batch, x.shape[-1])) for x in promoted("toeplitz", c, r, names=("c", "r"))]


@api_boundary
def circulant(c: Any) -> Array:
    """Matrices whose first column is c and whose further columns are c rotated down.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.circulant(lnp.array([1, 2, 3]))
    Array([[1, 3, 2],
           [2, 1, 3],
           [3, 2, 1]], dtype=int32)
    """
    c = lnp.atleast_1d(lnp.asarray(c))
    n = c.shape[-1]
    rows, columns = np.ogrid[:n, :n]
    return c[..., (rows - columns) % max(n, 1)]


@api_boundary
def leslie(f: Any, s: Any) -> Array:
    """Leslie matrices of a population: fecundities f in the first row, survival rates s below the diagonal.

    Raises: ShapeError unless f has two elements at least, and s one less.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.leslie(lnp.array([0.1, 2.0]), lnp.array([0.5]))
    Array([[0.1, 2. ],
           [0.5, 0. ]], dtype=float32)
    """
    f, s = promoted("leslie", lnp.atleast_1d(lnp.asarray(f)), lnp.atleast_1d(lnp.asarray(s)), names=("f", "s"))
    n = f.shape[-1]
    if n < 2 or s.shape[-1] != n - 1:
        problem = "f must have two elements at least, and s one less than f"
        raise errors.ShapeError("scipy.linalg.leslie", problem, f=f.shape, s=s.shape)
    batch = lnp.broadcast_shapes(f.shape[:-1], s.shape[:-1])
    below = lnp.eye(n - 1, n, dtype=f.dtype) * s[..., :, None]
    return _first_row(lnp.broadcast_to(f, (*batch, n)), lnp.broadcast_to(below, (*batch, n - 1, n)))


def _first_row(row: Array, rest: Array) -> Array:
    return lnp.concatenate([row[..., None, :], rest], axis=-2)


@api_boundary
def companion(a: Any) -> Array:
    """Companion matrices, whose eigenvalues are the roots of the polynomial with coefficients a, the highest first.

    Raises: ShapeError for fewer than two coefficients.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.companion(lnp.array([1.0, -10.0, 31.0]))
    Array([[ 10., -31.],
           [  1.,   0.]], dtype=float32)
    """
    a = lnp.atleast_1d(*inexact(a))
    n = a.shape[-1] - 1
    if n < 1:
        raise errors.ShapeError("scipy.linalg.companion", "a must have two elements at least", a=a.shape)
    below = lnp.broadcast_to(lnp.eye(n - 1, n, dtype=a.dtype), (*a.shape[:-1], n - 1, n))
    return _first_row(-a[..., 1:] / a[..., :1], below)


@api_boundary
def fiedler(a: Any) -> Array:
    """Symmetric matrices of the distances ``|a[i] - a[j]|``.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.fiedler(lnp.array([1, 4]))
    Array([[0, 3],
           [3, 0]], dtype=int32)
    """
    a = lnp.atleast_1d(lnp.asarray(a))
    return lnp.abs(a[..., :, None] - a[..., None, :])


@api_boundary
def fiedler_companion(a: Any) -> Array:
    """Companion matrices with five diagonals (Fiedler 2003), of polynomials with coefficients a, the highest first.

    Raises: ShapeError for no coefficients.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.fiedler_companion(lnp.array([1.0, -10.0, 31.0]))
    Array([[ 10., -31.],
           [  1.,   0.]], dtype=float32)
    """
    a = lnp.atleast_1d(*inexact(a))
    n = a.shape[-1] - 1
    if n < 0:
        raise errors.ShapeError("scipy.linalg.fiedler_companion", "a must have an element at least", a=a.shape)
    i, j = np.ogrid[:n, :n]
    even = i % 2 == 0
    coefficient = np.where(
        (j == i + 1) & even, i + 2, np.where((j == i - 1) & even, i + 1, np.where((i == 0) & (j == 0), 1, 0))
    )
    ones = ((j == i + 2) & even) | ((j == i - 2) & ~even) | ((i == 1) & (j == 0))
    normal = lnp.concatenate([lnp.zeros_like(a[..., :1]), -a[..., 1:] / a[..., :1]], axis=-1)
    return lnp.where(ones, 1, normal[..., coefficient]).astype(a.dtype)


@api_boundary
def convolution_matrix(a: Any, n: int, mode: str = "full") -> Array:
    """Matrices that convolve vectors of n elements with a, as `lamina.numpy.convolve` in that mode.

    Raises: ValueError for another mode or n, ShapeError for an empty a.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.convolution_matrix(lnp.array([-1, 4]), 2)
    Array([[-1,  0],
           [ 4, -1],
           [ 0,  4]], dtype=int32)
    """
    n = operator.index(n)
    if n <= 0:
        raise ValueError(f"`scipy.linalg.convolution_matrix`: n must be positive, not {n}.")
    if mode not in ("full", "valid", "same"):
        raise ValueError(f"`scipy.linalg.convolution_matrix`: mode is 'full', 'valid' or 'same', not {mode!r}.")
    a = lnp.asarray(a)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise errors.ShapeError("scipy.linalg.convolution_matrix", "a must have an element at least", a=a.shape)
    m = a.shape[-1]
    cut = {"full": (0, 0), "valid": (min(m, n) - 1,) * 2, "same": ((min(m, n) - 1) // 2, min(m, n) // 2)}[mode]
    rows, columns = np.ogrid[cut[0] : m + n - 1 - cut[1], :n]
    place = rows - columns
    return lnp.where((place >= 0) & (place < m), a[..., np.clip(place, 0, m - 1)], 0).astype(a.dtype)


@api_boundary
def block_diag(*arrs: Any) -> Array:
    """The matrix with the given matrices along its diagonal, zero elsewhere; vectors are rows, numbers 1 by 1.

    Raises: ShapeError for more than two axes.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.block_diag(lnp.array([[1, 2]]), lnp.array([[3], [4]]))
    Array([[1, 2, 0],
           [0, 0, 3],
           [0, 0, 4]], dtype=int32)
    """
    arrays = [lnp.atleast_2d(lnp.asarray(x)) for x in arrs] or [lnp.zeros((1, 0))]
    for i, x in enumerate(arrays):
        if x.ndim > 2:
            raise errors.ShapeError("scipy.linalg.block_diag", f"argument {i} must be a matrix", given=x.shape)
    arrays = promoted("block_diag", *arrays, names=("arrs",) * len(arrays))
    width, start, rows = sum(x.shape[1] for x in arrays), 0, []
    for x in arrays:
        rows.append(lnp.pad(x, ((0, 0), (start, width - start - x.shape[1]))))
        start += x.shape[1]
    return lnp.concatenate(rows, axis=0)

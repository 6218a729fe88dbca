"""Matrices of known numbers: they are computed exactly where they are integers."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from lamina import dtypes
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array


def _float() -> np.dtype:
    return dtypes.canonicalize_dtype(float)


@api_boundary
def hilbert(n: int) -> Array:
    """The n by n Hilbert matrix, ``1 / (i + j + 1)``.

    >>> import lamina.scipy.linalg as sla
    >>> sla.hilbert(2)
    Array([[1.        , 0.5       ],
           [0.5       , 0.33333334]], dtype=float32)
    """
    i, j = np.ogrid[:n, :n]
    return lnp.asarray(1 / (i + j + 1), _float())


@api_boundary
def invhilbert(n: int) -> Array:
    """The inverse of the n by n Hilbert matrix, of integers.

    >>> import lamina.scipy.linalg as sla
    >>> sla.invhilbert(2)
    Array([[ 4., -6.],
           [-6., 12.]], dtype=float32)
    """

    def element(i: int, j: int) -> int:
        both = i + j
        product = math.comb(n + i, n - j - 1) * math.comb(n + j, n - i - 1) * math.comb(both, i) ** 2
        return (-1) ** both * (both + 1) * product

    return lnp.asarray(_of_integers(n, element), _float())


def _of_integers(n: int, element: Any) -> np.ndarray:
    """Exact integers, rounded once."""
    return np.array([[float(element(i, j)) for j in range(n)] for i in range(n)]).reshape(n, n)


@api_boundary
def pascal(n: int, kind: str | None = None) -> Array:
    """The n by n Pascal matrix: "symmetric" (the default) ``(i + j)! / (i! j!)``, or its "lower" or "upper" factor.

    Raises: ValueError for another kind.

    >>> import lamina.scipy.linalg as sla
    >>> sla.pascal(3, kind="lower")
    Array([[1., 0., 0.],
           [1., 1., 0.],
           [1., 2., 1.]], dtype=float32)
    """
    kind = _kind("pascal", kind)
    if kind == "symmetric":
        return lnp.asarray(_of_integers(n, lambda i, j: math.comb(i + j, i)), np.float32)
    lower = _of_integers(n, math.comb)
    return lnp.asarray(lower if kind == "lower" else lower.T, np.float32)


@api_boundary
def invpascal(n: int, kind: str | None = None) -> Array:
    """The inverse of the n by n Pascal matrix of the same kind.

    Raises: ValueError for another kind.

    >>> import lamina.scipy.linalg as sla
    >>> sla.invpascal(2)
    Array([[ 2., -1.],
           [-1.,  1.]], dtype=float32)
    """
    kind = _kind("invpascal", kind)

    def lower(i: int, j: int) -> int:
        return (-1) ** (i + j) * math.comb(i, j)

    if kind == "symmetric":
        matrix = _of_integers(n, lambda i, j: sum(lower(k, i) * lower(k, j) for k in range(n)))
    else:
        matrix = _of_integers(n, lower if kind == "lower" else lambda i, j: lower(j, i))
    return lnp.asarray(matrix, _float())


def _kind(function: str, kind: str | None) -> str:
    if kind not in (None, "symmetric", "lower", "upper"):
        raise ValueError(f"`scipy.linalg.{function}`: kind is 'symmetric', 'lower' or 'upper', not {kind!r}.")
    return kind or "symmetric"


@api_boundary
def helmert(n: int, full: bool = False) -> Array:
    """The n - 1 by n Helmert matrix, with orthonormal rows that sum to 0; `full` adds the constant row.

    Raises: ValueError unless n is positive.

    >>> import lamina.scipy.linalg as sla
    >>> sla.helmert(2)
    Array([[ 0.70710677, -0.70710677]], dtype=float32)
    """
    if n < 1:
        raise ValueError(f"`scipy.linalg.helmert`: n must be positive, not {n}.")
    row, column = np.ogrid[1:n, :n]
    matrix = np.where(column < row, 1.0, np.where(column == row, -row, 0)) / np.sqrt(row * (row + 1))
    if full:
        matrix = np.concatenate([np.full((1, n), 1 / math.sqrt(n)), matrix])
    return lnp.asarray(matrix, _float())


@api_boundary
def hadamard(n: int, dtype: Any = int) -> Array:
    """The n by n Hadamard matrix of ones and minus ones with orthogonal rows (Sylvester).

    Raises: ValueError unless n is a power of 2.

    >>> import lamina.scipy.linalg as sla
    >>> sla.hadamard(2)
    Array([[ 1,  1],
           [ 1, -1]], dtype=int32)
    """
    n = operator.index(n)
    if n < 1 or n & (n - 1):
        raise ValueError(f"`scipy.linalg.hadamard`: n must be a power of 2, not {n}.")
    i, j = np.ogrid[:n, :n]
    odd = np.bitwise_count(i & j) % 2
    return lnp.asarray(1 - 2 * odd.astype(np.int8), dtype)


@api_boundary
def dft(n: int, scale: str | None = None, *, dtype: Any = None) -> Array:
    """The matrix of the discrete Fourier transform, ``exp(-2πi j k / n)``.

    Args:
        scale: divide by √n ("sqrtn") or n ("n").
        dtype: a complex one.

    Raises: ValueError for another scale or dtype.

    >>> import lamina.scipy.linalg as sla
    >>> sla.dft(2).real
    Array([[ 1.,  1.],
           [ 1., -1.]], dtype=float32)
    """
    if scale not in (None, "sqrtn", "n"):
        raise ValueError(f"`scipy.linalg.dft`: scale is None, 'sqrtn' or 'n', not {scale!r}.")
    chosen = dtypes.canonicalize_dtype(complex) if dtype is None else dtypes.check_user_dtype_supported(dtype)
    if chosen.kind != "c":
        raise ValueError(f"`scipy.linalg.dft`: dtype must be complex, not {chosen}.")
    i, j = np.ogrid[:n, :n]
    roots = np.exp(-2j * np.pi * np.arange(n) / max(n, 1))
    divisor = {None: 1, "sqrtn": math.sqrt(n), "n": n}[scale]
    return lnp.asarray(roots[(i * j) % max(n, 1)] / divisor, chosen)

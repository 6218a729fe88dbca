"""Distributions that need factorizations of matrices."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import promoted
from lamina.random._arguments import as_shape, result_dtype, result_shape
from lamina.random._keys import use
from lamina.random._normal import normal_of


def multivariate_normal(
    key: Any,
    mean: Any,
    cov: Any,
    shape: Any = None,
    dtype: Any = None,
    method: str = "cholesky",
    *,
    out_sharding: Any = None,
) -> Array:
    """Normal vectors of a mean and covariance, along the last axis.

    Args:
        key: a random key.
        mean: of shape (..., n).
        cov: positive definite matrices of shape (..., n, n); with "svd" or "eigh" semidefinite ones.
        shape: of the result without the last axis; default: the common one of mean and cov without theirs.
        dtype: a float dtype; default: that of mean and cov.
        method: how the root of the covariance is taken: "cholesky", "eigh" or "svd".

    Raises: ValueError for other shapes, methods and dtypes.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.random.multivariate_normal(la.random.key(0), lnp.zeros(2), lnp.array([[2.0, 1.0], [1.0, 2.0]]))
    Array([2.2947624, 3.6278138], dtype=float32)
    """
    words = use("multivariate_normal", key)
    mean, cov = promoted("random.multivariate_normal", mean, cov, names=("mean", "cov"), inexact=True)
    if method not in _ROOTS:
        listed = ", ".join(map(repr, _ROOTS))
        raise ValueError(f"random.multivariate_normal: method is one of {listed}, not {method!r}.")
    found = result_dtype("multivariate_normal", mean.dtype if dtype is None else dtype)
    n = mean.shape[-1] if mean.ndim else 0
    if not mean.ndim or cov.shape[-2:] != (n, n):
        raise ValueError(
            "random.multivariate_normal: `mean` has the shape (..., n) and `cov` (..., n, n), "
            f"but they are {mean.shape} and {cov.shape}."
        )
    shape = result_shape("multivariate_normal", shape, mean.shape[:-1], cov.shape[:-2])
    return mean + lnp.einsum("...ij,...j->...i", _ROOTS[method](cov), normal_of(words, (*shape, n), found))


def _root_by_svd(cov: Array) -> Array:
    u, s, _ = lnp.linalg.svd(cov)
    return u * lnp.sqrt(s[..., None, :])


def _root_by_eigh(cov: Array) -> Array:
    w, v = lnp.linalg.eigh(cov)
    return v * lnp.sqrt(w[..., None, :])


_ROOTS = {"cholesky": lambda cov: lnp.linalg.cholesky(cov), "eigh": _root_by_eigh, "svd": _root_by_svd}


def orthogonal(
    key: Any, n: int, shape: Any = (), dtype: Any = None, m: int | None = None, *, out_sharding: Any = None
) -> Array:
    """Uniformly distributed orthogonal matrices, unitary ones for a complex dtype; the result has shape (*shape, n, m).

    Args:
        key: a random key.
        n, m: numbers of rows and columns; default of m: n. If they differ the shorter ones are orthonormal.
        shape: of the batch.
        dtype: a float or complex dtype; default: float32, or float64 with ``enable_x64``.

    F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54 (2007).

    >>> import lamina as la
    >>> la.random.orthogonal(la.random.key(0), 2)
    Array([[ 0.9661029 ,  0.25815725],
           [-0.25815725,  0.9661029 ]], dtype=float32)
    """
    shape, found = as_shape("orthogonal", shape), result_dtype("orthogonal", dtype, np.inexact)
    n = operator.index(n)
    m = n if m is None else operator.index(m)
    q, r = lnp.linalg.qr(normal_of(use("orthogonal", key), (*shape, max(n, m), min(n, m)), found))
    x = q * lnp.sign(lnp.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
    return x.mT if n < m else x

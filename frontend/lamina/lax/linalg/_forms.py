"""Unitary similarity: Schur, Hessenberg and tridiagonal form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax.linalg._matrices import apply, inexact


@api_boundary
def schur(
    x: Any,
    *,
    compute_schur_vectors: bool = True,
    sort_eig_vals: bool = False,
    select_callable: Callable[..., Any] | None = None,
) -> tuple[Array, ...]:
    """The Schur form T and the unitary Q with ``x = Q T Qᴴ``, of matrices ``[..., n, n]``: (t, q), or (t,).

    T is upper triangular; for real matrices it has a 2 by 2 block on the diagonal for a pair of complex eigenvalues.
    Raises NotImplementedError for `sort_eig_vals`, NoDerivativeError when differentiated.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.schur(lnp.array([[1.0, 2.0], [0.0, 3.0]]))[0]
    Array([[1., 2.],
           [0., 3.]], dtype=float32)
    """
    if sort_eig_vals:
        raise NotImplementedError("lax.linalg.schur does not sort eigenvalues; call it with sort_eig_vals=False.")
    t, q = apply("schur", inexact("schur", x), vectors=bool(compute_schur_vectors))
    return (t, q) if compute_schur_vectors else (t,)


@api_boundary
def hessenberg(a: Any) -> tuple[Array, Array]:
    """The Hessenberg form H with ``a = Q H Qᴴ``, zero below the first subdiagonal, of matrices ``[..., n, n]``.

    Returns:
        a: H, and in place of its zeros the vectors of the reflectors that Q is the product of.
        taus: the factors of the reflectors, ``[..., n - 1]``; see `householder_product`.

    Raises NoDerivativeError when differentiated.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.hessenberg(lnp.eye(3))[1]
    Array([0., 0.], dtype=float32)
    """
    return apply("hessenberg", inexact("hessenberg", a, "a"))


@api_boundary
def tridiagonal(a: Any, *, lower: bool = True) -> tuple[Array, Array, Array, Array]:
    """The tridiagonal form T with ``a = Q T Qᴴ`` of Hermitian matrices ``[..., n, n]``, of which one triangle is read.

    Returns:
        a: T, and beyond it the vectors of the reflectors that Q is the product of.
        d: its diagonal, real ``[..., n]``.
        e: the diagonal beside it, real ``[..., n - 1]``.
        taus: the factors of the reflectors, ``[..., n - 1]``.

    Raises NoDerivativeError when differentiated.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.tridiagonal(lnp.array([[1.0, 2.0], [2.0, 3.0]]))[1:3]
    (Array([1., 3.], dtype=float32), Array([2.], dtype=float32))
    """
    return apply("tridiagonal", inexact("tridiagonal", a, "a"), lower=bool(lower))

"""Triangular factorizations: Cholesky, LU, QR."""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax._operands import as_operand, same_dtype
from lamina.lax._shapes import concatenate, expand_dims, full_like
from lamina.lax.linalg._matrices import apply, as_rows, eye_like, inexact, symmetrized, triu


@api_boundary
def cholesky(x: Any, *, symmetrize_input: bool = True) -> Array:
    """The lower triangular L with L Lᴴ = x, for Hermitian positive definite matrices; nan for others.

    Args:
        x: ``[..., n, n]``.
        symmetrize_input: average x and its conjugate transpose first; otherwise only the lower triangle is read.

    Raises ShapeError if x holds no square matrices, DTypeError for half precision.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.cholesky(lnp.array([[4.0, 2.0], [2.0, 5.0]]))
    Array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    x = inexact("cholesky", x)
    return apply("cholesky", symmetrized(x) if symmetrize_input else x)


@api_boundary
def cholesky_update(r_matrix: Any, w_vector: Any) -> Array:
    """The upper triangular factor of RᴴR + w̄ wᵀ, from R ``[..., n, n]`` and w ``[..., n]``.

    It is the R factor of the QR factorization of R with w below it. Raises ShapeError where the shapes do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.cholesky_update(lnp.array([[3.0]]), lnp.array([4.0]))
    Array([[5.]], dtype=float32)
    """
    name = "cholesky_update"
    r, w = same_dtype(f"linalg.{name}", inexact(name, r_matrix, "r_matrix"), inexact(name, w_vector, "w_vector"))
    if r.ndim < 2 or r.shape[-1] != r.shape[-2] or w.shape != r.shape[:-1]:
        raise errors.ShapeError(
            f"linalg.{name}",
            "a vector as long as the square matrix is large is needed",
            r_matrix=r.shape,
            w_vector=w.shape,
        )
    _, updated, _ = apply(
        "qr", concatenate([r, expand_dims(w, [w.ndim - 1])], r.ndim - 2), pivoting=False, full_matrices=False
    )
    diagonal = (updated * eye_like(updated)).sum(-1)
    sign = apply("select", diagonal.real >= 0, full_like(diagonal, 1), full_like(diagonal, -1))
    return triu(updated * as_rows(sign, updated.shape[-1]))  # no -0 below the diagonal


@api_boundary
def lu(x: Any) -> tuple[Array, Array, Array]:
    """The LU factorization with partial pivoting, ``P x = L U``, of matrices ``[..., m, n]``.

    Returns:
        lu: U in the upper triangle, below it L, whose diagonal is 1.
        pivots: int32 ``[..., min(m, n)]``; row i was swapped with row pivots[i], one i after the other.
        permutation: int32 ``[..., m]``; the rows of P x are ``x[permutation]``.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.lu(lnp.array([[1.0, 2.0], [4.0, 4.0]]))
    (Array([[4.  , 4.  ],
           [0.25, 1.  ]], dtype=float32), Array([1, 1], dtype=int32), Array([1, 0], dtype=int32))
    """
    return apply("lu", inexact("lu", x))


@api_boundary
def lu_pivots_to_permutation(pivots: Any, permutation_size: int) -> Array:
    """The order of rows that swapping row i with row pivots[i] leads to, one i after the other: int32 ``[..., size]``.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.lu_pivots_to_permutation(lnp.array([2, 2]), 3)
    Array([2, 0, 1], dtype=int32)
    """
    pivots = as_operand("linalg.lu_pivots_to_permutation", pivots, "pivots")
    return apply("lu_pivots_to_permutation", pivots, rows=int(permutation_size))


@api_boundary
def qr(
    x: Any, *, pivoting: bool = False, full_matrices: bool = True, use_magma: bool | None = None
) -> tuple[Array, ...]:
    """The QR factorization, ``x = Q R``, or with pivoting ``x[:, p] = Q R``: (q, r) or (q, r, p).

    Args:
        x: ``[..., m, n]``.
        pivoting: order the columns so that the diagonal of R does not grow; p is int32 ``[..., n]``.
        full_matrices: Q ``[..., m, m]`` and R ``[..., m, n]``; otherwise Q ``[..., m, k]`` and R ``[..., k, n]`` with
            ``k = min(m, n)``.
        use_magma: has no meaning here.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> q, r = la.lax.linalg.qr(lnp.array([[3.0], [4.0]]), full_matrices=False)
    >>> r
    Array([[-5.]], dtype=float32)
    """
    q, r, p = apply("qr", inexact("qr", x), pivoting=bool(pivoting), full_matrices=bool(full_matrices))
    return (q, r, p) if pivoting else (q, r)

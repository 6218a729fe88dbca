"""Triangular factorizations, determinants and inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import linalg as lax_linalg
from lamina.lax.linalg._lu_solve import rows_in_order
from lamina.lax.linalg._matrices import adjoint, apply
from lamina.scipy.linalg._operands import inexact, square


@api_boundary
def cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Array:
    """The upper triangular R with ``Rᴴ R = a``, or the `lower` triangular L with ``L Lᴴ = a``.

    Only the upper (lower) triangle of a ``[..., n, n]`` is read; what is not positive definite gives nan. Raises:
    ShapeError if a holds no square matrices.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.cholesky(lnp.array([[4.0, 2.0], [2.0, 5.0]]))
    Array([[2., 1.],
           [0., 2.]], dtype=float32)
    """
    a = square("cholesky", a)
    factor = lax_linalg.cholesky(a if lower else adjoint(a), symmetrize_input=False)
    return factor if lower else adjoint(factor)


@api_boundary
def cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Array, bool]:
    """What `cho_solve` takes: the factor of `cholesky`, and whether it is the lower one.

    >>> import lamina.numpy as lnp, lamina.scipy.linalg as sla
    >>> sla.cho_factor(lnp.array([[4.0, 2.0], [2.0, 10.0]]), lower=True)
    (Array([[2., 0.],
           [1., 3.]], dtype=float32), True)
    """
    return cholesky(a, lower=lower), lower


@api_boundary
def det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Array:
    """Determinants; see `lamina.numpy.linalg.det`.

    >>> import lamina.numpy as lnp, lamina.scipy.linalg as sla
    >>> sla.det(lnp.array([[1.0, 2.0], [3.0, 4.0]]))
    Array(-2., dtype=float32)
    """
    return lnp.linalg.det(lnp.asarray(a))


@api_boundary
def inv(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Array:
    """Inverses; see `lamina.numpy.linalg.inv`.

    >>> import lamina.numpy as lnp, lamina.scipy.linalg as sla
    >>> sla.inv(lnp.array([[2.0, 0.0], [0.0, 4.0]]))
    Array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    return lnp.linalg.inv(lnp.asarray(a))


@api_boundary
def lu_factor(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Array, Array]:
    """What `lu_solve` takes: L and U in one matrix, and the pivots; see `lamina.lax.linalg.lu`.

    >>> import lamina.numpy as lnp, lamina.scipy.linalg as sla
    >>> sla.lu_factor(lnp.array([[1.0, 2.0], [2.0, 8.0]]))
    (Array([[ 2. ,  8. ],
           [ 0.5, -2. ]], dtype=float32), Array([1, 1], dtype=int32))
    """
    factors, pivots, _ = lax_linalg.lu(*inexact(a))
    return factors, pivots


@api_boundary
def lu(a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> tuple[Array, ...]:
    """The LU factorization with partial pivoting, ``a = p l u``: (p, l, u), or (p l, u) with `permute_l`.

    Args:
        a: ``[..., m, n]``; l is ``[..., m, k]`` with ones on the diagonal, u is ``[..., k, n]``, ``k = min(m, n)``.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.lu(lnp.array([[1.0, 2.0], [4.0, 4.0]]), permute_l=True)[0]
    Array([[0.25, 1.  ],
           [1.  , 0.  ]], dtype=float32)
    """
    (a,) = inexact(a)
    factors, _, order = lax_linalg.lu(a)
    m, n = a.shape[-2:]
    k = min(m, n)
    lower = lnp.tril(factors, -1)[..., :k] + lnp.eye(m, k, dtype=a.dtype)
    upper = lnp.triu(factors)[..., :k, :]
    rows = order[..., None, :] == lnp.arange(m, dtype=np.int32)[:, None]
    if permute_l:
        went = lnp.where(rows, lnp.arange(m, dtype=np.int32), 0).sum(-1, dtype=np.int32)
        return rows_in_order(lower, went), upper
    return rows.astype(lnp.finfo(a.dtype).dtype), lower, upper


@api_boundary
def qr(
    a: Any,
    overwrite_a: bool = False,
    lwork: Any = None,
    mode: str = "full",
    pivoting: bool = False,
    check_finite: bool = True,
) -> tuple[Array, ...]:
    """The QR factorization ``a = Q R``, or ``a[:, p] = Q R`` with pivoting: (q, r), (q, r, p), (r,) or (r, p).

    `mode`: "full" for a square Q, "economic" for min(m, n) columns, "r" for R alone. Raises: ValueError for another.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.qr(lnp.array([[3.0], [4.0]]), mode="economic")[1]
    Array([[-5.]], dtype=float32)
    """
    if mode not in ("full", "r", "economic"):
        raise ValueError(f"`scipy.linalg.qr`: mode is 'full', 'economic' or 'r', not {mode!r}.")
    parts = lax_linalg.qr(*inexact(a), pivoting=pivoting, full_matrices=mode != "economic")
    return parts[1:] if mode == "r" else parts


@api_boundary
def qr_multiply(
    a: Any,
    c: Any,
    mode: str = "right",
    pivoting: bool = False,
    conjugate: bool = False,
    overwrite_a: bool = False,
    overwrite_c: bool = False,
) -> tuple[Array, ...]:
    """c Q (or Q c for mode "left") and R, from the QR factorization of a with min(m, n) columns of Q.

    Args:
        a: ``[..., m, n]``.
        c: ``[..., p, m]``, for "left" ``[..., k, p]`` with ``k = min(m, n)``; or a vector.
        pivoting: give the order of columns as a third result.
        conjugate: use the complex conjugate of Q.

    Raises: ValueError for another mode, ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.qr_multiply(lnp.array([[3.0], [4.0]]), lnp.array([3.0, 4.0]))[0]
    Array([-5.], dtype=float32)
    """
    if mode not in ("right", "left"):
        raise ValueError(f"`scipy.linalg.qr_multiply`: mode is 'right' or 'left', not {mode!r}.")
    a, c = inexact(a, c)
    left, is_vector = mode == "left", c.ndim == 1
    c = (c[:, None] if left else c[None, :]) if is_vector else c
    size = min(a.shape[-2:]) if left else a.shape[-2]
    if c.ndim < 2 or c.shape[-2 if left else -1] != size:
        problem = f"c must have {size} {'rows' if left else 'columns'}"
        raise errors.ShapeError("scipy.linalg.qr_multiply", problem, a=a.shape, c=c.shape)
    q, r, p = apply("qr", a, pivoting=bool(pivoting), full_matrices=False)
    q = q.conj() if conjugate else q
    product = q @ c if left else c @ q
    product = product.ravel() if is_vector else product
    return (product, r, p) if pivoting else (product, r)

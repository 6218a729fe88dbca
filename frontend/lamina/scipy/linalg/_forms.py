"""Schur and Hessenberg form."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, errors, lax
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import linalg as lax_linalg
from lamina.scipy.linalg._operands import check_square, inexact, square


@api_boundary
def schur(a: Any, output: str = "real") -> tuple[Array, Array]:
    """The Schur form T and the unitary Z with ``a = Z T Zᴴ``, of matrices ``[..., n, n]``.

    `output`: "real" keeps real matrices real, with a 2 by 2 block on the diagonal for a pair of complex eigenvalues;
    "complex" makes T upper triangular in any case. Raises: ValueError for another output.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.schur(lnp.array([[1.0, 2.0], [0.0, 3.0]]))[0]
    Array([[1., 2.],
           [0., 3.]], dtype=float32)
    """
    if output not in ("real", "complex"):
        raise ValueError(f"`scipy.linalg.schur`: output is 'real' or 'complex', not {output!r}.")
    a = square("schur", a)
    t, z = lax_linalg.schur(a.astype(dtypes.to_complex_dtype(a.dtype)) if output == "complex" else a)
    return t, z


@api_boundary
def hessenberg(a: Any, *, calc_q: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    """The Hessenberg form H with ``a = Q H Qᴴ``, zero below the first subdiagonal; (H, Q) with `calc_q`.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.hessenberg(lnp.array([[1.0, 2.0], [3.0, 4.0]]))
    Array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    a = square("hessenberg", a)
    packed, taus = lax_linalg.hessenberg(a)
    form = lnp.triu(packed, -1)
    if not calc_q:
        return form
    n = a.shape[-1]
    q = lnp.broadcast_to(lnp.eye(n, dtype=a.dtype), a.shape)
    if n > 1:  # all but the first row and column
        product = lax_linalg.householder_product(packed[..., 1:, :-1], taus)
        q = q.at[..., 1:, 1:].set(product)
    return form, q


@api_boundary
def rsf2csf(T: Any, Z: Any, check_finite: bool = True) -> tuple[Array, Array]:
    """The complex Schur form from a real one: T becomes upper triangular, Z stays unitary, and so does ``Z T Zᴴ``.

    Args:
        T, Z: ``[..., n, n]``, what `schur` gives of real matrices.

    Each 2 by 2 block is made triangular by a Givens rotation to an eigenvector (Golub, Van Loan). Raises: ShapeError
    where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> t, z = sla.rsf2csf(lnp.array([[0.0, 1.0], [-1.0, 0.0]]), lnp.eye(2))
    >>> lnp.diagonal(t).round(3)
    Array([0.+1.j, 0.-1.j], dtype=complex64)
    """
    t, z = inexact(T, Z)
    check_square("rsf2csf", t, "T")
    check_square("rsf2csf", z, "Z")
    if t.shape[-1] != z.shape[-1]:
        raise errors.ShapeError("scipy.linalg.rsf2csf", "T and Z must be of one size", T=t.shape, Z=z.shape)
    dtype = dtypes.to_complex_dtype(t.dtype)
    return lnp.vectorize(_made_triangular, signature="(n,n),(n,n)->(n,n),(n,n)")(t.astype(dtype), z.astype(dtype))


def _made_triangular(t: Array, z: Array) -> tuple[Array, Array]:
    n = t.shape[0]

    def step(i: Any, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        first = n - 2 - i
        return lax.cond(carry[0][first + 1, first] != 0, _rotated, lambda first, t, z: (t, z), first, *carry)

    return lax.fori_loop(0, n - 1, step, (t, z)) if n > 1 else (t, z)


def _rotated(first: Any, t: Array, z: Array) -> tuple[Array, Array]:
    """A similarity in two rows and columns that makes the element below the diagonal 0."""
    rows = lax.dynamic_slice_in_dim(t, first, 2, axis=0)
    block = lax.dynamic_slice_in_dim(rows, first, 2, axis=1)
    a, b, c, d = block[0, 0], block[0, 1], block[1, 0], block[1, 1]
    half = (a - d) / 2
    shift = half + lnp.sqrt(half * half + b * c)  # an eigenvalue of the block, less d
    length = lnp.sqrt(lnp.abs(shift) ** 2 + lnp.abs(c) ** 2).astype(t.dtype)
    cosine, sine = shift / length, c / length  # of the angle to its eigenvector (shift, c)
    turn = lnp.array([[cosine.conj(), sine.conj()], [-sine, cosine]])
    t = lax.dynamic_update_slice_in_dim(t, turn @ rows, first, axis=0)
    columns = lax.dynamic_slice_in_dim(t, first, 2, axis=1) @ turn.conj().T
    t = lax.dynamic_update_slice_in_dim(t, columns, first, axis=1)
    t = t.at[first + 1, first].set(np.zeros((), t.dtype))
    columns = lax.dynamic_slice_in_dim(z, first, 2, axis=1) @ turn.conj().T
    return t, lax.dynamic_update_slice_in_dim(z, columns, first, axis=1)

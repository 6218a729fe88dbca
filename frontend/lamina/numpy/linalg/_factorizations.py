"""Factorizations, eigenvalues and singular values."""

from __future__ import annotations

from typing import Any, NamedTuple

from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import linalg as lax_linalg
from lamina.lax.linalg._matrices import apply, symmetrized
from lamina.numpy import _elementwise as e
from lamina.numpy._sorting import argsort
from lamina.numpy._taking import take_along_axis
from lamina.numpy.linalg._operands import adjoint, matrices


class QRResult(NamedTuple):
    """What `qr` returns."""

    Q: Array
    R: Array


class EigResult(NamedTuple):
    """What `eig` returns."""

    eigenvalues: Array
    eigenvectors: Array


class EighResult(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Array
    eigenvectors: Array


class SVDResult(NamedTuple):
    """What `svd` returns."""

    U: Array
    S: Array
    Vh: Array


@api_boundary
def cholesky(a: Any, *, upper: bool = False, symmetrize_input: bool = True) -> Array:
    """The lower triangular L with ``L Lᴴ = a`` of Hermitian positive definite matrices; nan for others.

    Args:
        a: ``[..., n, n]``.
        upper: give ``Lᴴ`` instead.
        symmetrize_input: average a and its conjugate transpose first; otherwise only the lower triangle is read.

    Raises: ShapeError if a holds no square matrices, DTypeError for half precision.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.cholesky(lnp.array([[4.0, 2.0], [2.0, 5.0]]), upper=True)
    Array([[2., 1.],
           [0., 2.]], dtype=float32)
    """
    a = matrices("cholesky", a, square=True)
    factor = lax_linalg.cholesky(a, symmetrize_input=symmetrize_input)
    return adjoint(factor) if upper else factor


@api_boundary
def qr(a: Any, mode: str = "reduced") -> Any:
    """The QR factorization ``a = Q R`` of matrices ``[..., m, n]``: Q with orthonormal columns, R upper triangular.

    `mode`: "reduced" (or "full", its old name): Q ``[..., m, k]``, R ``[..., k, n]`` with ``k = min(m, n)``;
    "complete": Q ``[..., m, m]``, R ``[..., m, n]``; "r": R alone; "raw": (h, tau) of the Householder reflectors, h
    transposed.

    Raises: ValueError for another mode, ShapeError if a holds no matrices.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.qr(lnp.array([[3.0], [4.0]])).R
    Array([[-5.]], dtype=float32)
    """
    a = matrices("qr", a)
    if mode == "raw":
        packed, taus = apply("geqrf", a)
        return QRResult(packed.mT, taus)
    if mode not in ("reduced", "full", "r", "complete"):
        raise ValueError(f"`lnp.linalg.qr`: mode is 'reduced', 'complete', 'r' or 'raw', not {mode!r}.")
    q, r = lax_linalg.qr(a, full_matrices=mode == "complete")
    return r if mode == "r" else QRResult(q, r)


@api_boundary
def eig(a: Any) -> EigResult:
    """Eigenvalues ``[..., n]`` and eigenvectors (as columns, of length 1) of general matrices, both complex.

    Raises: ShapeError if a holds no square matrices; NoDerivativeError where the eigenvectors are differentiated (see
    `lamina.lax.linalg.eig`).

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.eig(lnp.array([[0.0, 1.0], [-1.0, 0.0]])).eigenvalues
    Array([0.+1.j, 0.-1.j], dtype=complex64)
    """
    w, v = lax_linalg.eig(matrices("eig", a, square=True), compute_left_eigenvectors=False)
    return EigResult(w, v)


@api_boundary
def eigvals(a: Any) -> Array:
    """Eigenvalues ``[..., n]`` of general matrices, complex.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.eigvals(lnp.array([[0.0, -1.0], [1.0, 0.0]]))
    Array([0.+1.j, 0.-1.j], dtype=complex64)
    """
    a = matrices("eigvals", a, square=True)
    return lax_linalg.eig(a, compute_left_eigenvectors=False, compute_right_eigenvectors=False)[0]


@api_boundary
def eigh(a: Any, UPLO: str | None = None, symmetrize_input: bool = True) -> EighResult:
    """Eigenvalues in increasing order, and unit eigenvectors as columns, of Hermitian matrices.

    Args:
        a: ``[..., n, n]``.
        UPLO: "L" or "U", the triangle that is read if `symmetrize_input` is off.
        symmetrize_input: average a and its conjugate transpose first.

    The derivative is not finite where eigenvalues are repeated. Raises: ValueError for another UPLO, ShapeError if a
    holds no square matrices.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.eigh(lnp.array([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    Array([1., 3.], dtype=float32)
    """
    a = matrices("eigh", a, square=True)
    v, w = lax_linalg.eigh(a, lower=_is_lower("eigh", UPLO), symmetrize_input=symmetrize_input)
    return EighResult(w, v)


@api_boundary
def eigvalsh(a: Any, UPLO: str | None = "L", *, symmetrize_input: bool = True) -> Array:
    """Eigenvalues of Hermitian matrices in increasing order; see `eigh`.

    >>> import lamina.numpy as lnp
    >>> lnp.round(lnp.linalg.eigvalsh(lnp.array([[2.0, 1.0], [1.0, 2.0]])), 4)
    Array([1., 3.], dtype=float32)
    """
    a = matrices("eigvalsh", a, square=True)
    a = symmetrized(a) if symmetrize_input else a
    return apply("eigh", a, lower=_is_lower("eigvalsh", UPLO), vectors=False)[0]


def _is_lower(function: str, uplo: str | None) -> bool:
    if uplo not in (None, "L", "U"):
        raise ValueError(f"`lnp.linalg.{function}`: UPLO is 'L', 'U' or None, not {uplo!r}.")
    return uplo != "U"


@api_boundary
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    hermitian: bool = False,
    subset_by_index: tuple[int, int] | None = None,
) -> Any:
    """The singular value decomposition ``a = U diag(S) Vh`` of matrices ``[..., m, n]``; S alone if not `compute_uv`.

    Args:
        full_matrices: U ``[..., m, m]`` and Vh ``[..., n, n]``; otherwise ``[..., m, k]`` and ``[..., k, n]`` with
            ``k = min(m, n)``.
        hermitian: a is Hermitian, and the faster `eigh` does it.
        subset_by_index: None, or (0, k).

    The derivative of U and Vh is not finite where singular values are repeated or zero. Raises: ShapeError if a holds
    no matrices, NotImplementedError for a subset.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.svd(lnp.array([[3.0, 0.0], [0.0, 4.0]])).S
    Array([4., 3.], dtype=float32)
    """
    a = matrices("svd", a, square=hermitian)
    if not hermitian:
        result = lax_linalg.svd(a, full_matrices=full_matrices, compute_uv=compute_uv, subset_by_index=subset_by_index)
        return SVDResult(*result) if compute_uv else result
    if not compute_uv:
        w = eigvalsh(a)
        return take_along_axis(e.abs(w), argsort(e.abs(w), descending=True), axis=-1)
    v, w = lax_linalg.eigh(a, subset_by_index=subset_by_index)
    order = argsort(e.abs(w), descending=True)
    w = take_along_axis(w, order, axis=-1)
    u = take_along_axis(v, order[..., None, :], axis=-1)
    return SVDResult(u, e.abs(w), adjoint(u * e.sign(w).astype(u.dtype)[..., None, :]))


@api_boundary
def svdvals(x: Any, /) -> Array:
    """Singular values of matrices in decreasing order, ``[..., min(m, n)]``.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.svdvals(lnp.array([[3.0, 0.0], [0.0, -4.0]]))
    Array([4., 3.], dtype=float32)
    """
    return svd(x, compute_uv=False)

"""Eigenvalues and singular values."""

from __future__ import annotations

import enum
import warnings
from typing import Any

from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax.linalg._matrices import apply, inexact, symmetrized


class EigImplementation(enum.Enum):
    """Libraries for eigenvalues of general matrices; here there is LAPACK.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.linalg.eig(lnp.diag(lnp.array([1.0, 2.0])), implementation=lax.linalg.EigImplementation.LAPACK)[0]
    Array([1.+0.j, 2.+0.j], dtype=complex64)
    """

    CUSOLVER = "cusolver"
    MAGMA = "magma"
    LAPACK = "lapack"


class EighImplementation(enum.Enum):
    """Algorithms for eigenvalues of Hermitian matrices; here there is QR.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.linalg.eigh(lnp.diag(lnp.array([1.0, 2.0])), implementation=lax.linalg.EighImplementation.QR)[1]
    Array([1., 2.], dtype=float32)
    """

    QR = "qr"
    JACOBI = "jacobi"
    QDWH = "qdwh"


class SvdAlgorithm(enum.Enum):
    """Algorithms for singular values; here the default is divide and conquer, which QR stands for too.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.linalg.svd(lnp.diag(lnp.array([3.0, 2.0])), compute_uv=False, algorithm=lax.linalg.SvdAlgorithm.QR)
    Array([3., 2.], dtype=float32)
    """

    DEFAULT = "default"
    QR = "QR"
    JACOBI = "Jacobi"
    POLAR = "polar"
    DIVIDE_AND_CONQUER = "divide_and_conquer"


@api_boundary
def eig(
    x: Any,
    *,
    compute_left_eigenvectors: bool = True,
    compute_right_eigenvectors: bool = True,
    enable_eigvec_derivs: bool = False,
    implementation: EigImplementation | None = None,
    use_magma: bool | None = None,
) -> list[Array]:
    """Eigenvalues of general matrices ``[..., n, n]``, and their eigenvectors as columns: [w, vl, vr], all complex.

    Args:
        compute_left_eigenvectors, compute_right_eigenvectors: whether vl (``vlᴴ x = w vlᴴ``) and vr (``x vr = w vr``)
            are among the results. They have length 1 and a real largest element.
        enable_eigvec_derivs: let eigenvectors be differentiated. The derivative is right where all eigenvalues are
            distinct, and no two elements of an eigenvector are largest, which cannot be checked beforehand.
        implementation: None or LAPACK.

    Raises NotImplementedError for another implementation; NoDerivativeError where eigenvectors are differentiated
    without `enable_eigvec_derivs`.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.eig(lnp.array([[0.0, 1.0], [-1.0, 0.0]]), compute_left_eigenvectors=False)[0]
    Array([0.+1.j, 0.-1.j], dtype=complex64)
    """
    if use_magma is not None:
        warnings.warn("use_magma is deprecated; it has no meaning here.", DeprecationWarning, stacklevel=2)
    _only("eig", implementation, EigImplementation.LAPACK)
    left, right = bool(compute_left_eigenvectors), bool(compute_right_eigenvectors)
    w, vl, vr = apply("eig", inexact("eig", x), left=left, right=right, vector_derivatives=bool(enable_eigvec_derivs))
    return [w, *[vl] * left, *[vr] * right]


@api_boundary
def eigh(
    x: Any,
    *,
    lower: bool = True,
    symmetrize_input: bool = True,
    sort_eigenvalues: bool = True,
    subset_by_index: tuple[int, int] | None = None,
    implementation: EighImplementation | None = None,
) -> tuple[Array, Array]:
    """Unit eigenvectors (as columns) and eigenvalues of Hermitian matrices ``[..., n, n]``: (v, w), w real.

    Args:
        lower: which triangle is read if `symmetrize_input` is off.
        symmetrize_input: average x and its conjugate transpose first.
        sort_eigenvalues: they are in increasing order in any case.
        subset_by_index: None, or (0, n).
        implementation: None or QR.

    The derivative is right where all eigenvalues are distinct, and not finite elsewhere. Raises NotImplementedError for
    a subset or another implementation.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.eigh(lnp.array([[2.0, 1.0], [1.0, 2.0]]))[1]
    Array([1., 3.], dtype=float32)
    """
    x = inexact("eigh", x)
    _only("eigh", implementation, EighImplementation.QR)
    _whole("eigh", subset_by_index, x.shape[-1:])
    w, v = apply("eigh", symmetrized(x) if symmetrize_input else x, lower=bool(lower), vectors=True)
    return v, w


@api_boundary
def svd(
    x: Any,
    *,
    full_matrices: bool = True,
    compute_uv: bool = True,
    subset_by_index: tuple[int, int] | None = None,
    algorithm: SvdAlgorithm | None = None,
) -> Any:
    """The singular value decomposition ``x = u diag(s) vh`` of matrices ``[..., m, n]``: (u, s, vh), or s alone.

    Args:
        full_matrices: u ``[..., m, m]`` and vh ``[..., n, n]``; otherwise ``[..., m, k]`` and ``[..., k, n]`` with
            ``k = min(m, n)``.
        compute_uv: whether there are u and vh beside the singular values s, real ``[..., k]`` in decreasing order.
        subset_by_index: None, or (0, k).
        algorithm: None, DEFAULT, QR or DIVIDE_AND_CONQUER.

    The derivative of u and vh is right where all singular values are distinct and not zero, and not finite elsewhere.
    Raises NotImplementedError for a subset or another algorithm.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.svd(lnp.array([[3.0, 0.0], [0.0, 4.0]]), compute_uv=False)
    Array([4., 3.], dtype=float32)
    """
    x = inexact("svd", x)
    _only("svd", algorithm, SvdAlgorithm.DEFAULT, SvdAlgorithm.QR, SvdAlgorithm.DIVIDE_AND_CONQUER)
    _whole("svd", subset_by_index, [min(x.shape[-2:], default=0)])
    s, u, vh = apply("svd", x, full_matrices=bool(full_matrices), vectors=bool(compute_uv))
    return (u, s, vh) if compute_uv else s


def _only(function: str, chosen: enum.Enum | None, *known: enum.Enum) -> None:
    """NotImplementedError for an algorithm that there is not."""
    if chosen is not None and chosen not in known:
        raise NotImplementedError(
            f"lax.linalg.{function} has no {chosen}; use None or one of {', '.join(map(str, known))}."
        )


def _whole(function: str, subset: tuple[int, int] | None, size: Any) -> None:
    """NotImplementedError for a part of the values."""
    if subset is not None and (len(size) != 1 or tuple(subset) != (0, size[0])):
        raise NotImplementedError(
            f"lax.linalg.{function} computes all values, not subset_by_index={subset}; take a slice of its results."
        )

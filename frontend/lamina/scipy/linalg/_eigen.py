"""Eigenvalues, singular values and the polar decomposition."""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import linalg as lax_linalg
from lamina.lax.linalg._matrices import adjoint, apply, symmetrized
from lamina.lax.linalg._qdwh import polar_factors
from lamina.scipy.linalg._operands import inexact, square


@api_boundary
def eigh(
    a: Any,
    b: Any = None,
    lower: bool = True,
    eigvals_only: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    turbo: bool = True,
    eigvals: Any = None,
    type: int = 1,
    check_finite: bool = True,
) -> Any:
    """Eigenvalues in increasing order, and unit eigenvectors as columns, of the Hermitian part of a ``[..., n, n]``.

    `eigvals_only`: the eigenvalues alone. Raises: NotImplementedError for generalized problems (`b`, `type`) and parts
    of the eigenvalues (`eigvals`).

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.eigh(lnp.array([[2.0, 1.0], [1.0, 2.0]]), eigvals_only=True)
    Array([1., 3.], dtype=float32)
    """
    if b is not None or type != 1 or eigvals is not None:
        raise NotImplementedError(
            "scipy.linalg.eigh takes one matrix and gives all eigenvalues: no b, type or eigvals."
        )
    a = symmetrized(square("eigh", a))
    w, v = apply("eigh", a, lower=bool(lower), vectors=not eigvals_only)
    return w if eigvals_only else (w, v)


@api_boundary
def svd(
    a: Any,
    full_matrices: bool = True,
    compute_uv: bool = True,
    overwrite_a: bool = False,
    check_finite: bool = True,
    lapack_driver: str = "gesdd",
) -> Any:
    """The singular value decomposition ``a = u diag(s) vh``: (u, s, vh), or s; see `lamina.lax.linalg.svd`.

    >>> import lamina.numpy as lnp, lamina.scipy.linalg as sla
    >>> sla.svd(lnp.array([[3.0, 0.0], [0.0, 4.0]]), compute_uv=False)
    Array([4., 3.], dtype=float32)
    """
    return lax_linalg.svd(*inexact(a), full_matrices=full_matrices, compute_uv=compute_uv)


@api_boundary
def polar(
    a: Any,
    side: str = "right",
    *,
    method: str = "qdwh",
    eps: float | None = None,
    max_iterations: int | None = None,
) -> tuple[Array, Array]:
    """The polar decomposition ``a = u p``, for side "left" ``a = p u``: (u, p). u has orthonormal columns (rows), p is
    Hermitian positive semidefinite.

    Args:
        a: ``[..., m, n]``.
        method: "qdwh" for matrices of full rank, with ``m >= n`` for "right" and ``m < n`` for "left"; or "svd".
        eps, max_iterations: see `lamina.lax.linalg.qdwh`.

    Raises: ValueError for another side or method, NotImplementedError for shapes that "qdwh" does not take.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.polar(lnp.array([[0.0, -2.0], [3.0, 0.0]]), method="svd")[1].round(3)
    Array([[3., 0.],
           [0., 2.]], dtype=float32)
    """
    (a,) = inexact(a)
    if a.ndim < 2:
        raise errors.ShapeError("scipy.linalg.polar", "a must hold matrices", a=a.shape)
    if side not in ("right", "left") or method not in ("qdwh", "svd"):
        raise ValueError(
            f"`scipy.linalg.polar`: side is 'right' or 'left', not {side!r}; method is 'qdwh' or 'svd', not {method!r}."
        )
    if method == "svd":
        u, s, vh = lax_linalg.svd(a, full_matrices=False)
        vectors = adjoint(vh) if side == "right" else u
        return u @ vh, (vectors * s[..., None, :].astype(a.dtype)) @ adjoint(vectors)
    if (a.shape[-2] >= a.shape[-1]) != (side == "right"):
        raise NotImplementedError(
            f"scipy.linalg.polar: 'qdwh' takes m >= n for side='right' and m < n for side='left', not {a.shape} for "
            f"{side!r}. Use method='svd'."
        )
    if side == "right":
        unitary, positive, *_ = polar_factors(a, max_iterations, eps)
        return unitary, positive
    unitary, positive, *_ = polar_factors(adjoint(a), max_iterations, eps)
    return adjoint(unitary), positive


@api_boundary
def eigh_tridiagonal(
    d: Any,
    e: Any,
    *,
    eigvals_only: bool = False,
    select: str = "a",
    select_range: tuple[float, float] | None = None,
    tol: float | None = None,
    key: Any = None,
) -> Any:
    """Eigenvalues in increasing order, and unit eigenvectors as columns, of a Hermitian tridiagonal matrix.

    Args:
        d: the diagonal ``[n]``, of which the real part counts.
        e: the diagonal above it ``[n - 1]``, of the same dtype; the one below is its conjugate.
        eigvals_only: the eigenvalues alone.
        select: "a" for all, or "i" for those from number ``select_range[0]`` to ``select_range[1]``.
        tol, key: accepted for JAX's programs, whose method needs them.

    Raises: DTypeError for dtypes that differ, NotImplementedError for select "v", ValueError for another.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.eigh_tridiagonal(lnp.array([2.0, 2.0]), lnp.array([1.0]), eigvals_only=True).round(5)
    Array([1., 3.], dtype=float32)
    """
    d, e = lnp.asarray(d), lnp.asarray(e)
    if d.dtype != e.dtype:
        raise errors.DTypeError(
            f"`scipy.linalg.eigh_tridiagonal`: d is {d.dtype} and e is {e.dtype}, not of one dtype."
        )
    if d.ndim != 1 or e.shape != (max(d.size - 1, 0),):
        raise errors.ShapeError("scipy.linalg.eigh_tridiagonal", "e must be one shorter than d", d=d.shape, e=e.shape)
    first, last = _selected(select, select_range, d.size)
    if d.dtype.kind != "c":
        w, v = apply("eigh_tridiagonal", d, e, vectors=not eigvals_only, first=first, last=last)
        return w if eigvals_only else (w, v)
    size = lnp.abs(e)  # with the phases in a diagonal unitary matrix, what is left is real
    w, v = apply("eigh_tridiagonal", d.real, size, vectors=not eigvals_only, first=first, last=last)
    if eigvals_only:
        return w
    steps = lnp.where(size == 0, 1, e.conj() / lnp.where(size == 0, 1, size)).astype(d.dtype)
    phases = lnp.cumprod(lnp.concatenate([lnp.ones(min(d.size, 1), d.dtype), steps]))
    return w, v * phases[:, None]


def _selected(select: str, chosen: Any, n: int) -> tuple[int, int]:
    """Numbers of the first eigenvalue, and behind the last."""
    if select == "a":
        return 0, n
    if select == "v":
        raise NotImplementedError(
            "scipy.linalg.eigh_tridiagonal: how many eigenvalues are in a range is known too late; use select='i'."
        )
    if select != "i":
        raise ValueError(f"`scipy.linalg.eigh_tridiagonal`: select is 'a', 'i' or 'v', not {select!r}.")
    if chosen is None or not 0 <= int(chosen[0]) <= int(chosen[1]) < n:
        raise ValueError(
            f"`scipy.linalg.eigh_tridiagonal`: select_range must be numbers 0 <= first <= last < {n}, not {chosen}."
        )
    return int(chosen[0]), int(chosen[1]) + 1

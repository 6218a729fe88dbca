"""Products of Householder reflectors ``I - tau v vᴴ``, which QR and similar factorizations keep instead of matrices.

A product of them is ``I - V T Vᴴ`` with an upper triangular T (Schreiber, Van Loan 1989), whose inverse has the
diagonal ``1 / tau`` and above it ``Vᴴ V`` (Joffrain et al. 2006), so that a few matrix products apply it.
"""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax._operands import same_dtype
from lamina.lax._slicing import slice_in_dim
from lamina.lax.linalg._matrices import adjoint, apply, as_rows, eye_like, inexact, tril, triu


@api_boundary
def householder_product(a: Any, taus: Any) -> Array:
    """The first n columns of the product of reflectors that QR leaves in the lower triangle of a.

    Args:
        a: ``[..., m, n]`` with ``m >= n``; below the diagonal of column i is the vector of the i-th reflector, which
            has a 1 on the diagonal and 0 above it.
        taus: ``[..., k]`` with ``k <= n``.

    Raises ShapeError where the shapes do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.householder_product(lnp.array([[5.0], [1.0]]), lnp.array([1.0]))
    Array([[ 0.],
           [-1.]], dtype=float32)
    """
    name = "householder_product"
    a, taus = same_dtype(f"linalg.{name}", inexact(name, a, "a"), inexact(name, taus, "taus"))
    _check(name, a, taus)
    if a.shape[-2] < a.shape[-1]:
        raise errors.ShapeError(f"linalg.{name}", "a needs at least as many rows as columns", a=a.shape)
    v, t = _compact(a, taus)
    first = slice_in_dim(v, 0, a.shape[-1], axis=v.ndim - 2)
    return eye_like(a) - v @ (t @ adjoint(first))


@api_boundary
def ormqr(a: Any, taus: Any, c: Any, *, left: bool = True, transpose: bool = False) -> Array:
    """Q c (c Q if not `left`), with the product Q of the reflectors in a and taus, or with Qᴴ if `transpose`.

    Args:
        a, taus: see `householder_product`; a is ``[..., m, k]``.
        c: ``[..., m, n]``, or ``[..., n, m]`` if not `left`.

    Raises ShapeError where the shapes do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.ormqr(lnp.array([[5.0], [1.0]]), lnp.array([1.0]), lnp.eye(2))
    Array([[ 0., -1.],
           [-1.,  0.]], dtype=float32)
    """
    a, taus, c = same_dtype("linalg.ormqr", *(inexact("ormqr", x, n) for x, n in ((a, "a"), (taus, "taus"), (c, "c"))))
    _check("ormqr", a, taus)
    if c.ndim != a.ndim or c.shape[:-2] != a.shape[:-2] or c.shape[-2 if left else -1] != a.shape[-2]:
        side = "rows" if left else "columns"
        raise errors.ShapeError("linalg.ormqr", f"c needs as many {side} as a has rows", a=a.shape, c=c.shape)
    v, t = _compact(a, taus)
    t = adjoint(t) if transpose else t
    return c - v @ (t @ (adjoint(v) @ c)) if left else c - ((c @ v) @ t) @ adjoint(v)


def _check(function: str, a: Array, taus: Array) -> None:
    if a.ndim < 2 or taus.shape[:-1] != a.shape[:-2] or taus.ndim != a.ndim - 1 or taus.shape[-1] > min(a.shape[-2:]):
        raise errors.ShapeError(
            f"linalg.{function}", "a needs a column for each of the factors taus", a=a.shape, taus=taus.shape
        )


def _compact(a: Array, taus: Array) -> tuple[Array, Array]:
    """V and T of the product I − V T Vᴴ; T = (I + diag(taus) U)⁻¹ diag(taus), where U is above the diagonal of VᴴV."""
    k = taus.shape[-1]
    packed = slice_in_dim(a, 0, k, axis=a.ndim - 1)
    v = tril(packed, -1) + eye_like(packed)
    factors = as_rows(taus, k)
    system = factors * triu(adjoint(v) @ v, 1)
    t = apply(
        "triangular_solve", system, factors * eye_like(system),
        left_side=True, lower=False, transpose_a=False, conjugate_a=False, unit_diagonal=True,
    )  # fmt: skip
    return v, t

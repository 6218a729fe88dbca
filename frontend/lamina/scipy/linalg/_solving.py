"""Systems of linear equations, from matrices or their factors, and the Sylvester equation."""

from __future__ import annotations

from functools import partial
from typing import Any

from lamina import dtypes, errors, lax
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import linalg as lax_linalg
from lamina.lax.linalg._lu_solve import lu_solve as solve_by_lu
from lamina.lax.linalg._matrices import adjoint, apply
from lamina.scipy.linalg._operands import as_matrices, check_square, inexact

_TRANS = {0: 0, "N": 0, 1: 1, "T": 1, 2: 2, "C": 2}


@api_boundary
def solve(
    a: Any,
    b: Any,
    lower: bool = False,
    overwrite_a: bool = False,
    overwrite_b: bool = False,
    debug: bool = False,
    check_finite: bool = True,
    assume_a: str = "gen",
) -> Array:
    """x with ``a x = b``; see `lamina.numpy.linalg.solve`.

    `assume_a`: "pos" for Hermitian positive definite matrices, of which the upper (`lower`) triangle is read and twice
    as fast; "gen", "sym" and "her" are the same. Raises: ValueError for another.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.solve(lnp.array([[4.0, 2.0], [2.0, 5.0]]), lnp.array([8.0, 12.0]), assume_a="pos")
    Array([1., 2.], dtype=float32)
    """
    if assume_a not in ("gen", "sym", "her", "pos"):
        raise ValueError(f"`scipy.linalg.solve`: assume_a is 'gen', 'sym', 'her' or 'pos', not {assume_a!r}.")
    a, b = inexact(a, b)
    if assume_a != "pos":
        return lnp.linalg.solve(a, b)
    return as_matrices("solve", a, b, partial(_solve_positive, lower=lower))


def _solve_positive(a: Array, b: Array, lower: bool) -> Array:
    fixed = lax.stop_gradient(a)
    factor = lax_linalg.cholesky(fixed if lower else adjoint(fixed), symmetrize_input=False)
    if a.dtype.kind != "c":
        return lax.custom_linear_solve(lambda x: a @ x, b, lambda _, y: _by_cholesky(factor, y), symmetric=True)
    return lax.custom_linear_solve(
        lambda x: a @ x,
        b,
        lambda _, y: _by_cholesky(factor, y),
        lambda _, y: _by_cholesky(factor.conj(), y),
    )


def _by_cholesky(factor: Array, b: Array) -> Array:
    """x with L Lᴴ x = b for a lower triangular L."""
    plain = {"left_side": True, "lower": True, "unit_diagonal": False}
    half = apply("triangular_solve", factor, b, transpose_a=False, conjugate_a=False, **plain)
    return apply("triangular_solve", factor, half, transpose_a=True, conjugate_a=factor.dtype.kind == "c", **plain)


@api_boundary
def cho_solve(c_and_lower: tuple[Any, bool], b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Array:
    """x with ``a x = b`` from what `cho_factor` gives of a; b is a vector or ``[..., n, k]``.

    Raises: ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.cho_solve(sla.cho_factor(lnp.array([[4.0, 2.0], [2.0, 5.0]])), lnp.array([8.0, 12.0]))
    Array([1., 2.], dtype=float32)
    """
    factor, lower = c_and_lower
    factor, b = inexact(factor, b)
    return as_matrices("cho_solve", factor if lower else adjoint(factor), b, _by_cholesky)


@api_boundary
def lu_solve(
    lu_and_piv: tuple[Any, Any], b: Any, trans: int = 0, overwrite_b: bool = False, check_finite: bool = True
) -> Array:
    """x with op(a) x = b from what `lu_factor` gives of a; op is nothing (0), transposition (1), the adjoint (2).

    Args:
        b: a vector or ``[..., n, k]``.

    Raises: ValueError for another `trans`, ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.lu_solve(sla.lu_factor(lnp.array([[2.0, 0.0], [1.0, 4.0]])), lnp.array([2.0, 9.0]))
    Array([1., 2.], dtype=float32)
    """
    if trans not in (0, 1, 2):
        raise ValueError(f"`scipy.linalg.lu_solve`: trans is 0, 1 or 2, not {trans!r}.")
    factors, b = inexact(lu_and_piv[0], b)
    check_square("lu_solve", factors, "lu")
    order = lax_linalg.lu_pivots_to_permutation(lnp.asarray(lu_and_piv[1]), factors.shape[-1])

    def apply_factors(lu: Array, y: Array) -> Array:
        return solve_by_lu(lu, lnp.broadcast_to(order, lu.shape[:-1]), y, trans)

    return as_matrices("lu_solve", factors, b, apply_factors)


@api_boundary
def solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    debug: Any = None,
    check_finite: bool = True,
) -> Array:
    """x with op(a) x = b, of which only the upper (`lower`) triangle of a is read.

    Args:
        a: ``[..., n, n]``.
        b: a vector or ``[..., n, k]``.
        trans: op: nothing (0 or "N"), transposition (1 or "T"), the adjoint (2 or "C").
        unit_diagonal: take the diagonal as ones.

    Raises: ValueError for another `trans`, ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.solve_triangular(lnp.array([[2.0, 0.0], [1.0, 4.0]]), lnp.array([2.0, 9.0]), lower=True)
    Array([1., 2.], dtype=float32)
    """
    if trans not in _TRANS:
        raise ValueError(f"`scipy.linalg.solve_triangular`: trans is 0, 1, 2, 'N', 'T' or 'C', not {trans!r}.")
    a, b = inexact(a, b)
    operation = _TRANS[trans]
    solve_matrices = partial(
        lax_linalg.triangular_solve,
        left_side=True,
        lower=lower,
        transpose_a=operation > 0,
        conjugate_a=operation == 2,
        unit_diagonal=unit_diagonal,
    )
    return as_matrices("solve_triangular", a, b, solve_matrices)


@api_boundary
def solve_sylvester(A: Any, B: Any, C: Any, *, method: str = "schur", tol: float = 1e-8) -> Array:
    """X with ``A X + X B = C``; nan where eigenvalues of A and −B come as close as `tol`.

    Args:
        A, B, C: ``[..., m, m]``, ``[..., n, n]`` and ``[..., m, n]``.
        method: "schur" (Bartels, Stewart 1972), or "eigen" for matrices with independent eigenvectors.

    Raises: ValueError for another method, ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.solve_sylvester(lnp.eye(2), 3.0 * lnp.eye(2), 8.0 * lnp.eye(2)).round(3)
    Array([[2., 0.],
           [0., 2.]], dtype=float32)
    """
    if method not in ("schur", "eigen"):
        raise ValueError(f"`scipy.linalg.solve_sylvester`: method is 'schur' or 'eigen', not {method!r}.")
    a, b, c = inexact(A, B, C)
    check_square("solve_sylvester", a, "A")
    check_square("solve_sylvester", b, "B")
    if c.ndim < 2 or c.shape[-2:] != (a.shape[-1], b.shape[-1]):
        problem = "C must have the rows of A and the columns of B"
        raise errors.ShapeError("scipy.linalg.solve_sylvester", problem, A=a.shape, B=b.shape, C=c.shape)
    solve_one = partial(_sylvester, method=method, tol=tol)
    return lnp.vectorize(solve_one, signature="(m,m),(n,n),(m,n)->(m,n)")(a, b, c)


def _sylvester(a: Array, b: Array, c: Array, method: str, tol: float) -> Array:
    """Derivatives solve the same equation, so the factors need none."""
    solve_fixed = _by_schur if method == "schur" else _by_eigenvectors
    fixed_a, fixed_b = lax.stop_gradient(a), lax.stop_gradient(b)
    return lax.custom_linear_solve(
        lambda x: a @ x + x @ b,
        c,
        lambda _, y: solve_fixed(fixed_a, fixed_b, y, tol),
        lambda _, y: solve_fixed(fixed_a.T, fixed_b.T, y, tol),
    )


def _by_schur(a: Array, b: Array, c: Array, tol: float) -> Array:
    """With ``A = U R Uᴴ`` and ``B = V S Vᴴ`` column j of ``R Y + Y S = Uᴴ C V`` has known columns and one unknown."""
    dtype = dtypes.to_complex_dtype(c.dtype)
    (r, u), (s, v) = (lax_linalg.schur(x.astype(dtype)) for x in (a, b))
    right = u.conj().T @ c.astype(dtype) @ v
    identity = lnp.eye(a.shape[0], dtype=dtype)

    def column(j: Any, y: Array) -> Array:
        rest = right[:, j] - y @ s[:, j]  # columns from j on are 0 still
        found = lax_linalg.triangular_solve(r + s[j, j] * identity, rest, left_side=True)
        return y.at[:, j].set(found)

    y = lax.fori_loop(0, c.shape[1], column, lnp.zeros(c.shape, dtype))
    return _checked(u @ y @ v.conj().T, lnp.diagonal(r), lnp.diagonal(s), c, tol)


def _by_eigenvectors(a: Array, b: Array, c: Array, tol: float) -> Array:
    (r, u), (s, v) = lnp.linalg.eig(a), lnp.linalg.eig(b)
    y = lnp.linalg.solve(u, c.astype(u.dtype) @ v) / (r[:, None] + s[None, :])
    return _checked(lnp.linalg.solve(v.T, (u @ y).T).T, r, s, c, tol)


def _checked(x: Array, r: Array, s: Array, like: Array, tol: float) -> Array:
    """The solution in the dtype of the right side, or nan where the equation has none or many."""
    singular = (lnp.abs(r[:, None] + s[None, :]) < tol).any()
    x = x if like.dtype.kind == "c" else x.real
    return lnp.where(singular, lnp.nan, x).astype(like.dtype)

"""Determinants, ranks and condition numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lamina import dtypes, errors, lax
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax.linalg._lu_solve import rows_in_order
from lamina.lax.linalg._lu_solve import solve as solve_systems
from lamina.lax.linalg._matrices import apply
from lamina.numpy import _elementwise as e
from lamina.numpy._creation import zeros_like
from lamina.numpy._joining import concatenate
from lamina.numpy._matrices import diagonal
from lamina.numpy._matrices import trace as sum_of_diagonal
from lamina.numpy._reductions import any as some
from lamina.numpy._reductions import count_nonzero, prod
from lamina.numpy._scans import cumprod
from lamina.numpy.linalg._factorizations import svd, svdvals
from lamina.numpy.linalg._norms import norm
from lamina.numpy.linalg._operands import array, inexact, matrices
from lamina.numpy.linalg._solving import inv


class SlogdetResult(NamedTuple):
    """What `slogdet` returns."""

    sign: Array
    logabsdet: Array


@api_boundary
def det(a: Any) -> Array:
    """Determinants ``[...]`` of square matrices ``[..., n, n]``.

    The derivative is finite for singular matrices too. Raises: ShapeError if a holds no square matrices.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.det(lnp.array([[1.0, 2.0], [3.0, 4.0]]))
    Array(-2., dtype=float32)
    """
    a = matrices("det", a, square=True)
    if a.shape[-1] == 1:
        return a[..., 0, 0]
    if a.shape[-1] == 2:
        return _product(a, 0, 1, 0, 1)
    if a.shape[-1] == 3:
        minors = (_product(a, 1, 2, *columns) for columns in ((1, 2), (2, 0), (0, 1)))
        first, second, third = (a[..., 0, column] * minor for column, minor in enumerate(minors))
        return first + second + third
    return _det(a)


def _product(a: Array, row: int, next_row: int, column: int, next_column: int) -> Array:
    """Determinant of the elements in two rows and two columns."""
    return a[..., row, column] * a[..., next_row, next_column] - a[..., row, next_column] * a[..., next_row, column]


@custom_jvp
def _det(a: Array) -> Array:
    lu, pivots, _ = apply("lu", a)
    return _parity(pivots, a.dtype) * prod(diagonal(lu, axis1=-2, axis2=-1), axis=-1)


def _parity(pivots: Array, dtype: Any) -> Array:
    """1, or −1 for an odd number of swaps of rows."""
    swaps = count_nonzero(pivots != lax.broadcasted_iota(np.int32, pivots.shape, pivots.ndim - 1), axis=-1)
    return (1 - 2 * (swaps % 2)).astype(dtype)


@_det.defjvp
def _(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """d det(a) = tr(adj(a) da) with the adjugate det(a) a⁻¹."""
    determinant, solved = _adjugate_times(*primals, *tangents)
    return determinant, sum_of_diagonal(solved, axis1=-2, axis2=-1)


def _adjugate_times(a: Array, y: Array) -> tuple[Array, Array]:
    """det(a), and det(a) a⁻¹ y for an a of rank n − 1 at least; 0 for a lower rank, whose adjugate is 0.

    At rank n − 1 only the last element on the diagonal of U is 0, and det(a) cancels it: the last unknown is multiplied
    by the product of the others, and the right sides of the others by det(a).
    """
    n = a.shape[-1]
    if n < 2:
        return prod(diagonal(a, axis1=-2, axis2=-1), axis=-1), y
    lu, pivots, permutation = apply("lu", a)
    running = cumprod(diagonal(lu, axis1=-2, axis2=-1), axis=-1) * _parity(pivots, a.dtype)[..., None]
    determinant, without_last = running[..., -1], running[..., -2]
    regular = (without_last != 0)[..., None, None]
    upper = e.where(regular, lu.at[..., -1, -1].set(1 / without_last), 1)
    plain = {"left_side": True, "transpose_a": False, "conjugate_a": False}
    half = apply("triangular_solve", lu, rows_in_order(y, permutation), lower=True, unit_diagonal=True, **plain)
    scaled = concatenate([half[..., :-1, :] * determinant[..., None, None], half[..., -1:, :]], axis=-2)
    solved = apply("triangular_solve", upper, scaled, lower=False, unit_diagonal=False, **plain)
    return determinant, e.where(regular, solved, 0)


@api_boundary
def slogdet(a: Any, *, method: str | None = None) -> SlogdetResult:
    """Signs (of absolute value 1, or 0) and logarithms of the absolute values of determinants.

    `method`: "lu" (the default), or "qr" for real matrices. Raises: ShapeError if a holds no square matrices,
    ValueError for another method, NotImplementedError for "qr" of complex matrices.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.slogdet(-2.0 * lnp.eye(3)).sign
    Array(-1., dtype=float32)
    """
    a = matrices("slogdet", a, square=True)
    if method not in (None, "lu", "qr"):
        raise ValueError(f"`lnp.linalg.slogdet`: method is 'lu' or 'qr', not {method!r}.")
    if method == "qr" and a.dtype.kind == "c":
        raise NotImplementedError("`lnp.linalg.slogdet`: method 'qr' takes real matrices only; use 'lu'.")
    return SlogdetResult(*(_slogdet_qr if method == "qr" else _slogdet_lu)(a))


@custom_jvp
def _slogdet_lu(a: Array) -> tuple[Array, Array]:
    lu, pivots, _ = apply("lu", a)
    factors = diagonal(lu, axis1=-2, axis2=-1)
    return _sign_and_log(factors, _parity(pivots, a.dtype))


@custom_jvp
def _slogdet_qr(a: Array) -> tuple[Array, Array]:
    """Every reflector that is not the identity turns the sign."""
    packed, taus = apply("geqrf", a)
    reflected = e.where(taus != 0, -1, 1).astype(a.dtype)
    return _sign_and_log(diagonal(packed, axis1=-2, axis2=-1), prod(reflected, axis=-1))


def _sign_and_log(factors: Array, sign: Array) -> tuple[Array, Array]:
    return sign * prod(e.sign(factors), axis=-1), e.log(e.abs(factors)).sum(-1)


def _slogdet_jvp(primals: tuple[Array], tangents: tuple[Array]) -> Any:
    """d log det(a) = tr(a⁻¹ da); the imaginary part turns the sign."""
    (a,), (da,) = primals, tangents
    sign, logarithm = slogdet(a)
    change = sum_of_diagonal(solve_systems(a, da), axis1=-2, axis2=-1)
    if a.dtype.kind != "c":
        return (sign, logarithm), (zeros_like(sign), change)
    return (sign, logarithm), ((change - change.real) * sign, change.real)


_slogdet_lu.defjvp(_slogdet_jvp)
_slogdet_qr.defjvp(_slogdet_jvp)


@api_boundary
def matrix_rank(M: Any, rtol: Any = None, *, hermitian: bool = False, tol: Any = None) -> Array:
    """The number of singular values larger than a bound, int ``[...]``; of a vector, whether any element is not 0.

    Args:
        M: ``[..., m, n]``.
        rtol: the bound itself (as in JAX, whatever its name says), a number or ``[...]``; by default the largest
            singular value times the larger side times the machine precision.
        hermitian: M is Hermitian.
        tol: an old name of `rtol`.

    Raises: ValueError for both rtol and tol.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.matrix_rank(lnp.ones((3, 3)))
    Array(1, dtype=int32)
    """
    if tol is not None and rtol is not None:
        raise ValueError("`lnp.linalg.matrix_rank`: give only one of rtol and tol.")
    M = inexact("matrix_rank", M, "M")
    bound: Any = rtol if tol is None else tol
    if M.ndim < 2:
        return some(M != 0).astype(np.int32)
    s = svd(M, full_matrices=False, compute_uv=False, hermitian=hermitian)
    if bound is None:
        bound = s.max(-1, initial=0) * (max(M.shape[-2:]) * float(dtypes.finfo(s.dtype).eps))
    return (s > array("matrix_rank", bound, "rtol")[..., None]).sum(-1)


@api_boundary
def cond(x: Any, p: Any = None) -> Array:
    """Condition numbers ``[...]``: the norm of x times that of its inverse; for p None or 2 the largest singular value
    divided by the smallest, for −2 the other way round. Other p (see `norm`) need square matrices.

    Raises: ShapeError if x holds no matrices, or empty ones, or ones that are not square where they have to be.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.cond(lnp.array([[1.0, 0.0], [0.0, 4.0]]))
    Array(4., dtype=float32)
    """
    x = matrices("cond", x, "x", square=p not in (None, 2, -2))
    if 0 in x.shape[-2:]:
        raise errors.ShapeError("lnp.linalg.cond", "the matrices must not be empty", x=x.shape)
    if p in (None, 2):
        s = svdvals(x)
        return s[..., 0] / s[..., -1]
    if p == -2:
        s = svdvals(x)
        result = s[..., -1] / s[..., 0]
    else:
        result = norm(x, ord=p, axis=(-2, -1)) * norm(inv(x), ord=p, axis=(-2, -1))
    return e.where(e.isnan(result) & ~some(e.isnan(x), axis=(-2, -1)), np.inf, result)

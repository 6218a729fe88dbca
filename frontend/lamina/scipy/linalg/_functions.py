"""Functions of matrices: exponential, square root, and any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, errors, lax
from lamina import numpy as lnp
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import linalg as lax_linalg
from lamina.linear_maps import jvp
from lamina.scipy.linalg._forms import rsf2csf, schur
from lamina.scipy.linalg._operands import inexact, square
from lamina.scipy.linalg._solving import solve_sylvester, solve_triangular

# ---- exponential ----------------------------------------------------------------------------------------------------

# Order of the Padé approximant and the 1-norm up to which its error is within the precision (Higham 2005, "The scaling
# and squaring method for the matrix exponential revisited", DOI 10.1137/04061101X, table 2.3).
_PADE = {np.dtype(np.float32): (7, 3.925724783138660), np.dtype(np.float64): (13, 5.371920351148152)}


@api_boundary
def expm(A: Any, *, upper_triangular: bool = False, max_squarings: int = 16) -> Array:
    """The matrix exponential of matrices ``[..., n, n]``, by Padé approximation, scaling and squaring (Higham 2005).

    Args:
        upper_triangular: A is, which saves a factorization.
        max_squarings: matrices with a norm that needs more give nan.

    Raises: ShapeError if A holds no square matrices, DTypeError for half precision.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.expm(lnp.array([[0.0, 1.0], [0.0, 0.0]]))
    Array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    a = square("expm", A)
    real = dtypes.finfo(a.dtype).dtype
    if real not in _PADE:
        raise errors.DTypeError(f"`scipy.linalg.expm`: A has dtype {a.dtype}, expected float32, float64 or complex.")
    order, bound = _PADE[real]
    size = lnp.abs(a).sum(-2).max(-1, initial=0)
    squarings = lnp.maximum(0, lnp.ceil(lnp.log2(lax.stop_gradient(size) / bound)))
    scaled = a * lnp.exp2(-squarings).astype(a.dtype)[..., None, None]
    odd, even = _pade(scaled, order)
    numerator, denominator = even + odd, even - odd
    if upper_triangular:
        result = solve_triangular(denominator, numerator)
    else:
        result = lnp.linalg.solve(denominator, numerator)
    result = _squared(result, squarings, max_squarings)
    return lnp.where((squarings > max_squarings)[..., None, None], lnp.nan, result)


def _pade(a: Array, order: int) -> tuple[Array, Array]:
    """The odd and the even part of the numerator of the approximant to exp(a)."""
    weights = [1.0]  # (2p − j)! p! / ((2p)! (p − j)! j!), scaled so that the last one is 1
    for j in range(order, 0, -1):
        weights.append(weights[-1] * j * (2 * order - j + 1) / (order - j + 1))
    weights = weights[::-1]
    powers = [lnp.broadcast_to(lnp.eye(a.shape[-1], dtype=a.dtype), a.shape), a @ a]
    while len(powers) <= min(order // 2, 3):
        powers.append(powers[-1] @ powers[1])

    def even_polynomial(terms: list[float]) -> Array:
        low = _combined(terms[:4], powers)
        return low if len(terms) <= 4 else low + powers[3] @ _combined([0.0, *terms[4:]], powers)

    return a @ even_polynomial(weights[1::2]), even_polynomial(weights[0::2])


def _combined(weights: list[float], powers: list[Array]) -> Array:
    total = weights[0] * powers[0]
    for weight, power in zip(weights[1:], powers[1:], strict=False):
        total = total + weight * power
    return total


def _squared(x: Array, times: Array, most: int) -> Array:
    """Each matrix squared as many times as its number says."""

    def step(x: Array, i: Array) -> tuple[Array, None]:
        goes_on = i < times
        return lax.cond(goes_on.any(), lambda x: lnp.where(goes_on[..., None, None], x @ x, x), lambda x: x, x), None

    return lax.scan(step, x, lnp.arange(most, dtype=times.dtype))[0] if most else x


@api_boundary
def expm_frechet(A: Any, E: Any, *, method: str | None = None, compute_expm: bool = True) -> Any:
    """The exponential of A and its derivative in the direction E; the latter alone if not `compute_expm`.

    Raises: ShapeError unless A and E are square matrices ``[..., n, n]`` of one shape.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.expm_frechet(lnp.zeros((2, 2)), lnp.eye(2), compute_expm=False)
    Array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    a, e = inexact(A, E)
    a = square("expm_frechet", a)
    if a.shape != e.shape:
        raise errors.ShapeError("scipy.linalg.expm_frechet", "A and E must have one shape", A=a.shape, E=e.shape)
    value, derivative = jvp(expm, (a,), (e,))
    return (value, derivative) if compute_expm else derivative


# ---- by the Schur form ----------------------------------------------------------------------------------------------


@api_boundary
def sqrtm(A: Any, blocksize: int = 1) -> Array:
    """The principal square roots of matrices ``[..., n, n]``, complex (Björck, Hammarling 1983).

    Raises: NotImplementedError for blocks, ShapeError if A holds no square matrices.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.sqrtm(lnp.array([[4.0, 0.0], [0.0, 9.0]]))
    Array([[2.+0.j, 0.+0.j],
           [0.+0.j, 3.+0.j]], dtype=complex64)
    """
    if blocksize > 1:
        raise NotImplementedError("scipy.linalg.sqrtm has no blocked method; leave blocksize out.")
    return lnp.vectorize(_square_root, signature="(n,n)->(n,n)")(square("sqrtm", A))


@custom_jvp
def _square_root(a: Array) -> Array:
    t, z = schur(a, output="complex")
    root = lnp.sqrt(lnp.diagonal(t))

    def system(j: Any, f: Array) -> tuple[Array, Array]:
        return f + f[j, j] * lnp.eye(f.shape[0], dtype=f.dtype), t[:, j]

    return z @ _by_columns(root, system) @ z.conj().T


@_square_root.defjvp
def _(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    """X dX + dX X = dA"""
    root = _square_root(*primals)
    return root, solve_sylvester(root, root, tangents[0].astype(root.dtype), tol=0.0)


@api_boundary
def funm(A: Any, func: Callable[[Array], Array], disp: bool = True) -> Any:
    """A function of a square matrix ``[n, n]``, complex: that of the eigenvalues, by Parlett's recurrence.

    Args:
        func: maps an array of complex numbers elementwise.
        disp: if False, give an estimate of the relative error too.

    It is not accurate where eigenvalues are close to each other. Raises: ShapeError if A is no square matrix,
    NoDerivativeError when differentiated.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.linalg as sla
    >>> sla.funm(lnp.array([[1.0, 0.0], [0.0, 2.0]]), lnp.square).real
    Array([[1., 0.],
           [0., 4.]], dtype=float32)
    """
    a = square("funm", A)
    if a.ndim != 2:
        raise errors.ShapeError("scipy.linalg.funm", "A must be one square matrix", A=a.shape)
    t, z = rsf2csf(*schur(a))
    values = lnp.asarray(func(lnp.diagonal(t))).astype(t.dtype)
    before = lnp.arange(a.shape[0])

    def system(j: Any, f: Array) -> tuple[Array, Array]:  # T F = F T, of which column j of F is unknown above row j
        above = lnp.where(before < j, t[:, j], 0)
        return t - t[j, j] * lnp.eye(t.shape[0], dtype=t.dtype), f @ above - f[j, j] * above

    result = z @ _by_columns(values, system) @ z.conj().T
    if disp:
        return result
    eps = float(dtypes.finfo(t.dtype).eps)
    gaps = lnp.abs(lnp.diagonal(t)[:, None] - lnp.diagonal(t)[None, :])
    gap = lnp.where(lnp.eye(a.shape[0], dtype=bool), lnp.inf, gaps).min(initial=np.inf)
    scale = lnp.where(gap == 0, eps, gap)
    error = lnp.minimum(1, lnp.maximum(eps, eps / scale * lnp.linalg.norm(lnp.triu(t, 1), 1)))
    return result, lnp.where(lnp.isfinite(result).all(), error, lnp.inf)


def _by_columns(diagonal: Array, system: Callable[[Any, Array], tuple[Array, Array]]) -> Array:
    """The upper triangular matrix with a given diagonal, column after column.

    ``system(j, columns before j) -> (matrix, right side)`` whose first j rows and columns say what is above the
    diagonal in column j. Where the matrix has a 0 on its diagonal and the right side agrees, 0 is taken.
    """
    n = diagonal.shape[0]
    index, identity = lnp.arange(n), lnp.eye(n, dtype=bool)

    def column(j: Any, f: Array) -> Array:
        matrix, right = system(j, f)
        before = index < j
        matrix = lnp.where(before[:, None] & before[None, :], matrix, identity)
        singular = lnp.diagonal(matrix) == 0
        matrix = lnp.where(identity & singular, 1, matrix)
        found = lax_linalg.triangular_solve(matrix, lnp.where(before, right, 0), left_side=True)
        found = lnp.where(singular & (found != 0), lnp.inf, found)
        return f.at[:, j].set(lnp.where(before, found, f[:, j]))

    return lax.fori_loop(0, n, column, lnp.diag(diagonal)) if n else lnp.zeros((0, 0), diagonal.dtype)

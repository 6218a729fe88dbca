"""Systems of linear equations, inverses and least squares."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax.linalg._lu_solve import solve as solve_systems
from lamina.lax.linalg._matrices import symmetrized
from lamina.numpy import _elementwise as e
from lamina.numpy._creation import empty, zeros
from lamina.numpy._manipulation import moveaxis
from lamina.numpy._matrices import eye
from lamina.numpy._operands import broadcast_shape, expanded
from lamina.numpy.linalg._factorizations import svd
from lamina.numpy.linalg._norms import norm
from lamina.numpy.linalg._operands import adjoint, array, both_inexact, check_matrices, matrices


@api_boundary
def solve(a: Any, b: Any) -> Array:
    """x with ``a x = b``; inf and nan where a is singular.

    Args:
        a: square matrices ``[..., n, n]``.
        b: a vector ``[n]``, or matrices ``[..., n, m]``; leading axes are broadcast.

    Raises: ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.solve(lnp.array([[2.0, 1.0], [1.0, 3.0]]), lnp.array([3.0, 4.0]))
    Array([1., 1.], dtype=float32)
    """
    a, b = both_inexact("solve", a, b)
    check_matrices("solve", a, square=True)
    if b.ndim == 0 or b.shape[-1 if b.ndim == 1 else -2] != a.shape[-1]:
        raise errors.ShapeError("lnp.linalg.solve", "b must have as many rows as a", a=a.shape, b=b.shape)
    if b.ndim == 1:
        return solve(a, b[:, None])[..., 0]
    batch = broadcast_shape("linalg.solve", [a.shape[:-2], b.shape[:-2]], ("a[..., :, :]", "b[..., :, :]"))
    b = expanded(b, (*batch, *b.shape[-2:]))
    return solve_systems(a if a.ndim == 2 else expanded(a, (*batch, *a.shape[-2:])), b)


@api_boundary
def inv(a: Any) -> Array:
    """Inverses of square matrices ``[..., n, n]``; inf and nan where there is none.

    Raises: ShapeError if a holds no square matrices.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.inv(lnp.array([[2.0, 0.0], [0.0, 4.0]]))
    Array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    a = matrices("inv", a, square=True)
    return solve_systems(a, expanded(eye(a.shape[-1], dtype=a.dtype), a.shape))


@api_boundary
def pinv(a: Any, rtol: Any = None, hermitian: bool = False, *, rcond: Any = None) -> Array:
    """Pseudo-inverses ``[..., n, m]`` of matrices ``[..., m, n]``.

    Args:
        rtol: singular values up to this fraction of the largest count as 0; by default ten times the larger side times
            the machine precision.
        hermitian: a is Hermitian.
        rcond: another name of `rtol`.

    Derivatives by Golub, Pereyra 1973 (DOI 10.1137/0710036), for a fixed rank. Raises: ShapeError if a holds no
    matrices, ValueError for both rtol and rcond.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.pinv(lnp.array([[3.0], [4.0]])).round(2)
    Array([[0.12, 0.16]], dtype=float32)
    """
    if rcond is not None and rtol is not None:
        raise ValueError("`lnp.linalg.pinv`: give only one of rtol and rcond.")
    a = matrices("pinv", a, square=hermitian)
    if 0 in a.shape[-2:]:
        return empty((*a.shape[:-2], a.shape[-1], a.shape[-2]), a.dtype)
    bound = rcond if rtol is None else rtol
    if bound is None:
        bound = 10.0 * max(a.shape[-2:]) * float(dtypes.finfo(a.dtype).eps)
    return _pinv(a, array("pinv", bound, "rtol"), hermitian)


def _pseudo_inverse(a: Array, rtol: Array, hermitian: bool) -> Array:
    u, s, vh = svd(a, full_matrices=False, hermitian=hermitian)
    divisor = e.where(s > rtol[..., None] * s[..., :1], s, np.inf)
    return adjoint(vh) @ (adjoint(u) / divisor[..., :, None].astype(u.dtype))


_pinv = custom_jvp(_pseudo_inverse, nondiff_argnums=(2,))


@_pinv.defjvp
def _(hermitian: bool, primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    """dP = −P dA P + P Pᴴ dAᴴ (1 − A P) + (1 − P A) dAᴴ Pᴴ P"""
    (a, rtol), da = primals, tangents[0]
    p = _pinv(a, rtol, hermitian)
    if hermitian:
        a, da = symmetrized(a), symmetrized(da)
    p_h, da_h = adjoint(p), adjoint(da)
    if a.shape[-2] >= a.shape[-1]:  # the smaller products first
        left, right = (p @ p_h) @ da_h, (da_h @ p_h) @ p
        return p, -(p @ da) @ p + left - (left @ a) @ p + right - (p @ a) @ right
    left, right = p @ (p_h @ da_h), da_h @ (p_h @ p)
    return p, -p @ (da @ p) + left - left @ (a @ p) + right - p @ (a @ right)


@api_boundary
def lstsq(a: Any, b: Any, rcond: Any = None, *, numpy_resid: bool = False) -> tuple[Array, Array, Array, Array]:
    """x that makes ``|a x - b|`` as small as possible, the shortest if there are several.

    Args:
        a: a matrix ``[m, n]``.
        b: ``[m]`` or ``[m, k]``.
        rcond: singular values below this fraction of the largest count as 0; by default the larger side times the
            machine precision.
        numpy_resid: give no residuals where NumPy gives none. Not inside jit: it depends on the rank.

    Returns x ``[n]`` or ``[n, k]``, the squared residuals ``[1]`` or ``[k]``, the rank of a, and its singular values.
    Raises: ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.lstsq(lnp.array([[1.0], [2.0]]), lnp.array([2.0, 4.0]))[0].round(3)
    Array([2.], dtype=float32)
    """
    a, b = both_inexact("lstsq", a, b)
    if a.ndim != 2 or b.ndim not in (1, 2) or a.shape[0] != b.shape[0]:
        problem = "a must be a matrix, and b a vector or matrix with as many rows"
        raise errors.ShapeError("lnp.linalg.lstsq", problem, a=a.shape, b=b.shape)
    m, n = a.shape
    right = b[:, None] if b.ndim == 1 else b
    if a.size == 0:
        x, rank, s = zeros((n, right.shape[1]), a.dtype), zeros((), int), empty(0, dtypes.finfo(a.dtype).dtype)
    else:
        eps = float(dtypes.finfo(a.dtype).eps)
        bound = eps * max(m, n) if rcond is None else e.where(rcond < 0, eps, rcond)
        u, s, vh = svd(a, full_matrices=False)
        kept = (s > 0) & (s >= s[0] * bound)
        rank = kept.sum()
        inverse = e.where(kept, 1 / e.where(kept, s, 1), 0).astype(a.dtype)
        x = adjoint(vh) @ (inverse[:, None] * (adjoint(u) @ right))
    if numpy_resid and (rank.item() < n or m <= n):
        residuals = empty(0, dtypes.finfo(a.dtype).dtype)
    else:
        residuals = norm(right - a @ x, axis=0) ** 2
    return (x[:, 0] if b.ndim == 1 else x), residuals, rank, s


@api_boundary
def tensorinv(a: Any, ind: int = 2) -> Array:
    """The inverse of `tensordot(a, ., ind)`: a as a square matrix from its axes from `ind` on to those before.

    Raises: ShapeError unless the axes before and from `ind` on have as many elements; ValueError for ``ind <= 0``.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.tensorinv(2.0 * lnp.eye(4).reshape(2, 2, 4)).shape
    (4, 2, 2)
    """
    a, ind = array("tensorinv", a), operator.index(ind)
    if ind <= 0:
        raise ValueError(f"`lnp.linalg.tensorinv`: ind must be positive, not {ind}.")
    before, after = a.shape[:ind], a.shape[ind:]
    if math.prod(before) != math.prod(after):
        problem = f"the axes before and from axis {ind} on must have as many elements"
        raise errors.ShapeError("lnp.linalg.tensorinv", problem, a=a.shape)
    return inv(a.reshape(math.prod(before), math.prod(after))).reshape(*after, *before)


@api_boundary
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Array:
    """x with ``tensordot(a, x, x.ndim) = b``; `axes` of a go to its end first.

    Raises: ShapeError where the shapes do not fit.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.tensorsolve(2.0 * lnp.eye(4).reshape(2, 2, 4), lnp.ones((2, 2)))
    Array([0.5, 0.5, 0.5, 0.5], dtype=float32)
    """
    a, b = array("tensorsolve", a), array("tensorsolve", b, "b")
    if axes is not None:
        a = moveaxis(a, axes, tuple(range(-len(axes), 0)))
    shape = a.shape[b.ndim :]
    if a.shape[: b.ndim] != b.shape or b.size != math.prod(shape):
        problem = "a must begin with the axes of b, and its further axes must have as many elements"
        raise errors.ShapeError("lnp.linalg.tensorsolve", problem, a=a.shape, b=b.shape)
    return solve(a.reshape(b.size, b.size), b.ravel()).reshape(shape)

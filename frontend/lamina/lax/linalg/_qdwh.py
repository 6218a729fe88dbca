"""The polar decomposition by the QR-based dynamically weighted Halley iteration.

Nakatsukasa, Bai, Gygi 2010, "Optimizing Halley's iteration for computing the matrix polar decomposition", DOI
10.1137/090774999. The weights depend only on a lower bound of the smallest singular value relative to the largest; with
the machine precision as that bound they are numbers, and so is the count of iterations.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from lamina import errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax._shapes import broadcasted_iota, concatenate, full_like
from lamina.lax._slicing import slice_in_dim
from lamina.lax.linalg._matrices import adjoint, apply, eye_like, inexact
from lamina.tracer import as_array

_MANY = 100.0  # a weight from which the step by Cholesky would lose accuracy
_STEPS = 10


@api_boundary
def qdwh(
    x: Any,
    *,
    is_hermitian: bool = False,
    max_iterations: int | None = None,
    eps: float | None = None,
    dynamic_shape: tuple[Any, Any] | None = None,
) -> tuple[Array, Array, Array, Array]:
    """The polar decomposition ``x = u h`` of a matrix of full rank: u has orthonormal columns, h is Hermitian.

    Args:
        x: ``[m, n]`` with ``m >= n``.
        is_hermitian: whether x is; it makes no difference.
        max_iterations: at most 10 by default.
        eps: iterations count as converged where ``|x_k - x_{k-1}| < (4 eps)**(1/3) |x_k|``; default: that of the dtype.
        dynamic_shape: only so many rows and columns of x are used.

    Returns u, h, the number of iterations (int32), and whether they converged.
    Raises ShapeError for a wide matrix.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> u, h, _, converged = la.lax.linalg.qdwh(lnp.array([[0.0, -2.0], [3.0, 0.0]]))
    >>> bool(converged), lnp.diagonal(h).round(3)
    (True, Array([3., 2.], dtype=float32))
    """
    x = inexact("qdwh", x)
    if x.ndim != 2 or x.shape[0] < x.shape[1]:
        raise errors.ShapeError("linalg.qdwh", "x must be one matrix with at least as many rows as columns", x=x.shape)
    if dynamic_shape is not None:
        x = _masked(x, dynamic_shape)
    return polar_factors(x, max_iterations, eps)


def polar_factors(x: Array, max_iterations: int | None, eps: float | None) -> tuple[Array, Array, Array, Array]:
    """What `qdwh` gives, of a matrix or a batch of matrices."""
    precision = float(np.finfo(x.dtype).eps)
    tolerance = (4 * (precision if eps is None else float(eps))) ** (1 / 3)
    before = u = x / _bound(x)
    weights = list(_weights(precision, _STEPS if max_iterations is None else int(max_iterations)))
    for a, b, c in weights:
        before, u = u, _step(u, a, b, c)
    converged = _norm(u - before) < _norm(u) * tolerance
    u = 1.5 * u - 0.5 * (u @ (adjoint(u) @ u))  # one step of Newton and Schulz makes it as orthogonal as can be
    h = adjoint(u) @ x
    return u, (h + adjoint(h)) / 2, as_array(np.int32(len(weights))), converged


def _weights(bound: float, steps: int) -> Iterator[tuple[float, float, float]]:
    """a, b, c of X (a + b XᴴX) (1 + c XᴴX)⁻¹ for singular values in [bound, 1], until these are 1."""
    smallest = bound
    for _ in range(steps):
        square = smallest * smallest
        d = math.cbrt(4 * (1 - square) / (square * square)) if square < 1 else 0.0
        root = math.sqrt(1 + d)
        a = root + math.sqrt(8 - 4 * d + 8 * (2 - square) / (square * root)) / 2
        b = (a - 1) ** 2 / 4
        c = a + b - 1
        yield a, b, c
        if abs(smallest - 1) < 10 * bound:
            return
        smallest = min(smallest * (a + b * square) / (1 + c * square), 1.0)


def _step(x: Array, a: float, b: float, c: float) -> Array:
    """By a QR factorization where the weight is large, by Cholesky's where it is not."""
    rest = a - b / c
    if c > _MANY:
        stacked = concatenate([math.sqrt(c) * x, eye_like(slice_in_dim(x, 0, x.shape[-1], axis=-2))], x.ndim - 2)
        q, _, _ = apply("qr", stacked, pivoting=False, full_matrices=False)
        rows = x.shape[-2]
        upper, lower = slice_in_dim(q, 0, rows, axis=-2), slice_in_dim(q, rows, None, axis=-2)
        return (b / c) * x + (rest / math.sqrt(c)) * (upper @ adjoint(lower))
    gram = adjoint(x) @ x
    factor = apply("cholesky", eye_like(gram) + c * gram)
    plain = {"left_side": False, "lower": True, "unit_diagonal": False}
    half = apply("triangular_solve", factor, x, transpose_a=True, conjugate_a=True, **plain)
    return (b / c) * x + rest * apply("triangular_solve", factor, half, transpose_a=False, conjugate_a=False, **plain)


def _norm(x: Array) -> Array:
    """Frobenius norm."""
    size = abs(x)
    return apply("sqrt", (size * size).sum((-2, -1)))


def _bound(x: Array) -> Array:
    """At least the largest singular value: √(‖x‖₁ ‖x‖∞)."""
    size = abs(x)
    bound = apply("sqrt", size.sum(-2).max(-1, initial=0) * size.sum(-1).max(-1, initial=0))
    return bound.astype(x.dtype)[..., None, None]


def _masked(x: Array, shape: tuple[Any, Any]) -> Array:
    """Zero outside of the first rows and columns."""
    rows, columns = (broadcasted_iota(np.int32, x.shape, d) < n for d, n in enumerate(shape))
    return apply("select", rows & columns, x, full_like(x, 0))

"""Generalized minimal residuals, restarted."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import fori_loop, while_loop
from lamina.scipy.sparse.linalg._equation import Equation, norm, solve

_METHODS = ("batched", "incremental")


@api_boundary
def gmres(
    A: Any, b: Any, x0: Any = None, *, tol: Any = 1e-5, atol: Any = 0.0, restart: int = 20,
    maxiter: int | None = None, M: Any = None, solve_method: str = "batched",
) -> tuple[Any, None]:  # fmt: skip
    """Solve ``A x = b`` for any regular A by generalized minimal residuals (Saad and Schultz 1986).

    Args:
        A, b, x0, tol, atol, M: as for `cg`; `M` is applied on the right, so that residuals are those of the equation.
        restart: how many directions are kept before the method starts again from the x it has.
        maxiter: at most so many starts; 10 times the number of elements by default.
        solve_method: "batched" or "incremental" for JAX's programs: the residual is known after every step anyway.

    Returns ``(x, None)``.

    >>> import lamina.numpy as lnp
    >>> from lamina.scipy.sparse.linalg import gmres
    >>> lnp.round(gmres(lnp.array([[2.0, 0.0], [0.0, 4.0]]), lnp.array([2.0, 8.0]))[0], 3)
    Array([1., 2.], dtype=float32)
    """
    if solve_method not in _METHODS:
        raise ValueError(f'gmres: there is no solve_method {solve_method!r}, only "batched" and "incremental"')
    return solve("gmres", functools.partial(_gmres, restart), A, b, x0, tol, atol, maxiter, M)


def _gmres(restart: int, equation: Equation) -> Array:
    directions = min(restart, equation.rhs.size)

    def go_on(state: tuple[Array, Array, Array]) -> Array:
        _, residual, k = state
        return (norm(residual) > equation.tolerance) & (k < equation.steps)

    def cycle(state: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        x, residual, k = state
        x = x + _correction(equation, residual, directions)
        return x, equation.residual(x), k + 1

    return while_loop(go_on, cycle, (equation.start, equation.residual(equation.start), lnp.zeros((), int)))[0]


class _Arnoldi(NamedTuple):
    """The Krylov space of a residual: ``A M basis.T = basis.T H`` with ``rotations H`` upper triangular."""

    basis: Array  # [m + 1, n], orthonormal rows
    triangle: Array  # [m, m], a row for every direction
    rotations: Array  # [m + 1, m + 1], unitary
    distance: Array  # of the best vector in the space to a solution, as the norm of the residual
    k: Array  # directions so far


def _correction(equation: Equation, residual: Array, directions: int) -> Array:
    """What to add to x: the vector of the Krylov space with the smallest residual."""
    start = norm(residual).astype(residual.dtype)
    basis = lnp.zeros((directions + 1, residual.size), residual.dtype).at[0].set(residual / start)
    square = lnp.eye(directions + 1, dtype=residual.dtype)

    def go_on(state: _Arnoldi) -> Array:
        return (state.distance > equation.tolerance) & (state.k < directions)

    space = _Arnoldi(basis, lnp.eye(directions, dtype=residual.dtype), square, norm(residual), lnp.zeros((), int))
    space = while_loop(go_on, functools.partial(_one_more, equation, start), space)
    used = lnp.arange(directions) < space.k
    weights = _back_substitution(space.triangle, lnp.where(used, start * space.rotations[:-1, 0], 0))
    return equation.preconditioner(weights @ space.basis[:-1])


def _one_more(equation: Equation, start: Array, space: _Arnoldi) -> _Arnoldi:
    """The space with another direction, made orthogonal to the others twice."""
    basis, triangle, rotations, _, k = space
    direction = equation.product(equation.preconditioner(basis[k]))
    column = lnp.zeros(basis.shape[0], basis.dtype)
    for _ in range(2):
        overlap = lnp.conj(basis) @ direction
        direction, column = direction - overlap @ basis, column + overlap
    length = norm(direction).astype(basis.dtype)
    direction = lnp.where(length > 0, direction / length, 0)
    column = rotations @ column.at[k + 1].set(length)
    rotations = _rotated(rotations, column, k)
    pivot = _hypotenuse(column[k], column[k + 1])
    column = lnp.where(lnp.arange(column.size) < k, column, 0).at[k].set(pivot)
    return _Arnoldi(
        basis.at[k + 1].set(direction),
        triangle.at[k].set(column[:-1]),
        rotations,
        lnp.abs(start * rotations[k + 1, 0]),
        k + 1,
    )


def _rotated(rotations: Array, column: Array, k: Array) -> Array:
    """Followed by the rotation of rows k and k + 1 that makes element k + 1 of a column zero."""
    pivot = _hypotenuse(column[k], column[k + 1])
    cosine = lnp.where(pivot == 0, 1, column[k] / pivot)
    sine = lnp.where(pivot == 0, 0, column[k + 1] / pivot)
    upper, lower = rotations[k], rotations[k + 1]
    rotations = rotations.at[k].set(lnp.conj(cosine) * upper + lnp.conj(sine) * lower)
    return rotations.at[k + 1].set(cosine * lower - sine * upper)


def _hypotenuse(a: Array, b: Array) -> Array:
    return lnp.sqrt(lnp.abs(a) ** 2 + lnp.abs(b) ** 2).astype(a.dtype)


def _back_substitution(triangle: Array, rhs: Array) -> Array:
    """y with ``triangle.T y = rhs``; 0 where the matrix is singular."""

    def step(i: Array, y: Array) -> Array:
        k = rhs.size - 1 - i
        pivot = triangle[k, k]
        value = (rhs[k] - triangle[:, k] @ y) / pivot
        return y.at[k].set(lnp.where(pivot == 0, 0, value))

    return fori_loop(0, rhs.size, step, lnp.zeros_like(rhs))

"""The methods of conjugate gradients."""

from __future__ import annotations

from typing import Any

from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax import while_loop
from lamina.scipy.sparse.linalg._equation import Equation, inner, norm, solve


@api_boundary
def cg(
    A: Any, b: Any, x0: Any = None, *, tol: Any = 1e-5, atol: Any = 0.0, maxiter: int | None = None, M: Any = None
) -> tuple[Any, None]:
    """Solve ``A x = b`` for a Hermitian positive definite A by conjugate gradients (Hestenes and Stiefel 1952).

    Args:
        A: a matrix, or a function ``A(x)`` from containers like `b` to such.
        b: an array or a container of arrays.
        x0: where to begin; zeros by default.
        tol, atol: stop when ``norm(b - A x) <= max(tol * norm(b), atol)``.
        maxiter: at most so many steps; 10 times the number of elements by default.
        M: about the inverse of `A` (preconditioner), a matrix or a function.

    Returns ``(x, None)``. Derivatives solve another equation with `A`, they do not go through the steps.

    >>> import lamina.numpy as lnp
    >>> from lamina.scipy.sparse.linalg import cg
    >>> cg(lambda x: {"u": 2 * x["u"]}, {"u": lnp.array([2.0, 4.0])})
    ({'u': Array([1., 2.], dtype=float32)}, None)
    """
    return solve("cg", _cg, A, b, x0, tol, atol, maxiter, M, symmetric=True)


def _cg(equation: Equation) -> Array:
    def go_on(state: Any) -> Any:
        _, r, _, _, k = state
        return (norm(r) > equation.tolerance) & (k < equation.steps)

    def step(state: Any) -> Any:
        x, r, p, gamma, k = state
        q = equation.product(p)
        alpha = (gamma / inner(p, q)).astype(x.dtype)
        x, r = x + alpha * p, r - alpha * q
        z = equation.preconditioner(r)
        new = inner(r, z)
        return x, r, z + (new / gamma).astype(x.dtype) * p, new, k + 1

    r = equation.residual(equation.start)
    z = equation.preconditioner(r)
    return while_loop(go_on, step, (equation.start, r, z, inner(r, z), lnp.zeros((), int)))[0]


@api_boundary
def bicgstab(
    A: Any, b: Any, x0: Any = None, *, tol: Any = 1e-5, atol: Any = 0.0, maxiter: int | None = None, M: Any = None
) -> tuple[Any, None]:
    """Solve ``A x = b`` for any regular A by stabilized bi-conjugate gradients (van der Vorst 1992).

    Arguments and result are those of `cg`.

    >>> import lamina.numpy as lnp
    >>> from lamina.scipy.sparse.linalg import bicgstab
    >>> lnp.round(bicgstab(lnp.array([[2.0, 1.0], [0.0, 4.0]]), lnp.array([3.0, 4.0]))[0], 3)
    Array([1., 1.], dtype=float32)
    """
    return solve("bicgstab", _bicgstab, A, b, x0, tol, atol, maxiter, M)


def _bicgstab(equation: Equation) -> Array:
    first = equation.residual(equation.start)

    def go_on(state: Any) -> Any:
        _, r, *_, broken, k = state
        return (norm(r) > equation.tolerance) & (k < equation.steps) & ~broken

    def step(state: Any) -> Any:
        x, r, p, v, rho, alpha, omega, _, k = state
        new = lnp.vdot(first, r)
        beta = new / rho * (alpha / omega)
        p = r + beta * (p - omega * v)
        direction = equation.preconditioner(p)
        v = equation.product(direction)
        alpha = new / lnp.vdot(first, v)
        s = r - alpha * v
        stabilizer = equation.preconditioner(s)
        t = equation.product(stabilizer)
        early = norm(s) <= equation.tolerance  # the second half would divide zero by zero
        omega = lnp.where(early, 0, lnp.vdot(t, s) / lnp.vdot(t, t))
        x = x + alpha * direction + omega * stabilizer
        broken = ~early & ((omega == 0) | (alpha == 0) | (new == 0))
        return x, s - omega * t, p, v, new, alpha, omega, broken, k + 1

    one, nothing = lnp.ones((), first.dtype), lnp.zeros_like(first)
    state = (equation.start, first, nothing, nothing, one, one, one, lnp.array(False), lnp.zeros((), int))
    return while_loop(go_on, step, state)[0]

"""`minimize`: a local minimum of a function of a vector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lamina import errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.differentiation import value_and_grad
from lamina.numpy._operands import promoted
from lamina.scipy.optimize._bfgs import bfgs, lbfgs

_LIMITED_MEMORY = "l-bfgs-experimental-do-not-rely-on-this"


class OptimizeResults(NamedTuple):
    """What `minimize` found.

    Attributes:
        x: the minimum.
        success: whether the gradient there is as small as it was asked for.
        status: why it stopped, 0 for success; see `minimize`.
        fun, jac, hess_inv: value, gradient, and about the inverse Hessian (None for L-BFGS) at `x`.
        nfev, njev, nit: evaluations of the function and of its gradient, and iterations.

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> found = scipy.optimize.minimize(lambda x: lnp.sum((x - 1) ** 2), lnp.zeros(2), method="BFGS")
    >>> bool(found.success), lnp.round(found.x, 3)
    (True, Array([1., 1.], dtype=float32))
    """

    x: Array
    success: Array
    status: Array
    fun: Array
    jac: Array
    hess_inv: Array | None
    nfev: Array
    njev: Array
    nit: Array


@api_boundary
def minimize(
    fun: Callable[..., Any], x0: Any, args: tuple[Any, ...] = (), *, method: str, tol: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> OptimizeResults:  # fmt: skip
    """A local minimum of ``fun(x, *args)``, a real number that can be differentiated in reverse.

    Args:
        x0: a vector to begin with.
        method: "BFGS", or "l-bfgs-experimental-do-not-rely-on-this", which keeps no matrix and takes complex x too.
        tol: the gradient that is small enough; the same as the option ``gtol``.
        options: for both ``maxiter`` (200 times the size of x), ``norm`` (inf) of the gradient and ``gtol`` (1e-5); for
            BFGS ``line_search_maxiter``; for L-BFGS ``maxcor`` (how many steps are kept), ``ftol``, ``maxfun``,
            ``maxgrad`` and ``maxls``.

    The status is 0 for success, 1 if the iterations were used up; for BFGS 3 if no step makes the function smaller and
    5 if it goes down without end; for L-BFGS 2 and 3 for ``maxfun`` and ``maxgrad``, 4 if the function changes by less
    than ``ftol``, 5 if no step makes it smaller. Only forward mode goes through the search.

    Raises ValueError for an unknown method, TypeError if `args` is no tuple or an option does not exist.

    >>> import lamina.numpy as lnp
    >>> from lamina.scipy.optimize import minimize
    >>> found = minimize(lambda x: lnp.sum((x - 2.0) ** 2), lnp.zeros(2), method="BFGS")
    >>> found.x, bool(found.success)
    (Array([2., 2.], dtype=float32), True)
    """
    if not isinstance(args, tuple):
        raise TypeError(f"minimize: args is a tuple of further arguments of the function, not {args!r}")
    (x,) = promoted("minimize", x0, names=("x0",), inexact=True)
    if x.ndim != 1:
        raise errors.ShapeError("minimize", "x0 must be a vector; see lamina.flatten_util.ravel_pytree", x0=x.shape)
    given: dict[str, Any] = {**(options or {}), **({} if tol is None else {"gtol": tol})}

    def objective(x: Array) -> tuple[Array, Array]:
        value, gradient = value_and_grad(fun)(x, *args)
        return value, lnp.conj(gradient)  # the direction of ascent, for complex x

    x = lnp.asarray(x, dtype=x.dtype)
    if method.lower() == "bfgs":
        if x.dtype.kind == "c":
            raise errors.DTypeError(f"minimize: BFGS takes real x, not {x.dtype}.", cure=f'Use "{_LIMITED_MEMORY}".')
        state = bfgs(objective, x, **given)
    elif method.lower() == _LIMITED_MEMORY:
        state = lbfgs(objective, x, **given)
    else:
        raise ValueError(f'minimize: there is no method {method!r}, only "BFGS" and "{_LIMITED_MEMORY}"')
    return OptimizeResults(
        x=state.x,
        success=state.converged & (state.status == 0),
        status=state.status,
        fun=state.value,
        jac=lnp.conj(state.gradient),
        hess_inv=state.curvature if method.lower() == "bfgs" else None,
        nfev=state.evaluations,
        njev=state.evaluations,
        nit=state.steps,
    )

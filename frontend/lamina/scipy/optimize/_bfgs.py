"""The method of Broyden, Fletcher, Goldfarb and Shanno, and its form with little memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax import fori_loop, while_loop
from lamina.numpy.linalg import norm as size_of
from lamina.scipy.optimize._line_search import Objective, Step, line_search


class State(NamedTuple):
    """Where a search for a minimum is; gradients are those of real and imaginary parts as one complex number."""

    x: Array
    value: Array
    gradient: Array
    curvature: Any  # what is known of the inverse Hessian
    previous: Array  # the value one step before
    converged: Array
    status: Array
    steps: Array
    evaluations: Array


def bfgs(
    objective: Objective, x: Array, *, maxiter: int | None = None, norm: Any = np.inf, gtol: float = 1e-5,
    line_search_maxiter: int = 10,
) -> State:  # fmt: skip
    """BFGS (Nocedal and Wright, algorithm 6.1). Status: 0 converged, 1 `maxiter`, 3 no decrease, 5 unbounded."""
    maxiter = x.size * 200 if maxiter is None else maxiter
    value, gradient = objective(x)
    start = value + size_of(gradient) / 2  # so that the first step is of the size of one
    small = size_of(gradient, ord=norm) < gtol
    identity = lnp.eye(x.size, dtype=x.dtype)
    state = State(x, value, gradient, identity, start, small, lnp.zeros((), int), lnp.zeros((), int), lnp.ones((), int))

    def go_on(state: State) -> Array:
        return ~state.converged & (state.status == 0) & (state.steps < maxiter)

    def step(state: State) -> State:
        direction = -lnp.dot(state.curvature, state.gradient, precision="highest")
        slope = lnp.dot(state.gradient, direction, precision="highest")
        first = lnp.clip(2.02 * (state.value - state.previous) / slope, None, 1.0)  # as if f went on as it did
        first = lnp.where(first > 0, first, 1.0)
        found = line_search(objective, state.x, direction, state.value, state.gradient, first, line_search_maxiter)
        moved, change = found.size * direction, found.gradient - state.gradient
        scale = 1 / lnp.dot(change, moved, precision="highest")
        left = identity - scale * lnp.outer(moved, change)
        updated = lnp.matmul(lnp.matmul(left, state.curvature, precision="highest"), left.T, precision="highest")
        updated = updated + scale * lnp.outer(moved, moved)
        known = lnp.where(lnp.isfinite(scale), updated, state.curvature)
        converged = size_of(found.gradient, ord=norm) < gtol
        return State(
            state.x + moved, found.value, found.gradient, known, state.value, converged, _failure(found),
            state.steps + 1, state.evaluations + found.evaluations,
        )  # fmt: skip

    state = while_loop(go_on, step, state)
    exhausted = lnp.where(state.status == 0, 1, state.status)
    return state._replace(status=lnp.where(state.converged, 0, exhausted))


def _failure(found: Step) -> Array:
    return lnp.where(found.unbounded, 5, lnp.where(found.failed, 3, 0)).astype(int)


class _History(NamedTuple):
    """The last steps and changes of the gradient, the newest last; unused rows are zero."""

    moved: Array
    change: Array
    scale: Array  # 1 / (moved · change)


def lbfgs(
    objective: Objective, x: Array, *, maxiter: int | None = None, norm: Any = np.inf, maxcor: int = 10,
    ftol: float = 2.220446049250313e-09, gtol: float = 1e-5, maxfun: float | None = None, maxgrad: float | None = None,
    maxls: int = 20,
) -> State:  # fmt: skip
    """L-BFGS (Nocedal and Wright, algorithm 7.5), of complex arguments too (Sorber, Van Barel and De Lathauwer 2012).

    Status: 0 converged, 1 `maxiter`, 2 `maxfun`, 3 `maxgrad`, 4 the value changes by less than `ftol`, 5 no decrease.
    """
    if maxiter is None:
        maxiter = x.size * 200 if maxfun is None and maxgrad is None else 2**31 - 1
    limits = [np.inf if limit is None else limit for limit in (maxfun, maxgrad)]
    value, gradient = objective(x)
    rows = lnp.zeros((maxcor, x.size), x.dtype)
    history = _History(rows, rows, lnp.zeros(maxcor, value.dtype))
    small = size_of(gradient, ord=norm) < gtol
    state = State(x, value, gradient, history, value, small, lnp.zeros((), int), lnp.zeros((), int), lnp.ones((), int))

    def go_on(state: State) -> Array:
        return ~state.converged & (state.status == 0)

    def step(state: State) -> State:
        direction = -_inverse_hessian_times(state.curvature, state.gradient)
        one = lnp.ones_like(state.value)
        first = lnp.where(state.steps == 0, lnp.minimum(1, 1 / size_of(state.gradient)), one)
        found = line_search(objective, state.x, direction, state.value, state.gradient, first, maxls)
        moved = found.size.astype(x.dtype) * direction
        change = found.gradient - state.gradient
        scale = 1 / lnp.real(lnp.vdot(change, moved, precision="highest"))
        good = lnp.isfinite(scale) & (scale > 0)
        history = _History(*(lnp.where(good, _with_newest(old, new), old) for old, new in zip(
            state.curvature, (moved, change, scale), strict=True
        )))  # fmt: skip
        status = lnp.where(state.value - found.value < ftol, 4, 0)
        status = lnp.where(state.evaluations >= limits[1], 3, status)
        status = lnp.where(state.evaluations >= limits[0], 2, status)
        status = lnp.where(state.steps >= maxiter, 1, status)
        status = lnp.where(found.failed | found.unbounded, 5, status)
        converged = size_of(found.gradient, ord=norm) < gtol
        return State(
            state.x + moved, found.value, found.gradient, history, state.value, converged,
            lnp.where(converged, 0, status).astype(int), state.steps + 1, state.evaluations + found.evaluations,
        )  # fmt: skip

    return while_loop(go_on, step, state)


def _with_newest(history: Array, new: Array) -> Array:
    return lnp.concatenate([history[1:], new[None].astype(history.dtype)])


def _inverse_hessian_times(history: _History, gradient: Array) -> Array:
    """The two-loop recursion (Nocedal and Wright, algorithm 7.4)."""
    count = history.scale.size

    def backward(j: Array, state: tuple[Array, Array]) -> tuple[Array, Array]:
        i = count - 1 - j
        q, weights = state
        weight = history.scale[i] * lnp.real(lnp.vdot(history.moved[i], q, precision="highest"))
        return q - weight.astype(q.dtype) * history.change[i], weights.at[i].set(weight)

    def forward(i: Array, q: Array) -> Array:
        weight = history.scale[i] * lnp.real(lnp.vdot(history.change[i], q, precision="highest"))
        return q + (weights[i] - weight).astype(q.dtype) * history.moved[i]

    q, weights = fori_loop(0, count, backward, (gradient, lnp.zeros_like(history.scale)))
    newest = history.change[-1]
    size = history.scale[-1] * lnp.real(lnp.vdot(newest, newest))
    q = q * lnp.where(size > 0, 1 / size, 1).astype(q.dtype)
    return fori_loop(0, count, forward, q)

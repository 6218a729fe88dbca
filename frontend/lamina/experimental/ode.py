"""Ordinary differential equations, with steps that are as long as the tolerance allows.

The derivative with respect to everything the equation depends on is an integral backwards in time of the adjoint
equation (Pontryagin 1962; Chen et al., "Neural ordinary differential equations", 2018, appendix C), in memory that does
not depend on the number of steps.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from lamina import errors, tree_util
from lamina import numpy as lnp
from lamina._custom_vjp import custom_vjp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.custom_derivatives import closure_convert
from lamina.experimental._dormand_prince import (
    abs2,
    fit_4th_order_polynomial,
    initial_step_size,
    interp_fit_dopri,
    mean_error_ratio,
    optimal_step_size,
    runge_kutta_step,
)
from lamina.flatten_util import ravel_pytree
from lamina.lax import scan, while_loop
from lamina.linear_maps import vjp
from lamina.numpy._operands import promoted
from lamina.tracer import as_array
from lamina.tree_util import tree_leaves, tree_map
from lamina.vectorization import vmap

__all__ = [
    "Callable", "abs2", "fit_4th_order_polynomial", "initial_step_size", "interp_fit_dopri", "map", "mean_error_ratio",
    "odeint", "optimal_step_size", "partial", "promote_dtypes_inexact", "ravel_first_arg", "ravel_first_arg_",
    "ravel_pytree", "runge_kutta_step", "safe_map", "safe_zip", "tree_leaves", "tree_map", "zip",
]  # fmt: skip


def safe_zip(*sequences: Iterable[Any]) -> list[tuple[Any, ...]]:
    """`zip` of sequences that must be of one length, as a list.

    >>> from lamina.experimental import ode
    >>> ode.safe_zip([1, 2], [3, 4])
    [(1, 3), (2, 4)]
    """
    return list(_zip(*sequences, strict=True))


def safe_map(f: Callable[..., Any], *sequences: Iterable[Any]) -> list[Any]:
    """`map` over sequences that must be of one length, as a list.

    >>> from lamina.experimental import ode
    >>> ode.safe_map(abs, [1, -2])
    [1, 2]
    """
    return [f(*xs) for xs in safe_zip(*sequences)]


_zip = zip
map, zip = safe_map, safe_zip


def promote_dtypes_inexact(*args: Any) -> list[Array]:
    """Arrays of the dtype they promote to, at least a float.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> ode.promote_dtypes_inexact(1, lnp.array([2, 3]))
    [Array(1., dtype=float32), Array([2., 3.], dtype=float32)]
    """
    return promoted("odeint", *args, names=["args"] * len(args), inexact=True)


def ravel_first_arg(f: Callable[..., Any], unravel: Callable[[Any], Any], debug_info: Any = None) -> Callable[..., Any]:
    """``f`` as a function from and to vectors: `unravel` makes its first argument of one.

    >>> import lamina as la, lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> y, unravel = la.flatten_util.ravel_pytree({"a": lnp.array([1.0, 2.0])})
    >>> ode.ravel_first_arg(lambda tree, scale: {"a": scale * tree["a"]}, unravel)(y, 3)
    Array([3., 6.], dtype=float32)
    """
    return partial(ravel_first_arg_, f, unravel)


def ravel_first_arg_(f: Callable[..., Any], unravel: Callable[[Any], Any], y_flat: Array, *args: Any) -> Array:
    """The result of `f` as a vector.

    >>> import lamina as la, lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> y, unravel = la.flatten_util.ravel_pytree({"a": lnp.array([1.0, 2.0])})
    >>> ode.ravel_first_arg_(lambda tree: {"a": -tree["a"]}, unravel, y)
    Array([-1., -2.], dtype=float32)
    """
    return ravel_pytree(f(unravel(y_flat), *args))[0]


class _Options(NamedTuple):
    """What an integration keeps to. Hashable, as an argument that is not differentiated has to be."""

    rtol: Any
    atol: Any
    mxstep: Any
    hmax: Any


@api_boundary
def odeint(
    func: Callable[..., Any], y0: Any, t: Any, *args: Any, rtol: Any = 1.4e-8, atol: Any = 1.4e-8, mxstep: Any = np.inf,
    hmax: Any = np.inf,
) -> Any:  # fmt: skip
    """The solution of ``dy/dt = func(y, t, *args)`` at given times, by steps of Dormand and Prince.

    Args:
        func: gives the derivative, in the structure of y; may also close over arrays.
        y0: y at the time t[0], an array or a container of arrays.
        t: increasing times f[n].
        args: arrays, or containers of them.
        rtol, atol: tolerated error of a step, relative to y and absolute. (f32 reaches about 1e-6.)
        mxstep: at most so many steps from each time to the next.
        hmax: the longest step.

    Returns y at each of the times: the structure of `y0` with a leading axis of size n.

    Differentiable in reverse, in time as in `y0`, `args` and what `func` closes over. Raises TypeError for times that
    are no floats, and for `args` that are no arrays.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental.ode import odeint
    >>> y = odeint(lambda y, t: -y, lnp.array(1.0), lnp.array([0.0, 1.0, 2.0]), rtol=1e-5, atol=1e-6)
    >>> lnp.round(y, 4)
    Array([1.    , 0.3679, 0.1353], dtype=float32)
    """
    arrays = tree_leaves(args)
    for x in arrays:
        if not isinstance(x, (Array, np.ndarray, np.generic, bool, int, float, complex)):
            raise errors.NonArrayArgumentError("odeint", "args", x)
    times = as_array(t)
    if times.dtype.kind not in "fV" or times.ndim != 1:
        raise errors.DTypeError(f"`odeint`: t must be a vector of floats, not {times.type}.")
    converted, consts = closure_convert(func, y0, times[0], *args)
    leaves, tree = tree_util.tree_flatten((args, consts))
    moving = [i for i, x in enumerate(leaves) if as_array(x).type.differentiable]
    y0 = tree_map(lambda x: promote_dtypes_inexact(x)[0], y0)
    y, unravel = ravel_pytree(y0)

    def derivative(y: Array, t: Array, floats: Sequence[Any], others: Sequence[Any]) -> Array:
        given = iter(floats), iter(others)
        every = [next(given[i not in moving]) for i in range(len(leaves))]
        args, consts = tree_util.tree_unflatten(tree, every)
        return ravel_pytree(converted(unravel(y), t, *args, *consts))[0].astype(y.dtype)

    floats = [leaves[i] for i in moving]
    others = [x for i, x in enumerate(leaves) if i not in moving]
    return vmap(unravel)(_integral(derivative, _Options(rtol, atol, mxstep, hmax), y, times, floats, others))


@functools.partial(custom_vjp, nondiff_argnums=(0, 1))
def _integral(func: Any, options: _Options, y0: Array, times: Array, floats: Any, others: Any) -> Array:
    """The solution f[n, size of y] of an equation of a vector."""

    def slope(y: Array, t: Array) -> Array:
        return func(y, t, floats, others)

    def to(state: Any, time: Array) -> tuple[Any, Array]:
        def go_on(state: Any) -> Array:
            steps, _, _, t, dt, _, _ = state
            return (t < time) & (steps < options.mxstep) & (dt > 0)

        def step(state: Any) -> Any:
            steps, y, f, t, dt, taken, polynomial = state
            next_y, next_f, error, k = runge_kutta_step(slope, y, f, t, dt)
            ratio = mean_error_ratio(error, options.rtol, options.atol, y, next_y)
            good = (next_y, next_f, t + dt, dt, interp_fit_dopri(y, next_y, k, dt))
            y, f, t, taken, polynomial = (
                lnp.where(ratio <= 1, new, old) for new, old in safe_zip(good, (y, f, t, taken, polynomial))
            )
            dt = lnp.clip(optimal_step_size(dt, ratio), 0, options.hmax).astype(dt.dtype)
            return steps + 1, y, f, t, dt, taken, polynomial

        _, *state = while_loop(go_on, step, (lnp.zeros((), int), *state))
        _, _, t, _, taken, polynomial = state
        part = (1 - (t - time) / taken).astype(polynomial.dtype)  # of the last step
        return state, functools.reduce(lambda value, c: value * part + c, polynomial)

    f0 = slope(y0, times[0])
    first = initial_step_size(slope, times[0], y0, 4, options.rtol, options.atol, f0)
    first = lnp.clip(first, 0, options.hmax).astype(times.dtype)
    state = [y0, f0, times[0], first, lnp.ones_like(first), lnp.stack([*[lnp.zeros_like(y0)] * 4, y0])]
    return lnp.concatenate([y0[None], scan(to, state, times[1:])[1]])


def _forward(func: Any, options: _Options, y0: Array, times: Array, floats: Any, others: Any) -> Any:
    ys = _integral(func, options, y0, times, floats, others)
    return ys, (ys, times, floats, others)


def _backward(func: Any, options: _Options, residuals: Any, cotangent: Array) -> Any:
    """From the last time to the first: y, the cotangent of y, and what the others have got so far."""
    ys, times, floats, others = residuals

    def augmented(state: Any, negative: Array, floats: Any) -> Any:
        y, y_bar, *_ = state
        dy, pull = vjp(lambda y, t, floats: func(y, t, floats, others), y, -negative, floats)
        return (-dy, *pull(y_bar))

    def interval(carry: Any, i: Array) -> Any:
        y_bar, start_bar, floats_bar = carry
        rate = lnp.real(lnp.dot(func(ys[i], times[i], floats, others), cotangent[i])).astype(times.dtype)
        state = (ys[i], y_bar, start_bar - rate, floats_bar)
        back = odeint(augmented, state, lnp.stack([-times[i], -times[i - 1]]), floats, **options._asdict())
        _, y_bar, start_bar, floats_bar = tree_map(operator.itemgetter(1), back)
        return (y_bar + cotangent[i - 1], start_bar, floats_bar), rate

    carry = (cotangent[-1], lnp.zeros((), times.dtype), tree_map(lnp.zeros_like, floats))
    carry, rates = scan(interval, carry, lnp.arange(len(times) - 1, 0, -1))
    y_bar, start_bar, floats_bar = carry
    return y_bar, lnp.concatenate([start_bar[None], rates[::-1]]), floats_bar, None


_integral.defvjp(_forward, _backward)

"""One step of the method of Dormand and Prince, its error, and how long the next one may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax import fori_loop
from lamina.numpy._operands import promoted

Derivative = Callable[[Array, Array], Array]  # of a vector y at a time

# Dormand and Prince, "A family of embedded Runge-Kutta formulae", 1980: times, weights of the stages, weights of the
# result of order 5 and of that of order 4.
_TIMES = [1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1]
_STAGES = [
    [1 / 5, 0, 0, 0, 0, 0, 0],
    [3 / 40, 9 / 40, 0, 0, 0, 0, 0],
    [44 / 45, -56 / 15, 32 / 9, 0, 0, 0, 0],
    [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729, 0, 0, 0],
    [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656, 0, 0],
    [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
]
_FIFTH = np.array(_STAGES[-1])
_FOURTH = np.array([1951 / 21600, 0, 22642 / 50085, 451 / 720, -12231 / 42400, 649 / 6300, 1 / 60])
# Shampine, "Some practical Runge-Kutta formulas", 1986: weights of the result in the middle of the step.
_MIDDLE = np.array([
    6025192743 / 30085553152, 0, 51252292925 / 65400821598, -2691868925 / 45128329728, 187940372067 / 1594534317056,
    -1776094331 / 19743644256, 11237099 / 235043384,
]) / 2  # fmt: skip


def _combined(weights: Any, k: Array) -> Array:
    return lnp.matmul(lnp.asarray(weights, dtype=k.dtype), k, precision="highest")


def runge_kutta_step(func: Derivative, y0: Array, f0: Array, t0: Array, dt: Array) -> tuple[Array, Array, Array, Array]:
    """From y0 with the derivative f0 at t0: y and its derivative at t0 + dt, the error of y, and all 7 stages.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> y = lnp.array([1.0])
    >>> y1, _, _, _ = ode.runge_kutta_step(lambda y, t: -y, y, -y, lnp.array(0.0), lnp.array(0.1))
    >>> y1
    Array([0.9048374], dtype=float32)
    """
    times, weights = lnp.asarray(_TIMES, dtype=dt.dtype), lnp.asarray(_STAGES, dtype=f0.dtype)
    step = dt.astype(f0.dtype)

    def stage(i: Array, k: Array) -> Array:
        y = y0 + step * _combined(weights[i - 1], k)
        return k.at[i].set(func(y, t0 + dt * times[i - 1]))

    k = lnp.zeros((7, *f0.shape), f0.dtype).at[0].set(f0)
    k = fori_loop(1, 7, stage, k)
    return y0 + step * _combined(_FIFTH, k), k[-1], step * _combined(_FIFTH - _FOURTH, k), k


def interp_fit_dopri(y0: Array, y1: Array, k: Array, dt: Array) -> Array:
    """The polynomial of degree 4 in the part of a step that is over, from its stages: coefficients, highest first.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> y, slope = lnp.array([1.0]), lambda y, t: -y
    >>> y1, _, _, k = ode.runge_kutta_step(slope, y, -y, lnp.array(0.0), lnp.array(0.1))
    >>> lnp.round(lnp.polyval(ode.interp_fit_dopri(y, y1, k, lnp.array(0.1))[:, 0], 0.5), 4)
    Array(0.9512, dtype=float32)
    """
    middle = y0 + dt.astype(y0.dtype) * _combined(_MIDDLE, k)
    return lnp.stack(fit_4th_order_polynomial(y0, y1, middle, k[0], k[-1], dt))


def fit_4th_order_polynomial(
    y0: Array, y1: Array, y_mid: Array, dy0: Array, dy1: Array, dt: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """The polynomial on [0, 1] with these values at 0, 1 and 1/2, and these derivatives with respect to time.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> y0, y1, middle = lnp.array(0.0), lnp.array(1.0), lnp.array(0.5)
    >>> [float(c) for c in ode.fit_4th_order_polynomial(y0, y1, middle, lnp.array(1.0), lnp.array(1.0), lnp.array(1.0))]
    [0.0, 0.0, 0.0, 1.0, 0.0]
    """
    rise, end = dt.astype(y0.dtype) * dy0, dt.astype(y0.dtype) * dy1
    return (
        2 * (end - rise) - 8 * (y0 + y1) + 16 * y_mid,
        5 * rise - 3 * end + 18 * y0 + 14 * y1 - 32 * y_mid,
        end - 4 * rise - 11 * y0 - 5 * y1 + 16 * y_mid,
        rise,
        y0,
    )


def initial_step_size(fun: Derivative, t0: Array, y0: Any, order: int, rtol: Any, atol: Any, f0: Any) -> Array:
    """A first step (Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, section II.4).

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> y = lnp.array([1.0])
    >>> lnp.round(ode.initial_step_size(lambda y, t: -y, lnp.array(0.0), y, 4, 1e-3, 1e-3, -y), 3)
    Array(0.115, dtype=float32)
    """
    y0, f0 = promoted("odeint", y0, f0, names=("y0", "f0"), inexact=True)
    scale = (atol + lnp.abs(y0) * rtol).astype(y0.dtype)
    d0, d1 = _norm(y0 / scale), _norm(f0 / scale)
    h0 = lnp.where((d0 < 1e-5) | (d1 < 1e-5), 1e-6, 0.01 * d0 / d1)
    f1 = fun(y0 + h0.astype(y0.dtype) * f0, t0 + h0)
    d2 = _norm((f1 - f0) / scale) / h0
    largest = lnp.maximum(d1, d2)
    h1 = lnp.where(largest <= 1e-15, lnp.maximum(1e-6, h0 * 1e-3), (0.01 / largest) ** (1 / (order + 1)))
    return lnp.minimum(100 * h0, h1)


def _norm(x: Array) -> Array:
    return lnp.sqrt(lnp.sum(abs2(x)))


def abs2(x: Any) -> Array:
    """The square of the absolute value.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> ode.abs2(lnp.array([3 + 4j, -2.0]))
    Array([25.,  4.], dtype=float32)
    """
    return x.real**2 + x.imag**2 if lnp.iscomplexobj(x) else x**2


def mean_error_ratio(error_estimate: Array, rtol: Any, atol: Any, y0: Array, y1: Array) -> Array:
    """The root mean square of the error, in units of what is tolerated: a step is good up to 1.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> ode.mean_error_ratio(lnp.array([0.001]), 0.0, 0.01, lnp.array([1.0]), lnp.array([1.0]))
    Array(0.10000001, dtype=float32)
    """
    tolerated = atol + rtol * lnp.maximum(lnp.abs(y0), lnp.abs(y1))
    return lnp.sqrt(lnp.mean(abs2(error_estimate / tolerated.astype(error_estimate.dtype))))


def optimal_step_size(
    last_step: Array, mean_error_ratio: Array, safety: float = 0.9, ifactor: float = 10.0, dfactor: float = 0.2,
    order: float = 5.0,
) -> Array:  # fmt: skip
    """The next step: so long that the error is about what is tolerated; never shorter after a good step.

    >>> import lamina.numpy as lnp
    >>> from lamina.experimental import ode
    >>> ode.optimal_step_size(lnp.array(0.1), lnp.array(32.0))
    Array(0.045, dtype=float32, weak_type=True)
    """
    shortest = lnp.where(mean_error_ratio < 1, 1.0, dfactor)
    factor = lnp.clip(safety * mean_error_ratio ** (-1 / order), shortest, ifactor)
    return last_step * lnp.where(mean_error_ratio == 0, ifactor, factor)

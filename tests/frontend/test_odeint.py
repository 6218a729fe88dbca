"""experimental.ode: solutions that are known, derivatives against finite differences, under transformations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.integrate

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.experimental import ode
from lamina.experimental.ode import odeint
from lamina.test_util import check_grads

TIMES = np.linspace(0, 2, 6)


def pendulum(state: Any, t: Any, friction: Any, gravity: Any) -> Any:
    angle, speed = state
    return speed, -friction * speed - gravity * lnp.sin(angle) + 0.1 * lnp.cos(t)


def test_as_scipy() -> None:
    def plain(t: float, state: Any) -> Any:
        return [state[1], -0.3 * state[1] - 9.8 * np.sin(state[0]) + 0.1 * np.cos(t)]

    want = scipy.integrate.solve_ivp(plain, (0, 2), [1.0, 0.0], t_eval=TIMES, rtol=1e-10, atol=1e-10).y
    with la.enable_x64(True):
        got = odeint(pendulum, (1.0, 0.0), TIMES, 0.3, 9.8, rtol=1e-9, atol=1e-9)
        assert got[0].shape == (6,) and got[0].dtype == np.float64
        np.testing.assert_allclose(got, want, atol=1e-7)
        backwards = odeint(lambda y, t: -y, 1.0, np.array([0.0, 1.0]) - 1, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(backwards, [1, np.exp(-1)], rtol=1e-7)
    got = odeint(pendulum, (np.float32(1), np.float32(0)), TIMES.astype(np.float32), 0.3, 9.8, rtol=1e-6, atol=1e-6)
    assert got[0].dtype == np.float32
    np.testing.assert_allclose(got, want, atol=2e-5)


def test_states_of_any_kind() -> None:
    times = np.float32([0, 0.5, 1])
    spin = odeint(lambda y, t: 1j * y, np.complex64([1, 2j]), times, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(spin[-1], np.exp(1j) * np.array([1, 2j]), rtol=1e-4)
    nested = odeint(lambda y, t: {"a": [y["a"][0] * 0 + 1]}, {"a": [np.zeros((2, 3), int)]}, times)
    np.testing.assert_allclose(nested["a"][0][:, 1, 2], times, rtol=1e-5)
    assert odeint(lambda y, t: y, np.float32(1), times[:1]).shape == (1,)


def test_limits_of_steps() -> None:
    times = np.float32([0, 10])
    calls: list[float] = []

    def rate(y: Any, t: Any) -> Any:
        la.debug.callback(lambda t: calls.append(float(t)), t)
        return -0.1 * y

    odeint(rate, np.float32(1), times, rtol=1e-3, atol=1e-3)
    free = len(calls)
    calls.clear()
    odeint(rate, np.float32(1), times, rtol=1e-3, atol=1e-3, hmax=0.5)
    assert len(calls) >= 6 * 20 > free
    calls.clear()
    odeint(rate, np.float32(1), times, rtol=1e-3, atol=1e-3, hmax=0.5, mxstep=3)
    assert len(calls) == 2 + 6 * 3  # the derivative at the start, one to choose the first step, six a step


def test_derivatives() -> None:
    scale = np.array(0.7)

    def angles(y0: Any, times: Any, friction: Any, parameters: Any) -> Any:
        def field(state: Any, t: Any, friction: Any, count: Any) -> Any:
            return pendulum(state, t, friction * count, parameters["g"] * scale)

        return odeint(field, (y0, 0.0 * y0), times, friction, 2, rtol=1e-9, atol=1e-9)[0]

    with la.enable_x64(True):
        arguments = (np.array(1.0), TIMES[:4], np.array(0.1), {"g": np.array(3.0)})
        check_grads(angles, arguments, order=1, modes=["rev"], atol=1e-5, rtol=1e-5)
        check_grads(
            lambda y: angles(y, *arguments[1:])[-1], arguments[:1], order=2, modes=["rev"], atol=1e-4, rtol=1e-4
        )


def test_under_jit_and_vmap() -> None:
    times = np.float32([0, 1, 2])

    def loss(rate: Any, y0: Any) -> Any:
        return odeint(lambda y, t, rate: -rate * y, y0, times, rate, rtol=1e-5, atol=1e-6)[-1]

    rates = np.float32([0.5, 1, 2])
    got = la.jit(la.vmap(la.value_and_grad(loss), (0, None)))(rates, np.float32(1))
    np.testing.assert_allclose(got, [np.exp(-2 * rates), -2 * np.exp(-2 * rates)], rtol=1e-3)
    swung = la.jit(lambda y: odeint(lambda y, t: lnp.sin(t) * y, y, times, rtol=1e-5, atol=1e-6))(np.float32(1))
    np.testing.assert_allclose(swung, np.exp(1 - np.cos(times)), rtol=1e-4)


def test_errors() -> None:
    with pytest.raises(errors.DTypeError, match=r"`odeint`: t must be a vector of floats, not i32\[2\]\."):
        odeint(lambda y, t: y, 1.0, np.array([0, 1]))
    with pytest.raises(errors.NonArrayArgumentError, match="odeint"):
        odeint(lambda y, t, name: y, 1.0, np.float32([0, 1]), "name")


def test_parts() -> None:
    """The pieces that programs import are those of the method."""
    with la.enable_x64(True):
        y, t, h = lnp.array([1.0, 2.0]), lnp.array(0.0), lnp.array(0.1)
        y1, f1, error, k = ode.runge_kutta_step(lambda y, t: -y, y, -y, t, h)
        np.testing.assert_allclose(y1, y * np.exp(-0.1), rtol=1e-9)
        assert k.shape == (7, 2) and float(lnp.max(lnp.abs(error))) < 1e-7
        np.testing.assert_allclose(f1, -y1, rtol=1e-7)
        a, b, c, d, e = ode.interp_fit_dopri(y, y1, k, h)
        middle = (((a / 2 + b) / 2 + c) / 2 + d) / 2 + e
        np.testing.assert_allclose(middle, y * np.exp(-0.05), rtol=1e-8)  # of fourth order: 0.1⁵ / 5! / 10
        assert ode.optimal_step_size(h, lnp.array(0.0)) == 1.0 and ode.optimal_step_size(h, lnp.array(1e9)) == 0.1 * 0.2
        assert ode.mean_error_ratio(lnp.array([0.1, 0.1]), 0.0, 0.1, y, y1) == 1
        e0, e1 = ode.fit_4th_order_polynomial(y, y1, (y + y1) / 2, -y, -y1, h)[3:]
        np.testing.assert_allclose(e0, -0.1 * y)
        np.testing.assert_allclose(e1, y)
        first = ode.initial_step_size(lambda y, t: -y, t, y, 4, 1e-6, 1e-6, -y)
        finer = ode.initial_step_size(lambda y, t: -y, t, y, 4, 1e-12, 1e-12, -y)
        assert 0 < finer < first < 1
        flat = ode.ravel_first_arg(lambda tree, t: {"a": tree["a"] * t}, lambda v: {"a": v})
        np.testing.assert_array_equal(flat(y, 3.0), 3 * y)
        np.testing.assert_array_equal(ode.ravel_first_arg_(lambda v: (v, 2 * v), lambda v: v, y), [1, 2, 2, 4])
    assert [x.dtype.name for x in ode.promote_dtypes_inexact(1, np.float16(2))] == ["float16", "float16"]
    assert ode.abs2(3 + 4j) == 25
    assert ode.safe_map(lambda a, b: a + b, [1, 2], [3, 4]) == [4, 6]
    with pytest.raises(ValueError):
        ode.safe_zip([1], [])

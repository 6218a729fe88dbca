"""grad, value_and_grad, jvp, vjp, linearize, Jacobians: values, nesting, structure, errors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lamina as la
from lamina import errors, lax


def f(x):
    return lax.mul(lax.sin(x), x)


def df(x):
    return np.cos(x) * x + np.sin(x)


def ddf(x):
    return 2 * np.cos(x) - x * np.sin(x)


def close(got, want):
    np.testing.assert_allclose(np.asarray(got), want, rtol=2e-5, atol=2e-6)


def test_grad_and_higher_orders():
    close(la.grad(f)(2.0), df(2.0))
    close(la.grad(la.grad(f))(2.0), ddf(2.0))
    close(la.grad(la.grad(la.grad(f)))(2.0), -3 * np.sin(2.0) - 2 * np.cos(2.0))


def test_every_nesting_of_jit_vmap_grad():
    xs = np.linspace(-2, 2, 5, dtype=np.float32)
    close(la.vmap(la.grad(f))(xs), df(xs))
    close(la.jit(la.vmap(la.grad(la.jit(f))))(xs), df(xs))
    close(la.vmap(la.jit(la.grad(f)))(xs), df(xs))
    close(la.grad(lambda x: lax.reduce_sum(la.vmap(la.jit(f))(x), (0,)))(xs), df(xs))
    close(la.jit(la.grad(lambda x: lax.reduce_sum(la.vmap(la.grad(f))(x), (0,))))(xs), ddf(xs))
    close(la.vmap(la.vmap(la.grad(la.grad(f))))(xs.reshape(5, 1)), ddf(xs).reshape(5, 1))


def test_closure_over_outer_traced_values():
    def outer(x):
        inner = la.grad(lambda y: lax.mul(lax.mul(x, y), y))  # d/dy x y² = 2 x y
        return inner(x)  # 2 x²

    close(la.grad(outer)(3.0), 12.0)
    close(la.jit(la.grad(outer))(3.0), 12.0)
    xs = np.arange(3, dtype=np.float32)
    close(la.vmap(la.grad(outer))(xs), 4 * xs)
    close(la.vmap(lambda x: la.vmap(lambda y: lax.mul(x, y))(xs))(xs), np.outer(xs, xs))


def test_python_control_flow_on_values_under_grad():
    def g(x):
        if x > 1.0:
            return lax.integer_pow(x, 3)
        steps = 0
        while steps < int(x * 10):
            x, steps = lax.sin(x), steps + 1
        return x

    close(la.grad(g)(2.0), 12.0)
    close(la.grad(la.grad(g))(2.0), 12.0)
    close(la.grad(g)(0.3), np.cos(0.3) * np.cos(np.sin(0.3)))  # 0.3 and sin 0.3 allow two steps


def test_value_and_grad_with_aux_and_pytrees():
    def loss(params, x, *, scale):
        y = lax.add(lax.mul(params["w"], x), params["b"][0])
        return lax.mul(lax.reduce_sum(lax.mul(y, y), (0,)), scale), {"y": y, "n": 3, "none": None}

    params = {"w": np.float32(2.0), "b": (np.float32(1.0),)}
    x = np.array([1.0, 2.0], np.float32)
    (value, aux), gradient = la.value_and_grad(loss, has_aux=True)(params, x, scale=0.5)
    y = 2 * x + 1
    close(value, 0.5 * (y * y).sum())
    close(aux["y"], y)
    assert int(aux["n"]) == 3 and aux["none"] is None
    assert set(gradient) == {"w", "b"} and isinstance(gradient["b"], tuple)
    close(gradient["w"], (y * x).sum())
    close(gradient["b"][0], y.sum())


def test_argnums():
    def h(x, y, z):
        return lax.mul(lax.mul(x, y), z)

    close(la.grad(h, argnums=1)(2.0, 3.0, 4.0), 8.0)
    gx, gz = la.grad(h, argnums=(0, -1))(2.0, 3.0, 4.0)
    close(gx, 12.0)
    close(gz, 6.0)


def test_jvp_and_vjp_and_linearize():
    y, dy = la.jvp(f, (2.0,), (3.0,))
    close(y, f(2.0))
    close(dy, 3 * df(2.0))
    y, pull = la.vjp(lambda a, b: (lax.mul(a, b), lax.sin(a)), 2.0, 3.0)
    close(pull((1.0, 0.0))[0], 3.0)
    close(pull((0.0, 1.0))[0], np.cos(2.0))
    close(pull((0.0, 1.0))[1], 0.0)
    y, push = la.linearize(f, 2.0)
    close(push(1.0), df(2.0))
    close(la.vmap(push)(np.arange(3, dtype=np.float32)), df(2.0) * np.arange(3))


def test_vjp_inside_and_across_traces():
    def g(x):
        _, pull = la.vjp(f, x)
        return pull(1.0)[0]

    close(la.jit(g)(2.0), df(2.0))
    close(la.grad(g)(2.0), ddf(2.0))
    _, pull = la.vjp(f, 2.0)
    close(la.jit(lambda ct: pull(ct)[0])(3.0), 3 * df(2.0))


def test_jacobians():
    x = np.array([1.0, 2.0, 3.0], np.float32)
    square = lambda v: lax.mul(v, v)  # noqa: E731
    close(la.jacfwd(square)(x), np.diag(2 * x))
    close(la.jacrev(square)(x), np.diag(2 * x))
    close(la.jit(la.hessian(lambda v: lax.reduce_sum(lax.integer_pow(v, 3), (0,))))(x), np.diag(6 * x))
    both = la.jacrev(lambda a, b: {"p": lax.mul(a, b)}, argnums=(0, 1))(x, x)
    close(both["p"][0], np.diag(x))
    assert isinstance(both["p"], tuple)


def test_stop_gradient_and_integers():
    close(la.grad(lambda x: lax.mul(x, lax.stop_gradient(x)))(3.0), 3.0)
    g = la.grad(lambda x, n: lax.integer_pow(x, 2), argnums=(0, 1), allow_int=True)(3.0, 2)
    assert g[1].dtype == [("float0", "V")] or g[1].dtype.names == ("float0",)


def test_symbolic_zeros_cost_nothing():
    """The gradient with respect to one argument does not contain work for another."""
    expensive = lambda x, y: lax.mul(x, lax.reduce_sum(lax.exp(lax.sin(y)), (0,)))  # noqa: E731
    text = la.make_ir(la.grad(expensive), 1.0, np.ones(4, np.float32), stage="simplify")
    assert "lamina.cos" not in text and text.count("lamina.exp") == 1


def test_backward_pass_shares_the_forward_pass():
    text = la.make_ir(la.value_and_grad(lambda x: lax.tanh(lax.exp(x))), 1.0, stage="simplify")
    assert text.count("lamina.tanh") == 1 and text.count("lamina.exp") == 1


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: la.grad(lambda x: x)(np.ones(3)), errors.NonScalarGradError, "grad needs a scalar, but `<lambda>` returns an array f32[3]."),
        (lambda: la.grad(lambda x: (x, x))(1.0), errors.NonScalarGradError, "grad needs a scalar, but `<lambda>` returns a tuple."),
        (lambda: la.grad(f)(3), errors.IntegerGradError, "the argument `x` is int32"),
        (lambda: la.grad(lambda x: lax.gt(x, 1.0))(3.0), errors.IntegerGradError, "the result is bool"),
        (lambda: la.grad(f, argnums=2)(3.0), errors.ArgnumsError, "argnums names the argument 2, but `f` was called with 1"),
        (lambda: la.grad(f)("text"), errors.NonArrayArgumentError, "`f` takes arrays, but the argument `x` is a str: 'text'."),
        (lambda: la.grad(lambda x: "text")(1.0), errors.NonArrayResultError, "result is a str: 'text'"),
        (lambda: la.grad(f, has_aux=True)(1.0), errors.AuxResultError, "`f` must return a pair"),
        (lambda: la.jvp(f, (1.0,), (np.ones(2),)), errors.TangentError, "the tangent of `x` is f32[2], its primal f32[]"),
        (lambda: la.jvp(f, 1.0, 1.0), errors.TangentError, "primals and tangents must be tuples or lists"),
        (lambda: la.vjp(f, 1.0)[1]((1.0, 2.0)), errors.CotangentError, "the cotangent does not fit"),
        (lambda: la.grad(f)(1j), errors.HolomorphicError, "the result is complex64"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=re.escape(text)) as caught:
        call()
    assert caught.value.cure.split(".")[0] in str(caught.value)


@pytest.mark.parametrize("name", ["grad", "value_and_grad", "vjp", "linear_transpose"])
def test_reduce_axes_is_refused_unless_empty(name):
    primals = [] if "grad" in name else [1.0]
    getattr(la, name)(lax.neg, *primals, reduce_axes=())
    with pytest.raises(NotImplementedError, match=f"{name}: reduce_axes= is not supported"):
        getattr(la, name)(lax.neg, *primals, reduce_axes=("i",))


def test_holomorphic():
    z = 1.0 + 2.0j
    got = la.grad(lambda z: lax.mul(lax.mul(z, z), z), holomorphic=True)(z)
    close(got, 3 * z * z)

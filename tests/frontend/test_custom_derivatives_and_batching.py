"""linear_call, custom_vmap and sequential_vmap by what they compute, eager, compiled and under other transformations."""

import functools

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.custom_batching import custom_vmap, sequential_vmap
from lamina.custom_derivatives import linear_call

X = np.array([1.0, 2.0, 3.0], np.float32)


def scaled(r, x):
    """r · x, whose transpose says that it was asked: ten times the cotangent."""
    return linear_call(lambda r, x: r * x, lambda r, ct: 10 * r * ct, r, x)


@pytest.mark.parametrize("wrap", [lambda f: f, la.jit], ids=["eager", "compiled"])
def test_linear_call(wrap):
    assert wrap(scaled)(2.0, X).tolist() == [2, 4, 6]
    value, tangent = wrap(lambda x, dx: la.jvp(lambda x: scaled(2.0, x), (x,), (dx,)))(X, X)
    assert value.tolist() == tangent.tolist() == [2, 4, 6]
    assert wrap(la.grad(lambda x: scaled(2.0, x).sum()))(X).tolist() == [20, 20, 20]
    assert wrap(la.vmap(la.grad(scaled, argnums=1), in_axes=(None, 0)))(2.0, X).tolist() == [20, 20, 20]
    assert wrap(la.linear_transpose(lambda x: scaled(2.0, x), X))(X)[0].tolist() == [20, 40, 60]


@custom_vmap
def shifted(x, y):
    return x + y


@shifted.def_vmap
def shifted_batched(axis_size, in_batched, x, y):
    assert axis_size == 3 and any(in_batched)
    return x + y + 100 * in_batched[0] + 1000 * in_batched[1], True


@pytest.mark.parametrize("wrap", [lambda f: f, la.jit], ids=["eager", "compiled"])
def test_custom_vmap(wrap):
    assert wrap(shifted)(1.0, 2.0) == 3
    assert wrap(la.vmap(shifted))(X, X).tolist() == [1102, 1104, 1106]
    assert wrap(la.vmap(shifted, in_axes=(0, None)))(X, 1.0).tolist() == [102, 103, 104]
    assert wrap(la.vmap(shifted, in_axes=(None, 0)))(1.0, X).tolist() == [1002, 1003, 1004]
    assert wrap(la.vmap(la.grad(shifted), in_axes=(0, None)))(X, 1.0).tolist() == [1, 1, 1]


def test_custom_vmap_without_a_rule():
    function = custom_vmap(lambda x: x)
    with pytest.raises(errors.CustomRuleError, match="def_vmap"):
        la.vmap(function)(X)


def test_sequential_vmap():
    seen = []

    @sequential_vmap
    def f(x, y):
        la.debug.callback(lambda x: seen.append(float(x)), x)
        return x * y

    assert la.vmap(f, in_axes=(0, None))(X, 2.0).tolist() == [2, 4, 6] and seen == [1, 2, 3]
    assert f(3.0, 2.0) == 6
    nested = la.jit(la.vmap(la.vmap(sequential_vmap(lambda x, y: x - y), (0, None)), (None, 0)))(X, X)
    np.testing.assert_array_equal(nested, X[None] - X[:, None])


def test_remat_and_names_change_no_values():
    @functools.partial(la.remat, policy=la.checkpoint_policies.nothing_saveable)
    @la.named_call
    def f(x):
        with la.named_scope("inner"):
            return lnp.sin(x) ** 2

    np.testing.assert_allclose(f(X), np.sin(X) ** 2, rtol=1e-6)
    np.testing.assert_allclose(la.jit(la.vmap(la.grad(f)))(X), np.sin(2 * X), rtol=1e-5)

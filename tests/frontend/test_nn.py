"""Activations, softmax and one-hot against their formulas in double precision; derivatives at kinks; compiled."""

import math

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, nn

X = np.array([-30.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 7.0, 30.0], np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


FORMULAS = {
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "sigmoid": sigmoid,
    "softplus": lambda x: np.log1p(np.exp(x)),
    "sparse_plus": lambda x: np.where(x <= -1, 0, np.where(x >= 1, x, (x + 1) ** 2 / 4)),
    "squareplus": lambda x: (x + np.sqrt(x * x + 4)) / 2,
    "soft_sign": lambda x: x / (np.abs(x) + 1),
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "log_sigmoid": lambda x: -np.log1p(np.exp(-x)),
    "sparse_sigmoid": lambda x: np.clip((x + 1) / 2, 0, 1),
    "elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "celu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x)),
    "leaky_relu": lambda x: np.where(x >= 0, x, 0.01 * x),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "hard_sigmoid": lambda x: np.clip(x + 3, 0, 6) / 6,
    "hard_silu": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "gelu": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
}


def test_activations():
    compiled = la.jit(lambda x: {name: getattr(nn, name)(x) for name in FORMULAS})(X)
    for name, formula in FORMULAS.items():
        want = formula(X.astype(np.float64))
        for got in (getattr(nn, name)(X), compiled[name]):
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, want, rtol=2e-6, atol=3e-7, err_msg=name)
        assert np.isnan(getattr(nn, name)(np.nan)), name
    erf = np.array([math.erf(v / math.sqrt(2)) for v in X.tolist()])
    np.testing.assert_allclose(nn.gelu(X, approximate=False), X * (1 + erf) / 2, rtol=2e-6, atol=1e-7)


def test_derivatives_at_kinks():
    slopes = {"relu": 0.0, "relu6": 0.0, "leaky_relu": 1.0, "elu": 1.0, "silu": 0.5, "softplus": 0.5, "sigmoid": 0.25}
    for name, slope in slopes.items():
        assert la.grad(getattr(nn, name))(0.0).item() == slope, name
    assert la.grad(nn.relu6)(6.0).item() == 0 and la.grad(nn.elu)(100.0).item() == 1


def test_softmax():
    x = np.array([[1.0, 2.0, 3.0], [1000.0, 1000.0, -1000.0]], np.float32)
    mask = np.array([[True, False, True], [True, True, False]])
    wide = np.exp(x.astype(np.float64) - x.max(1, keepdims=True))
    want = wide / wide.sum(1, keepdims=True)

    def every(x):
        return (
            nn.softmax(x),
            nn.log_softmax(x),
            nn.logsumexp(x, axis=1),
            nn.softmax(x, where=mask),
            nn.softmax(x, axis=(0, 1)),
        )

    for soft, log_soft, log_sum, masked, whole in (every(x), la.jit(every)(x)):
        np.testing.assert_allclose(soft, want, rtol=1e-6)
        np.testing.assert_allclose(
            log_soft, [[-2.4076059, -1.4076059, -0.4076059], [-math.log(2)] * 2 + [-2000 - math.log(2)]], rtol=1e-6
        )
        np.testing.assert_allclose(log_sum, [3.4076059, 1000 + math.log(2)], rtol=1e-6)
        assert masked[0, 1] == 0 and masked[1].tolist() == [0.5, 0.5, 0]
        np.testing.assert_allclose([lnp.sum(masked[0]), lnp.sum(whole)], 1, rtol=1e-6)
    np.testing.assert_allclose(la.grad(nn.logsumexp)(x[0]), want[0], rtol=1e-6)
    slope = la.grad(lambda v: nn.softmax(v)[0])(x[0])
    np.testing.assert_allclose(slope, want[0, 0] * (np.eye(3)[0] - want[0]), rtol=1e-5, atol=1e-8)


def test_logsumexp_edges():
    assert (
        nn.logsumexp(lnp.array([-np.inf, -np.inf])).item() == -np.inf
        and nn.logsumexp(lnp.array([np.inf, 1.0])).item() == np.inf
    )
    value, sign = nn.logsumexp(lnp.array([0.0, 0.0]), b=lnp.array([1.0, -3.0]), return_sign=True)
    np.testing.assert_allclose(value, math.log(2), rtol=1e-6)
    assert sign.item() == -1 and np.isnan(nn.logsumexp(lnp.array([0.0]), b=-1.0))
    np.testing.assert_allclose(nn.logmeanexp(lnp.array([1000.0, 1000.0])), 1000.0)


def test_one_hot():
    assert nn.one_hot(lnp.array([0, 2, 5, -1]), 3).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    first = nn.one_hot(lnp.array([[0, 2], [1, 1]]), 3, axis=0, dtype=lnp.int8)
    assert first.shape == (3, 2, 2) and first.dtype == np.int8 and first[:, 0, 1].tolist() == [0, 0, 1]
    assert la.vmap(lambda i: nn.one_hot(i, 2))(lnp.array([1, 0])).tolist() == [[0, 1], [1, 0]]


def test_normalization_and_gates():
    x = np.array([[1.0, 2.0, 3.0, 6.0]], np.float32)
    np.testing.assert_allclose(nn.standardize(x, epsilon=0), (x - 3) / math.sqrt(3.5), rtol=1e-6)
    np.testing.assert_allclose(nn.glu(x), x[:, :2] * sigmoid(x[:, 2:]), rtol=1e-6)
    with pytest.raises(errors.ShapeError, match="must be even"):
        nn.glu(lnp.zeros(3))

"""Elementwise functions, broadcasting, reductions, softmax and norms."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload

for _exponent in (3, 4, 5, 6, 7):

    @workload(f"transcendental_1e{_exponent}", "elementwise", numpy=True)
    def transcendental(lib, rng, n=10**_exponent):
        return lambda x: lib.np.tanh(x) * lib.np.exp(-x * x) + lib.np.sin(x) * lib.np.cos(x), (floats(rng, n),)

    @workload(f"axpy_1e{_exponent}", "memory", numpy=True)
    def axpy(lib, rng, n=10**_exponent):
        return lambda x, y: 2.5 * x + y, (floats(rng, n), floats(rng, n))


@workload("powers_1e6", "elementwise", numpy=True)
def powers(lib, rng):
    return lambda x: lib.np.log1p(x) ** 1.5 + lib.np.sqrt(x) * lib.np.arctan(x), (np.abs(floats(rng, 10**6)),)


@workload("broadcast_outer_2048", "memory", numpy=True)
def broadcast_outer(lib, rng):
    return lambda x, y: (x[:, None] - y[None, :]) ** 2, (floats(rng, 2048), floats(rng, 2048))


@workload("transpose_2048", "memory", numpy=True)
def transpose(lib, rng):
    return lambda x: x.T + 1, (floats(rng, 2048, 2048),)


@workload("sum_rows_4096x1024", "reductions", numpy=True)
def sum_rows(lib, rng):
    return lambda x: x.sum(1), (floats(rng, 4096, 1024),)


@workload("sum_columns_4096x1024", "reductions", numpy=True)
def sum_columns(lib, rng):
    return lambda x: x.sum(0), (floats(rng, 4096, 1024),)


@workload("sum_4e6", "reductions", numpy=True, atol=1)
def sum_all(lib, rng):
    return lambda x: x.sum(), (floats(rng, 4 * 10**6),)


@workload("max_and_mean_1024", "reductions", numpy=True)
def max_and_mean(lib, rng):
    return lambda x: (x.max(1), x.mean(1), x.std(1)), (floats(rng, 1024, 1024),)


@workload("argmax_1024", "reductions", numpy=True)
def argmax(lib, rng):
    return lambda x: x.argmax(1), (floats(rng, 1024, 1024),)


def _with_gradient(lib, f):
    return lambda *args: (f(*args), lib.grad(lambda *a: (f(*a) ** 2).sum())(*args))


@workload("softmax_1024", "reductions")
def softmax(lib, rng):
    return lambda x: lib.nn.softmax(x), (floats(rng, 1024, 1024),)


@workload("softmax_gradient_1024", "reductions")
def softmax_gradient(lib, rng):
    return _with_gradient(lib, lib.nn.softmax), (floats(rng, 1024, 1024),)


@workload("logsumexp_1024", "reductions")
def logsumexp(lib, rng):
    return lambda x: lib.nn.logsumexp(x, axis=1), (floats(rng, 1024, 1024),)


def _layernorm(lib, x):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / lib.np.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-5)


@workload("layernorm_gradient_1024", "reductions")
def layernorm(lib, rng):
    return _with_gradient(lib, lambda x: _layernorm(lib, x)), (floats(rng, 1024, 1024),)


@workload("rmsnorm_gradient_1024", "reductions")
def rmsnorm(lib, rng):
    f = lambda x: x / lib.np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)  # noqa: E731
    return _with_gradient(lib, f), (floats(rng, 1024, 1024),)

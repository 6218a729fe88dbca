"""Training steps, and derivatives of small functions."""

from __future__ import annotations

import itertools

import numpy as np

from ..workload import floats, workload


def _layers(rng, *sizes):
    return [(floats(rng, m, n) / np.sqrt(m), np.zeros(n, np.float32)) for m, n in itertools.pairwise(sizes)]


def _mlp(lib, params, x):
    for w, b in params[:-1]:
        x = lib.nn.relu(x @ w + b)
    return x @ params[-1][0] + params[-1][1]


def _cross_entropy(lib, logits, labels):
    return -lib.np.mean(lib.np.sum(lib.nn.log_softmax(logits) * lib.nn.one_hot(labels, logits.shape[-1]), -1))


def _sgd(lib, loss):
    def step(params, *data):
        value, gradient = lib.value_and_grad(loss)(params, *data)
        return value, lib.tree_map(lambda p, g: p - 0.1 * g, params, gradient)

    return step


@workload("mlp_step", "training", atol=1e-3)
def mlp_step(lib, rng):
    data = floats(rng, 128, 784), rng.integers(0, 10, 128, dtype=np.int32)
    step = _sgd(lib, lambda p, x, y: _cross_entropy(lib, _mlp(lib, p, x), y))
    return step, (_layers(rng, 784, 512, 512, 10), *data)


@workload("cnn_step", "training", atol=1e-3)
def cnn_step(lib, rng):
    def loss(params, x, y):
        for w in params["conv"]:
            x = lib.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
            x = lib.lax.reduce_window(lib.nn.relu(x), -np.inf, lib.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return _cross_entropy(lib, x.reshape(x.shape[0], -1) @ params["dense"], y)

    params = {
        "conv": [floats(rng, 3, 3, 1, 16) * 0.3, floats(rng, 3, 3, 16, 32) * 0.1],
        "dense": floats(rng, 7 * 7 * 32, 10) * 0.02,
    }
    return _sgd(lib, loss), (params, floats(rng, 32, 28, 28, 1), rng.integers(0, 10, 32, dtype=np.int32))


@workload("transformer_step", "training", atol=1e-3)
def transformer_step(lib, rng):
    width, heads, layers, vocabulary = 128, 4, 2, 256

    def norm(x):
        return (x - x.mean(-1, keepdims=True)) / lib.np.sqrt(x.var(-1, keepdims=True) + 1e-5)

    def block(p, x):
        n, length, _ = x.shape
        q, k, v = ((norm(x) @ w).reshape(n, length, heads, -1).transpose(0, 2, 1, 3) for w in (p["q"], p["k"], p["v"]))
        scores = lib.np.einsum("bhqd,bhkd->bhqk", q, k) / np.float32((width // heads) ** 0.5)
        mask = lib.np.tril(lib.np.ones((length, length), bool))
        weights = lib.nn.softmax(lib.np.where(mask, scores, np.float32(-1e9)))
        mixed = lib.np.einsum("bhqk,bhkd->bhqd", weights, v).transpose(0, 2, 1, 3).reshape(n, length, width)
        x = x + mixed @ p["o"]
        return x + lib.nn.gelu(norm(x) @ p["up"]) @ p["down"]

    def loss(params, tokens):
        x = params["embed"][tokens[:, :-1]]
        for p in params["blocks"]:
            x = block(p, x)
        return _cross_entropy(lib, norm(x) @ params["embed"].T, tokens[:, 1:])

    shapes = {"q": width, "k": width, "v": width, "o": width, "up": 4 * width}
    blocks = [
        {name: floats(rng, width, n) * 0.05 for name, n in shapes.items()}
        | {"down": floats(rng, 4 * width, width) * 0.05}
        for _ in range(layers)
    ]
    params = {"embed": floats(rng, vocabulary, width) * 0.05, "blocks": blocks}
    return _sgd(lib, loss), (params, rng.integers(0, vocabulary, (8, 65), dtype=np.int32))


@workload("per_example_gradients", "transforms", atol=1e-3)
def per_example(lib, rng):
    gradient = lib.grad(lambda p, x, y: ((_mlp(lib, p, x) - y) ** 2).sum())
    arguments = _layers(rng, 32, 64, 8), floats(rng, 256, 32), floats(rng, 256, 8)
    return lib.vmap(gradient, in_axes=(None, 0, 0)), arguments


def _rosenbrock(lib, x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


@workload("hessian_64", "transforms", rtol=1e-2, atol=1e-1)
def hessian(lib, rng):
    return lib.hessian(lambda x: _rosenbrock(lib, x)), (floats(rng, 64),)


@workload("jvp_of_grad_1000", "transforms", rtol=1e-2, atol=1e-1)
def hessian_vector(lib, rng):
    def product(x, v):
        return lib.jvp(lib.grad(lambda x: _rosenbrock(lib, x)), (x,), (v,))[1]

    return product, (floats(rng, 1000), floats(rng, 1000))


@workload("jacobian_32", "transforms")
def jacobian(lib, rng):
    return lib.jacfwd(lambda x, w: lib.np.tanh(w @ x)), (floats(rng, 32), floats(rng, 32, 32))

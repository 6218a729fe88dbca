"""Loops that learn and infer: recurrent networks, filters, samplers, optimizers."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload


@workload("fori_1000x16", "loop")
def fori(lib, rng):
    return lambda x: lib.lax.fori_loop(0, 1000, lambda i, x: x * np.float32(0.999) + np.float32(0.001), x), (
        floats(rng, 16),
    )


@workload("scan_1000x16", "loop")
def scan(lib, rng):
    def step(carry, x):
        carry = carry * np.float32(0.9) + x
        return carry, carry.sum()

    return lambda c, xs: lib.lax.scan(step, c, xs), (floats(rng, 16), floats(rng, 1000, 16))


def _rnn(lib, w, carry, x):
    carry = lib.np.tanh(x + carry @ w)
    return carry, carry


def _gru(lib, w, carry, x):
    n = carry.shape[-1]
    gates = x + carry @ w
    update, reset = (lib.nn.sigmoid(gates[..., i * n : (i + 1) * n]) for i in range(2))
    candidate = lib.np.tanh(x[..., 2 * n :] + reset * (carry @ w[:, 2 * n :]))
    carry = update * carry + (1 - update) * candidate
    return carry, carry


def _lstm(lib, w, carry, x):
    hidden, cell = carry
    n = hidden.shape[-1]
    gates = x + hidden @ w
    i, f, g, o = (gates[..., k * n : (k + 1) * n] for k in range(4))
    cell = lib.nn.sigmoid(f) * cell + lib.nn.sigmoid(i) * lib.np.tanh(g)
    hidden = lib.nn.sigmoid(o) * lib.np.tanh(cell)
    return (hidden, cell), hidden


for _name, _cell, _gates in (("rnn", _rnn, 1), ("gru", _gru, 3), ("lstm", _lstm, 4)):

    def _run(lib, w, xs, cell=_cell, pair=_name == "lstm"):
        start = lib.np.zeros(w.shape[0], np.float32)
        return lib.lax.scan(lambda c, x: cell(lib, w, c, x), (start, start) if pair else start, xs)[1]

    @workload(f"{_name}_64x200", "loop", atol=1e-3)
    def forward(lib, rng, run=_run, gates=_gates):
        return lambda w, xs: run(lib, w, xs), (floats(rng, 64, 64 * gates) / 8, floats(rng, 200, 64 * gates))

    @workload(f"{_name}_gradient_64x200", "loop", rtol=1e-2, atol=1e-2)
    def gradient(lib, rng, run=_run, gates=_gates):
        arrays = floats(rng, 64, 64 * gates) / 8, floats(rng, 200, 64 * gates)
        return lib.grad(lambda w, xs: (run(lib, w, xs) ** 2).sum()), arrays


@workload("newton_while_64", "loop")
def newton(lib, rng):
    def root(a):
        def unfinished(state):
            x, old = state
            return lib.np.max(lib.np.abs(x - old)) > 1e-6

        return lib.lax.while_loop(unfinished, lambda s: ((s[0] + a / s[0]) / 2, s[0]), (a, a + 1))[0]

    return root, (np.abs(floats(rng, 64)) + 1,)


@workload("kalman_4x500", "loop", rtol=1e-2)
def kalman(lib, rng):
    transition = np.eye(4, dtype=np.float32) + np.eye(4, k=2, dtype=np.float32) * np.float32(0.1)
    observation = np.eye(2, 4, dtype=np.float32)

    def step(state, z):
        mean, covariance = state
        mean = transition @ mean
        covariance = transition @ covariance @ transition.T + np.float32(0.01) * np.eye(4, dtype=np.float32)
        s = observation @ covariance @ observation.T + np.float32(0.1) * np.eye(2, dtype=np.float32)
        (a, b), (c, d) = (s[0, 0], s[0, 1]), (s[1, 0], s[1, 1])
        inverse = lib.np.stack([lib.np.stack([d, -b]), lib.np.stack([-c, a])]) / (a * d - b * c)
        gain = covariance @ observation.T @ inverse
        mean = mean + gain @ (z - observation @ mean)
        return (mean, covariance - gain @ observation @ covariance), mean

    start = np.zeros(4, np.float32), np.eye(4, dtype=np.float32)
    return lambda start, zs: lib.lax.scan(step, start, zs), (start, floats(rng, 500, 2))


@workload("hmc_64_chains", "loop", rtol=None)
def hmc(lib, rng):
    precision = np.array([[1.0, -0.8], [-0.8, 1.0]], np.float32)

    def density(x):
        return -0.5 * x @ (precision @ x)

    def transition(x, noise):
        def leapfrog(state, _):
            x, p = state
            p = p + 0.1 * lib.grad(density)(x)
            x = x + 0.2 * p
            return (x, p + 0.1 * lib.grad(density)(x)), None

        (new, p), _ = lib.lax.scan(leapfrog, (x, noise[:2]), None, 8)
        log_ratio = density(new) - density(x) + 0.5 * (noise[:2] @ noise[:2] - p @ p)
        x = lib.np.where(noise[2] < log_ratio, new, x)
        return x, x

    return lib.vmap(lambda x, noise: lib.lax.scan(transition, x, noise)[1]), (
        floats(rng, 64, 2), floats(rng, 64, 100, 3),
    )  # fmt: skip


@workload("descent_rosenbrock_1000", "loop", rtol=1e-2, atol=1e-2)
def descent(lib, rng):
    def f(x):
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    return lambda x: lib.lax.fori_loop(0, 1000, lambda i, x: x - 1e-4 * lib.grad(f)(x), x), (floats(rng, 10) * 0.1,)

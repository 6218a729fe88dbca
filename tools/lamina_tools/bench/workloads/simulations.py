"""Loops that simulate: differential equations, particles, cellular automata, fractals."""

from __future__ import annotations

import numpy as np

from ..workload import floats, workload


def _runge_kutta(f, y, h):
    k1 = f(y)
    k2 = f(y + h / 2 * k1)
    k3 = f(y + h / 2 * k2)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + f(y + h * k3))


@workload("lorenz_10000", "loop", rtol=None)
def lorenz(lib, rng):
    def f(s):
        x, y, z = s[0], s[1], s[2]
        return lib.np.stack([10 * (y - x), x * (28 - z) - y, x * y - np.float32(8 / 3) * z])

    def run(s):
        return lib.lax.fori_loop(0, 10000, lambda i, s: _runge_kutta(f, s, np.float32(0.005)), s)

    return run, (np.ones(3, np.float32),)


@workload("dopri5_van_der_pol", "loop", rtol=1e-2, atol=1e-2)
def dopri5(lib, rng):
    a = [
        [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
    ]  # fmt: skip
    error = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40]

    def f(y):
        return lib.np.stack([y[1], 5 * (1 - y[0] ** 2) * y[1] - y[0]])

    def attempt(state):
        t, y, h = state
        ks = [f(y)]
        for row in a:
            ks.append(f(y + h * sum(np.float32(c) * k for c, k in zip(row, ks, strict=False))))
        new = y + h * sum(np.float32(c) * k for c, k in zip(a[-1], ks, strict=False))
        wrong = lib.np.max(lib.np.abs(h * sum(np.float32(c) * k for c, k in zip(error, ks, strict=True)))) / 1e-5
        factor = lib.np.clip(0.9 * (wrong + 1e-10) ** -0.2, 0.2, 5.0)
        fits = wrong <= 1
        return lib.np.where(fits, t + h, t), lib.np.where(fits, new, y), h * factor

    def run(y):
        start = lib.np.float32(0), y, lib.np.float32(0.01)
        return lib.lax.while_loop(lambda s: s[0] < 20, attempt, start)[1]

    return run, (np.array([2, 0], np.float32),)


@workload("n_body_256x100", "loop", rtol=1e-2, atol=1e-2)
def n_body(lib, rng):
    def forces(x, mass):
        apart = x[None] - x[:, None]
        cubed = ((apart**2).sum(-1) + np.float32(0.1)) ** np.float32(-1.5)
        return (apart * (cubed * mass)[..., None]).sum(1)

    def run(x, v, mass):
        def step(i, state):
            x, v = state
            v = v + np.float32(0.001) * forces(x, mass)
            return x + np.float32(0.001) * v, v

        return lib.lax.fori_loop(0, 100, step, (x, v))

    return run, (floats(rng, 256, 3), floats(rng, 256, 3), np.abs(floats(rng, 256)) / 256)


@workload("heat_128x500", "loop")
def heat(lib, rng):
    def step(i, u):
        inner = u[1:-1, 1:-1]
        around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4 * inner
        return u.at[1:-1, 1:-1].set(inner + np.float32(0.2) * around)

    return lambda u: lib.lax.fori_loop(0, 500, step, u), (floats(rng, 128, 128),)


@workload("life_128x200", "loop")
def life(lib, rng):
    def step(i, cells):
        near = sum(lib.np.roll(cells, (dx, dy), (0, 1)) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if (dx, dy) != (0, 0))
        return ((near == 3) | ((cells == 1) & (near == 2))).astype(np.int32)

    return lambda cells: lib.lax.fori_loop(0, 200, step, cells), (rng.integers(0, 2, (128, 128), dtype=np.int32),)


@workload("mandelbrot_256", "loop")
def mandelbrot(lib, rng):
    def run(re, im):
        def step(i, state):
            x, y, count = state
            inside = x * x + y * y < 4
            new = lib.np.where(inside, x * x - y * y + re, x), lib.np.where(inside, 2 * x * y + im, y)
            return *new, count + inside

        zero = lib.np.zeros_like(re)
        return lib.lax.fori_loop(0, 100, step, (zero, zero, lib.np.zeros(re.shape, np.int32)))[2]

    axis = np.linspace(-2, 1, 256, dtype=np.float32)
    re, im = np.meshgrid(axis, axis / 2)
    return run, (re, im)

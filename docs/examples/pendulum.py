"""Differentiable physics: a pendulum's length and friction from a few noisy observations, by gradient descent.

    python docs/examples/pendulum.py [--steps 150] [--output pendulum.png]

The simulation is a `lax.scan` of symplectic Euler steps (Hairer, Lubich, Wanner, "Geometric numerical integration");
`grad` goes through all of them. The plot shows the observations and the motion before and after the fit.
"""

from __future__ import annotations

import argparse

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax

GRAVITY, DT, STEPS = 9.81, 0.01, 600
TRUE = {"length": 1.3, "friction": 0.25}


def simulate(params):
    """Angles at all times, in radians."""

    def step(state, _):
        angle, speed = state
        speed = speed + DT * (-GRAVITY / params["length"] * lnp.sin(angle) - params["friction"] * speed)
        angle = angle + DT * speed
        return (angle, speed), angle

    return lax.scan(step, (lnp.float32(1.2), lnp.float32(0.0)), None, STEPS)[1]


def loss(params, times, observed):
    return lnp.mean((simulate(params)[times] - observed) ** 2)


@la.jit
def descend(params, moments, times, observed):
    """One step of gradient descent with steps of equal size in all parameters (RMSProp)."""
    value, gradient = la.value_and_grad(loss)(params, times, observed)
    moments = la.tree.map(lambda m, g: 0.9 * m + 0.1 * g * g, moments, gradient)
    params = la.tree.map(lambda p, g, m: p - 0.01 * g / (lnp.sqrt(m) + 1e-8), params, gradient, moments)
    return params, moments, value


def plot(path, times, observed, curves):
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    clock = np.arange(STEPS) * DT
    for label, angles in curves.items():
        axes.plot(clock, np.asarray(angles), label=label)
    axes.plot(clock[times], observed, "k.", label="observed")
    axes.set(xlabel="time in s", ylabel="angle in rad", title="A pendulum fitted by gradient descent")
    axes.legend()
    figure.savefig(path)
    plt.close(figure)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--output", default="pendulum.png")
    options = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    times = np.sort(rng.choice(STEPS, 40, replace=False)).astype(np.int32)
    observed = np.asarray(simulate(TRUE))[times] + rng.normal(size=40).astype(np.float32) * 0.03
    start = params = {"length": lnp.float32(1.1), "friction": lnp.float32(0.05)}
    moments = la.tree.map(lnp.zeros_like, params)
    for step in range(options.steps):
        params, moments, value = descend(params, moments, times, observed)
        if step % 50 == 0:
            print(f"step {step:3}: mean squared error {float(value):.5f}")
    found = {name: float(value) for name, value in params.items()}
    print(f"found {found}, true {TRUE}")
    plot(options.output, times, observed, {"first guess": simulate(start), "fitted": simulate(params)})
    return found


if __name__ == "__main__":
    main()

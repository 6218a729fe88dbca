"""A neural ordinary differential equation learns a spiral; its gradients come from the adjoint equation.

    python docs/examples/neural_ode.py [--steps 200]

The forward pass keeps only the final state. The backward pass integrates the adjoint, and the state once more,
backwards in time (Pontryagin 1962; Chen et al., "Neural ordinary differential equations", 2018): a rule that
`custom_vjp` attaches to the solver, so that memory does not grow with the number of steps.
"""

from __future__ import annotations

import argparse

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax, tree

STEPS = 20  # of Runge and Kutta's method between two observations


def field(params, y):
    """dy/dt, a network of the state."""
    hidden = lnp.tanh(y**3 @ params["w1"] + params["b1"])
    return hidden @ params["w2"] + params["b2"]


def integrate(f, y, duration):
    """The state after `duration`, by the classical fourth-order Runge-Kutta method."""
    h = duration / STEPS

    def step(y, _):
        shifted = lambda k, s: tree.map(lambda a, b: a + s * b, y, k)  # noqa: E731
        k1 = f(y)
        k2 = f(shifted(k1, h / 2))
        k3 = f(shifted(k2, h / 2))
        k4 = f(shifted(k3, h))
        return tree.map(lambda a, b, c, d, e: a + h / 6 * (b + 2 * c + 2 * d + e), y, k1, k2, k3, k4), None

    return lax.scan(step, y, None, STEPS)[0]


@la.custom_vjp
def solve(params, y, duration):
    """The state of the learned system after `duration`."""
    return integrate(lambda state: field(params, state), y, duration)


def solve_forward(params, y, duration):
    final = solve(params, y, duration)
    return final, (params, final, duration)


def solve_backward(residuals, adjoint):
    """Integrate state, adjoint and the gradient of the parameters from the end back to the start."""
    params, final, duration = residuals

    def backwards(state):
        y, a, _ = state
        dy, pull = la.vjp(field, params, y)
        to_params, to_y = pull(a)
        return -dy, to_y, to_params

    zeros = tree.map(lnp.zeros_like, params)
    _, to_start, to_params = integrate(backwards, (final, adjoint, zeros), duration)
    return to_params, to_start, None


solve.defvjp(solve_forward, solve_backward)


def trajectory(params, start, count, interval):
    """The states at `count` times that are `interval` apart."""

    def step(y, _):
        y = solve(params, y, interval)
        return y, y

    return lax.scan(step, start, None, count)[1]


def true_trajectory(start, count, interval):
    matrix = lnp.array([[-0.1, 2.0], [-2.0, -0.1]])

    def step(y, _):
        y = integrate(lambda y: y**3 @ matrix, y, interval)
        return y, y

    return lax.scan(step, start, None, count)[1]


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    params = {
        "w1": (rng.normal(size=(2, 32)) * 0.5).astype(np.float32), "b1": np.zeros(32, np.float32),
        "w2": (rng.normal(size=(32, 2)) * 0.1).astype(np.float32), "b2": np.zeros(2, np.float32),
    }  # fmt: skip
    start, interval = lnp.array([2.0, 0.0]), 0.1
    target = la.jit(true_trajectory, static_argnums=1)(start, 20, interval)
    # short pieces, each from an observed state, are easier to learn than the whole curve at once
    starts = lnp.concatenate([start[None], target[:-1]])

    def loss(params):
        reached = la.vmap(lambda y: solve(params, y, interval))(starts)
        return lnp.mean((reached - target) ** 2)

    @la.jit
    def train_step(params, speed):
        value, gradient = la.value_and_grad(loss)(params)
        norm = lnp.sqrt(sum(lnp.sum(g * g) for g in tree.leaves(gradient)))
        scale = lnp.minimum(1.0, 1.0 / norm)
        speed = tree.map(lambda s, g: 0.9 * s - 0.1 * scale * g, speed, gradient)
        return tree.map(lnp.add, params, speed), speed, value

    speed = tree.map(np.zeros_like, params)
    first = float(loss(params))
    for step in range(options.steps):
        params, speed, value = train_step(params, speed)
        if step % 50 == 0:
            print(f"step {step:4}: error {float(value):.5f}")
    last = float(loss(params))
    print(f"mean squared error {first:.5f} before, {last:.5f} after")
    return first, last


if __name__ == "__main__":
    main()

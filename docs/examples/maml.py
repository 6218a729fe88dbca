"""Meta-learning: initial weights from which a few gradient steps learn a new task (MAML, Finn, Abbeel, Levine 2017).

    python docs/examples/maml.py [--steps 300]

A task is a sine wave of unknown amplitude and phase, seen at ten points. The inner loop takes gradient steps on a task,
the outer loop differentiates through them: a gradient of a function that uses gradients. `vmap` runs the tasks of a
batch at once.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax, tree

INNER_RATE, INNER_STEPS, OUTER_RATE = 0.05, 3, 0.003


def initial_params(rng, sizes=(1, 40, 40, 1)):
    return [
        {"w": (rng.normal(size=(m, n)) * np.sqrt(1 / m)).astype(np.float32), "b": np.zeros(n, np.float32)}
        for m, n in itertools.pairwise(sizes)
    ]


def predict(params, x):
    for layer in params[:-1]:
        x = lnp.tanh(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def loss(params, x, y):
    return lnp.mean((predict(params, x) - y) ** 2)


def adapted(params, x, y):
    """The weights after a few gradient steps on one task."""

    def step(p, _):
        return tree.map(lambda w, g: w - INNER_RATE * g, p, la.grad(loss)(p, x, y)), None

    return lax.scan(step, params, None, INNER_STEPS)[0]


def meta_loss(params, tasks):
    """How well the adapted weights do on other points of their tasks, on average."""

    def one(x, y, other_x, other_y):
        return loss(adapted(params, x, y), other_x, other_y)

    return lnp.mean(la.vmap(one)(*tasks))


@la.jit
def meta_step(params, moments, tasks):
    """One step of Adam (Kingma and Ba 2015) on the meta-loss."""
    value, gradient = la.value_and_grad(meta_loss)(params, tasks)
    count, first, second = moments
    count = count + 1
    first = tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
    unbias = lnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    params = tree.map(lambda w, m, v: w - OUTER_RATE * unbias * m / (lnp.sqrt(v) + 1e-8), params, first, second)
    return params, (count, first, second), value


def sample_tasks(rng, count, points=10):
    amplitude, phase = rng.uniform(0.5, 3, (count, 1, 1)), rng.uniform(0, np.pi, (count, 1, 1))
    x, other_x = rng.uniform(-4, 4, (2, count, points, 1))
    wave = lambda x: amplitude * np.sin(x + phase)  # noqa: E731
    return tuple(a.astype(np.float32) for a in (x, wave(x), other_x, wave(other_x)))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    options = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    params = initial_params(rng)
    zeros = tree.map(np.zeros_like, params)
    moments = (lnp.float32(0), zeros, zeros)
    test = sample_tasks(np.random.default_rng(1), 100)
    before = float(la.jit(meta_loss)(params, test))
    for step in range(options.steps):
        params, moments, value = meta_step(params, moments, sample_tasks(rng, 25))
        if step % 50 == 0:
            print(f"step {step:4}: meta-loss {float(value):.3f}")
    after = float(la.jit(meta_loss)(params, test))
    print(
        f"error on new tasks after {INNER_STEPS} gradient steps: {before:.3f} before meta-learning, {after:.3f} after"
    )
    return before, after


if __name__ == "__main__":
    main()

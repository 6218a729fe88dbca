"""Gaussian-process regression: a curve with its uncertainty from a few noisy points, and a plot of it.

    python docs/examples/gaussian_process.py [--output gaussian_process.png]

The posterior of Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), algorithm 2.1. Length scale,
amplitude and noise are those under which the data are most probable: `minimize` by BFGS, whose gradients go through the
Cholesky factorization.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np

import lamina as la
import lamina.numpy as lnp
import lamina.scipy.linalg as linalg
from lamina.scipy.optimize import minimize

matplotlib.use("Agg")


def truth(x):
    return np.sin(3 * x) + 0.5 * x


def observations(count=25, noise=0.15, seed=0):
    """Points that leave a gap, and the values there with noise."""
    rng = np.random.default_rng(seed)
    x = np.sort(np.concatenate([rng.uniform(-3, -0.5, count // 2), rng.uniform(1, 3, count - count // 2)]))
    return x, truth(x) + noise * rng.normal(size=count)


def kernel(logs, x, y):
    """Covariance of the values at two points: smooth functions of the given amplitude and length scale."""
    length, amplitude = lnp.exp(logs[0]), lnp.exp(logs[1])
    return amplitude**2 * lnp.exp(-(((x - y) / length) ** 2) / 2)


def covariance(logs, xs, ys):
    """The kernel for all pairs."""
    return la.vmap(lambda x: la.vmap(lambda y: kernel(logs, x, y))(ys))(xs)


def factored(logs, x):
    """The Cholesky factor of the covariance of noisy observations."""
    return lnp.linalg.cholesky(covariance(logs, x, x) + lnp.exp(2 * logs[2]) * lnp.eye(len(x)))


def negative_log_likelihood(logs, x, y):
    factor = factored(logs, x)
    whitened = linalg.solve_triangular(factor, y, lower=True)
    return whitened @ whitened / 2 + lnp.sum(lnp.log(lnp.diag(factor))) + len(x) * lnp.log(2 * lnp.pi) / 2


@la.jit
def posterior(logs, x, y, where):
    """Mean and standard deviation of the function at the points `where`."""
    factor = factored(logs, x)
    across = covariance(logs, x, where)
    mean = across.T @ linalg.cho_solve((factor, True), y)
    explained = linalg.solve_triangular(factor, across, lower=True)
    variance = la.vmap(lambda x: kernel(logs, x, x))(where) - lnp.sum(explained**2, axis=0)
    return mean, lnp.sqrt(lnp.maximum(variance, 0))


@la.jit
def fitted(x, y):
    """Logarithms of length scale, amplitude and noise under which the data are most probable."""
    return minimize(negative_log_likelihood, lnp.array([0.0, 0.0, -1.0]), (x, y), method="BFGS").x


def plot(path, x, y, where, mean, deviation):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    axes.fill_between(where, mean - 2 * deviation, mean + 2 * deviation, alpha=0.25, label="two standard deviations")
    axes.plot(where, mean, label="posterior mean")
    axes.plot(where, truth(where), "--", color="gray", label="truth")
    axes.plot(x, y, "k.", label="observations")
    axes.legend()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def main(argv=None):
    """Length scale, amplitude and noise; and the part of the curve that lies within two standard deviations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("gaussian_process.png"))
    options = parser.parse_args(argv)
    with la.enable_x64(True):
        x, y = observations()
        logs = fitted(x, y)
        where = np.linspace(-3, 3, 200)
        mean, deviation = (np.asarray(part) for part in posterior(logs, x, y, where))
    length, amplitude, noise = (float(v) for v in np.exp(np.asarray(logs)))
    print(f"length scale {length:.2f}, amplitude {amplitude:.2f}, noise {noise:.2f}")
    covered = float(np.mean(np.abs(mean - truth(where)) < 2 * deviation))
    print(f"{covered:.0%} of the true curve lies within two standard deviations; see {options.output}")
    plot(options.output, x, y, where, mean, deviation)
    return {"length": length, "amplitude": amplitude, "noise": noise, "covered": covered}


if __name__ == "__main__":
    main()

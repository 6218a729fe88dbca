"""Logistic regression by Newton's method: is a tumour malignant?

    python docs/examples/newton.py

The loss is convex, and its Hessian comes from `hessian`, so a handful of steps find its minimum to all digits: the
number of right ones about doubles with each. The inverse of the Hessian there is the covariance of the estimate.
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_breast_cancer

import lamina as la
import lamina.numpy as lnp
from lamina import nn

DECAY = 1e-3  # a little, without which the weights of separable data would grow for ever


def load(seed=0):
    """Measurements with mean 0 and variance 1 and a column of ones, and labels: training and test parts."""
    data = load_breast_cancer()
    x = (data.data - data.data.mean(0)) / data.data.std(0)
    x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    order = np.random.default_rng(seed).permutation(len(x))
    x, y = x[order], data.target[order].astype(float)
    return (x[:400], y[:400]), (x[400:], y[400:])


def loss(w, x, y):
    """The mean negative log-likelihood, and a penalty for large weights."""
    score = x @ w
    return lnp.mean(nn.softplus(score) - y * score) + DECAY * w @ w / 2


@la.jit
def newton_step(w, x, y):
    """The weights after a step, and the norm of the gradient before it."""
    gradient, curvature = la.grad(loss)(w, x, y), la.hessian(loss)(w, x, y)
    return w - lnp.linalg.solve(curvature, gradient), lnp.linalg.norm(gradient)


@la.jit
def standard_errors(w, x, y):
    """How well the data determine each weight."""
    return lnp.sqrt(lnp.diag(lnp.linalg.inv(len(x) * la.hessian(loss)(w, x, y))))


def accuracy(w, x, y):
    return float(lnp.mean((x @ w > 0) == y))


def main(argv=None):
    """The norms of the gradient from step to step, and the accuracy on the test part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=10)
    options = parser.parse_args(argv)
    with la.enable_x64(True):
        (x, y), test = load()
        w, norms = lnp.zeros(x.shape[1]), []
        for step in range(options.steps):
            w, norm = newton_step(w, x, y)
            norms.append(float(norm))
            print(f"step {step:2}: |gradient| = {norms[-1]:.1e}")
        errors = standard_errors(w, x, y)
        strongest = np.argsort(-np.abs(np.asarray(w[:-1] / errors[:-1])))[:3]
        for i in strongest:
            print(f"{load_breast_cancer().feature_names[i]:>22}: {float(w[i]):+.2f} ± {float(errors[i]):.2f}")
        reached = accuracy(w, *test)
        print(f"accuracy on unseen cases: {reached:.1%}")
    return norms, reached


if __name__ == "__main__":
    main()

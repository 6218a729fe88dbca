"""Hessian-free optimization: Newton-like steps for a network, without ever making a matrix of its parameters.

    python docs/examples/hessian_free.py [--steps 12]

Each step minimizes the local quadratic model of the loss with conjugate gradients. These need only products of the
Gauss-Newton matrix with a vector, which are a `jvp` of the network followed by its `vjp` (Martens, "Deep learning via
Hessian-free optimization", 2010; Schraudolph 2002). The conjugate gradients are a `lax.while_loop`.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np
from sklearn.datasets import load_digits

import lamina as la
import lamina.numpy as lnp
from lamina import lax, nn, tree

SIZES = (64, 32, 10)
RIDGE = 1e-3


def initial_params(rng):
    return [
        {"w": (rng.normal(size=(m, n)) / np.sqrt(m)).astype(np.float32), "b": np.zeros(n, np.float32)}
        for m, n in itertools.pairwise(SIZES)
    ]


def logits(params, x):
    for layer in params[:-1]:
        x = lnp.tanh(x @ layer["w"] + layer["b"])
    return x @ params[-1]["w"] + params[-1]["b"]


def cross_entropy(z, y):
    return -lnp.mean(lnp.sum(nn.log_softmax(z) * nn.one_hot(y, 10), axis=-1))


def dot(a, b):
    return sum(lnp.vdot(x, y) for x, y in zip(tree.leaves(a), tree.leaves(b), strict=True))


def axpy(scale, x, y):
    """scale · x + y, leaf by leaf."""
    return tree.map(lambda a, b: scale * a + b, x, y)


def gauss_newton_product(params, x, y, v, damping):
    """(Jᵀ H J + damping) v, where J is the Jacobian of the network and H the Hessian of the loss in its output."""
    z, dz = la.jvp(lambda p: logits(p, x), (params,), (v,))
    hdz = la.jvp(la.grad(lambda z: cross_entropy(z, y)), (z,), (dz,))[1]
    (product,) = la.vjp(lambda p: logits(p, x), params)[1](hdz)
    return axpy(damping, v, product)


def conjugate_gradients(product, b, limit=50, tolerance=1e-4):
    """x with product(x) ≈ b."""
    target = tolerance * dot(b, b)

    def unfinished(state):
        i, _, _, _, rr = state
        return (i < limit) & (rr > target)

    def step(state):
        i, x, r, p, rr = state
        ap = product(p)
        alpha = rr / dot(p, ap)
        x, r = axpy(alpha, p, x), axpy(-alpha, ap, r)
        new_rr = dot(r, r)
        return i + 1, x, r, axpy(new_rr / rr, p, r), new_rr

    x = tree.map(lnp.zeros_like, b)
    i, x, _, _, _ = lax.while_loop(unfinished, step, (0, x, b, b, dot(b, b)))
    return x, i


def objective(params, x, y):
    return cross_entropy(logits(params, x), y) + RIDGE / 2 * dot(params, params)


@la.jit
def newton_step(params, x, y, damping):
    value, gradient = la.value_and_grad(objective)(params, x, y)
    downhill = tree.map(lnp.negative, gradient)
    direction, iterations = conjugate_gradients(
        lambda v: gauss_newton_product(params, x, y, v, damping + RIDGE), downhill
    )
    new = axpy(1.0, direction, params)
    improved = objective(new, x, y) < value
    params = tree.map(lambda a, b: lnp.where(improved, a, b), new, params)
    return params, lnp.where(improved, damping * 0.5, damping * 4.0), value, iterations


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=12)
    options = parser.parse_args(argv)
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    x, y = (digits.data[order] / 16).astype(np.float32), digits.target[order].astype(np.int32)
    train, test = slice(0, 1440), slice(1440, None)
    params, damping = initial_params(np.random.default_rng(1)), lnp.float32(0.1)
    for step in range(options.steps):
        params, damping, value, iterations = newton_step(params, x[train], y[train], damping)
        print(f"step {step:2}: objective {float(value):.4f} after {int(iterations)} products")
    accuracy = float(lnp.mean(lnp.argmax(logits(params, x[test]), axis=1) == y[test]))
    print(f"test accuracy {accuracy:.1%}")
    return accuracy


if __name__ == "__main__":
    main()

"""A convolutional network reads handwritten digits, which it sees a little moved in every epoch.

    python docs/examples/cnn.py [--epochs 30]

Two convolutions with a pooling after each, then one dense layer, trained by Adam (Kingma and Ba 2015) on scikit-learn's
8×8 digits. Augmentation is part of the compiled step: every image is shifted by its own random distance.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np
from sklearn.datasets import load_digits

import lamina as la
import lamina.numpy as lnp
from lamina import lax, nn, random, tree

BATCH, RATE = 64, 3e-3
CHANNELS = (16, 32)


def load(seed=0):
    """Images f32[n, 8, 8, 1] in [0, 1] and labels: training and test parts."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    x = (digits.images[order, :, :, None] / 16).astype(np.float32)
    y = digits.target[order].astype(np.int32)
    return (x[:1440], y[:1440]), (x[1440:], y[1440:])


def initial_params(key):
    keys = random.split(key, 3)
    first, second = CHANNELS
    he = nn.initializers.he_normal()
    return {
        "first": {"w": he(keys[0], (3, 3, 1, first)), "b": lnp.zeros(first)},
        "second": {"w": he(keys[1], (3, 3, first, second)), "b": lnp.zeros(second)},
        "dense": {"w": he(keys[2], (2 * 2 * second, 10)), "b": lnp.zeros(10)},
    }


def convolution(layer, x):
    """A 3×3 convolution of images [n, height, width, channels], of the same size, and a rectifier."""
    y = lax.conv_general_dilated(x, layer["w"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return nn.relu(y + layer["b"])


def pooled(x):
    """The largest of each 2×2 pixels."""
    return lax.reduce_window(x, -lnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def logits(params, x):
    x = pooled(convolution(params["first"], x))
    x = pooled(convolution(params["second"], x))
    return x.reshape(len(x), -1) @ params["dense"]["w"] + params["dense"]["b"]


def shifted(key, image):
    """The image moved by up to a pixel in each direction; what comes in is black."""
    start = random.randint(key, (2,), 0, 3)
    return lax.dynamic_slice(lnp.pad(image, ((1, 1), (1, 1), (0, 0))), (start[0], start[1], 0), image.shape)


def loss(params, x, y):
    return -lnp.mean(lnp.sum(nn.log_softmax(logits(params, x)) * nn.one_hot(y, 10), axis=-1))


@la.jit
def step(state, key, x, y):
    """Parameters and moments after one step of Adam on moved images, and the loss before it."""
    params, first, second, count = state
    x = la.vmap(shifted)(random.split(key, len(x)), x)
    value, gradient = la.value_and_grad(loss)(params, x, y)
    first = tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
    scale = RATE * lnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    params = tree.map(lambda p, m, v: p - scale * m / (lnp.sqrt(v) + 1e-8), params, first, second)
    return (params, first, second, count + 1), value


@la.jit
def accuracy(params, x, y):
    return lnp.mean(lnp.argmax(logits(params, x), axis=-1) == y)


def main(argv=None):
    """The accuracy on the test part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    options = parser.parse_args(argv)
    (x, y), test = load()
    params = initial_params(random.key(0))
    zeros = tree.map(lnp.zeros_like, params)
    state, rng, value = (params, zeros, zeros, lnp.array(1.0)), np.random.default_rng(0), 0.0
    for epoch in range(options.epochs):
        order = rng.permutation(len(x))
        keys = random.split(random.fold_in(random.key(1), epoch), len(x) // BATCH)
        for i, key in enumerate(keys):
            chosen = order[i * BATCH : (i + 1) * BATCH]
            state, value = step(state, key, x[chosen], y[chosen])
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1:2}: loss {float(value):.4f}, accuracy {float(accuracy(state[0], *test)):.1%}")
    reached = float(accuracy(state[0], *test))
    print(f"accuracy on unseen digits: {reached:.1%}")
    return reached


if __name__ == "__main__":
    sys.exit(main() < 0.97)

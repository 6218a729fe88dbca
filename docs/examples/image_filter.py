"""A bilateral filter: takes the noise off an image and leaves its edges.

    python docs/examples/image_filter.py [--output filtered.png]

Every pixel becomes a mean of its neighbours, weighted by how near they are in place and in brightness (Tomasi and
Manduchi, "Bilateral filtering for gray and color images", 1998). How much either counts is found by gradient descent on
one image, and then used on another: the filter is differentiable like any other function.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib
import numpy as np

import lamina as la
import lamina.numpy as lnp

matplotlib.use("Agg")

REACH = 4  # pixels to each side


def picture(seed, size=96):
    """Overlapping discs of different brightness over a gradient, in [0, 1]."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    image = 0.3 + 0.3 * x
    for _ in range(12):
        cx, cy, radius, value = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.05, 0.25), rng.uniform(0, 1)
        image = np.where((x - cx) ** 2 + (y - cy) ** 2 < radius**2, value, image)
    return image.astype(np.float32)


def noisy(image, seed, noise=0.1):
    return (image + noise * np.random.default_rng(seed).normal(size=image.shape)).astype(np.float32)


def bilateral(image, logs):
    """The filtered image; `logs` are the logarithms of what is near in pixels, and in brightness."""
    near, alike = lnp.exp(logs[0]), lnp.exp(logs[1])
    padded = lnp.pad(image, REACH, mode="edge")
    offsets = lnp.stack(lnp.meshgrid(*[lnp.arange(-REACH, REACH + 1)] * 2), axis=-1).reshape(-1, 2)

    def shifted(offset):
        neighbour = la.lax.dynamic_slice(padded, tuple(offset + REACH), image.shape)
        distance = lnp.sum(offset**2) / near**2 + ((neighbour - image) / alike) ** 2
        weight = lnp.exp(-distance / 2)
        return weight * neighbour, weight

    values, weights = la.vmap(shifted)(offsets)
    return lnp.sum(values, axis=0) / lnp.sum(weights, axis=0)


def error(logs, image, clean):
    """The mean squared error of the filtered image."""
    return lnp.mean((bilateral(image, logs) - clean) ** 2)


@la.jit
def improved(logs, image, clean, rate=0.5):
    """The parameters after a step against the direction of the gradient, and the error before it."""
    value, slope = la.value_and_grad(error)(logs, image, clean)
    return logs - rate * slope / (lnp.linalg.norm(slope) + 1e-6), value


def decibels(image, clean):
    """Peak signal to noise ratio."""
    return float(-10 * np.log10(np.mean((np.asarray(image) - clean) ** 2)))


def main(argv=None):
    """The signal to noise ratio of an image before and after it was filtered."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--output", type=Path, default=Path("filtered.png"))
    options = parser.parse_args(argv)
    clean = picture(seed=0)
    example, logs = noisy(clean, seed=1), lnp.array([0.0, -3.0])
    for step in range(options.steps):
        logs, value = improved(logs, example, clean, 0.5 * 0.85**step)
    print(f"near: {float(lnp.exp(logs[0])):.2f} pixels, alike: {float(lnp.exp(logs[1])):.2f}, error {float(value):.5f}")
    clean = picture(seed=2)
    image = noisy(clean, seed=3)
    filtered = np.asarray(la.jit(bilateral)(image, logs))
    before, after = decibels(image, clean), decibels(filtered, clean)
    print(f"another image: {before:.1f} dB before, {after:.1f} dB after; see {options.output}")
    from matplotlib import pyplot

    pyplot.imsave(options.output, np.concatenate([image, filtered], axis=1), cmap="gray", vmin=0, vmax=1)
    return before, after


if __name__ == "__main__":
    main()

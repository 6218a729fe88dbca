"""Gradients of arrays that are cut in pieces along some axis: neighbours, gaps, overlaps, any order, second derivatives."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp


def cut(rng: np.random.Generator) -> tuple[Any, np.ndarray]:
    shape = tuple(int(n) for n in rng.integers(1, 8, int(rng.integers(1, 4))))
    axis = int(rng.integers(len(shape)))
    size = shape[axis]
    edges = sorted({0, size, *(int(i) for i in rng.integers(0, size + 1, 3))})
    pieces = list(pairwise(edges))
    if rng.integers(2):
        pieces += [(int(rng.integers(0, size)), size)]
    pieces = [pieces[i] for i in rng.permutation(len(pieces))][: int(rng.integers(1, len(pieces) + 1))]

    def f(x: Any) -> Any:
        total = np.float32(0)
        for i, (start, stop) in enumerate(pieces):
            where = (slice(None),) * axis + (slice(start, stop),)
            total += (lnp.sin(x[where]) * (i + 1) * total + x[where] ** 2).sum()
        return total

    return f, rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize("seed", range(8))
def test_random_cuts(seed: int) -> None:
    f, x = cut(np.random.default_rng(seed))
    got = np.asarray(la.jit(la.grad(f))(x), np.float64)
    h, want = 1e-2, np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        step = np.zeros_like(x)
        step[place] = h
        want[place] = (float(f(x + step)) - float(f(x - step))) / (2 * h)
    np.testing.assert_allclose(got, want, rtol=2e-2, atol=2e-2 * max(1, np.abs(want).max()))


def test_second_derivatives_and_batches() -> None:
    def f(x: Any) -> Any:
        a, b, c = lnp.split(x, 3)
        return (a * lnp.sin(b) * c).sum()

    x = np.linspace(-1, 1, 6, dtype=np.float32)
    hessian = np.asarray(la.jit(la.hessian(f))(x))
    a, b, c = np.split(x, 3)
    mixed = np.diag(np.cos(b) * c)
    np.testing.assert_allclose(hessian[:2, 2:4], mixed, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-5, atol=1e-6)
    many = np.asarray(la.jit(la.vmap(la.grad(f)))(np.stack([x, x[::-1]])))
    np.testing.assert_allclose(
        many[0], np.concatenate([np.sin(b) * c, a * np.cos(b) * c, a * np.sin(b)]), rtol=1e-5, atol=1e-6
    )

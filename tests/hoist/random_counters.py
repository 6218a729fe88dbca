"""Loops drawn at random that read arrays at places their counters give, most of them step by step along a dimension."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina.tree_util import tree_leaves

N = 7  # size of what is read

# (a matrix of N by N, counter) -> a vector of N elements, some of whose places are no walk, or leave the array
READERS: list[Callable[[Any, Any], Any]] = [
    lambda x, i: x[i],
    lambda x, i: x[i],
    lambda x, i: x[N - 1 - i],
    lambda x, i: x[-i],
    lambda x, i: x[2 * i],
    lambda x, i: x[i % 3],
    lambda x, i: x[i * i],
    lambda x, i: x[:, i],
    lambda x, i: x[:, -1 - i],
    lambda x, i: x[1:][i],
    lambda x, i: (2 * x)[i],
    lambda x, i: x[i, 2] * x[0],
    lambda x, i: x[i, i] * x[i],
    lambda x, i: lax.dynamic_slice_in_dim(x, i, 2)[1],
    lambda x, i: lax.dynamic_index_in_dim(x, i + 3, 0, keepdims=False),
    lambda x, i: lnp.take(x, i, 1),
    lambda x, i: x[lnp.asarray(i).astype("int8")],
    lambda x, i: lnp.where(x[i] > 0, x[i], x[N - 1 - i]),
    lambda x, i: lax.fori_loop(0, 3, lambda j, c: c + x[j] * x[i, j], x[0]),
    lambda x, i: lax.scan(lambda c, row: (c + row * x[i], None), x[0], x)[0],
]


def draw_counters(seed: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function of a matrix, one of more numbers to read, and a vector."""
    rng, numbers = Random(seed), np.random.default_rng(seed)
    dtype = rng.choice(("float32", "float64", "float64", "complex64", "int64"))
    readers = [rng.choice(READERS) for _ in range(rng.randrange(1, 4))]
    first, length = rng.choice((0, 0, 0, 1, 3)), rng.choice((0, 1, 2, 3, 4, N))
    step, reverse, kind = rng.choice((1, 1, -1, 2)), rng.random() < 0.5, rng.choice(("fori", "fori", "scan"))

    def array(*shape: int) -> Any:
        x = numbers.integers(-2, 3, shape) if dtype == "int64" else numbers.normal(size=shape)
        return lnp.asarray(np.asarray(x + 1j * numbers.normal(size=shape) if dtype == "complex64" else x, dtype))

    def grown(w: Any, x: Any, i: Any, c: Any) -> Any:
        c = c @ w
        for reader in readers:
            c = c + reader(x, i) @ w
        return c % 5 if dtype == "int64" else c / (1 + lnp.abs(c))

    def run(w: Any, x: Any, c: Any) -> Any:
        if kind == "fori":
            return lax.fori_loop(first, first + length, lambda i, c: grown(w, x, i, c), c)

        def step_of(carry: Any, _: Any) -> Any:
            i, c = carry
            return (i + step, grown(w, x, i, c)), c

        return lax.scan(step_of, (lnp.asarray(first), c), None, length, reverse=reverse)

    arguments = array(N, N), array(N, N), array(N)
    transformation = rng.choice(("", "grad", "grad", "vmap", "grad of vmap", "jvp"))
    if transformation == "jvp" and dtype != "int64":
        return lambda *x: la.jvp(lambda *x: tree_leaves(run(*x))[-1], x, x), arguments
    if transformation == "vmap":
        w, x, c = arguments
        return la.vmap(run, (None, 0, None)), (w, lnp.stack([x, x + 1]), c)
    if dtype.startswith("float") and transformation.startswith("grad"):
        mapped = la.vmap(run, (None, None, 0)) if "vmap" in transformation else run
        w, x, c = arguments
        arguments = (w, x, lnp.stack([c, c + 1])) if "vmap" in transformation else arguments
        return la.grad(lambda *x: lnp.sum(tree_leaves(mapped(*x))[-1] ** 2), (0, 1, 2)), arguments
    return run, arguments

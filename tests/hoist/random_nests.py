"""Nests of scans and while loops drawn at random, whose bodies multiply slices, carries and captured arrays.

Everything a loop multiplies may be any mixture of what changes in it and what does not, so some products can leave some
loops of a nest, forwards, backwards, under vmap and under grad.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax

SIZES = (1, 2, 3, 5, 8, 17)
LENGTHS = (0, 1, 2, 3, 4, 7)


class Nest:
    """A program that is drawn while it is traced: the same seed gives the same program."""

    def __init__(self, seed: int):
        self.rng = Random(seed)
        self.seed = seed
        self.dtype = self.rng.choice(("float32", "float64", "float64", "complex64", "int64", "float16", "bfloat16"))
        self.numbers = np.random.default_rng(seed)

    def array(self, *shape: int) -> Any:
        """An array of the nest's dtype."""
        x = self.numbers.integers(-2, 3, shape) if self.dtype == "int64" else self.numbers.normal(size=shape)
        if self.dtype == "complex64":
            x = x + 1j * self.numbers.normal(size=shape)
        return lnp.asarray(np.asarray(x, "float32" if self.dtype == "bfloat16" else self.dtype)).astype(self.dtype)

    def small(self, x: Any) -> Any:
        """Values that stay in a range however often they are multiplied."""
        return x % 5 if self.dtype == "int64" else x / (1 + lnp.abs(x)).astype(self.dtype)

    def to_size(self, x: Any, n: int) -> Any:
        """A vector, or rows of vectors, of another length, by a matrix that no loop changes."""
        m = self.array(x.shape[-1], n)
        kind = self.rng.randrange(4)
        if kind == 0 and x.ndim == 1:
            return m.T @ x
        if kind == 1 and not x.ndim > 1:
            return lnp.sum(x[:, None] * m, 0)
        if kind == 2:
            m = self.small(m @ self.array(n, n))
        return x @ m

    def mixed(self, values: list[Any], n: int) -> Any:
        """A vector of length n made of some of the values, vectors and matrices."""
        x = self.rng.choice(values)
        if x.ndim == 2:  # its rows are what an inner loop might scan
            x = x[0] if self.rng.random() < 0.3 and x.shape[0] else lnp.sum(x, 0)
        if self.rng.random() < 0.3:
            x = self.small(x) + 1
        y = self.small(self.to_size(x, n))
        if self.rng.random() < 0.5:
            y = y + self.array(n)
        if self.rng.random() < 0.3:
            y = self.small(self.to_size(y, n))
        return y

    def loop(self, depth: int, values: list[Any], n: int) -> Any:
        """A vector of length n: what a loop carries in the end, or sums of what it gives."""
        rng, length = self.rng, self.rng.choice(LENGTHS)
        rows = [v for v in values if v.ndim == 2 and v.shape[0]]
        xs = (
            rng.choice(rows)
            if rows and rng.random() < 0.5
            else self.array(length, rng.choice((2, 3)), rng.choice(SIZES))
        )
        size, start = rng.choice(SIZES), self.array(n)
        matrix, seed, kind = self.array(n, size), rng.random(), rng.choice(("scan", "scan", "scan", "while", "count"))

        def step(c: Any, x: Any) -> tuple[Any, Any]:
            before, self.rng = self.rng, Random(seed)
            numbers, self.numbers = self.numbers, np.random.default_rng(self.seed + 1)
            try:
                inner = [*values, x]
                inner += [self.mixed(inner, self.rng.choice(SIZES)) for _ in range(self.rng.randrange(3))]
                inner.append(c[0])
                if depth > 1:
                    inner.append(self.loop(depth - 1, inner, self.rng.choice(SIZES)))
                new, given = self.small(self.mixed(inner, n) + c[0]), self.mixed(inner, size)
                row = lnp.ravel(x)[0] * given
                total = c[1] + (lnp.outer(new, row) if self.rng.random() < 0.7 else matrix * row[0])
                return (new, self.small(total)) if self.rng.random() < 0.3 else (new, total), given
            finally:
                self.rng, self.numbers = before, numbers

        state = start, matrix
        if kind == "scan":
            (last, total), ys = lax.scan(step, state, xs, reverse=rng.random() < 0.5)
            return self.small(last + lnp.sum(total, 1) + lnp.sum(ys).astype(self.dtype))
        if kind == "while":
            limit = rng.randrange(4)
            count = lnp.asarray(0)
            x = self.array(3, 4)
            _, state = lax.while_loop(lambda s: s[0] < limit, lambda s: (s[0] + 1, step(s[1], x)[0]), (count, state))
        elif xs.shape[0]:
            state = lax.fori_loop(0, xs.shape[0], lambda i, s: step(s, xs[i])[0], state)
        return self.small(state[0] + lnp.sum(state[1], 1))


def draw_nest(seed: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function of a vector and some rows, perhaps a derivative or mapped over a batch, and its arguments."""
    nest = Nest(seed)
    depth, transformation = 1 + seed % 3, nest.rng.choice(("", "", "grad", "vmap", "jvp"))
    arguments = nest.array(nest.rng.choice(SIZES)), nest.array(nest.rng.choice(LENGTHS[1:]), nest.rng.choice(SIZES))
    start, numbers = nest.rng.getstate(), nest.numbers.bit_generator.state

    def run(x: Any, rows: Any) -> Any:
        nest.rng.setstate(start)
        nest.numbers.bit_generator.state = numbers
        return nest.loop(depth, [x, rows], 3)

    if transformation == "vmap":
        return la.vmap(run, in_axes=(0, None)), (lnp.stack([arguments[0], arguments[0] + 1]), arguments[1])
    if transformation == "grad" and nest.dtype.startswith(("float", "bfloat")) and depth < 3:
        return la.grad(lambda x, rows: lnp.sum(run(x, rows)), (0, 1)), arguments
    if transformation == "jvp" and nest.dtype != "int64":
        return lambda x, rows: la.jvp(run, (x, rows), (x, rows)), arguments
    return run, arguments

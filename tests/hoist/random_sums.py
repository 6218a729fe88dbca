"""Scans drawn at random which carry sums of products, and what looks like such sums but must stay in the loop.

A sum may grow by products of slices, states and captured arrays, transposed, padded, negated, in several terms; the loop
may read it, too, scale it, or give it in every iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

import lamina as la
import lamina.numpy as lnp
from lamina import lax

SIZES = (1, 2, 3, 5, 8)
LENGTHS = (0, 1, 2, 3, 4, 7)


class Sums:
    """A scan with several sums beside a state; `dtype` is what all of it is in."""

    def __init__(self, seed: int):
        self.rng, self.numbers = Random(seed), np.random.default_rng(seed)
        self.dtype = self.rng.choice(
            ("float32", "float64", "float64", "complex64", "int8", "int64", "float16", "bfloat16")
        )
        self.batch = self.rng.choice((0, 1, 2, 5))
        self.n, self.m = self.rng.choice(SIZES), self.rng.choice(SIZES)
        self.length = self.rng.choice(LENGTHS)
        self.forms = [self.rng.randrange(len(FORMS)) for _ in range(self.rng.randrange(1, 5))]
        self.reverse, self.nested = self.rng.random() < 0.5, self.rng.random() < 0.3
        self.branch = self.rng.random() < 0.3

    def array(self, *shape: int) -> Any:
        exact = self.dtype.startswith("int")
        x = self.numbers.integers(-2, 3, shape) if exact else self.numbers.normal(size=shape)
        if self.dtype == "complex64":
            x = x + 1j * self.numbers.normal(size=shape)
        return lnp.asarray(np.asarray(x, "float32" if self.dtype == "bfloat16" else self.dtype)).astype(self.dtype)

    def arguments(self) -> tuple[Any, ...]:
        """A matrix that steps the state, the first state, slices, and what sums begin with."""
        rows = (self.batch,) if self.batch else ()
        xs = self.array(self.length, *rows, self.m)
        start = self.array(self.n, self.m) if self.rng.random() < 0.5 else lnp.zeros((self.n, self.m), self.dtype)
        return self.array(self.n, self.n), self.array(*rows, self.n), xs, start

    def small(self, x: Any) -> Any:
        return x % 5 if self.dtype.startswith("int") else x / (1 + lnp.abs(x)).astype(self.dtype)

    def run(self, w: Any, state: Any, xs: Any, start: Any) -> list[Any]:
        """The last state, what the sums are in the end, and all that was given."""

        def step(carry: Any, x: Any) -> Any:
            h, *sums = carry
            d = self.small(h @ w)
            if self.branch:
                d = lax.cond(lnp.sum(x.real) > 0, lambda d: d, lambda d: d + h, d)
            if self.nested:
                total, _ = lax.scan(
                    lambda t, row: (t + row[:, None] * self.small(row), None), 0 * w, w + h.reshape(-1)[0]
                )
                d = self.small(d + total[0])
            grown = [FORMS[form](self, total, h, x) for form, total in zip(self.forms, sums, strict=True)]
            return (d, *(total.astype(self.dtype) for total, _ in grown)), [d, *(y for _, y in grown if y is not None)]

        out, ys = lax.scan(step, (state, *(start for _ in self.forms)), xs, reverse=self.reverse)
        return [*out, *ys]

    def product(self, h: Any, x: Any) -> Any:
        """n × m, summed over a batch."""
        if not self.batch:
            return h[:, None] * x
        return h.T @ x


def _read(s: Sums, c: Any, h: Any, x: Any) -> Any:
    return c + s.product(h, x), lnp.sum(c)


def _halves(s: Sums, c: Any, h: Any, x: Any) -> Any:
    k = (s.m + 1) // 2
    left, right = s.product(h, x[..., :k]), s.product(2 * h, x[..., k:])
    return c + lnp.concatenate([left, right], -1), None


def _padded(s: Sums, c: Any, h: Any, x: Any) -> Any:
    rest = s.product(h[..., 1:], x)
    return c - lnp.pad(rest, ((1, 0), (0, 0))) + s.product(h, x), None


FORMS: list[Callable[[Sums, Any, Any, Any], Any]] = [
    lambda s, c, h, x: (c + s.product(h, x), None),
    lambda s, c, h, x: (s.product(s.small(h), x) + c, None),
    lambda s, c, h, x: (c - s.product(h, x + 1), None),
    lambda s, c, h, x: ((c + s.product(h, x)) - s.product(s.small(h), x), None),
    lambda s, c, h, x: (c + lnp.swapaxes(lnp.swapaxes(s.product(h, x), 0, 1) * 1, 0, 1), None),
    lambda s, c, h, x: (c + s.product(h, x), s.product(h, x)),
    lambda s, c, h, x: (c + lnp.sum(x) * lnp.ones_like(c), lnp.sum(x)),
    lambda s, c, h, x: (c + lnp.sum(h.reshape(-1, s.n), 0)[:, None], None),
    lambda s, c, h, x: (c + c + s.product(h, x), None),
    lambda s, c, h, x: (s.small(c) + s.product(h, x), None),
    lambda s, c, h, x: (c + s.product(h, x) + 1, None),
    lambda s, c, h, x: (c + lnp.outer(h.reshape(-1)[: s.n], lnp.ones(s.m, c.dtype)), c),
    lambda s, c, h, x: (c + x.reshape(-1)[: s.m] * lnp.ones_like(c), None),
    _read,
    _halves,
    _padded,
]


def draw_sums(seed: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function and its arguments: a scan, perhaps differentiated once or twice, or mapped over a batch."""
    sums = Sums(seed)
    arguments = sums.arguments()
    kind = sums.rng.choice(("", "", "grad", "grad", "grad of grad", "vmap", "vmap of grad", "jvp"))

    def total(*arguments: Any) -> Any:
        return sum(lnp.sum(x**2) for x in sums.run(*arguments))

    if kind == "vmap":
        w, state, xs, start = arguments
        return la.vmap(sums.run, (None, 0, None, 0)), (w, lnp.stack([state, state + 1]), xs, lnp.stack([start, start]))
    if kind == "jvp" and not sums.dtype.startswith("int"):
        return lambda *x: la.jvp(sums.run, x, x), arguments
    if sums.dtype not in ("float32", "float64") or kind in ("", "jvp"):  # gradients in 16 bits are mostly rounding
        return sums.run, arguments
    gradient = la.grad(total, (0, 1, 2, 3))
    if kind == "grad of grad":
        return la.grad(lambda *x: sum(lnp.sum(lnp.sin(g)) for g in gradient(*x)), (0, 2)), arguments
    if kind == "vmap of grad":
        w, state, xs, start = arguments
        return la.vmap(gradient, (None, 0, None, None)), (w, lnp.stack([state, state + 1, state]), xs, start)
    return gradient, arguments

"""Programs drawn at random from what models do to rows: sums along them and across them, norms, masks, products, joins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from random_loops import draw_array, small

import lamina.numpy as lnp
from lamina import lax, nn

SHAPES = [
    (64,), (37,), (2100,), (3, 1500), (4, 6), (7, 5), (16, 16), (13, 33), (32, 17), (31, 2), (96, 40), (6, 5, 7), (12, 8, 3), (20, 1), (1, 20),
    (2, 3, 4, 5),
]  # fmt: skip
DTYPES = ("float32", "float32", "float32", "float64", "int32", "bfloat16", "float16", "complex64", "uint8", "bool")

Step = Callable[[Random, Sequence[Any]], Any]  # (random numbers, arrays of one shape) -> another of that shape


def _d(rng: Random, x: Any) -> int:
    return rng.randrange(x.ndim)


def _numbers(x: Any) -> Any:
    return x.astype(lnp.int32) if x.dtype == bool else x


def _real(x: Any) -> Any:
    return lnp.abs(x) if lnp.issubdtype(x.dtype, lnp.complexfloating) else x


def _floating(x: Any) -> Any:
    return x if lnp.issubdtype(x.dtype, lnp.inexact) else x.astype(lnp.float32)


def _like(x: Any, y: Any) -> Any:
    return lnp.broadcast_to(y, x.shape)


def _sum(rng: Random, xs: Sequence[Any]) -> Any:
    x = _numbers(rng.choice(xs))
    return _like(x, lnp.sum(x, _d(rng, x), keepdims=True))


def _extreme(rng: Random, xs: Sequence[Any]) -> Any:
    x = _real(rng.choice(xs))
    return _like(x, rng.choice((lnp.max, lnp.min))(x, _d(rng, x), keepdims=True))


def _argmax(rng: Random, xs: Sequence[Any]) -> Any:
    x = _real(_numbers(xs[0]))  # an argument: rounding may change which of two numbers is larger
    return _like(x, lnp.argmax(x, _d(rng, x), keepdims=True))


def _centered(rng: Random, xs: Sequence[Any]) -> Any:
    x = _floating(rng.choice(xs))
    return x - lnp.mean(x, _d(rng, x), keepdims=True)


def _norm(rng: Random, xs: Sequence[Any]) -> Any:
    x, d = _real(_floating(rng.choice(xs))), rng.choice((-1, 0))
    return x * lax.rsqrt(lnp.mean(x * x, d, keepdims=True) + 1)


def _softmax(rng: Random, xs: Sequence[Any]) -> Any:
    x = _real(_floating(rng.choice(xs)))
    return nn.softmax(x, _d(rng, x))


def _binary(rng: Random, xs: Sequence[Any]) -> Any:
    x, y = (_numbers(rng.choice(xs)) for _ in range(2))
    return rng.choice((lnp.add, lnp.subtract, lnp.multiply))(x, y)


def _turned(rng: Random, xs: Sequence[Any]) -> Any:
    x, angle = (_floating(rng.choice(xs)) for _ in range(2))
    return x * lnp.exp(1j * _real(angle))


def _quotient(rng: Random, xs: Sequence[Any]) -> Any:
    x, y = (_floating(rng.choice(xs)) for _ in range(2))
    return x / (lnp.abs(y) + 1 + 0.5j * y)


def _parts(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    return rng.choice((lnp.real, lnp.imag, lnp.conj))(x)


def _masked(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    mask = lax.broadcasted_iota(lnp.int32, x.shape, 0) >= lax.broadcasted_iota(lnp.int32, x.shape, x.ndim - 1)
    return lnp.where(mask, x, lnp.zeros_like(x))


def _total(rng: Random, xs: Sequence[Any]) -> Any:
    x = _numbers(rng.choice(xs))
    return _like(x, lnp.sum(x))


def _flipped(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    return lnp.flip(x, _d(rng, x))


def _accumulated(rng: Random, xs: Sequence[Any]) -> Any:
    x = _numbers(rng.choice(xs))
    return lnp.cumsum(x, _d(rng, x))


def _product(rng: Random, xs: Sequence[Any]) -> Any:
    x = _floating(rng.choice(xs))
    n = x.shape[-1]
    return x @ (lnp.ones((n, n)) + lnp.eye(n)).astype(x.dtype)


def _taken(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    return lnp.take(x, lnp.arange(x.shape[0])[::-1], 0)


def _reshaped(rng: Random, xs: Sequence[Any]) -> Any:
    x = lnp.reshape(rng.choice(xs), -1)
    return lnp.reshape(lnp.roll(x, 1), xs[0].shape)


def _rolled(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    return lnp.roll(x, rng.choice((-1, 1, 3)), _d(rng, x))


def _joined(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    y = rng.choice([y for y in xs if y.dtype == x.dtype])
    d = _d(rng, x)
    at = [rng.randint(0, x.shape[d]) for _ in range(rng.choice((1, 2, 4)))]
    pieces = [lnp.split(rng.choice((x, y)), sorted(at), d)[i] for i in range(len(at) + 1)]
    return lnp.concatenate(rng.sample(pieces, len(pieces)), d)


def _padded(rng: Random, xs: Sequence[Any]) -> Any:
    x = rng.choice(xs)
    widths = [(rng.randint(0, 2), rng.randint(0, 2)) for _ in x.shape]
    padded = lnp.pad(x, widths, mode=rng.choice(("constant", "edge", "wrap")))
    starts = [rng.randint(0, low + high) for low, high in widths]
    return padded[tuple(slice(start, start + size) for start, size in zip(starts, x.shape, strict=True))]


def _stacked(rng: Random, xs: Sequence[Any]) -> Any:
    x, y = (_real(_numbers(rng.choice(xs))) for _ in range(2))
    d = rng.randint(0, x.ndim)
    return lnp.max(lnp.stack([x, y + y, x - y], d), d)


def _differences(rng: Random, xs: Sequence[Any]) -> Any:
    x = _numbers(rng.choice(xs))
    d = _d(rng, x)
    if x.shape[d] < 2:
        return x
    changes = lnp.diff(x, axis=d)
    return lnp.concatenate([lnp.split(changes, [1], d)[0], changes], d)


def _turned(rng: Random, xs: Sequence[Any]) -> Any:
    """As the halves of rotary embeddings, or columns of small vectors."""
    x, y = (_numbers(rng.choice(xs)) for _ in range(2))
    if x.shape[-1] < 8:
        return lnp.stack([x[..., (i + 1) % x.shape[-1]] * y[..., i] for i in range(x.shape[-1])], -1)
    if x.shape[-1] % 2:
        return x * y
    a, b = lnp.split(x, 2, -1)
    c, s = lnp.split(y, 2, -1)
    return lnp.concatenate([a * c - b * s, b * c + a * s], -1)


STEPS: Sequence[Step] = (
    _sum, _sum, _extreme, _argmax, _centered, _norm, _softmax, _binary, _binary, _turned, _quotient, _parts, _masked, _total,
    _flipped, _accumulated, _product, _taken, _reshaped,
)  # fmt: skip


JOINS: Sequence[Step] = (
    _rolled, _rolled, _joined, _joined, _padded, _padded, _stacked, _differences, _turned, _turned, _binary, _binary, _sum, _norm,
    _masked, _total,
)  # fmt: skip


def draw_program(seed: int, choice: Sequence[Step] = STEPS) -> tuple[Callable[[Sequence[Any]], list[Any]], list[Any]]:
    """A function of some arrays of one shape, and arrays for it; gives arrays and sums across their rows."""
    rng = Random(seed)
    shape = rng.choice(SHAPES)
    arrays = [draw_array(rng, shape, rng.choice(DTYPES)) for _ in range(rng.randint(1, 3))]
    steps = [(rng.choice(choice), rng.random()) for _ in range(rng.randint(2, 9))]
    kept = rng.sample(range(len(steps)), rng.randint(1, len(steps)))

    def run(inputs: Sequence[Any]) -> list[Any]:
        pool = list(inputs)
        for step, number in steps:
            pool.append(small(step(Random(number), pool)))
        made = pool[len(inputs) :]
        return [*(made[i] for i in kept), lnp.sum(_numbers(made[-1]), 0), lnp.max(_real(made[-1]), -1)]

    return run, arrays

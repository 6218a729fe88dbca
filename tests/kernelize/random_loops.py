"""Loops whose steps are drawn at random from what programs do to arrays, on shapes that fit no vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np

import lamina.numpy as lnp
from lamina import lax

SHAPES = [
    (), (1,), (3,), (5,), (16,), (17,), (32,), (37,), (64,), (100,), (2, 3), (3, 17), (5, 5), (7, 1), (1, 33), (16, 16),
    (20, 6), (4, 40), (2, 3, 5), (3, 4, 18), (6, 7, 9),
]  # fmt: skip
DTYPES = (
    "float32", "float32", "float64", "int32", "bool", "int8", "uint16", "float16", "complex64", "int64", "bfloat16",
)  # fmt: skip

Step = Callable[[Random, Any, Any, int], Any]  # (random numbers, array, iteration, dimension) -> array like it


def draw_array(rng: Random, shape: tuple[int, ...], dtype: str) -> Any:
    size = int(np.prod(shape))
    x = np.reshape([rng.uniform(-2, 2) for _ in range(size)], shape)
    if dtype == "bool":
        x = x > 0
    elif dtype[0] in "iu":
        x = np.abs(x) * 3
    elif dtype == "complex64":
        x = x + 1j * np.flip(x)
    return lnp.asarray(x.astype("float32" if dtype == "bfloat16" else dtype)).astype(dtype)


def small(x: Any) -> Any:
    """The array in a range that no number of iterations leaves."""
    if x.dtype == bool:
        return x
    if lnp.issubdtype(x.dtype, lnp.integer):
        return x % lnp.asarray(7).astype(x.dtype)
    return x / (1 + lnp.abs(x)).astype(x.dtype)


def _is(x: Any, *kinds: Any) -> bool:
    return any(lnp.issubdtype(x.dtype, kind) for kind in kinds)


def _at(d: int, index: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * d, index)


def _matrix(rng: Random, x: Any, i: Any, d: int) -> Any:
    n = x.shape[d]
    m = (lnp.ones((n, n)) + lnp.eye(n)).astype(x.dtype)
    return lnp.moveaxis(lnp.tensordot(x, m, ((d,), (0,))), -1, d)


def _by_argmax(rng: Random, x: Any, i: Any, d: int) -> Any:
    places = lnp.expand_dims(lnp.argmax(x, d), d)
    return lnp.where(places == lnp.arange(x.shape[d]).reshape((-1,) + (1,) * (x.ndim - 1 - d)), x, lnp.flip(x, d))


def _window(rng: Random, x: Any, i: Any, d: int) -> Any:
    piece = lax.dynamic_slice(x, [(i * 5) % n for n in x.shape], [max(1, n // 2) for n in x.shape])
    return lax.dynamic_update_slice(x, piece, [i % n for n in x.shape])


def _every_third(x: Any, i: Any, d: int) -> Any:
    return (lnp.arange(x.shape[d]) * 3 + i) % x.shape[d]


def _positive(x: Any) -> Any:
    """A positive definite matrix of a matrix."""
    x = x.astype("float64" if x.dtype == "float64" else "float32")
    return x @ x.T + len(x) * lnp.eye(len(x), dtype=x.dtype)


def _solve(rng: Random, x: Any, i: Any, d: int) -> Any:
    a = _positive(x) if x.ndim == 2 else None
    return x if a is None else lnp.linalg.solve(a, x.astype(a.dtype) * len(x)).astype(x.dtype)


def _cholesky(rng: Random, x: Any, i: Any, d: int) -> Any:
    return (lnp.linalg.cholesky(_positive(x)) @ x).astype(x.dtype) if x.ndim == 2 else x


ANY: list[Step] = [  # of arrays of any dtype and at least one dimension
    lambda rng, x, i, d: lnp.roll(x, rng.randrange(1, 4), d),
    lambda rng, x, i, d: lnp.flip(x, d),
    lambda rng, x, i, d: x.at[_at(d, slice(1, None))].set(lnp.flip(x[_at(d, slice(1, None))], d)),
    lambda rng, x, i, d: x.at[_at(d, i % x.shape[d])].set(x[_at(d, (i * 3) % x.shape[d])]),
    lambda rng, x, i, d: lnp.swapaxes(x, 0, -1) if x.shape[0] == x.shape[-1] else x,
    lambda rng, x, i, d: lnp.concatenate(
        [x[_at(d, slice(x.shape[d] // 2, None))], x[_at(d, slice(0, x.shape[d] // 2))]], d
    ),
    lambda rng, x, i, d: lnp.take(x, _every_third(x, i, d), d),
    lambda rng, x, i, d: lnp.ravel(lnp.swapaxes(x, 0, -1)).reshape(x.shape),
    lambda rng, x, i, d: x.at[(0,) * x.ndim].set(x[(-1,) * x.ndim]),
    lambda rng, x, i, d: lnp.stack([x[_at(d, 0)]] * x.shape[d], d),
    lambda rng, x, i, d: lax.cond(i % 2 == 0, lnp.flip, lambda v: v, x),
    lambda rng, x, i, d: lax.fori_loop(0, 3, lambda j, v: small(v * v), x),
    _window,
]
NUMBERS: list[Step] = [
    lambda rng, x, i, d: x + lnp.sum(x, d, keepdims=True).astype(x.dtype),
    lambda rng, x, i, d: lnp.pad(x[_at(d, slice(1, None))], [(int(e == d), 0) for e in range(x.ndim)]),
    lambda rng, x, i, d: x.at[_at(d, _every_third(x, i, d))].add(x),
    lambda rng, x, i, d: lnp.cumsum(x, d),
    lambda rng, x, i, d: lnp.mean(x, d, keepdims=True) * lnp.ones_like(x),
    _matrix,
]
REALS: list[Step] = [lambda rng, x, i, d: lnp.minimum(x, lnp.max(x, d, keepdims=True) % 3), _by_argmax]
REAL_CALLS: list[Step] = [lambda rng, x, i, d: lnp.sort(x, d), lambda rng, x, i, d: lnp.sort(lnp.flip(x, d), d) - x]
FLOATS: list[Step] = [lambda rng, x, i, d: lnp.tanh(x), lambda rng, x, i, d: lnp.where(x > 0, x, lnp.exp(x))]
FLOAT_CALLS: list[Step] = [_solve, _cholesky]
COMPLEX_CALLS: list[Step] = [
    lambda rng, x, i, d: lnp.fft.fft(x, axis=d, norm="ortho").astype(x.dtype),
    lambda rng, x, i, d: (lnp.fft.irfft(x, x.shape[d], axis=d) * 1j).astype(x.dtype),
]


def step(rng: Random, x: Any, i: Any, others: Sequence[Any], with_calls: bool) -> Any:
    """Something done to `x`; now and then with another array."""
    if not x.ndim:
        return x * x
    if others and rng.random() < 0.2:
        other = rng.choice(others)
        number = lnp.ravel(lnp.real(other))[i % other.size]
        return x + other if other.shape == x.shape and other.dtype == x.dtype else x + number.astype(x.dtype)
    steps = list(ANY)
    steps += [] if x.dtype == bool else NUMBERS
    if not _is(x, lnp.complexfloating, lnp.bool_):
        steps += REALS + REAL_CALLS * with_calls
    if _is(x, lnp.floating):
        steps += FLOATS + FLOAT_CALLS * with_calls
    if _is(x, lnp.complexfloating):
        steps += COMPLEX_CALLS * with_calls
    return rng.choice(steps)(rng, x, i, rng.randrange(x.ndim))


def draw_loop(
    seed: int, dtypes: Sequence[str] = DTYPES, *, with_calls: bool = True
) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A function of some arrays with a fori, scan or while loop, and the arrays.

    `with_calls`: operations that are kernels already may be in it; a loop with such is no kernel on a GPU.
    """
    rng = Random(seed)
    start = [draw_array(rng, rng.choice(SHAPES), rng.choice(dtypes)) for _ in range(rng.randrange(1, 4))]
    constant = draw_array(rng, rng.choice(start).shape, "float32")
    length, kind = rng.randrange(1, 6), rng.choice(("fori", "scan", "while"))
    xs = draw_array(rng, (length, *rng.choice(SHAPES)), "float32")
    reverse = rng.random() < 0.5

    def body(i: Any, carry: Any) -> tuple[Any, ...]:
        inner, arrays = Random(seed + 1), list(carry)
        for _ in range(inner.randrange(1, 6)):
            k = inner.randrange(len(arrays))
            others = [*arrays[:k], *arrays[k + 1 :], constant]
            arrays[k] = small(step(inner, arrays[k], i, others, with_calls)).astype(start[k].dtype)
        a, b = inner.randrange(len(arrays)), inner.randrange(len(arrays))
        if arrays[a].shape == arrays[b].shape and arrays[a].dtype == arrays[b].dtype:
            arrays[a], arrays[b] = arrays[b], arrays[a]
        return tuple(arrays)

    def run(arrays: Any) -> Any:
        if kind == "fori":
            return lax.fori_loop(0, length, body, arrays)
        if kind == "scan":
            counted = lambda state, x: ((state[0] + 1, new := body(state[0], state[1])), (new, lnp.sum(x) * x))  # noqa: E731
            return lax.scan(counted, (np.int32(0), arrays), xs, reverse=reverse)
        unfinished = lambda state: (state[0] < length) & (lnp.sum(lnp.abs(state[1][0])) < 1e30)  # noqa: E731
        return lax.while_loop(unfinished, lambda s: (s[0] + 1, body(*s)), (np.int32(0), arrays))

    return run, tuple(start)

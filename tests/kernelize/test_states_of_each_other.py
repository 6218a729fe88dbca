"""Loops whose state is several arrays, each computed from others as they were: who is written first, and who by way of a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax

SHAPES = [(20,), (37,), (20, 3), (20, 5), (3, 20), (20, 17), (1, 20), (6,)]


def like(x: Any, shape: tuple[int, ...], kind: int) -> Any:
    """An array of this shape, in which every element depends on one, some or all of x."""
    if kind == 0:
        return lnp.resize(x, shape)
    if kind == 1:
        return lnp.resize(lnp.flip(x), shape)
    if kind == 2:
        return lnp.broadcast_to(lnp.tanh(x.sum()), shape)
    return lnp.resize(x.T, shape) * lnp.mean(x, -1).ravel()[0]


def loop(sources: list[list[tuple[int, int]]], is_while: bool) -> Any:
    """Rounds in which state i is made of `sources[i]`: which state, and how."""

    def body(_: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            sum((like(state[j], x.shape, kind) for j, kind in made_of), np.float32(0.1)) * 0.4 - 0.3 * x
            for x, made_of in zip(state, sources, strict=True)
        )

    def run(n: Any, *state: Any) -> Any:
        if not is_while:
            return lax.fori_loop(0, 5, body, state)
        return lax.while_loop(lambda s: s[0] < n, lambda s: (s[0] + 1, *body(s[0], s[1:])), (0, *state))

    return run


def random_case(rng: np.random.Generator) -> tuple[Any, list[np.ndarray]]:
    count = int(rng.integers(2, 5))
    chosen = [SHAPES[i] for i in rng.choice(len(SHAPES), count)]
    sources = [[(int(j), int(rng.integers(4))) for j in rng.choice(count, int(rng.integers(1, 4)))] for _ in chosen]
    return loop(sources, bool(rng.integers(2))), [rng.standard_normal(s).astype(np.float32) for s in chosen]


@pytest.mark.parametrize("seed", range(12))
def test_random_states(seed: int) -> None:
    run, state = random_case(np.random.default_rng(seed))
    with la.disable_jit():
        want = run(5, *state)
    for x, y in zip(la.jit(run)(5, *state), want, strict=True):
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=2e-5, atol=1e-5)


def test_all_read_all() -> None:
    """Two of one shape go together once the third one, of another shape, has a copy."""
    every = [(0, 1), (1, 1), (2, 2)]
    run = loop([every] * 3, is_while=True)
    state = [np.linspace(-1, 1, 40, dtype=np.float32), np.ones(40, np.float32), np.ones((40, 3), np.float32)]
    text = la.make_ir(run, 5, *state, stage="executables")
    assert text.count('"flow.dispatch"') == 1
    with la.disable_jit():
        want = run(5, *state)
    for x, y in zip(la.jit(run)(5, *state), want, strict=True):
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(64, 4, 4, 4), (100, 3, 4, 2)])
def test_sums_of_what_is_apart_are_little_code(shape: tuple[int, ...]) -> None:
    """Along a dimension that is not the innermost one, numbers in a loop are better than gathered vectors."""

    def sums(x: Any) -> Any:
        return lax.fori_loop(0, 3, lambda _, s: lnp.tanh((x * (1 + s[..., None])).mean((0, 3))), lnp.zeros(shape[1:3]))

    x = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    text = la.make_ir(sums, x, stage="kernelize")
    assert text.count("\n") < 2000
    with la.disable_jit():
        want = sums(x)
    np.testing.assert_allclose(np.asarray(la.jit(sums)(x)), np.asarray(want), rtol=2e-5, atol=1e-5)

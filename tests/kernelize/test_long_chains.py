"""Loops with long bodies, whose results are used several times: no recursion, no search that grows faster than they."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina_compiler.kernelize import region


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many values every attempt to write a kernel has written."""
    found: list[int] = []
    attempt = region._attempt

    def watched(program, *args):
        try:
            return attempt(program, *args)
        finally:
            found.append(len(program.record.values))

    monkeypatch.setattr(region, "_attempt", watched)
    return found


@pytest.mark.parametrize("shape", [(), (20,), (3, 50)])
def test_each_value_used_three_times(shape: tuple[int, ...]) -> None:
    def step(_, x):
        for k in range(45):
            x = lnp.where(x > 0.1 * k, x * 0.99 + 0.01, x * x * 0.5 - 0.2)
        return x

    x = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    with la.disable_jit():
        want = lax.fori_loop(0, 3, step, x)
    got = la.jit(lambda x: lax.fori_loop(0, 3, step, x))(x)
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(16,), (3, 50), (64, 64)])
def test_trials_grow_with_the_body(shape: tuple[int, ...], attempts: list[int]) -> None:
    def written(length: int) -> int:
        def step(_, x):
            before = x
            for k in range(length):
                x, before = lnp.where(x > 0.1 * k, x * 0.99 + before, lnp.sin(x) - before * 0.5), x
            return x

        attempts.clear()
        la.make_ir(lambda x: lax.fori_loop(0, 3, step, x), np.ones(shape, np.float32), stage="kernelize")
        return sum(attempts)

    assert 0 < written(100) < 3 * written(50)


def test_layers_are_not_moved_to_memory_one_by_one(attempts: list[int]) -> None:
    def step(h, x):
        for w in np.ones((12, 32, 32), np.float32):
            h = lnp.tanh(h @ w) + x
        return h, lnp.sum(h)

    xs = np.ones((5, 32), np.float32)
    la.make_ir(lambda h, xs: lax.scan(step, h, xs), xs[0], xs, stage="kernelize")
    assert 0 < len(attempts) <= 6


def test_the_longest_bodies_stay_on_the_host(attempts: list[int]) -> None:
    def step(_, x):
        for _ in range(600):
            x = lnp.sin(x) * x
        return x

    text = str(la.make_ir(lambda x: lax.fori_loop(0, 3, step, x), np.ones(16, np.float32), stage="kernelize"))
    assert not attempts and "scf.for" in text

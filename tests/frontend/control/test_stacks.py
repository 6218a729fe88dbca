"""Scans with steps so large that IREE runs the loop: what they stack is written in place, each stack in its own memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax

WIDE, BATCH, LENGTH = 416, 48, 4  # more than 2²² multiply-adds in a step


def _step(h: Any, x: Any, w: Any) -> Any:
    return lnp.tanh(h @ w + x)


def _scan(h: Any, xs: Any, w: Any) -> Any:
    return lax.scan(lambda h, x: (_step(h, x, w), (h * 2, h)), h, xs)


def _gradient(h: Any, xs: Any, w: Any) -> Any:
    return la.grad(lambda w: sum((a**2).sum() for a in la.tree_util.tree_leaves(_scan(h, xs, w))))(w)


def _nested(h: Any, xs: Any, w: Any) -> Any:
    def outer(h: Any, x: Any) -> Any:
        h, inner = lax.scan(lambda h, y: (_step(h, y, w), h), h, xs[:2] + x)
        return h, (inner, inner.sum(0))

    return lax.scan(outer, h, xs)


def _twice(h: Any, xs: Any, w: Any) -> Any:
    """One scan after the other, both results needed; what is stacked is also carried."""
    first = lax.scan(lambda h, x: (_step(h, x, w), h), h, xs)
    second = lax.scan(lambda c, x: ((_step(c[0], x, w), c[0]), c[1]), (first[0], h), xs + first[1])
    return first, second


@pytest.mark.parametrize("run", [_scan, _gradient, _nested, _twice])
def test_stacks_of_large_steps(run: Any) -> None:
    rng = np.random.default_rng(0)
    shapes = (BATCH, WIDE), (LENGTH, BATCH, WIDE), (WIDE, WIDE)
    arguments = [lnp.asarray(rng.standard_normal(shape, dtype="float32") * 0.05) for shape in shapes]
    with la.disable_jit():
        expected = run(*arguments)
    assert "flow.tensor.alloca" in la.make_ir(run, *arguments, stage="place")
    jitted = la.jit(run)
    for _ in range(2):
        for x, y in zip(la.tree_util.tree_leaves(jitted(*arguments)), la.tree_util.tree_leaves(expected), strict=True):
            y = np.asarray(y)
            np.testing.assert_allclose(np.asarray(x), y, rtol=1e-4, atol=1e-5 * abs(y).max())

"""Slices at places that counters give are the same read from xs, forwards and backwards, interpreted and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from closeness import assert_close
from random_counters import draw_counters

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina.tree_util import tree_leaves
from lamina_compiler.control import scan_counters


def read_in_place(seed: int, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a program computes when no slices are xs."""
    with monkeypatch.context() as patch:
        patch.setattr(scan_counters, "_walks", lambda *_: {})
        f, arguments = draw_counters(seed)
        return f(*arguments)


@pytest.mark.parametrize(
    "start", [*range(0, 150, 30), *(pytest.param(i, marks=pytest.mark.slow) for i in range(150, 1500, 30))]
)
def test_random_counters(start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with la.enable_x64(), np.errstate(all="ignore"):
        for seed in range(start, start + 30):
            want = read_in_place(seed, monkeypatch)
            f, arguments = draw_counters(seed)
            for a, b in zip(tree_leaves(f(*arguments)), tree_leaves(want), strict=True):
                assert_close(a, b, seed)


@pytest.mark.parametrize("start", [0, *(pytest.param(i, marks=pytest.mark.slow) for i in range(10, 100, 10))])
def test_compiled(start: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten of them in one program."""
    with la.enable_x64(), np.errstate(all="ignore"):
        seeds = range(start, start + 10)
        wanted = [read_in_place(seed, monkeypatch) for seed in seeds]
        drawn = [draw_counters(seed) for seed in seeds]
        found = la.jit(lambda all: [f(*x) for (f, _), x in zip(drawn, all, strict=True)])([x for _, x in drawn])
        for seed, got, want in zip(seeds, found, wanted, strict=True):
            for a, b in zip(tree_leaves(got), tree_leaves(want), strict=True):
                assert_close(a, b, seed)


def test_the_gradient_is_stacked() -> None:
    """No iteration adds an array as large as what the loop reads."""

    def total(x: Any) -> Any:
        return lax.fori_loop(0, 50, lambda i, c: lnp.sin(c + x[i]), lnp.zeros(3)).sum()

    text = la.make_ir(la.grad(total), lnp.ones((50, 3)), stage="simplify")
    assert "dynamic_update_slice" not in text
    assert "(tensor<3xf32>, tensor<50x3xf32>)" in text

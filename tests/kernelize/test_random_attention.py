"""Attention in tiles of rows against eager arrays: random shapes, layouts, masks, dtypes, forward and gradient."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax, nn
from lamina_compiler.passes import kernelize

TOGETHER = 4  # programs in one module
TOLERANCE = {"float64": 1e-11, "float32": 2e-4}

# equations of the scores, and of what is taken by them: heads before and after the rows, none, keys shared by heads
LAYOUTS = (
    ("bhqd,bhkd->bhqk", "bhqk,bhkd->bhqd"),
    ("bqhd,bkhd->bhqk", "bhqk,bkhd->bqhd"),
    ("qd,kd->qk", "qk,kd->qd"),
    ("bhqd,bkd->bhqk", "bhqk,bkd->bhqd"),
)


def draw_attention(seed: int) -> tuple[Callable[[Any], Any], list[np.ndarray]]:
    """A function of the queries, keys and values, and these."""
    rng = Random(seed)
    scores, weighted = rng.choice(LAYOUTS)
    queries, keys = rng.choice((64, 96, 130, 256)), rng.choice((64, 128, 200, 257))
    sizes = {
        "b": rng.choice((1, 2, 3)),
        "h": rng.choice((1, 2, 5)),
        "q": queries,
        "k": keys,
        "d": rng.choice((16, 24, 32)),
    }
    dtype = rng.choice(("float32", "float32", "float64"))
    masked, scale, temperature = rng.choice((None, "causal", "padding")), rng.random() < 0.8, rng.choice((1.0, 3.0))

    def shape(letters: str) -> tuple[int, ...]:
        return tuple(sizes[letter] for letter in letters)

    left, right = scores.split("->")[0].split(",")
    numbers = np.random.default_rng(seed)
    arrays = [numbers.standard_normal(shape(letters)).astype(dtype) for letters in (left, right, right)]

    def attention(arrays: Any) -> Any:
        q, k, v = arrays
        s = lnp.einsum(scores, q, k)
        s = s / np.sqrt(sizes["d"]).astype(dtype) if scale else s * 0.2
        if masked == "causal":
            i, j = (lax.broadcasted_iota(lnp.int32, s.shape, d) for d in (s.ndim - 2, s.ndim - 1))
            s = lnp.where(i >= j, s, -np.inf)
        if masked == "padding":
            s = lnp.where(lnp.arange(keys) < keys - 7, s, lnp.finfo(dtype).min)
        return lnp.einsum(weighted, nn.softmax(s * temperature), v)

    if rng.random() < 0.35:
        return attention, arrays
    return la.grad(lambda arrays: (lnp.sin(attention(arrays)) ** 2).sum()), arrays


@pytest.mark.parametrize("batch", [*range(3), *(pytest.param(b, marks=pytest.mark.slow) for b in range(3, 15))])
def test_attention_in_tiles_computes_what_the_programs_say(
    batch: int, monkeypatch: pytest.MonkeyPatch, written_for: Callable[[int], None]
) -> None:
    written_for(batch)
    names: list[str] = []
    replace = kernelize._Kernels.replace
    monkeypatch.setattr(
        kernelize._Kernels, "replace", lambda self, name, *args: names.append(name) or replace(self, name, *args)
    )
    with la.enable_x64():
        programs = [draw_attention(TOGETHER * batch + i) for i in range(TOGETHER)]
        with la.disable_jit():
            expected = [run(arrays) for run, arrays in programs]
        arrays = [arrays for _, arrays in programs]
        found = la.jit(lambda all: [run(x) for (run, _), x in zip(programs, all, strict=True)])(arrays)
    for i, (got, want) in enumerate(zip(found, expected, strict=True)):
        for x, y in zip(*(v if isinstance(v, list) else [v] for v in (got, want)), strict=True):
            tolerance = TOLERANCE[str(y.dtype)]
            np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance, err_msg=f"program {TOGETHER * batch + i}")
    assert names.count("rows") >= TOGETHER

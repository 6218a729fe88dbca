"""Loops as kernels against the same loops in Python, over random steps, dtypes and shapes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from random_loops import draw_loop

import lamina as la
from lamina import tree_util
from lamina_compiler.kernelize import nests
from lamina_compiler.kernelize.exceptions import Unsupported
from lamina_compiler.passes import kernelize

TOLERANCE = {"float64": 1e-9, "float32": 2e-3, "complex64": 2e-3, "float16": 0.05, "bfloat16": 0.1}
TOGETHER = 10  # programs in one module


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How every loop or function fared: empty, or why it is not a kernel."""
    found: list[str] = []
    write = kernelize.write_region

    def watched(ops, results, *args):
        try:
            kernel = write(ops, results, *args)
        except Unsupported as why:
            found.append(str(why))
            raise
        found.append("")
        return kernel

    monkeypatch.setattr(kernelize, "write_region", watched)
    return found


@pytest.mark.parametrize("batch", [*range(4), *(pytest.param(b, marks=pytest.mark.slow) for b in range(4, 20))])
def test_kernels_compute_what_the_loops_say(
    batch: int, attempts: list[str], written_for: Callable[[int], None]
) -> None:
    written_for(batch)
    compared(batch)
    assert attempts and set(attempts) <= {"", "more arrays than a dispatch binds"}


def test_nothing_is_unrolled_or_shared(monkeypatch: pytest.MonkeyPatch, attempts: list[str]) -> None:
    """As if all bodies were long."""
    monkeypatch.setattr(nests, "COPIED", 0)
    monkeypatch.setattr(nests, "LONG", 0)
    compared(1)
    assert "" in attempts


def compared(batch: int) -> None:
    """Run loops compiled and eagerly."""
    with la.enable_x64():
        loops = [draw_loop(TOGETHER * batch + i) for i in range(TOGETHER)]
        with la.disable_jit(), np.errstate(all="ignore"):
            expected = [run(arrays) for run, arrays in loops]
        found = la.jit(lambda all: [run(arrays) for (run, _), arrays in zip(loops, all, strict=True)])(
            [arrays for _, arrays in loops]
        )
    for i, (got, want) in enumerate(zip(found, expected, strict=True)):
        pairs = list(zip(tree_util.tree_leaves(got), tree_util.tree_leaves(want), strict=True))
        tolerance = max(TOLERANCE.get(str(x.dtype), 0) for x, _ in pairs)  # arrays of a loop get into each other
        for x, y in pairs:
            assert (x.dtype, x.shape) == (y.dtype, y.shape)
            a, b = (np.asarray(v).astype(complex) for v in (x, y))
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"loop {TOGETHER * batch + i}")

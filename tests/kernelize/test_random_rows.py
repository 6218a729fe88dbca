"""Reductions in tiles of rows against eager arrays, over random programs, dtypes and shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from random_rows import JOINS, STEPS, Step, draw_program

import lamina as la
from lamina_compiler import rows
from lamina_compiler.kernelize import cost
from lamina_compiler.kernelize.exceptions import Unsupported
from lamina_compiler.passes import kernelize

TOLERANCE = {"float64": 1e-8, "float32": 1e-3, "complex64": 1e-3, "float16": 0.05, "bfloat16": 0.1}
TOGETHER = 10  # programs in one module


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """However little there is to do, tiles are made and shared by workgroups; whether each loop became a kernel."""
    monkeypatch.setattr(rows.groups, "POINTS", 1)
    monkeypatch.setattr(cost, "SHARED", 1)
    monkeypatch.setattr("lamina_compiler.passes.rows.is_small", lambda ops: False)
    found: list[bool] = []
    replace = kernelize._Kernels.replace

    def watched(self, name, ops, workgroups=1, **rest):
        done = replace(self, name, ops, workgroups, **rest)
        if name == "rows":
            found.append(done)
        return done

    monkeypatch.setattr(kernelize._Kernels, "replace", watched)
    return found


def compared(batch: int, steps: Sequence[Step] = STEPS) -> None:
    """Run programs compiled and eagerly."""
    with la.enable_x64():
        programs = [draw_program(TOGETHER * batch + i, steps) for i in range(TOGETHER)]
        with la.disable_jit(), np.errstate(all="ignore"):
            expected = [run(arrays) for run, arrays in programs]
        found = la.jit(lambda all: [run(arrays) for (run, _), arrays in zip(programs, all, strict=True)])(
            [arrays for _, arrays in programs]
        )
    for i, (got, want) in enumerate(zip(found, expected, strict=True)):
        tolerance = max(TOLERANCE.get(str(x.dtype), 0) for x in got)
        for x, y in zip(got, want, strict=True):
            assert (x.dtype, x.shape) == (y.dtype, y.shape)
            a, b = (np.asarray(v).astype(complex) for v in (x, y))
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"program {TOGETHER * batch + i}")


@pytest.mark.parametrize("batch", [*range(2), *(pytest.param(b, marks=pytest.mark.slow) for b in range(2, 20))])
@pytest.mark.parametrize("elements", [40, 1 << 14])
@pytest.mark.parametrize("steps", [STEPS, JOINS], ids=["sums", "joins"])
def test_tiles_compute_what_the_programs_say(
    batch: int,
    elements: int,
    steps: Sequence[Step],
    tiles: list[bool],
    monkeypatch: pytest.MonkeyPatch,
    written_for: Callable[[int], None],
) -> None:
    written_for(batch + (elements > 40))
    monkeypatch.setattr(rows.item, "ELEMENTS", elements)
    compared(batch, steps)
    assert tiles.count(True) >= TOGETHER // 2 and all(tiles)


def test_tiles_without_kernels(tiles: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiles that have no form as a kernel are a loop that IREE runs."""
    write = kernelize.write_region

    def refuse(ops, *args):
        if ops[0].name == cost.TILES:
            raise Unsupported("tiles")
        return write(ops, *args)

    monkeypatch.setattr(kernelize, "write_region", refuse)
    compared(0)
    assert tiles and not any(tiles)

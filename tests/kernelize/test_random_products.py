"""Products of matrices in tiles against eager arrays: random equations, sizes, dtypes, and what is done with the result."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina_compiler.kernelize import cost
from lamina_compiler.kernelize.machine import cpu
from lamina_compiler.packing import product, tiles
from lamina_compiler.passes import kernelize
from lamina_compiler.vectors import AVX2, AVX512, NEON

TOGETHER = 6  # programs in one module
TOLERANCE = {"float64": 1e-12, "float32": 1e-5, "bfloat16": 2e-2, "float16": 2e-3}

EQUATIONS = (
    "rk,kc->rc", "kr,kc->rc", "rk,ck->rc", "kr,ck->rc", "rk,kc->cr", "brk,bkc->brc", "brk,kc->brc", "bkr,bck->bcr",
    "brk,kac->brac", "bkr,bkc->rc", "rbk,bkac->rac", "brak,bcak->bacr", "krb,kcb->rcb",
)  # fmt: skip


def draw_product(seed: int) -> tuple[Callable[[Any], Any], list[np.ndarray]]:
    """A function of the operands, a bias and an array like the result; and these."""
    rng = Random(seed)
    equation, dtype = rng.choice(EQUATIONS), rng.choice(("float32", "float32", "float64", "bfloat16", "float16"))
    sizes = {
        "a": rng.choice((1, 2, 3)),
        "b": rng.choice((1, 2, 5)),
        "c": rng.choice((16, 17, 31, 64, 100, 129)),
        "r": rng.choice((1, 3, 4, 17, 30, 64, 131)),
        "k": rng.choice((32, 37, 64, 97, 200)),
    }
    (left, right), result = equation.split("->")[0].split(","), equation.split("->")[1]
    numbers = np.random.default_rng(seed)
    shapes = [[sizes[letter] for letter in letters] for letters in (left, right, result[-1:], result)]
    arrays = [np.asarray(numbers.standard_normal(shape)).astype(lnp.dtype(dtype)) for shape in shapes]
    epilogue = rng.choice(("none", "bias", "layer", "both", "residual", "gradient"))

    def run(arrays: Any) -> Any:
        x, y, bias, like = arrays
        z = lnp.einsum(equation, x, y)
        if epilogue == "bias":
            return z + bias
        if epilogue == "layer":
            return lnp.maximum(z + bias, 0)
        if epilogue == "both":
            positive = z > 0
            return lnp.where(positive, z * like, -z), positive, z.sum()
        if epilogue == "residual":
            return z * 0.5 + like - lnp.einsum(equation, x * 2, y)
        return z

    if epilogue != "gradient":
        return run, arrays
    return la.grad(lambda arrays: (run(arrays).astype("float32") ** 2).sum()), arrays


@pytest.mark.parametrize("batch", [*range(4), *(pytest.param(b, marks=pytest.mark.slow) for b in range(4, 30))])
def test_products_in_tiles_compute_what_the_programs_say(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "NARROW": 0,
        "TILED": 0,
        "EVEN": 0,
        "CROSSED": 0,
        "ODD": 0,
        "ROWS": 16,
        "FEWEST_ROWS": 4,
    }.items():
        monkeypatch.setattr(product, name, value)
    machine = cpu((AVX512, AVX2, NEON)[batch % 3])._replace(depth=50)
    monkeypatch.setattr("lamina_compiler.passes.pack.cpu", lambda vectors: machine)
    monkeypatch.setattr(cost, "SHARED", 1 << 12)
    written, kernels = [], []
    write, replace = tiles.write, kernelize._Kernels.replace
    monkeypatch.setattr("lamina_compiler.passes.pack.write", lambda *args: written.append(1) or write(*args))

    def note(self: Any, name: str, *args: Any) -> bool:
        found = replace(self, name, *args)
        kernels.extend([1] * (found and name == "rows"))
        return found

    monkeypatch.setattr(kernelize._Kernels, "replace", note)
    with la.enable_x64():
        programs = [draw_product(TOGETHER * batch + i) for i in range(TOGETHER)]
        with la.disable_jit():
            expected = [run(arrays) for run, arrays in programs]
        arrays = [arrays for _, arrays in programs]
        found = la.jit(lambda all: [run(x) for (run, _), x in zip(programs, all, strict=True)])(arrays)
    assert written
    assert kernels
    for i, (got, want) in enumerate(zip(found, expected, strict=True)):
        for x, y in zip(la.tree_util.tree_leaves(got), la.tree_util.tree_leaves(want), strict=True):
            assert x.dtype == y.dtype
            tolerance = TOLERANCE[str(arrays[i][0].dtype)]
            x, y = (np.asarray(v).astype("float64") for v in (x, y))
            np.testing.assert_allclose(
                x,
                y,
                rtol=tolerance,
                atol=tolerance * max(1, abs(y).max(initial=0)),
                err_msg=f"program {TOGETHER * batch + i}",
            )


def test_an_array_may_be_read_in_several_ways() -> None:
    numbers = np.random.default_rng(0)
    arrays = [numbers.standard_normal((n, n)).astype("float32") for n in (100, 129, 200)]

    def run(arrays: Any) -> Any:
        return [[x @ x, x.T @ x, x @ x.T, x @ x @ x, x @ x + x, lnp.maximum(x.T @ x - x.T, x)] for x in arrays]

    with la.disable_jit():
        expected = run(arrays)
    for row, wanted in zip(la.jit(run)(arrays), expected, strict=True):
        for x, y in zip(row, wanted, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-3)


def test_what_follows_may_read_a_vector_along_rows_and_along_columns() -> None:
    def distances(x):
        squares = (x * x).sum(1)
        return squares[:, None] - 2 * x @ x.T + squares[None, :]

    x = np.random.default_rng(0).standard_normal((120, 33))
    with la.enable_x64():
        np.testing.assert_allclose(np.asarray(la.jit(distances)(x)), distances(x), rtol=1e-12, atol=1e-12)

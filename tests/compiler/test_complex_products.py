"""Products of complex matrices as kernels: random equations and sizes, for all kinds of registers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from product_cases import EQUATIONS, shapes_of

import lamina as la
import lamina.numpy as lnp
from lamina_compiler.ops import contract

TOGETHER = 10  # products in one module

TOLERANCE = {"complex64": 2e-6, "complex128": 1e-14}  # of a sum of magnitudes


def draw(seed: int) -> tuple[str, list[np.ndarray]]:
    """An equation and operands, of which one may be real."""
    rng, numbers = Random(seed), np.random.default_rng(seed)
    equation, dtype = rng.choice(EQUATIONS), rng.choice(("complex64", "complex128"))
    shapes = shapes_of(equation, rng, fewest_columns=2)
    arrays = [(numbers.standard_normal(s) + 1j * numbers.standard_normal(s)).astype(dtype) for s in shapes]
    if rng.random() < 0.2:
        arrays[0] = np.real(arrays[0])
    return equation, arrays


@pytest.mark.parametrize("batch", [*range(3), *(pytest.param(b, marks=pytest.mark.slow) for b in range(3, 9))])
def test_products_of_complex_matrices(
    batch: int, monkeypatch: pytest.MonkeyPatch, written_for: Callable[[int], None]
) -> None:
    written_for(batch)
    monkeypatch.setattr(contract, "_WORTH", 1)
    cases = [draw(TOGETHER * batch + i) for i in range(TOGETHER)]

    def run(arrays: Any) -> Any:
        return [lnp.einsum(equation, *pair) for (equation, _), pair in zip(cases, arrays, strict=True)]

    with la.enable_x64():
        found = la.jit(run)([arrays for _, arrays in cases])
    for (equation, arrays), got in zip(cases, found, strict=True):
        want = np.einsum(equation, *(x.astype(np.complex128) for x in arrays))
        size = np.einsum(equation, *(abs(x).astype(np.float64) for x in arrays))
        assert got.dtype == np.result_type(*arrays)
        assert (abs(np.asarray(got) - want) <= TOLERANCE[str(got.dtype)] * size).all(), (equation, arrays[0].shape)


def test_a_large_product_is_one_kernel_and_a_small_one_is_none() -> None:
    for n, kernels in ((64, 1), (8, 0)):
        x = la.ShapeDtypeStruct((n, n), "complex64")
        text = str(la.make_ir(lambda x: x @ x, x, stage="linalg"))
        assert text.count(" call @strided_product") == kernels


def test_nan_stays_in_its_row() -> None:
    x = np.ones((70, 70), np.complex64)
    x[3, 5] = complex(np.nan, 0)
    bad = np.isnan(np.asarray(la.jit(lambda x: x @ np.ones((70, 40), np.complex64))(x)))
    assert bad[3].all() and not np.delete(bad, 3, 0).any()

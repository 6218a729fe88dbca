"""Elementwise programs for CPUs where leaving out lanes is dear: kernels, unless vectors divide the arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp

AVX2 = 1  # of `written_for`
SHAPES = [(10007,), (16411,), (100, 173), (173, 100), (3, 5, 1009), (7, 1, 2503), (20000, 3), (65, 8, 40)]
DTYPES = ["float32", "float64", "bfloat16", "float16", "int32", "uint8", "complex64"]


def programs(x: Any, y: Any) -> list[Any]:
    """Elementwise, with broadcasts, transposes, pieces, and what is used twice."""
    z = x * 2 + y
    found = [z, z - x, lnp.where(x == y, x, z), x.T + y.T, z[..., 1:] * y[..., :-1], (x != y) & (z == x)]
    if x.ndim > 1:
        found += [x + y[:1], x * y[..., :1] + x.mean(0).astype(x.dtype), lnp.concatenate([z, x], 0)]
    if lnp.issubdtype(x.dtype, lnp.inexact):
        found += [lnp.exp(-x * x) + lnp.tanh(y), lnp.sin(x) / (2 + y * y)]
    return found


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_they_compute_what_eager_arrays_say(shape: tuple[int, ...], written_for: Callable[[int], None]) -> None:
    written_for(AVX2)
    rng = np.random.default_rng(len(shape))
    with la.enable_x64():
        pairs = [[(rng.standard_normal(shape) * 3).astype(lnp.dtype(d)) for _ in range(2)] for d in DTYPES]
        with la.disable_jit():
            expected = [programs(*map(lnp.asarray, pair)) for pair in pairs]
        found = la.jit(lambda pairs: [programs(*pair) for pair in pairs])(pairs)
    for dtype, row, wanted in zip(DTYPES, found, expected, strict=True):
        tolerance = {"float64": 1e-13, "bfloat16": 2e-2, "float16": 4e-3}.get(dtype, 2e-6)
        for x, y in zip(row, wanted, strict=True):
            assert x.dtype == y.dtype
            x, y = (np.asarray(v).astype(complex) for v in (x, y))
            np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance * max(1, abs(y).max()), err_msg=dtype)


def test_a_chain_is_one_dispatch(written_for: Callable[[int], None]) -> None:
    written_for(AVX2)
    x = la.ShapeDtypeStruct((10007,), "float32")
    text = la.jit(lambda x, y: lnp.maximum(2.5 * x + y, 0) - x).lower(x, x).as_text("executables")
    assert text.count("flow.dispatch") == 1
    assert "linalg.generic" not in text

"""Kernels of running combinations: axes, directions, tails, dtypes, special numbers; and where there are none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from op_cases import Case, assert_close, compiled_results

import lamina as la
from lamina import lax
from lamina_compiler.opdef import REGISTRY, Sample
from lamina_compiler.types import BY_SHORT_NAME, INEXACT

SHAPES = [
    ((4099,), 0),
    ((3, 1400), 1),
    ((1400, 3), 0),
    ((2, 35, 67), 1),
    ((4113, 1), 0),
    ((1300, 4), 1),
    ((33, 130), 0),
]
RUNNING = ("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")
DTYPES = ("f32", "f64", "f16", "bf16", "i32", "i8", "u8", "u64", "c64", "c128")
SPECIAL = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0])


def _numbers(rng: np.random.Generator, dtype: np.dtype, shape: tuple[int, ...], name: str) -> np.ndarray:
    if dtype not in INEXACT:
        return rng.integers(0, 100, shape).astype(dtype)
    x = rng.uniform(-1, 1, shape) + (1j * rng.uniform(-1, 1, shape) if dtype.kind == "c" else 0)
    if name == "cumprod":
        return (1 + x * 0.01).astype(dtype)
    with np.errstate(invalid="ignore"):
        return np.where(rng.random(shape) < 2e-4, rng.choice(SPECIAL, shape), 2 * x).astype(dtype)


def _cases() -> Iterator[Case]:
    rng = np.random.default_rng(0)
    for turn, (name, short) in enumerate((n, d) for n in (*RUNNING, "linear_recurrence") for d in DTYPES):
        op, dtype = REGISTRY[name], BY_SHORT_NAME[short]
        if dtype not in INEXACT and name in ("cumlogsumexp", "linear_recurrence"):
            continue
        for k, (shape, axis) in enumerate(SHAPES if short == "f32" else [SHAPES[turn % len(SHAPES)]]):
            operands = [_numbers(rng, dtype, shape, name)]
            if name == "linear_recurrence":
                operands.insert(0, rng.uniform(-0.9, 0.9, shape).astype(dtype))
            yield Case(f"{name}_0", op, Sample(tuple(operands), {"axis": axis, "reverse": (turn + k) % 2 == 1}))


def test_they_are_the_references() -> None:
    cases = list(_cases())
    for case, (got,) in zip(cases, compiled_results(cases, has_host=False), strict=True):
        (want,) = case.op.evaluate(case.sample.operands, case.sample.attributes)
        assert_close(got, want, scale=10)  # f64: summed in another order


def test_long_sums_are_as_accurate_as_their_dtype() -> None:
    x = np.random.default_rng(1).random(200_003).astype(np.float32)
    got = np.asarray(la.jit(lambda x: lax.cumsum(x))(x))
    np.testing.assert_allclose(got, np.cumsum(x, dtype=np.float64), rtol=6e-8)


def test_factors_may_overflow_together() -> None:
    operands = np.full(5000, 1e300), np.zeros(5000)
    case = Case("overflow", REGISTRY["linear_recurrence"], Sample(operands, {"axis": 0, "reverse": False}))
    ((got,),) = compiled_results([case], has_host=False)
    np.testing.assert_array_equal(got, np.zeros(5000))


@pytest.mark.parametrize("length", [100, 5000])
def test_inside_of_loops_the_loop_is_one_kernel(length: int) -> None:
    def f(x: la.Array) -> la.Array:
        return lax.fori_loop(0, 3, lambda i, x: lax.cumsum(x) * 0.5, x)

    x = np.ones(length, np.float32)
    assert str(la.make_ir(f, x, stage="executables")).count("flow.dispatch") == 1
    np.testing.assert_allclose(np.asarray(la.jit(f)(x)), np.cumsum(np.cumsum(np.cumsum(x))) / 8, rtol=1e-5)

"""Convolutions as kernels: random shapes, layouts and geometries, with both gradients, against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina.config import enable_x64
from lamina_compiler.kernels import convolution
from lamina_compiler.kernels.convolution import Dimension
from lamina_compiler.types import BY_SHORT_NAME


class Case(NamedTuple):
    """x (n, c, *places), w (o, c / groups, *window) in some layout, and the rest of conv_general_dilated's arguments."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    strides: tuple[int, ...]
    padding: list[tuple[int, int]]
    between: tuple[int, ...]
    within: tuple[int, ...]
    layout: tuple[str, str, str]
    groups: int = 1
    batches: int = 1

    def arrays(self, rng: np.random.Generator, dtype: np.dtype) -> list[np.ndarray]:
        rank = len(self.x) - 2
        plain = "NC" + "DHW"[3 - rank :], "OI" + "DHW"[3 - rank :]
        parts = [(rng.integers(-4, 5, s), rng.integers(-4, 5, s)) for s in (self.x, self.w)]
        values = [re + 1j * im if dtype.kind == "c" else re for re, im in parts]
        pairs = zip(values, plain, self.layout, strict=False)
        return [np.ascontiguousarray(v.transpose([old.index(c) for c in new])).astype(dtype) for v, old, new in pairs]

    def __call__(self, x: Any, w: Any) -> Any:
        return lax.conv_general_dilated(
            x, w, self.strides, self.padding, self.between, self.within,
            dimension_numbers=self.layout, feature_group_count=self.groups, batch_group_count=self.batches,
        )  # fmt: skip


def _random_case(rng: np.random.Generator) -> Case:
    def choose(*values: int) -> int:
        return int(rng.choice(values))

    def shuffled(letters: str) -> str:
        return "".join(rng.permutation(list(letters)))

    rank, groups = choose(0, 1, 1, 2, 2, 2, 3), choose(1, 1, 1, 2, 8)
    batches = choose(1, 1, 2) if groups == 1 else 1
    channels, features = choose(1, 2, 3, 5, 16, 33), choose(1, 2, 3, 7, 16, 17, 65)
    if groups > 1:
        channels, features = min(channels, 5), min(features, 7)
    most = {0: 1, 1: 60, 2: 18, 3: 7}[rank]
    places = [int(rng.integers(1, most + 1)) for _ in range(rank)]
    window = [int(rng.integers(1, min(n + 1, 6) + 1)) for n in places]
    strides, between, within = (tuple(choose(1, 1, 1, 2, 3) for _ in places) for _ in range(3))
    padding = [(choose(-1, 0, 0, 1, 2, 3), choose(-1, 0, 0, 1, 2, 3)) if n > 1 else (0, 1) for n in places]
    letters = "DHW"[3 - rank :]
    last = "N" + letters + "C", letters + "IO", "N" + letters + "C"
    layout = last if choose(0, 1) else (shuffled("NC" + letters), shuffled("OI" + letters), shuffled("NC" + letters))
    x = choose(1, 2, 3) * batches, channels * groups, *places
    return Case(
        x, (features * groups * batches, channels, *window), strides, padding, between, within, layout, groups, batches
    )


def _assert_as_eager(cases: list[Case], dtype: str, seed: int) -> None:
    """Results and gradients, all of whole numbers: sums are exact in any order."""
    rng = np.random.default_rng(seed)
    arrays = [case.arrays(rng, BY_SHORT_NAME[dtype]) for case in cases]
    cotangents = [
        rng.integers(-4, 5, np.shape(case(*a))).astype(a[0].dtype) for case, a in zip(cases, arrays, strict=True)
    ]

    def everything(arrays: Any, cotangents: Any) -> Any:
        results = []
        for case, a, ct in zip(cases, arrays, cotangents, strict=True):
            y, pull = la.vjp(case, *a)
            results.append((y, *pull(ct)))
        return results

    got, want = la.jit(everything)(arrays, cotangents), everything(arrays, cotangents)
    for case, results, expected in zip(cases, got, want, strict=True):
        for what, a, b in zip(("result", "dx", "dw"), results, expected, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(np.asarray(a), np.asarray(b), f"{what} of {case}")


def _is_kernel(f: Callable[..., Any], *arrays: np.ndarray) -> bool:
    return "@strided_product" in str(la.make_ir(f, *arrays, stage="linalg"))


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones, too, are kernels."""
    monkeypatch.setattr(convolution, "_WORTH", 1)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 12))])
def test_random_convolutions(seed: int, written_for: Callable[[int], None]) -> None:
    written_for(seed // 3 + seed)
    rng, dtype = np.random.default_rng(seed), ("f32", "f64", "c64")[seed % 3]
    with enable_x64(dtype == "f64"):
        _assert_as_eager([_random_case(rng) for _ in range(3)], dtype, seed)


LAST = ("NHWC", "HWIO", "NHWC")
ONE, NONE = (1, 1), [(0, 0), (0, 0)]
SAME = [(1, 1), (1, 1)]
CASES = {
    "sums_in_parts": Case((4, 3, 33, 31), (5, 3, 3, 3), ONE, SAME, ONE, ONE, LAST),
    "many_features": Case((1, 21, 6, 5), (131, 21, 3, 3), ONE, SAME, ONE, ONE, LAST),
    "strides_leave_gaps": Case((2, 6, 13, 12), (20, 6, 1, 1), (2, 3), NONE, ONE, ONE, LAST),
    "phases_of_their_own": Case((2, 20, 14, 13), (20, 20, 3, 3), (2, 2), SAME, ONE, ONE, LAST),
    "phases_in_columns": Case((1, 3, 32, 32), (24, 3, 7, 7), (2, 2), [(3, 3), (2, 3)], ONE, ONE, LAST),
    "phases_in_loops": Case((1, 3, 48, 45), (9, 3, 16, 16), (16, 16), NONE, ONE, ONE, LAST),
    "windows_in_columns": Case((3, 16, 12, 20), (1, 16, 3, 3), ONE, SAME, ONE, ONE, LAST),
    "dilated_both_ways": Case((2, 5, 9, 8), (6, 5, 3, 2), (1, 2), SAME, (3, 2), (2, 3), LAST),
    "groups": Case((2, 24, 9, 11), (36, 4, 3, 3), ONE, SAME, ONE, ONE, LAST, groups=6),
}


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("name", CASES)
def test_kinds(name: str) -> None:
    case = CASES[name]
    assert _is_kernel(case, *case.arrays(np.random.default_rng(0), BY_SHORT_NAME["f32"]))
    _assert_as_eager([case], "f32", 0)


@pytest.mark.parametrize("dtype", ["bf16", "f16", "i32", "c64"])
def test_other_dtypes(dtype: str) -> None:
    _assert_as_eager([Case((2, 5, 13, 11), (7, 5, 3, 3), (1, 2), SAME, ONE, ONE, LAST)], dtype, 0)


def test_small_ones_and_those_in_small_loops_are_left_to_what_is_around_them() -> None:
    case = Case((1, 8, 16, 16), (8, 8, 3, 3), ONE, SAME, ONE, ONE, LAST)
    x, w = case.arrays(np.random.default_rng(0), BY_SHORT_NAME["f32"])
    assert _is_kernel(case, x, w)
    assert not _is_kernel(case, x[:, :4, :4], w)
    assert not _is_kernel(lambda x, w: lax.fori_loop(0, 3, lambda i, x: case(x, w), x), x, w)


def test_in_a_large_loop() -> None:
    case = Case((8, 16, 16, 16), (16, 16, 3, 3), ONE, SAME, ONE, ONE, LAST)
    x, w = case.arrays(np.random.default_rng(0), BY_SHORT_NAME["f32"])

    def several(x: Any, w: Any) -> Any:
        return lax.fori_loop(0, 3, lambda i, x: lnp.round(case(x, w) / 64), x)

    assert _is_kernel(several, x, w)
    np.testing.assert_array_equal(la.jit(several)(x, w), several(lnp.asarray(x), lnp.asarray(w)))


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("between, within", [(1, 1), (2, 1), (1, 2), (3, 2), (4, 2), (2, 3), (6, 4)])
def test_taps_are_the_weights_that_windows_see(stride: int, between: int, within: int) -> None:
    window, low, size, windows = 5, 4, 30, 24
    d = Dimension.of(size, window, windows, stride, low, between, within)
    for number in range(windows):
        block, phase = divmod(number, d.phases)
        taps = d.taps(phase)
        got = {
            taps.weight + t * taps.weight_step: block * d.step + taps.first + t * taps.step for t in range(taps.size)
        }
        places = {k: number * stride + k * within - low for k in range(window)}
        assert got == {k: place // between for k, place in places.items() if place % between == 0}
        seen = {block * d.step + d.all_taps.first + t * d.all_taps.step for t in range(d.all_taps.size)}
        assert seen.issuperset(got.values())

"""Distinct elements, sets, quantiles and histograms, against NumPy; with a size, golden values from JAX 0.10.2."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors

DTYPES = [np.int8, np.uint32, np.float32, np.complex64, np.bool_]


def values(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.integers(0 if np.dtype(dtype).kind in "ub" else -3, 4, shape)
    return (x + 1j * rng.integers(0, 2, shape)).astype(dtype) if np.dtype(dtype).kind == "c" else x.astype(dtype)


def assert_all_equal(got: Any, want: Any) -> None:
    got, want = (x if isinstance(x, tuple) else (x,) for x in (got, want))
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", DTYPES)
def test_unique(dtype: Any) -> None:
    for shape in [(12,), (3, 4), (0,), ()]:
        x = values(shape, dtype)
        got = lnp.unique(x, return_index=True, return_inverse=True, return_counts=True)
        assert_all_equal(got, np.unique(x, return_index=True, return_inverse=True, return_counts=True))
        assert got[0].dtype == dtype
    x = values((5, 2, 2), dtype)[[0, 1, 0, 2, 1]]
    for axis, y in ((0, x), (-1, np.moveaxis(x, 0, -1))):
        want = np.unique(y, return_index=True, return_inverse=True, return_counts=True, axis=axis)
        assert_all_equal(
            lnp.unique(y, True, True, True, axis=axis), tuple(np.ravel(w) if w.ndim < 3 else w for w in want)
        )


def test_unique_of_nan() -> None:
    x = np.float32([np.nan, 1, np.nan, 0, 1])
    assert_all_equal(lnp.unique(x, return_counts=True), np.unique(x, return_counts=True))
    assert_all_equal(lnp.unique(x, equal_nan=False), np.unique(x, equal_nan=False))
    assert_all_equal(tuple(lnp.unique_all(x)), tuple(np.unique_all(x)))
    assert lnp.unique_counts(x).counts.tolist() == [1, 2, 1, 1]
    assert lnp.unique_inverse(x).inverse_indices.tolist() == [2, 1, 3, 0, 1]
    assert lnp.unique_values(x).shape == (4,)


def test_unique_with_a_size() -> None:
    x = np.int32([3, 1, 1])
    assert_all_equal(lnp.unique(x, True, True, True, size=4), ([1, 3, 1, 1], [1, 0, 1, 1], [1, 0, 0], [2, 1, 0, 0]))
    assert_all_equal(lnp.unique(x, size=4, fill_value=9), [1, 3, 9, 9])
    assert_all_equal(lnp.unique(x, return_counts=True, size=1), ([1], [2]))
    assert_all_equal(la.jit(lambda x: lnp.unique(x, size=2))(x), [1, 3])
    assert_all_equal(la.vmap(lambda x: lnp.unique(x, size=2))(np.int32([[3, 1, 3], [2, 2, 2]])), [[1, 3], [2, 2]])
    assert_all_equal(lnp.unique(x[:0], size=2, fill_value=7), [7, 7])
    with pytest.raises(ValueError, match="there is no element, so a size needs a fill_value"):
        lnp.unique(x[:0], size=2)
    with pytest.raises(errors.ConcretizationTypeError, match=r"`lnp.unique` without size= needs the value") as caught:
        la.jit(lnp.unique)(x)
    assert "Say how many with size=" in str(caught.value)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sets(dtype: Any) -> None:
    for size in (0, 1, 9):
        a, b = values((size,), dtype), values((2, 3), dtype, 1)
        for name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
            assert_all_equal(getattr(lnp, name)(a, b), getattr(np, name)(a, b))
        assert_all_equal(lnp.intersect1d(b, a, return_indices=True), np.intersect1d(b, a, return_indices=True))
        for invert in (False, True):
            assert_all_equal(lnp.isin(b, a, invert=invert), np.isin(b, a, invert=invert))


def test_sets_with_nan_and_with_sizes() -> None:
    a, b = np.float32([np.nan, 1, np.nan, 2]), np.float32([np.nan, 2, 5])
    for name in ("union1d", "intersect1d", "setdiff1d", "setxor1d"):
        assert_all_equal(getattr(lnp, name)(a, b), getattr(np, name)(a, b))
    a, b = np.int32([4, 2, 2, 7]), np.int32([7, 3, 2])
    assert_all_equal(lnp.union1d(a, b, size=6), [2, 3, 4, 7, 2, 2])
    assert_all_equal(lnp.setdiff1d(a, b, size=3), [4, 0, 0])
    assert_all_equal(lnp.setxor1d(a, b, size=4), [3, 4, 3, 3])
    assert_all_equal(lnp.setxor1d(a, b, size=4, fill_value=-1), [3, 4, -1, -1])
    assert_all_equal(lnp.intersect1d(a, b, size=3, return_indices=True), ([2, 7, 2], [1, 3, 4], [2, 0, 3]))
    assert_all_equal(lnp.intersect1d(a, np.int32([9]), size=2), [0, 0])
    assert_all_equal(la.jit(lambda a, b: lnp.setdiff1d(a, b, size=3))(a, b), [4, 0, 0])
    with pytest.raises(errors.ConcretizationTypeError, match=r"`lnp.setdiff1d` without size="):
        la.jit(lnp.setdiff1d)(a, b)


METHODS = ["linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("with_nan", [False, True])
def test_quantile(method: str, with_nan: bool) -> None:
    x = np.random.default_rng(0).normal(size=(3, 5, 2)).astype(np.float32)
    if with_nan:
        x[1, 2] = x[0, :, 0] = np.nan
    for axis in (None, 0, -1, (0, 2)):
        for q in (np.float32(0.37), np.float32([0, 0.21, 1])):
            for keepdims in (False, True):
                options: dict[str, Any] = {"axis": axis, "method": method, "keepdims": keepdims}
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)  # of NumPy, for slices of nan only
                    whole, parts = np.quantile(x, q, **options), np.nanquantile(x, q, **options)
                np.testing.assert_allclose(lnp.quantile(x, q, **options), whole, rtol=1e-5)
                np.testing.assert_allclose(lnp.nanquantile(x, q, **options), parts, rtol=1e-5)


def test_percentile_and_median() -> None:
    x = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_allclose(lnp.percentile(x, 30, axis=1), np.percentile(x, 30, axis=1), rtol=1e-5)
    for size in (5, 6):
        np.testing.assert_allclose(lnp.median(x[:, :size], axis=1), np.median(x[:, :size], axis=1), rtol=1e-6)
    x[0, :3] = np.nan
    np.testing.assert_allclose(lnp.nanmedian(x, 1, keepdims=True), np.nanmedian(x, 1, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(
        lnp.nanpercentile(x, np.float32([10, 60]), 0), np.nanpercentile(x, [10, 60], 0), rtol=1e-5
    )
    assert lnp.median(np.array([1, 2], np.int8)).dtype == np.float32
    assert lnp.median(np.float16([1, 2])).dtype == np.float16
    weights = np.float32([1, 0, 3, 2, 0, 1])
    want = np.quantile(x[1:], 0.4, axis=1, method="inverted_cdf", weights=np.broadcast_to(weights, (3, 6)))
    np.testing.assert_allclose(lnp.quantile(x[1:], 0.4, 1, method="inverted_cdf", weights=weights), want)


def test_histograms() -> None:
    rng = np.random.default_rng(0)
    x, weights = rng.integers(0, 9, (4, 5)).astype(np.float32), rng.random((4, 5)).astype(np.float32)
    for options in ({"bins": 4}, {"bins": 3, "range": (2, 7)}, {"bins": np.float32([0, 2, 3, 8]), "density": True}):
        for w in (None, weights):
            got, want = lnp.histogram(x, weights=w, **options), np.histogram(x, weights=w, **options)
            for one, other in zip(got, want, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(lnp.histogram_bin_edges(np.float32([3, 3]), 2), [2.5, 3, 3.5])
    counts, edges_x, edges_y = lnp.histogram2d(x[0], x[1], bins=(3, np.float32([0, 4, 9])), density=True)
    want, want_x, want_y = np.histogram2d(x[0], x[1], bins=(3, np.float32([0, 4, 9])), density=True)
    for one, other in zip((counts, edges_x, edges_y), (want, want_x, want_y), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    counts, edges = lnp.histogramdd(x[:, :3], bins=2, range=[(0, 8), (1, 9), (0, 5)], weights=weights[:, 0])
    want, want_edges = np.histogramdd(x[:, :3], bins=2, range=[(0, 8), (1, 9), (0, 5)], weights=weights[:, 0])
    np.testing.assert_allclose(counts, want, rtol=1e-5)
    assert [edge.shape for edge in edges] == [edge.shape for edge in want_edges]


def test_errors() -> None:
    x = lnp.ones(3)
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: lnp.quantile(x, 0.5, method="weibull"), ValueError, "the method is one of linear, lower"),
        (lambda: lnp.quantile(x * 1j, 0.5), ValueError, "lnp.quantile takes real numbers"),
        (lambda: lnp.quantile(x, lnp.ones((2, 2))), errors.ShapeError, "q must be a number or a vector"),
        (lambda: lnp.quantile(x, 0.5, weights=x), NotImplementedError, "for the method 'inverted_cdf' only"),
        (lambda: lnp.median(x[:0]), ValueError, "lnp.median of no elements (shape (0,)) does not exist"),
        (lambda: lnp.median(x, overwrite_input=True), ValueError, "there is no overwrite_input="),
        (lambda: lnp.isin(x, x, method="hash"), ValueError, "method is one of auto"),
        (lambda: lnp.histogram(x, weights=x[:2]), errors.ShapeError, "weights must have the shape of a"),
        (lambda: lnp.histogram_bin_edges(x, "auto"), NotImplementedError, "rules by name do not exist"),
        (lambda: lnp.histogramdd(x), errors.ShapeError, "sample has the shape (count, dimensions)"),
    ]  # fmt: skip
    for call, kind, text in cases:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)

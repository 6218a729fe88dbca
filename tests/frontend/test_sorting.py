"""Sorting, searching and what is built on them, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax
from lamina.config import enable_x64

DTYPES = [np.int8, np.uint16, np.int32, np.float16, np.float32, np.complex64, np.bool_]
SPECIAL = np.array([2, np.nan, -0.0, 0.0, np.inf, -np.inf, -np.nan, 1, 0.0, -0.0], np.float32)


def values(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> np.ndarray:
    """Few different numbers, so that many are equal."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "c":
        return (rng.integers(-2, 3, shape) + 1j * rng.integers(-2, 3, shape)).astype(dtype)
    low = 0 if np.dtype(dtype).kind in "ub" else -3
    return rng.integers(low, 4, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sort_and_argsort(dtype: Any) -> None:
    for shape in [(9,), (3, 4), (0,), (2, 0), (1,)]:
        x = values(shape, dtype)
        for axis in (*range(len(shape)), -1, None):
            np.testing.assert_array_equal(lnp.sort(x, axis), np.sort(x, axis))
            order = lnp.argsort(x, axis)
            np.testing.assert_array_equal(order, np.argsort(x, axis, kind="stable"))
            assert order.dtype == np.int32
            down = np.flip(np.sort(x, axis), -1 if axis is None else axis)
            np.testing.assert_array_equal(lnp.sort(x, axis, descending=True), down)
    x = values((20,), dtype)
    ranks = np.unique(x, return_inverse=True)[1]
    np.testing.assert_array_equal(lnp.argsort(x, descending=True), np.argsort(-ranks, kind="stable"))


def test_order_of_special_values() -> None:
    got = np.asarray(lnp.sort(SPECIAL))
    np.testing.assert_array_equal(got, [-np.inf, 0, 0, 0, 0, 1, 2, np.inf, np.nan, np.nan])
    np.testing.assert_array_equal(np.signbit(got[1:5]), [True, False, False, True])  # equal: in their order
    np.testing.assert_array_equal(lnp.argsort(SPECIAL), [5, 2, 3, 8, 9, 7, 0, 4, 1, 6])
    with enable_x64(True):
        for dtype in (np.float16, "bfloat16", np.float64):
            np.testing.assert_array_equal(lnp.argsort(SPECIAL.astype(dtype)), [5, 2, 3, 8, 9, 7, 0, 4, 1, 6])
    z = np.array([1j, complex(np.nan, 0), 1 + 1j, 1, complex(1, np.nan)], np.complex64)
    np.testing.assert_array_equal(lnp.argsort(z), [0, 3, 2, 4, 1])  # as in JAX 0.10.2


def test_top_k() -> None:
    """Golden values of the special case from JAX 0.10.2: the total order of IEEE 754."""
    x = np.array([1, np.nan, -0.0, 0.0, -np.nan, 3, -1], np.float32)
    got, index = lax.top_k(x, 7)
    np.testing.assert_array_equal(index, [1, 5, 0, 3, 2, 6, 4])
    np.testing.assert_array_equal(got, x[[1, 5, 0, 3, 2, 6, 4]])
    with enable_x64(True):
        np.testing.assert_array_equal(lax.top_k(x.astype(np.float64), 7)[1], index)
        for dtype in (np.int64, np.uint64, *DTYPES[:5]):
            x = values((3, 40), dtype)
            for k in (0, 1, 5, 40):
                got, index = lax.top_k(x, k)
                want = np.argsort(-x.astype(np.float64), -1, kind="stable")[:, :k]
                np.testing.assert_array_equal(index, want)
                np.testing.assert_array_equal(got, np.take_along_axis(x, want, -1))
                assert index.dtype == np.int32
    got, index = lax.top_k(values((4, 3), np.int32), 2, axis=0)
    np.testing.assert_array_equal(got, np.sort(values((4, 3), np.int32), 0)[:1:-1])
    np.testing.assert_array_equal(lax.approx_max_k(np.float32([1, 5, 3]), 2)[1], [1, 2])
    np.testing.assert_array_equal(lax.approx_min_k(np.float32([1, 5, 3]), 2)[0], [1, 3])


def test_several_keys() -> None:
    a, b, c = (values((4, 6), dtype, seed) for seed, dtype in enumerate((np.int32, np.float32, np.bool_)))
    for axis in (0, 1):
        np.testing.assert_array_equal(lnp.lexsort((a, b, c), axis), np.lexsort((a, b, c), axis))
        payload = np.arange(24).reshape(4, 6)
        order = np.lexsort((b, a), axis)
        got = lax.sort((a, b, payload.astype(np.int32)), dimension=axis, num_keys=2)
        for one, other in zip(got, (a, b, payload), strict=True):
            np.testing.assert_array_equal(one, np.take_along_axis(other, order, axis))
    keys, moved = lax.sort_key_val(np.array([2, 1, 2, 1], np.int32), np.arange(4, dtype=np.int32))
    np.testing.assert_array_equal(keys, [1, 1, 2, 2])
    np.testing.assert_array_equal(moved, [1, 3, 0, 2])


def test_partition_and_sort_complex() -> None:
    x = values((3, 8), np.float32)
    for kth in (0, 3, -1):
        got = np.asarray(lnp.partition(x, kth, axis=1))
        pivot = got[:, kth : kth % 8 + 1]
        assert np.all(got[:, : kth % 8] <= pivot) and np.all(got[:, kth % 8 :] >= pivot)
        np.testing.assert_array_equal(np.sort(got, 1), np.sort(x, 1))
        np.testing.assert_array_equal(np.take_along_axis(x, np.asarray(lnp.argpartition(x, kth, 1)), 1), got)
    np.testing.assert_array_equal(lnp.sort_complex(np.array([2, 1 + 1j, 1], np.complex64)), [1, 1 + 1j, 2])
    assert lnp.sort_complex(np.array([2, 1], np.int8)).dtype == np.complex64


@pytest.mark.parametrize("dtype", DTYPES)
def test_searchsorted(dtype: Any) -> None:
    for size in (0, 1, 2, 9, 64):
        a, v = np.sort(values((size,), dtype)), values((2, 7), dtype, 1)
        for side in ("left", "right"):
            got = lnp.searchsorted(a, v, side)
            np.testing.assert_array_equal(got, np.searchsorted(a, v, side))
            assert got.dtype == np.int32
    shuffled = values((9,), dtype)
    sorter = np.argsort(shuffled, kind="stable")
    np.testing.assert_array_equal(
        lnp.searchsorted(shuffled, v, sorter=sorter), np.searchsorted(shuffled, v, sorter=sorter)
    )


def test_digitize() -> None:
    x = np.array([[0.2, 6.4], [3.0, 1.6]], np.float32)
    for bins in ([0.0, 1.0, 2.5, 3.0, 10.0], [10.0, 3.0, 2.5, 1.0, 0.0], [3.0]):
        for right in (False, True):
            np.testing.assert_array_equal(lnp.digitize(x, np.float32(bins), right), np.digitize(x, bins, right))
    np.testing.assert_array_equal(lnp.digitize(x, np.zeros(0, np.float32)), np.zeros((2, 2)))


def test_interp() -> None:
    xp, fp = np.float32([-1, 0, 2, 2.5]), np.float32([3, 1, 4, 1])
    x = np.linspace(-3, 5, 23, dtype=np.float32)
    np.testing.assert_allclose(lnp.interp(x, xp, fp), np.interp(x, xp, fp), rtol=1e-5)
    np.testing.assert_allclose(lnp.interp(x, xp, fp, 7, -7), np.interp(x, xp, fp, 7, -7), rtol=1e-5)
    np.testing.assert_allclose(lnp.interp(x, xp, fp, period=3), np.interp(x, xp, fp, period=3), rtol=1e-4)
    np.testing.assert_allclose(lnp.interp(np.float32(4), xp, fp, right="extrapolate"), 1 + 1.5 * -6, rtol=1e-6)
    slope = la.grad(lambda x: lnp.interp(x, xp, fp))(np.float32(1))
    assert float(slope) == 1.5


def test_derivatives_follow_the_elements() -> None:
    x, weights = np.float32([3, 1, 2]), np.float32([10, 20, 30])
    np.testing.assert_array_equal(la.grad(lambda x: lnp.sum(lnp.sort(x) * weights))(x), [30, 10, 20])
    np.testing.assert_array_equal(la.grad(lambda x: lnp.sum(lax.top_k(x, 2)[0] * weights[:2]))(x), [10, 0, 20])
    key_gradient = la.grad(lambda v: lnp.sum(lax.sort_key_val(x, v)[1] * weights))(np.ones(3, np.float32))
    np.testing.assert_array_equal(key_gradient, [30, 10, 20])
    np.testing.assert_array_equal(la.grad(lambda x: lnp.median(x))(np.float32([4, 1, 2, 3])), [0, 0, 0.5, 0.5])
    np.testing.assert_array_equal(la.jacfwd(lnp.sort)(x), np.eye(3)[[1, 2, 0]])


def test_vmap_is_a_loop() -> None:
    x = values((3, 4, 5), np.float32)
    for f in (
        lnp.sort,
        lnp.argsort,
        lambda x: lnp.sort(x, 0),
        lambda x: lax.top_k(x, 2)[1],
        lambda x: lnp.median(x, 0),
    ):
        np.testing.assert_array_equal(la.vmap(f)(x), np.stack([np.asarray(f(each)) for each in x]))
    a, v = np.sort(values((3, 6), np.float32)), values((3, 4), np.float32, 1)
    for axes in [(0, 0), (0, None), (None, 0)]:
        one, other = (y if axis == 0 else y[0] for y, axis in zip((a, v), axes, strict=True))
        want = [np.searchsorted(a[i if axes[0] == 0 else 0], v[i if axes[1] == 0 else 0]) for i in range(3)]
        np.testing.assert_array_equal(la.vmap(lnp.searchsorted, axes)(one, other), np.stack(want))


def test_compiled_is_eager() -> None:
    x = values((3, 50), np.float32)
    x[0, 3] = np.nan

    def everything(x: Any) -> Any:
        small = x[1:, :9]
        return (
            lnp.sort(x), lnp.argsort(x, 0), lax.top_k(x, 3), lnp.lexsort((small[0], small[1])),
            lnp.searchsorted(lnp.sort(x[0]), x[1]), la.vmap(lnp.searchsorted)(lnp.sort(x), x),
            lnp.quantile(small, np.float32([0.2, 0.5]), axis=1), lnp.unique(small, size=9, return_inverse=True),
            lnp.histogram(small, 4), la.grad(lambda y: lnp.sum(lnp.sort(y) ** 2 * np.arange(9)))(small),
            lnp.intersect1d(small[0], small[1], size=4), lnp.isin(x, small[0]),
        )  # fmt: skip

    for got, want in zip(la.tree.leaves(la.jit(everything)(x)), la.tree.leaves(everything(x)), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)


def test_errors() -> None:
    x = lnp.ones(3)
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: lax.sort(()), TypeError, "`lax.sort` needs an operand at least."),
        (lambda: lax.sort((x, x[:2])), errors.ShapeError, "the operands must have one shape"),
        (lambda: lax.sort((x, x), num_keys=3), ValueError, "num_keys must be between 1 and the 2 operands, not 3"),
        (lambda: lax.sort(x, dimension=1), errors.ShapeError, "there is no axis 1 in an array of rank 1"),
        (lambda: lax.top_k(x, 4), ValueError, "k must be between 0 and the size of axis 0 of the shape (3,), but it is 4"),
        (lambda: lax.top_k(x * 1j, 1), ValueError, "complex ones have no order"),
        (lambda: lax.approx_max_k(x.astype(int), 1), errors.DTypeError, "takes floats, not int32"),
        (lambda: lnp.sort(1.0), errors.ShapeError, "there is no axis -1 in an array of rank 0"),
        (lambda: lnp.sort([2, 1]), errors.NonArrayArgumentError, "`lnp.sort` takes arrays"),
        (lambda: lnp.argsort(x, kind="quicksort"), TypeError, "there is no kind="),  # type: ignore[arg-type]
        (lambda: lnp.partition(x, 3), ValueError, "kth is 3, but axis 0 has the size 3"),
        (lambda: lnp.lexsort(()), TypeError, "lnp.lexsort needs a key at least"),
        (lambda: lnp.searchsorted(lnp.ones((2, 2)), 1.0), errors.ShapeError, "a must be a vector"),
        (lambda: lnp.searchsorted(x, 1.0, "middle"), ValueError, "side is \"left\" or \"right\", not 'middle'"),
        (lambda: lnp.interp(1.0, x, x[:2]), errors.ShapeError, "xp and fp must be vectors of one size"),
        (lambda: lnp.interp(1.0, x, x, left="linear"), ValueError, "left is a number or \"extrapolate\""),
    ]  # fmt: skip
    for call, kind, text in cases:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)

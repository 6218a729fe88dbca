"""Running sums, products and extremes against NumPy, and their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax
from lamina.config import enable_x64

REFERENCES = {
    "cumsum": np.add.accumulate,
    "cumprod": np.multiply.accumulate,
    "cummax": np.maximum.accumulate,
    "cummin": np.minimum.accumulate,
    "cumlogsumexp": lambda x, axis, dtype: np.log(np.add.accumulate(np.exp(x), axis, dtype=dtype)),
}
DTYPES = [np.int8, np.uint32, np.float16, np.float32, np.complex64]


def values(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, shape) if np.dtype(dtype).kind in "iu" else rng.uniform(-1.5, 1.5, shape)
    return (x + 1j * rng.uniform(-1, 1, shape)).astype(dtype) if np.dtype(dtype).kind == "c" else x.astype(dtype)


def expected(name: str, x: np.ndarray, axis: int, reverse: bool) -> np.ndarray:
    wide = {"f": np.float64, "c": np.complex128}.get(x.dtype.kind, x.dtype)
    x = np.flip(x, axis) if reverse else x
    with np.errstate(all="ignore"):
        y = REFERENCES[name](x.astype(wide), axis, dtype=wide).astype(x.dtype)
    return np.flip(y, axis) if reverse else y


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_against_numpy(name: str, dtype: Any) -> None:
    if name == "cumlogsumexp" and np.dtype(dtype).kind not in "fc":
        with pytest.raises(
            errors.DTypeError, match=r"operand 'x' has dtype .*, expected one of f16, bf16, f32, f64, c64"
        ):
            lax.cumlogsumexp(np.ones(3, dtype))
        return
    for shape in [(5,), (1,), (0,), (2, 3, 4), (2, 0), (0, 2)]:
        for axis in range(len(shape)):
            for reverse in (False, True):
                x = values(shape, dtype)
                got = getattr(lax, name)(x, axis, reverse)
                assert got.dtype == dtype
                np.testing.assert_allclose(
                    got, expected(name, x, axis, reverse), rtol=2e-3 if dtype == np.float16 else 1e-6
                )


def test_special_values() -> None:
    x = np.array([1, -np.inf, np.inf, 2, np.nan, 0], np.float32)
    np.testing.assert_array_equal(lax.cummax(x), [1, 1, np.inf, np.inf, np.nan, np.nan])
    np.testing.assert_array_equal(lax.cummin(x), [1, -np.inf, -np.inf, -np.inf, np.nan, np.nan])
    np.testing.assert_array_equal(lax.cumsum(x), [1, -np.inf, np.nan, np.nan, np.nan, np.nan])
    none = np.full(3, -np.inf, np.float32)
    np.testing.assert_array_equal(lax.cumlogsumexp(none), none)
    np.testing.assert_array_equal(lax.cumlogsumexp(np.array([np.inf, 1, 700], np.float32)), [np.inf] * 3)
    np.testing.assert_allclose(lax.cumlogsumexp(np.array([1000.0, 1000.0], np.float32)), [1000, 1000.6931])
    assert float(lax.cumsum(np.ones(4096, "bfloat16"))[-1]) == 4096  # added up in float32
    assert float(lax.cumsum(np.full(1 << 20, 0.1, np.float32))[-1]) == pytest.approx(104857.6, rel=1e-7)


def test_derivatives_by_differences() -> None:
    with enable_x64(True):
        x = np.random.default_rng(1).uniform(0.5, 1.5, (3, 4))
        x[1, 2] = 0  # a product with a zero has derivatives
        weights = np.random.default_rng(2).normal(size=(3, 4))
        for name in REFERENCES:
            for axis, reverse in [(0, False), (1, True)]:
                f = lambda x, name=name, axis=axis, reverse=reverse: lnp.sum(  # noqa: E731
                    getattr(lax, name)(x, axis, reverse) * weights
                )
                got = np.asarray(la.grad(f)(x))
                for at in np.ndindex(x.shape):
                    step = np.zeros_like(x)
                    step[at] = 1e-6
                    assert abs(got[at] - float(f(x + step) - f(x - step)) / 2e-6) < 1e-7


def test_equal_extremes_share_the_derivative() -> None:
    jacobian = la.jacfwd(lax.cummax)(np.array([1.0, 1.0, 0.0, 1.0], np.float32))
    np.testing.assert_array_equal(jacobian, [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0.25, 0.25, 0, 0.5]])
    np.testing.assert_array_equal(la.jacrev(lax.cummax)(np.array([1.0, 1.0, 0.0, 1.0], np.float32)), jacobian)
    least = np.full(2, -np.inf, np.float32)
    np.testing.assert_array_equal(la.jacfwd(lax.cummax)(least)[0], [1, 0])


def test_compiled_is_eager() -> None:
    x = np.random.default_rng(0).uniform(0.9, 1.1, (2, 2500)).astype(np.float32)
    x[0, 2000] = np.nan

    def everything(x: Any) -> list[Any]:
        results = [
            getattr(lax, name)(x, axis, reverse) for name in REFERENCES for axis, reverse in [(1, False), (0, True)]
        ]
        gradient = la.grad(lambda x: lnp.sum(lax.cumprod(x, 0)) + lnp.sum(lax.cummax(x, 1)))(x[:, :50])
        small = [lnp.cumsum(x[:, :3].astype(dtype), 1) for dtype in ("int8", "uint32", "float16", "complex64")]
        return [*results, gradient, *small, la.vmap(lax.cumsum)(x)]

    for got, want in zip(la.jit(everything)(x), everything(x), strict=True):
        np.testing.assert_allclose(got, want, rtol=3e-6)


@pytest.mark.parametrize("function", ["cumsum", "cumprod", "nancumsum", "nancumprod"])
def test_numpy_functions(function: str) -> None:
    ours, theirs = getattr(lnp, function), getattr(np, function)
    x = values((3, 4), np.float32)
    if function.startswith("nan"):
        x[1, 2] = np.nan
    for axis in (None, 0, -1):
        np.testing.assert_allclose(ours(x, axis), theirs(x.astype(np.float64), axis), rtol=1e-6)
    assert ours(np.array([True, True])).dtype == np.int32
    assert ours(np.array([100, 100], np.int8)).dtype == np.int8  # as in JAX: small integers stay
    assert ours(np.float32(3)).shape == (1,)
    np.testing.assert_array_equal(lnp.cumsum(np.array([-1, 1, 0]), dtype=bool), [True, True, True])
    np.testing.assert_array_equal(lnp.cumprod(np.array([2, 0, 1]), dtype=bool), [True, False, False])


def test_cumulative_sum_and_prod() -> None:
    x = np.array([[1, 2, 3], [4, 5, 6]], np.int8)
    for ours, theirs in [(lnp.cumulative_sum, np.cumulative_sum), (lnp.cumulative_prod, np.cumulative_prod)]:
        for axis in (0, 1, -1):
            got = ours(x, axis=axis, include_initial=True)
            np.testing.assert_array_equal(got, theirs(x, axis=axis, include_initial=True))
            assert got.dtype == np.int32
    with pytest.raises(ValueError, match=r"lnp.cumulative_sum: axis must be given for an array of rank 2"):
        lnp.cumulative_sum(x)
    with pytest.raises(ValueError, match=r"lnp.cumulative_prod: x must have an axis at least, but it is a number"):
        lnp.cumulative_prod(2.0)


def test_errors() -> None:
    with pytest.raises(errors.ShapeError) as caught:
        lax.cumsum(np.ones(3, np.float32), axis=-1)
    assert str(caught.value) == (
        "`lax.cumsum`: there is no axis -1 in an array of rank 1.\nAxes count from the front in lax; lnp takes negative ones."
    )
    with pytest.raises(errors.ShapeError, match="there is no axis 0 in an array of rank 0"):
        lax.cummax(1.0)
    with pytest.raises(errors.DTypeError, match="`cumsum`: operand 'x' has dtype bool"):
        lax.cumsum(np.array([True]))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", ["add", "multiply", "maximum", "minimum", "logaddexp"])
def test_associative_scans_by_known_functions_are_cumulative_operations(name: str, reverse: bool) -> None:
    function = getattr(lnp, name)
    x = np.random.default_rng(3).normal(size=(3, 7)).astype(np.float32)
    got = lax.associative_scan(function, x, reverse, axis=-1)
    want = lax.associative_scan(lambda a, b: function(a, b), x, reverse, axis=-1)
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-5)

"""Reductions against NumPy in wider precision: axes, keepdims, masks, result dtypes; eager and compiled."""

import itertools

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina.errors import AxisError, NonArrayArgumentError

RNG = np.random.default_rng(0)
SUMS = "sum prod nansum nanprod cumsum cumprod"
MEANS = "mean var std nanmean nanvar nanstd"
EXTREMES = "max min ptp nanmax nanmin argmax argmin"
TRUTHS = "all any count_nonzero"
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": 1, "keepdims": True}, {"axis": (), "keepdims": True}]


def drawn(dtype):
    values = RNG.uniform(-3, 3, (3, 4))
    if dtype == "complex64":
        values = values + 1j * RNG.uniform(-3, 3, (3, 4))
    return (
        (values > 0) if dtype == "bool" else np.abs(values).astype(dtype) if dtype[0] == "u" else values.astype(dtype)
    )


def result_dtype(name, dtype):
    """JAX's: sums of small integers in the default integer, means of integers in the default float."""
    dtype = np.dtype(dtype)
    if name in TRUTHS.split():
        return np.dtype("int32" if name == "count_nonzero" else "bool")
    if name.startswith("arg"):
        return np.dtype("int32")
    if name in MEANS.split():
        dtype = np.dtype("float32") if dtype.kind in "biu" else dtype
        return np.dtype("float32") if dtype.kind == "c" and "mean" not in name else dtype
    if name in SUMS.split() and not name.startswith("cum") and dtype.kind in "biu":
        return np.dtype("uint32" if dtype.kind == "u" else "int32")
    return np.dtype("int32") if dtype.kind == "b" and name.startswith("cum") else dtype


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int32", "float16", "float32", "complex64"])
def test_against_numpy(dtype):
    x = drawn(dtype)
    kind = x.dtype.kind
    wide = x.astype({"f": np.float64, "c": np.complex128}.get(kind, np.int64 if kind != "b" else bool))
    names = [*SUMS.split(), *MEANS.split(), *TRUTHS.split(), *([] if kind == "c" else EXTREMES.split())]
    for name, options in itertools.product(names, AXES):
        if name == "ptp" and kind == "b":
            continue
        if (name.startswith("arg") and isinstance(options.get("axis"), tuple)) or (
            name.startswith("cum") and ("keepdims" in options or isinstance(options.get("axis"), tuple))
        ):
            continue
        got = getattr(lnp, name)(x, **options)
        with np.errstate(all="ignore"):
            want = np.asarray(getattr(np, name)(wide, **options))
        assert got.dtype == result_dtype(name, dtype), (name, options)
        assert got.shape == want.shape and not got.weak_type, (name, options)
        tolerance = {"float16": 1e-2, "float32": 1e-5, "complex64": 1e-5}.get(got.dtype.name, 0)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(
                got, want.astype(got.dtype), rtol=tolerance, atol=tolerance, err_msg=f"{name} {options}"
            )


def test_masks_and_initial_values():
    x, mask = drawn("float32"), drawn("bool")
    mask[0] = mask[:, 0] = True  # NumPy warns of the mean of nothing
    for name, axis in itertools.product(("sum", "prod", "mean", "var", "std", "all", "any"), (None, 0, 1)):
        got, want = getattr(lnp, name)(x, axis=axis, where=mask), getattr(np, name)(x, axis=axis, where=mask)
        np.testing.assert_allclose(got, want, rtol=2e-5, err_msg=name)
    for name in ("sum", "prod", "max", "min"):
        got = getattr(lnp, name)(x, axis=0, where=mask[:1], initial=0.5)
        np.testing.assert_allclose(
            got, getattr(np, name)(x, axis=0, where=mask[:1], initial=0.5), rtol=1e-6, err_msg=name
        )
    assert lnp.sum(lnp.arange(4), initial=1.5).tolist() == 7  # the dtype is the array's
    assert lnp.max(lnp.zeros(0), initial=3).item() == 3 and lnp.sum(lnp.zeros((0, 2)), axis=0).tolist() == [0, 0]
    assert lnp.var(lnp.array([1.0, 2, 3]), ddof=1).item() == 1 and np.isnan(lnp.var(lnp.array([1.0]), ddof=1))


def test_nan():
    x = lnp.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
    assert lnp.argmax(x, axis=1).tolist() == [1, 0] and np.isnan(lnp.max(x[0]))
    assert lnp.nansum(x, axis=1).tolist() == [4, 0] and lnp.nanmean(x[0]).item() == 2
    np.testing.assert_array_equal(lnp.nanmax(x, axis=1), [3, np.nan])
    np.testing.assert_array_equal(lnp.nanmin(x, axis=1), [1, np.nan])


def test_average_and_scans():
    x, w = drawn("float32"), np.abs(drawn("float32"))
    np.testing.assert_allclose(lnp.average(x, weights=w), np.average(x, weights=w), rtol=1e-5)
    np.testing.assert_allclose(lnp.average(x, axis=1, weights=w[0]), np.average(x, axis=1, weights=w[0]), rtol=1e-4)
    mean, total = lnp.average(x, axis=0, returned=True)
    assert total.tolist() == [3.0] * 4 and mean.shape == (4,)
    long = RNG.integers(-100, 100, 1000)
    assert np.array_equal(lnp.cumsum(long), np.cumsum(long))
    assert np.array_equal(lnp.diff(long, n=2, prepend=0), np.diff(long, n=2, prepend=0))
    np.testing.assert_allclose(lnp.trapezoid(x, dx=0.5), np.trapezoid(x, dx=0.5), rtol=1e-5)
    slope = la.grad(lambda v: lnp.cumsum(v)[2])(lnp.arange(4.0))
    assert slope.tolist() == [1, 1, 1, 0]


def test_compiled():
    x, mask = drawn("float32"), drawn("bool")
    names = [*SUMS.split(), *MEANS.split(), *TRUTHS.split(), *EXTREMES.split()]

    def every(x, mask):
        whole = {name: getattr(lnp, name)(x) for name in names}
        rows = {f"{name} rows": getattr(lnp, name)(x, axis=1) for name in names}
        return (
            whole | rows | {"masked": lnp.mean(x, axis=0, where=mask), "half": lnp.mean(x.astype(lnp.float16), axis=0)}
        )

    got, want = la.jit(every)(x, mask), every(x, mask)
    for name in want:
        assert (got[name].dtype, got[name].shape) == (want[name].dtype, want[name].shape), name
        np.testing.assert_allclose(got[name], want[name], rtol=2e-5, atol=1e-6, err_msg=name)


def test_derivatives():
    x = lnp.array([[1.0, 5.0, 5.0], [2.0, -1.0, 0.0]])
    assert la.grad(lambda v: lnp.max(v, axis=1).sum())(x).tolist() == [[0, 0.5, 0.5], [1, 0, 0]]
    assert la.grad(lambda v: lnp.mean(v))(x).tolist() == np.full((2, 3), np.float32(1 / 6)).tolist()
    np.testing.assert_allclose(la.grad(lambda v: lnp.var(v))(x), 2 * (np.asarray(x) - 2) / 6, rtol=1e-6, atol=1e-7)


def test_errors():
    x = lnp.zeros((2, 3))
    assert issubclass(AxisError, IndexError) and issubclass(AxisError, ValueError)  # as NumPy's
    with pytest.raises(AxisError, match=r"`lnp.sum`: there is no axis 2 in an array of rank 2"):
        lnp.sum(x, axis=2)
    with pytest.raises(ValueError, match="repeat"):
        lnp.sum(x, axis=(0, -2))
    with pytest.raises(NonArrayArgumentError, match=r"`lnp.sum` takes arrays, but the argument `a` is a list"):
        lnp.sum([1, 2])
    with pytest.raises(NotImplementedError, match="immutable"):
        lnp.sum(x, out=np.zeros(()))
    with pytest.raises(ValueError, match=r"lnp.max of no elements \(shape \(0,\)"):
        lnp.max(lnp.zeros(0))
    with pytest.raises(ValueError, match="argmax of no elements"):
        lnp.argmax(lnp.zeros((0, 2)), axis=0)
    with pytest.raises(ValueError, match="initial= must be given"):
        lnp.max(x, where=x > 0)


def test_long_sums_lose_no_more_than_a_few_roundings():
    x = np.random.default_rng(0).random((16, 60_000), np.float32)
    exact = x.astype(np.float64).sum(1)

    def sums(x):
        thrice = la.lax.fori_loop(0, 3, lambda i, total: total + lnp.sum(x * (i + 1), 1), lnp.zeros(16))
        return x.sum(1), x.T.sum(0), thrice / 6

    for found in la.jit(sums)(x):
        np.testing.assert_allclose(found, exact, rtol=5e-7)


def test_reductions_of_numbers_that_have_dimensions_again():
    x, a, b = np.random.default_rng(0).random((300, 300), np.float32), np.float32(1), np.float32(2)

    def results(x, a, b):
        product = lnp.exp(a * b)
        return (
            lnp.any(lnp.reshape(a > b, (1,))),
            lnp.sum(lnp.stack([product])),
            lnp.max(lnp.expand_dims(a + b, (0, 1))),
            (x * lnp.reshape(product, (1, 1))).sum(1),
            x.sum() + product,
        )

    for found, expected in zip(la.jit(results)(x, a, b), results(x, a, b), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5)

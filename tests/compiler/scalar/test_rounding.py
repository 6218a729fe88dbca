"""Neighbours and the exact remainder."""

import numpy as np
import pytest

from lamina_compiler import scalar


def random_floats(dtype, count, seed):
    """Any bit pattern: every exponent, subnormals, infinities and NaNs."""
    bits = np.random.default_rng(seed).bytes(count * np.dtype(dtype).itemsize)
    return np.frombuffer(bits, dtype).copy()


def same(a, b):
    return np.all(((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b)))


@pytest.mark.parametrize(("dtype", "has_f64"), [(np.float32, True), (np.float32, False), (np.float64, True)])
def test_remainder_is_exact_for_any_exponents(dtype, has_f64):
    x, y = random_floats(dtype, 20000, 0), random_floats(dtype, 20000, 1)
    with np.errstate(all="ignore"):
        y[::2] = x[::2] * np.random.default_rng(2).uniform(-1, 1, 10000).astype(dtype)
        expected = np.fmod(x, y)
    assert same(scalar.evaluate(scalar.remainder, x, y, has_f64=has_f64), expected)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_nextafter_and_copysign(dtype):
    x, y = random_floats(dtype, 20000, 0), random_floats(dtype, 20000, 1)
    x[:40:2], y[:40:4], y[40:60] = 0, -0.0, x[40:60]
    with np.errstate(all="ignore"):
        # of two zeros C (and we) take the second, NumPy's float16 the first
        expected = np.where((x == 0) & (y == 0), y, np.nextafter(x, y))
        assert same(scalar.evaluate(scalar.nextafter, x, y), expected)
        assert same(scalar.evaluate(scalar.copysign, x, y), np.copysign(x, y))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "reference"),
    [("floor", np.floor), ("ceil", np.ceil), ("trunc", np.trunc), ("round_nearest_even", np.rint)],
)
def test_rounding(dtype, name, reference):
    x = np.concatenate([random_floats(dtype, 5000, 3), (np.arange(-50, 50) / 4).astype(dtype)])
    with np.errstate(all="ignore"):
        assert same(scalar.evaluate(getattr(scalar, name), x), reference(x))

"""Conversions between all pairs of dtypes."""

import ml_dtypes
import numpy as np
import pytest

from lamina_compiler import scalar
from lamina_compiler.scalar.value import TYPES

NAMES = ["bool", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f16", "bf16", "f32", "f64", "c64", "c128"]
REAL = NAMES[:-2]


def values(name):
    dtype = TYPES[name].dtype
    if name == "bool":
        return np.array([False, True])
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.array([info.min, info.max, info.max // 3, 0, 1, 100], dtype)
    candidates = [0.0, -0.0, 0.6, -0.6, 1.5, -1.5, 100.7, 300, -300, 7e4, -7e4, 3e9, -3e9, 1e19, -1e19, 3e38]
    with np.errstate(over="ignore"):
        numbers = np.array([*candidates, np.inf, -np.inf, np.nan])
        if dtype.kind == "c":
            return np.stack([numbers, numbers[::-1]], -1).astype(np.zeros(0, dtype).real.dtype).view(dtype)[:, 0]
        return numbers.astype(dtype)


def assert_equal(result, expected):
    """NumPy's test, which does not know the NaN of bfloat16."""
    if expected.dtype == ml_dtypes.bfloat16:
        result, expected = result.astype(np.float32), expected.astype(np.float32)
    np.testing.assert_array_equal(result, expected)


def model(x, target):
    """NumPy's conversion, with JAX's saturation of floats."""
    dtype = TYPES[target].dtype
    with np.errstate(all="ignore"):
        if x.dtype.kind == "c" and dtype.kind != "c" and target != "bool":
            x = x.real
        if dtype.kind in "iu" and x.dtype.kind not in "iub":
            info = np.iinfo(dtype)
            exact = [0 if v != v else min(max(v, float(info.min)), float(info.max)) for v in x.astype(float)]
            return np.array([min(max(int(v), info.min), info.max) for v in exact], dtype)
        if x.dtype.kind in "iu" and dtype == ml_dtypes.bfloat16:
            return x.astype(np.float32).astype(dtype)
        return x.astype(dtype)


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("target", NAMES)
def test_convert(source, target):
    x = values(source)
    result = scalar.evaluate(lambda v: scalar.convert(v, target), x)
    assert result.dtype == TYPES[target].dtype
    assert_equal(result, model(x, target))


@pytest.mark.parametrize("target", ["f16", "bf16"])
def test_f64_is_rounded_once(target):
    # Just above a tie of the target by less than f32 sees: through f32 it would round to even.
    step = {"f16": 2.0**-11, "bf16": 2.0**-8}[target]
    x = np.array([1 + step + 2.0**-40, 1 + step, 1 + step - 2.0**-40, -1 - step - 2.0**-40])
    expected = np.array([1 + 2 * step, 1, 1, -1 - 2 * step]).astype(TYPES[target].dtype)
    np.testing.assert_array_equal(scalar.evaluate(lambda v: scalar.convert(v, target), x), expected)


def test_random_bits_to_bf16_round_as_ml_dtypes():
    x = np.frombuffer(np.random.default_rng(0).bytes(80000), np.float32)
    result = scalar.evaluate(lambda v: scalar.convert(v, "bf16"), x)
    with np.errstate(all="ignore"):
        expected = x.astype(ml_dtypes.bfloat16)
    assert_equal(result, expected)


def test_subnormals_are_true():
    for x in (np.float32([1e-45, -0.0]), np.float64([5e-324, 0.0])):
        np.testing.assert_array_equal(scalar.evaluate(lambda v: scalar.convert(v, "bool"), x), [True, False])


def test_bitcast():
    x = np.float32([1.0, -0.0, np.nan])
    np.testing.assert_array_equal(scalar.evaluate(lambda v: scalar.bitcast(v, "u32"), x), x.view(np.uint32))
    np.testing.assert_array_equal(scalar.evaluate(lambda v: scalar.bitcast(v, "f16"), x.view("u2")), x.view("f2"))
    with pytest.raises(TypeError, match="from f32 to i64 changes the width"):
        scalar.evaluate(lambda v: scalar.bitcast(v, "i64"), x)

"""Infinities, NaNs, signed zeros, subnormals and the ends of the range."""

import numpy as np
import pytest
import scipy.special

from lamina_compiler import scalar

inf, nan = np.inf, np.nan
UNARY = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "log2": np.log2,
    "log10": np.log10, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh, "acosh": np.arccosh,
    "atanh": np.arctanh, "cbrt": np.cbrt, "sqrt": np.sqrt, "logistic": lambda x: 1 / (1 + np.exp(-x)),
    "rsqrt": lambda x: 1 / np.sqrt(x), "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "abs": np.abs,
    "round_nearest_even": np.rint,
}  # fmt: skip
BINARY = {"pow": np.power, "atan2": np.arctan2, "hypot": np.hypot, "maximum": np.maximum, "divide": np.divide}
KINDS = [(np.float32, True), (np.float32, False), (np.float64, True)]


def special_values(dtype):
    f = np.finfo(dtype)
    ends = [f.max, f.tiny, f.tiny / 8, f.smallest_subnormal, 0.0, inf]
    common = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 8.0, 100.0, 1e5, 2.0**24 + 1]
    return np.array([nan, *ends, *common, *(-v for v in ends + common)], dtype)


def assert_same(result, expected, points):
    """Bit for bit for what is not finite or is zero, within 4 ulp otherwise; signs always count."""
    with np.errstate(all="ignore"):
        close = np.abs(result.astype(np.longdouble) - expected) <= 4 * np.spacing(np.abs(expected))
        same = (np.isnan(result) & np.isnan(expected)) | (
            ((result == expected) | (close & (result != 0))) & (np.signbit(result) == np.signbit(expected))
        )
    wrong = [(*(float(p[i]) for p in points), result[i], expected[i]) for i in np.flatnonzero(~same)]
    assert not wrong, f"(arguments, got, expected): {wrong[:8]}"


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize(("dtype", "has_f64"), KINDS)
def test_unary(name, dtype, has_f64):
    x = special_values(dtype)
    with np.errstate(all="ignore"):
        expected = UNARY[name](x.astype(np.longdouble)).astype(dtype)
    assert_same(scalar.evaluate(getattr(scalar, name), x, has_f64=has_f64), expected, [x])


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize(("dtype", "has_f64"), KINDS)
def test_binary(name, dtype, has_f64):
    x, y = (a.ravel() for a in np.meshgrid(special_values(dtype), special_values(dtype)))
    with np.errstate(all="ignore"):
        expected = BINARY[name](x.astype(np.longdouble), y.astype(np.longdouble)).astype(dtype)
    if name == "maximum":
        zeros = (x == 0) & (y == 0)  # -0 is below +0
        expected = np.where(zeros, np.where(np.signbit(x), y, x), expected)
    assert_same(scalar.evaluate(getattr(scalar, name), x, y, has_f64=has_f64), expected, [x, y])


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("sign", [-0.0, 0.0, -3, inf, nan, -1e-45], [-0.0, 0, -1, 1, nan, -1]),
        ("erf", [nan, inf, -inf, -0.0, 1e-40], [nan, 1, -1, -0.0, scipy.special.erf(1e-40)]),
        ("erfc", [nan, inf, -inf, 0.0], [nan, 0, 2, 1]),
        ("erf_inv", [nan, 1, -1, 2, -0.0], [nan, inf, -inf, nan, -0.0]),
        ("lgamma", [nan, inf, -inf, 0.0, -0.0, -3, 1, 2, 1e37], [nan, inf, inf, inf, inf, inf, 0, 0, inf]),
        ("digamma", [nan, inf, -inf, -3, 0.0, -0.0], [nan, inf, nan, nan, -inf, inf]),
        ("log", [1e-40, -1e-40], [np.log(np.float32(1e-40).astype(float)), nan]),
        (
            "round_nearest_afz",
            [0.49999997, 0.5, -0.5, 2.5, 8388609, -0.0, inf, nan],
            [0, 1, -1, 3, 8388609, -0.0, inf, nan],
        ),
    ],
)
def test_values(name, x, expected):
    x, expected = np.float32(x), np.float32(expected)
    assert_same(scalar.evaluate(getattr(scalar, name), x), expected, [x])


def test_extrema_and_clamp_propagate_nan():
    x, y = np.float32([nan, 1, 1, -inf]), np.float32([1, nan, 2, 5])
    np.testing.assert_array_equal(scalar.evaluate(scalar.maximum, x, y), [nan, nan, 2, 5])
    np.testing.assert_array_equal(scalar.evaluate(scalar.minimum, x, y), [nan, nan, 1, -inf])
    np.testing.assert_array_equal(scalar.evaluate(scalar.clamp, *np.float32([0, nan, 1]).reshape(3, 1)), [nan])
    np.testing.assert_array_equal(
        scalar.evaluate(lambda v: scalar.clamp(0, v, 3), np.int32([-5, 2, 9])), np.int32([0, 2, 3])
    )


def test_is_finite():
    x = np.array([1, inf, nan, -inf, 1e-310])
    np.testing.assert_array_equal(scalar.evaluate(scalar.is_finite, x), np.isfinite(x))
    z = np.stack([x, x[::-1]], -1).view(complex)[:, 0]
    np.testing.assert_array_equal(scalar.evaluate(scalar.is_finite, z), np.isfinite(z))


@pytest.mark.parametrize("dtype", [np.float16, "bfloat16", np.float32, np.float64])
def test_comparison_with_nan(dtype):
    x, y = np.array([nan, 1, nan, 2, -0.0], dtype), np.array([nan, nan, 1, 2, 0.0], dtype)
    equal = [False, False, False, True, True]
    np.testing.assert_array_equal(scalar.evaluate(scalar.equal, x, y), equal)
    np.testing.assert_array_equal(scalar.evaluate(scalar.not_equal, x, y), np.logical_not(equal))
    np.testing.assert_array_equal(scalar.evaluate(scalar.less_equal, x, y), equal)
    assert not scalar.evaluate(scalar.greater, x, y).any()

"""Elementary functions against mpmath, in units in the last place, as NumPy evaluates their definitions."""

import mpmath
import numpy as np
import pytest

from lamina_compiler import scalar
from lamina_tools.exact import REFERENCES, errors_in_ulp, sample_points

# Documented bounds; every other function is within DEFAULT.
DEFAULT = {"f32": 0.55, "f64": 1.8, "f32 without f64": 1.8}
BOUNDS = {
    ("f32", "exp"): 1.0,
    ("f32", "exp2"): 1.0,
    ("f32", "expm1"): 1.1,
    ("f32", "log"): 0.9,
    ("f32", "log1p"): 0.9,
    ("f32", "log2"): 0.9,
    ("f32", "log10"): 0.9,
    ("f32", "logistic"): 1.6,
    ("f32", "tanh"): 1.5,
    ("f32", "rsqrt"): 1.5,
    ("f64", "erfc"): 2.2,
    ("f64", "erf_inv"): 2.5,
    ("f64", "lgamma"): 2.1,
    ("f64", "digamma"): 2.4,
    ("f32 without f64", "erfc"): 2.2,
    ("f32 without f64", "erf_inv"): 2.5,
    ("f32 without f64", "lgamma"): 2.1,
    ("f32 without f64", "digamma"): 2.4,
}
DTYPES = {"f32": np.float32, "f64": np.float64, "f32 without f64": np.float32}


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("kind", DTYPES)
def test_error_in_ulp(kind, name):
    points = sample_points(name, DTYPES[kind], 400, np.random.default_rng(3))
    result = scalar.evaluate(getattr(scalar, name), *points, has_f64=kind != "f32 without f64")
    errors = errors_in_ulp(name, points, result)
    worst = int(np.argmax(errors))
    if REFERENCES[name].draw is None:
        bound = BOUNDS.get((kind, name), DEFAULT[kind])
    else:  # the special functions, whose points are drawn from their own ranges
        bound = 0.8 if kind == "f32" else REFERENCES[name].bound
    assert errors[worst] <= bound, f"{errors[worst]:.2f} ulp at {[float(p[worst]) for p in points]}"


@pytest.mark.parametrize("name", ["sin", "cos", "tan", "exp2", "pow", "atan2", "asin", "log10", "lgamma"])
def test_without_fma(name):
    """Targets whose fma rounds twice keep the accuracy of the code without f64."""
    points = sample_points(name, np.float32, 300, np.random.default_rng(4))
    result = scalar.evaluate(getattr(scalar, name), *points, has_f64=False, has_fma=False)
    assert errors_in_ulp(name, points, result).max() <= 2.5


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
@pytest.mark.parametrize("kind", DTYPES)
def test_trigonometric_reduction_at_its_worst(kind, name):
    """Neighbours of multiples of π/2 and huge arguments."""
    dtype = DTYPES[kind]
    multiples = np.arange(1, 200) * (np.pi / 2)
    huge = np.ldexp(1.7, np.arange(20, np.finfo(dtype).maxexp, 7))
    worst_case = 16367173 * 2.0**72 if dtype == np.float32 else 6381956970095103 * 2.0**797
    x = np.concatenate([multiples, huge, [worst_case, np.finfo(dtype).max]]).astype(dtype)
    result = scalar.evaluate(getattr(scalar, name), x, has_f64=kind != "f32 without f64")
    assert errors_in_ulp(name, [x], result).max() <= 1.0


@pytest.mark.parametrize("dtype", [np.float16, "bfloat16"])
@pytest.mark.parametrize("name", ["sin", "exp", "log", "tanh", "erf", "cbrt", "divide"])
def test_half_precision_is_computed_in_f32_and_rounded_once(name, dtype):
    function = getattr(scalar, name)
    x = np.linspace(0.01, 9, 300).astype(dtype)
    operands = [x, x[::-1].copy()] if name == "divide" else [x]
    expected = scalar.evaluate(function, *(a.astype(np.float32) for a in operands)).astype(dtype)
    np.testing.assert_array_equal(scalar.evaluate(function, *operands), expected)


@pytest.mark.parametrize("name", ["lgamma", "digamma"])
def test_gamma_functions_near_their_zeros(name):
    """f32 in f64 keeps its accuracy at the zeros between the poles, where f64 has it against max(1, |result|) only."""
    x = -np.random.default_rng(5).uniform(0.01, 60, 2000).astype(np.float32)
    result = scalar.evaluate(getattr(scalar, name), x)
    exact = [float(REFERENCES[name].function(mpmath.mpf(float(v)))) for v in x]
    assert np.max(np.abs(result - exact) / np.spacing(np.abs(result))) <= 0.52


def test_integer_powers():
    x = np.random.default_rng(6).uniform(-3, 3, 200)
    for exponent in (0, 1, 2, 3, 7, -1, -4):
        result = scalar.evaluate(lambda v, n=exponent: scalar.integer_pow(v, n), x)
        np.testing.assert_allclose(result, x.astype(np.longdouble) ** exponent, rtol=1e-15)


def test_integer_exponents_keep_their_parity():
    base, exponent = np.float32([-1, -1, 1.0000001, 2]), np.int32([2**24 + 1, 2**30, 2**24 + 1, -149])
    expected = np.float32([-1, 1, np.float64(np.float32(1.0000001)) ** (2**24 + 1), 2.0**-149])
    np.testing.assert_array_equal(scalar.evaluate(scalar.pow, base, exponent), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("twice", sorted(scalar.HALF_POWERS))
@np.errstate(all="ignore")
def test_powers_of_known_exponents(twice, dtype):
    """Within 2.7 ulp; infinities, nan, signs and subnormal results are those of the general power."""
    rng, f = np.random.default_rng(7), np.finfo(dtype)
    bits = rng.integers(0, 2**f.bits, 20000, dtype=f"u{f.bits // 8}").view(dtype)
    deep = np.longdouble(f.tiny) ** (2 / twice) * np.exp(
        rng.uniform(-40 / abs(twice), 3, 5000)
    )  # where results are subnormal
    special = [0.0, np.inf, np.nan, 1, 4, f.max, f.tiny, f.tiny / 2, f.smallest_subnormal]
    x = np.concatenate([bits, deep.astype(dtype), special, np.negative(special)]).astype(dtype)
    result = scalar.evaluate(lambda v: scalar.half_power(v, twice), x)
    general = scalar.evaluate(scalar.pow, x, np.full_like(x, twice / 2))
    finite = np.isfinite(general) & np.isfinite(result)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(general))
    np.testing.assert_array_equal(np.signbit(result)[~np.isnan(general)], np.signbit(general)[~np.isnan(general)])
    assert np.all(np.abs(general[np.isinf(result)]) > f.max * (1 - 1e-6))
    unit = np.spacing(np.abs(general[finite]))
    assert np.max(np.abs(result[finite] - general[finite]) / unit) <= 3.2  # both have errors


@pytest.mark.parametrize("exponent", [-0.8, -0.2, 1e-42, 0.001, 1 / 3, 0.8])
@np.errstate(all="ignore")
def test_powers_with_small_exponents(exponent):
    """To half an ulp, from all bits of f32; special values are those of the general power."""
    exponent = np.float32(exponent)
    bits = np.random.default_rng(8).integers(0, 2**32, 50000, dtype=np.uint32).view(np.float32)
    special = np.float32([0, np.inf, np.nan, 1, 1e-45, 1e-40, 3e38])
    x = np.concatenate([bits, special, -special])
    result = scalar.evaluate(lambda v: scalar.fractional_power(v, float(exponent)), x)
    general = scalar.evaluate(scalar.pow, x, np.full_like(x, exponent))
    exact = np.power(x.astype(np.float64), np.float64(exponent))
    unusual = ~np.isfinite(exact) | (x == 0)
    np.testing.assert_array_equal(result[unusual], general[unusual])
    np.testing.assert_array_equal(np.signbit(result[x == 0]), np.signbit(general[x == 0]))
    assert np.max((np.abs(result - exact) / np.spacing(general))[~unusual]) <= 0.501

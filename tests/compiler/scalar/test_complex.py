"""Complex functions: parts against mpmath, special values and branch cuts against NumPy."""

import mpmath
import numpy as np
import pytest

from lamina_compiler import scalar
from lamina_tools.exact_complex import BY_MODULUS, BY_PARTS, complex_errors_in_ulp, complex_points

inf, nan = np.inf, np.nan
CUTS = {
    "log": np.log, "sqrt": np.sqrt, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh,
}  # fmt: skip
KINDS = [(np.complex64, True), (np.complex64, False), (np.complex128, True)]


@pytest.mark.parametrize("name", BY_PARTS | BY_MODULUS)
@pytest.mark.parametrize(("dtype", "has_f64"), KINDS)
def test_errors_are_within_4_ulp(name, dtype, has_f64):
    """Of each part, or of the modulus where sums cancel."""
    operands = complex_points(name, dtype)
    result = scalar.evaluate(getattr(scalar, name), *operands, has_f64=has_f64)
    bound = 0.55 if has_f64 and dtype == np.complex64 and name in BY_PARTS else 4
    assert complex_errors_in_ulp(name, operands, result).max() <= bound


def grid(values):
    real, imag = np.meshgrid(values, values)
    z = np.empty(real.size, complex)
    z.real, z.imag = real.ravel(), imag.ravel()
    return z


@pytest.mark.parametrize("name", CUTS)
def test_branch_cuts_and_their_sides(name):
    """Signed zeros choose the side of a cut, infinities the end of it."""
    z = grid([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, inf, -inf, 1e300, -1e200])
    with np.errstate(all="ignore"):
        expected = CUTS[name](z)
    result = scalar.evaluate(getattr(scalar, name), z)
    for got, want in ((result.real, expected.real), (result.imag, expected.imag)):
        np.testing.assert_allclose(got, want, rtol=1e-14)
        np.testing.assert_array_equal(np.signbit(got), np.signbit(want))


_FINITE = [0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 800.0]
_ENDS = [inf, -inf, nan]
_EXTREME = [2.3e-308, -2.3e-308, 8.9e307, -8.9e307]
AS_NUMPY = {
    "exp": np.exp, "exp2": np.exp2, "log": np.log, "log2": np.log2, "log10": np.log10, "sqrt": np.sqrt, "abs": np.abs,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "sign": np.sign,
}  # fmt: skip


def assert_parts_equal(result, expected, points):
    """Infinities and nan alike, numbers within NumPy's accuracy; an infinity beside nan has no sign (C99)."""
    for got, want, other in ((result.real, expected.real, expected.imag), (result.imag, expected.imag, expected.real)):
        same = np.isinf(got) & np.isinf(want) & np.isnan(other)
        same |= (np.isnan(got) & np.isnan(want)) | (got == want)
        same |= np.isclose(got, want, rtol=1e-12, atol=1e-320)
        wrong = [(points[i], result[i], expected[i]) for i in np.flatnonzero(~same)]
        assert not wrong, f"(arguments, got, expected): {wrong[:8]}"


@pytest.mark.parametrize("name", AS_NUMPY)
def test_special_parts(name):
    z = grid(_FINITE + _ENDS + _EXTREME)
    with np.errstate(all="ignore"):
        expected = AS_NUMPY[name](z)
    assert_parts_equal(scalar.evaluate(getattr(scalar, name), z), expected, z)


def test_special_parts_of_quotients():
    """NumPy's values, but where it gives nan in both parts and C99 knows better."""
    z = grid([*_FINITE, *_ENDS])
    z, w = (a.ravel() for a in np.meshgrid(z, z))
    with np.errstate(all="ignore"):
        expected = np.divide(z, w)
    result = scalar.evaluate(scalar.divide, z, w)
    known = ~(np.isnan(expected.real) & np.isnan(expected.imag))
    assert_parts_equal(result[known], expected[known], list(zip(z[known], w[known], strict=True)))
    of_finite = np.isfinite(z) & np.isinf(w)
    assert_parts_equal(result[of_finite], np.zeros(of_finite.sum(), complex), z[of_finite])
    at_infinity = (np.isinf(z) & np.isfinite(w) & (w != 0)) | ((w == 0) & np.isfinite(z) & (z != 0))
    assert (np.isinf(result[at_infinity].real) | np.isinf(result[at_infinity].imag)).all()


@pytest.mark.parametrize(
    ("name", "z", "expected"),
    [  # where NumPy departs from the array API standard, or has no function
        ("expm1", [complex(inf, inf), complex(-inf, inf), complex(inf, nan)], [complex(inf, nan), -1, complex(inf, nan)]),
        ("logistic", [complex(inf, inf), complex(-inf, nan), complex(inf, 1)], [1, 0, 1]),
        ("square", [complex(8e307, 8e307), complex(inf, 8e307)], [complex(0, inf), complex(inf, inf)]),
        ("log1p", [complex(2.3e-308, 0), complex(-1, 0), complex(-inf, 0)], [2.3e-308, -inf, complex(inf, np.pi)]),
        ("rsqrt", [complex(-inf, 1), complex(0, 0)], [0, complex(inf, nan)]),
    ],
)  # fmt: skip
def test_special_parts_of_other_functions(name, z, expected):
    assert_parts_equal(scalar.evaluate(getattr(scalar, name), np.array(z)), np.array(expected, complex), z)


def test_powers_of_zero_and_to_the_first():
    w = np.array([0, 1, 0.5, 2j + 1, -1, 1j, complex(nan, 0), complex(inf, 1)])
    expected = np.array([1, 0, 0, 0, complex(nan, nan), complex(nan, nan), complex(nan, nan), 0])
    assert_parts_equal(scalar.evaluate(scalar.pow, np.zeros(8, complex), w), expected, w)
    z = grid(_ENDS + _FINITE)
    assert_parts_equal(scalar.evaluate(scalar.pow, z, np.ones_like(z)), z, z)


@pytest.mark.parametrize("exponent", [complex(-2, 300), complex(40, 7), complex(0, 1e4)])
def test_large_exponents_of_powers(exponent):
    """The error grows with |w log z| / 256 only."""
    (z,) = (points[:30] for points in complex_points("exp", np.complex128, count=30))
    w = np.full_like(z, exponent)
    result = scalar.evaluate(scalar.pow, z, w)
    with np.errstate(all="ignore"):
        logarithm = np.abs(w * np.log(z))
    for got, x, size in zip(result, z, logarithm, strict=True):
        with mpmath.workprec(200):
            exact = mpmath.power(mpmath.mpc(complex(x)), mpmath.mpc(exponent))
            if 1e-300 < abs(exact) < 1e300:
                error = abs(mpmath.mpc(complex(got)) - exact) / np.spacing(float(abs(exact)))
                assert error <= 3 + size / 256


def test_results_in_range_do_not_overflow_on_the_way():
    big = np.array([1e300 + 1e300j, 3e-300 + 4e-300j])
    np.testing.assert_allclose(scalar.evaluate(scalar.abs, big), np.abs(big), rtol=1e-15)
    np.testing.assert_allclose(scalar.evaluate(scalar.divide, big, big), [1, 1], rtol=1e-15)
    np.testing.assert_allclose(scalar.evaluate(scalar.sqrt, big) ** 2, big, rtol=1e-15)
    # e^720 overflows, its product with a small cosine does not
    z = np.array([720 + 1.5707963267948j])
    exact = complex(mpmath.exp(mpmath.mpc(z[0].real, z[0].imag)))
    np.testing.assert_allclose(scalar.evaluate(scalar.exp, z).real, exact.real, rtol=1e-15)


def test_infinite_and_zero_divisors():
    z, w = np.array([1 + 2j, 1 + 2j, complex(inf, 1), 0j]), np.array([complex(inf, 0), 0j, 1 + 1j, 0j])
    result = scalar.evaluate(scalar.divide, z, w)
    np.testing.assert_array_equal(result[:2], [0, complex(inf, inf)])
    assert np.isinf(result[2]) and np.isnan(result[3])


def test_parts_and_comparison():
    z, w = np.array([1 + 2j, 3 - 4j]), np.array([1 + 2j, 3 + 4j])
    np.testing.assert_array_equal(scalar.evaluate(scalar.conj, z), z.conj())
    np.testing.assert_array_equal(scalar.evaluate(scalar.make_complex, z.real.copy(), z.imag.copy()), z)
    np.testing.assert_array_equal(scalar.evaluate(scalar.imag, z), z.imag)
    np.testing.assert_allclose(scalar.evaluate(scalar.angle, z), np.angle(z))
    np.testing.assert_allclose(scalar.evaluate(scalar.sign, z), z / np.abs(z), rtol=1e-15)
    np.testing.assert_array_equal(scalar.evaluate(scalar.equal, z, w), [True, False])
    np.testing.assert_array_equal(scalar.evaluate(scalar.not_equal, z, w), [False, True])
    np.testing.assert_allclose(scalar.evaluate(lambda v: scalar.integer_pow(v, -3), z), z**-3.0, rtol=1e-15)
    with pytest.raises(TypeError, match="complex numbers have no order"):
        scalar.evaluate(scalar.less, z, w)
    with pytest.raises(TypeError, match="erf is not defined for complex numbers"):
        scalar.evaluate(scalar.erf, z)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_logarithm_and_power_of_two_at_infinity_and_nan(dtype):
    z = np.array([complex(np.nan, 1), complex(np.inf, np.nan), complex(np.inf, -np.inf)], dtype)
    np.testing.assert_array_equal(scalar.evaluate(scalar.log, z).real, [np.nan, np.inf, np.inf])
    z = np.array([complex(np.inf, 0), complex(-np.inf, 1), complex(np.inf, 1)], dtype)
    np.testing.assert_array_equal(
        scalar.evaluate(scalar.exp2, z), np.array([complex(np.inf, 0), 0, complex(np.inf, np.inf)], dtype)
    )

"""Special functions at the ends of their domains: SciPy's values, or the limits where it has none; loops."""

import numpy as np
import pytest
import scipy.special as sp

from lamina_compiler import scalar
from lamina_tools.accuracy import Program, compile_programs

inf, nan = np.inf, np.nan
X = np.array([0, -0.0, 1, -1, inf, -inf, nan, 1e-310, -1e-310, 700, -700, 717, 30, -30, 1e-200, 2.5])
A, B = (v.ravel() for v in np.meshgrid([0, 1, 2.5, 20, nan, -0.5], [0, 1, 2.5, 30, inf, nan, -2.5]))
UNARY = {
    "erfcx": sp.erfcx, "dawson": sp.dawsn, "log_ndtr": sp.log_ndtr, "ndtr": sp.ndtr, "ndtri": sp.ndtri,
    "exp1": sp.exp1, "expi": sp.expi, "sine_integral": lambda x: sp.sici(x)[0],
    "cosine_integral": lambda x: sp.sici(x)[1], "fresnel_s": lambda x: sp.fresnel(x)[0],
    "fresnel_c": lambda x: sp.fresnel(x)[1], "bessel_i0e": sp.i0e, "bessel_i1e": sp.i1e, "gamma": sp.gamma,
    "spence": lambda x: np.where(x == inf, -inf, sp.spence(x)),
}  # fmt: skip
BINARY = {
    "igamma": sp.gammainc, "igammac": sp.gammaincc, "owens_t": sp.owens_t,
    "betaln": lambda a, b: np.where((a >= 0) & (b >= 0), sp.betaln(a, b), sp.gammaln(a) + sp.gammaln(b) - sp.gammaln(a + b)),
}  # fmt: skip


def assert_same(result, expected, points):
    same = (np.isnan(result) & np.isnan(expected)) | np.isclose(result, expected, rtol=2e-13, atol=0)
    wrong = [(*(p[i] for p in points), result[i], expected[i]) for i in np.flatnonzero(~same)]
    assert not wrong, f"(arguments, got, expected): {wrong[:8]}"


@pytest.mark.parametrize("name", UNARY)
def test_unary(name):
    with np.errstate(all="ignore"):
        assert_same(scalar.evaluate(getattr(scalar, name), X), UNARY[name](X), [X])


@pytest.mark.parametrize("name", BINARY)
def test_binary(name):
    with np.errstate(all="ignore"):
        assert_same(scalar.evaluate(getattr(scalar, name), A, B), BINARY[name](A, B), [A, B])


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("zeta", [[2, 2, 3, 3, 2.5, 1, 0.5, 2, inf, inf, inf], [0, -1, 0, -0.5, -0.5, 1, 1, inf, 0.5, 1, 2]],
         [inf, inf, nan, 0.4143983221171588, nan, inf, nan, 0, inf, 1, 0]),
        ("zeta", [[2, 3, 2, 60], [-20.5, -20.5, -1e-20, 1e-3]], [9.82199434464988, 1.1331449598196328e-3, 1e40, 1e180]),
        ("polygamma", [[0, 1, 1, 2, 0.5, -1, 3], [-0.5, -1, inf, -1, 1, 1, nan]],
         [0.03648997397857652, inf, 0, nan, nan, nan, nan]),
        ("igamma", [[inf, inf, 0, 2, -1], [1, inf, inf, inf, inf]], [0, 1, 1, 1, nan]),
        ("igamma_grad_a", [[1, 1, 0, 1, nan], [0, inf, 1, -1, 1]], [0, nan, nan, nan, nan]),
        ("random_gamma_grad", [[1, 1, 0, 1, nan], [0, inf, 1, -1, 1]], [0, nan, nan, nan, nan]),
        ("betainc", [[0, 1, 0, inf, 1, inf, -1, 1, 1], [1, 0, 0, 1, inf, inf, 1, 1, 1], [0.5] * 7 + [-0.1, nan]],
         [1, 0, nan, 0, 1, nan, nan, nan, nan]),
        ("betainc", [[2, 2, 1e8, 1], [3, 3, 1e8, 1e10], [0, 1, 0.5, 1e-10]], [0, 1, 0.5, 0.6321205588285577]),
        ("expn", [[0, 1, 2, 3, -1, 2, 5000, 3], [0, 0, 0, inf, 1, -1, 0.5, nan]],
         [inf, inf, 1, 0, nan, nan, 0.00012131826134156759, nan]),
        ("hyp1f1", [[0, 1, 2, 0, 1], [0, 0, 2, nan, 2], [5, 1, 1, 1, -700]], [1, inf, np.e, nan, 1 / 700]),
        ("hyp2f1", [[1, 1, 1, -2, 0], [2, 1, 1, 3, 5], [3.5, 2, 0, 1.5, 2], [1, 1, 0.5, 2, 9]], [5, inf, inf, 5.8, 1]),
        ("legendre_harmonic", [[0, 1, 1, 2, 1.5], [0, -1, 2, nan, 0], [1, np.pi / 2, 1, 1, 1]],
         [0.28209479177387814, 0.3454941494713355, 0, nan, nan]),
    ],
)  # fmt: skip
def test_values(name, operands, expected):
    got = scalar.evaluate(getattr(scalar, name), *(np.array(x, float) for x in operands))
    np.testing.assert_allclose(got, expected, rtol=1e-10, err_msg=name)


def test_loops_end_for_each_element_by_itself():
    def halvings(x):
        """How often x can be halved before it is below 1; and x, from outside, times two."""
        twice = x + x  # the same operation inside must not be taken from inside

        def step(n, y):
            inner = scalar.loop(lambda k: k < 2.0, lambda k: [k + 1.0], x.lift(0.0))[0]
            return n + inner * 0.5, y / (twice / x)

        n, _ = scalar.loop(lambda n, y: y >= 1.0, step, x.lift(0.0), x)
        return n, x + x

    x = np.float32([0.5, 1, 7, 1e30, nan])
    expected = [0, 1, 3, 100, 0]
    n, twice = scalar.evaluate(halvings, x)
    np.testing.assert_array_equal(n, expected)
    compiled, compiled_twice = compile_programs({"f": Program(halvings, ("f32",), 5)})("f", x)
    np.testing.assert_array_equal(compiled, expected)
    np.testing.assert_array_equal(compiled_twice, twice)

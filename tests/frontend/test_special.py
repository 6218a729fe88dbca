"""scipy.special against SciPy: values, special values, dtypes, derivatives, compiled code, errors.

What an op computes is tested with the ops (accuracy in tests/compiler/test_op_accuracy.py); here, that the functions are
the right ones of them.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import scipy.special

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.scipy import special
from lamina.test_util import check_grads

inf, nan = np.inf, np.nan
X = np.array([-inf, -30, -3.5, -2, -1, -0.5, -0.0, 0, 1e-3, 0.25, 0.5, 1, 1.5, 2, 3.3, 7, 30, inf, nan])
P = np.array([0, 0.05, 0.3, 0.5, 0.9, 1, 1.5, -1, nan])
A, B = (v.ravel() for v in np.meshgrid([0, 0.5, 1, 2.5, 7, 40], [0, 0.5, 1, 2.5, 7, 40]))
S, T = (v.ravel() for v in np.meshgrid([-2.5, -1, 0, 0.5, 2, 6, nan], [-2.5, -1, 0, 0.5, 2, 6, nan]))
U, V = (v.ravel() for v in np.meshgrid([-2.5, -1, 0, 0.5, 2, 6], [-2.5, -1, 0, 0.5, 2, 6]))
Z = np.array([1 + 1j, 0.3 - 0.2j, -2.3 + 0.1j, -2.3 - 0.1j, 5 + 0j, -7 + 20j, 30j])
K = np.array([0, 1, 2, 3, 4, 4])
M = np.array([0, -1, 2, 3, -2, 0])
ANGLES = np.array([0, 0.3, 1, 2, 2.5, np.pi]), np.array([0, 0.1, 2, 3, 4, 6])

SAME = [  # function and operands; the reference is SciPy's of the same name
    *((name, X) for name in ("dawsn", "digamma", "entr", "erf", "erfc", "erfcx", "erfinv", "exp1", "expi", "expit",
                             "factorial", "gammaln", "i0", "i0e", "i1", "i1e", "log_ndtr", "logit", "ndtr", "sici",
                             "softmax", "log_softmax", "logsumexp")),
    ("ndtri", P), ("fresnel", X[1:]), ("spence", X[1:-2]), ("gamma", X[4:]), ("loggamma", X[8:]), ("gammasgn", X[5:]),
    ("xlogy", S, T), ("xlog1py", S, T), ("kl_div", U, V), ("rel_entr", U, V), ("beta", A[8:], B[8:]), ("betaln", A, B),
    ("gammainc", A, B), ("gammaincc", A, B), ("boxcox", A + 0.1, B - 3), ("boxcox1p", A, B - 3), ("comb", A, B),
    ("comb", np.array([300.0, 1000, 5]), np.array([150.0, 3, 2])), ("owens_t", S, T), ("expn", K, B[20:26]),
    ("polygamma", K, B[20:26] + 0.1), ("zeta", A + 1.1, B + 0.3), ("poch", B + 0.5, A), ("betainc", A, B, A / 41),
    ("hyp1f1", A + 0.5, B + 0.3, A / 5 - 3), ("hyp2f1", A / 10 + 0.5, 0.7, B / 10 + 0.3, A / 45 - 0.4),
    ("hyp2f1", -2.0, 3.0, 1.5, A), ("wofz", Z), ("gamma", Z[:5]), ("loggamma", Z[:4]), ("loggamma", Z[5:]),
    ("sph_harm_y", K, M, *ANGLES),
]  # fmt: skip


def _id(case: Any) -> str:
    return f"{case[0]}-{len(case) - 1}"


def assert_close(got: Any, want: Any, rtol: float, points: Any) -> None:
    for g, w in zip(*(v if isinstance(v, tuple) else (v,) for v in (got, want)), strict=True):
        with np.errstate(over="ignore"):
            w = np.asarray(w).astype(g.dtype)
        np.testing.assert_allclose(np.asarray(g), w, rtol=rtol, atol=rtol * 1e-2, err_msg=str(points))


@pytest.mark.parametrize("case", SAME, ids=_id)
@pytest.mark.parametrize("x64", [False, True])
def test_values_are_scipy_s(case: Any, x64: bool) -> None:
    name, *operands = case
    with np.errstate(all="ignore"):
        narrow = [np.asarray(x).astype(np.float32) if np.asarray(x).dtype == float and not x64 else x for x in operands]
        want = getattr(scipy.special, name)(
            *(np.asarray(x, float) if np.asarray(x).dtype.kind == "f" else x for x in narrow)
        )
    with la.enable_x64(x64):
        got = getattr(special, name)(*(lnp.asarray(x) for x in narrow))
        first = got[0] if isinstance(got, tuple) else got
        kind = np.asarray(want[0] if isinstance(want, tuple) else want).dtype.kind
        assert first.dtype == {("f", False): "f4", ("f", True): "f8", ("c", False): "c8", ("c", True): "c16"}[kind, x64]
    assert_close(got, want, 2e-12 if x64 else 3e-5 if kind == "c" else 2e-5, narrow)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (lambda: special.gammasgn(lnp.array([-inf, -2.0, -1.5, -0.5, -0.0, 0.0, nan])), [nan, nan, 1, -1, -1, 1, nan]),
        (lambda: special.gamma(lnp.array([-2.0, -0.0, 0.0, 171.0, -inf])), [nan, -inf, inf, inf, nan]),
        (lambda: special.loggamma(lnp.array([-0.5, 3.0])), [nan, np.log(2)]),
        (lambda: special.zeta(lnp.array([2.0, 3, 0.5, 1, 2.5]), -0.5), [8.934802, 0.41439831, nan, inf, nan]),
        (lambda: special.zeta(lnp.array([2.0, 4.0])), [np.pi**2 / 6, np.pi**4 / 90]),
        (lambda: special.polygamma(lnp.array([1, 2]), -1.0), [inf, nan]),
        (lambda: special.spence(lnp.array([inf, -1.0, 0.0])), [-inf, nan, np.pi**2 / 6]),
        (lambda: special.expn(lnp.array([0, 1, 2]), 0.0), [inf, inf, 1]),
        (lambda: special.comb(3, lnp.array([0, 2, 4, -1]), repetition=True), [1, 6, 15, 0]),
        (lambda: special.multigammaln(lnp.array([3.0, 4.5]), 3), scipy.special.multigammaln([3, 4.5], 3)),
        (lambda: special.bernoulli(8), [1, -1 / 2, 1 / 6, 0, -1 / 30, 0, 1 / 42, 0, -1 / 30]),
        (lambda: special.bernoulli(400)[-1], -inf),
        (lambda: special.hyp1f1(0.0, 0.0, 2.0), 1),
        (lambda: special.hyp2f1(1.0, 2.0, 3.5, lnp.array([1.0, 1.5])), [scipy.special.hyp2f1(1, 2, 3.5, 1), inf]),
        (lambda: special.betainc(lnp.array([0.0, 1, inf, -1]), 1.0, 0.5), [1, 0.5, 0, nan]),
        (lambda: special.bessel_jn(lnp.array([0.0, 2, 5]), v=2), [scipy.special.jv(v, [0, 2, 5]) for v in range(3)]),
        (lambda: special.sph_harm_y(5, 0, 0.5, 0.0, n_max=2), scipy.special.sph_harm_y(2, 0, [0.5], 0)),
        (lambda: special.xlogy(0.0, lnp.array([0.0, nan])), [0, nan]),
        (lambda: special.erf(lnp.zeros((0, 3))), np.zeros((0, 3))),
    ],
)
def test_special_values(got: Any, want: Any) -> None:
    np.testing.assert_allclose(np.asarray(got()), np.asarray(want).astype(np.asarray(got()).dtype), rtol=2e-6)


def test_dtypes() -> None:
    assert special.gammaln(3).dtype == np.float32
    for name, *operands in [("gammaln", 3.0), ("xlogy", 1.0, 2.0), ("entr", 0.5), ("zeta", 2.0, 1.0), ("comb", 5, 2)]:
        assert getattr(special, name)(*operands).weak_type
    for name, *operands in [
        ("gamma", 3.0),
        ("ndtr", 0.5),
        ("beta", 1.0, 2.0),
        ("exp1", 1.0),
        ("hyp1f1", 1.0, 2.0, 0.5),
    ]:
        assert not getattr(special, name)(*operands).weak_type  # as JAX 0.10.2
    assert special.erf(lnp.array([1, 2], np.int8)).dtype == np.float32
    assert special.ndtr(lnp.ones(2, np.float16)).dtype == np.float16
    assert special.betainc(lnp.ones((2, 1)), lnp.ones(3, lnp.bfloat16), 0.5).shape == (2, 3)
    assert special.wofz(lnp.float32(1)).dtype == np.complex64


# ---- derivatives ----------------------------------------------------------------------------------------------------

DIFFERENTIABLE = [
    *((name, 0.3) for name in ("dawsn", "digamma", "entr", "erf", "erfc", "erfcx", "erfinv", "exp1", "expi", "expit",
                               "factorial", "gamma", "gammaln", "i0", "i0e", "i1", "i1e", "log_ndtr", "loggamma",
                               "logit", "ndtr", "ndtri", "spence")),
    ("xlogy", 0.5, 2.0), ("xlog1py", 0.5, 2.0), ("kl_div", 0.5, 0.3), ("rel_entr", 0.5, 0.3), ("beta", 0.5, 2.0),
    ("betaln", 0.5, 2.0), ("gammainc", 2.0, 1.5), ("gammaincc", 2.0, 1.5), ("boxcox", 2.0, 0.5), ("boxcox1p", 2.0, 0.5),
    ("comb", 5.5, 2.5), ("poch", 1.5, 2.5), ("owens_t", 0.7, 1.5), ("zeta", 2.5, 1.5), ("hyp1f1", 1.5, 2.5, -0.7),
    ("hyp2f1", 0.5, 1.5, 2.5, 0.4), ("hyp2f1", 0.5, 1.5, 2.5, -1.4), ("hyp2f1", 1.5, 2.0, 1.5, 0.4),
]  # fmt: skip


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=_id)
def test_derivatives(case: Any) -> None:
    """Against differences of fourth order, in double precision."""
    name, *point = case
    f = getattr(special, name)
    with la.enable_x64(True):
        gradient = la.grad(f, tuple(range(len(point))))(*point)
        for i, slope in enumerate(gradient):

            def moved(step: float, i: int = i) -> float:
                return float(f(*(x + step * (i == j) for j, x in enumerate(point))))

            h = 1e-3
            difference = (moved(-2 * h) - moved(2 * h) + 8 * (moved(h) - moved(-h))) / (12 * h)
            np.testing.assert_allclose(float(slope), difference, rtol=2e-9, atol=1e-10)


def test_second_derivatives() -> None:
    with la.enable_x64(True):
        for name in (
            "gammaln",
            "digamma",
            "erf",
            "expit",
            "logit",
            "entr",
            "ndtri",
            "i0",
            "i1e",
            "exp1",
            "log_ndtr",
            "gamma",
        ):
            check_grads(getattr(special, name), (np.array([0.2, 0.6]),), order=2, rtol=1e-4, atol=1e-5)
        for name in ("xlogy", "xlog1py", "betaln", "rel_entr", "boxcox", "zeta", "owens_t"):
            check_grads(getattr(special, name), (1.4, 1.7), order=2, rtol=1e-4, atol=1e-5)


def test_derivatives_where_the_formula_is_singular() -> None:
    assert la.grad(special.xlogy)(0.0, 2.0) == np.float32(np.log(2))
    assert la.grad(special.xlogy, 1)(0.0, 0.5) == 0
    assert la.grad(special.entr)(0.0) == inf
    assert la.grad(special.i1e)(0.0) == 0.5
    assert la.grad(lambda x: special.sici(x)[0])(0.0) == 1
    assert la.grad(special.spence)(1.0) == -1
    assert la.grad(special.logsumexp)(lnp.array([1.0, 1.0])).tolist() == [0.5, 0.5]


def test_derivatives_of_harmonics_integrals_and_bessel_functions() -> None:
    with la.enable_x64(True):
        x = 0.7
        derivative = la.jacfwd(lambda t: special.bessel_jn(t, v=2))(x)
        np.testing.assert_allclose(derivative, [scipy.special.jvp(v, x) for v in range(3)], rtol=1e-13)
        slope = la.jvp(lambda t: special.sph_harm_y(3, 2, t, 0.4), (lnp.array([x]),), (lnp.ones(1),))[1]
        h = 1e-6
        want = (scipy.special.sph_harm_y(3, 2, x + h, 0.4) - scipy.special.sph_harm_y(3, 2, x - h, 0.4)) / (2 * h)
        np.testing.assert_allclose(slope, [want], rtol=1e-8)
        z = 0.3 + 0.4j
        slope = la.jvp(special.wofz, (z,), (1.0 + 0j,))[1]
        want = -2 * z * scipy.special.wofz(z) + 2j / np.sqrt(np.pi)
        np.testing.assert_allclose(complex(slope), want, rtol=1e-12)
        assert abs(float(la.grad(special.expn, 1)(3, x)) + scipy.special.expn(2, x)) < 1e-14
        s, c = (la.grad(lambda t, i=i: special.fresnel(t)[i])(x) for i in range(2))
        np.testing.assert_allclose([s, c], [np.sin(np.pi * x * x / 2), np.cos(np.pi * x * x / 2)], rtol=1e-14)


# ---- compiled -------------------------------------------------------------------------------------------------------


def test_compiled() -> None:
    """Those that are made of several operations, and a batch of a derivative."""

    def several(x: Any, z: Any) -> Any:
        return (
            special.comb(x + 3, x), special.poch(x, 1.5), special.beta(x, 2.0), special.logit(x / 4), special.entr(x),
            special.wofz(z), special.gamma(z), special.bessel_jn(x, v=1, n_iter=25), special.boxcox(x, 0.5),
            special.kl_div(x, 1.0), special.sph_harm_y(2, 1, x, x), la.vmap(la.grad(special.gammainc))(x, x + 0.5),
        )  # fmt: skip

    x, z = lnp.array([0.3, 1.2, 2.7]), lnp.array([0.3 + 1j, -1.2 - 0.5j, 2.7 + 0j])
    for got, want in zip(la.jit(several)(x, z), several(x, z), strict=True):
        np.testing.assert_allclose(got, want, rtol=3e-5, atol=1e-6)


# ---- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: special.erf(1j), errors.DTypeError, "`scipy.special.erf` takes real numbers, not complex ones.\nTake real or imaginary parts first."),
        (lambda: special.polygamma(1.0, 2.0), errors.DTypeError, "`scipy.special.polygamma`: n has dtype float32, but orders are integers."),
        (lambda: special.factorial(3, exact=True), NotImplementedError, "exact=True needs integers of any size"),
        (lambda: special.sph_harm_y(1, 0, 0.5, 0.5, diff_n=1), NotImplementedError, "diff_n is not supported"),
        (lambda: special.bernoulli(-1), ValueError, "n must not be negative, but is -1"),
        (lambda: special.gammaln([1.0]), errors.NonArrayArgumentError, "scipy.special.gammaln"),
        (lambda: special.betaln(lnp.ones(2), lnp.ones(3)), errors.ShapeError, "`scipy.special.betaln`: the shapes cannot be broadcast together: a has the shape (2,), b has the shape (3,)."),
        (lambda: la.grad(special.betainc)(1.0, 2.0, 0.5), errors.NoDerivativeError, "The derivative of `betainc with respect to its operand 'a'` is not implemented"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        call()

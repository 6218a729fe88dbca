"""lamina.scipy.special against SciPy: values over the line and at special points, dtypes, shapes, derivatives."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as reference

import lamina as la
import lamina.numpy as lnp
from lamina.config import enable_x64
from lamina.scipy import special
from lamina.test_util import check_grads

LINE = np.array([-2.5, -1.0, -0.3, -0.0, 0.0, 0.2, 0.5, 0.9, 1.0, 2.5, 7.0, 40.0, np.inf, -np.inf, np.nan])
POSITIVE = np.array([0.1, 0.4, 0.9, 1.0, 2.5, 7.0, 31.0])
UNARY = [
    "dawsn",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp1",
    "expi",
    "expit",
    "factorial",
    "gamma",
    "gammaln",
    "gammasgn",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "log_ndtr",
    "logit",
    "loggamma",
    "ndtr",
    "ndtri",
    "spence",
]
BINARY = [
    "beta",
    "betaln",
    "boxcox",
    "boxcox1p",
    "gammainc",
    "gammaincc",
    "kl_div",
    "poch",
    "rel_entr",
    "xlog1py",
    "xlogy",
    "zeta",
]


@pytest.mark.parametrize("name", UNARY)
def test_unary_functions(name: str) -> None:
    with enable_x64(True), np.errstate(all="ignore"):
        got, want = np.asarray(getattr(special, name)(LINE)), getattr(reference, name)(LINE)
    if name == "spence":
        want[np.inf == LINE] = -np.inf  # the limit, where SciPy has nan
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", BINARY)
def test_binary_functions_broadcast(name: str) -> None:
    with enable_x64(True), np.errstate(all="ignore"):
        got = np.asarray(getattr(special, name)(POSITIVE[:, None], POSITIVE + 1))
        want = getattr(reference, name)(POSITIVE[:, None], POSITIVE + 1)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-14)


def test_pairs_and_tables() -> None:
    with enable_x64(True):
        for name in ("sici", "fresnel"):
            for got, want in zip(getattr(special, name)(POSITIVE), getattr(reference, name)(POSITIVE), strict=True):
                np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)
        n = np.arange(8.0)
        np.testing.assert_allclose(special.comb(6.0, n), reference.comb(6, n), rtol=1e-13)
        np.testing.assert_allclose(
            special.comb(3.0, n, repetition=True), reference.comb(3, n, repetition=True), rtol=1e-13
        )
        np.testing.assert_allclose(special.polygamma(2, POSITIVE), reference.polygamma(2, POSITIVE), rtol=1e-12)
        np.testing.assert_allclose(
            special.betainc(2.0, POSITIVE, 0.3), reference.betainc(2.0, POSITIVE, 0.3), rtol=1e-12
        )
        np.testing.assert_allclose(
            special.multigammaln(POSITIVE + 2, 3), [reference.multigammaln(x, 3) for x in POSITIVE + 2]
        )
        np.testing.assert_allclose(special.bernoulli(8), reference.bernoulli(8), atol=1e-16)
        x = POSITIVE.reshape(7, 1) - POSITIVE
        np.testing.assert_allclose(special.softmax(x, axis=1), reference.softmax(x, axis=1))
        np.testing.assert_allclose(special.log_softmax(x), reference.log_softmax(x))
        np.testing.assert_allclose(special.logsumexp(x), reference.logsumexp(x))


def test_integers_become_floats_and_halves_stay() -> None:
    assert special.gammaln(3).dtype == special.xlogy(1, 2).dtype == np.float32
    assert special.erf(lnp.float16(0.5)).dtype == np.float16
    assert special.betaln(lnp.ones(0), 2.0).shape == (0,)


def test_derivatives() -> None:
    with enable_x64(True):
        for name in ("gammaln", "digamma", "erf", "expit", "logit", "entr", "ndtri", "i0", "i1e", "exp1", "log_ndtr"):
            check_grads(getattr(special, name), (np.array([0.2, 0.6]),), order=2, rtol=1e-4, atol=1e-5)
        for name in ("xlogy", "xlog1py", "betaln", "rel_entr", "boxcox"):
            check_grads(getattr(special, name), (0.4, 0.7), order=2, rtol=1e-4, atol=1e-5)
        assert la.grad(special.xlogy)(0.0, 2.0) == np.log(2.0)
        assert la.grad(special.boxcox)(2.0, 0.0) == 0.5


def test_compiled_is_eager() -> None:
    x = POSITIVE.astype(np.float32) / 40

    def several(x):
        return [getattr(special, name)(x) for name in ("gammaln", "erfinv", "ndtri", "i0", "expi", "entr", "gammasgn")]

    for got, want in zip(la.jit(several)(x), several(x), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6)


def test_exact_factorials_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="exact=True needs integers of any size"):
        special.factorial(5, exact=True)

"""lamina.scipy.stats against SciPy, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

import lamina as la
import lamina.numpy as lnp
from lamina import random
from lamina.config import enable_x64
from lamina.scipy import stats

X = np.array([-np.inf, -3.0, -1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 7.5, np.inf, np.nan])
Q = np.array([-0.1, 0.0, 1e-3, 0.1, 0.5, 0.9, 1.0, 1.2, np.nan])
K = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 5.0, 8.0])
LOCATIONS = [{}, {"loc": 0.5, "scale": 2.0}]

CONTINUOUS = {
    "beta": [{"a": 0.5, "b": 2.0}, {"a": 3.0, "b": 1.5}, {"a": -1.0, "b": 2.0}],
    "cauchy": [{}],
    "chi2": [{"df": 3.0}],
    "expon": [{}],
    "gamma": [{"a": 2.5}, {"a": 0.3}],
    "gennorm": [{"beta": 1.5}],
    "gumbel_l": [{}],
    "gumbel_r": [{}],
    "laplace": [{}],
    "logistic": [{}],
    "norm": [{}],
    "pareto": [{"b": 2.0}],
    "t": [{"df": 3.0}],
    "truncnorm": [{"a": -1.0, "b": 2.0}, {"a": 3.0, "b": 5.0}, {"a": -9.0, "b": -8.0}],
    "uniform": [{}],
}
WITHOUT_LOCATION = ("gennorm",)
DISCRETE = {
    "bernoulli": {"p": 0.3},
    "betabinom": {"n": 5.0, "a": 2.0, "b": 3.0},
    "binom": {"n": 5.0, "p": 0.3},
    "geom": {"p": 0.3},
    "nbinom": {"n": 4.0, "p": 0.3},
    "poisson": {"mu": 2.5},
}
# not checked for wrong parameters, as in JAX
DIFFERENT = {("beta", function) for function in ("cdf", "sf", "logcdf", "logsf")}
FUNCTIONS = ("cdf", "isf", "logcdf", "logpdf", "logsf", "pdf", "ppf", "sf")


def assert_scipy(got, function, *args, **parameters):
    with np.errstate(all="ignore"):
        want = function(*args, **parameters)
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-9, atol=1e-13)


def continuous_cases():
    for name, choices in CONTINUOUS.items():
        for parameters in choices:
            for location in LOCATIONS[: 1 if name in WITHOUT_LOCATION else 2]:
                for function in FUNCTIONS:
                    differs = (name, function) in DIFFERENT and parameters["a"] < 0
                    if hasattr(getattr(stats, name), function) and not differs:
                        yield name, function, {**parameters, **location}


def test_continuous_distributions():
    wrong = []
    with enable_x64(True):
        for name, function, parameters in continuous_cases():
            x = Q if function in ("ppf", "isf") else X
            if (name, function) == ("logistic", "isf") or (name, function) in (("cauchy", "ppf"), ("cauchy", "isf")):
                x = x[(x > 0) & (x < 1)]  # a formula without a check, as in JAX
            if name in ("gumbel_l", "gumbel_r") and function == "ppf":
                x = x[(x != 0) & (x != 1)]  # nan in JAX
            x = x[np.isfinite(x)] if name == "chi2" and function == "logpdf" else x
            try:
                got = getattr(getattr(stats, name), function)(x, **parameters)
                assert_scipy(got, getattr(getattr(scipy.stats, name), function), x, **parameters)
            except AssertionError as difference:
                wrong.append(f"{name}.{function} {parameters}: {difference}")
    assert not wrong, "\n".join(wrong)


def test_discrete_distributions():
    with enable_x64(True):
        for name, parameters in DISCRETE.items():
            for location in ({}, {"loc": 1.0}):
                for function in ("logpmf", "pmf"):
                    got = getattr(getattr(stats, name), function)(K, **parameters, **location)
                    assert_scipy(got, getattr(getattr(scipy.stats, name), function), K, **parameters, **location)
        assert_scipy(stats.bernoulli.cdf(X, 0.3), scipy.stats.bernoulli.cdf, X, 0.3)
        inside = Q[(Q > 0) & (Q < 1)]
        assert_scipy(stats.bernoulli.ppf(inside, 0.3), scipy.stats.bernoulli.ppf, inside, 0.3)
        assert np.isnan(stats.bernoulli.ppf(0.5, 1.5))
        assert_scipy(stats.poisson.cdf(K, 2.5), scipy.stats.poisson.cdf, K, 2.5)
        mu = np.array([0.0, 0.5, 5.0, 50.0])
        assert_scipy(stats.poisson.entropy(mu), scipy.stats.poisson.entropy, mu)
        np.testing.assert_allclose(stats.poisson.entropy(500.0), scipy.stats.poisson.entropy(500.0), rtol=1e-6)


def test_directional_distributions():
    x = np.linspace(0, 6.2, 7)
    with enable_x64(True):
        assert_scipy(stats.vonmises.pdf(x, 1.5), scipy.stats.vonmises.pdf, x, 1.5)
        assert np.isnan(stats.vonmises.logpdf(x, -1.0)).all()
        assert_scipy(stats.wrapcauchy.logpdf(x, 0.3), scipy.stats.wrapcauchy.logpdf, x, 0.3)
        assert np.isnan(stats.wrapcauchy.pdf(x, 1.5)).all()
        assert stats.wrapcauchy.pdf(-1.0, 0.3) == 0


def test_vector_distributions():
    alpha, x = np.array([1.0, 2.0, 3.0]), np.array([[0.2, 0.1], [0.3, 0.4], [0.5, 0.5]])
    cov = np.array([[2.0, 0.5], [0.5, 1.0]])
    points = np.array([[0.0, 1.0], [2.0, 3.0]])
    with enable_x64(True):
        assert_scipy(stats.dirichlet.logpdf(x, alpha), scipy.stats.dirichlet.logpdf, x, alpha)
        assert_scipy(stats.dirichlet.pdf(x[:2], alpha), scipy.stats.dirichlet.pdf, x[:2], alpha)
        assert stats.dirichlet.pdf(np.array([0.2, 0.3, 0.6]), alpha) == 0
        counts, p = np.array([1, 2, 3]), np.array([0.2, 0.3, 0.5])
        assert_scipy(stats.multinomial.logpmf(counts, 6, p), scipy.stats.multinomial.logpmf, counts, 6, p)
        assert stats.multinomial.pmf(counts, 5, p) == 0
        for mean, covariance in ((np.ones(2), cov), (np.ones(2), 3.0)):
            got = stats.multivariate_normal.logpdf(points, mean, covariance)
            assert_scipy(got, scipy.stats.multivariate_normal.logpdf, points, mean, covariance)
        batched = stats.multivariate_normal.pdf(points, np.ones(2), np.stack([cov, 2 * cov]))
        each = [scipy.stats.multivariate_normal.pdf(points[i], np.ones(2), (1 + i) * cov) for i in range(2)]
        np.testing.assert_allclose(batched, each, rtol=1e-12)
        assert_scipy(
            stats.multivariate_normal.pdf(X[1:-2], 1.0, 2.0), scipy.stats.multivariate_normal.pdf, X[1:-2], 1.0, 2.0
        )


SAMPLE = np.array([[3, 1, 2, 3], [1, 1, 2, 2], [3, 1, 5, 2]])


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_summaries(axis):
    with enable_x64(True):
        for keepdims in (False, True):
            got = stats.mode(SAMPLE, axis, keepdims=keepdims)
            want = scipy.stats.mode(SAMPLE, axis, keepdims=keepdims)
            np.testing.assert_array_equal(got.mode, want.mode)
            np.testing.assert_array_equal(got.count, want.count)
        for method in ("average", "min", "max", "dense", "ordinal"):
            assert_scipy(stats.rankdata(SAMPLE, method, axis=axis), scipy.stats.rankdata, SAMPLE, method, axis=axis)
        holes = np.where(SAMPLE == 5, np.nan, SAMPLE)
        assert_scipy(stats.sem(SAMPLE, axis), scipy.stats.sem, SAMPLE, axis)
        assert_scipy(stats.sem(holes, axis, ddof=0), scipy.stats.sem, holes, axis, ddof=0)
        assert_scipy(stats.sem(holes, axis, nan_policy="omit"), scipy.stats.sem, holes, axis, nan_policy="omit")
        assert np.isnan(stats.rankdata(holes)).all()


def test_kernel_density():
    rng = np.random.default_rng(0)
    data, weights, points = rng.normal(size=(2, 20)), rng.uniform(size=20), rng.normal(size=(2, 5))
    with enable_x64(True):
        for options in (
            {},
            {"weights": weights},
            {"bw_method": "silverman"},
            {"bw_method": 0.3},
            {"bw_method": lambda e: 0.01 * e.n},
        ):
            got, want = stats.gaussian_kde(data, **options), scipy.stats.gaussian_kde(data, **options)
            np.testing.assert_allclose(got(points), want(points), rtol=1e-9)
            np.testing.assert_allclose(got.logpdf(points), want.logpdf(points), rtol=1e-9)
        cov, other, line = np.array([[2.0, 0.5], [0.5, 1.0]]), scipy.stats.gaussian_kde(points), data[0]
        np.testing.assert_allclose(
            got.integrate_gaussian(points[:, 0], cov), want.integrate_gaussian(points[:, 0], cov)
        )
        np.testing.assert_allclose(got.integrate_kde(stats.gaussian_kde(points)), want.integrate_kde(other))
        box = stats.gaussian_kde(line).integrate_box_1d(-1.0, 0.5)
        np.testing.assert_allclose(box, scipy.stats.gaussian_kde(line).integrate_box_1d(-1.0, 0.5))
        drawn = got.resample(random.key(0), (500,))
        assert drawn.shape == (2, 500)
        np.testing.assert_allclose(np.mean(np.asarray(drawn), 1), data.mean(1), atol=0.3)
        rebuilt = la.tree_util.tree_map(lambda x: x, got)
        np.testing.assert_array_equal(rebuilt(points), got(points))


def test_derivatives_and_compilation():
    score = la.grad(lambda loc: stats.norm.logpdf(1.0, loc, 2.0))(0.5)
    np.testing.assert_allclose(np.asarray(score), 0.125, rtol=1e-6)
    log_pdf = la.jit(lambda x: (stats.t.logpdf(x, 3.0), stats.laplace.cdf(x), stats.rankdata(x)))(
        lnp.array([0.5, -1.0])
    )
    np.testing.assert_allclose(log_pdf[0], scipy.stats.t.logpdf([0.5, -1.0], 3.0), rtol=1e-5)
    np.testing.assert_array_equal(log_pdf[2], [2.0, 1.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: stats.norm.logpdf([1.0]), TypeError, "`scipy.stats.norm.logpdf` takes arrays, but the argument `x` is a list"),
        (lambda: stats.dirichlet.logpdf(np.ones(3), np.ones((2, 2))), ValueError, "`alpha` is a vector, but it has the shape (2, 2)."),
        (lambda: stats.dirichlet.logpdf(np.ones(5), np.ones(3)), ValueError, "`x` of shape (5,) has neither the 3 elements of `alpha`"),
        (lambda: stats.multinomial.logpmf(np.ones(2), 2.0, np.ones(2)), ValueError, "`x` and `n` are integers, not float32."),
        (lambda: stats.multivariate_normal.logpdf(np.ones(2), np.ones(2), np.ones((3, 3))), ValueError, "`mean` of shape (2,) and `cov` of shape (3, 3) do not fit together."),
        (lambda: stats.multivariate_normal.logpdf(1.0, 0.0, 1.0, True), NotImplementedError, "there is no allow_singular="),
        (lambda: stats.rankdata(np.ones(2), "x"), ValueError, "method is one of 'average', 'min', 'max', 'dense', 'ordinal', not 'x'."),
        (lambda: stats.mode(np.ones(2), nan_policy="omit"), NotImplementedError, "nan_policy='omit' depends on values"),
        (lambda: stats.mode(np.ones(2), nan_policy="x"), ValueError, "nan_policy is one of 'propagate', 'omit', 'raise', not 'x'."),
        (lambda: stats.sem(np.ones(2), nan_policy="raise"), ValueError, "nan_policy is 'propagate' or 'omit', not 'raise'."),
        (lambda: stats.gaussian_kde(np.ones(1)), ValueError, "`dataset` has several elements."),
        (lambda: stats.gaussian_kde(np.arange(3.0), weights=np.ones(2)), ValueError, "there are 3 points, but `weights` has the shape (2,)."),
        (lambda: stats.gaussian_kde(np.arange(3.0), "x"), ValueError, "bw_method is 'scott', 'silverman', a number or a function of the estimate, not 'x'."),
        (lambda: stats.gaussian_kde(np.arange(3.0))(np.ones((2, 2))), ValueError, "the points have 2 dimensions, the data has 1."),
    ],
)  # fmt: skip
def test_wrong_arguments(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)

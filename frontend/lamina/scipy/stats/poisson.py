"""The Poisson distribution: k events where mu are expected."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import entr, gammaincc, gammaln, xlogy
from lamina.scipy.stats._derived import exp_of, numbers

_FEW, _MANY = 10, 100  # means up to which the entropy is a short sum, a long one


def logpmf(k: Any, mu: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of k − loc, −inf unless it is a count.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.poisson.logpmf(0, 2.0)
    Array(-2., dtype=float32)
    """
    k, mu, loc = numbers("poisson.logpmf", k=k, mu=mu, loc=loc)
    x = k - loc
    return lnp.where((x < 0) | (lnp.round(k) != k), -math.inf, xlogy(x, mu) - gammaln(x + 1) - mu)


pmf = exp_of(logpmf, "pmf")


def cdf(k: Any, mu: Any, loc: Any = 0) -> Array:
    """The probability of a count up to k − loc."""
    k, mu, loc = numbers("poisson.cdf", k=k, mu=mu, loc=loc)
    x = k - loc
    return lnp.where(x < 0, 0, gammaincc(lnp.floor(1 + x), mu))


def entropy(mu: Any, loc: Any = 0) -> Array:
    """−Σ pmf · ln pmf, by the sum up to mu = 100 and by its asymptotic series beyond."""
    mu, _ = numbers("poisson.entropy", mu=mu, loc=loc)
    large = 0.5 * lnp.log(2 * math.pi * math.e * mu) - 1 / (12 * mu)
    medium = _entropy_by_sum(mu, lnp.ceil(mu + 10 * lnp.sqrt(mu) + 20), 250)
    small = _entropy_by_sum(mu, lnp.ceil(mu + 20), 35)
    return lnp.where(mu == 0, 0, lnp.where(mu < _FEW, small, lnp.where(mu < _MANY, medium, large)))


def _entropy_by_sum(mu: Array, bound: Array, count: int) -> Array:
    """Over k below the bound; there are `count` terms for all means that this is used for."""
    k = lnp.reshape(lnp.arange(count, dtype=mu.dtype), (count, *(1,) * mu.ndim))
    return lnp.sum(entr(lnp.where(k < bound, pmf(k, mu), 0)), 0)

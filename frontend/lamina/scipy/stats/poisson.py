"""The Poisson distribution: k events where mu are expected."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import entr, gammaincc, gammaln, xlogy
from lamina.scipy.stats._derived import exp_of, numbers

_TERMS = 250  # beyond which the probabilities vanish for mu < 100


def logpmf(k: Any, mu: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of k − loc, −inf unless it is a count.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.poisson.logpmf(0, 2.0)
    Array(-2., dtype=float32, weak_type=True)
    """
    k, mu, loc = numbers("poisson.logpmf", k=k, mu=mu, loc=loc)
    x = k - loc
    return lnp.where((x < 0) | (lnp.round(k) != k), -math.inf, xlogy(x, mu) - gammaln(x + 1) - mu)


pmf = exp_of(logpmf, "pmf", "2, 3.0", "Array(0.22404182, dtype=float32, weak_type=True)")


def cdf(k: Any, mu: Any, loc: Any = 0) -> Array:
    """The probability of a count up to k − loc.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.poisson.cdf(2, 3.0)
    Array(0.4231901, dtype=float32, weak_type=True)
    """
    k, mu, loc = numbers("poisson.cdf", k=k, mu=mu, loc=loc)
    x = k - loc
    return lnp.where(x < 0, 0, gammaincc(lnp.floor(1 + x), mu))


def entropy(mu: Any, loc: Any = 0) -> Array:
    """−Σ pmf · ln pmf, by the sum for mu < 100 and by its asymptotic series beyond.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.poisson.entropy(3.0)
    Array(1.9314702, dtype=float32)
    """
    mu, _ = numbers("poisson.entropy", mu=mu, loc=loc)
    series = 0.5 * lnp.log(2 * math.pi * math.e * mu) - 1 / (12 * mu)
    k = lnp.reshape(lnp.arange(_TERMS, dtype=mu.dtype), (_TERMS, *(1,) * mu.ndim))
    return lnp.where(mu == 0, 0, lnp.where(mu < 100, lnp.sum(entr(pmf(k, mu)), 0), series))

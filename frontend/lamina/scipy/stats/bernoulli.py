"""The Bernoulli distribution: 1 with probability p, else 0."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import xlog1py, xlogy
from lamina.scipy.stats._derived import exp_of, numbers


def logpmf(k: Any, p: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of k − loc, −inf outside of [0, 1].

    >>> import lamina.scipy as scipy
    >>> scipy.stats.bernoulli.pmf(1, 0.25)
    Array(0.25, dtype=float32, weak_type=True)
    """
    k, p, loc = numbers("bernoulli.logpmf", k=k, p=p, loc=loc)
    x = k - loc
    return lnp.where((x < 0) | (x > 1), -math.inf, xlogy(x, p) + xlog1py(1 - x, -p))


pmf = exp_of(logpmf, "pmf", "1, 0.25", "Array(0.25, dtype=float32, weak_type=True)")


def cdf(k: Any, p: Any) -> Array:
    """The probability of a value up to k; nan where p is none.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.bernoulli.cdf(1, 0.25)
    Array(1., dtype=float32, weak_type=True)
    """
    k, p = numbers("bernoulli.cdf", k=k, p=p)
    probability = lnp.where(k < 0, 0, lnp.where(k < 1, 1 - p, 1))
    return lnp.where(lnp.isnan(k) | ~_is_probability(p), math.nan, probability)


def ppf(q: Any, p: Any) -> Array:
    """The smallest value whose `cdf` is q at least; nan where q or p is no probability.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.bernoulli.ppf(0.9, 0.25)
    Array(1., dtype=float32, weak_type=True)
    """
    q, p = numbers("bernoulli.ppf", q=q, p=p)
    return lnp.where(_is_probability(q) & _is_probability(p), lnp.where(q <= 1 - p, 0.0, 1.0), math.nan)


def _is_probability(p: Array) -> Array:
    return (p >= 0) & (p <= 1)

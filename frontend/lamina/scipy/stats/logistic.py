"""The logistic distribution: density e⁻ᶻ / (scale (1 + e⁻ᶻ)²), z = (x − loc) / scale."""

from __future__ import annotations

from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import expit, logit
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.logistic.logpdf(0.0)
    Array(-1.3862944, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("logistic.logpdf", x=x, loc=loc, scale=scale)
    half = (x - loc) / scale / 2
    return -2 * lnp.logaddexp(half, -half) - lnp.log(scale)


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.19661196, dtype=float32, weak_type=True)")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.logistic.cdf(1.0)
    Array(0.7310586, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("logistic.cdf", x=x, loc=loc, scale=scale)
    return expit((x - loc) / scale)


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.logistic.sf(1.0)
    Array(0.26894143, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("logistic.sf", x=x, loc=loc, scale=scale)
    return expit(-((x - loc) / scale))


def ppf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.logistic.ppf(0.75)
    Array(1.0986123, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("logistic.ppf", x=x, loc=loc, scale=scale)
    return logit(x) * scale + loc


def isf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `sf` is x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.logistic.isf(0.25)
    Array(1.0986123, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("logistic.isf", x=x, loc=loc, scale=scale)
    return -logit(x) * scale + loc

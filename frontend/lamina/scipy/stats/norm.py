"""The normal distribution: density exp(−z²/2) / (√(2π) scale), z = (x − loc) / scale."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import log_ndtr, ndtr, ndtri
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.logpdf(0.0)
    Array(-0.9189386, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("norm.logpdf", x=x, loc=loc, scale=scale)
    square = lnp.square(scale)
    return (lnp.log(2 * math.pi * square) + lnp.square(x - loc) / square) / -2


pdf = exp_of(logpdf, "pdf")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x."""
    x, loc, scale = numbers("norm.cdf", x=x, loc=loc, scale=scale)
    return ndtr((x - loc) / scale)


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`, exact where that is close to 0."""
    x, loc, scale = numbers("norm.logcdf", x=x, loc=loc, scale=scale)
    return log_ndtr((x - loc) / scale)


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x."""
    x, loc, scale = numbers("norm.sf", x=x, loc=loc, scale=scale)
    return ndtr((loc - x) / scale)


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`, exact where that is close to 0."""
    x, loc, scale = numbers("norm.logsf", x=x, loc=loc, scale=scale)
    return log_ndtr((loc - x) / scale)


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is q."""
    q, loc, scale = numbers("norm.ppf", q=q, loc=loc, scale=scale)
    return ndtri(q) * scale + loc


def isf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `sf` is q."""
    q, loc, scale = numbers("norm.isf", q=q, loc=loc, scale=scale)
    return loc - ndtri(q) * scale

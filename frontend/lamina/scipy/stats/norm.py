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


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.2419707, dtype=float32, weak_type=True)")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.cdf(1.0)
    Array(0.8413448, dtype=float32)
    """
    x, loc, scale = numbers("norm.cdf", x=x, loc=loc, scale=scale)
    return ndtr((x - loc) / scale)


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`, exact where that is close to 0.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.logcdf(1.0)
    Array(-0.17275378, dtype=float32)
    """
    x, loc, scale = numbers("norm.logcdf", x=x, loc=loc, scale=scale)
    return log_ndtr((x - loc) / scale)


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.sf(1.0)
    Array(0.15865526, dtype=float32)
    """
    x, loc, scale = numbers("norm.sf", x=x, loc=loc, scale=scale)
    return ndtr((loc - x) / scale)


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`, exact where that is close to 0.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.logsf(1.0)
    Array(-1.8410217, dtype=float32)
    """
    x, loc, scale = numbers("norm.logsf", x=x, loc=loc, scale=scale)
    return log_ndtr((loc - x) / scale)


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is q.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.ppf(0.975)
    Array(1.9599644, dtype=float32)
    """
    q, loc, scale = numbers("norm.ppf", q=q, loc=loc, scale=scale)
    return ndtri(q) * scale + loc


def isf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `sf` is q.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.norm.isf(0.025)
    Array(1.959964, dtype=float32)
    """
    q, loc, scale = numbers("norm.isf", q=q, loc=loc, scale=scale)
    return loc - ndtri(q) * scale

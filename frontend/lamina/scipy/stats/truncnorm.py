"""The normal distribution given that z = (x − loc) / scale is in [a, b]."""

from __future__ import annotations

import math
from typing import Any

from lamina import nn
from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import log_ndtr, ndtr
from lamina.scipy.stats import norm
from lamina.scipy.stats._derived import exp_of, numbers


def _log_mass(a: Array, b: Array) -> Array:
    """ln (Φ(b) − Φ(a)), in the left tail, or in the middle from both tails."""
    is_right = a > 0
    low, high = lnp.where(is_right, -b, a), lnp.where(is_right, -a, b)
    larger, smaller = log_ndtr(high), log_ndtr(low)
    signs = lnp.stack([lnp.ones_like(larger), -lnp.ones_like(larger)])
    in_tail = nn.logsumexp(lnp.stack([larger, smaller]), axis=0, b=signs)
    return lnp.where((b <= 0) | is_right, in_tail, lnp.log1p(-ndtr(a) - ndtr(-b)))


def logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density; nan unless a < b.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.truncnorm.logpdf(0.0, -1.0, 1.0)
    Array(-0.5372234, dtype=float32)
    """
    x, a, b, loc, scale = numbers("truncnorm.logpdf", x=x, a=a, b=b, loc=loc, scale=scale)
    z = (x - loc) / scale
    result = lnp.where((z < a) | (z > b), -math.inf, norm.logpdf(x, loc, scale) - _log_mass(a, b))
    return lnp.where(a >= b, math.nan, result)


pdf = exp_of(logpdf, "pdf", "1.0, -2.0, 2.0", "Array(0.25350526, dtype=float32)")


def logcdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.truncnorm.logcdf(1.0, -2.0, 2.0)
    Array(-0.1535984, dtype=float32)
    """
    x, a, b, loc, scale = numbers("truncnorm.logcdf", x=x, a=a, b=b, loc=loc, scale=scale)
    z = (x - loc) / scale
    whole = _log_mass(a, b)
    below = _log_mass(a, z) - whole
    below = lnp.where(below > -0.1, lnp.log1p(-lnp.exp(_log_mass(z, b) - whole)), below)
    result = lnp.where(z >= b, 0, lnp.where(z <= a, -math.inf, below))
    return lnp.where(a >= b, math.nan, result)


cdf = exp_of(logcdf, "cdf", "1.0, -2.0, 2.0", "Array(0.8576164, dtype=float32)")


def logsf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.truncnorm.logsf(1.0, -2.0, 2.0)
    Array(-1.9492304, dtype=float32)
    """
    x, a, b, loc, scale = numbers("truncnorm.logsf", x=x, a=a, b=b, loc=loc, scale=scale)
    return logcdf(-x, -b, -a, -loc, scale)


sf = exp_of(logsf, "sf", "1.0, -2.0, 2.0", "Array(0.1423836, dtype=float32)")

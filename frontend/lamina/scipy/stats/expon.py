"""The exponential distribution: density exp(−z) / scale for z = (x − loc) / scale ≥ 0."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.expon.logpdf(2.0)
    Array(-2., dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("expon.logpdf", x=x, loc=loc, scale=scale)
    return lnp.where(x < loc, -math.inf, -((x - loc) / scale + lnp.log(scale)))


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.36787942, dtype=float32, weak_type=True)")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.expon.cdf(1.0)
    Array(0.63212055, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("expon.cdf", x=x, loc=loc, scale=scale)
    return lnp.where(x < loc, 0, -lnp.expm1((loc - x) / scale))


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.expon.logsf(1.0)
    Array(-1., dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("expon.logsf", x=x, loc=loc, scale=scale)
    return lnp.where(x < loc, 0, (loc - x) / scale)


sf = exp_of(logsf, "sf", "1.0", "Array(0.36787942, dtype=float32, weak_type=True)")


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.expon.logcdf(1.0)
    Array(-0.4586751, dtype=float32, weak_type=True)
    """
    return lnp.log1p(-sf(x, loc, scale))


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is q; nan where q is no probability.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.expon.ppf(0.5)
    Array(0.6931472, dtype=float32, weak_type=True)
    """
    q, loc, scale = numbers("expon.ppf", q=q, loc=loc, scale=scale)
    return lnp.where((q >= 0) & (q <= 1), loc - scale * lnp.log1p(-q), math.nan)

"""The Cauchy distribution: density 1 / (π scale (1 + z²)), z = (x − loc) / scale."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, log_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.cauchy.cdf(1.0)
    Array(0.75, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("cauchy.logpdf", x=x, loc=loc, scale=scale)
    z = (x - loc) / scale
    return -(lnp.log(math.pi * scale) + lnp.log1p(z * z))


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.15915494, dtype=float32, weak_type=True)")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.cauchy.cdf(1.0)
    Array(0.75, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("cauchy.cdf", x=x, loc=loc, scale=scale)
    return 0.5 + lnp.arctan((x - loc) / scale) / math.pi


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.cauchy.sf(1.0)
    Array(0.25, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("cauchy.sf", x=x, loc=loc, scale=scale)
    return cdf(-x, -loc, scale)


logcdf = log_of(cdf, "logcdf", "1.0", "Array(-0.2876821, dtype=float32, weak_type=True)")
logsf = log_of(sf, "logsf", "1.0", "Array(-1.3862944, dtype=float32, weak_type=True)")


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is q.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.cauchy.ppf(0.75)
    Array(0.99999994, dtype=float32, weak_type=True)
    """
    q, loc, scale = numbers("cauchy.ppf", q=q, loc=loc, scale=scale)
    return lnp.tan(math.pi * q - math.pi / 2) * scale + loc


def isf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `sf` is q.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.cauchy.isf(0.75)
    Array(-0.99999994, dtype=float32, weak_type=True)
    """
    q, loc, scale = numbers("cauchy.isf", q=q, loc=loc, scale=scale)
    return lnp.tan(math.pi / 2 - math.pi * q) * scale + loc

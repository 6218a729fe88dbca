"""The gamma distribution: density ∝ y^(a − 1) exp(−y) for y = (x − loc) / scale ≥ 0."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import gammainc, gammaincc, gammaln, xlogy
from lamina.scipy.stats._derived import exp_of, log_of, numbers


def logpdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gamma.logpdf(2.0, 1.0)
    Array(-2., dtype=float32, weak_type=True)
    """
    x, a, loc, scale = numbers("gamma.logpdf", x=x, a=a, loc=loc, scale=scale)
    is_below = x < loc
    y = lnp.where(is_below, 1, (x - loc) / scale)  # a number, so that derivatives are no nan
    return lnp.where(is_below, -math.inf, xlogy(a - 1, y) - y - (gammaln(a) + lnp.log(scale)))


pdf = exp_of(logpdf, "pdf", "2.0, 3.0", "Array(0.27067056, dtype=float32, weak_type=True)")


def cdf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gamma.cdf(2.0, 3.0)
    Array(0.32332358, dtype=float32, weak_type=True)
    """
    x, a, loc, scale = numbers("gamma.cdf", x=x, a=a, loc=loc, scale=scale)
    return gammainc(a, lnp.maximum((x - loc) / scale, 0))


def sf(x: Any, a: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gamma.sf(2.0, 3.0)
    Array(0.6766764, dtype=float32, weak_type=True)
    """
    x, a, loc, scale = numbers("gamma.sf", x=x, a=a, loc=loc, scale=scale)
    return gammaincc(a, lnp.maximum((x - loc) / scale, 0))


logcdf = log_of(cdf, "logcdf", "2.0, 3.0", "Array(-1.1291016, dtype=float32, weak_type=True)")
logsf = log_of(sf, "logsf", "2.0, 3.0", "Array(-0.39056215, dtype=float32, weak_type=True)")

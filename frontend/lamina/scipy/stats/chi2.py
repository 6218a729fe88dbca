"""The χ² distribution: density ∝ y^(df/2 − 1) exp(−y/2) for y = (x − loc) / scale ≥ 0."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import gammainc, gammaincc, gammaln
from lamina.scipy.stats._derived import exp_of, log_of, numbers


def logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.chi2.logpdf(2.0, 2.0)
    Array(-1.6931472, dtype=float32, weak_type=True)
    """
    x, df, loc, scale = numbers("chi2.logpdf", x=x, df=df, loc=loc, scale=scale)
    y, half = (x - loc) / scale, df / 2
    kernel = (half - 1) * lnp.log(y) - y / 2
    result = kernel - (gammaln(half) + math.log(2) * half) - lnp.log(scale)
    return lnp.where(x < loc, -math.inf, result)


pdf = exp_of(logpdf, "pdf", "2.0, 3.0", "Array(0.20755374, dtype=float32, weak_type=True)")


def cdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.chi2.cdf(2.0, 3.0)
    Array(0.4275933, dtype=float32, weak_type=True)
    """
    x, df, loc, scale = numbers("chi2.cdf", x=x, df=df, loc=loc, scale=scale)
    return gammainc(df / 2, lnp.maximum((x - loc) / (scale * 2), 0))


def sf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.chi2.sf(2.0, 3.0)
    Array(0.5724067, dtype=float32, weak_type=True)
    """
    x, df, loc, scale = numbers("chi2.sf", x=x, df=df, loc=loc, scale=scale)
    return gammaincc(df / 2, lnp.maximum((x - loc) / (scale * 2), 0))


logcdf = log_of(cdf, "logcdf", "2.0, 3.0", "Array(-0.8495828, dtype=float32, weak_type=True)")
logsf = log_of(sf, "logsf", "2.0, 3.0", "Array(-0.5579055, dtype=float32, weak_type=True)")

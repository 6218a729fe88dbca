"""The left-skewed Gumbel distribution: density exp(z − eᶻ) / scale, z = (x − loc) / scale."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density; nan where scale is not positive.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_l.logpdf(0.0)
    Array(-1., dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("gumbel_l.logpdf", x=x, loc=loc, scale=scale)
    z = (x - loc) / scale
    return lnp.where(scale > 0, z - lnp.exp(z) - lnp.log(scale), math.nan)


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.17937404, dtype=float32, weak_type=True)")


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_l.logsf(1.0)
    Array(-2.718282, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("gumbel_l.logsf", x=x, loc=loc, scale=scale)
    return lnp.where(scale > 0, -lnp.exp((x - loc) / scale), math.nan)


sf = exp_of(logsf, "sf", "1.0", "Array(0.06598803, dtype=float32, weak_type=True)")


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_l.logcdf(1.0)
    Array(-0.068266, dtype=float32, weak_type=True)
    """
    return lnp.log(-lnp.expm1(logsf(x, loc, scale)))


cdf = exp_of(logcdf, "cdf", "1.0", "Array(0.934012, dtype=float32, weak_type=True)")


def ppf(p: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is p; nan unless 0 < p < 1.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_l.ppf(0.5)
    Array(-0.36651292, dtype=float32, weak_type=True)
    """
    p, loc, scale = numbers("gumbel_l.ppf", p=p, loc=loc, scale=scale)
    return lnp.where((p > 0) & (p < 1), loc + scale * lnp.log(-lnp.log1p(-p)), math.nan)

"""The right-skewed Gumbel distribution: density exp(−(z + e⁻ᶻ)) / scale, z = (x − loc) / scale."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density; nan where scale is not positive.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_r.logpdf(0.0)
    Array(-1., dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("gumbel_r.logpdf", x=x, loc=loc, scale=scale)
    z = (x - loc) / scale
    return lnp.where(scale > 0, -(z + lnp.exp(-z)) - lnp.log(scale), math.nan)


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.2546464, dtype=float32, weak_type=True)")


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_r.logcdf(1.0)
    Array(-0.36787942, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("gumbel_r.logcdf", x=x, loc=loc, scale=scale)
    return lnp.where(scale > 0, -lnp.exp((loc - x) / scale), math.nan)


cdf = exp_of(logcdf, "cdf", "1.0", "Array(0.69220066, dtype=float32, weak_type=True)")


def sf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_r.sf(1.0)
    Array(0.30779937, dtype=float32, weak_type=True)
    """
    return -lnp.expm1(logcdf(x, loc, scale))


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_r.logsf(1.0)
    Array(-1.178307, dtype=float32, weak_type=True)
    """
    return lnp.log(sf(x, loc, scale))


def ppf(p: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is p; nan unless 0 < p < 1.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gumbel_r.ppf(0.5)
    Array(0.36651292, dtype=float32, weak_type=True)
    """
    p, loc, scale = numbers("gumbel_r.ppf", p=p, loc=loc, scale=scale)
    return lnp.where((p > 0) & (p < 1), loc - scale * lnp.log(-lnp.log(p)), math.nan)

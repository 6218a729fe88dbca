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


pdf = exp_of(logpdf, "pdf")


def logsf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`."""
    x, loc, scale = numbers("gumbel_l.logsf", x=x, loc=loc, scale=scale)
    return lnp.where(scale > 0, -lnp.exp((x - loc) / scale), math.nan)


sf = exp_of(logsf, "sf")


def logcdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`."""
    return lnp.log(-lnp.expm1(logsf(x, loc, scale)))


cdf = exp_of(logcdf, "cdf")


def ppf(p: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is p; nan unless 0 < p < 1."""
    p, loc, scale = numbers("gumbel_l.ppf", p=p, loc=loc, scale=scale)
    return lnp.where((p > 0) & (p < 1), loc + scale * lnp.log(-lnp.log1p(-p)), math.nan)

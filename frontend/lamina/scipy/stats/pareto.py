"""The Pareto distribution: density b / (scale z^(b + 1)) for z = (x − loc) / scale ≥ 1."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.pareto.pdf(1.0, 2.0)
    Array(2., dtype=float32, weak_type=True)
    """
    x, b, loc, scale = numbers("pareto.logpdf", x=x, b=b, loc=loc, scale=scale)
    result = -(lnp.log(scale / b) + (b + 1) * lnp.log((x - loc) / scale))
    return lnp.where(x < loc + scale, -math.inf, result)


pdf = exp_of(logpdf, "pdf", "2.0, 3.0", "Array(0.1875, dtype=float32, weak_type=True)")


def cdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.pareto.cdf(2.0, 3.0)
    Array(0.875, dtype=float32, weak_type=True)
    """
    x, b, loc, scale = numbers("pareto.cdf", x=x, b=b, loc=loc, scale=scale)
    return lnp.where(x < loc + scale, 0, 1 - ((x - loc) / scale) ** -b)


def logcdf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `cdf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.pareto.logcdf(2.0, 3.0)
    Array(-0.13353139, dtype=float32, weak_type=True)
    """
    x, b, loc, scale = numbers("pareto.logcdf", x=x, b=b, loc=loc, scale=scale)
    return lnp.where(x < loc + scale, -math.inf, lnp.log1p(-(((x - loc) / scale) ** -b)))


def logsf(x: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of `sf`.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.pareto.logsf(2.0, 3.0)
    Array(-2.0794415, dtype=float32, weak_type=True)
    """
    x, b, loc, scale = numbers("pareto.logsf", x=x, b=b, loc=loc, scale=scale)
    return lnp.where(x < loc + scale, 0, -(b * lnp.log((x - loc) / scale)))


sf = exp_of(logsf, "sf", "2.0, 3.0", "Array(0.125, dtype=float32, weak_type=True)")


def ppf(q: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is q; nan where q is no probability.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.pareto.ppf(0.5, 3.0)
    Array(1.2599211, dtype=float32, weak_type=True)
    """
    q, b, loc, scale = numbers("pareto.ppf", q=q, b=b, loc=loc, scale=scale)
    return lnp.where((q >= 0) & (q <= 1), loc + scale * (1 - q) ** -(1 / b), math.nan)

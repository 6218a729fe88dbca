"""The uniform distribution on [loc, loc + scale]."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.uniform.pdf(0.5, 0.0, 2.0)
    Array(0.5, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("uniform.logpdf", x=x, loc=loc, scale=scale)
    outside = lnp.where(lnp.isnan(x), math.nan, -math.inf)
    return lnp.where((x >= loc) & (x <= loc + scale), -lnp.log(scale), outside)


pdf = exp_of(logpdf, "pdf", "0.25", "Array(1., dtype=float32, weak_type=True)")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.uniform.cdf(0.25)
    Array(0.25, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("uniform.cdf", x=x, loc=loc, scale=scale)
    return lnp.where(x < loc, 0, lnp.where(x > loc + scale, 1, (x - loc) / scale))


def ppf(q: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The value whose `cdf` is q; nan where q is no probability.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.uniform.ppf(0.25)
    Array(0.25, dtype=float32, weak_type=True)
    """
    q, loc, scale = numbers("uniform.ppf", q=q, loc=loc, scale=scale)
    return lnp.where((q >= 0) & (q <= 1), loc + scale * q, math.nan)

"""The beta distribution: density ∝ y^(a − 1) (1 − y)^(b − 1) for y = (x − loc) / scale in [0, 1]."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import betainc, betaln, xlog1py, xlogy
from lamina.scipy.stats._derived import exp_of, log_of, numbers


def logpdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density; nan where a, b or scale is not positive.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.beta.pdf(0.5, 2.0, 2.0)
    Array(1.5, dtype=float32, weak_type=True)
    """
    x, a, b, loc, scale = numbers("beta.logpdf", x=x, a=a, b=b, loc=loc, scale=scale)
    y = (x - loc) / scale
    result = xlogy(a - 1, y) + xlog1py(b - 1, -y) - betaln(a, b) - lnp.log(scale)
    result = lnp.where((x > loc + scale) | (x < loc), -math.inf, result)
    return lnp.where((a <= 0) | (b <= 0) | (scale <= 0), math.nan, result)


pdf = exp_of(logpdf, "pdf", "0.25, 2.0, 3.0", "Array(1.6875001, dtype=float32, weak_type=True)")


def cdf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.beta.cdf(0.25, 2.0, 3.0)
    Array(0.26171875, dtype=float32, weak_type=True)
    """
    x, a, b, loc, scale = numbers("beta.cdf", x=x, a=a, b=b, loc=loc, scale=scale)
    return betainc(a, b, lnp.clip((x - loc) / scale, 0, 1))


def sf(x: Any, a: Any, b: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value above x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.beta.sf(0.25, 2.0, 3.0)
    Array(0.73828125, dtype=float32, weak_type=True)
    """
    x, a, b, loc, scale = numbers("beta.sf", x=x, a=a, b=b, loc=loc, scale=scale)
    return betainc(b, a, 1 - lnp.clip((x - loc) / scale, 0, 1))


logcdf = log_of(cdf, "logcdf", "0.25, 2.0, 3.0", "Array(-1.3404849, dtype=float32, weak_type=True)")
logsf = log_of(sf, "logsf", "0.25, 2.0, 3.0", "Array(-0.30343047, dtype=float32, weak_type=True)")

"""The wrapped Cauchy distribution: density (1 − c²) / (2π (1 + c² − 2c cos x)) for x in [0, 2π]."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, c: Any) -> Array:
    """The logarithm of the density; nan unless 0 < c < 1.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.wrapcauchy.logpdf(0.0, 0.5)
    Array(-0.7392647, dtype=float32, weak_type=True)
    """
    x, c = numbers("wrapcauchy.logpdf", x=x, c=c)
    result = lnp.log(1 - c * c) - math.log(2 * math.pi) - lnp.log(1 + c * c - 2 * c * lnp.cos(x))
    result = lnp.where((x >= 0) & (x <= 2 * math.pi), result, -math.inf)
    return lnp.where((c > 0) & (c < 1), result, math.nan)


pdf = exp_of(logpdf, "pdf", "1.0, 0.5", "Array(0.16819303, dtype=float32, weak_type=True)")

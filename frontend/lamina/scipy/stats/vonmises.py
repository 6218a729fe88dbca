"""The von Mises distribution on the circle: density exp(κ cos x) / (2π I₀(κ))."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import i0e
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, kappa: Any) -> Array:
    """The logarithm of the density; nan unless kappa is positive.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.vonmises.logpdf(0.0, 1.0)
    Array(-1.0737915, dtype=float32, weak_type=True)
    """
    x, kappa = numbers("vonmises.logpdf", x=x, kappa=kappa)
    result = kappa * (lnp.cos(x) - 1) - lnp.log(2 * math.pi * i0e(kappa))
    return lnp.where(kappa > 0, result, math.nan)


pdf = exp_of(logpdf, "pdf", "1.0, 2.0", "Array(0.20571446, dtype=float32, weak_type=True)")

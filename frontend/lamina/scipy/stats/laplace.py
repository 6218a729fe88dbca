"""The Laplace distribution: density exp(−|z|) / (2 scale), z = (x − loc) / scale."""

from __future__ import annotations

from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.laplace.logpdf(0.0)
    Array(-0.6931472, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("laplace.logpdf", x=x, loc=loc, scale=scale)
    return -(lnp.abs(x - loc) / scale + lnp.log(2 * scale))


pdf = exp_of(logpdf, "pdf", "1.0", "Array(0.18393971, dtype=float32, weak_type=True)")


def cdf(x: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.laplace.cdf(1.0)
    Array(0.8160603, dtype=float32, weak_type=True)
    """
    x, loc, scale = numbers("laplace.cdf", x=x, loc=loc, scale=scale)
    z = (x - loc) / scale
    tail = 0.5 * lnp.exp(-lnp.abs(z))
    return lnp.where(z <= 0, tail, 1 - tail)

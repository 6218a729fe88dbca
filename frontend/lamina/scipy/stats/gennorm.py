"""The generalized normal distribution: density ∝ exp(−|x|^β)."""

from __future__ import annotations

from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import gammainc, gammaln
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, beta: Any) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gennorm.logpdf(0.0, 1.0)
    Array(-0.6931472, dtype=float32, weak_type=True)
    """
    x, beta = numbers("gennorm.logpdf", x=x, beta=beta)
    return lnp.log(0.5 * beta) - gammaln(1 / beta) - lnp.abs(x) ** beta


pdf = exp_of(logpdf, "pdf", "1.0, 2.0", "Array(0.20755374, dtype=float32, weak_type=True)")


def cdf(x: Any, beta: Any) -> Array:
    """The probability of a value up to x.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.gennorm.cdf(1.0, 2.0)
    Array(0.92135036, dtype=float32, weak_type=True)
    """
    x, beta = numbers("gennorm.cdf", x=x, beta=beta)
    return 0.5 * (1 + lnp.sign(x) * gammainc(1 / beta, lnp.abs(x) ** beta))

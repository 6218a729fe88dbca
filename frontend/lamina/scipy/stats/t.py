"""Student's t distribution: density ∝ (1 + z²/df)^(−(df + 1)/2), z = (x − loc) / scale."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import gammaln
from lamina.scipy.stats._derived import exp_of, numbers


def logpdf(x: Any, df: Any, loc: Any = 0, scale: Any = 1) -> Array:
    """The logarithm of the density.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.t.logpdf(0.0, 1.0)
    Array(-1.1447299, dtype=float32, weak_type=True)
    """
    x, df, loc, scale = numbers("t.logpdf", x=x, df=df, loc=loc, scale=scale)
    z, half = (x - loc) / scale, df / 2
    normalization = gammaln(half) + lnp.log(scale * scale * math.pi * df) / 2 - gammaln(half + 0.5)
    return -(normalization + (half + 0.5) * lnp.log1p(z * z / df))


pdf = exp_of(logpdf, "pdf", "1.0, 3.0", "Array(0.20674832, dtype=float32, weak_type=True)")

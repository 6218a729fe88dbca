"""The geometric distribution: how many trials of probability p it takes to succeed once."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import xlog1py
from lamina.scipy.stats._derived import exp_of, numbers


def logpmf(k: Any, p: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of k − loc, −inf below 1.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.geom.logpmf(1, 0.5)
    Array(-0.6931472, dtype=float32, weak_type=True)
    """
    k, p, loc = numbers("geom.logpmf", k=k, p=p, loc=loc)
    x = k - loc
    return lnp.where(x <= 0, -math.inf, xlog1py(x - 1, -p) + lnp.log(p))


pmf = exp_of(logpmf, "pmf", "3, 0.5", "Array(0.125, dtype=float32, weak_type=True)")

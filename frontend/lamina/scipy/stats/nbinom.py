"""The negative binomial distribution: failures before n successes of probability p."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import gammaln, xlogy
from lamina.scipy.stats._derived import exp_of, numbers


def logpmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of k − loc, −inf below 0.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.nbinom.logpmf(0, 1, 0.5)
    Array(-0.6931472, dtype=float32, weak_type=True)
    """
    k, n, p, loc = numbers("nbinom.logpmf", k=k, n=n, p=p, loc=loc)
    y = k - loc
    ways = gammaln(y + n) - gammaln(n) - gammaln(y + 1)
    return lnp.where(k < loc, -math.inf, ways + xlogy(n, p) + xlogy(y, 1 - p))


pmf = exp_of(logpmf, "pmf", "2, 3, 0.5", "Array(0.1875, dtype=float32, weak_type=True)")

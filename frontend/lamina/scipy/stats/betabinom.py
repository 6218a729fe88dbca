"""The beta-binomial distribution: successes in n trials whose probability is beta distributed."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import betaln
from lamina.scipy.stats._derived import exp_of, numbers


def logpmf(k: Any, n: Any, a: Any, b: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of ⌊k⌋ − loc; nan where n is negative, a or b not positive.

    >>> import lamina.scipy as scipy
    >>> scipy.stats.betabinom.logpmf(1, 3, 1.0, 1.0)
    Array(-1.3862944, dtype=float32, weak_type=True)
    """
    k, n, a, b, loc = numbers("betabinom.logpmf", k=k, n=n, a=a, b=b, loc=loc)
    y = lnp.floor(k) - loc
    result = betaln(y + a, n - y + b) - betaln(a, b) - (lnp.log1p(n) + betaln(n - y + 1, y + 1))
    result = lnp.where((y == 0) & (n == 0), 0, result)
    result = lnp.where((y < -loc) | (y > n) | (y + a <= 0), -math.inf, result)
    return lnp.where((n < 0) | (a <= 0) | (b <= 0), math.nan, result)


pmf = exp_of(logpmf, "pmf", "1, 3, 2.0, 3.0", "Array(0.3428572, dtype=float32, weak_type=True)")

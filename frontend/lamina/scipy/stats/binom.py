"""The binomial distribution: successes in n trials of probability p."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.scipy.special import gammaln, xlog1py, xlogy
from lamina.scipy.stats._derived import exp_of, numbers


def logpmf(k: Any, n: Any, p: Any, loc: Any = 0) -> Array:
    """The logarithm of the probability of k − loc, −inf outside of [0, n].

    >>> import lamina.scipy as scipy
    >>> scipy.stats.binom.logpmf(1, 2, 0.5)
    Array(-0.6931472, dtype=float32, weak_type=True)
    """
    k, n, p, loc = numbers("binom.logpmf", k=k, n=n, p=p, loc=loc)
    y = k - loc
    linear = xlogy(y, p) + xlog1py(n - y, -p)
    result = gammaln(n + 1) - (gammaln(y + 1) + gammaln(n - y + 1)) + linear
    result = lnp.where(((y == 0) & (n == 0)) | (linear == 0), 0, result)
    return lnp.where((k >= loc) & (k < loc + n + 1), result, -math.inf)


pmf = exp_of(logpmf, "pmf", "1, 3, 0.25", "Array(0.42187503, dtype=float32, weak_type=True)")

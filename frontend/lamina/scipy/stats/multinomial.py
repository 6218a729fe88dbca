"""The multinomial distribution: how often each outcome occurs in n trials."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import promoted
from lamina.scipy.special import gammaln, xlogy
from lamina.scipy.stats._derived import exp_of


def logpmf(x: Any, n: Any, p: Any) -> Array:
    """The logarithm of the probability of the counts x, −inf unless they sum to n.

    Args:
        x: integers, along the last axis.
        n: the number of trials, an integer.
        p: the probabilities of the outcomes, along the last axis.

    Raises: ValueError for counts that are no integers.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> scipy.stats.multinomial.pmf(lnp.array([1, 1]), 2, lnp.array([0.5, 0.5]))
    Array(0.5, dtype=float32)
    """
    name = "scipy.stats.multinomial.logpmf"
    (p,) = promoted(name, p, names=("p",), inexact=True)
    x, n = promoted(name, x, n, names=("x", "n"))
    if not dtypes.issubdtype(x.dtype, np.integer):
        raise ValueError(f"{name}: `x` and `n` are integers, not {x.dtype}.")
    counts, trials = x.astype(p.dtype), n.astype(p.dtype)
    result = gammaln(trials + 1) + lnp.sum(xlogy(counts, p) - gammaln(counts + 1), -1)
    return lnp.where(lnp.sum(x, -1) == n, result, -math.inf)


pmf = exp_of(logpmf, "pmf", "lnp.array([1, 2]), 3, lnp.array([0.5, 0.5])", "Array(0.375, dtype=float32)")

"""The Dirichlet distribution: density ∝ Π xᵢ^(αᵢ − 1) on Σ xᵢ = 1, xᵢ > 0."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import promoted
from lamina.scipy.special import gammaln, xlogy
from lamina.scipy.stats._derived import exp_of


def logpdf(x: Any, alpha: Any) -> Array:
    """The logarithm of the density of x, a vector or several along further axes; −inf outside.

    Args:
        x: of shape (n, …), or (n − 1, …): then the last element is what is missing to 1.
        alpha: of shape (n,).

    Raises: ValueError for other shapes.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> scipy.stats.dirichlet.logpdf(lnp.array([0.5, 0.5]), lnp.array([2.0, 2.0]))
    Array(0.40546513, dtype=float32)
    """
    x, alpha = promoted("scipy.stats.dirichlet.logpdf", x, alpha, names=("x", "alpha"), inexact=True)
    if alpha.ndim != 1:
        raise ValueError(f"scipy.stats.dirichlet: `alpha` is a vector, but it has the shape {alpha.shape}.")
    if not x.ndim or x.shape[0] not in (alpha.shape[0], alpha.shape[0] - 1):
        raise ValueError(
            f"scipy.stats.dirichlet: `x` of shape {x.shape} has neither the {alpha.shape[0]} elements of `alpha` along "
            "its first axis nor one less."
        )
    if x.shape[0] != alpha.shape[0]:
        x = lnp.concatenate([x, 1 - lnp.sum(x, 0, keepdims=True)])
    normalization = lnp.sum(gammaln(alpha)) - gammaln(lnp.sum(alpha))
    exponents = lnp.reshape(alpha - 1, (-1, *(1,) * (x.ndim - 1)))
    result = lnp.sum(xlogy(lnp.broadcast_to(exponents, x.shape), x), 0) - normalization
    is_inside = lnp.all(x > 0, 0) & (lnp.abs(lnp.sum(x, 0) - 1) < 1e-6)
    return lnp.where(is_inside, result, -math.inf)


pdf = exp_of(logpdf, "pdf", "lnp.array([0.25, 0.75]), lnp.array([2.0, 3.0])", "Array(1.6875001, dtype=float32)")

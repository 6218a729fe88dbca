"""The multivariate normal distribution."""

from __future__ import annotations

import math
from typing import Any

from lamina import lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import promoted
from lamina.scipy.stats._derived import exp_of


def logpdf(x: Any, mean: Any, cov: Any, allow_singular: None = None) -> Array:
    """The logarithm of the density.

    Args:
        x: of shape (..., n), or (...) for one dimension.
        mean: of shape (..., n) or ().
        cov: covariance matrices of shape (..., n, n), or () for the multiple of the identity.

    Raises: ValueError for other shapes.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> scipy.stats.multivariate_normal.logpdf(lnp.zeros(2), lnp.zeros(2), lnp.eye(2))
    Array(-1.837877, dtype=float32)
    """
    name = "scipy.stats.multivariate_normal.logpdf"
    if allow_singular is not None:
        raise NotImplementedError(f"{name}: there is no allow_singular=. The covariance must be positive definite.")
    x, mean, cov = promoted(name, x, mean, cov, names=("x", "mean", "cov"), inexact=True)
    log_two_pi = math.log(2 * math.pi)
    if not mean.ndim:
        return -0.5 * lnp.square(x - mean) / cov - 0.5 * (log_two_pi + lnp.log(cov))
    n, y = mean.shape[-1], x - mean
    if not cov.ndim:
        return -0.5 * lnp.sum(y * y, -1) / cov - n / 2 * (log_two_pi + lnp.log(cov))
    if cov.shape[-2:] != (n, n):
        raise ValueError(f"{name}: `mean` of shape {mean.shape} and `cov` of shape {cov.shape} do not fit together.")
    root = lax.linalg.cholesky(cov)
    batch = lnp.broadcast_shapes(y.shape[:-1], root.shape[:-2])
    columns = lnp.broadcast_to(y, (*batch, n))[..., None]
    z = lax.linalg.triangular_solve(lnp.broadcast_to(root, (*batch, n, n)), columns, left_side=True, lower=True)[..., 0]
    log_root = lnp.sum(lnp.log(lnp.diagonal(root, axis1=-1, axis2=-2)), -1)
    return -0.5 * lnp.sum(z * z, -1) - n / 2 * log_two_pi - log_root


pdf = exp_of(logpdf, "pdf", "lnp.array([0.0, 1.0]), lnp.zeros(2), lnp.eye(2)", "Array(0.09653235, dtype=float32)")

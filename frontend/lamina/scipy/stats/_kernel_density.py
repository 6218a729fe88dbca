"""Estimates of densities by a normal distribution around each point."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, nn, random, tree_util
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import operand, promoted
from lamina.scipy.special import ndtr
from lamina.vectorization import vmap

_FIELDS = ("neff", "dataset", "weights", "covariance", "inv_cov")


@tree_util.register_pytree_node_class
class gaussian_kde:
    """The density of points as the sum of normal densities around each of them.

    Args:
        dataset: points of shape (d, n), or (n,) in one dimension.
        bw_method: the width of the kernels relative to the points': "scott" (the default, neff^(−1/(d + 4))),
            "silverman" ((neff (d + 2) / 4)^(−1/(d + 4))), a number, or a function of the estimate.
        weights: of the points; default: equal.

    Attributes: `dataset`, `weights` (of sum 1), `neff` (the effective number of points), `covariance` of the kernels
    and its inverse `inv_cov`.

    Raises: ValueError for a single point, weights of another shape and other bandwidths.

    D. Scott, "Multivariate Density Estimation", 1992; B. Silverman, "Density Estimation for Statistics", 1986.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy as scipy
    >>> estimate = scipy.stats.gaussian_kde(lnp.array([-1.0, 0.0, 1.0]))
    >>> estimate.pdf(lnp.array([0.0]))
    Array([0.3181562], dtype=float32)
    """

    neff: Array
    dataset: Array
    weights: Array
    covariance: Array
    inv_cov: Array

    def __init__(self, dataset: Any, bw_method: Any = None, weights: Any = None):
        points = lnp.atleast_2d(_real("dataset", dataset))
        if points.size < 2:
            raise ValueError("scipy.stats.gaussian_kde: `dataset` has several elements.")
        d, n = points.shape
        if weights is None:
            (points,) = promoted("scipy.stats.gaussian_kde", points, names=("dataset",), inexact=True)
            weights = lnp.full(n, 1 / n, points.dtype)
        else:
            points, weights = promoted(
                "scipy.stats.gaussian_kde", points, weights, names=("dataset", "weights"), inexact=True
            )
            weights = lnp.atleast_1d(weights)
            if weights.shape != (n,):
                raise ValueError(
                    f"scipy.stats.gaussian_kde: there are {n} points, but `weights` has the shape {weights.shape}."
                )
            weights = weights / lnp.sum(weights)
        self.dataset, self.weights = points, weights
        self.neff = 1 / lnp.sum(weights**2)
        factor = self._bandwidth(bw_method, d)
        covariance = lnp.atleast_2d(lnp.cov(points, aweights=weights))
        self.covariance = covariance * factor**2
        self.inv_cov = lnp.linalg.inv(covariance) / factor**2

    def _bandwidth(self, bw_method: Any, d: int) -> Any:
        if bw_method is None or (isinstance(bw_method, str) and bw_method == "scott"):
            return self.neff ** (-1 / (d + 4))
        if isinstance(bw_method, str) and bw_method == "silverman":
            return (self.neff * (d + 2) / 4) ** (-1 / (d + 4))
        if callable(bw_method):
            return bw_method(self)
        if isinstance(bw_method, str) or np.ndim(bw_method):
            raise ValueError(
                "scipy.stats.gaussian_kde: bw_method is 'scott', 'silverman', a number or a function of the estimate, "
                f"not {bw_method!r}."
            )
        return bw_method

    def tree_flatten(self) -> tuple[tuple[Any, ...], None]:
        return tuple(getattr(self, name) for name in _FIELDS), None

    @classmethod
    def tree_unflatten(cls, aux_data: None, children: tuple[Any, ...]) -> gaussian_kde:
        self = object.__new__(cls)
        for name, value in zip(_FIELDS, children, strict=True):
            setattr(self, name, value)
        return self

    @property
    def d(self) -> int:
        """The dimension."""
        return self.dataset.shape[0]

    @property
    def n(self) -> int:
        """The number of points."""
        return self.dataset.shape[1]

    def evaluate(self, points: Any) -> Array:
        """The density at points of shape (d, m), or (m,) in one dimension."""
        return lnp.sum(self.weights * lnp.exp(self._log_kernels(points)), -1)

    __call__ = pdf = evaluate

    def logpdf(self, x: Any) -> Array:
        """The logarithm of the density at points."""
        return nn.logsumexp(self._log_kernels(x) + lnp.log(self.weights), -1)

    def _log_kernels(self, points: Any) -> Array:
        """ln of the kernel around each point of the data (last axis) at each of the given points."""
        x = self._points(points)
        whitening = lnp.linalg.cholesky(self.inv_cov)
        data, x = self.dataset.T @ whitening, x.T @ whitening
        log_norm = lnp.sum(lnp.log(lnp.diagonal(whitening))) - 0.5 * self.d * math.log(2 * math.pi)
        return log_norm - 0.5 * lnp.sum(lnp.square(x[:, None] - data[None]), -1)

    def integrate_gaussian(self, mean: Any, cov: Any) -> Array:
        """The integral of the density times that of a normal distribution."""
        mean, cov = lnp.atleast_1d(lnp.squeeze(operand("gaussian_kde", mean))), lnp.atleast_2d(cov)
        for name, shape, wanted in (("mean", mean.shape, (self.d,)), ("cov", cov.shape, (self.d, self.d))):
            if shape != wanted:
                raise ValueError(f"gaussian_kde.integrate_gaussian: `{name}` has the shape {shape}, not {wanted}.")
        return _convolution(self.covariance + cov)(self, mean)

    def integrate_box_1d(self, low: Any, high: Any) -> Array:
        """The probability of values between low and high, in one dimension."""
        if self.d != 1:
            raise ValueError(f"gaussian_kde.integrate_box_1d: the density has {self.d} dimensions.")
        if np.ndim(low) or np.ndim(high):
            raise ValueError("gaussian_kde.integrate_box_1d: the limits are scalars.")
        deviation = lnp.sqrt(self.covariance[0, 0])
        above, below = ((limit - self.dataset[0]) / deviation for limit in (high, low))
        return lnp.sum(self.weights * (ndtr(above) - ndtr(below)))

    def integrate_kde(self, other: gaussian_kde) -> Array:
        """The integral of the product of two densities."""
        if other.d != self.d:
            raise ValueError(f"gaussian_kde.integrate_kde: the densities have {self.d} and {other.d} dimensions.")
        small, large = (self, other) if self.n < other.n else (other, self)
        convolution = _convolution(self.covariance + other.covariance)
        each = vmap(lambda mean: convolution(large, mean), in_axes=1)(small.dataset)
        return lnp.sum(each * small.weights)

    def resample(self, key: Any, shape: Any = ()) -> Array:
        """Random points of the density; the result has shape (d, *shape)."""
        index_key, noise_key = random.split(key)
        index = random.choice(index_key, self.n, tuple(shape), p=self.weights)
        center = lnp.zeros(self.d, self.covariance.dtype)
        noise = random.multivariate_normal(noise_key, center, self.covariance, tuple(shape), self.dataset.dtype)
        return self.dataset[:, index] + noise.T

    def integrate_box(self, low_bounds: Any, high_bounds: Any, maxpts: Any = None) -> Array:
        """Only in one dimension, see `integrate_box_1d`."""
        raise NotImplementedError("gaussian_kde.integrate_box: only integrate_box_1d exists.")

    def set_bandwidth(self, bw_method: Any = None) -> None:
        """An estimate does not change; make another one."""
        raise NotImplementedError(
            "gaussian_kde.set_bandwidth: make a new gaussian_kde(dataset, bw_method=...) instead."
        )

    def _points(self, points: Any) -> Array:
        x = lnp.atleast_2d(_real("points", points))
        if x.shape[0] == self.d:
            return x
        if x.shape == (1, self.d):
            return x.T
        raise ValueError(f"gaussian_kde: the points have {x.shape[0]} dimensions, the data has {self.d}.")


def _real(name: str, x: Any) -> Array:
    found = operand("scipy.stats.gaussian_kde", x, name)
    if dtypes.issubdtype(found.dtype, np.complexfloating):
        raise NotImplementedError(f"scipy.stats.gaussian_kde: `{name}` is complex. Pass real coordinates.")
    return found


def _convolution(covariance: Array) -> Callable[[gaussian_kde, Array], Array]:
    """The normal density of this covariance, summed over the points of an estimate around a mean."""
    inverse = lnp.linalg.inv(covariance)
    log_norm = -0.5 * (lnp.linalg.slogdet(covariance)[1] + covariance.shape[0] * math.log(2 * math.pi))

    def convolution(estimate: gaussian_kde, mean: Array) -> Array:
        difference = estimate.dataset - mean[:, None]
        exponents = -0.5 * lnp.sum(difference * (inverse @ difference), 0)
        return lnp.sum(lnp.exp(log_norm + exponents) * estimate.weights)

    return convolution

"""Normal numbers and those made from them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import Shape, broadcast_shape
from lamina.random._arguments import as_shape, begin, parameter, result_dtype
from lamina.random._discrete import rademacher_of
from lamina.random._keys import use
from lamina.random._threefry import Words, subkeys
from lamina.random._uniform import uniform_of

_ONE = np.float32(1)


def normal(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Standard normal numbers: mean 0, variance 1. Complex ones have that variance in all.

    Args:
        key: a random key.
        shape: of the result.
        dtype: a float or complex dtype; default: float32, or float64 with ``enable_x64``.

    The inverse of the distribution function is applied to uniform numbers.

    >>> import lamina as la
    >>> la.random.normal(la.random.key(0), (3,))
    Array([ 1.622642  ,  2.0252647 , -0.43359438], dtype=float32)
    """
    words, shape, dtype = begin("normal", key, shape, dtype, kind=np.inexact)
    return normal_of(words, shape, dtype)


def normal_of(key: Words, shape: Shape, dtype: np.dtype) -> Array:
    """Standard normal numbers, `shape` for each key."""
    if dtype.kind == "c":
        part = dtypes.to_real_dtype(dtype)
        re, im = (normal_of(k, shape, part) for k in subkeys(key))
        return lax.complex(re, im) / np.array(math.sqrt(2), dtype)
    low = np.nextafter(np.array(-1, dtype), np.array(0, dtype), dtype=dtype)
    return np.array(math.sqrt(2), dtype) * lax.erf_inv(uniform_of(key, shape, dtype, low, np.ones((), dtype)))


def truncated_normal(
    key: Any, lower: Any, upper: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None
) -> Array:
    """Standard normal numbers given that they are in the open interval (lower, upper).

    >>> import lamina as la
    >>> la.random.truncated_normal(la.random.key(0), -1, 1, (3,))
    Array([ 0.86185944,  0.9412884 , -0.29104838], dtype=float32)
    """
    words, shape, dtype = begin("truncated_normal", key, shape, dtype, lower, upper)
    root = np.array(math.sqrt(2), dtype)
    lower, upper = (parameter("truncated_normal", name, x, dtype) for name, x in (("lower", lower), ("upper", upper)))
    u = uniform_of(words, shape, dtype, lax.erf(lower / root), lax.erf(upper / root))
    inside = [
        lnp.nextafter(lax.stop_gradient(x), np.array(direction, dtype))
        for x, direction in ((lower, math.inf), (upper, -math.inf))
    ]
    return lnp.clip(root * lax.erf_inv(u), *inside)


def lognormal(key: Any, sigma: Any = _ONE, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers whose logarithm is normal with mean 0 and standard deviation sigma.

    >>> import lamina as la
    >>> la.random.lognormal(la.random.key(0), 1.0, (2,))
    Array([5.066458, 7.578117], dtype=float32)
    """
    words, shape, dtype = begin("lognormal", key, shape, dtype, sigma, kind=np.inexact)
    return lnp.exp(normal_of(words, shape, dtype) * parameter("lognormal", "sigma", sigma, dtype, safely=True))


def maxwell(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """The length of a standard normal vector in three dimensions: density ∝ x² exp(−x²/2).

    >>> import lamina as la
    >>> la.random.maxwell(la.random.key(0), (2,))
    Array([2.6310966 , 0.99103296], dtype=float32)
    """
    words, shape, dtype = begin("maxwell", key, shape, dtype)
    return _maxwell_of(words, shape, dtype)


def _maxwell_of(key: Words, shape: Shape, dtype: np.dtype) -> Array:
    vectors = normal_of(key, (*shape, 3), dtype)
    return lnp.sqrt(lnp.sum(vectors * vectors, -1))


def double_sided_maxwell(key: Any, loc: Any, scale: Any, shape: Any = (), dtype: Any = None) -> Array:
    """`maxwell` times the scale, with a random sign, around loc; `shape` goes before that of loc and scale.

    >>> import lamina as la
    >>> la.random.double_sided_maxwell(la.random.key(0), 0.0, 1.0, (2,))
    Array([1.5457212, 1.5741276], dtype=float32)
    """
    dtype = result_dtype("double_sided_maxwell", dtype)
    shape = as_shape("double_sided_maxwell", shape)
    lengths, signs = subkeys(use("double_sided_maxwell", key))
    own = broadcast_shape("random.double_sided_maxwell", [np.shape(loc), np.shape(scale)], ["loc", "scale"])
    shape = (*(shape or own), *own)
    return rademacher_of(signs, shape, dtype) * _maxwell_of(lengths, shape, dtype) * scale + loc


def wald(key: Any, mean: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the Wald (inverse Gaussian) distribution with a mean and scale 1.

    By the method of J. Michael, W. Schucany and R. Haas, The American Statistician 30 (1976).

    >>> import lamina as la
    >>> la.random.wald(la.random.key(0), 1.0, (2,))
    Array([0.38059747, 0.41566533], dtype=float32)
    """
    words, shape, dtype = begin("wald", key, shape, dtype, mean)
    first, second = subkeys(words)
    mean = lnp.broadcast_to(parameter("wald", "mean", mean, dtype, safely=True), shape)
    y = lnp.square(normal_of(first, shape, dtype))
    z = uniform_of(second, shape, dtype)
    mean_squared = lnp.square(mean)
    root = lnp.sqrt(4 * mean * y + mean_squared * lnp.square(y))
    x = mean + mean_squared * y / 2 - mean / 2 * root
    return lnp.where(z <= mean / (mean + x), x, mean_squared / x)

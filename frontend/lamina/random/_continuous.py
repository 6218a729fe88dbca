"""Continuous distributions by functions of uniform numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.config import config
from lamina.numpy._operands import Shape
from lamina.random._arguments import begin, parameter
from lamina.random._threefry import Words, random_bits
from lamina.random._uniform import uniform_of


def exponential(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Exponentially distributed numbers of mean 1: density exp(−x) for x ≥ 0.

    >>> import lamina as la
    >>> la.random.exponential(la.random.key(0), (3,))
    Array([2.950128  , 3.8434246 , 0.40390354], dtype=float32)
    """
    words, shape, dtype = begin("exponential", key, shape, dtype)
    return exponential_of(words, shape, dtype)


def exponential_of(key: Words, shape: Shape, dtype: np.dtype) -> Array:
    """Exponential numbers, `shape` for each key."""
    return -lnp.log1p(-uniform_of(key, shape, dtype))


def laplace(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the Laplace distribution: density exp(−|x|) / 2.

    >>> import lamina as la
    >>> la.random.laplace(la.random.key(0), (2,))
    Array([-2.2569816, -3.1502788], dtype=float32)
    """
    words, shape, dtype = begin("laplace", key, shape, dtype)
    low = np.array(-1 + dtypes.finfo(dtype).epsneg, dtype)
    u = uniform_of(words, shape, dtype, low, np.ones((), dtype))
    return lnp.sign(u) * lnp.log1p(-lnp.abs(u))


def logistic(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the logistic distribution: density exp(−x) / (1 + exp(−x))².

    >>> import lamina as la
    >>> la.random.logistic(la.random.key(0), (2,))
    Array([2.896376 , 3.8217716], dtype=float32)
    """
    words, shape, dtype = begin("logistic", key, shape, dtype)
    u = _positive(words, shape, dtype)
    return lnp.log(u) - lnp.log1p(-u)


def _positive(key: Words, shape: Shape, dtype: np.dtype) -> Array:
    """Uniform numbers in (0, 1)."""
    return uniform_of(key, shape, dtype, np.array(dtypes.finfo(dtype).tiny, dtype), np.ones((), dtype))


def cauchy(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the Cauchy distribution: density 1 / (π (1 + x²)).

    >>> import lamina as la
    >>> la.random.cauchy(la.random.key(0), (3,))
    Array([ 6.0274944 , 14.837895  , -0.58172226], dtype=float32)
    """
    words, shape, dtype = begin("cauchy", key, shape, dtype)
    u = uniform_of(words, shape, dtype, np.array(dtypes.finfo(dtype).eps, dtype), np.ones((), dtype))
    return lnp.tan(np.array(math.pi, dtype) * (u - 0.5))


def gumbel(key: Any, shape: Any = (), dtype: Any = None, mode: str | None = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the Gumbel distribution: density exp(−(x + exp(−x))).

    Args:
        key: a random key.
        shape: of the result.
        dtype: a float dtype; default: float32, or float64 with ``enable_x64``.
        mode: "low" draws one uniform number each, so that large ones are missing (float32: above 17); "high" draws
            two, and "highest" (float32) uses 64 bits. Default: "low", or "high" with `high_dynamic_range_gumbel`.

    Raises: ValueError for another mode or dtype.

    >>> import lamina as la
    >>> la.random.gumbel(la.random.key(0), (3,))
    Array([ 2.9233725 ,  3.8326178 , -0.09689324], dtype=float32)
    """
    words, shape, dtype = begin("gumbel", key, shape, dtype)
    return gumbel_of("gumbel", words, shape, dtype, mode)


def gumbel_of(function: str, key: Words, shape: Shape, dtype: np.dtype, mode: str | None) -> Array:
    """Gumbel numbers."""
    mode = mode or ("high" if config.high_dynamic_range_gumbel else "low")
    if mode not in ("low", "high", "highest"):
        raise ValueError(f"random.{function}: mode is 'low', 'high' or 'highest', not {mode!r}.")
    if mode == "low":
        return -lnp.log(-lnp.log(_positive(key, shape, dtype)))
    if mode == "highest" and dtype == np.float32:
        return _gumbel_of_64_bits(key, shape)
    info = dtypes.finfo(dtype)
    high, low = uniform_of(key, (2, *shape), dtype)
    x = lnp.where(high >= 0.5, high, high + 2.0**-info.nmant * low + np.array(info.tiny, dtype))
    return -lnp.log(-lnp.log1p(-x))


def _gumbel_of_64_bits(key: Words, shape: Shape) -> Array:
    """float32 numbers from u = bits / 2⁶⁴, or from 1 − u where that is the smaller one."""
    high, low = random_bits(key, 32, (2, *shape))
    is_low_half = high < np.uint32(2**31)
    carry = (low == 0).astype(np.uint32)
    x = _fraction(lnp.where(is_low_half, high, ~high + carry), lnp.where(is_low_half, low, ~low + np.uint32(1)))
    return lnp.where(is_low_half, -lnp.log(-lnp.log1p(-x)), -lnp.log(-lnp.log(x)))


def _fraction(high: Array, low: Array) -> Array:
    """The 64-bit integer over 2⁶⁴ as a float32, cut; made of bits, since many processors round or flush it."""
    zeros, low_zeros = lax.clz(high), lax.clz(low)
    in_low = zeros == 32
    leading = lax.shift_left(high, zeros) | lnp.where(
        in_low, lax.shift_left(low, low_zeros), lax.shift_right_logical(low, 32 - zeros)
    )
    mantissa = (leading >> np.uint32(8)) & np.uint32(2**23 - 1)
    exponent = (np.uint32(126) - lnp.where(in_low, 32 + low_zeros, zeros)) << np.uint32(23)
    return lax.bitcast_convert_type((exponent & np.uint32(2**30 - 2**22)) | mantissa, np.float32)


def weibull_min(key: Any, scale: Any, concentration: Any, shape: Any = (), dtype: Any = None) -> Array:
    """Numbers of the Weibull distribution: density ∝ x^(c − 1) exp(−(x / scale)^c) for x > 0, c the concentration.

    >>> import lamina as la
    >>> la.random.weibull_min(la.random.key(0), 1.0, 2.0, (2,))
    Array([1.7175937, 1.9604654], dtype=float32)
    """
    words, shape, dtype = begin("weibull_min", key, shape, dtype)
    return lnp.power(exponential_of(words, shape, dtype), 1.0 / concentration) * scale


def pareto(key: Any, b: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the Pareto distribution: density b / x^(b + 1) for x ≥ 1.

    >>> import lamina as la
    >>> la.random.pareto(la.random.key(0), 2.0, (3,))
    Array([4.3713155, 6.8326483, 1.223789 ], dtype=float32)
    """
    words, shape, dtype = begin("pareto", key, shape, dtype, b)
    return lnp.exp(exponential_of(words, shape, dtype) / parameter("pareto", "b", b, dtype, safely=True))


def rayleigh(key: Any, scale: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the Rayleigh distribution: density ∝ x exp(−x² / (2 scale²)) for x > 0.

    >>> import lamina as la
    >>> la.random.rayleigh(la.random.key(0), 1.0, (2,))
    Array([0.32787833, 0.20810027], dtype=float32)
    """
    words, shape, dtype = begin("rayleigh", key, shape, dtype, scale)
    u = uniform_of(words, shape, dtype)
    return parameter("rayleigh", "scale", scale, dtype, safely=True) * lnp.sqrt(lnp.log(u) * -2)


def triangular(
    key: Any, left: Any, mode: Any, right: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None
) -> Array:
    """Numbers between left and right whose density is a triangle with its top at mode.

    >>> import lamina as la
    >>> la.random.triangular(la.random.key(0), 0.0, 1.0, 2.0, (2,))
    Array([1.6764787, 1.7930212], dtype=float32)
    """
    words, shape, dtype = begin("triangular", key, shape, dtype, left, mode, right)
    left, mode, right = (
        lnp.broadcast_to(parameter("triangular", name, x, dtype, safely=True), shape)
        for name, x in (("left", left), ("mode", mode), ("right", right))
    )
    u = uniform_of(words, shape, dtype)
    rising = left + lnp.sqrt(u * (right - left) * (mode - left))
    falling = right - lnp.sqrt((1 - u) * (right - left) * (right - mode))
    return lnp.where(u < (mode - left) / (right - left), rising, falling)

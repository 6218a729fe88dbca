"""Uniform numbers: bits, floats in an interval, integers in a range."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy._operands import Shape, operand
from lamina.random._arguments import as_shape, begin, parameter, result_shape
from lamina.random._keys import use
from lamina.random._threefry import UINT, Words, random_bits, subkeys
from lamina_compiler.opdef import REGISTRY

_FMA = REGISTRY["fma"]


def bits(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Random bits as unsigned integers of a shape; dtype: uint32, or uint64 with ``enable_x64``, by default.

    Raises: ValueError for a dtype that is not unsigned.

    >>> import lamina as la
    >>> la.random.bits(la.random.key(0), (2,), "uint8")
    Array([167, 146], dtype=uint8)
    """
    words = use("bits", key)
    found = dtypes.canonicalize_dtype("uint64") if dtype is None else dtypes.check_user_dtype_supported(dtype, "bits")
    if not dtypes.issubdtype(found, np.unsignedinteger):
        raise ValueError(f"random.bits gives unsigned integers: its dtype cannot be {found}.")
    return random_bits(words, 8 * found.itemsize, as_shape("bits", shape))


def uniform(
    key: Any,
    shape: Any = (),
    dtype: Any = None,
    minval: Any = 0.0,
    maxval: Any = 1.0,
    *,
    out_sharding: Any = None,
) -> Array:
    """Uniformly distributed floats in [minval, maxval).

    Args:
        key: a random key.
        shape: of the result; minval and maxval broadcast to it.
        dtype: a float dtype; default: float32, or float64 with ``enable_x64``.

    Raises: ValueError for another dtype.

    >>> import lamina as la
    >>> la.random.uniform(la.random.key(0), (3,))
    Array([0.947667  , 0.9785799 , 0.33229148], dtype=float32)
    """
    words, shape, dtype = begin("uniform", key, shape, dtype)
    if not (_is(minval, 0) and _is(maxval, 1)):
        minval = parameter("uniform", "minval", minval, dtype)
        maxval = parameter("uniform", "maxval", maxval, dtype)
        result_shape("uniform", shape, minval.shape, maxval.shape)
    return uniform_of(words, shape, dtype, minval, maxval)


def _is(x: Any, number: int) -> bool:
    return isinstance(x, (int, float)) and x == number


def uniform_of(key: Words, shape: Shape, dtype: np.dtype, minval: Any = 0.0, maxval: Any = 1.0) -> Array:
    """Uniform floats, `shape` for each key: random fractions between 1 and 2, moved to the interval."""
    info = dtypes.finfo(dtype)
    width = 8 if info.nmant < 8 else info.bits
    unsigned = UINT[info.bits]
    fraction = random_bits(key, width, shape).astype(unsigned) >> (width - info.nmant)
    one = np.ones((), dtype)
    floats = lax.bitcast_convert_type(fraction | one.view(unsigned), dtype) - 1
    if _is(minval, 0) and _is(maxval, 1):
        return floats
    span = maxval - minval
    if dtype.itemsize < 4:
        return lnp.maximum(minval, floats * span + minval)
    # rounded once, as XLA does it
    scaled = bind(_FMA, floats, *(lnp.broadcast_to(x, floats.shape) for x in (span, minval)))
    return lnp.maximum(minval, scaled)


def randint(key: Any, shape: Any, minval: Any, maxval: Any, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Uniformly distributed integers in [minval, maxval); minval where the range is empty.

    Args:
        key: a random key.
        shape: of the result; minval and maxval broadcast to it.
        dtype: an integer dtype; default: int32, or int64 with ``enable_x64``.

    The remainder of twice as many bits as the dtype has (at least 64) is taken, which favours some integers by less
    than (maxval − minval) / 2³².

    Raises: TypeError for another dtype.

    >>> import lamina as la
    >>> la.random.randint(la.random.key(0), (5,), 0, 10)
    Array([9, 0, 2, 3, 1], dtype=int32)
    """
    words = use("randint", key)
    found = dtypes.check_user_dtype_supported(int if dtype is None else dtype, "random.randint")
    if not dtypes.issubdtype(found, np.integer):
        raise TypeError(f"random.randint gives integers: its dtype cannot be {found}.")
    low, high = (operand("random.randint", x, name) for x, name in ((minval, "minval"), (maxval, "maxval")))
    shape = result_shape("randint", shape, low.shape, high.shape)
    sampled = found
    if found.itemsize < 4:
        info, sampled = dtypes.iinfo(found), np.dtype("int32")
        low = lnp.clip(low.astype(sampled), int(info.min), int(info.max))
        high = lnp.clip(high.astype(sampled), int(info.min), int(info.max) + 1)
    low, high = (x if dtypes.issubdtype(x.dtype, np.integer) else x.astype(int) for x in (low, high))
    return integers_of(words, shape, low, high, sampled).astype(found)


def integers_of(key: Words, shape: Shape, low: Array, high: Array, dtype: np.dtype) -> Array:
    """Integers in [low, high), of a dtype with 32 bits at least."""
    last = dtypes.iinfo(dtype).max
    includes_last = high > _clipped(lnp.asarray(last, dtype), high.dtype)
    low, high = _clipped(low, dtype), _clipped(high, dtype)
    width = 8 * dtype.itemsize
    higher, lower = (random_bits(k, width, shape) for k in subkeys(key))
    span = lnp.where(high <= low, 1, (high - low).astype(UINT[width]))
    span = lnp.where(includes_last & (high > low), span + 1, span)  # 0 stands for all integers: x rem 0 is x
    span = lnp.broadcast_to(span, shape)
    # 2**width rem span, without that number
    multiplier = lax.rem(lax.full_like(span, 2 ** (width // 2)), span)
    multiplier = lax.rem(multiplier * multiplier, span)
    offset = lax.rem(lax.rem(higher, span) * multiplier + lax.rem(lower, span), span)
    return low + offset.astype(dtype)


def _clipped(x: Array, dtype: np.dtype) -> Array:
    """Integers of another dtype; those it does not have become its nearest."""
    own, target = dtypes.iinfo(x.dtype), dtypes.iinfo(dtype)
    return lnp.clip(x, max(int(own.min), int(target.min)), min(int(own.max), int(target.max))).astype(dtype)

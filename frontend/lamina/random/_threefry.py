"""Keys as pairs of words: seeds, splitting, and random bits, by Threefry-2x32 in counter mode.

Bit for bit the numbers of JAX's generator ``threefry2x32``, with either value of the option ``threefry_partitionable``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.binding import bind
from lamina.config import config
from lamina.numpy._operands import expanded, filled
from lamina_compiler.opdef import REGISTRY

_U32 = np.dtype("uint32")
_ENCRYPT = REGISTRY["threefry2x32"]
UINT = {width: np.dtype(f"uint{width}") for width in (8, 16, 32, 64)}


class Words(NamedTuple):
    """The two words of a key, or of keys as two arrays of their shape."""

    k0: Array
    k1: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.k0.shape

    def at(self, *index: Any) -> Words:
        """The keys at an index."""
        return Words(self.k0[index], self.k1[index])


def seeded(seed: Array) -> Words:
    """The key of an integer: its high and its low word."""
    low = seed.astype(_U32)
    wide = seed.dtype.itemsize == 8
    return Words(lax.shift_right_logical(seed, 32).astype(_U32) if wide else lnp.zeros_like(low), low)


def split_words(key: Words, shape: Sequence[int] = (2,)) -> Words:
    """Fresh keys, `shape` of each."""
    size = math.prod(shape)
    if config.threefry_partitionable:
        found = _encrypt(key, *_counters(size))
    else:
        pairs = _encrypt_halves(key, 2 * size)
        found = Words(pairs[..., 0::2], pairs[..., 1::2])
    shape = (*key.shape, *shape)
    return Words(lax.reshape(found.k0, shape), lax.reshape(found.k1, shape))


def subkeys(key: Words, count: int = 2) -> list[Words]:
    """`count` fresh keys of each."""
    keys = split_words(key, (count,))
    return [keys.at(..., i) for i in range(count)]


def fold_words(key: Words, data: Array) -> Words:
    """The keys that a key and 32-bit words make."""
    high, low = filled((1,), 0, _U32), lax.reshape(data, (1,))
    found = _encrypt(key, high, low)
    return Words(lax.reshape(found.k0, key.shape), lax.reshape(found.k1, key.shape))


def random_bits(key: Words, width: int, shape: Sequence[int]) -> Array:
    """Unsigned integers of a width of 8, 16, 32 or 64 bits, `shape` for each key."""
    size = math.prod(shape)
    flat = _bits if config.threefry_partitionable else _packed_bits
    return lax.reshape(flat(key, width, size), (*key.shape, *shape))


def _bits(key: Words, width: int, size: int) -> Array:
    y0, y1 = _encrypt(key, *_counters(size))
    if width == 64:
        return (y0.astype(UINT[64]) << 32) | y1.astype(UINT[64])
    return (y0 ^ y1).astype(UINT[width])


def _packed_bits(key: Words, width: int, size: int) -> Array:
    """As many words as the bits fill."""
    words = _encrypt_halves(key, -(-width * size // 32))
    if width == 64:
        return (words[..., :size].astype(UINT[64]) << 32) | words[..., size:].astype(UINT[64])
    if width == 32:
        return words
    parts = words[..., None] >> lnp.arange(0, 32, width, dtype=_U32)
    return lax.reshape(parts.astype(UINT[width]), (*key.shape, parts.shape[-1] * words.shape[-1]))[..., :size]


def _counters(size: int) -> tuple[Array, Array]:
    """0, 1, … as high and low words."""
    if size > 2**32:
        raise NotImplementedError(f"{size} random numbers of one key: at most 2**32 are drawn at once. Split the key.")
    return filled((size,), 0, _U32), lax.iota(_U32, size)


def _encrypt(key: Words, high: Array, low: Array) -> Words:
    """Vectors of counters under every key."""
    shape = (*key.shape, *low.shape)
    words = [lax.broadcast_in_dim(k, shape, range(k.ndim)) for k in key]
    return Words(*bind(_ENCRYPT, *words, expanded(high, shape), expanded(low, shape)))


def _encrypt_halves(key: Words, size: int) -> Array:
    """`size` words: the counters' first half is encrypted together with their second."""
    half = -(-size // 2)
    low = lax.iota(_U32, half)
    high = low + np.uint32(half)
    if size % 2:
        high = lnp.where(low == half - 1, np.uint32(0), high)
    return lnp.concatenate(_encrypt(key, low, high), -1)[..., :size]

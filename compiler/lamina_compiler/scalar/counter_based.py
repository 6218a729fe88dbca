"""Threefry-2x32, the counter-based generator behind random numbers, and Philox-4x32, the one of `rng_bit_generator`.

J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, with 20 rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .value import Value

PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry2x32(k0: Value, k1: Value, x0: Value, x1: Value) -> tuple[Value, Value]:
    """Two words of u32 encrypted under a key of two."""
    keys = (k0, k1, k0 ^ k1 ^ PARITY)
    x0, x1 = x0 + k0, x1 + k1
    for i in range(5):
        for rotation in ROTATIONS[i % 2]:
            x0 = x0 + x1
            x1 = ((x1 << rotation) | (x1 >> (32 - rotation))) ^ x0
        x0, x1 = x0 + keys[(i + 1) % 3], x1 + (keys[(i + 2) % 3] + (i + 1))
    return x0, x1


def philox4x32(k0: Value, k1: Value, x0: Value, x1: Value, x2: Value, x3: Value) -> tuple[Value, ...]:
    """Four words of u32 encrypted under a key of two, by Philox with 10 rounds."""
    return philox_rounds(_product, k0, k1, x0, x1, x2, x3)


def philox_rounds(product: Callable[[Any, int], tuple[Any, Any]], k0: Any, k1: Any, *words: Any) -> tuple[Any, ...]:
    """`philox4x32` by a function that gives the low and the high word of a product."""
    x0, x1, x2, x3 = words
    for _ in range(10):
        low0, high0 = product(x0, 0xD2511F53)
        low1, high1 = product(x2, 0xCD9E8D57)
        x0, x1, x2, x3 = high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0
        k0, k1 = k0 + 0x9E3779B9, k1 + 0xBB67AE85
    return x0, x1, x2, x3


def _product(x: Value, factor: int) -> tuple[Value, Value]:
    return x.emitter.operation_pair("arith.mului_extended", (x, x.lift(factor)), "u32")


def wrap(k0: Value, k1: Value) -> Value:
    """A key of its two words."""
    return ((k1.cast("extui", "u64") << 32) | k0.cast("extui", "u64")).bitcast("key<fry>")


def word0(key: Value) -> Value:
    """First word of a key."""
    return key.cast("trunci", "u32")


def word1(key: Value) -> Value:
    """Second word of a key."""
    return key.shift_right_logical(32).cast("trunci", "u32")

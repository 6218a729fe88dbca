"""Bits of the generators that XLA has, with their state in the hands of the caller."""

from __future__ import annotations

import enum
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_operand
from lamina.lax._shapes import broadcast_in_dim, iota, reshape
from lamina_compiler.opdef import REGISTRY

__all__ = ["RandomAlgorithm", "rng_bit_generator", "rng_uniform"]

_U32 = np.dtype("uint32")
_WIDTHS = tuple(np.dtype(f"uint{width}") for width in (8, 16, 32, 64))


class RandomAlgorithm(enum.IntEnum):
    """The generators of `rng_bit_generator`.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> key, bits = lax.rng_bit_generator(lnp.zeros(4, lnp.uint32), (2,), algorithm=lax.RandomAlgorithm.RNG_THREE_FRY)
    >>> bits.shape
    (2,)
    """

    RNG_DEFAULT = 0
    RNG_THREE_FRY = 1
    RNG_PHILOX = 2


def rng_bit_generator(
    key: Any,
    shape: Sequence[int],
    dtype: Any = np.uint32,
    algorithm: RandomAlgorithm = RandomAlgorithm.RNG_DEFAULT,
    *,
    out_sharding: Any = None,
) -> tuple[Array, Array]:
    """The next state of a generator, and random bits. `lamina.random` is the usual way to random numbers.

    Args:
        key: the state, a uint32 array of 4 words (or a uint64 array of 2): a key and a counter, low words first.
        shape, dtype: of the bits; an unsigned dtype.
        algorithm: Philox-4x32 (the default) or Threefry-2x32, with XLA's order of the words.

    Raises: DTypeError for another state or dtype.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.rng_bit_generator(lnp.array([1, 2, 3, 4], "uint32"), (2,))
    (Array([1, 2, 4, 4], dtype=uint32), Array([ 512747620, 1298009047], dtype=uint32))
    """
    state = as_operand("rng_bit_generator", key, "key")
    found = dtypes.check_user_dtype_supported(dtype, "lax.rng_bit_generator")
    if found not in _WIDTHS:
        raise errors.DTypeError(f"lax.rng_bit_generator gives unsigned integers: its dtype cannot be {found}.")
    if (state.dtype, state.shape) not in ((_U32, (4,)), (np.dtype("uint64"), (2,))):
        raise errors.DTypeError(
            f"lax.rng_bit_generator: the state is {state.type}.", cure="Pass a uint32 array of 4 words."
        )
    words = _words(state) if state.dtype.itemsize == 8 else [state[i] for i in range(4)]
    shape = tuple(int(n) for n in shape)
    generate = _threefry if RandomAlgorithm(algorithm) == RandomAlgorithm.RNG_THREE_FRY else _philox
    bits, count = generate(words, shape, found)
    low, high = _moved(words[2], words[3], np.uint32(count & (2**32 - 1)))
    return _state([words[0], words[1], low, high + np.uint32(count >> 32)], state.dtype), bits


def _words(state: Array) -> list[Array]:
    return [part.astype(_U32) for x in (state[0], state[1]) for part in (x, x >> 32)]


def _state(words: list[Array], dtype: np.dtype) -> Array:
    from lamina import numpy as lnp

    if dtype == _U32:
        return lnp.stack(words)
    return lnp.stack([_joined(*words[:2]), _joined(*words[2:])])


def _joined(low: Array, high: Array) -> Array:
    return low.astype("uint64") | (high.astype("uint64") << 32)


def _moved(low: Array, high: Array, by: Any) -> tuple[Array, Array]:
    """A 64-bit counter plus a word."""
    total = low + by
    return total, high + (total < low).astype(_U32)


def _encrypted(name: str, words: list[Array], size: int) -> Sequence[Array]:
    """The counters from the state's on under its key, as parallel words; Philox's counter ends with the key."""
    low, high = _moved(words[2], words[3], iota(_U32, size))
    keys = [broadcast_in_dim(k, (size,), ()) for k in words[:2]]
    return bind(REGISTRY[name], *keys, low, high, *(keys if name == "philox4x32" else ()))


def _philox(words: list[Array], shape: tuple[int, ...], dtype: np.dtype) -> tuple[Array, int]:
    """All words of one counter after the other."""
    from lamina import numpy as lnp

    size = math.prod(shape)
    count = -(-size * max(dtype.itemsize, 4) // 16)
    found = lnp.stack(_encrypted("philox4x32", words, count), -1)
    if dtype.itemsize == 8:
        found = _joined(found[:, 0::2], found[:, 1::2])
    return reshape(lnp.ravel(found)[:size], shape).astype(dtype), count


def _threefry(words: list[Array], shape: tuple[int, ...], dtype: np.dtype) -> tuple[Array, int]:
    """The two words of a counter are neighbours along one dimension: the first even one, else the first longest."""
    from lamina import numpy as lnp

    if dtype.itemsize == 8:
        size = math.prod(shape)
        return reshape(_joined(*_encrypted("threefry2x32", words, size)), shape), size
    sizes = shape or (1,)
    dimension = next((i for i, n in enumerate(sizes) if n % 2 == 0), sizes.index(max(sizes)))
    half = [-(-n // 2) if i == dimension else n for i, n in enumerate(sizes)]
    pair = [reshape(x, half) for x in _encrypted("threefry2x32", words, math.prod(half))]
    joined = reshape(lnp.stack(pair, dimension + 1), [n * 2 if i == dimension else n for i, n in enumerate(half)])
    kept = tuple(slice(n) for n in sizes)
    return reshape(joined[kept], shape).astype(dtype), math.prod(half)


def rng_uniform(a: Any, b: Any, shape: Sequence[int]) -> Array:
    """Uniformly distributed numbers in [a, b) that differ from call to call. `lamina.random` gives reproducible ones.

    Args:
        a, b: scalars of one dtype, of floats or integers.
        shape: of the result.

    The seed comes from the operating system each time the program is there.

    Raises: DTypeError for different dtypes, ShapeError unless a and b are scalars.

    >>> import lamina.lax as lax
    >>> lax.rng_uniform(0.0, 1.0, (2, 3)).shape
    (2, 3)
    """
    from lamina import random
    from lamina._callbacks import io_callback
    from lamina._shapes import ShapeDtypeStruct

    low, high = (as_operand("rng_uniform", x, name) for x, name in ((a, "a"), (b, "b")))
    if low.dtype != high.dtype:
        raise errors.DTypeError(f"lax.rng_uniform: `a` is of dtype {low.dtype}, `b` of {high.dtype}.")
    if low.shape or high.shape:
        raise errors.ShapeError("lax.rng_uniform", "the bounds must be scalars", a=low.shape, b=high.shape)
    key = io_callback(_fresh_key, ShapeDtypeStruct((2,), _U32))
    if dtypes.issubdtype(low.dtype, np.integer):
        return random.randint(key, tuple(shape), low, high, low.dtype)
    return random.uniform(key, tuple(shape), low.dtype, low, high)


def _fresh_key() -> np.ndarray:
    return np.random.default_rng().integers(0, 2**32, 2, np.uint32)

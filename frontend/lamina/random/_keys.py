"""Keys: made from seeds, split, folded, and seen as plain words.

A key is a typed scalar (`key`, dtype ``key<fry>``) or, in the older style, two uint32 words (`PRNGKey`). All functions
take both kinds and give keys of the kind they got.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina import numpy as lnp
from lamina._key_dtype import EXTENDED, KeyDType
from lamina._key_dtype import words as words_of_keys
from lamina._key_reuse import consume
from lamina.array import Array, ConcreteArray, from_numpy
from lamina.binding import bind
from lamina.config import config
from lamina.numpy._operands import operand
from lamina.random._threefry import Words, fold_words, seeded, split_words
from lamina.tracer import as_array
from lamina.tracing import current_trace
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.types import KEY

_WRAP, _WORDS = REGISTRY["random_wrap"], (REGISTRY["random_word0"], REGISTRY["random_word1"])
_WORD_COUNT = 2


def key(seed: Any, *, impl: Any = None, dtype: Any = None) -> Array:
    """A typed key from an integer.

    Args:
        seed: an integer scalar. Without ``enable_x64`` its low 32 bits count, else 64.
        impl: the generator: "threefry2x32" or a key dtype. Default: the option ``default_prng_impl``.
        dtype: the same.

    Raises: TypeError for a seed that is no integer scalar, ValueError for an unknown generator.

    >>> import lamina as la
    >>> la.random.key(42)
    Array((), dtype=key<fry>) overlaying:
    [ 0 42]
    """
    return _typed(_from_seed("key", seed, _one_of(impl, dtype)))


def PRNGKey(seed: Any, *, impl: Any = None) -> Array:
    """A key in the older style, a uint32 array of two words, from an integer; see `key`.

    >>> import lamina as la
    >>> la.random.PRNGKey(42)
    Array([ 0, 42], dtype=uint32)
    """
    words = _from_seed("PRNGKey", seed, impl)
    return _typed(words) if config.enable_custom_prng else _raw(words)


def split(key: Any, num: int | Sequence[int] = 2) -> Array:
    """Fresh keys that are independent of each other, along new leading axes: `num` of them, or an array of a shape.

    The key itself must not be used any more.

    >>> import lamina as la
    >>> first, second = la.random.split(la.random.key(0))
    """
    words = use("split", key)
    shape = tuple(num) if isinstance(num, Sequence) else (num,)
    return _like(key, split_words(words, tuple(int(n) for n in shape)))


def fold_in(key: Any, data: Any) -> Array:
    """The key that a key and a 32-bit integer make: one for every step, layer or example.

    >>> import lamina as la
    >>> key = la.random.key(0)
    >>> [la.random.fold_in(key, step) for step in range(3)][1] == key
    Array(False, dtype=bool)
    """
    words = words_of("fold_in", key)
    if np.ndim(data):
        raise TypeError(f"random.fold_in takes a scalar, not data of shape {np.shape(data)}. Use vmap for many.")
    if isinstance(data, (bool, int)):
        return _like(key, fold_words(words, from_numpy(np.array(data, np.uint32))))
    return _like(key, fold_words(words, lnp.astype(operand("random.fold_in", data, "data"), np.uint32)))


def clone(key: Any) -> Array:
    """The same key as one that has not been used yet, for the option ``debug_key_reuse``.

    >>> import lamina as la
    >>> key = la.random.key(0)
    >>> bool(la.random.clone(key) == key)
    True
    """
    if is_typed(key):
        return _typed(words_of("clone", key, batched=True))
    return as_array(key)


def key_data(keys: Any) -> Array:
    """The words of keys: a uint32 array with a new last axis of 2.

    >>> import lamina as la
    >>> la.random.key_data(la.random.key(42))
    Array([ 0, 42], dtype=uint32)
    """
    words = words_of("key_data", keys, batched=True)
    return _raw(words)


def wrap_key_data(key_bits_array: Any, *, impl: Any = None, dtype: Any = None) -> Array:
    """Typed keys from their words, the inverse of `key_data`.

    Raises: TypeError unless it is a uint32 array with a last axis of 2.

    >>> import lamina as la, lamina.numpy as lnp
    >>> key = la.random.wrap_key_data(lnp.array([0, 42], lnp.uint32))
    >>> bool(key == la.random.key(42))
    True
    """
    key_dtype(_one_of(impl, dtype))
    return _typed(_words_of_raw("wrap_key_data", key_bits_array))


def key_impl(keys: Any) -> str:
    """The name of the generator that keys are for.

    >>> import lamina as la
    >>> la.random.key_impl(la.random.key(0))
    'threefry2x32'
    """
    return keys.dtype.impl if is_typed(keys) else config.default_prng_impl


def key_dtype(impl_spec: Any = None) -> KeyDType:
    """The dtype of the typed keys of a generator.

    >>> import lamina as la
    >>> la.random.key_dtype()
    key<fry>
    """
    name = config.default_prng_impl if impl_spec is None else impl_spec
    for found in EXTENDED.values():
        if name == found.impl or (isinstance(name, KeyDType) and name == found):
            return found
    if not isinstance(name, (str, KeyDType)):
        raise TypeError(f"A generator is given by its name or a key dtype, not by {impl_spec!r}.")
    known = ", ".join(repr(found.impl) for found in EXTENDED.values())
    raise ValueError(f"There is no random generator {name!r}. Lamina has {known}.")


# ---- keys of either kind as words -----------------------------------------------------------------------------------


def is_typed(key: Any) -> bool:
    return isinstance(key, Array) and key.type.dtype in KEY


def use(function: str, key: Any) -> Words:
    """The words of the one key that `function` uses up.

    Raises: TypeError for what is no key, ValueError for an array of several, KeyReuseError (with `debug_key_reuse`).
    """
    words = words_of(function, key)
    if config.debug_key_reuse and is_typed(key):
        consume(key)
    return words


def words_of(function: str, key: Any, batched: bool = False) -> Words:
    """The words of a key, or with `batched` of keys of any shape."""
    if is_typed(key):
        words = _words_of_typed(key)
    else:
        _judge_raw_keys()
        words = _words_of_raw(function, key)
    if words.shape and not batched:
        raise ValueError(f"random.{function} takes one key, not keys of shape {words.shape}. Use vmap for many.")
    return words


def _words_of_typed(keys: Array) -> Words:
    if isinstance(keys, ConcreteArray) and keys.is_on_host and current_trace() is None:
        return _columns(words_of_keys(keys.host()))
    return Words(*(bind(word, keys) for word in _WORDS))


def _words_of_raw(function: str, key: Any) -> Words:
    x = operand(f"random.{function}", key, "key")
    if x.dtype != np.uint32 or not x.ndim or x.shape[-1] != _WORD_COUNT:
        raise errors.JAXTypeError(
            f"random.{function} takes a random key, not an array {x.type}.",
            cure="Make keys with lamina.random.key(seed); in the older style they are uint32 arrays of shape (2,).",
        )
    if isinstance(x, ConcreteArray) and x.is_on_host and current_trace() is None:
        return _columns(x.host())
    return Words(x[..., 0], x[..., 1])


def _columns(data: np.ndarray) -> Words:
    return Words(*(from_numpy(np.asarray(data[..., i])) for i in range(_WORD_COUNT)))


def _judge_raw_keys() -> None:
    if config.legacy_prng_key == "allow":
        return
    message = "A plain uint32 array is used as a random key. Make keys with lamina.random.key(seed)."
    if config.legacy_prng_key == "error":
        raise ValueError(f"{message} The option legacy_prng_key='allow' permits them.")
    warnings.warn(message, stacklevel=4)


def _like(key: Any, words: Words) -> Array:
    """Keys of the kind of `key`."""
    return _typed(words) if is_typed(key) or config.enable_custom_prng else _raw(words)


def _typed(words: Words) -> Array:
    return bind(_WRAP, *words)


def _raw(words: Words) -> Array:
    if current_trace() is None and all(isinstance(k, ConcreteArray) and k.is_on_host for k in words):
        return from_numpy(np.stack([k.host() for k in words], -1))  # type: ignore[union-attr]
    return lnp.stack(words, -1)


def _one_of(impl: Any, dtype: Any) -> Any:
    if impl is not None and dtype is not None:
        raise ValueError("Give the generator as `impl` or as `dtype`, not both.")
    return dtype if impl is None else impl


def _from_seed(function: str, seed: Any, impl: Any) -> Words:
    key_dtype(impl)
    if is_typed(seed):
        raise TypeError(f"random.{function} takes an integer as seed, not a random key.")
    if np.ndim(seed):
        raise TypeError(f"random.{function} takes one seed, not an array of shape {np.shape(seed)}. Use vmap for many.")
    if isinstance(seed, int) and not isinstance(seed, bool):
        seed = np.int64(seed)  # whose high word is dropped without x64
    found = operand(f"random.{function}", seed, "seed")
    if not dtypes.issubdtype(found.dtype, np.integer):
        raise TypeError(f"random.{function} takes an integer as seed, not {seed!r} of dtype {found.dtype}.")
    return seeded(found)

"""Distributions of booleans, signs, counts and categories."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import Shape, normal_axis, operand, promoted
from lamina.random._arguments import begin, result_shape
from lamina.random._continuous import gumbel_of
from lamina.random._keys import use
from lamina.random._threefry import Words
from lamina.random._uniform import uniform_of


def bernoulli(key: Any, p: Any = 0.5, shape: Any = None, mode: str = "low", *, out_sharding: Any = None) -> Array:
    """Booleans that are True with probability p.

    Args:
        key: a random key.
        p: floats; they broadcast to the shape, which is theirs by default.
        mode: "high" compares twice as many random bits, for p below the spacing of uniform numbers (2⁻²³ in float32).

    Raises: TypeError where p is not of a float dtype, ValueError for another mode.

    >>> import lamina as la
    >>> la.random.bernoulli(la.random.key(0), 0.5, (4,))
    Array([False, False,  True,  True], dtype=bool)
    """
    if mode not in ("low", "high"):
        raise ValueError(f"random.bernoulli: mode is 'low' or 'high', not {mode!r}.")
    words = use("bernoulli", key)
    p = operand("random.bernoulli", p, "p")
    if not dtypes.issubdtype(p.dtype, np.floating):
        raise TypeError(f"random.bernoulli: the probability `p` is a float, not {p.dtype}.")
    shape = result_shape("bernoulli", shape, p.shape)
    if mode == "low":
        return uniform_of(words, shape, p.dtype) < p
    coarse, fine = uniform_of(words, (2, *shape), p.dtype)
    return fine * 2.0 ** -dtypes.finfo(p.dtype).nmant < p - coarse


def rademacher(key: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """−1 or 1 with equal probability.

    >>> import lamina as la
    >>> la.random.rademacher(la.random.key(0), (4,))
    Array([-1, -1,  1,  1], dtype=int32)
    """
    words = use("rademacher", key)
    found = dtypes.check_user_dtype_supported(int if dtype is None else dtype, "random.rademacher")
    return rademacher_of(words, result_shape("rademacher", shape), found)


def rademacher_of(key: Words, shape: Shape, dtype: np.dtype) -> Array:
    """Signs."""
    is_positive = uniform_of(key, shape, dtypes.canonicalize_dtype(float)) < 0.5
    return (2 * is_positive.astype(dtype) - 1).astype(dtype)


def geometric(key: Any, p: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """How many trials of probability p it takes to succeed once: k with probability (1 − p)^(k − 1) p, k ≥ 1.

    >>> import lamina as la
    >>> la.random.geometric(la.random.key(0), 0.1, (4,))
    Array([ 1,  1, 11,  8], dtype=int32)
    """
    words, shape, dtype = begin("geometric", key, shape, dtype, p, kind=np.integer)
    (p,) = promoted("random.geometric", p, names=("p",), inexact=True)
    u = uniform_of(words, shape, p.dtype)
    trials = lnp.log(lnp.where(u == 0, 1, u)) / lnp.broadcast_to(lnp.log1p(-p), shape)
    return (lnp.floor(trials) + 1).astype(dtype)


def categorical(
    key: Any,
    logits: Any,
    axis: int = -1,
    shape: Any = None,
    replace: bool = True,
    mode: str | None = None,
    *,
    out_sharding: Any = None,
) -> Array:
    """Categories, as positions along an axis of their unnormalized log-probabilities.

    Args:
        key: a random key.
        logits: floats; each vector along `axis` is one distribution, ``softmax(logits, axis)``.
        shape: of the result; it ends in (or broadcasts) the shape of the logits without the axis, which is the default.
        replace: if False, the draws that the leading dimensions of `shape` count are all different.
        mode: how many bits are used, see `gumbel`.

    The largest of logit + Gumbel noise wins (W. Kool, H. van Hoof, M. Welling, ICML 2019).

    Raises: ValueError for more different draws than there are categories.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.random.categorical(la.random.key(0), lnp.log(lnp.array([0.2, 0.5, 0.3])), shape=(6,))
    Array([1, 1, 1, 1, 2, 0], dtype=int32)
    """
    words = use("categorical", key)
    logits = operand("random.categorical", logits, "logits")
    axis = normal_axis("random.categorical", axis, logits.ndim)
    batch = (*logits.shape[:axis], *logits.shape[axis + 1 :])
    shape = result_shape("categorical", shape, batch)
    prefix = shape[: len(shape) - len(batch)]
    if replace:
        own = list(shape[len(prefix) :])
        own.insert(axis, logits.shape[axis])
        noise = gumbel_of("categorical", words, (*prefix, *own), logits.dtype, mode)
        return lnp.argmax(noise + logits, axis=len(prefix) + axis)
    count = math.prod(prefix)
    if count > logits.shape[axis]:
        raise ValueError(f"random.categorical: {count} different draws of {logits.shape[axis]} categories.")
    scores = logits + gumbel_of("categorical", words, logits.shape, logits.dtype, mode)
    best = lax.top_k(lnp.moveaxis(scores, axis, -1), count)[1]
    return lnp.reshape(lnp.moveaxis(best, -1, 0), shape)

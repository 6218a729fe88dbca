"""Random orders and selections of given elements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import Shape, normal_axis, operand, promoted
from lamina.random._arguments import as_shape
from lamina.random._continuous import gumbel_of
from lamina.random._keys import use
from lamina.random._threefry import Words, random_bits, subkeys
from lamina.random._uniform import integers_of, uniform_of


def permutation(key: Any, x: Any, axis: int = 0, independent: bool = False, *, out_sharding: Any = None) -> Array:
    """The elements of an array in random order along an axis.

    Args:
        key: a random key.
        x: an array, or an integer n for 0, 1, …, n − 1.
        axis: along which to shuffle.
        independent: shuffle each vector along the axis in its own order, rather than slices.

    Elements are sorted by random bits, several times where two of them may well have got the same.

    Raises: TypeError for a scalar that is no integer.

    >>> import lamina as la
    >>> la.random.permutation(la.random.key(0), 5)
    Array([0, 1, 4, 3, 2], dtype=int32)
    """
    return _permuted(use("permutation", key), x, axis, independent)


def _permuted(key: Words, x: Any, axis: int, independent: bool) -> Array:
    x = operand("random.permutation", x)
    if x.ndim == 0:
        normal_axis("random.permutation", axis, 1)
        return _shuffled(key, lnp.arange(_count("permutation", "x", x)), 0)
    axis = normal_axis("random.permutation", axis, x.ndim)
    if independent or x.ndim == 1:
        return _shuffled(key, x, axis)
    return lnp.take(x, _shuffled(key, lnp.arange(x.shape[axis]), 0), axis)


def _count(function: str, name: str, x: Array) -> int:
    """A scalar as the number of elements it stands for."""
    if x.dtype.kind not in "iu":
        raise TypeError(f"random.{function}: `{name}` is an array or a number of elements, not a scalar of {x.dtype}.")
    return x.__index__()


def _shuffled(key: Words, x: Array, axis: int) -> Array:
    # so many rounds that two elements have equal bits in all of them with a probability below 1 / size
    for _ in range(math.ceil(3 * math.log(max(1, x.size)) / math.log(2**32 - 1))):
        key, subkey = subkeys(key)
        _, x = lax.sort_key_val(random_bits(subkey, 32, x.shape), x, axis)
    return x


def choice(
    key: Any, a: Any, shape: Any = (), replace: bool = True, p: Any = None, axis: int = 0, mode: str | None = None
) -> Array:
    """Elements drawn from an array.

    Args:
        key: a random key.
        a: an array, or an integer n for 0, 1, …, n − 1.
        shape: of the draws; it takes the place of the axis in the result.
        replace: whether an element may be drawn again.
        p: the probabilities of the elements along the axis; default: all the same.
        axis: along which elements are drawn.
        mode: how many bits are used without replacement and with p, see `gumbel`.

    Raises: ValueError for an empty population, more draws without replacement than elements, and p of another shape.

    >>> import lamina as la
    >>> la.random.choice(la.random.key(0), 10, (4,), replace=False)
    Array([0, 1, 8, 5], dtype=int32)
    """
    words = use("choice", key)
    if not isinstance(shape, Sequence):
        raise TypeError(f"random.choice: the shape is a sequence of ints, not {shape!r}.")
    shape, a = as_shape("choice", shape), operand("random.choice", a, "a")
    if a.ndim:
        axis = normal_axis("random.choice", axis, a.ndim)
    population = a.shape[axis] if a.ndim else _count("choice", "a", a)
    count = math.prod(shape)
    if count == 0:
        return lnp.zeros(shape, a.dtype)
    if population <= 0:
        raise ValueError("random.choice: `a` has no elements to draw from.")
    if not replace and count > population:
        raise ValueError(f"random.choice: {count} draws without replacement from {population} elements.")
    if p is None and not replace:
        chosen = lax.slice_in_dim(_permuted(words, a, axis, False), 0, count, axis=axis if a.ndim else 0)
    else:
        chosen = _positions(words, shape, population, replace, p, mode)
        if a.ndim:
            chosen = lnp.take(a, chosen, axis)
    return lnp.reshape(chosen, (*a.shape[:axis], *shape, *a.shape[axis + 1 :]) if a.ndim else shape)


def _positions(key: Words, shape: Shape, population: int, replace: bool, p: Any, mode: str | None) -> Array:
    """Where the drawn elements are."""
    if p is None:
        dtype = dtypes.canonicalize_dtype(int)
        return integers_of(key, shape, lnp.asarray(0), lnp.asarray(population), dtype)
    (p,) = promoted("random.choice", p, names=("p",), inexact=True)
    if p.shape != (population,):
        raise ValueError(
            f"random.choice: `p` has the shape {p.shape}, but there are {population} elements to give probabilities to."
        )
    if replace:
        sums = lnp.cumsum(p)
        return lnp.searchsorted(sums, sums[-1] * (1 - uniform_of(key, shape, p.dtype))).astype(int)
    scores = gumbel_of("choice", key, (population,), p.dtype, mode) + lnp.log(p)
    return lax.top_k(scores, math.prod(shape))[1].astype(int)

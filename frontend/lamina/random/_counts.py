"""Numbers of events: Poisson, binomial and multinomial."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, lax
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import Shape, promoted
from lamina.random._arguments import as_shape, begin, parameter, result_dtype
from lamina.random._keys import use
from lamina.random._threefry import Words, split_words, subkeys
from lamina.random._uniform import uniform_of

_F32 = np.dtype("float32")
_MOST = 2**31 - 1  # iterations of a loop that ends after a few, unless a parameter is infinite


def poisson(key: Any, lam: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Poisson distributed integers: k with probability lamᵏ exp(−lam) / k!.

    Args:
        key: a random key.
        lam: means, ≥ 0; they broadcast to the shape, which is theirs by default.
        shape: of the result.
        dtype: an integer dtype; default: int32, or int64 with ``enable_x64``.

    Products of uniform numbers (D. Knuth) for lam < 10, else transformed rejection (W. Hörmann, 1993).

    >>> import lamina as la
    >>> la.random.poisson(la.random.key(0), 3.0, (5,))
    Array([0, 0, 4, 4, 1], dtype=int32)
    """
    words, shape, dtype = begin("poisson", key, shape, dtype, lam, kind=np.integer)
    lam = lnp.broadcast_to(parameter("poisson", "lam", lam, _F32), shape)
    is_small = lnp.isnan(lam) | (lam < 10)
    few = _poisson_by_products(words, lnp.where(is_small, lam, 0), dtype)
    many = _poisson_by_rejection(words, lnp.where(is_small, 1e5, lam), dtype)
    return lnp.where(lam == 0, 0, lnp.where(is_small, few, many)).astype(dtype)


def _poisson_by_products(key: Words, lam: Array, dtype: np.dtype) -> Array:
    """How many uniform numbers have a product above exp(−lam)."""
    most = min(int(dtypes.iinfo(dtype).max), _MOST)

    def goes_on(state: Any) -> Array:
        i, _, _, log_product = state
        return lnp.any(log_product > -lam) & (i < most)

    def step(state: Any) -> Any:
        i, count, key, log_product = state
        key, subkey = subkeys(key)
        count = lnp.where(log_product > -lam, count + 1, count)
        return i + 1, count, key, log_product + lnp.log(uniform_of(subkey, lam.shape, _F32))

    start = (np.int32(0), lnp.zeros(lam.shape, dtype), key, lnp.zeros(lam.shape, _F32))
    return lax.while_loop(goes_on, step, start)[1] - 1


def _poisson_by_rejection(key: Words, lam: Array, dtype: np.dtype) -> Array:
    log_lam = lnp.log(lam)
    b = 0.931 + 2.53 * lnp.sqrt(lam)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)

    def candidate(u_key: Words, v_key: Words) -> tuple[Array, Array]:
        u = uniform_of(u_key, lam.shape, _F32) - 0.5
        v = uniform_of(v_key, lam.shape, _F32)
        us = 0.5 - lnp.abs(u)
        k = lnp.floor((2 * a / us + b) * u + lam + 0.43)
        s = lnp.log(v * inverse_alpha / (a / (us * us) + b))
        t = -lam + k * log_lam - lax.lgamma(k + 1)
        quickly = (us >= 0.07) & (v <= v_r)
        is_rejected = (k < 0) | ((us < 0.013) & (v > us))
        return k, quickly | (~is_rejected & (s <= t))

    most = min(int(dtypes.iinfo(dtype).max), _MOST)
    return _last_accepted(key, candidate, lam.shape, _F32, most).astype(dtype)


def _last_accepted(
    key: Words, candidate: Callable[[Words, Words], tuple[Array, Array]], shape: Shape, dtype: np.dtype, most: int
) -> Array:
    """Candidates until each element has accepted one, `most` times at most; of those it accepted the last, or −1."""

    def goes_on(state: Any) -> Array:
        i, _, is_accepted, _ = state
        return lnp.any(~is_accepted) & (i < most)

    def step(state: Any) -> Any:
        i, chosen, is_accepted, key = state
        key, u_key, v_key = subkeys(key, 3)
        k, accept = candidate(u_key, v_key)
        return i + 1, lnp.where(accept, k, chosen), is_accepted | accept, key

    start = (np.int32(0), lnp.full(shape, -1, dtype), lnp.zeros(shape, bool), key)
    return lax.while_loop(goes_on, step, start)[1]


def binomial(key: Any, n: Any, p: Any, shape: Any = None, dtype: Any = None) -> Array:
    """Binomially distributed numbers of successes in n trials of probability p, as floats.

    Args:
        key: a random key.
        n, p: numbers of trials and probabilities; they broadcast to the shape, which is their common one by default.
            nan where n is negative or nan, or where p is nan or outside [0, 1]; inf for infinite n.
        shape: of the result.
        dtype: a float dtype; default: float32, or float64 with ``enable_x64``.

    Sums of geometric numbers for n·min(p, 1 − p) ≤ 10, else transformed rejection (W. Hörmann, "The generation of
    binomial random variates", 1993).

    >>> import lamina as la
    >>> la.random.binomial(la.random.key(0), 10, 0.5, (5,))
    Array([6., 7., 5., 6., 7.], dtype=float32)
    """
    words, shape, dtype = begin("binomial", key, shape, dtype, n, p)
    (p,) = promoted("random.binomial", p, names=("p",), inexact=True)
    n = parameter("binomial", "n", n, p.dtype)
    return _binomial_of(words, lnp.broadcast_to(n, shape), lnp.broadcast_to(p, shape), dtype)


def _binomial_of(key: Words, n: Array, p: Array, dtype: np.dtype) -> Array:
    is_rare = p < 0.5
    q = lnp.where(is_rare, p, 1 - p)
    n_is_wrong, q_is_nan, n_is_infinite = lnp.isnan(n) | (n < 0), lnp.isnan(q), lnp.isinf(n)
    is_invalid = (q < 0) | q_is_nan | n_is_wrong
    q = lnp.where(q_is_nan | (q < 0), 0.01, q)
    is_small = n_is_wrong | (n * q <= 10)
    n = lnp.floor(n)
    few = _binomial_by_gaps(key, lnp.where(is_small, n, 0), q, dtype)
    many = _binomial_by_rejection(key, lnp.where(is_small, 1e4, n), lnp.where(is_small, 0.5, q), dtype)
    count = lnp.where(is_small, few, many)
    count = lnp.where(is_invalid, math.nan, lnp.where(n_is_infinite & ~is_invalid, math.inf, count))
    return lnp.where(is_rare | n_is_wrong | q_is_nan | n_is_infinite, count, n.astype(dtype) - count)


def _binomial_by_gaps(key: Words, n: Array, p: Array, dtype: np.dtype) -> Array:
    """How many geometric gaps between successes fit into n trials."""
    log_failure = lnp.log1p(-p)

    def goes_on(state: Any) -> Array:
        i, _, total, _ = state
        return lnp.any(total <= n) & (i < _MOST)

    def step(state: Any) -> Any:
        i, count, total, key = state
        subkey, key = subkeys(key)
        count = lnp.where(total <= n, count + 1, count)
        gap = lnp.ceil(lnp.log(uniform_of(subkey, p.shape, p.dtype)) / log_failure)
        return i + 1, count, total + gap, key

    start = (np.int32(0), lnp.zeros_like(p), lnp.zeros_like(p), key)
    return (lax.while_loop(goes_on, step, start)[1] - 1).astype(dtype)


def _binomial_by_rejection(key: Words, n: Array, p: Array, dtype: np.dtype) -> Array:
    deviation = lnp.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    v_r = 0.92 - 4.2 / b
    r = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * deviation
    m = lnp.floor((n + 1) * p)

    def candidate(u_key: Words, v_key: Words) -> tuple[Array, Array]:
        u = uniform_of(u_key, p.shape, p.dtype) - 0.5
        v = uniform_of(v_key, p.shape, p.dtype)
        us = 0.5 - lnp.abs(u)
        quickly = (us >= 0.07) & (v <= v_r)
        k = lnp.floor((2 * a / us + b) * u + c)
        bound = (
            (m + 0.5) * lnp.log((m + 1) / (r * (n - m + 1)))
            + (n + 1) * lnp.log((n - m + 1) / (n - k + 1))
            + (k + 0.5) * lnp.log(r * (n - k + 1) / (k + 1))
            + _stirling_tail(m)
            + _stirling_tail(n - m)
            - _stirling_tail(k)
            - _stirling_tail(n - k)
        )
        is_inside = (k >= 0) & (k <= n)
        return k, quickly | (is_inside & (lnp.log(v * alpha / (a / (us * us) + b)) <= bound))

    return _last_accepted(key, candidate, p.shape, p.dtype, _MOST).astype(dtype)


def _stirling_tail(k: Array) -> Array:
    """ln k! − ((k + ½) ln(k + 1) − (k + 1) + ½ ln 2π)."""
    half_log = math.log(2 * math.pi) / 2
    exact = [math.lgamma(i + 1) - ((i + 0.5) * math.log(i + 1) - (i + 1) + half_log) for i in range(10)]
    square = (k + 1) * (k + 1)
    series = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)
    first = lnp.clip(k, 0, 9)
    return lnp.where(k <= 9, lnp.asarray(exact, k.dtype)[lnp.floor(first).astype(np.int32)], series)


def multinomial(key: Any, n: Any, p: Any, *, shape: Any = None, dtype: Any = None, unroll: int | bool = 1) -> Array:
    """Multinomially distributed numbers: how often each of k outcomes occurs in n trials, along the last axis.

    Args:
        key: a random key.
        n: numbers of trials; they broadcast to p.shape[:-1].
        p: probabilities of the outcomes, along the last axis.
        shape: of the result; default: that of p.
        dtype: a float dtype; default: float32, or float64 with ``enable_x64``.
        unroll: accepted for JAX's programs.

    One outcome after the other is binomially distributed over the trials that are left.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.random.multinomial(la.random.key(0), 10, lnp.array([0.2, 0.3, 0.5]))
    Array([1., 1., 8.], dtype=float32)
    """
    words = use("multinomial", key)
    n, p = promoted("random.multinomial", n, p, names=("n", "p"), inexact=True)
    shape = p.shape if shape is None else as_shape("multinomial", shape)
    n, p = lnp.broadcast_to(n, shape[:-1]), lnp.moveaxis(lnp.broadcast_to(p, shape), -1, 0)
    left = lnp.flip(lnp.cumsum(lnp.flip(p, 0), 0), 0)
    ratios = p / lnp.where(left == 0, 1, left)

    def outcome(trials: Array, ratio_and_key: tuple[Array, Words]) -> tuple[Array, Array]:
        ratio, subkey = ratio_and_key
        count = _binomial_of(subkey, trials, lnp.clip(ratio, 0, 1), trials.dtype)
        return trials - count, count

    _, counts = lax.scan(outcome, n, (ratios, split_words(words, (p.shape[0],))))
    found = dtypes.canonicalize_dtype(float) if dtype is None else result_dtype("multinomial", dtype)
    return lnp.moveaxis(counts, 0, -1).astype(found)

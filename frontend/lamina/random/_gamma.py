"""Gamma numbers, and the distributions that are functions of them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, lax, nn, tree_util
from lamina import numpy as lnp
from lamina._custom_jvp import custom_jvp
from lamina.array import Array
from lamina.numpy._operands import Shape
from lamina.random._arguments import as_shape, begin, parameter, result_dtype, result_shape
from lamina.random._continuous import exponential_of
from lamina.random._discrete import rademacher_of
from lamina.random._keys import use
from lamina.random._normal import normal_of
from lamina.random._threefry import Words, split_words, subkeys
from lamina.random._uniform import uniform_of


def gamma(key: Any, a: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Gamma distributed numbers of scale 1: density ∝ x^(a − 1) exp(−x) for x ≥ 0.

    Args:
        key: a random key.
        a: positive parameters; they broadcast to the shape, which is theirs by default.
        shape: of the result.
        dtype: a float dtype; default: float32, or float64 with ``enable_x64``.

    By rejection (G. Marsaglia, W. Tsang, ACM TOMS 26, 2000). The derivative with respect to a is that of the sample
    at its quantile (M. Figurnov, S. Mohamed, A. Mnih, NeurIPS 2018).

    >>> import lamina as la
    >>> la.random.gamma(la.random.key(0), 2.0, (3,))
    Array([1.5897877, 1.7599413, 1.1290073], dtype=float32)
    """
    words, shape, dtype = begin("gamma", key, shape, dtype, a)
    return gamma_of(words, parameter("gamma", "a", a, dtype), shape, log_space=False)


def loggamma(key: Any, a: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Logarithms of the numbers of `gamma`, precise where those are close to 0, for a ≪ 1.

    >>> import lamina as la
    >>> la.random.loggamma(la.random.key(0), 0.01, (2,))
    Array([-11.478928,  -9.828522], dtype=float32)
    """
    words, shape, dtype = begin("loggamma", key, shape, dtype, a)
    return gamma_of(words, parameter("loggamma", "a", a, dtype), shape, log_space=True)


def gamma_of(key: Words, a: Array, shape: Shape, log_space: bool) -> Array:
    """Gamma numbers of the shape that `a` broadcasts to, or their logarithms."""
    a = lnp.broadcast_to(a, shape)
    keys = split_words(key, (a.size,))
    samples = _samples(keys, lax.stop_gradient(lnp.ravel(a)), log_space)
    differentiable = _implicit_log if log_space else _implicit
    return differentiable(lnp.reshape(samples, shape), a)


@custom_jvp
def _implicit(sample: Array, a: Array) -> Array:
    """The sample, which has derivatives with respect to its parameter."""
    return sample


@_implicit.defjvp
def _implicit_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    sample, a = primals
    return sample, tangents[1] * lax.random_gamma_grad(a, sample)


@custom_jvp
def _implicit_log(log_sample: Array, a: Array) -> Array:
    """The same of its logarithm."""
    return log_sample


@_implicit_log.defjvp
def _implicit_log_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    log_sample, a = primals
    sample = lnp.exp(log_sample)
    sample = lnp.where(sample == 0, dtypes.finfo(sample.dtype).tiny, sample)
    return log_sample, tangents[1] * (lax.random_gamma_grad(a, sample) / sample)


def _samples(keys: Words, a: Array, log_space: bool) -> Array:
    """One number for each key and parameter; gamma(a) = gamma(a + 1) · uniform^(1/a) serves a < 1."""
    dtype = a.dtype
    is_large = a >= 1
    d = lnp.where(is_large, a, a + 1) - 1 / 3
    c = (1 / 3) / lnp.sqrt(d)
    keys, boost_key = subkeys(keys)

    def normal_candidate(state: Any) -> Any:
        key, subkey = subkeys(state[0])
        x = normal_of(subkey, (), dtype)
        return key, x, 1 + x * c

    def is_rejected(state: Any) -> Array:
        _, x_squared, v, u = state
        return (u >= 1 - 0.0331 * (x_squared * x_squared)) & (
            lnp.log(u) >= x_squared * 0.5 + d * ((1 - v) + lnp.log(v))
        )

    def candidate(state: Any) -> Any:
        key, x_key, u_key = subkeys(state[0], 3)
        start = (x_key, lnp.zeros_like(a), -lnp.ones_like(a))
        _, x, v = _repeated(lambda state: state[2] <= 0, normal_candidate, start)
        return key, x * x, v * v * v, uniform_of(u_key, (), dtype)

    start = (keys, lnp.zeros_like(a), lnp.ones_like(a), lnp.full_like(a, 2))
    _, _, v, _ = _repeated(is_rejected, candidate, start)
    if log_space:
        log_u = -exponential_of(boost_key, (), dtype)
        return (lnp.log(d) + lnp.log(v)) + lnp.where(is_large | (log_u == 0), 0, log_u * (1 / a))
    u = 1 - uniform_of(boost_key, (), dtype)
    return (d * v) * lnp.where(is_large, 1, u ** (1 / a))


def _repeated(is_open: Callable[[Any], Array], step: Callable[[Any], Any], state: Any) -> Any:
    """Steps until no element of the state is open; those that are closed stay as they are."""

    def body(state: Any) -> Any:
        still = is_open(state)
        return tree_util.tree_map(lambda new, old: lnp.where(still, new, old), step(state), state)

    return lax.while_loop(lambda state: lnp.any(is_open(state)), body, state)


class _GammaPrimitive:
    """The gamma sampler in the form of JAX's primitive: ``random_gamma_p.bind(key, a, log_space=False)``."""

    name = "random_gamma"

    def bind(self, key: Any, a: Any, *, log_space: bool) -> Array:
        """Gamma numbers for parameters of a float dtype, or their logarithms."""
        a = lnp.asarray(a)
        return gamma_of(use("gamma", key), a, a.shape, log_space)


random_gamma_p = _GammaPrimitive()


def beta(key: Any, a: Any, b: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Beta distributed numbers: density ∝ x^(a − 1) (1 − x)^(b − 1) in [0, 1].

    >>> import lamina as la
    >>> la.random.beta(la.random.key(0), 2.0, 3.0, (3,))
    Array([0.23627363, 0.49045956, 0.6837948 ], dtype=float32)
    """
    words, shape, dtype = begin("beta", key, shape, dtype, a, b)
    logs = [
        gamma_of(subkey, parameter("beta", name, x, dtype, safely=True), shape, log_space=True)
        for subkey, name, x in zip(subkeys(words), "ab", (a, b), strict=True)
    ]
    largest = lnp.maximum(*logs)
    first, second = (lnp.exp(x - largest) for x in logs)
    return first / (first + second)


def dirichlet(key: Any, alpha: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Dirichlet distributed vectors along the last axis: density ∝ Π xᵢ^(αᵢ − 1), with xᵢ ≥ 0 and Σ xᵢ = 1.

    Args:
        key: a random key.
        alpha: of shape (..., n).
        shape: of the result without the last axis; default: that of alpha without it.
        dtype: a float dtype; default: float32, or float64 with ``enable_x64``.

    Raises: ValueError for a scalar alpha.

    >>> import lamina as la, lamina.numpy as lnp
    >>> la.random.dirichlet(la.random.key(0), lnp.array([1.0, 2.0, 3.0]))
    Array([0.1422856 , 0.40488255, 0.45283186], dtype=float32)
    """
    dtype = result_dtype("dirichlet", dtype)
    alpha = parameter("dirichlet", "alpha", alpha, dtype)
    if alpha.ndim == 0:
        raise ValueError("random.dirichlet: `alpha` is a vector, or several along the last axis, not a scalar.")
    words, shape = use("dirichlet", key), result_shape("dirichlet", shape, alpha.shape[:-1])
    return nn.softmax(gamma_of(words, alpha, (*shape, alpha.shape[-1]), log_space=True), -1)


def chisquare(key: Any, df: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of the χ² distribution with `df` degrees of freedom: density ∝ x^(df/2 − 1) exp(−x/2) for x > 0.

    >>> import lamina as la
    >>> la.random.chisquare(la.random.key(0), 3.0, (2,))
    Array([2.205084 , 2.4899673], dtype=float32)
    """
    words, shape, dtype = begin("chisquare", key, shape, dtype, df)
    return _chisquare_of(words, parameter("chisquare", "df", df, dtype, safely=True), shape)


def _chisquare_of(key: Words, df: Array, shape: Shape) -> Array:
    return lnp.exp(gamma_of(key, df / 2, shape, log_space=True)) * 2


def f(key: Any, dfnum: Any, dfden: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of Fisher's F distribution: the ratio of two χ² numbers, each over its degrees of freedom.

    >>> import lamina as la
    >>> la.random.f(la.random.key(0), 3.0, 5.0, (2,))
    Array([2.5797071, 0.1921967], dtype=float32)
    """
    words, shape, dtype = begin("f", key, shape, dtype, dfnum, dfden)
    dfnum, dfden = (parameter("f", name, x, dtype, safely=True) for name, x in (("dfnum", dfnum), ("dfden", dfden)))
    denominator_key, numerator_key = subkeys(words)
    numerator = _chisquare_of(numerator_key, dfnum, shape) / dfnum
    return numerator / (_chisquare_of(denominator_key, dfden, shape) / dfden)


def t(key: Any, df: Any, shape: Any = None, dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of Student's t distribution with `df` degrees of freedom: density ∝ (1 + x²/df)^(−(df + 1)/2).

    >>> import lamina as la
    >>> la.random.t(la.random.key(0), 3.0, (2,))
    Array([ 0.69022477, -3.2393372 ], dtype=float32)
    """
    words, shape, dtype = begin("t", key, shape, dtype, df)
    half = parameter("t", "df", df, dtype, safely=True) / 2
    normal_key, gamma_key = subkeys(words)
    return normal_of(normal_key, shape, dtype) * lnp.sqrt(half / gamma_of(gamma_key, half, shape, log_space=False))


def generalized_normal(key: Any, p: Any, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Numbers of density ∝ exp(−|x|ᵖ).

    >>> import lamina as la
    >>> la.random.generalized_normal(la.random.key(0), 2.0, (2,))
    Array([0.9542763 , 0.09015024], dtype=float32)
    """
    words, shape, dtype = begin("generalized_normal", key, shape, dtype)
    return _generalized_normal_of(words, p, shape, dtype)


def _generalized_normal_of(key: Words, p: Any, shape: Shape, dtype: np.dtype) -> Array:
    gamma_key, sign_key = subkeys(key)
    powers = gamma_of(gamma_key, parameter("generalized_normal", "p", 1 / p, dtype), shape, log_space=False)
    return rademacher_of(sign_key, shape, dtype) * powers ** (1 / p)


def ball(key: Any, d: int, p: Any = 2, shape: Any = (), dtype: Any = None, *, out_sharding: Any = None) -> Array:
    """Points of the unit ball Σ |xᵢ|ᵖ ≤ 1 in d dimensions, uniformly distributed; the result has shape (*shape, d).

    F. Barthe, O. Guédon, S. Mendelson, A. Naor, Annals of Probability 33 (2005).

    >>> import lamina as la, lamina.numpy as lnp
    >>> points = la.random.ball(la.random.key(0), 2, shape=(100,))
    >>> points.shape, bool((lnp.linalg.norm(points, axis=1) <= 1).all())
    ((100, 2), True)
    """
    shape, dtype = as_shape("ball", shape), result_dtype("ball", dtype)
    direction_key, radius_key = subkeys(use("ball", key))
    direction = _generalized_normal_of(direction_key, p, (*shape, operator.index(d)), dtype)
    total = lnp.sum(lnp.abs(direction) ** p, -1) + exponential_of(radius_key, shape, dtype)
    return direction / (total ** (1 / p))[..., None]

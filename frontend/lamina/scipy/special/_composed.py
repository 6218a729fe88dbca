"""Functions that are compositions of others: entropies, odds, transformations, beta functions, combinatorics."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import lax, nn
from lamina import numpy as lnp
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import promoted
from lamina.scipy.special._functions import gammaln, gammasgn


@api_boundary
def xlogy(x: Any, y: Any) -> Array:
    """x · ln y, 0 where x is 0.

    >>> float(xlogy(0.0, 0.0))
    0.0
    """
    return _xlogy(*lnp.broadcast_arrays(*promoted("xlogy", x, y, inexact=True)))


@custom_jvp
def _xlogy(x: Array, y: Array) -> Array:
    zero = (x == 0) & ~lnp.isnan(y)
    return lnp.where(zero, 0.0, x * lnp.log(lnp.where(zero, 1.0, y))).astype(x.dtype)


@_xlogy.defjvp
def _xlogy_rule(primals: Any, tangents: Any) -> Any:
    """d(x ln y) = ln y dx + x/y dy, also where x is 0."""
    (x, y), (dx, dy) = primals, tangents
    return _xlogy(x, y), dx * lnp.log(y) + dy * (x / y)


@api_boundary
def xlog1py(x: Any, y: Any) -> Array:
    """x · ln(1 + y), 0 where x is 0."""
    return _xlog1py(*lnp.broadcast_arrays(*promoted("xlog1py", x, y, inexact=True)))


@custom_jvp
def _xlog1py(x: Array, y: Array) -> Array:
    zero = (x == 0) & ~lnp.isnan(y)
    return lnp.where(zero, 0.0, x * lnp.log1p(lnp.where(zero, 0.0, y))).astype(x.dtype)


@_xlog1py.defjvp
def _xlog1py_rule(primals: Any, tangents: Any) -> Any:
    """d(x ln(1 + y)) = ln(1 + y) dx + x/(1 + y) dy, also where x is 0."""
    (x, y), (dx, dy) = primals, tangents
    return _xlog1py(x, y), dx * lnp.log1p(y) + dy * (x / (1 + y))


@api_boundary
def entr(x: Any) -> Array:
    """−x · ln x; 0 at 0, −∞ below."""
    (x,) = promoted("entr", x, names=("x",), inexact=True)
    return lnp.where(x < 0, -np.inf, -xlogy(x, lnp.where(x < 0, 1.0, x))).astype(x.dtype)


@api_boundary
def rel_entr(p: Any, q: Any) -> Array:
    """p · ln(p/q); 0 where p is 0 and q is not negative, else ∞ outside of positive p and q."""
    p, q = promoted("rel_entr", p, q, names=("p", "q"), inexact=True)
    inside, zero = (p > 0) & (q > 0), (p == 0) & (q >= 0)
    safe_p, safe_q = lnp.where(inside, p, 1.0), lnp.where(inside, q, 1.0)
    return lnp.where(inside, safe_p * (lnp.log(safe_p) - lnp.log(safe_q)), lnp.where(zero, 0.0, np.inf)).astype(p.dtype)


@api_boundary
def kl_div(p: Any, q: Any) -> Array:
    """p · ln(p/q) − p + q, a term of the Kullback-Leibler divergence."""
    p, q = promoted("kl_div", p, q, names=("p", "q"), inexact=True)
    return rel_entr(p, q) - p + q


@api_boundary
def expit(x: Any) -> Array:
    """1 / (1 + e⁻ˣ), the inverse of `logit`."""
    (x,) = promoted("expit", x, names=("x",), inexact=True)
    return lax.logistic(x)


@api_boundary
def logit(x: Any) -> Array:
    """ln(x / (1 − x))."""
    (x,) = promoted("logit", x, names=("x",), inexact=True)
    return lnp.log(x / (1 - x))


@api_boundary
def boxcox(x: Any, lmbda: Any) -> Array:
    """Box and Cox' transformation (x^λ − 1)/λ, ln x for λ = 0."""
    x, lmbda = promoted("boxcox", x, lmbda, names=("x", "lmbda"), inexact=True)
    return _power_difference(lnp.log(x), lmbda)


@api_boundary
def boxcox1p(x: Any, lmbda: Any) -> Array:
    """Box and Cox' transformation of 1 + x."""
    x, lmbda = promoted("boxcox1p", x, lmbda, names=("x", "lmbda"), inexact=True)
    return _power_difference(lnp.log1p(x), lmbda)


def _power_difference(log: Array, exponent: Array) -> Array:
    """(e^(exponent · log) − 1) / exponent."""
    zero = exponent == 0
    safe = lnp.where(zero, 1.0, exponent)
    return lnp.where(zero, log, lnp.expm1(safe * log) / safe).astype(log.dtype)


@api_boundary
def betaln(a: Any, b: Any) -> Array:
    """Logarithm of |B(a, b)|."""
    a, b = promoted("betaln", a, b, names=("a", "b"), inexact=True)
    return lax.lgamma(a) + lax.lgamma(b) - lax.lgamma(a + b)


@api_boundary
def beta(a: Any, b: Any) -> Array:
    """Euler's beta function Γ(a) Γ(b) / Γ(a + b)."""
    a, b = promoted("beta", a, b, names=("a", "b"), inexact=True)
    return gammasgn(a) * gammasgn(b) * gammasgn(a + b) * lnp.exp(betaln(a, b))


@api_boundary
def factorial(n: Any, exact: bool = False) -> Array:
    """n!, as Γ(n + 1); 0 for negative n. Raises NotImplementedError for exact=True."""
    if exact:
        raise NotImplementedError("scipy.special.factorial: exact=True needs integers of any size")
    (n,) = promoted("factorial", n, names=("n",), inexact=True)
    return lnp.where(n < 0, 0.0, lax.gamma(n + 1)).astype(n.dtype)


@api_boundary
def comb(N: Any, k: Any, *, repetition: bool = False) -> Array:
    """How many ways there are to choose k of N things, with repetition or without."""
    N, k = promoted("comb", N, k, names=("N", "k"), inexact=True)
    if repetition:
        return comb(N + k - 1, k)
    ways = lnp.exp(lax.lgamma(N + 1) - lax.lgamma(k + 1) - lax.lgamma(N - k + 1))
    return lnp.where((k < 0) | (k > N) | (N < 0), 0.0, ways).astype(N.dtype)


@api_boundary
def poch(z: Any, m: Any) -> Array:
    """Pochhammer's symbol Γ(z + m) / Γ(z)."""
    z, m = promoted("poch", z, m, names=("z", "m"), inexact=True)
    zero = m == 0
    safe = lnp.where(zero, 1.0, m)
    value = gammasgn(z) * gammasgn(z + safe) * lnp.exp(gammaln(z + safe) - gammaln(z))
    return lnp.where(zero, 1.0, value).astype(z.dtype)


@api_boundary
def multigammaln(a: Any, d: Any) -> Array:
    """Logarithm of the multivariate gamma function of dimension d."""
    d = operator.index(d)
    (a,) = promoted("multigammaln", a, names=("a",), inexact=True)
    shifts = lnp.arange(d, dtype=a.dtype) / 2
    return lnp.sum(lax.lgamma(a[..., None] - shifts), axis=-1) + d * (d - 1) / 4 * np.log(np.pi).item()


@api_boundary
def bernoulli(n: int) -> Array:
    """The first n + 1 Bernoulli numbers, B₁ = −1/2.

    >>> bernoulli(2)
    Array([ 1.        , -0.5       ,  0.16666667], dtype=float32)
    """
    from scipy.special import bernoulli as numbers

    return lnp.asarray(numbers(operator.index(n))[: n + 1], dtype=float)


@api_boundary
def softmax(x: Any, /, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Exponentials, divided by their sum over the axes (default: all)."""
    return nn.softmax(x, axis=_axes(x, axis))


@api_boundary
def log_softmax(x: Any, /, *, axis: int | tuple[int, ...] | None = None) -> Array:
    """Logarithm of `softmax`."""
    return nn.log_softmax(x, axis=_axes(x, axis))


def _axes(x: Any, axis: int | tuple[int, ...] | None) -> int | tuple[int, ...]:
    return tuple(range(lnp.ndim(x))) if axis is None else axis

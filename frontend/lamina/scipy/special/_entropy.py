"""Entropies, and the transformations of probabilities that go with them."""

from __future__ import annotations

import math
from typing import Any

from lamina import numpy as lnp
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._operands import apply, numbers, reals


@custom_jvp
def _xlogy(x: Array, y: Array) -> Array:
    skip = (x == 0) & ~lnp.isnan(y)
    return lnp.where(skip, 0, x * lnp.log(lnp.where(skip, 1, y)))


@_xlogy.defjvp
def _xlogy_jvp(primals: Any, tangents: Any) -> Any:
    (x, y), (dx, dy) = primals, tangents
    return _xlogy(x, y), dx * lnp.log(y) + dy * x / y


@api_boundary
def xlogy(x: Any, y: Any) -> Array:
    """x · ln y, 0 for x = 0. Elementwise; complex numbers too.

    >>> xlogy(0.0, 0.0)
    Array(0., dtype=float32, weak_type=True)
    """
    return _xlogy(*numbers("xlogy", x, y, names=("x", "y")))


@custom_jvp
def _xlog1py(x: Array, y: Array) -> Array:
    skip = (x == 0) & ~lnp.isnan(y)
    return lnp.where(skip, 0, x * lnp.log1p(lnp.where(skip, 1, y)))


@_xlog1py.defjvp
def _xlog1py_jvp(primals: Any, tangents: Any) -> Any:
    (x, y), (dx, dy) = primals, tangents
    return _xlog1py(x, y), dx * lnp.log1p(y) + dy * x / (1 + y)


@api_boundary
def xlog1py(x: Any, y: Any) -> Array:
    """x · ln(1 + y), 0 for x = 0. Elementwise; complex numbers too.

    >>> xlog1py(0.0, -1.0)
    Array(0., dtype=float32, weak_type=True)
    """
    return _xlog1py(*numbers("xlog1py", x, y, names=("x", "y")))


def _xlogx(x: Array) -> Array:
    """x ln x with the derivative ln x + 1, −∞ at 0."""
    return _xlogy(x, x)


@api_boundary
def entr(x: Any) -> Array:
    """−x ln x for x > 0, 0 at 0, −∞ for x < 0: the entropy of a probability. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> entr(lnp.array([0.0, 0.5, 1.0]))
    Array([-0.       ,  0.3465736, -0.       ], dtype=float32)
    """
    (x,) = reals("entr", x)
    return lnp.where(x < 0, -math.inf, -_entropy_term(x))


@custom_jvp
def _entropy_term(x: Array) -> Array:
    return _xlogx(x)


@_entropy_term.defjvp
def _entropy_term_jvp(primals: Any, tangents: Any) -> Any:
    (x,), (dx,) = primals, tangents
    return _entropy_term(x), dx * (lnp.log(x) + 1)


@api_boundary
def rel_entr(p: Any, q: Any) -> Array:
    """p ln(p/q) for p, q > 0, 0 for p = 0 ≤ q, else ∞. Elementwise, on real numbers.

    >>> rel_entr(0.5, 0.25)
    Array(0.3465736, dtype=float32, weak_type=True)
    """
    p, q = reals("rel_entr", p, q, names=("p", "q"))
    positive = (p > 0) & (q > 0)
    safe_p, safe_q = lnp.where(positive, p, 1), lnp.where(positive, q, 1)
    inside = lnp.log(safe_p / safe_q) * safe_p
    return lnp.where(positive, inside, lnp.where((p == 0) & (q >= 0), 0, math.inf))


@api_boundary
def kl_div(p: Any, q: Any) -> Array:
    """p ln(p/q) − p + q, a term of the Kullback-Leibler divergence; ∞ outside p, q ≥ 0. Elementwise, on real numbers.

    >>> kl_div(0.5, 0.25)
    Array(0.09657359, dtype=float32, weak_type=True)
    """
    p, q = reals("kl_div", p, q, names=("p", "q"))
    return rel_entr(p, q) - p + q


@api_boundary
def expit(x: Any) -> Array:
    """1 / (1 + e⁻ˣ), the logistic function. Elementwise.

    >>> expit(0.0)
    Array(0.5, dtype=float32, weak_type=True)
    """
    return apply("logistic", *numbers("expit", x))


@custom_jvp
def _logit(x: Array) -> Array:
    near_half = abs(x - 0.5) < 0.25  # there the quotient is near 1, and its logarithm loses digits
    safe = lnp.where(near_half, x, 0.5)
    return lnp.where(near_half, lnp.log1p((2 * safe - 1) / (1 - safe)), lnp.log(x) - lnp.log1p(-x))


@_logit.defjvp
def _logit_jvp(primals: Any, tangents: Any) -> Any:
    (x,), (dx,) = primals, tangents
    return _logit(x), dx / (x * (1 - x))


@api_boundary
def logit(x: Any) -> Array:
    """ln(x / (1 − x)), the inverse of `expit`; nan outside [0, 1]. Elementwise, on real numbers.

    >>> logit(0.5)
    Array(0., dtype=float32, weak_type=True)
    """
    return _logit(*reals("logit", x))


@api_boundary
def boxcox(x: Any, lmbda: Any) -> Array:
    """(x^λ − 1) / λ, ln x for λ = 0: the transformation of Box and Cox (1964). Elementwise, for x > 0.

    >>> boxcox(4.0, 0.5)
    Array(2., dtype=float32, weak_type=True)
    """
    x, lmbda = reals("boxcox", x, lmbda, names=("x", "lmbda"))
    return _power_of(lnp.log(x), lmbda)


@api_boundary
def boxcox1p(x: Any, lmbda: Any) -> Array:
    """((1 + x)^λ − 1) / λ, ln(1 + x) for λ = 0. Elementwise, for x > −1.

    >>> boxcox1p(3.0, 0.5)
    Array(2., dtype=float32, weak_type=True)
    """
    x, lmbda = reals("boxcox1p", x, lmbda, names=("x", "lmbda"))
    return _power_of(lnp.log1p(x), lmbda)


def _power_of(logarithm: Array, lmbda: Array) -> Array:
    zero = lmbda == 0
    safe = lnp.where(zero, 1, lmbda)
    return lnp.where(zero, logarithm, lnp.expm1(safe * logarithm) / safe)

"""Bessel functions."""

from __future__ import annotations

import operator
from typing import Any

from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._operands import apply, of_op, reals


@api_boundary
def i0e(x: Any) -> Array:
    """Modified Bessel function of the first kind of order 0, scaled: e^−|x| I₀(x). Elementwise, on real numbers.

    >>> i0e(1.0)
    Array(0.4657596, dtype=float32, weak_type=True)
    """
    return of_op("i0e", "bessel_i0e", x)


@api_boundary
def i1e(x: Any) -> Array:
    """Modified Bessel function of the first kind of order 1, scaled: e^−|x| I₁(x). Elementwise, on real numbers.

    >>> i1e(1.0)
    Array(0.20791042, dtype=float32, weak_type=True)
    """
    return of_op("i1e", "bessel_i1e", x)


@api_boundary
def i0(x: Any) -> Array:
    """Modified Bessel function of the first kind of order 0. Elementwise, on real numbers.

    >>> i0(1.0)
    Array(1.266066, dtype=float32, weak_type=True)
    """
    (x,) = reals("i0", x)
    size = lnp.maximum(x, -x)  # |x| with the derivative 0 at 0
    return lnp.exp(size) * apply("bessel_i0e", x)


@api_boundary
def i1(x: Any) -> Array:
    """Modified Bessel function of the first kind of order 1. Elementwise, on real numbers.

    >>> i1(1.0)
    Array(0.56515914, dtype=float32, weak_type=True)
    """
    (x,) = reals("i1", x)
    return lnp.exp(abs(x)) * apply("bessel_i1e", x)


@api_boundary
def bessel_jn(z: Any, *, v: int, n_iter: int = 50) -> Array:
    """Bessel functions of the first kind J₀(z) … J_v(z) of real z, along a new first axis.

    Miller's method: the ratios Jₖ / Jₖ₋₁ from the recurrence, down from k = n_iter, and 1 = J₀ + 2 Σ J₂ₖ (DLMF 3.6,
    10.6.1, 10.12.4).

    Args:
        v: the largest order, an int.
        n_iter: an int well above v and |z|, 20 more for float32, 40 more for float64.

    >>> import lamina.numpy as lnp
    >>> bessel_jn(lnp.array([0.0, 1.0]), v=1)
    Array([[1.       , 0.7651977],
           [0.       , 0.4400506]], dtype=float32)
    """
    order, start = operator.index(v), operator.index(n_iter)
    (z,) = reals("bessel_jn", z, names=("z",))
    ratios: list[Array] = []
    ratio = lnp.zeros_like(z)
    for k in range(max(start, order + 1), 0, -1):
        ratio = z / (2 * k - z * ratio)
        ratios.append(ratio)
    ratios.reverse()
    relative, total = [lnp.ones_like(z)], lnp.ones_like(z)
    for k, ratio in enumerate(ratios, 1):
        relative.append(relative[-1] * ratio)
        if k % 2 == 0:
            total = total + 2 * relative[-1]
    return lnp.stack([value / total for value in relative[: order + 1]])

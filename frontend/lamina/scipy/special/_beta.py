"""The beta function, its incomplete form, and binomial coefficients."""

from __future__ import annotations

from typing import Any

from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._gamma import gammasgn
from lamina.scipy.special._operands import apply, of_op, reals


@api_boundary
def betaln(a: Any, b: Any) -> Array:
    """ln |B(a, b)| of the beta function. Elementwise, on real numbers.

    >>> betaln(2.0, 3.0)
    Array(-2.4849067, dtype=float32, weak_type=True)
    """
    return of_op("betaln", "betaln", a, b, names=("a", "b"))


@api_boundary
def beta(a: Any, b: Any) -> Array:
    """Beta function B(a, b) = Γ(a) Γ(b) / Γ(a + b). Elementwise, on real numbers.

    >>> beta(2.0, 3.0)
    Array(0.08333334, dtype=float32)
    """
    a, b = reals("beta", a, b, names=("a", "b"))
    sign = gammasgn(a) * gammasgn(b) * gammasgn(a + b)
    return sign * lnp.exp(apply("betaln", a, b))


@api_boundary
def betainc(a: Any, b: Any, x: Any) -> Array:
    """Regularized incomplete beta function I_x(a, b), for a, b ≥ 0 and x in [0, 1]; nan elsewhere. Elementwise.

    There is a derivative in x only.

    >>> betainc(2.0, 3.0, 0.5)
    Array(0.6875, dtype=float32, weak_type=True)
    """
    return of_op("betainc", "betainc", a, b, x, names=("a", "b", "x"))


@api_boundary
def comb(N: Any, k: Any, *, repetition: bool = False) -> Array:
    """Binomial coefficients: how often k things can be chosen from N, as floats. Elementwise, on real numbers.

    Args:
        repetition: things may be chosen more than once.

    >>> comb(5, 2)
    Array(10., dtype=float32, weak_type=True)
    """
    N, k = reals("comb", N, k, names=("N", "k"))
    if repetition:
        return lnp.where((k == 0) & (N >= 0), 1, comb(N + k - 1, k))
    valid = (k <= N) & (N >= 0) & (k >= 0)
    n, m = lnp.where(valid, N, 0), lnp.where(valid, k, 0)
    # by gamma functions where they are in range, else by the logarithm of the beta function
    small = n < (30 if n.dtype.itemsize < 8 else 165)
    s, t = lnp.where(small, n, 0), lnp.where(small, m, 0)
    direct = apply("gamma", s + 1) / (apply("gamma", t + 1) * apply("gamma", s - t + 1))
    large = lnp.exp(-apply("betaln", 1 + n - m, 1 + m)) / (n + 1)
    return lnp.where(valid, lnp.where(small, direct, large), 0)

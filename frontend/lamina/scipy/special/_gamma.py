"""The gamma function, its logarithm and derivatives, incomplete forms, and products made of it."""

from __future__ import annotations

import math
import operator
from typing import Any

from lamina import errors
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import operand
from lamina.scipy.special._operands import apply, numbers, of_op, reals


@api_boundary
def gammaln(x: Any) -> Array:
    """ln |Γ(x)|; ∞ at the poles 0, −1, … Elementwise, on real numbers.

    >>> gammaln(5.0)
    Array(3.1780539, dtype=float32, weak_type=True)
    """
    return of_op("gammaln", "lgamma", x)


@api_boundary
def gammasgn(x: Any) -> Array:
    """Sign of Γ(x), ±1; nan at negative integers and −∞. Elementwise, on real numbers.

    >>> gammasgn(-0.5)
    Array(-1., dtype=float32)
    """
    (x,) = reals("gammasgn", x)
    whole = lnp.floor(x)
    undefined = ((x < 0) & (x == whole)) | lnp.isnan(x)
    negative = ((x < 0) & (whole % 2 != 0)) | ((x == 0) & lnp.signbit(x))
    return lnp.where(undefined, math.nan, lnp.where(negative, -1, lnp.ones_like(x)))


@api_boundary
def gamma(x: Any) -> Array:
    """Gamma function; ±∞ at ±0, nan at negative integers. Elementwise; complex numbers too, nan at all poles.

    >>> gamma(5.0)
    Array(24., dtype=float32)
    """
    (x,) = numbers("gamma", x)
    if x.dtype.kind != "c":
        return apply("gamma", x)
    pole = (lnp.imag(x) == 0) & (lnp.real(x) <= 0) & (lnp.floor(lnp.real(x)) == lnp.real(x))
    return lnp.where(pole | lnp.isnan(x), complex(math.nan, math.nan), lnp.exp(_complex_loggamma(x)))


@api_boundary
def loggamma(x: Any) -> Array:
    """Principal branch of ln Γ(x), cut along the negative real axis; of real x < 0 nan. Elementwise; complex too.

    >>> loggamma(5.0)
    Array(3.1780539, dtype=float32, weak_type=True)
    """
    (x,) = numbers("loggamma", x)
    if x.dtype.kind == "c":
        return _complex_loggamma(x)
    return lnp.where(x > 0, apply("lgamma", x), math.nan)


_SHIFT = 8
# B₂ₖ / (2k (2k − 1)), the coefficients of Stirling's series (DLMF 5.11.1)
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)


def _complex_loggamma(z: Array) -> Array:
    """Stirling's series after a shift to the right; for Re z < 0 by reflection, on the sheet of Im z (Hare 1997)."""
    left = lnp.real(z) < 0
    below = lnp.signbit(lnp.imag(z))
    upper = lnp.where(below, lnp.conj(z), z)
    w = lnp.where(left, 1 - upper, upper)
    right = _right_loggamma(w)
    # ln sin πz = −iπz + iπ/2 − ln 2 + ln(1 − e^(2πi z)), analytic for Im z > 0
    turned = lnp.where(left, upper, 1j)
    log_sine = 1j * math.pi * (0.5 - turned) - math.log(2) + lnp.log1p(-lnp.exp(2j * math.pi * turned))
    result = lnp.where(left, math.log(math.pi) - log_sine - right, right)
    return lnp.where(below, lnp.conj(result), result)


def _right_loggamma(z: Array) -> Array:
    """ln Γ(z) for Re z ≥ 0."""
    shifted = z + _SHIFT
    inverse = 1 / shifted
    square = inverse * inverse
    series = lnp.zeros_like(z)
    for coefficient in reversed(_STIRLING):
        series = series * square + coefficient
    result = (shifted - 0.5) * lnp.log(shifted) - shifted + 0.5 * math.log(2 * math.pi) + inverse * series
    for k in range(_SHIFT):
        result = result - lnp.log(z + k)
    return result


@api_boundary
def digamma(x: Any) -> Array:
    """Derivative of ln Γ(x). Elementwise, on real numbers.

    >>> digamma(1.0)
    Array(-0.5772157, dtype=float32, weak_type=True)
    """
    return of_op("digamma", "digamma", x)


@api_boundary
def polygamma(n: Any, x: Any) -> Array:
    """Derivative of order n of `digamma`, for integers n ≥ 0. Elementwise, on real numbers.

    Raises: DTypeError where n is not of an integer dtype.

    >>> polygamma(1, 1.0)
    Array(1.644934, dtype=float32, weak_type=True)
    """
    order = operand("scipy.special.polygamma", n, "n")
    if order.dtype.kind not in "iu":
        raise errors.DTypeError(
            f"`scipy.special.polygamma`: n has dtype {order.dtype.name}, but orders are integers.",
            cure="Pass n as an int or an integer array.",
        )
    return of_op("polygamma", "polygamma", n, x, names=("n", "x"))


@api_boundary
def gammainc(a: Any, x: Any) -> Array:
    """Regularized lower incomplete gamma function P(a, x), for a, x ≥ 0; nan elsewhere. Elementwise.

    >>> gammainc(1.0, 2.0)
    Array(0.86466473, dtype=float32, weak_type=True)
    """
    return of_op("gammainc", "igamma", a, x, names=("a", "x"))


@api_boundary
def gammaincc(a: Any, x: Any) -> Array:
    """Regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x), accurate where it is small. Elementwise.

    >>> gammaincc(1.0, 20.0)
    Array(2.0611537e-09, dtype=float32, weak_type=True)
    """
    return of_op("gammaincc", "igammac", a, x, names=("a", "x"))


@api_boundary
def multigammaln(a: Any, d: Any) -> Array:
    """ln Γ_d(a) of the multivariate gamma function, ln π^(d(d−1)/4) + Σ ln Γ(a − i/2) over i < d. Elementwise.

    Args:
        d: an int, the dimension.

    >>> multigammaln(3.0, 2)
    Array(1.550195, dtype=float32)
    """
    dimension = operator.index(d)
    (a,) = reals("multigammaln", a, names=("a",))
    total = lnp.zeros_like(a) + dimension * (dimension - 1) / 4 * math.log(math.pi)
    for i in range(dimension):
        total = total + apply("lgamma", a - i / 2)
    return total


@api_boundary
def factorial(n: Any, exact: bool = False) -> Array:
    """Γ(n + 1) as a float, 0 for n < 0. Elementwise, on real numbers.

    >>> factorial(5)
    Array(120., dtype=float32, weak_type=True)
    """
    if exact:
        raise NotImplementedError(
            "scipy.special.factorial: exact=True needs integers of any size, which arrays do not hold. Use "
            "math.factorial."
        )
    (n,) = reals("factorial", n, names=("n",))
    return lnp.where(n < 0, 0, apply("gamma", n + 1))


@api_boundary
def poch(z: Any, m: Any) -> Array:
    """Pochhammer's symbol Γ(z + m) / Γ(z), the rising factorial. Elementwise, on real numbers.

    >>> poch(3.0, 2.0)
    Array(12., dtype=float32)
    """
    z, m = reals("poch", z, m, names=("z", "m"))
    large = (abs(z) > _GAMMA_LIMIT[z.dtype.itemsize >= 8]) | (abs(z + m) > _GAMMA_LIMIT[z.dtype.itemsize >= 8])
    s, t = lnp.where(large, 1, z), lnp.where(large, 1, z + m)
    sign = gammasgn(z) * gammasgn(z + m)
    logarithm = apply("lgamma", lnp.where(large, z + m, 1)) - apply("lgamma", lnp.where(large, z, 1))
    quotient = lnp.where(large, sign * lnp.exp(logarithm), apply("gamma", t) / apply("gamma", s))
    return lnp.where(m == 0, 1, quotient)


_GAMMA_LIMIT = (34, 170)  # below it Γ and 1/Γ are normal numbers: f32, f64

"""The normal distribution function, its logarithm, its inverse, and Owen's T function."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from .dispatch import elementary
from .error_function import erf_inv, erfc_scaled
from .exponential import exp_of_pair, exp_scaled
from .formats import INF, NAN, Pair, format_of, is_zero, limit, pair_multiply, polynomial, two_product, two_sum
from .logarithm import log1p_finite, log_positive
from .value import Value, fma, select

_SQRT_HALF = 0.7071067811865476


class _Tail(NamedTuple):
    """Φ(-x) = scaled / 2 · e**(power), for 0 <= x <= 38."""

    scaled: Value
    power: Pair

    @property
    def logarithm(self) -> Value:
        return (log_positive(self.scaled * 0.5) + self.power[1]) + self.power[0]

    @property
    def value(self) -> Value:
        return 0.5 * self.scaled * exp_of_pair(self.power)

    @property
    def hazard(self) -> Value:
        """φ(x) / Φ(-x)."""
        return 0.7978845608028654 / self.scaled


def _tail(x: Value) -> _Tail:
    square, low = two_product(x, x)
    return _Tail(erfc_scaled(x * _SQRT_HALF), (-0.5 * square, -0.5 * low))


@elementary(subnormals=True)
def ndtr(x: Value) -> Value:
    """Φ(x), the standard normal distribution function."""
    a = x.abs()
    tail = select(a < 38.5, _tail(limit(a, 0.0, 38.5)).value, 0.0)
    return select(x.is_nan(), x, select(x > 0.0, 1.0 - tail, tail))


@elementary(subnormals=True)
def log_ndtr(x: Value) -> Value:
    """log Φ(x), Φ the standard normal distribution function."""
    f = format_of(x)
    a = x.abs()
    tail = _tail(limit(a, 0.0, 38.0))
    b = limit(a, 38.0, 2.0 ** (f.bias // 2 - 1))
    z = 1.0 / b
    z = z * z
    series = log1p_finite(z * polynomial(z, (-1.0, 3.0, -15.0, 105.0)))  # DLMF 7.12.1
    square, low = two_product(b, b)
    far = ((series - 0.5 * low) - (log_positive(b) + 0.9189385332046727)) - 0.5 * square
    left = select(a < 38.0, tail.logarithm, select(a < 2.0 ** (f.bias // 2 - 1), far, a * -0.5 * a))
    right = log1p_finite(-select((x > 0.0) & (x < 38.0), tail.value, 0.0))
    return select(x.is_nan(), x, select(x > 0.0, right, left))


@elementary(subnormals=True)
def ndtri(p: Value) -> Value:
    """Inverse of the standard normal distribution function."""
    f = format_of(p)
    flip = p > 0.5
    tail = select(flip, 1.0 - p, p)
    q = select((tail.bits() > 0) & (tail < 0.2), tail, 0.1)
    # Hastings's guess (Abramowitz & Stegun 26.2.23), then Halley's method on log Φ(-x) = log q
    log_q = log_positive(q)
    y = (-2.0 * log_q).sqrt()
    x = y - polynomial(y, (2.515517, 0.802853, 0.010328)) / polynomial(y, (1.0, 1.432788, 0.189269, 0.001308))
    for _ in range(1 if f.spare else 2):
        tail_at = _tail(x)
        excess = (tail_at.logarithm - log_q) / tail_at.hazard
        x = x + excess / fma(0.5 * (tail_at.hazard - x), excess, 1.0)
    centre = erf_inv.function(fma(2.0, p, -1.0)) * 1.4142135623730951
    result = select(tail < 0.2, select(flip, x, -x), centre)
    result = select(p.eq(1.0), INF, select(is_zero(p), -INF, result))
    return select((p >= 0.0) & (p <= 1.0), result, NAN)


_PER_TURN = Fraction("0.15915494309189533576888376337251436")  # 1 / 2π


class _Node(NamedTuple):
    """A node of a quadrature on [0, 1], its square, and its weight over 2π, each rounded once."""

    place: float
    square: float
    weight: float


@functools.cache
def _nodes(count: int) -> list[_Node]:
    """Nodes and weights of Gauss and Legendre, the weights over 2π, a Newton step better than NumPy's."""
    found = []
    for x in map(Fraction, np.polynomial.legendre.leggauss(count)[0]):
        value, slope = _legendre(count, x)
        x = Fraction(round((x - value / slope) * 2**110), 2**110)
        slope, place = _legendre(count, x)[1], (1 + x) / 2
        found.append(_Node(float(place), float(place * place), float(_PER_TURN / ((1 - x * x) * slope * slope))))
    return found


def _legendre(degree: int, x: Fraction) -> tuple[Fraction, Fraction]:
    """The Legendre polynomial and its derivative."""
    before, value = Fraction(1), x
    for n in range(2, degree + 1):
        before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
    return value, degree * (before - x * value) / (1 - x * x)


def _owens_t_inner(h: Value, a: Value) -> Value:
    """T(h, a) for h >= 0 and 0 <= a <= 1; the integrand is integrated as far as it matters."""
    f = format_of(h)
    width = select(h * a > 9.0, 9.0 / select(h * a > 9.0, h, 1.0), a)
    half = _half_square(h)
    scale = pair_multiply(half, two_product(width, width))[0]
    total, error = h.lift(0.0), h.lift(0.0)
    for node in _nodes(32 if f.name == "f64" else 16):
        u = width * node.place
        total, lost = two_sum(total, exp_scaled(scale * node.square) * node.weight / fma(u, u, 1.0))
        error = error + lost
    return (total + error) * width * exp_of_pair(half)


def _half_square(h: Value) -> Pair:
    """-h² / 2."""
    square, low = two_product(h, h)
    return -0.5 * square, -0.5 * low


@elementary()
def owens_t(h: Value, a: Value) -> Value:
    """Owen's function T(h, a) = ∫ e**(-h² (1 + x²) / 2) / (1 + x²) from 0 to a, over 2π (Patefield & Tandy 2000)."""
    x, b = limit(h.abs(), 0.0, 38.5), a.abs()
    large = b > 1.0
    y = x * select(b < INF, b, 1.0)
    at_infinity = select(x.eq(0.0), y, INF)
    y = select(b < INF, y, at_infinity)
    inner = _owens_t_inner(select(large, limit(y, 0.0, 38.5), x), select(large, 1.0 / select(large, b, 1.0), b))
    p, q = _upper(x), _upper(y)
    outer = fma(-p, q, 0.5 * (p + q)) - inner
    result = select(large, outer, inner)
    result = select(h.abs() > 38.5, 0.0, result).copysign(a)
    return select(h.is_nan() | a.is_nan(), NAN, result)


def _upper(x: Value) -> Value:
    """1 - Φ(x) for x >= 0."""
    return select(x < 38.5, _tail(limit(x, 0.0, 38.5)).value, 0.0)

"""The Hurwitz zeta function by Euler-Maclaurin summation, and the polygamma functions."""

from __future__ import annotations

from fractions import Fraction

from .dispatch import elementary
from .formats import INF, NAN, format_of, limit, two_sum
from .gamma import digamma, gamma_positive
from .power import magnitude
from .value import Value, fma, loop, select

_TERMS = 10  # summed one by one before the asymptotic series takes over
_BERNOULLI = [
    Fraction(n, d)
    for n, d in (
        (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798),
        (-174611, 330), (854513, 138), (-236364091, 2730),
    )
]  # fmt: skip


def _ratios() -> list[float]:
    """B_2j / (2j)!."""
    result, factorial = [], Fraction(1)
    for j, bernoulli in enumerate(_BERNOULLI, 1):
        factorial *= (2 * j - 1) * (2 * j)
        result.append(float(bernoulli / factorial))
    return result


def _shifted_power(q: Value, k: Value, x: Value) -> tuple[Value, Value]:
    """q + k and (q + k)**-x, for the exact sum."""
    s, low = two_sum(q, k)
    p = magnitude(s, -x)
    if not format_of(q).spare:
        p = select(p < INF, fma(p, -x * low / s, p), p)
    return s, p


def _hurwitz(x: Value, q: Value) -> Value:
    """Σ (q + k)**-x over k >= 0, for x > 1 and q > 0 (DLMF 2.10.1)."""
    a, power = _shifted_power(q, q.lift(float(_TERMS)), x)
    # Σ B_2j / (2j)! · x (x + 1) … (x + 2j - 2) / a**(2j - 1) by Horner's rule
    inverse = 1.0 / a
    *ratios, last = _ratios()
    series = q.lift(last)
    for j, ratio in reversed(list(enumerate(ratios, 1))):
        series = fma(series, (x + float(2 * j - 1)) * inverse * ((x + float(2 * j)) * inverse), ratio)
    tail = power * (a / (x - 1.0) + (0.5 + x * inverse * series))
    tail = select(power.eq(0.0), 0.0, tail)

    def add_term(k: Value, total: Value) -> tuple[Value, Value]:
        return k - 1.0, total + _shifted_power(q, k, x)[1]

    return loop(lambda k, total: k >= 0.0, add_term, q.lift(_TERMS - 1.0), tail)[1]


def _is_even(n: Value) -> Value:
    half = n * 0.5
    return half.floor().eq(half)


@elementary(subnormals=True)
def zeta(x: Value, q: Value) -> Value:
    """Hurwitz zeta function Σ (q + k)**-x over k >= 0, for x > 1; for q < 0 at integers x only."""
    usable = (x > 1.0) & (q.abs() < INF)
    s = select(usable, limit(x, 1.0, 1e30), 2.0)
    left = usable & (q < 0.0)
    t = (-q).floor()
    t = -q - t  # ζ(n, q) = ζ(n, 1 - t) + (-1)ⁿ (ζ(n, t) - ζ(n, 1 - q)) for q = -k - t: a sum to both sides less a tail
    pole = q.eq(0.0) | (left & t.eq(0.0))
    parity = select(_is_even(s), q.lift(1.0), -1.0)

    def next_part(i: Value, total: Value) -> tuple[Value, Value]:
        first, second = i.eq(0.0), i.eq(1.0)
        at = select(first, select(left, 1.0 - t, q), select(second, t, 1.0 - q))
        part = _hurwitz(s, select(pole | ~usable, 1.0, at))
        return i + 1.0, total + select(first, part, select(second, parity * part, -parity * part))

    parts = select(left, q.lift(3.0), 1.0)
    _, result = loop(lambda i, total: i < parts, next_part, q.lift(0.0), q.lift(0.0))
    result = select(pole, select(_is_even(s), INF, q.lift(NAN)), result)
    result = select(left & s.floor().ne(s), NAN, result)
    result = select(q.eq(INF), 0.0, select(x.eq(1.0), INF, result))
    return select((x >= 1.0) & ~q.is_nan(), result, NAN)


@elementary(subnormals=True)
def polygamma(m: Value, x: Value) -> Value:
    """m-th derivative of digamma, (-1)**(m+1) m! ζ(m + 1, x), for integers m >= 0."""
    valid = (m >= 0.0) & m.floor().eq(m)
    order = select(valid, m, 1.0)
    factorial = gamma_positive(order + 1.0)
    higher = factorial * zeta.function(order + 1.0, x)
    result = select(m.eq(0.0), digamma.function(x), select(_is_even(order), -higher, higher))
    return select(valid, result, NAN)

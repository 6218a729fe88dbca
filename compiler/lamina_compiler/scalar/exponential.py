"""exp, exp2, expm1, logistic: reduction by powers of two and one minimax polynomial for (eʳ − 1 − r) / r²."""

from __future__ import annotations

from .dispatch import elementary
from .formats import (
    INF,
    LN2,
    LOG2_E,
    Format,
    Pair,
    fast_two_sum,
    format_of,
    limit,
    multiply,
    nearest_integer,
    polynomial,
    power_of_two,
    scale,
    two_sum,
)
from .value import Value, fma, select


def head_of_ln2(f: Format) -> tuple[float, float]:
    """ln 2 whose head times any exponent is exact."""
    return f.split(LN2, 40 if f.mantissa == 52 else 15)


def reduce_by_ln2(x: Value) -> tuple[Value, Value, Value]:
    """x = k ln2 + r + low: k as an integer, |r| <= ln2 / 2."""
    f = format_of(x)
    high, low = head_of_ln2(f)
    n, k = nearest_integer(x * f.round(LOG2_E))
    a = fma(-n, high, x)
    b = multiply(n, low)
    r = a - b
    return k, r, (a - r) - b


def exp_tail(r: Value, low: Value | None = None, low_is_large: bool = False) -> Value:
    """e**(r + low) - 1.  low_is_large: low is well above an ulp of r, so its factor e**r matters."""
    q = polynomial(r, format_of(r).table("exp"))
    if low is None:
        return fma(r * r, q, r)
    if low_is_large:
        low = fma(fma(r * r, q, r), low, low)
    return r + fma(r * r, q, low)


def exp_scaled(x: Value, adjust: int = 0) -> Value:
    """e**x * 2**adjust, without overflow in between."""
    f = format_of(x)
    if f.spare:
        x = limit(x, -150.0, 150.0)
        n, k = nearest_integer(x * f.round(LOG2_E))
        high, low = f.split(LN2)
        r = fma(-n, low, fma(-n, high, x))
        return (1.0 + exp_tail(r)) * power_of_two(k + adjust, x.type)
    k, r, low = reduce_by_ln2(limit(x, *((-110.0, 100.0) if f.mantissa == 23 else (-760.0, 720.0))))
    return scale(1.0 + exp_tail(r, low), k + adjust if adjust else k)


def exp_of_pair(x: Pair) -> Value:
    """e**(x[0] + x[1])."""
    f = format_of(x[0])
    if f.spare:
        return exp_scaled(x[0] + x[1])
    k, r, low = reduce_by_ln2(limit(x[0], *((-110.0, 100.0) if f.mantissa == 23 else (-760.0, 720.0))))
    return scale(1.0 + exp_tail(r, low + x[1], low_is_large=True), k)


@elementary(native=True)
def exp(x: Value) -> Value:
    """e**x."""
    return exp_scaled(x)


@elementary(native=True)
def exp2(x: Value) -> Value:
    """2**x."""
    f = format_of(x)
    x = limit(x, *((-160.0, 160.0) if f.mantissa == 23 or f.spare else (-1100.0, 1100.0)))
    n, k = nearest_integer(x)
    high, low = f.split(LN2)
    r = x - n
    t = multiply(r, high)
    return scale(1.0 + exp_tail(t, fma(r, low, fma(r, high, -t))), k)


def expm1_pair(x: Value) -> tuple[Value, Value]:
    """e**x - 1 as an unevaluated sum."""
    f = format_of(x)
    k, r, low = reduce_by_ln2(limit(x, -60.0, 89.0 if f.mantissa == 23 else 710.0))
    q = fma(r * r, polynomial(r, f.table("exp")), low)
    s = power_of_two(k - 1, x.type)  # doubled at the end, so that the largest k works
    h, e = two_sum(s - 0.5, multiply(s, r))
    return h * 2.0, fma(s, q, e) * 2.0


@elementary(native=True, identity=True)
def expm1(x: Value) -> Value:
    """e**x - 1, accurate near 0."""
    h, low = expm1_pair(x)
    return select(x > (88.7229 if format_of(x).mantissa == 23 else 709.79), INF, h + low)


@elementary(native=True)
def logistic(x: Value) -> Value:
    """1 / (1 + e**-x)."""
    # For x < 0 as e**x / (1 + e**x), which is right down to the subnormals.
    e = exp_scaled(-x.abs())
    d, low = fast_two_sum(x.lift(1.0), e)
    quotient = select(x < 0.0, e, 1.0) / d
    corrected = quotient - quotient * (low / d)
    return select(x < -87.0 if format_of(x).mantissa == 23 else x < -708.0, e, corrected)

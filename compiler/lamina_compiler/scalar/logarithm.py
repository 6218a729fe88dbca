"""log, log1p, log2, log10: log(2**k m) = k log 2 + log m.

log m = f − f²/2 + s (f²/2 + R(s²)), f = m − 1, s = f / (2 + f): the form of fdlibm's e_log.c, with our own minimax R.
"""

from __future__ import annotations

from fractions import Fraction

from .dispatch import elementary
from .exponential import head_of_ln2
from .formats import (
    INF,
    LN2,
    LOG2_E,
    LOG10_2,
    LOG10_E,
    NAN,
    Pair,
    decompose,
    divide,
    fast_two_sum,
    format_of,
    fused,
    multiply,
    pair_add,
    pair_multiply,
    polynomial,
    small_integer_to_float,
    two_product,
    two_sum,
)
from .value import Value, fma, select


def split_exponent(x: Value) -> tuple[Value, Value]:
    """Positive finite x = 2**k m with m in [sqrt 1/2, sqrt 2): k as a float, and m - 1."""
    f = format_of(x)
    shift: Value | float = 0.0
    if not f.spare:  # f64 holds every f32 as a normal number
        x, shift = decompose(x)
    sqrt_half = f.bits(0.5**0.5)
    bits = x.bits() - sqrt_half
    m = ((bits & ((1 << f.mantissa) - 1)) + sqrt_half).bitcast(x.type)
    return small_integer_to_float(bits >> f.mantissa, x.type) + shift, m - 1.0


def log_tail(f: Value) -> tuple[Value, Value]:
    """log(1 + f) = f - (h - t): h = f²/2 and t."""
    s = divide(f, 2.0 + f)
    z = s * s
    h = multiply(0.5 * f, f)
    return h, s * fma(z, polynomial(z, format_of(f).table("log")), h)


def log_positive(x: Value) -> Value:
    """log x for positive finite x."""
    high, low = head_of_ln2(format_of(x))
    k, f = split_exponent(x)
    h, t = log_tail(f)
    return fma(k, high, f - (h - fma(k, low, t)))


def _repair(x: Value, result: Value) -> Value:
    """The values of a logarithm at inf, 0, negative numbers and NaN.  Signs are read from the bits: arithmetic may take
    a subnormal for zero."""
    bits = x.bits()
    result = select(x.eq(INF), INF, result)
    return select(x.is_nan(), x, select(bits > 0, result, select(-bits > 0, NAN, x.lift(-INF))))


@elementary(native=True)
def log(x: Value) -> Value:
    """Natural logarithm."""
    return _repair(x, log_positive(x))


def _log_to_base(x: Value, per_e: Fraction, per_two: Fraction) -> Value:
    """k * per_two + log(m) * per_e; per_e = 1 / log(base)."""
    fmt = format_of(x)
    high, low = fmt.split(per_e)
    two_high, two_low = fmt.split(per_two, 40 if fmt.mantissa == 52 else 15)
    k, f = split_exponent(x)
    h, t = log_tail(f)
    if fmt.spare:
        return _repair(x, fma(k, fmt.round(per_two), (f - (h - t)) * high))
    s, e = fast_two_sum(f, -h)
    s, e = fast_two_sum(s, (e + _square_error(f, h)) + t)
    p, pe = two_product(s, high)
    pe = fma(s, low, fma(e, high, pe))
    s, e = two_sum(multiply(k, two_high), p)
    return _repair(x, s + (e + (fma(k, two_low, pe) if two_low else pe)))


def _square_error(f: Value, h: Value) -> Value:
    """h - f²/2 for h = round(f²/2), to be added where h was subtracted."""
    if f.emitter.has_fma:
        return fma(f * -0.5, f, h)
    p, e = two_product(0.5 * f, f)
    return (h - p) - e


@elementary(native=True)
def log2(x: Value) -> Value:
    """Logarithm to base 2."""
    return _log_to_base(x, LOG2_E, Fraction(1))


@elementary(native=True)
def log10(x: Value) -> Value:
    """Logarithm to base 10."""
    return _log_to_base(x, LOG10_E, LOG10_2)


def log1p_finite(x: Value, low: Value | None = None) -> Value:
    """log(1 + x + low) for finite x > -1 and |low| well below |x|."""
    fmt = format_of(x)
    ln2_high, ln2_low = head_of_ln2(fmt)
    u, c = two_sum(x, x.lift(1.0))
    k, f = split_exponent(u)
    near = k.eq(0.0)
    f = select(near, x, f)
    h, t = log_tail(f)
    if fmt.spare:
        return fma(k, ln2_high, f - (h - fma(k, ln2_low, t)))
    c = select(near, 0.0, c)
    c = (c if low is None else c + low) / u
    s, e = fast_two_sum(f, -h)
    r, re = two_sum(multiply(k, ln2_high), s)
    return r + (re + (e + (t + fma(k, ln2_low, c))))


@elementary(native=True, identity=True)
def log1p(x: Value) -> Value:
    """log(1 + x), accurate near 0."""
    r = select(x.eq(INF), INF, log1p_finite(x))
    return select(x > -1.0, r, select(x.eq(-1.0), x.lift(-INF), select(x.is_nan(), x, NAN)))


def log_pair(x: Value) -> tuple[Value, Value]:
    """log of a positive finite x as an unevaluated sum; the second term is 0 where bits are spare."""
    fmt = format_of(x)
    ln2_high, ln2_low = head_of_ln2(fmt)
    k, f = split_exponent(x)
    h, t = log_tail(f)
    if fmt.spare:
        return fma(k, ln2_high, f - (h - fma(k, ln2_low, t))), x.lift(0.0)
    s, e = fast_two_sum(f, -h)
    r, re = two_sum(multiply(k, ln2_high), s)
    return fast_two_sum(r, re + (e + _square_error(f, h) + fma(k, ln2_low, t)))


def log2_pair(x: Value) -> Pair:
    """log2 of a positive finite x as an unevaluated sum with about 13 bits beyond the format (w32: 10 short of f64)."""
    fmt = format_of(x)
    k, f = split_exponent(x)
    u, u_low = fast_two_sum(x.lift(2.0), f)
    inverse = 1.0 / u
    s = f * inverse
    s_low = (fused(-s, u, f) - s * u_low) * inverse
    z, ze = two_product(s, s)
    z_pair = (z, fma(2.0 * s, s_low, ze))
    # log m = 2 s + s z (2/3 + z P(z))
    third, third_low = fmt.split(Fraction(2, 3))
    ph, pl = fast_two_sum(x.lift(third), z * polynomial(z, fmt.table("log2")))
    v = pair_add((x.lift(2.0), x.lift(0.0)), pair_multiply(z_pair, (ph, pl + third_low)))
    log2_e, log2_e_low = fmt.split(LOG2_E)
    h, low = pair_multiply(pair_multiply((s, s_low), v), (x.lift(log2_e), x.lift(log2_e_low)))
    a, e = two_sum(k, h)
    return fast_two_sum(a, e + low)


def log_of_pair(x: Pair) -> Pair:
    """Natural logarithm of a positive finite x[0] + x[1], with about 12 bits beyond the format."""
    fmt = format_of(x[0])
    if fmt.spare:
        return log_positive(x[0] + x[1]), x[0].lift(0.0)
    ln2, ln2_low = fmt.split(LN2)
    high, low = pair_multiply(log2_pair(x[0]), (x[0].lift(ln2), x[0].lift(ln2_low)))
    return fast_two_sum(high, low + x[1] / x[0])

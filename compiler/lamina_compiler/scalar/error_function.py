"""erf, erfc and the inverse of erf."""

from __future__ import annotations

from .dispatch import elementary
from .exponential import exp_of_pair, exp_scaled, exp_tail, reduce_by_ln2
from .formats import (
    INF,
    LN2,
    NAN,
    Pair,
    divide,
    fast_two_sum,
    format_of,
    fused,
    lifted,
    limit,
    lowered,
    polynomial,
    polynomial_in_halves,
    scale,
    select_polynomial,
    selected,
    two_product,
)
from .logarithm import log1p_finite, log_positive, split_exponent
from .value import Value, fma, select

_SQRT_PI_OVER_2 = 0.886226925452758
_TWO_OVER_SQRT_PI = 1.1283791670955126


def _tail_quotient(a: Value) -> Pair:
    """erfc(a) e**(a²) = P(t) / (1 + 2 a), 1/2 <= a <= 28, t = (a - 3.75) / (a + 3.75) (Shepherd & Laframboise 1981)."""
    f = format_of(a)
    t = divide(a - 3.75, a + 3.75)
    d, d_low = fast_two_sum(a * 2.0, a.lift(1.0))
    table = f.table("erfc")
    if f.spare:
        return divide(polynomial(t, table), d), a.lift(0.0)
    p, p_low = fast_two_sum(a.lift(table[0]), t * polynomial(t, table[1:]))
    inverse = 1.0 / d
    q = p * inverse
    return q, (fused(-q, d, p) + (p_low - q * d_low)) * inverse


def _erfc_tail(a: Value) -> Value:
    """erfc a for a >= 1/2."""
    f = format_of(a)
    a = limit(a, 0.5, 28.0 if f.mantissa == 52 else 11.0)
    q, q_low = _tail_quotient(a)
    if f.spare:
        return exp_scaled(-(a * a)) * q
    h, h_low = two_product(a, a)
    k, r, r_low = reduce_by_ln2(-h)
    e = exp_tail(r, r_low - h_low, low_is_large=True)
    return scale(q + fma(e, q, q_low), k)  # (1 + e) (q + q_low)


def erfc_scaled(a: Value) -> Value:
    """erfc(a) e**(a²) for 0 <= a <= 28."""
    small = a < 0.5
    z = select(small, a * a, 0.0)
    near = (1.0 - fma(a, polynomial(z, format_of(a).table("erf")), a)) * exp_scaled(z)
    q, q_low = _tail_quotient(limit(a, 0.5, 28.0))
    return select(small, near, q + q_low)


@elementary(subnormals=True)
def erfcx(x: Value) -> Value:
    """e**(x²) erfc(x)."""
    f = format_of(x)
    a = x.abs()
    near = erfc_scaled(select(a < 28.0, a, 28.0))
    b = limit(a, 28.0, 2.0 ** (f.bias - 3))
    z = 1.0 / b
    z = 0.5 * z * z
    series = polynomial(z, (1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0, -135135.0))  # DLMF 7.12.1
    right = select(a < 28.0, near, series * (0.5641895835477563 / b))
    square = two_product(select(a < 28.0, a, 28.0), select(a < 28.0, a, 28.0))
    left = fma(exp_of_pair(square), 2.0, -near)
    right = select(a.eq(INF), 0.0, right)
    return select(x.is_nan(), x, select(x < 0.0, select(a < 28.0, left, INF), right))


@elementary(subnormals=True)
def erf(x: Value) -> Value:
    """Error function."""
    f = format_of(x)
    a = x.abs()
    if f.spare:
        z = limit(a * a, 0.0, 15.5)
        r = fma(a, polynomial(z - 7.75, f.table("erf_all")), a)
        return select(a > 3.93, 1.0, r).copysign(x)
    small = a < 1.0
    z = select(small, a * a, 0.0)
    p = fma(a, polynomial(z, f.table("erf")), a)
    p = select(a < 2.0 ** -(f.bias // 2), lowered(lifted(select(small, a, 0.0)) * _TWO_OVER_SQRT_PI), p)
    return select(small, p, select(a.is_nan(), a, 1.0 - _erfc_tail(a))).copysign(x)


@elementary(subnormals=True)
def erfc(x: Value) -> Value:
    """1 - erf x, accurate for large x."""
    a = x.abs()
    small = a < 0.5
    z = select(small, a * a, 0.0)
    p = fma(x, polynomial(z, format_of(x).table("erf")), x)
    t = _erfc_tail(a)
    return select(x.is_nan(), x, select(small, 1.0 - p, select(x < 0.0, 2.0 - t, t)))


def _erf_inv_single(x: Value) -> Value:
    """The same of an f32 in f64: in two ranges, and what is small against the result in f32."""
    f = format_of(x)
    k, m = split_exponent(fma(-x, x, 1.0))
    m_single = m.cast("truncf", "f32")
    tail = m_single * m_single * polynomial_in_halves(m_single, f.table("log1p_tail"))
    w = fma(k, -float(LN2), -(m + tail.cast("extf", "w32")))
    near = w < 5.0
    s = w - select(near, w.lift(2.5), 10.5)
    (p0, p1, *p), (q0, q1, *q) = f.tables("single_erf_inv")
    s_single = s.cast("truncf", "f32")
    rest = polynomial_in_halves(s_single, selected(s_single, [near], [p, q])).cast("extf", "w32")
    c0, c1 = selected(s, [near], [(p0, p1), (q0, q1)])
    r = x * fma(fma(rest, s, c1), s, c0)
    a = x.abs()
    return select(a < 1.0, r, select(a.eq(1.0), x * INF, NAN))


@elementary(slope=_SQRT_PI_OVER_2)
def erf_inv(x: Value) -> Value:
    """Inverse of the error function: x P(w), w = -log(1 - x²), in three ranges that differ in the coefficients only."""
    f = format_of(x)
    if f.spare:
        return _erf_inv_single(x)
    a = x.abs()
    w = -log_positive((1.0 - a) * (1.0 + a))
    square, low = two_product(x, x)
    w = select(a < 0.5, -log1p_finite(-square, -low), w)
    near, middle = w < 6.25, w < 16.0
    s = select(near, w - 3.125, w.sqrt() - select(middle, w.lift(3.25), 5.0))
    r = a * select_polynomial(s, [near, middle], f.tables("erf_inv"))
    r = select(a < 1.0, r, select(a.eq(1.0), w.lift(INF), NAN))
    near_zero = lowered(lifted(select(a < 1.0, a, 0.0)) * _SQRT_PI_OVER_2)
    return select(a < 1e-9, near_zero, r).copysign(x)

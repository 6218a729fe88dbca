"""lgamma and digamma: Stirling's series from 8 on, shifts to a polynomial below, reflection for x < 0."""

from __future__ import annotations

from .coefficients import PSI_ROOT
from .dispatch import elementary
from .formats import (
    INF,
    LOG_PI,
    LOG_SQRT_2PI,
    NAN,
    PI,
    divide,
    fast_two_sum,
    format_of,
    polynomial,
    two_product,
    two_sum,
)
from .logarithm import log_pair, log_positive
from .trigonometric import sin_and_cos
from .value import Value, fma, select


def _to_nearest_integer(a: Value) -> Value:
    """Signed distance of a from the nearest integer."""
    return a - (a + 0.5).floor()


def _sin_cos_pi(d: Value) -> tuple[Value, Value]:
    """|sin πd| and cos πd for |d| <= 1/2."""
    d = d.abs()
    swap = d > 0.25
    high, low = format_of(d).split(PI)
    distance = select(swap, 0.5 - d, d)
    r, r_low = two_product(distance, high)
    s, c = sin_and_cos(r, fma(distance, low, r_low))
    return select(swap, c, s), select(swap, s, c)


@elementary(subnormals=True)
def lgamma(x: Value) -> Value:
    """log |Γ(x)|.  For x < 0, where zeros lie between the poles, within 4 ulp of max(1, |result|)."""
    f = format_of(x)
    a = x.abs()
    big = a >= 8.0
    # a < 8: a = n + y with y in [1.5, 2.5]; Γ(a) = Γ(y) (a - 1) ... (a - n), or Γ(y) / a ... for n < 0
    b = select(big, 2.0, a)
    n = (b - 1.5).floor()
    y = b - (n + 2.0)
    up = b.lift(1.0)
    for i in range(1, 7):
        up = up * select(n >= float(i), b - float(i), 1.0)
    down = select(n < 0.0, b, 1.0) * select(n < -1.0, b + 1.0, 1.0)
    negative = n < 0.0
    log_high, log_low = log_pair(select(big, a, select(negative, down, up)))
    inverse = divide(x.lift(1.0), select(big, limit_large(a), 1.0))
    series = inverse * polynomial(inverse * inverse, f.table("stirling"))
    table = f.table("lgamma")
    half_log, half_log_low = f.split(LOG_SQRT_2PI)
    if f.spare:
        small = fma(y, polynomial(y, table), select(negative, -log_high, log_high))
        large = fma(a - 0.5, log_high, (half_log - a) + series)
    else:
        sign = select(negative, x.lift(-1.0), 1.0)
        g, g_low = fast_two_sum(y.lift(table[0]), y * polynomial(y, table[1:]))
        p, p_low = two_product(y, g)
        s, e = two_sum(sign * log_high, p)
        small = s + (e + fma(sign, log_low, fma(y, g_low, p_low)))
        m = a - 0.5
        p, p_low = two_product(m, log_high)
        s, e = two_sum(p, -a)
        s, e2 = two_sum(s, s.lift(half_log))
        large = s + (e + (e2 + (fma(m, log_low, p_low) + (series + half_log_low))))
    result = select(big, large, small)
    result = select(a > 2.0 ** (f.bias - 23), a * (log_high - 1.0), result)  # products overflow before the result does
    result = select(x < 0.0, _reflect_lgamma(x, result), result)
    return select(x.is_nan(), x, select(a.eq(0.0) | a.eq(INF), INF, result))


def limit_large(a: Value) -> Value:
    """a, kept where 1 / a is a normal f32."""
    return select(a > 2.0**100, 2.0**100, a)


def _reflect_lgamma(x: Value, at_abs: Value) -> Value:
    """log |Γ(-a)| = log(π / (a |sin πa|)) - log Γ(a)."""
    a = select(x < 0.0, x.abs(), 0.5)
    d = _to_nearest_integer(a)
    pole = d.eq(0.0) & (a > 0.5)
    sine, _ = _sin_cos_pi(d)
    tiny = a < 1e-17
    reflected = (format_of(x).round(LOG_PI) - log_positive(select(pole | tiny, 1.0, a * sine))) - at_abs
    return select(pole, INF, select(tiny, at_abs, reflected))


@elementary(subnormals=True)
def digamma(x: Value) -> Value:
    """Derivative of log Γ.  For x < 0, where zeros lie between the poles, within 6 ulp of max(1, |result|)."""
    f = format_of(x)
    reflect = x < 0.0
    y = select(reflect, 1.0 - x, x)
    low = y < 8.0
    b = select(low, y, 1.5)
    # y < 8: ψ(y) = ψ(u) + Σ 1 / (y - i), u = y - n in [1, 2), the sum as one fraction (n = -1: -1 / y)
    n = (b - 1.0).floor()
    numerator, denominator = b.lift(0.0), b.lift(1.0)
    for i in range(1, 7):
        more = n >= float(i)
        t = b - float(i)
        numerator = select(more, fma(numerator, t, denominator), numerator)
        denominator = select(more, denominator * t, denominator)
    numerator, denominator = select(n < 0.0, -1.0, numerator), select(n < 0.0, b, denominator)
    u = b - n
    root, root_low = f.round(PSI_ROOT[0]), f.round((PSI_ROOT[0] - f.round(PSI_ROOT[0])) + PSI_ROOT[1])
    slope = polynomial(u - 1.5, f.table("digamma_small"))
    # (u - root) - root_low would become one subtraction in a shader compiler.
    small = fma(u - root, slope, -(root_low * slope)) + numerator / denominator
    z = select(low, 8.0, y)
    inverse = divide(x.lift(1.0), limit_large(z))
    square = inverse * inverse
    large = log_positive(z) - fma(square, polynomial(square, f.table("digamma_large")), 0.5 * inverse)
    result = select(low, small, large)
    # ψ(x) = ψ(1 - x) - π / tan πx
    d = _to_nearest_integer(x)
    sine, cosine = _sin_cos_pi(d)
    cotangent = (cosine / sine).copysign(d)
    reflected = select(d.eq(0.0), NAN, result - f.round(PI) * cotangent)
    result = select(reflect, reflected, result)
    result = select(x.abs() < 1e-17, -1.0 / x, result)
    return select(x.eq(INF), x, select(x.eq(-INF), NAN, result))

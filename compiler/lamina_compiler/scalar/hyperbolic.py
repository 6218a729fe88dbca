"""sinh, cosh, tanh and their inverses, from exp and log1p with the rounding errors of their arguments carried along."""

from __future__ import annotations

from .dispatch import elementary
from .exponential import exp_scaled
from .formats import INF, LN2, NAN, divide, fast_two_sum, format_of, fused, limit, polynomial, two_product, two_sum
from .logarithm import log1p_finite, log_positive
from .value import Value, fma, select

_SERIES_LIMIT = 2.0**-9  # below it, with spare bits, two terms of the series suffice and the closed forms cancel


def _huge(a: Value) -> Value:
    """Where sqrt(a² ± 1) = a."""
    return a > 2.0**30


@elementary(identity=True)
def sinh(x: Value) -> Value:
    """Hyperbolic sine."""
    a = x.abs()
    e = exp_scaled(a, adjust=-1)  # e**a / 2
    if format_of(x).spare:
        series = fma(a, a * a * (1 / 6), a)
        return select(a < _SERIES_LIMIT, series, e - divide(x.lift(0.25), e)).copysign(x)
    small = a < 1.0
    z = select(small, a * a, 0.0)
    series = fma(a * z, polynomial(z, format_of(x).table("sinh")), a)
    return select(small, series, e - 0.25 / e).copysign(x)


@elementary()
def cosh(x: Value) -> Value:
    """Hyperbolic cosine."""
    e = exp_scaled(x.abs(), adjust=-1)
    return e + divide(x.lift(0.25), e)


@elementary(native=True, identity=True)
def tanh(x: Value) -> Value:
    """Hyperbolic tangent."""
    a = x.abs()
    e = exp_scaled(limit(2.0 * a, 0.0, 60.0))
    if format_of(x).spare:
        z = a * a
        series = fma(a * z, fma(z, 2 / 15, -1 / 3), a)
        return select(a < _SERIES_LIMIT, series, 1.0 - divide(x.lift(2.0), e + 1.0)).copysign(x)
    small = a < 0.55
    z = select(small, a * a, 0.0)
    series = fma(a * z, polynomial(z, format_of(x).table("tanh")), a)
    return select(small, series, 1.0 - 2.0 / (e + 1.0)).copysign(x)


@elementary(identity=True)
def asinh(x: Value) -> Value:
    """Inverse hyperbolic sine."""
    f = format_of(x)
    a = x.abs()
    if f.spare:
        z = a * a
        series = fma(a * z, fma(z, 3 / 40, -1 / 6), a)
        result = select(a < _SERIES_LIMIT, series, log_positive(a + fma(a, a, 1.0).sqrt()))
        return select(a < INF, result, a).copysign(x)
    huge = _huge(a)
    b = select(huge, 1.0, a)
    # asinh a = log1p(a + a² / (1 + sqrt(a² + 1)))
    h, low = fast_two_sum(b, b * b / (1.0 + fma(b, b, 1.0).sqrt()))
    result = log1p_finite(select(huge, a * 0.5 - 1.0, h), select(huge, 0.0, low))
    result = select(huge, result + f.round(2 * LN2), result)
    return select(a < INF, result, a).copysign(x)


@elementary()
def acosh(x: Value) -> Value:
    """Inverse hyperbolic cosine."""
    f = format_of(x)
    if f.spare:
        result = log_positive(x + ((x - 1.0) * (x + 1.0)).sqrt())
        return select(x < INF, select(x < 1.0, NAN, result), x)
    t = x - 1.0
    huge = _huge(x)
    t = select(huge, 1.0, t)
    u, u_low = two_sum(t, t.lift(2.0))
    m, m_low = two_product(t, u)
    m_low = m_low + t * u_low
    w = m.sqrt()
    w_low = (fused(-w, w, m) + m_low) / (w + w + f.tiny)
    h, low = two_sum(w, t)
    result = log1p_finite(select(huge, x * 0.5 - 1.0, h), select(huge, 0.0, low + w_low))
    result = select(huge, result + f.round(2 * LN2), result)
    return select(x < INF, select(x < 1.0, NAN, result), x)


@elementary(identity=True)
def atanh(x: Value) -> Value:
    """Inverse hyperbolic tangent."""
    a = x.abs()
    d, d_low = fast_two_sum(x.lift(1.0), -a)
    if format_of(x).spare:
        z = a * a
        series = fma(a * z, fma(z, 1 / 5, 1 / 3), a)
        result = select(a < _SERIES_LIMIT, series, 0.5 * log_positive(divide(1.0 + a, d)))
    else:
        # atanh a = log1p(2 a / (1 - a)) / 2
        n = a + a
        q = n / d
        result = 0.5 * log1p_finite(q, (fused(-q, d, n) - q * d_low) / d)
    result = select(a < 1.0, result, select(a.eq(1.0), INF, select(a.is_nan(), a, NAN)))
    return result.copysign(x)

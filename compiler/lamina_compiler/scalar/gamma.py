"""lgamma and digamma: Stirling's series from 8 on, shifts to a polynomial below, reflection for x < 0."""

from __future__ import annotations

from .coefficients import PSI_ROOT
from .dispatch import elementary
from .exponential import exp_of_pair, exp_scaled
from .formats import (
    INF,
    LOG_PI,
    LOG_SQRT_2PI,
    NAN,
    PI,
    Pair,
    choose,
    divide,
    fast_two_sum,
    format_of,
    is_zero,
    lifted,
    pair_add,
    pair_divide,
    pair_multiply,
    polynomial,
    two_product,
    two_sum,
)
from .logarithm import log_of_pair, log_pair
from .trigonometric import sin_and_cos
from .value import Value, fma, select


def _to_nearest_integer(a: Value) -> Value:
    """Signed distance of a from the nearest integer."""
    return a - (a + 0.5).floor()


def _sin_pi(d: Value) -> Value:
    """|sin πd| for |d| <= 1/2."""
    d = d.abs()
    swap = d > 0.25
    high, low = format_of(d).split(PI)
    distance = select(swap, 0.5 - d, d)
    r, r_low = two_product(distance, high)
    s, c = sin_and_cos(r, fma(distance, low, r_low))
    return select(swap, c, s)


@elementary(subnormals=True)
def lgamma(x: Value) -> Value:
    """log |Γ(x)|.  For x < 0, where zeros lie between the poles, within 4 ulp of max(1, |result|) in f64; f32 computed
    in f64 keeps 4 ulp up to the zeros."""
    a = x.abs()
    high, low = lgamma_pair(a)
    result = select(x < 0.0, _reflect_lgamma(x, (high, low)), high + low)
    return select(x.is_nan(), x, select(a.eq(0.0) | a.eq(INF), INF, result))


def lgamma_pair(a: Value) -> Pair:
    """log Γ(a) of a positive finite a as an unevaluated sum; the second term is 0 where bits are spare."""
    f = format_of(a)
    big = a >= 8.0
    y, inverted, product = _shift_to_2(select(big, 2.0, a))
    product = choose(big, (a, a.lift(0.0)), product)
    log_high, log_low = log_pair(product[0])
    log_low = log_low + product[1] / product[0]
    sign = select(inverted, a.lift(-1.0), 1.0)
    near, near_low = _lgamma_near_2(y, (sign * log_high, sign * log_low))
    far, far_low = _stirling(select(big, a, 8.0), (log_high, log_low))
    high, low = select(big, far, near), select(big, far_low, near_low)
    huge = a > 2.0 ** (f.bias - 23)  # products overflow before the result does
    return select(huge, a * (log_high - 1.0), high), select(huge, 0.0, low)


def _shift_to_2(a: Value) -> tuple[Value, Value, Pair]:
    """y in [-1/2, 1/2] and p with Γ(a) = Γ(2 + y) p, or Γ(2 + y) / p where the bool `inverted` holds, for 0 < a < 8."""
    n = (a - 1.5).floor()  # p = (a - 1) ... (a - n), or for n < 0 its inverse a ... (a - n - 1)
    one, none = a.lift(1.0), a.lift(0.0)
    up = (one, none)
    for i in range(1, 7):
        t = (a - float(i), none)
        further = (up[0] * t[0], none) if format_of(a).spare else pair_multiply(up, t)
        up = choose(n >= float(i), further, up)
    down = pair_multiply((a, none), choose(n < -1.0, two_sum(a, one), (one, none)))
    down = choose(a < 1e-17, (a, none), down)  # a product would lose subnormals
    inverted = n < 0.0
    return a - (n + 2.0), inverted, choose(inverted, down, up)


def _lgamma_near_2(y: Value, shift: Pair) -> Pair:
    """log Γ(2 + y) + shift for |y| <= 1/2."""
    table = format_of(y).table("lgamma")
    if format_of(y).spare:
        return fma(y, polynomial(y, table), shift[0]), y.lift(0.0)
    g, g_low = fast_two_sum(y.lift(table[0]), y * polynomial(y, table[1:]))
    p, p_low = two_product(y, g)
    s, e = two_sum(shift[0], p)
    return fast_two_sum(s, e + (shift[1] + fma(y, g_low, p_low)))


def _stirling(a: Value, log_a: Pair) -> Pair:
    """log Γ(a) = (a - 1/2) log a - a + log(2π) / 2 + ... for a >= 8."""
    f = format_of(a)
    half_log, half_log_low = f.split(LOG_SQRT_2PI)
    series = stirling_series(a)
    m = a - 0.5
    if f.spare:
        return fma(m, log_a[0], (half_log - a) + series), a.lift(0.0)
    p, p_low = two_product(m, log_a[0])
    s, e = two_sum(p, -a)
    s, e2 = two_sum(s, s.lift(half_log))
    return fast_two_sum(s, e + (e2 + (fma(m, log_a[1], p_low) + (series + half_log_low))))


def stirling_series(a: Value) -> Value:
    """1 / (12 a) - 1 / (360 a³) + ..., the logarithm of Γ*(a), for a >= 8."""
    inverse = divide(a.lift(1.0), limit_large(a))
    return inverse * polynomial(inverse * inverse, format_of(a).table("stirling"))


def limit_large(a: Value) -> Value:
    """a, kept where 1 / a is a normal f32."""
    return select(a > 2.0**100, 2.0**100, a)


def _reflect_lgamma(x: Value, at_abs: Pair) -> Value:
    """log |Γ(-a)| = log(π / (a |sin πa|)) - log Γ(a)."""
    f = format_of(x)
    a = select(x < 0.0, x.abs(), 0.5)
    d = _to_nearest_integer(a)
    pole = d.eq(0.0) & (a > 0.5)
    tiny = a < 1e-17
    product = log_pair(select(pole | tiny, 1.0, a * _sin_pi(d)))
    log_pi, log_pi_low = f.split(LOG_PI)
    if f.spare:
        reflected = (log_pi - product[0]) - at_abs[0]
    else:
        s, e = two_sum(x.lift(log_pi), -product[0])
        s, e2 = two_sum(s, -at_abs[0])
        reflected = s + (e + (e2 + (log_pi_low - (product[1] + at_abs[1]))))
    return select(pole, INF, select(tiny, at_abs[0] + at_abs[1], reflected))


def gamma_positive(a: Value, inverse: bool = False) -> Value:
    """Γ(a), or 1 / Γ(a), of a positive a."""
    big = a >= 8.0
    y, inverted, p = _shift_to_2(select(big, 2.0, a))
    near = exp_scaled(y * polynomial(y, format_of(a).table("lgamma")))
    if inverse:
        near, inverted = 1.0 / near, ~inverted
    near = select(inverted, near / p[0], near * p[0])
    b = select(big, a, 8.0)
    far = _stirling(b, log_of_pair((b, b.lift(0.0))))
    return select(big, exp_of_pair((-far[0], -far[1]) if inverse else far), near)


@elementary(subnormals=True)
def gamma(x: Value) -> Value:
    """Γ(x); ±inf at ±0, nan at negative integers."""
    f = format_of(x)
    left = x < 0.0
    a = x.abs()
    a = select(a < 200.0, a, 200.0)  # Γ is inf from 171.7 on and below every subnormal from -184 on
    # Γ(-a) = -π / (a sin πa Γ(a))
    d = _to_nearest_integer(a)
    scale_of_sine = f.round(PI) / (a * _sin_pi(select(d.eq(0.0), 0.5, d)))
    even = (a * 0.5).floor().eq(a.floor() * 0.5)
    reflected = gamma_positive(a, inverse=True) * scale_of_sine
    reflected = select(even, -reflected, reflected)
    reflected = select(d.eq(0.0) & (a >= 1.0), NAN, reflected)
    result = select(left, reflected, gamma_positive(a))
    result = select(is_zero(x), x.lift(INF).copysign(x), result)
    return select(x.is_nan() | x.eq(-INF), NAN, select(x.eq(INF), x, result))


@elementary(subnormals=True)
def digamma(x: Value) -> Value:
    """Derivative of log Γ.  For x < 0, where zeros lie between the poles, within 4 ulp of max(1, |result|) in f64;
    f32 computed in f64 keeps 4 ulp up to the zeros."""
    a = x.abs()
    low = a < 8.0
    small, large = _digamma_small(select(low, a, 1.5)), _digamma_large(select(low, 8.0, a))
    high, rest = select(low, small[0], large[0]), select(low, small[1], large[1])
    result = select(x < 0.0, _reflect_digamma(x, (high, rest)), high + rest)
    f = format_of(x)
    pole = 1.0 / a if f.spare else 2.0 ** (f.bias - 1) / lifted(a)
    result = select(a < 1e-17, pole.copysign(-x), result)
    return select(x.eq(INF), x, select(x.eq(-INF), NAN, result))


def _digamma_small(y: Value) -> Pair:
    """ψ(y) = ψ(u) + Σ 1 / (y - i) for 0 < y < 8, u = y - n in [1, 2), the sum as one fraction (n = -1: -1 / y)."""
    f = format_of(y)
    n = (y - 1.0).floor()
    one, none = y.lift(1.0), y.lift(0.0)
    numerator, denominator = (none, none), (one, none)
    for i in range(1, 7):
        more = n >= float(i)
        t = (y - float(i), none)
        if f.spare:
            further = (fma(numerator[0], t[0], denominator[0]), none), (denominator[0] * t[0], none)
        else:
            further = pair_add(pair_multiply(numerator, t), denominator), pair_multiply(denominator, t)
        numerator = choose(more, further[0], numerator)
        denominator = choose(more, further[1], denominator)
    left = n < 0.0
    numerator, denominator = choose(left, (-one, none), numerator), choose(left, (y, none), denominator)
    u = y - n
    root, root_low = f.round(PSI_ROOT[0]), f.round((PSI_ROOT[0] - f.round(PSI_ROOT[0])) + PSI_ROOT[1])
    slope = polynomial(u - 1.5, f.table("digamma_small"))
    # (u - root) - root_low would become one subtraction in a shader compiler.
    near = fma(u - root, slope, -(root_low * slope))
    if f.spare:
        return near, numerator[0] / denominator[0]
    return pair_add(pair_divide(numerator, denominator), (near, none))


def _digamma_large(z: Value) -> Pair:
    """ψ(z) = log z - 1 / (2 z) - ... for z >= 8."""
    inverse = divide(z.lift(1.0), limit_large(z))
    square = inverse * inverse
    log_high, log_low = log_pair(z)
    return log_high, log_low - fma(square, polynomial(square, format_of(z).table("digamma_large")), 0.5 * inverse)


def _reflect_digamma(x: Value, at_abs: Pair) -> Value:
    """ψ(-a) = ψ(a) + 1 / a + π cot πa; with d the signed distance of a from an integer, π cot πd = 1 / d - d R(d²)."""
    a = select(x < 0.0, x.abs(), 0.5)
    d = _to_nearest_integer(a)
    f = format_of(x)
    square = d * d
    rest = d * polynomial(square, f.table("cotangent"))
    if f.spare:
        result = (at_abs[0] + at_abs[1]) + ((1.0 / a + 1.0 / d) - rest)
    else:
        one = (x.lift(1.0), x.lift(0.0))
        total = pair_add(pair_divide(one, (d, one[1])), (-rest, one[1]))
        total = pair_add(pair_add(total, pair_divide(one, (a, one[1]))), at_abs)
        result = total[0] + total[1]
    return select(d.eq(0.0), NAN, result)

"""Exponential, sine, cosine and Fresnel integrals, Dawson's function, the dilogarithm."""

from __future__ import annotations

from .coefficients import EI_ROOT
from .dispatch import elementary
from .exponential import exp_scaled
from .formats import (
    EULER,
    INF,
    NAN,
    PI,
    divide,
    format_of,
    is_zero,
    limit,
    polynomial,
    select_polynomial,
    two_product,
)
from .logarithm import log1p_finite, log_positive
from .trigonometric import cos, sin, sin_cos_pi
from .value import Value, fma, loop, select


def _exp1(x: Value) -> Value:
    """E1(x) of a positive finite x."""
    f = format_of(x)
    near = x <= 1.0
    u = select(near, x, 1.0)
    euler, euler_low = f.split(EULER)
    small = (fma(u, polynomial(u, f.table("exp1_near")), -euler) - log_positive(u)) - euler_low
    v = limit(x, 1.0, 2.0**100)
    t = divide(v - 3.0, v + 3.0)
    return select(near, small, exp_scaled(-v) * polynomial(t, f.table("exp1_far")) / v)


@elementary(subnormals=True)
def exp1(x: Value) -> Value:
    """Exponential integral E1(x) = ∫ e**-t / t from x to infinity; nan for x < 0."""
    zero = is_zero(x)
    result = _exp1(select((x > 0.0) & (x < INF), x, 1.0))
    result = select(zero, INF, select(x.eq(INF), 0.0, result))
    return select((x >= 0.0) | zero, result, NAN)


@elementary(subnormals=True)
def expn(n: Value, x: Value) -> Value:
    """Generalized exponential integral Eₙ(x) for whole n >= 0 and x >= 0; nan elsewhere."""
    usable = (n >= 0.0) & (n < INF) & (x > 0.0) & (x < INF)
    m, u = select(usable, n, 1.0), select(usable, x, 1.0)
    decay = exp_scaled(-u)
    # From x = 0.4 on e**-x / (x + n / (1 + 1 / (x + (n + 1) / (1 + 2 / (x + …))))), from its end (DLMF 8.9.2); below it
    # up from E1 by n Eₙ₊₁ = e**-x - x Eₙ (8.19.12); for large n the series in 1 / (x + n) (8.20.6)
    large = m > 1000.0
    far = (u >= 0.4) & ~large
    depth = select(far, (160.0 / select(far, u, 1.0)).floor() + 26.0, 0.0)

    def fold(k: Value, g: Value) -> tuple[Value, Value]:
        return k - 1.0, fma(m + (k - 1.0), g / (g + k), u)

    def step_up(k: Value, e: Value) -> tuple[Value, Value]:
        return k + 1.0, (decay - u * e) / k

    fraction = decay / loop(lambda k, g: k > 0.0, fold, depth, u)[1]
    steps = select(far | large, 1.0, m)
    raised = loop(lambda k, e: k < steps, step_up, x.lift(1.0), _exp1(u))[1]
    t = 1.0 / (u + m)
    square = m * t * t
    tail = decay * t * (1.0 + square * (1.0 + t * t * ((m - 2.0 * u) + t * t * (6.0 * u * u - 8.0 * m * u + m * m))))
    result = select(large, tail, select(far, fraction, raised))
    result = select(m.eq(0.0), decay / u, result)
    at_zero = select(n > 1.0, 1.0 / select(n > 1.0, n - 1.0, 1.0), INF)
    result = select(usable, result, select(is_zero(x), at_zero, select(x.eq(INF), 0.0, x.lift(NAN))))
    return select((n >= 0.0) & ((x >= 0.0) | is_zero(x)), result, NAN)


@elementary(subnormals=True)
def expi(x: Value) -> Value:
    """Exponential integral Ei(x) = -∫ e**-t / t from -x to infinity, a principal value for x > 0."""
    f = format_of(x)
    a = x.abs()
    negative = -_exp1(select((a > 0.0) & (a < INF), a, 1.0))
    near = a <= 6.0
    u = select(near, a, 1.0)
    root, root_low = f.round(EI_ROOT[0]), f.round((EI_ROOT[0] - f.round(EI_ROOT[0])) + EI_ROOT[1])
    distance = (u - root) - root_low
    tiny = u < 0.1
    log_ratio = select(
        tiny, log_positive(u) - log_positive(u.lift(root)), log1p_finite(select(tiny, 0.0, distance / root))
    )
    small = fma(distance, polynomial(u, f.table("expi_0")), log_ratio)
    v = limit(a, 6.0, 2.0**100)
    first, second = v < 12.0, v < 24.0
    inverse = divide(v.lift(1.0), v)
    s = select(first, v - 9.0, inverse - select(second, v.lift(1 / 16), 1 / 48))
    growth = exp_scaled(v, adjust=-12)  # e**x overflows before Ei does
    large = growth * select_polynomial(s, [first, second], f.tables("expi")[1:]) / v * 4096.0
    result = select(x < 0.0, negative, select(near, small, large))
    result = select(is_zero(x), -INF, select(a.eq(INF), select(x < 0.0, x.lift(0.0), INF), result))
    return select(x.is_nan(), x, result)


def _auxiliary(x: Value, name: str, z: Value, first: Value, middles: tuple[float, float]) -> tuple[Value, Value]:
    """The smooth parts f and g of an oscillating integral, for z = 1 / x² or 1 / x**4."""
    f = format_of(x)
    s = z - select(first, z.lift(middles[0]), middles[1])
    return tuple(  # type: ignore[return-value]
        select_polynomial(s, [first], f.tables(f"{name}_{letter}")) for letter in "fg"
    )


def _trigonometric(x: Value) -> tuple[Value, Value]:
    """f and g for x >= 4 (DLMF 6.2.17)."""
    b = limit(x, 4.0, 2.0**120 if format_of(x).spare else 2.0 ** (format_of(x).bias - 3))
    inverse = divide(x.lift(1.0), b)
    f, g = _auxiliary(x, "trigonometric", inverse * inverse, b < 8.0, (5 / 128, 1 / 128))
    return inverse * f, inverse * inverse * g


@elementary(subnormals=True, identity=True)
def sine_integral(x: Value) -> Value:
    """Si(x) = ∫ sin(t) / t from 0 to x."""
    fmt = format_of(x)
    a = x.abs()
    near = a < 4.0
    u = select(near, a, 0.0)
    z = u * u
    small = fma(u * z, polynomial(z, fmt.table("sine_integral")), u)
    f, g = _trigonometric(a)
    b = select(near | ~(a < INF), 4.0, a)
    half_pi, half_pi_low = fmt.split(PI / 2)
    large = half_pi - (fma(f, cos.function(b), g * sin.function(b)) - half_pi_low)
    result = select(near, small, select(a.eq(INF), half_pi, large))
    return select(x.is_nan(), x, result.copysign(x))


@elementary(subnormals=True)
def cosine_integral(x: Value) -> Value:
    """Ci(x) = γ + log x + ∫ (cos(t) - 1) / t from 0 to x; of |x| for x < 0."""
    fmt = format_of(x)
    a = x.abs()
    near, middle = a < 4.0, a > 2.0
    zero = is_zero(x)
    u = select(middle | zero, 1.0, a)
    z = u * u
    euler, euler_low = fmt.split(EULER)
    small = fma(z, polynomial(z, fmt.table("cosine_integral")), (log_positive(u) + euler) + euler_low)
    small = select(middle, polynomial(limit(a, 2.0, 4.0) - 3.0, fmt.table("cosine_integral_middle")), small)
    f, g = _trigonometric(a)
    b = select(near | ~(a < INF), 4.0, a)
    large = fma(f, sin.function(b), -(g * cos.function(b)))
    result = select(zero, -INF, select(near, small, select(x.eq(INF), 0.0, large)))
    return select(x.is_nan() | x.eq(-INF), NAN, result)


def _fresnel(x: Value, sine: bool) -> Value:
    fmt = format_of(x)
    a = x.abs()
    near = a < 1.45
    u = select(near, a, 0.0)
    square = u * u
    z = square * square
    small = u * square * polynomial(z, fmt.table("fresnel_s")) if sine else u * polynomial(z, fmt.table("fresnel_c"))
    b = limit(a, 1.45, 2.0**30)
    inverse = divide(x.lift(1.0), b)
    w = inverse * inverse
    w = w * w
    f, g = _auxiliary(x, "fresnel", w, w > 1 / 28, ((1 / 28 + 0.22623) / 2, 1 / 56))
    f, g = inverse * (1 / float(PI)) * f, inverse * inverse * inverse * (1 / float(PI) ** 2) * g
    turns, low = two_product(b * 0.5, b)
    s, c = sin_cos_pi(turns, low)
    large = 0.5 - fma(f, c, g * s) if sine else 0.5 + fma(f, s, -(g * c))
    large = select(a < 2.0**30, large, 0.5)
    return select(x.is_nan(), x, select(near, small, large).copysign(x))


@elementary(subnormals=True)
def fresnel_s(x: Value) -> Value:
    """S(x) = ∫ sin(π t² / 2) from 0 to x."""
    return _fresnel(x, sine=True)


@elementary(subnormals=True)
def fresnel_c(x: Value) -> Value:
    """C(x) = ∫ cos(π t² / 2) from 0 to x."""
    return _fresnel(x, sine=False)


@elementary(subnormals=True, identity=True)
def dawson(x: Value) -> Value:
    """Dawson's function e**(-x²) ∫ e**(t²) from 0 to x."""
    f = format_of(x)
    a = x.abs()
    near = a < 1.0
    u = select(near, a, 0.0)
    z = u * u
    small = fma(u * z, polynomial(z, f.table("dawson_0")), u)
    b = limit(a, 1.0, 2.0 ** (f.bias - 3))
    c = limit(b, 1.0, 2.0**50)
    inverse = divide(x.lift(1.0), c)
    first, second = b < 2.5, b < 6.0
    s = select(first, c - 1.75, select(second, c - 4.25, inverse * inverse - 1 / 72))
    large = select_polynomial(s, [first, second], f.tables("dawson")[1:]) * 0.5 / b
    result = select(near, small, select(a.eq(INF), 0.0, large))
    return select(x.is_nan(), x, result.copysign(x))


def _dilogarithm(minus_log: Value) -> Value:
    """Li2(w) for u = -log(1 - w), |u| <= 0.693: u - u²/4 + u³ P(u²)."""
    u = minus_log
    z = u * u
    return fma(u, fma(u, -0.25, z * polynomial(z, format_of(u).table("spence"))), u)


@elementary(subnormals=True)
def spence(x: Value) -> Value:
    """Spence's function -∫ log(t) / (t - 1) from 1 to x, the dilogarithm Li2(1 - x); nan for x < 0 (DLMF 25.12)."""
    fmt = format_of(x)
    usable = (x > 0.0) & (x < INF)
    b = select(usable, x, 1.0)
    left, right = b < 0.5, b > 2.0
    third, third_low = fmt.split(PI * PI / 6)
    # Li2(1 - x) itself, by Li2(x) left of 1/2, by Li2(1 / (1 - x)) right of 2
    far = select(right, b, 3.0) - 1.0
    log_x = log_positive(b)
    log_far = log_positive(far)
    log_left = log1p_finite(-select(left, b, 0.25))
    log_right = log1p_finite(1.0 / far)
    u = select(left, -log_left, select(right, -log_right, -log_x))
    value = _dilogarithm(u)
    at_left = (third - fma(log_x, log_left, value)) + third_low
    at_right = -(third + fma(0.5 * log_far, log_far, value + third_low))
    result = select(left, at_left, select(right, at_right, value))
    result = select(is_zero(x), third, select(x.eq(INF), -INF, result))
    return select((x >= 0.0) | is_zero(x), result, NAN)

"""Elementary functions of complex numbers: principal values, branch cuts as NumPy's (C99).

Signed zeros choose the side of a cut.  Formulas after Kahan, "Branch cuts for complex elementary functions" (1987).
complex64 runs inside f64.
"""

from __future__ import annotations

from collections.abc import Callable

from .complex_arithmetic import (
    conj,
    divide,
    exponent_factors,
    larger,
    select_complex,
    sum_of_products,
    times_i,
    times_minus_i,
)
from .exponential import exp, exp2, expm1, expm1_pair, head_of_ln2, logistic
from .formats import (
    INF,
    LN2,
    NAN,
    Pair,
    fast_two_sum,
    flip_sign,
    format_of,
    is_negative,
    pair_add,
    pair_divide,
    pair_multiply,
    small_integer_to_float,
    two_product,
    two_sum,
)
from .hyperbolic import acosh, asinh, atanh, cosh, sinh, tanh
from .logarithm import log, log1p, log1p_finite, log2, log10, log_of_pair
from .power import float_pow, rsqrt, sqrt
from .trigonometric import acos, angle_pair, asin, atan, atan2, cos, sin, tan
from .value import ComplexValue, Value, fma, select

_HALF_PI = 1.5707963267948966


def angle(z: ComplexValue) -> Value:
    """Argument of z, in [-π, π]."""
    return atan2(z.imag, z.real)


def _times(factor: Value, part: Value) -> Value:
    """factor * part, where a zero part stays zero beside an infinite factor or NaN."""
    return select(part.eq(0.0) & ~(factor.abs() < INF), part, factor * part)


def _exp_parts(x: Value, power: Callable[[Value], Value] = exp) -> tuple[Value, Value]:
    """e**x as a product of two factors that overflow only where e**x times every cosine does."""
    top = 80.0 if format_of(x).mantissa == 23 else 700.0
    above = x > top
    return power(select(above, top, x)), power(select(above, x - top, 0.0))


def _polar(z: ComplexValue, magnitude: tuple[Value, Value], c: Value, s: Value) -> ComplexValue:
    """magnitude times (c + i s), the cosine and sine that belong to Im z, with C99's values at infinite Re z."""
    e, more = magnitude
    unbounded = ~(z.imag.abs() < INF)
    vanishes, explodes = z.real.eq(-INF) & unbounded, z.real.eq(INF) & unbounded
    on_axis = z.imag.eq(0.0)
    real = select(explodes, INF, select(vanishes | on_axis, e * more, e * c * more))
    imag = select(on_axis, z.imag, _times(more, _times(e, s)))
    return ComplexValue(real, select(vanishes, e.copysign(z.imag), imag))


@exp.extend
def _exp(z: ComplexValue) -> ComplexValue:
    return _polar(z, _exp_parts(z.real), cos(z.imag), sin(z.imag))


@exp2.extend
def _exp2(z: ComplexValue) -> ComplexValue:
    # cos and sin of Im z · ln 2 = h + t, whose second term matters for a large imaginary part
    f = format_of(z.real)
    high, low = f.split(LN2)
    y = select(z.imag.abs() < 2.0**f.mantissa, z.imag, 0.0)  # beyond, an ulp of Im z is half a turn or more
    c, s = _cos_and_sin(z.imag * high, fma(y, low, two_product(y, high)[1]))
    return _polar(z, _exp_parts(z.real, exp2), c, s)


def _cos_and_sin(high: Value, low: Value) -> tuple[Value, Value]:
    """cos and sin of high + low."""
    c, s, c_low, s_low = cos(high), sin(high), cos(low), sin(low)
    return sum_of_products(c, c_low, -s, s_low), sum_of_products(s, c_low, c, s_low)


@expm1.extend
def _expm1(z: ComplexValue) -> ComplexValue:
    half_sine = sin(z.imag * 0.5)
    real = fma(expm1(z.real), cos(z.imag), -2.0 * half_sine * half_sine)
    full = _exp(z)
    return ComplexValue(select(z.real.abs() < 1.0, real + 0.0, full.real - 1.0), full.imag)


@logistic.extend
def _logistic(z: ComplexValue) -> ComplexValue:
    # With e = e**-|x|, q = 1 - e and p = e (1 + cos y), |1 + e**-z|² = q² + 2 p is a sum without cancellation.
    x, y = z.real, z.imag
    e, c, s = exp(-x.abs()), cos(y), sin(y)
    q, q_low = fast_two_sum(*(-part for part in expm1_pair(-x.abs())))
    more = select(c > -0.2, 1.0 + c, s * s / (1.0 - c))
    p = e * more
    square = fma(q, q, fma(2.0 * q, q_low, 2.0 * p))
    real = select(is_negative(x), e * ((more - q) - q_low), (q + p) + q_low) / square
    at_end = x.abs().eq(INF)
    real = select(at_end, select(is_negative(x), x.lift(0.0), 1.0), real)
    return ComplexValue(real, select(at_end, x.lift(0.0).copysign(y), e * s / square))


def _log1p_norm(x: Value, y: Value) -> Value:
    """log(|x + iy|² ) / 2 where |x + iy| is near 1: the square minus 1 is summed without rounding its cancellation."""
    p, p_low = two_product(x, x)
    q, q_low = two_product(y, y)
    swap = p < q
    s, e = two_sum(select(swap, q, p), x.lift(-1.0))
    s, e2 = two_sum(s, select(swap, p, q))
    s, e = two_sum(s, e + e2 + (p_low + q_low))
    return 0.5 * log1p_finite(s, e)


def _log_abs(z: ComplexValue) -> Value:
    """log |z|."""
    f = format_of(z.real)
    size = larger(z.real, z.imag)
    down, up = exponent_factors(size)
    near = (size >= 0.5) & (size < 2.0)
    down = select(near, 1.0, down)
    high, low = head_of_ln2(f)
    k = small_integer_to_float((up.bits().shift_right_logical(f.mantissa)) - f.bias, z.real.type)
    k = select(near, 0.0, k)
    inner = _log1p_norm(z.real * down, z.imag * down)
    result = fma(k, high, fma(k, low, inner))
    total = z.real + z.imag
    result = select(total.is_nan(), total, result)  # of nan and infinity, infinity is the larger
    result = select(z.real.abs().eq(INF) | z.imag.abs().eq(INF), INF, result)
    return select(size.eq(0.0), -INF, result)


@log.extend
def _log(z: ComplexValue) -> ComplexValue:
    return ComplexValue(_log_abs(z), angle(z))


@log2.extend
def _log2(z: ComplexValue) -> ComplexValue:
    return _scaled_log(z, 1.4426950408889634)


@log10.extend
def _log10(z: ComplexValue) -> ComplexValue:
    return _scaled_log(z, 0.4342944819032518)


def _scaled_log(z: ComplexValue, factor: float) -> ComplexValue:
    result = _log(z)
    return ComplexValue(result.real * factor, result.imag * factor)


@log1p.extend
def _log1p(z: ComplexValue) -> ComplexValue:
    x, y = z.real, z.imag
    # |1 + z|² - 1 = 2 x + x² + y²
    p, p_low = two_product(x, x)
    q, q_low = two_product(y, y)
    s, e = two_sum(x * 2.0, q)
    s, e2 = two_sum(s, p)
    s, e = two_sum(s, e + e2 + (p_low + q_low))
    shifted = ComplexValue(1.0 + x, y)
    near = (larger(x, y) < 4.0) & (larger(shifted.real, y) > 0.25)
    real = select(near, 0.5 * log1p_finite(s, e), _log_abs(shifted))
    return ComplexValue(select(x.eq(0.0) & y.eq(0.0), x, real), angle(shifted))


@sqrt.extend
def _sqrt(z: ComplexValue) -> ComplexValue:
    x, y = z.real, z.imag
    down, up = exponent_factors(larger(x, y), even=True)
    a, b = x * down, y * down
    t = ((a.abs() + fma(a, a, b * b).sqrt()) * 0.5).sqrt()
    factor = up.sqrt()
    large, small = t * factor, select(t.eq(0.0), 0.0, b.abs() / (t + t)) * factor
    infinite_y = y.abs().eq(INF)
    infinite_x = x.abs().eq(INF)
    large = select(infinite_y | infinite_x, INF, large)
    small = select(infinite_y, INF, select(infinite_x, select(y.is_nan(), y, 0.0), small))
    negative = is_negative(x)
    return ComplexValue(select(negative, small, large), select(negative, large, small).copysign(y))


@rsqrt.extend
def _rsqrt(z: ComplexValue) -> ComplexValue:
    x, y = z.real, z.imag
    size = larger(x, y)
    down, _ = exponent_factors(size, even=True)
    a, b = x * down, y * down
    norm = fma(a, a, b * b).sqrt()
    root = ((a.abs() + norm) * 0.5).sqrt()
    factor = down.sqrt()
    large, small = root / norm * factor, b.abs() / (2.0 * root * norm) * factor
    infinite, zero = x.abs().eq(INF) | y.abs().eq(INF), size.eq(0.0)
    large = select(infinite, 0.0, select(zero, INF, large))
    small = select(infinite, 0.0, small)
    negative = is_negative(x) & ~zero
    return ComplexValue(select(negative, small, large), select(negative, large, small).copysign(-y))


@float_pow.extend
def _pow(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    """e**(w log z); 0**w is 0 for Re w > 0, else nan; z**1 is z and z**0 is 1 for every z."""
    power = _exp(w * _log(z)) if format_of(z.real).spare else _pow_of_pairs(z, w)
    power = select_complex(z.eq(0.0), ComplexValue(*[select(w.real > 0.0, 0.0, w.real.lift(NAN))] * 2), power)
    power = select_complex(w.eq(1.0), z, power)
    return select_complex(w.eq(0.0), w.lift(1.0), power)


def _pow_of_pairs(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    """e**(w log z) with 10 bits beyond the format in the exponent, which magnifies errors by its size."""
    log_abs, theta = _log_abs_pair(z), angle_pair(z.imag, z.real)
    plain = w * ComplexValue(log_abs[0], theta[0])
    real, real_low = _pair_or(plain.real, _difference(_product(w.real, log_abs), _product(w.imag, theta)))
    imag, imag_low = _pair_or(plain.imag, pair_add(_product(w.imag, log_abs), _product(w.real, theta)))
    c, s = _cos_and_sin(imag, imag_low)
    return _polar(ComplexValue(real, imag), _exp_parts(real), fma(c, real_low, c), fma(s, real_low, s))


def _product(factor: Value, pair: Pair) -> Pair:
    return pair_multiply((factor, factor.lift(0.0)), pair)


def _difference(a: Pair, b: Pair) -> Pair:
    return pair_add(a, (-b[0], -b[1]))


def _pair_or(plain: Value, pair: Pair) -> Pair:
    """The pair, or where infinities make it nan the plain value."""
    usable = pair[0].abs() < INF
    return select(usable, pair[0], plain), select(usable, pair[1], 0.0)


def _log_abs_pair(z: ComplexValue) -> Pair:
    """log |z| = k ln 2 + log(|z 2**-k|²) / 2."""
    f = format_of(z.real)
    size = larger(z.real, z.imag)
    down, up = exponent_factors(size)
    near = (size >= 0.5) & (size < 2.0)
    down = select(near, 1.0, down)
    k = (up.bits().shift_right_logical(f.mantissa)) - f.bias
    k = select(near, 0.0, small_integer_to_float(k, z.real.type))
    p, p_low = two_product(z.real * down, z.real * down)
    q, q_low = two_product(z.imag * down, z.imag * down)
    norm, low = two_sum(p, q)
    norm, low = fast_two_sum(norm, low + (p_low + q_low))
    usable = (norm > 0.0) & (norm < INF)
    norm = select(usable, norm, 1.0)
    high, high_low = log_of_pair((norm, low))
    of_k = pair_multiply((k, k.lift(0.0)), tuple(k.lift(part) for part in f.split(LN2)))  # type: ignore[arg-type]
    result, result_low = pair_add((high * 0.5, high_low * 0.5), of_k)
    return select(usable, result, _log_abs(z)), select(usable, result_low, 0.0)


def _cosh_sinh_parts(x: Value) -> tuple[Value, Value, Value]:
    """cosh x, sinh x and a common factor that is 1 until they would overflow."""
    top = 80.0 if format_of(x).mantissa == 23 else 700.0
    above = x.abs() > top
    bounded = select(above, x.lift(top).copysign(x), x)
    return cosh(bounded), sinh(bounded), exp(select(above, x.abs() - top, 0.0))


@sinh.extend
def _sinh(z: ComplexValue) -> ComplexValue:
    c, s, more = _cosh_sinh_parts(z.real)
    real = _times(more, _times(cos(z.imag), s))
    real = select(_only_real_is_infinite(z), z.real, real)
    return ComplexValue(real, _times(more, _times(c, sin(z.imag))))


@cosh.extend
def _cosh(z: ComplexValue) -> ComplexValue:
    c, s, more = _cosh_sinh_parts(z.real)
    zero = flip_sign(z.real.lift(0.0).copysign(z.real), z.imag.bits() & -(1 << (z.imag.width - 1)))
    imag = s * sin(z.imag) * more
    imag = select((z.real.eq(0.0) | z.imag.eq(0.0)) & imag.is_nan(), zero, imag)
    return ComplexValue(select(_only_real_is_infinite(z), INF, c * cos(z.imag) * more), imag)


def _only_real_is_infinite(z: ComplexValue) -> Value:
    """Re z infinite beside an Im z whose cosine does not exist."""
    return z.real.abs().eq(INF) & ~(z.imag.abs() < INF)


def _sum(pair: Pair) -> Value:
    return pair[0] + pair[1]


@tanh.extend
def _tanh(z: ComplexValue) -> ComplexValue:
    # (sinh x cosh x + i sin y cos y) / (sinh² x + cos² y); sinh x = (E + u) / 2 and cosh x = 1 + E u / 2 for
    # E = e**x - 1 and u = E / (1 + E)
    x, y = z.real, z.imag
    a = x.abs()
    far = a > (11.0 if format_of(x).mantissa == 23 else 22.0)
    one = (x.lift(1.0), x.lift(0.0))
    e = fast_two_sum(*expm1_pair(select(far, 0.0, a)))
    u = pair_divide(e, pair_add(e, one))
    sinh_x, cosh_x = (pair_multiply((x.lift(0.5), one[1]), pair) for pair in (pair_add(e, u), pair_multiply(e, u)))
    cosh_x = pair_add(one, cosh_x)
    s, c = sin(y), cos(y)
    d = pair_add(pair_multiply(sinh_x, sinh_x), two_product(c, c))
    decay = exp(-a)
    real = select(far, 1.0, _sum(pair_divide(pair_multiply(sinh_x, cosh_x), d)))
    imag = select(far, 4.0 * s * c * decay * decay, _sum(pair_divide(two_product(s, c), d)))
    turned = ~(y.abs() < INF)
    imag = select(a.eq(INF) & turned, 0.0, imag)
    real = select(a.eq(INF), 1.0, select(turned, NAN, real)).copysign(x)
    return ComplexValue(select(x.eq(0.0), x, real), select(y.eq(0.0), y, imag))


@sin.extend
def _sin(z: ComplexValue) -> ComplexValue:
    return times_minus_i(_sinh(times_i(z)))


@cos.extend
def _cos(z: ComplexValue) -> ComplexValue:
    return _cosh(times_i(z))


@tan.extend
def _tan(z: ComplexValue) -> ComplexValue:
    return times_minus_i(_tanh(times_i(z)))


def _roots(z: ComplexValue) -> tuple[ComplexValue, ComplexValue]:
    """sqrt(1 - z) and sqrt(1 + z)."""
    return _sqrt(ComplexValue(1.0 - z.real, -z.imag)), _sqrt(ComplexValue(1.0 + z.real, z.imag))


def _imag_of_product(z: ComplexValue, w: ComplexValue) -> Value:
    return sum_of_products(z.real, w.imag, z.imag, w.real)


def _real_of_product(z: ComplexValue, w: ComplexValue) -> Value:
    return sum_of_products(z.real, w.real, -z.imag, w.imag)


def _is_far(z: ComplexValue) -> Value:
    """Where 1 + z = z up to a square that does not matter; infinities too."""
    bound = 2.0**30 if format_of(z.real).mantissa == 23 else 2.0**60
    return (z.real.abs() > bound) | (z.imag.abs() > bound)


def _log_2z(z: ComplexValue) -> Value:
    """log |2 z|: the size of asin, acos, asinh and acosh of a far z."""
    return _log_abs(z) + format_of(z.real).round(LN2)


@asin.extend
def _asin(z: ComplexValue) -> ComplexValue:
    minus, plus = _roots(z)
    far = _is_far(z)
    real = atan2(z.real, select(far, z.imag.abs(), _real_of_product(minus, plus)))
    imag = select(far, _log_2z(z), asinh(_imag_of_product(conj(minus), plus)))
    return ComplexValue(select(z.real.eq(0.0), z.real, real), imag.copysign(z.imag))


@acos.extend
def _acos(z: ComplexValue) -> ComplexValue:
    minus, plus = _roots(z)
    far = _is_far(z)
    real = atan2(select(far, z.imag.abs(), minus.real), select(far, z.real, plus.real))
    imag = select(far, _log_2z(z), asinh(_imag_of_product(conj(plus), minus)))
    real = select(far, real, 2.0 * real)
    return ComplexValue(select(z.real.eq(0.0), _HALF_PI, real), imag.copysign(-z.imag))


@atan.extend
def _atan(z: ComplexValue) -> ComplexValue:
    return times_minus_i(_atanh(times_i(z)))


@asinh.extend
def _asinh(z: ComplexValue) -> ComplexValue:
    return times_minus_i(_asin(times_i(z)))


@acosh.extend
def _acosh(z: ComplexValue) -> ComplexValue:
    minus, plus = _sqrt(ComplexValue(z.real - 1.0, z.imag)), _sqrt(ComplexValue(z.real + 1.0, z.imag))
    far = _is_far(z)
    real = select(far, _log_2z(z), asinh(_real_of_product(conj(minus), plus)))
    imag = atan2(select(far, z.imag, minus.imag), select(far, z.real, plus.real))
    imag = select(far, imag, 2.0 * imag)
    on_axis = z.real.eq(0.0)
    return ComplexValue(real, select(on_axis, z.real.lift(_HALF_PI).copysign(z.imag), imag))


@atanh.extend
def _atanh(z: ComplexValue) -> ComplexValue:
    x, y = z.real, z.imag
    a = x.abs()
    # Far out: atanh z = ±iπ/2 + 1/z.
    far = _is_far(z)
    b, c = select(far, 0.0, a), select(far, 0.0, y)
    d = 1.0 - b
    # Beside ±1 the square of the distance underflows: there 4 / c² gives way to its root.
    beside = (d.eq(0.0)) & (c.abs() < format_of(x).tiny ** 0.25)
    quotient = select(beside, 2.0, 4.0 * b) / select(beside, c.abs(), fma(d, d, c * c))
    near = select(beside, x.lift(0.5), 0.25) * log1p(quotient)
    imag = 0.5 * atan2(c + c, sum_of_products(d, 1.0 + b, -c, c))
    inverse = divide(z.lift(1.0), z)
    real = select(far, inverse.real.abs(), near)
    imag = select(far, _HALF_PI, imag.abs())
    # Beside nan, an infinite part decides and a zero real part stays.
    infinite_x, infinite_y = a.eq(INF), y.abs().eq(INF)
    real = select((x.is_nan() & ~infinite_y) | (y.is_nan() & ~infinite_x), NAN, real)
    imag = select(y.is_nan() | (x.is_nan() & ~infinite_y), NAN, imag)
    return ComplexValue(select(x.eq(0.0), x, real.copysign(x)), imag.copysign(y))

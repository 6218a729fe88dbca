"""Roots and powers of floats."""

from __future__ import annotations

from . import integer
from .convert import convert
from .dispatch import HALF, elementary, in_single, narrow, widen
from .exponential import exp_tail
from .formats import (
    INF,
    LN2,
    NAN,
    format_of,
    is_negative,
    is_zero,
    limit,
    nearest_integer,
    polynomial,
    polynomial_in_halves,
    power_of_two,
    scale,
    two_product,
)
from .logarithm import log2_pair, split_exponent
from .value import ComplexOperand, ComplexValue, Value, fma, select

FRACTION = 0.8  # 0.8 * 149, the logarithm of the smallest subnormal number, is the logarithm of a normal one


@elementary(native=True)
def sqrt(x: Value) -> Value:
    """Square root, correctly rounded; subnormals follow the hardware."""
    return x.sqrt()


@elementary(native=True)
def rsqrt(x: Value) -> Value:
    """1 / √x; ±inf at ±0."""
    return 1.0 / x.sqrt()


@elementary(subnormals=True)
def cbrt(x: Value) -> Value:
    """Cube root, odd."""
    f = format_of(x)
    a = x.abs()
    # a = m * 2**(3 q + j - 3 lift): m in [1, 2), j in 0 1 2
    one = f.bits(1.0)
    lift = 400 if f.mantissa == 52 else 64
    scaled = (a.bits() | one).bitcast(x.type) - 1.0  # a subnormal times 2**(bias - 1)
    subnormal = a < f.tiny
    bits = select(subnormal, scaled, a).bits()
    exponent = (bits >> f.mantissa) + select(subnormal, 3 * lift - f.bias - (f.bias - 1), bits.lift(3 * lift - f.bias))
    q = (exponent * 21846) >> 16  # exponent // 3, right below 2**15
    j = exponent - q * 3
    mantissa = (bits & ((1 << f.mantissa) - 1)) | one
    r = polynomial(mantissa.bitcast(x.type), f.table("cbrt"))  # m**(-1/3)
    r = r * select(j.eq(0), 1.0, select(j.eq(1), r.lift(2.0 ** (-1 / 3)), 2.0 ** (-2 / 3)))
    c = (mantissa + (j << f.mantissa)).bitcast(x.type)  # [1, 8)
    h = fma(-(c * r), r * r, 1.0)
    r = fma(r * h, fma(h, 2 / 9, 1 / 3), r)  # error ~ h**3
    y = c * (r * r)
    if not f.spare:
        square, square_low = two_product(y, y)
        cube, cube_low = two_product(square, y)
        y = fma(((c - cube) - cube_low - square_low * y) * (1 / 3), r * r, y)
    y = y * power_of_two(q - lift, x.type)
    return select(a.bits().eq(0), a, select(a < INF, y, a)).copysign(x)


def magnitude(a: Value, y: Value) -> Value:
    """a**y for positive finite a."""
    f = format_of(a)
    if f.spare:
        return _wide_magnitude(a, y)
    bound = 1100.0 if f.name == "f64" else 160.0
    high, low = f.split(LN2)
    h, h_low = log2_pair(a)
    p, e = two_product(limit(y, -(2.0**70), 2.0**70), h)  # larger |y| saturate anyway; products stay finite
    e = select(p.abs() > bound, 0.0, fma(limit(y, -(2.0**70), 2.0**70), h_low, e))
    p = limit(p, -bound, bound)
    n, k = nearest_integer(p)
    q = p - n
    t, t_low = two_product(q, high)
    t_low = fma(e, high, fma(q, low, t_low))
    return scale(1.0 + exp_tail(t, t_low, low_is_large=True), k)


def _wide_magnitude(a: Value, y: Value) -> Value:
    """The same where bits are spare: 2**150 magnifies the error of the logarithm by 150, and then 2**-36 remains.

    Loops wait for one power after the other, so polynomials are in halves and the division is one instruction.
    """
    return _wide_exp2(limit(y * _wide_log2(a), -160.0, 160.0))


def _wide_log2(a: Value) -> Value:
    k, m = split_exponent(a)
    s = m / (2.0 + m)
    return fma(s, polynomial_in_halves(s * s, format_of(a).table("power_log2")), k)


def _wide_exp2(x: Value) -> Value:
    n, k = nearest_integer(x)
    return scale(polynomial_in_halves(x - n, format_of(x).table("power_exp2")), k)


def fractional_power(x: Value, exponent: float) -> Value:
    """x**exponent for 0 < |exponent| <= FRACTION: no result of a positive finite x overflows, or is subnormal."""
    return in_single(lambda a: _fractional_power(a, exponent), x)


def _fractional_power(x: Value, exponent: float) -> Value:
    if x.type != "f32" or not x.emitter.has_f64:
        return float_pow(x, x.lift(exponent))
    bits, f = x.bits(), format_of(x)
    result = narrow(_wide_exp2(_wide_log2(widen(x, True)) * f.round(exponent)))
    at_zero, at_infinity = (0.0, INF) if exponent > 0.0 else (INF, 0.0)
    a = bits & 0x7FFFFFFF
    special = select(a.eq(0), at_zero, select(a.eq(f.bits(INF)), x.lift(at_infinity), NAN))
    return select((bits > 0) & (bits < f.bits(INF)), result, special)


@elementary(subnormals=True)
def float_pow(x: Value, y: Value) -> Value:
    """x**y with the special values of C99."""
    a, b = x.abs(), y.abs()
    whole = b.floor().eq(b) & (b > 0.0)  # arithmetic takes a subnormal exponent for zero
    half = b * 0.5
    sign = select(whole & half.floor().ne(half), x, 1.0)  # odd integers are small enough for b / 2 to have its fraction
    at_end = is_zero(a) | a.eq(INF)
    # All that is known without the power is put together first, so that only one choice waits for the power.
    saturated = select(a.eq(1.0), 1.0, select((a > 1.0) ^ is_negative(y), y.lift(INF), 0.0)).copysign(sign)
    undefined = is_negative(x) & ~(whole | at_end)
    one = is_zero(b) | x.eq(1.0)
    known = select(one, 1.0, select(x.is_nan(), x, select(y.is_nan(), y, select(undefined, NAN, saturated))))
    is_known = one | x.is_nan() | y.is_nan() | undefined | at_end | b.eq(INF)
    return select(is_known, known, magnitude(a, y).copysign(sign))


def pow(x: ComplexOperand, y: ComplexOperand) -> Value:
    """x**y: floats with the special values of C99, integers modulo 2**width (see integer.power), complex as
    e**(y log x); a float base takes an integer exponent of any type."""
    if isinstance(x, Value) and isinstance(y, Value) and x.type != y.type:
        return _pow_integer_exponent(x, y) if y.kind in ("int", "uint") else float_pow(x, y)
    model = next(v for v in (x, y) if isinstance(v, Value | ComplexValue))
    if model.kind in ("int", "uint"):
        a, b = model.lift(x), model.lift(y)  # type: ignore[arg-type]
        return integer.power(a, b)  # type: ignore[arg-type]
    return float_pow(x, y)


def _pow_integer_exponent(x: Value, n: Value) -> Value:
    """The exponent keeps its value, and so its parity, where f64 has it."""
    if x.type in HALF:
        return in_single(lambda a: _pow_integer_exponent(a, n), x)
    if x.type == "f32" and x.emitter.has_f64:
        exponent = convert(n, "f64")
        return narrow(float_pow.function(widen(x, True), exponent.bitcast("w32")), True)  # type: ignore[union-attr]
    return float_pow(x, convert(n, x.type))


def integer_pow(x: Value | ComplexValue, exponent: int) -> Value:
    """x to a constant power by repeated squaring; a negative power of a float is 1 over the positive one."""
    if isinstance(x, Value) and x.type in HALF:
        return in_single(lambda a: integer_pow(a, exponent), x)
    if isinstance(x, Value) and not x.is_float:
        return integer.power(x, x.lift(exponent)) if exponent < 0 else by_squaring(x, exponent)  # type: ignore
    result = by_squaring(x, abs(exponent))
    return 1.0 / result if exponent < 0 else result  # type: ignore[return-value, operator]


def by_squaring(x: Value | ComplexValue, exponent: int) -> Value:
    result = None
    while exponent:
        if exponent & 1:
            result = x if result is None else result * x  # type: ignore[operator]
        exponent >>= 1
        if exponent:
            x = x * x  # type: ignore[operator]
    return x.lift(1) if result is None else result  # type: ignore[return-value]

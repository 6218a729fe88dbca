"""Rounding to integers, neighbours, and the exact remainder of floats."""

from __future__ import annotations

from . import integer
from .arithmetic import absolute, infinity_bits, is_nan, ordered_bits
from .dispatch import elementary
from .formats import (
    INF,
    NAN,
    decompose,
    fma,
    format_of,
    nearest_integer,
    power_of_two,
    scale,
)
from .value import ComplexValue, Operand, Value, select


@elementary(native=True)
def floor(x: Value) -> Value:
    """Largest integer not above x."""
    return select(_is_subnormal(x) & (x.bits() < 0), -1.0, x.floor())


@elementary(native=True)
def ceil(x: Value) -> Value:
    """Smallest integer not below x."""
    return select(_is_subnormal(x) & (x.bits() > 0), 1.0, x.unary("math.ceil"))


def _is_subnormal(x: Value) -> Value:
    """Neither zero nor normal; one range check, which compilers do not turn into a comparison of floats."""
    return (absolute(x).bits() - 1).bitcast(f"u{x.width}") < format_of(x).bits(format_of(x).tiny) - 1


@elementary(native=True)
def trunc(x: Value) -> Value:
    """Integer part of x."""
    return x.trunc()


@elementary(native=True)
def round_nearest_even(x: Value) -> Value:
    """Nearest integer, ties to even."""
    if not x.emitter.has_f64:
        return x.unary("math.roundeven")
    # math.roundeven is slow in f64; a sum with 2**mantissa has no room for a fraction.
    top = 2.0 ** format_of(x).mantissa
    a = x.abs()
    return select(a < top, ((a + top) - top).copysign(x), x)


@elementary(native=True)
def round_nearest_afz(x: Value) -> Value:
    """Nearest integer, ties away from zero."""
    whole = x.trunc()
    step = select((x - whole).abs() >= 0.5, x.lift(1.0), 0.0)
    return (whole.abs() + step).copysign(x)


def is_finite(x: Value | ComplexValue) -> Value:
    """Neither infinite nor NaN; both parts of a complex number."""
    if isinstance(x, ComplexValue):
        return is_finite(x.real) & is_finite(x.imag)
    return absolute(x).bits() < infinity_bits(x)


def copysign(x: Value, sign: Operand) -> Value:
    """|x| with the sign bit of `sign`."""
    top = -(1 << (x.width - 1))
    return (absolute(x).bits() | (x.lift(sign).bits() & top)).bitcast(x.type)


def nextafter(x: Value, y: Operand) -> Value:
    """The next representable number after x towards y; y where they are equal."""
    y = x.lift(y)
    a, b = ordered_bits(x), ordered_bits(y)
    up = a < b
    away = up.eq(a > 0)
    step = x.bits() + select(away, x.bits().lift(1), -1)
    from_zero = (y.bits() & -(1 << (x.width - 1))) | 1
    result = select(a.eq(0), from_zero, step).bitcast(x.type)
    result = select(a.eq(b), y, result)
    return select(is_nan(x), x, select(is_nan(y), y, result))


def remainder(x: Value, y: Operand) -> Value:
    """x - y trunc(x / y), exact, with the sign of x; NaN for y = 0 or infinite x.  Integers: see integer.remainder."""
    y = x.lift(y)
    return float_remainder(x, y) if x.is_float else integer.remainder(x, y)


_WIDE_STEP = 28
_F64_STEP = 50
_F32_STEP = 7


@elementary(subnormals=True)
def float_remainder(x: Value, y: Value) -> Value:
    """Long division, many quotient bits a step; each step is exact since it leaves a remainder of at most |y|."""
    steps = {"w32": _remainder_wide, "f64": _remainder_f64, "f32": _remainder_f32}
    a, b = x.abs(), y.abs()
    result = steps[x.type](a, b)
    result = select(a.bits() < b.bits(), a, result)
    invalid = b.bits().eq(0) | a.eq(INF) | x.is_nan() | y.is_nan()
    return select(invalid, NAN, result).copysign(x)


def _remainder_wide(a: Value, b: Value) -> Value:
    """Both f32 in f64: 28 bits of quotient times 24 bits of divisor are exact, over 277 binades."""
    inverse = 1.0 / b
    for i in range(9, -1, -1):
        unit = 2.0 ** (_WIDE_STEP * i)
        quotient, _ = nearest_integer(a * (inverse * (1.0 / unit)))
        a = fma(-(quotient * unit), b, a)
    return _into_range(a, b)


def _into_range(r: Value, b: Value) -> Value:
    """A remainder in [-b, b] brought to [0, b)."""
    r = select(r < 0.0, r + b, r)
    return select(r >= b, r - b, r)


def _mantissa_and_exponent(a: Value) -> tuple[Value, Value]:
    """Positive finite a = m * 2**e, m in [1, 2), e an integer."""
    f = format_of(a)
    y, _ = decompose(a)
    bits = y.bits()
    m = ((bits & ((1 << f.mantissa) - 1)) | f.bits(1.0)).bitcast(a.type)
    offset = select(a < f.tiny, bits.lift(2 * f.bias - 1), f.bias)
    return m, (bits >> f.mantissa) - offset


def _remainder_f64(a: Value, b: Value) -> Value:
    """Mantissas divided with up to 2098 quotient bits, 50 a step: 2**50 r - q b is exact by fma while |r| <= b."""
    r, ea = _mantissa_and_exponent(a)
    d, eb = _mantissa_and_exponent(b)
    inverse = 1.0 / d
    shift = ea - eb
    shift = select(shift < 0, 0, shift)
    count = (shift * 5243) >> 18  # shift // 50, right below 43690
    first = power_of_two(shift - count * _F64_STEP, a.type)
    for i in range(-1, 42):
        factor = first if i < 0 else select(count > i, a.lift(2.0**_F64_STEP), 1.0)
        scaled = r * factor
        quotient, _ = nearest_integer(scaled * inverse)
        r = fma(-quotient, d, scaled)
    r = _into_range(r, d)
    return select(r.eq(0.0), 0.0, scale(r, eb))


def _remainder_f32(a: Value, b: Value) -> Value:
    """Without f64: integer mantissas, 7 quotient bits a step, since 2**7 r stays below 2**31.

    Quotients are f32 estimates, off by one at most: IREE's SPIR-V has no unsigned division, which it turns signed
    division of known non-negative numbers into.
    """
    ra, ea = _mantissa_and_exponent(a)
    rb, eb = _mantissa_and_exponent(b)
    top = format_of(a).bits(1.0) - (1 << 23)
    r, d = ra.bits() - top, rb.bits() - top
    inverse = 1.0 / d.cast("sitofp", "f32")
    shift = ea - eb
    shift = select(shift < 0, 0, shift)
    for i in range(-1, 40):
        step = shift - _F32_STEP * i if i >= 0 else shift.lift(0)
        r = r << select(step < 0, 0, select(step > _F32_STEP, _F32_STEP, step))
        r = r - (r.cast("sitofp", "f32") * inverse).cast("fptosi", "i32") * d
        r = select(r < 0, r + d, select(r >= d, r - d, r))
    # r < 2**24 is exact as a float
    return select(r.eq(0), 0.0, scale(r.cast("sitofp", "f32") * 2.0**-23, eb))

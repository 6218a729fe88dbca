"""Arithmetic of complex numbers given as pairs of Values."""

from __future__ import annotations

from .dispatch import elementary, widened
from .formats import INF, format_of, lifted, lowered, power_of_two, two_product
from .value import ComplexValue, Value, fma, select


def multiply(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    """z · w by the schoolbook formula, as NumPy and XLA."""
    return ComplexValue(z.real * w.real - z.imag * w.imag, z.real * w.imag + z.imag * w.real)


def square(z: ComplexValue) -> ComplexValue:
    """z²; the real part as (x - y) (x + y), which neither cancels nor overflows before its time."""
    product = z.real * z.imag
    return ComplexValue((z.real - z.imag) * (z.real + z.imag), product + product)


def select_complex(condition: Value, on_true: ComplexValue, on_false: ComplexValue) -> ComplexValue:
    return ComplexValue(
        select(condition, on_true.real, on_false.real),
        select(condition, on_true.imag, on_false.imag),
    )


def times_i(z: ComplexValue) -> ComplexValue:
    return ComplexValue(-z.imag, z.real)


def times_minus_i(z: ComplexValue) -> ComplexValue:
    return ComplexValue(z.imag, -z.real)


def exponent_factors(x: Value, even: bool = False) -> tuple[Value, Value]:
    """Powers of two (down, up) with down · up = 1 and x · down in [1, 4) for positive finite x that is not extreme;
    even: down is a power of four."""
    f = format_of(x)
    exponent = x.bits().shift_right_logical(f.mantissa)
    exponent = select(exponent < 2, 2, select(exponent > 2 * f.bias - 2, 2 * f.bias - 2, exponent))
    if even:
        exponent = exponent - ((exponent + 1) & 1)  # the bias is odd
    up = exponent << f.mantissa
    return (up.lift((2 * f.bias) << f.mantissa) - up).bitcast(x.type), up.bitcast(x.type)


def larger(x: Value, y: Value) -> Value:
    """max(|x|, |y|); NaN if either is."""
    return x.abs().binary("arith.maximumf", y.abs())


def sum_of_products(a: Value, b: Value, c: Value, d: Value) -> Value:
    """a b + c d within 2 ulp, also where it cancels (Kahan); infinities as in the plain sum."""
    p, e = two_product(c, d)
    q, e2 = two_product(a, b)
    result = (q + p) + (e + e2) if not a.emitter.has_fma else fma(a, b, p) + e
    return select(result.is_nan(), q + p, result)


def divide(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    """z / w without undue overflow; z / 0 as NumPy: parts divided by |Re w|; where both parts would be nan, a finite
    number over an infinite one is 0 and an infinite one over a finite one infinite (C99, annex G)."""
    return widened(_divide, z, w)  # type: ignore[return-value]


def _is_infinite(z: ComplexValue) -> Value:
    return z.real.abs().eq(INF) | z.imag.abs().eq(INF)


def _boxed(z: ComplexValue, when: Value) -> ComplexValue:
    """Infinite parts as ±1 and the others as ±0, when the condition holds."""

    def box(x: Value) -> Value:
        return select(when, select(x.abs().eq(INF), x.lift(1.0), 0.0).copysign(x), x)

    return ComplexValue(box(z.real), box(z.imag))


def _finite(z: ComplexValue) -> Value:
    return (z.real.abs() < INF) & (z.imag.abs() < INF)


def _divide(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    spare = format_of(z.real).spare  # products are exact, and no exponent comes near its limits
    numerator, divisor, scales = (z, w, []) if spare else _of_moderate_size(z, w)
    by_zero = w.imag.eq(0.0) & w.real.eq(0.0)
    in_parts = by_zero | (w.imag.eq(0.0) & _finite(z))
    norm = fma(divisor.real, divisor.real, divisor.imag * divisor.imag)
    norm = select(in_parts, select(by_zero, w.real.abs(), w.real), norm)
    products = zip((z.real, z.imag), _by_conjugate(numerator, divisor), strict=True)
    chosen = [select(in_parts, own, product) for own, product in products]
    real, imag = [x * (1.0 / norm) for x in chosen] if spare else [x / norm for x in chosen]
    both_nan = real.is_nan() & imag.is_nan()
    to_infinity, to_zero = both_nan & _is_infinite(z) & _finite(w), both_nan & _is_infinite(w) & _finite(z)
    at_limit = _by_conjugate(_boxed(numerator, to_infinity), _boxed(divisor, to_zero))
    limit = select(to_infinity, z.real.lift(INF), 0.0)

    def part(quotient: Value, extreme: Value) -> Value:
        scaled = quotient
        for scale in scales:
            scaled = scaled * scale
        return select(in_parts, quotient, select(to_infinity | to_zero, extreme * limit, scaled))

    return ComplexValue(part(real, at_limit[0]), part(imag, at_limit[1]))


def _of_moderate_size(z: ComplexValue, w: ComplexValue) -> tuple[ComplexValue, ComplexValue, list[Value]]:
    """Both without their exponents, which come back in two halves, so that only the result can over- or underflow."""
    w_down, w_up = exponent_factors(larger(w.real, w.imag))
    z_down, z_up = exponent_factors(larger(z.real, z.imag))
    mantissa = format_of(z.real).mantissa
    exponent = (z_up.bits() >> mantissa) - (w_up.bits() >> mantissa)
    halves = exponent >> 1, exponent - (exponent >> 1)
    return _scaled(z, z_down), _scaled(w, w_down), [power_of_two(half, z.real.type) for half in halves]


def _scaled(z: ComplexValue, factor: Value) -> ComplexValue:
    return ComplexValue(z.real * factor, z.imag * factor)


def _by_conjugate(z: ComplexValue, w: ComplexValue) -> tuple[Value, Value]:
    """Parts of z times the conjugate of w."""
    a, b, c, d = z.real, z.imag, w.real, w.imag
    if format_of(a).spare:
        return fma(a, c, b * d), fma(b, c, -a * d)
    return sum_of_products(a, c, b, d), sum_of_products(b, c, -a, d)


@elementary(subnormals=True)
def hypot(x: Value, y: Value) -> Value:
    """√(x² + y²) without undue overflow; inf if either is, even beside NaN."""
    if format_of(x).spare:
        result = fma(x, x, y * y).sqrt()
    else:
        # Two numbers below 2 may be subnormal: their squares are added 2**(bias - 1) times as large.
        small = (x.abs() < 2.0) & (y.abs() < 2.0)
        p, q = (select(small, lifted(select(small, v.abs(), 1.0)), v) for v in (x, y))
        down, up = exponent_factors(larger(p, q))
        a, b = p * down, q * down
        result = fma(a, a, b * b).sqrt() * up
        result = select(small, lowered(select(small, result, 1.0)), result)
    return select(x.abs().eq(INF) | y.abs().eq(INF), INF, result)


def absolute(z: ComplexValue) -> Value:
    """|z|."""
    return hypot(z.real, z.imag)


def sign(z: ComplexValue) -> ComplexValue:
    """z / |z|, 0 at 0; ±1 or ±i if one part is infinite, nan if both are."""

    def unit(z: ComplexValue) -> ComplexValue:
        z = _boxed(z, z.real.abs().eq(INF) ^ z.imag.abs().eq(INF))
        down, _ = exponent_factors(larger(z.real, z.imag))
        a, b = z.real * down, z.imag * down
        norm = fma(a, a, b * b).sqrt()
        zero = norm.eq(0.0)
        return ComplexValue(select(zero, z.real, a / norm), select(zero, z.imag, b / norm))

    return widened(unit, z)  # type: ignore[return-value]


def real(z: ComplexValue) -> Value:
    return z.real


def imag(z: ComplexValue) -> Value:
    return z.imag


def conj(z: ComplexValue) -> ComplexValue:
    return ComplexValue(z.real, -z.imag)


def make_complex(real: Value, imag: Value) -> ComplexValue:
    """real + i imag."""
    return ComplexValue(real, imag)

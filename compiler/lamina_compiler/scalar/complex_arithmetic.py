"""Arithmetic of complex numbers given as pairs of Values."""

from __future__ import annotations

from .dispatch import elementary, widened
from .formats import INF, format_of, power_of_two, two_product
from .value import ComplexValue, Value, fma, select


def multiply(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    """z · w by the schoolbook formula, as NumPy and XLA."""
    return ComplexValue(z.real * w.real - z.imag * w.imag, z.real * w.imag + z.imag * w.real)


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
    """a b + c d within 2 ulp, also where it cancels (Kahan)."""
    p, e = two_product(c, d)
    q, e2 = two_product(a, b)
    return (q + p) + (e + e2) if not a.emitter.has_fma else fma(a, b, p) + e


def divide(z: ComplexValue, w: ComplexValue) -> ComplexValue:
    """z / w without undue overflow; infinities as in C99 annex G, z / 0 as NumPy: parts divided by |Re w|."""
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
    to_infinity, to_zero = _is_infinite(z) & _finite(w), _is_infinite(w) & _finite(z)
    z, w = _boxed(z, to_infinity), _boxed(w, to_zero)
    a, b, c, d = z.real, z.imag, w.real, w.imag
    w_down, w_up = exponent_factors(larger(c, d))
    z_down, z_up = exponent_factors(larger(a, b))
    c, d, a, b = c * w_down, d * w_down, a * z_down, b * z_down
    denominator = fma(c, c, d * d)
    # The exponents taken out come back in two halves, so that only the result can overflow or underflow.
    mantissa = format_of(a).mantissa
    exponent = (z_up.bits() >> mantissa) - (w_up.bits() >> mantissa)
    half = power_of_two(exponent >> 1, a.type)
    rest = power_of_two(exponent - (exponent >> 1), a.type)
    limit = select(to_infinity, INF, select(to_zero, a.lift(0.0), 1.0))
    by_zero = w.real.eq(0.0) & w.imag.eq(0.0)

    def unscaled(numerator: Value, over_zero: Value) -> Value:
        return select(by_zero, over_zero / w.real.abs(), numerator / denominator * half * rest * limit)

    real = unscaled(sum_of_products(a, c, b, d), z.real)
    return ComplexValue(real, unscaled(sum_of_products(b, c, -a, d), z.imag))


@elementary(subnormals=True)
def hypot(x: Value, y: Value) -> Value:
    """√(x² + y²) without undue overflow; inf if either is, even beside NaN."""
    if format_of(x).spare:
        result = fma(x, x, y * y).sqrt()
    else:
        down, up = exponent_factors(larger(x, y))
        a, b = x * down, y * down
        result = fma(a, a, b * b).sqrt() * up
    return select(x.abs().eq(INF) | y.abs().eq(INF), INF, result)


def absolute(z: ComplexValue) -> Value:
    """|z|."""
    return hypot(z.real, z.imag)


def sign(z: ComplexValue) -> ComplexValue:
    """z / |z|, 0 at 0."""

    def unit(z: ComplexValue) -> ComplexValue:
        z = _boxed(z, _is_infinite(z))
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

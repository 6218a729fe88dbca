"""Float formats, the exact tricks on their bits, and arithmetic in unevaluated sums of two floats.

The elementary functions are written once over three formats: "f64" and "f32", which compensate rounding errors, and
"w32", an f32 computation carried in f64, whose 29 spare bits make compensation unnecessary (`Format.spare`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import zip_longest

import numpy as np

from .coefficients import DOUBLE, SINGLE
from .value import Operand, Value, fma, select

INF, NAN = float("inf"), float("nan")

# 40 decimals; `Format.split` cuts them to the format.
EULER = Fraction("0.5772156649015328606065120900824024310422")
LN2 = Fraction("0.6931471805599453094172321214581765680755")
LOG2_E = Fraction("1.4426950408889634073599246810018921374266")
LOG10_E = Fraction("0.4342944819032518276511289189166050822944")
LOG10_2 = Fraction("0.3010299956639811952137388947244930267682")
PI = Fraction("3.1415926535897932384626433832795028841972")
LOG_PI = Fraction("1.1447298858494001741434273513530587116473")
LOG_SQRT_2PI = Fraction("0.9189385332046727417803297364056176398614")


@dataclass(frozen=True)
class Format:
    """Binary interchange format: `mantissa` stored bits, exponent `bias`; `spare` marks f64 holding an f32."""

    name: str
    mantissa: int
    bias: int
    spare: bool = False

    @cached_property
    def integer(self) -> str:
        return "i32" if self.mantissa == 23 else "i64"

    @cached_property
    def tiny(self) -> float:
        """Smallest normal number."""
        return 2.0 ** (1 - self.bias)

    @cached_property
    def magic(self) -> float:
        """Adding it rounds a small number to an integer, which then stands in the low bits."""
        return 1.5 * 2.0**self.mantissa

    @cached_property
    def identity_limit(self) -> float:
        """Below it f(x) = x + O(x²) rounds to x."""
        return 2.0 ** -(self.mantissa + 3)

    def round(self, value: Fraction | float) -> float:
        return float(np.float32(float(value))) if self.mantissa == 23 else float(value)

    def bits(self, value: float) -> int:
        if self.mantissa == 23:
            return int(np.float32(value).view(np.int32))
        return int(np.float64(value).view(np.int64))

    def split(self, value: Fraction, head_bits: int | None = None) -> tuple[float, float]:
        """value = high + low; `high` has at most `head_bits` bits: its product with a short integer is exact."""
        if head_bits is None:
            high = self.round(value)
        else:
            scale = Fraction(2) ** (head_bits - int(np.frexp(float(value))[1]))
            high = float(Fraction(int(value * scale)) / scale)
        return high, self.round(value - Fraction(high))

    def table(self, name: str) -> tuple[float, ...]:
        """Polynomial coefficients, low to high, long enough for the format."""
        return (DOUBLE if self.name == "f64" else SINGLE)[name]

    def tables(self, name: str) -> list[tuple[float, ...]]:
        """The tables name_0, name_1 …, as many as the format needs."""
        every = DOUBLE if self.name == "f64" else SINGLE
        return [every[f"{name}_{k}"] for k in range(sum(other.startswith(f"{name}_") for other in every))]


FORMATS = {f.name: f for f in (Format("f32", 23, 127), Format("f64", 52, 1023), Format("w32", 52, 1023, spare=True))}


def format_of(x: Value) -> Format:
    return FORMATS[x.type]


# ---- polynomials, limits, signs -------------------------------------------------------------------------------------


def polynomial(x: Value, coefficients: Sequence[Operand]) -> Value:
    """Horner's rule; coefficients from low to high."""
    result = x.lift(coefficients[-1])
    for c in coefficients[-2::-1]:
        result = fma(result, x, c)
    return result


def polynomial_in_halves(x: Value, coefficients: Sequence[Operand]) -> Value:
    """Even and odd powers apart: Horner's rule waits for every step, this for half of them. Less accurate."""
    square = x * x
    return fma(polynomial(square, coefficients[1::2]), x, polynomial(square, coefficients[::2]))


def selected(x: Value, conditions: Sequence[Value], tables: Sequence[Sequence[float]]) -> list[Operand]:
    """Coefficients of the first condition that holds, else the last ones."""
    coefficients: list[Operand] = []
    for column in zip_longest(*tables, fillvalue=0.0):
        *chosen, other = column
        value: Operand = other
        for condition, c in zip(reversed(conditions), reversed(chosen), strict=True):
            value = select(condition, x.lift(c), value)
        coefficients.append(value)
    return coefficients


def select_polynomial(x: Value, conditions: Sequence[Value], tables: Sequence[Sequence[float]]) -> Value:
    """The polynomial of the first condition that holds, else the last; they differ in the coefficients only."""
    return polynomial(x, selected(x, conditions, tables))


def limit(x: Value, low: float, high: float) -> Value:
    """x within [low, high]; a NaN passes. Written as processors have minimum and maximum."""
    x = select(x > high, high, x)
    return select(x < low, low, x)


def flip_sign(x: Value, sign_bits: Value) -> Value:
    """x with the bits xor-ed in: its sign changes where sign_bits holds the sign bit."""
    return (x.bits() ^ sign_bits).bitcast(x.type)


def is_negative(x: Value) -> Value:
    """The sign bit, also of zeros and NaNs."""
    return x.bits() < 0


def divide(n: Value, d: Value) -> Value:
    """n / d.  With spare bits: an f32 reciprocal and a Newton step (46 bits), a third of an f64 vector division; it
    needs |d| within f32's normal range, beyond which 1/d comes out 0 or inf."""
    if not format_of(d).spare:
        return n / d
    r = (1.0 / d.cast("truncf", "f32")).cast("extf", "w32")
    quotient = n * r
    return fma(quotient, fma(-d, r, 1.0), quotient)


# ---- sums and products of two floats --------------------------------------------------------------------------------


def _pinned(x: Value) -> Value:
    """x, hidden from shader compilers, which take (a + b) - a for b; a select they do not see through."""
    return x if x.emitter.has_f64 else select(x.is_nan(), NAN, x)


def two_sum(a: Value, b: Value) -> tuple[Value, Value]:
    """a + b as rounded sum and exact error (Knuth)."""
    s = _pinned(a + b)
    t = _pinned(s - a)
    return s, (a - (s - t)) + (b - t)


def fast_two_sum(a: Value, b: Value) -> tuple[Value, Value]:
    """two_sum for |a| >= |b| or a = 0 (Dekker)."""
    s = _pinned(a + b)
    return s, b - (s - a)


def multiply(a: Operand, b: Operand) -> Value:
    """a * b rounded on its own.  LLVM under IREE contracts mulf + addf into fma whatever the flags say, which changes a
    product between its uses; an fma with -0.0 is left alone."""
    return fma(a, b, -0.0)


def two_product(a: Value, b: Operand) -> tuple[Value, Value]:
    """a * b as a float and the error."""
    b = a.lift(b)
    if a.emitter.has_fma:
        p = multiply(a, b)
        return p, fma(a, b, -p)
    # Without fma the leading product must be exact, or contraction would change it between its uses.
    drop = -(1 << (format_of(a).mantissa // 2 + 1))
    ah, bh = (a.bits() & drop).bitcast(a.type), (b.bits() & drop).bitcast(b.type)
    al, bl = a - ah, b - bh
    return fast_two_sum(ah * bh, ah * bl + al * b)


def fused(a: Value, b: Value, c: Value) -> Value:
    """a * b + c where c cancels most of the product."""
    if a.emitter.has_fma:
        return fma(a, b, c)
    p, e = two_product(a, b)
    s, t = two_sum(c, p)
    return s + (t + e)


Pair = tuple[Value, Value]


def pair_multiply(a: Pair, b: Pair) -> Pair:
    p, e = two_product(a[0], b[0])
    return fast_two_sum(p, fma(a[0], b[1], fma(a[1], b[0], e)))


def pair_add(a: Pair, b: Pair) -> Pair:
    s, e = two_sum(a[0], b[0])
    return fast_two_sum(s, e + (a[1] + b[1]))


def choose(condition: Value, on_true: Pair, on_false: Pair) -> Pair:
    return select(condition, on_true[0], on_false[0]), select(condition, on_true[1], on_false[1])


def exact(value: Value) -> Pair:
    """A float as an unevaluated sum."""
    return value, value.lift(0.0)


def pair_divide(a: Pair, b: Pair) -> Pair:
    q = a[0] / b[0]
    return q, (fused(-q, b[0], a[0]) + (a[1] - q * b[1])) / b[0]


# ---- exponents ------------------------------------------------------------------------------------------------------


def nearest_integer(x: Value) -> tuple[Value, Value]:
    """x rounded to nearest, as a float and as an integer; |x| < 2**(mantissa - 1)."""
    f = format_of(x)
    if not x.emitter.has_f64:  # shader compilers undo (x + c) - c
        n = select(x.is_nan(), 0.0, x.unary("math.roundeven"))
        return n, n.cast("fptosi", f.integer)
    shifted = x + f.magic
    return shifted - f.magic, shifted.bits() - f.bits(f.magic)


def small_integer_to_float(k: Value, type: str) -> Value:
    """The inverse of `nearest_integer`; |k| < 2**(mantissa - 1)."""
    f = FORMATS[type]
    return (k + f.bits(f.magic)).bitcast(type) - f.magic


def power_of_two(k: Value, type: str) -> Value:
    """2**k for k within the normal exponents."""
    f = FORMATS[type]
    return ((k + f.bias) << f.mantissa).bitcast(type)


def scale(p: Value, k: Value) -> Value:
    """p * 2**k for positive p near 1 and k from the smallest subnormal to beyond infinity.

    A subnormal result is rounded as an integer, since IREE's threads flush those that arithmetic makes.
    """
    f = format_of(p)
    if f.spare:
        return p * power_of_two(k, p.type)
    half = k >> 1
    normal = p * power_of_two(half, p.type) * power_of_two(k - half, p.type)
    units = p * power_of_two(k + (f.bias - 1 + f.mantissa), p.type) + 2.0**f.mantissa
    subnormal = (units.bits() - f.bits(2.0**f.mantissa)).bitcast(p.type)
    return select(normal < f.tiny, subnormal, normal)


def lifted(a: Value) -> Value:
    """a * 2**(bias - 1) for a >= 0, subnormals too; inf from 4 on."""
    f = format_of(a)
    return select(a < f.tiny, (a.bits() | f.bits(1.0)).bitcast(a.type) - 1.0, a * 2.0 ** (f.bias - 1))


def is_zero(x: Value) -> Value:
    """Whether x is ±0: neither a comparison of floats, which takes subnormals for 0, nor one of bits, which LLVM turns
    into it."""
    return x.eq(0.0) if format_of(x).spare else lifted(x.abs()).eq(0.0)


def lowered(a: Value) -> Value:
    """a * 2**(1 - bias) for a >= 0; a subnormal result is rounded as an integer."""
    f = format_of(a)
    units = select(a < 1.0, a * 2.0**f.mantissa, 0.0) + 2.0**f.mantissa
    return select(a < 1.0, (units.bits() - f.bits(2.0**f.mantissa)).bitcast(a.type), a * 2.0 ** (1 - f.bias))


def decompose(x: Value) -> tuple[Value, Value]:
    """Positive finite x as (y, shift) with x = y * 2**shift and y normal; shift is a float constant but for subnormals,
    whose bits are read as an integer because arithmetic sees them as zero."""
    f = format_of(x)
    one = f.bits(1.0)
    subnormal = x < f.tiny
    scaled = (x.bits() | one).bitcast(x.type) - 1.0
    return select(subnormal, scaled, x), select(subnormal, float(1 - f.bias), x.lift(0.0))

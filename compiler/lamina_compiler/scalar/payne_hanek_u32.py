"""Reduction of an f32 modulo π/2 in 32-bit integers, for targets without f64 (Payne & Hanek 1983)."""

from __future__ import annotations

from itertools import pairwise

from .coefficients import TWO_OVER_PI, TWO_OVER_PI_SCALE
from .formats import FORMATS, PI, fast_two_sum, flip_sign, two_product, two_sum
from .value import Value, fma, select

_LEAD = 32  # zero bits before the bits of 2/π, so that every window starts inside the table


def _word(index: int) -> int:
    """Bits 32 index ... 32 index + 31 of: _LEAD + 1 zeros, then the bits of 2/π after the binary point."""
    return (TWO_OVER_PI >> (TWO_OVER_PI_SCALE - (32 * (index + 1) - 1 - _LEAD))) & 0xFFFFFFFF


def _window(start: Value) -> list[Value]:
    """Three u32 words from bit `start` (0 ... 159, an i32) of the table on."""
    index, shift = start >> 5, (start & 31).bitcast("u32")
    words: list[Value] = []
    for offset in range(4):
        word = shift.lift(_word(offset))
        for i in range(1, 5):
            word = select(index.eq(i), _word(offset + i), word)
        words.append(word)
    # The right shift by 32 - shift goes in two steps, since a shift by 32 is undefined.
    return [(a << shift) | ((b >> 1) >> (31 - shift)) for a, b in pairwise(words)]


def _multiply_wide(a: Value, b: Value) -> tuple[Value, Value]:
    """Low and high word of the product of two u32."""
    return a.emitter.operation_pair("arith.mului_extended", (a, b), "u32")


def _carry(total: Value, part: Value) -> Value:
    """1 where the sum `total` of u32 wrapped around."""
    return (total < part).cast("extui", "u32")


def _fraction(word: Value, exponent: int) -> Value:
    """A u32 below 2**16 times 2**exponent, as f32."""
    return word.cast("uitofp", "f32") * 2.0**exponent


def reduce_f32(x: Value) -> tuple[Value, Value, Value]:
    """x = k π/2 + r + low: k an i32 modulo 4, |r| <= π/4.

    |x| = m * 2**(e - 23) with a 24-bit m.  Bits of 2/π of weight 4 and more in the product give multiples of 4; the 96
    bits after them times m give the quadrant and 94 bits of fraction.
    """
    bits = x.bits() & 0x7FFFFFFF
    e = (bits >> 23) - 127
    e = select(e < -1, -1, e)  # smaller |x| are their own remainder, see the end
    m = ((bits & 0x7FFFFF) | 0x800000).bitcast("u32")
    p0, p1, p2 = _window(e + (_LEAD - 24))
    low, high2 = _multiply_wide(m, p2)
    low1, high1 = _multiply_wide(m, p1)
    middle = high2 + low1
    top = m * p0 + high1 + _carry(middle, low1)
    quadrant = (top >> 30) + ((top >> 29) & 1)
    # The fraction in units of 2**-64, as two words and a sign.
    high, low = (top << 2) | (middle >> 30), (middle << 2) | (low >> 30)
    sign = high.bitcast("i32") >> 31
    mask = sign.bitcast("u32")
    low = (low ^ mask) - mask
    high = (high ^ mask) + (mask & low.eq(0).cast("extui", "u32"))
    a, b = two_sum(_fraction(high >> 16, -16), _fraction(high & 0xFFFF, -32))
    s, t = fast_two_sum(a, b + (_fraction(low >> 16, -48) + _fraction(low & 0xFFFF, -64)))
    pi_high, pi_low = FORMATS["f32"].split(PI / 2)
    r, r_low = two_product(s, pi_high)
    r_low = fma(s, pi_low, fma(t, pi_high, r_low))
    x_sign = x.bits() & -(2**31)
    flip = (sign & -(2**31)) ^ x_sign
    k = select(x_sign.ne(0), 0 - quadrant, quadrant).bitcast("i32")
    small = x.abs() < 0.785
    r = select(small, x, flip_sign(r, flip))
    return select(small, k.lift(0), k), r, select(small, 0.0, flip_sign(r_low, flip))

"""Conversion between element types, value for value and bit for bit."""

from __future__ import annotations

from .dispatch import HALF, round_to_half
from .value import COMPLEX_OF, TYPES, ComplexValue, Value, select


def convert(x: Value | ComplexValue, type: str) -> Value | ComplexValue:
    """x as an element of another type.

    Floats become integers towards zero, saturated, NaN as 0; wider integers wrap; floats round to nearest even, once;
    bool is x != 0; a complex number becomes real by dropping its imaginary part.

    >>> convert(x, "i8")  # 300.0 -> 127, nan -> 0
    """
    target = TYPES[type]
    if target.kind == "complex":
        if isinstance(x, ComplexValue):
            return ComplexValue(real_convert(x.real, target.part), real_convert(x.imag, target.part))
        real = real_convert(x, target.part)
        return ComplexValue(real, real.lift(0.0))
    if isinstance(x, ComplexValue):
        if target.kind == "bool":
            return _is_nonzero(x.real) | _is_nonzero(x.imag)
        x = x.real
    return real_convert(x, type)


def real_convert(x: Value, type: str) -> Value:
    """`convert` between types that are not complex."""
    if x.type == type:
        return x
    kind = TYPES[type].kind
    if kind == "bool":
        return _is_nonzero(x)
    if x.is_float:
        return _float_to_float(x, type) if kind == "float" else _float_to_integer(x, type)
    if kind == "float":
        wide = "f32" if type in HALF else type
        value = x.cast("sitofp" if x.kind == "int" else "uitofp", wide)
        return _round_strictly(value, type) if type in HALF else value
    return _integer_to_integer(x, type)


def _is_nonzero(x: Value) -> Value:
    """By the bits, since arithmetic may take a subnormal for zero."""
    if x.kind == "bool":
        return x
    return (x.bits() << 1).ne(0) if x.is_float else x.ne(0)


def _integer_to_integer(x: Value, type: str) -> Value:
    width = TYPES[type].width
    if x.width == width:
        return x.bitcast(type)
    if x.width > width:
        return x.cast("trunci", type)
    return x.cast("extsi" if x.kind == "int" else "extui", type)


def _float_to_float(x: Value, type: str) -> Value:
    if x.type in HALF:
        x = x.cast("extf", "f32")
    if x.type == type:
        return x
    if type not in HALF:
        return x.cast("extf" if TYPES[type].width > x.width else "truncf", type)
    if x.width == 64:
        # Round to odd at f32's precision: the second rounding then sees on which side of a tie the value lies.
        dropped = x.bits() & ((1 << 29) - 1)
        sticky = select(dropped.ne(0), dropped.lift(1 << 29), 0)
        x = ((x.bits() - dropped) | sticky).bitcast(x.type).cast("truncf", "f32")
    return _round_strictly(x, type)


def _round_strictly(x: Value, type: str) -> Value:
    """f32 to f16 or bf16.  IREE drops a truncf to bf16 that is extended again; a conversion the user wrote must round,
    so bf16 is rounded as an integer."""
    if type == "f16":
        return round_to_half(x, type)
    bits = x.bits()
    rounded = bits + (((bits >> 16) & 1) + 0x7FFF)
    quiet = select(x.is_nan(), bits | 0x400000, rounded)
    return (quiet >> 16).cast("trunci", "i16").bitcast("bf16")


def _float_to_integer(x: Value, type: str) -> Value:
    if x.type in HALF:
        x = x.cast("extf", "f32")
    target = TYPES[type]
    signed = target.kind == "int"
    digits = target.width - signed
    low = -(2.0**digits) if signed else 0.0
    fits = (x > low) & (x < 2.0**digits)
    result = select(fits, x, 0.0).cast("fptosi" if signed else "fptoui", type)
    result = select(x >= 2.0**digits, (1 << digits) - 1, result)
    return select(x <= low, -(1 << digits), result) if signed else result


def bitcast(x: Value, type: str) -> Value:
    """The bits of x read as another type of the same width."""
    if isinstance(x, ComplexValue) or type in COMPLEX_OF.values():
        raise TypeError("complex numbers have no bitcast: take their real and imaginary parts")
    if x.width != TYPES[type].width:
        raise TypeError(f"bitcast from {x.type} to {type} changes the width")
    return x.bitcast(type)


def reduce_precision(x: Value, exponent_bits: int, mantissa_bits: int) -> Value:
    """x rounded to nearest even as a float of these many bits would have it; beyond its range 0 or infinity."""
    stored = {"f16": 10, "bf16": 7, "f32": 23, "f64": 52}[x.type]
    own_exponent = x.width - 1 - stored
    sign = x.bits() & -(1 << (x.width - 1))
    bits = x.bits() ^ sign
    infinity = ((1 << own_exponent) - 1) << stored
    is_nan = bits > infinity
    drop = stored - mantissa_bits
    if drop > 0:
        odd = (bits >> drop) & 1
        bits = (bits + (odd + ((1 << (drop - 1)) - 1))) & ~((1 << drop) - 1)
    if exponent_bits < own_exponent:
        bias, own_bias = (1 << (exponent_bits - 1)) - 1, (1 << (own_exponent - 1)) - 1
        bits = select(bits > ((own_bias + bias + 1) << stored) - 1, infinity, bits)
        bits = select(bits < (own_bias - bias + 1) << stored, 0, bits)
    return select(is_nan, x, (bits | sign).bitcast(x.type))

"""Arithmetic, comparison and choice on every dtype.

f16 and bf16 are computed in f32 and rounded once; integers wrap; bool adds as "or" and multiplies as "and".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from . import complex_arithmetic, integer
from .dispatch import in_single
from .value import ComplexOperand, ComplexValue, Operand, Value
from .value import select as select_real

V = TypeVar("V", Value, ComplexValue)


def lift_all(*operands: ComplexOperand) -> tuple[Value | ComplexValue, ...]:
    """Operands of one type: literals and reals become complex beside a complex value."""
    model = next((v for v in operands if isinstance(v, ComplexValue)), None)
    model = model or next(v for v in operands if isinstance(v, Value))
    return tuple(model.lift(v) for v in operands)  # type: ignore[arg-type]


def _binary(
    real: Callable[[Value, Value], Value], boolean: Callable[[Value, Value], Value] | None = None
) -> Callable[[ComplexOperand, ComplexOperand], Value]:
    """A function of two operands from Python's operator, which complex values share."""

    def function(x: ComplexOperand, y: ComplexOperand) -> Value:
        a, b = lift_all(x, y)
        if isinstance(a, ComplexValue):
            return real(a, b)  # type: ignore[arg-type]
        a, b = cast(Value, a), cast(Value, b)
        if a.kind == "bool":
            if boolean is None:
                raise TypeError("this operation is not defined for bool; convert the operands to an integer type first")
            return boolean(a, b)
        return in_single(real, a, b)

    return function


add = _binary(lambda x, y: x + y, lambda x, y: x | y)
subtract = _binary(lambda x, y: x - y)
multiply = _binary(lambda x, y: x * y, lambda x, y: x & y)
_divide = _binary(lambda x, y: x / y)


def divide(x: ComplexOperand, y: ComplexOperand) -> Value:
    """x / y; of integers towards zero, with x/0 = -1 (unsigned: all ones) and MIN/-1 = MIN."""
    a, b = lift_all(x, y)
    if a.kind in ("int", "uint"):
        return integer.divide(cast(Value, a), cast(Value, b))
    return _divide(a, b)


def negate(x: V) -> V:
    """-x; integers wrap."""
    return cast(V, -x if isinstance(x, ComplexValue) else in_single(lambda a: -a, x))


def square(x: V) -> V:
    """x · x."""
    return cast(V, complex_arithmetic.square(x) if isinstance(x, ComplexValue) else multiply(x, x))


def absolute(x: Value | ComplexValue) -> Value:
    """|x|, of a complex number its modulus without undue overflow; |MIN| of a signed integer is MIN."""
    if isinstance(x, ComplexValue):
        return complex_arithmetic.absolute(x)
    if x.is_float:
        return (x.bits() & ((1 << (x.width - 1)) - 1)).bitcast(x.type)
    return select_real(x < 0, -x, x) if x.kind == "int" else x


def sign(x: V) -> V:
    """-1, ±0 or 1; NaN for NaN; of a complex number x / |x|, 0 at 0."""
    if isinstance(x, ComplexValue):
        return complex_arithmetic.sign(x)
    if x.is_float:
        unit = in_single(lambda a: a.lift(1.0).copysign(a), x)
        keep = absolute(x).bits().eq(0) | is_nan(x)
        return select_real(keep, x, unit)
    if x.kind == "int":
        return select_real(x > 0, x.lift(1), x >> (x.width - 1))
    return select_real(x.ne(0), x.lift(1), 0)


def is_nan(x: Value) -> Value:
    return absolute(x).bits() > infinity_bits(x)


def infinity_bits(x: Value) -> int:
    """Bits of +inf in the type of x."""
    exponent_bits = {"f16": 5, "bf16": 8, "f32": 8}.get(x.type, 11)
    return ((1 << exponent_bits) - 1) << (x.width - 1 - exponent_bits)


# ---- order ----------------------------------------------------------------------------------------------------------
# Floats are compared by their bits: the threads of IREE take subnormal operands of float instructions for zero.


def ordered_bits(x: Value) -> Value:
    """Integers in the order of the floats, both zeros 0."""
    bits = x.bits()
    return select_real(bits < 0, -(1 << (x.width - 1)) - bits, bits)


def totally_ordered_bits(x: Value) -> Value:
    """Integers in the order of the floats, -0 below +0; of such integers the bits of the floats."""
    bits = x.bits()
    return bits ^ ((bits >> (x.width - 1)) & ((1 << (x.width - 1)) - 1))


def _extremum(
    suffix: str, relation: str, boolean: Callable[[Value, Value], Value], *, of_bits: bool
) -> Callable[[Operand, Operand], Value]:
    def of_floats(a: Value, b: Value) -> Value:
        if not of_bits:
            return in_single(lambda p, q: p.binary(f"arith.{suffix}imumf", q), a, b)
        wins = totally_ordered_bits(a).compare(relation, totally_ordered_bits(b))
        return select_real(is_nan(a), a, select_real(is_nan(b), b, select_real(wins, a, b)))

    def function(x: Operand, y: Operand) -> Value:
        a, b = cast(tuple[Value, Value], lift_all(x, y))
        if a.kind == "bool":
            return boolean(a, b)
        if a.is_float:
            return of_floats(a, b)
        if isinstance(a, ComplexValue):
            raise TypeError("complex numbers have no order: take the maximum or minimum of real values")
        return a.binary(f"arith.{suffix}{'s' if a.kind == 'int' else 'u'}i", b)

    return function


maximum = _extremum("max", "gt", lambda x, y: x | y, of_bits=True)
minimum = _extremum("min", "lt", lambda x, y: x & y, of_bits=True)
# One instruction, which IREE knows as a reduction; a subnormal result may come out as zero.
flushing_maximum = _extremum("max", "gt", lambda x, y: x | y, of_bits=False)
flushing_minimum = _extremum("min", "lt", lambda x, y: x & y, of_bits=False)


def clamp(low: Operand, x: Value, high: Operand) -> Value:
    """x limited to [low, high]; NaN if any operand is."""
    return minimum(maximum(x, low), high)


def _comparison(relation: str) -> Callable[[ComplexOperand, ComplexOperand], Value]:
    def of_reals(a: Value, b: Value) -> Value:
        if not a.is_float:
            return a.compare(relation, b)
        holds = ordered_bits(a).compare(relation, ordered_bits(b))
        unordered = is_nan(a) | is_nan(b)
        return holds | unordered if relation == "ne" else holds & ~unordered

    def function(x: ComplexOperand, y: ComplexOperand) -> Value:
        a, b = lift_all(x, y)
        if not isinstance(a, ComplexValue):
            return of_reals(a, cast(Value, b))
        if relation not in ("eq", "ne"):
            raise TypeError("complex numbers have no order: compare real parts, imaginary parts or moduli")
        real, imag = of_reals(a.real, b.real), of_reals(a.imag, b.imag)  # type: ignore[union-attr]
        return real & imag if relation == "eq" else real | imag

    return function


equal, not_equal = _comparison("eq"), _comparison("ne")
less, less_equal = _comparison("lt"), _comparison("le")
greater, greater_equal = _comparison("gt"), _comparison("ge")


def select(condition: Value, on_true: ComplexOperand, on_false: ComplexOperand) -> Value:
    """on_true where the bool condition holds, else on_false."""
    a, b = lift_all(on_true, on_false)
    if isinstance(a, ComplexValue):
        return complex_arithmetic.select_complex(condition, a, b)  # type: ignore[arg-type, return-value]
    return select_real(condition, cast(Value, a), cast(Value, b))

"""How an elementary function runs on each dtype: directly, inside a wider format, or as its complex extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from .formats import FORMATS, format_of
from .value import ComplexOperand, ComplexValue, Value, fma, select

HALF = ("f16", "bf16")
WIDE = FORMATS["w32"]
UNIT = 2.0 ** (52 - 149)  # the last bit of a w32 of this size is the smallest f32
F = TypeVar("F", bound=Callable[..., Value | ComplexValue])


class Elementary:
    """A function of floats, defined by its code for the formats "f32", "f64" and "w32" (see formats.py).

    native: f32 runs in f32 arithmetic (about 1 ulp, twice the lanes) rather than inside f64 (0.51 ulp).
    subnormals: in f64, subnormal f32 inputs and results are decoded in integers; IREE's threads flush them otherwise.
    identity: f(x) = x + O(x²) at 0, so tiny x is the result, sign and subnormals included.
    slope: f(x) = slope · x + O(x²) at 0: so results of tiny f32 inputs are made where subnormals are not decoded.
    """

    def __init__(
        self, function: Callable[..., Value], native: bool, subnormals: bool, identity: bool, slope: float
    ) -> None:
        self.function = function
        self.native = native
        self.subnormals = subnormals
        self.identity = identity
        self.slope = slope
        self.complex_function: Callable[..., Value | ComplexValue] | None = None
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__

    def __call__(self, *args: Value | ComplexOperand) -> Value:
        """Values and literals of one type; typed as real since a complex argument is the exception."""
        model = next((a for a in args if isinstance(a, ComplexValue)), None)
        if model is not None:
            return self._complex(*(model.lift(a) for a in args))  # type: ignore[return-value]
        model = next(a for a in args if isinstance(a, Value))
        return self._real(*(model.lift(a) for a in args))  # type: ignore[arg-type]

    def extend(self, function: F) -> F:
        """Decorator: the function of ComplexValues."""
        self.complex_function = function
        return function

    def _real(self, *args: Value) -> Value:
        x = args[0]
        if not x.is_float:
            raise TypeError(f"{self.__name__} takes floats, got {x.type}; convert the operand to a float type first")
        if x.type in HALF:
            return in_single(self._native, *args)
        if x.type == "f32" and x.emitter.has_f64 and not self.native:
            wide = self.function(*(widen(a, self.subnormals) for a in args))
            result = narrow(wide, self.subnormals)
            return _proportional(x, self.slope, result) if self.slope else self._near_zero(x, result)
        return self._native(*args)

    def _native(self, *args: Value) -> Value:
        return self._near_zero(args[0], self.function(*args))

    def _near_zero(self, x: Value, result: Value) -> Value:
        return select(x.abs() < format_of(x).identity_limit, x, result) if self.identity else result

    def _complex(self, *args: ComplexValue) -> Value | ComplexValue:
        if self.complex_function is None:
            raise TypeError(f"{self.__name__} is not defined for complex numbers; take real or imag parts first")
        return widened(self.complex_function, *args)


def elementary(
    native: bool = False, subnormals: bool = False, identity: bool = False, slope: float = 0.0
) -> Callable[[Callable[..., Value]], Elementary]:
    """Decorator that makes the public function of every dtype from the code of one; see `Elementary`."""
    return lambda function: Elementary(function, native, subnormals, identity, slope)


def _proportional(x: Value, slope: float, otherwise: Value) -> Value:
    """slope · x for an f32 whose bits count units of 2**-149, as far as the result has less than 24 bits."""
    magnitude = x.bits() & 0x7FFFFFFF
    count = magnitude.cast("sitofp", "f32")
    units = fma(count, slope, fma(count, slope - float(np.float32(slope)), 0.5)).cast("fptosi", "i32")
    return select(magnitude < int(2.0**23 / slope), (units | (x.bits() ^ magnitude)).bitcast("f32"), otherwise)


def widened(function: Callable[..., Value | ComplexValue], *args: ComplexValue) -> Value | ComplexValue:
    """A complex function, with complex64 carried in f64 where the target has it."""
    real = args[0].real
    if real.type != "f32" or not real.emitter.has_f64:
        return function(*args)
    result = function(*(ComplexValue(widen(a.real, True), widen(a.imag, True)) for a in args))
    if isinstance(result, ComplexValue):
        return ComplexValue(narrow(result.real, True), narrow(result.imag, True))
    return narrow(result, True)


def widen(x: Value, subnormals: bool = False) -> Value:
    """f32 carried in f64."""
    wide = x.cast("extf", "w32")
    if not subnormals:
        return wide
    bits = x.bits()
    units = (bits & 0x7FFFFF).cast("extui", "i64") | WIDE.bits(UNIT)
    fraction = units.bitcast("w32") - UNIT
    return select((bits & 0x7F800000).eq(0), fraction.copysign(wide_sign(bits)), wide)


def wide_sign(bits: Value) -> Value:
    """A w32 with the sign of an f32 given by its bits."""
    return (bits.cast("extsi", "i64") & -(2**63)).bitcast("w32")


def narrow(x: Value, subnormals: bool = False) -> Value:
    """f64 rounded to f32; a subnormal result is rounded to the grid of 2**-149 as an integer."""
    single = x.cast("truncf", "f32")
    if not subnormals:
        return single
    small = x.abs() < 2.0**-126
    units = (x.abs() + 1.5 * UNIT).bits() - WIDE.bits(1.5 * UNIT)
    bits = (units | (x.bits().shift_right_logical(32) & -(2**31))).cast("trunci", "i32")
    return select(small, bits.bitcast("f32"), single)


def round_to_half(x: Value, type: str) -> Value:
    """f32 to f16 or bf16."""
    return x.cast("truncf", type)


def in_single(function: Callable[..., Value], *args: Value) -> Value:
    """f16 and bf16 operands computed in f32, a result of f32 rounded back; other types as they are."""
    half = args[0].type
    if half not in HALF:
        return function(*args)
    result = function(*(a.cast("extf", "f32") for a in args))
    return round_to_half(result, half) if result.type == "f32" else result

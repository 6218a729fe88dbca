"""Typed scalars on which every elementwise operation is written once.

A `Value` belongs to an `Emitter`; its operators ask the emitter for one more operation, named as in MLIR.  The
`NumpyEmitter` computes at once (tests, reference), the `MlirEmitter` appends to the body of a linalg.generic.
Nothing here branches on data: special cases are repaired by compare and select, so the code vectorizes. The one
exception is `loop`, for series whose length depends on the operands: code with it runs element by element.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np


@dataclass(frozen=True)
class ElementType:
    """`kind` is one of bool, int, uint, float, complex; `mlir` is the signless MLIR spelling."""

    name: str
    kind: str
    width: int
    dtype: np.dtype[Any]
    mlir: str
    part: str = ""  # of a complex type: the type of its real and imaginary parts


def _types() -> dict[str, ElementType]:
    types = [ElementType("bool", "bool", 1, np.dtype(np.bool_), "i1")]
    for width in (8, 16, 32, 64):
        types.append(ElementType(f"i{width}", "int", width, np.dtype(f"int{width}"), f"i{width}"))
        types.append(ElementType(f"u{width}", "uint", width, np.dtype(f"uint{width}"), f"i{width}"))
    types += [
        ElementType("f16", "float", 16, np.dtype(np.float16), "f16"),
        ElementType("bf16", "float", 16, np.dtype(ml_dtypes.bfloat16), "bf16"),
        ElementType("f32", "float", 32, np.dtype(np.float32), "f32"),
        ElementType("f64", "float", 64, np.dtype(np.float64), "f64"),
        # An f32 computation carried out in f64: 29 spare bits make compensation unnecessary (see formats.py).
        ElementType("w32", "float", 64, np.dtype(np.float64), "f64"),
        ElementType("c64", "complex", 64, np.dtype(np.complex64), "complex<f32>", "f32"),
        ElementType("c128", "complex", 128, np.dtype(np.complex128), "complex<f64>", "f64"),
        ElementType("cw32", "complex", 128, np.dtype(np.complex128), "complex<f64>", "w32"),
        ElementType("key<fry>", "uint", 64, np.dtype(np.uint64), "i64"),  # of random numbers: the first word is low
    ]
    return {t.name: t for t in types}


TYPES = _types()
COMPLEX_OF = {t.part: t.name for t in TYPES.values() if t.part}
_BY_DTYPE = {t.dtype: t.name for t in TYPES.values() if "w32" not in t.name and "key" not in t.name}


def type_of(dtype: Any) -> str:
    """The name of the element type for a NumPy dtype: `type_of(np.uint8) == "u8"`; TypeError if there is none."""
    try:
        return _BY_DTYPE[np.dtype(dtype)]
    except KeyError:
        raise TypeError(
            f"dtype {np.dtype(dtype)} has no scalar arithmetic; expected one of {list(_BY_DTYPE)}"
        ) from None


class Emitter(ABC):
    """Makes Values.

    has_f64: 64-bit floats exist; without them (Vulkan) f32 functions run in pairs of f32.
    has_fma: math.fma rounds once; without it products are split by masks where an exact one is needed.
    """

    def __init__(self, has_f64: bool = True, has_fma: bool = True) -> None:
        self.has_f64 = has_f64
        self.has_fma = has_fma

    @abstractmethod
    def constant(self, value: Any, type: str) -> Value: ...

    @abstractmethod
    def operation(self, name: str, operands: tuple[Value, ...], type: str, predicate: str = "") -> Value:
        """One MLIR operation with one result; `predicate` belongs to arith.cmpi and arith.cmpf."""

    @abstractmethod
    def operation_pair(self, name: str, operands: tuple[Value, ...], type: str) -> tuple[Value, Value]:
        """One MLIR operation with two results of the same type."""

    @abstractmethod
    def loop(
        self, condition: Callable[..., Value], body: Callable[..., Sequence[Value]], state: Sequence[Value]
    ) -> list[Value]:
        """See the function `loop`."""

    def argument(self, payload: Any, type: str) -> Value | ComplexValue:
        """Wraps a NumPy array or an MLIR value of the given element type."""
        value = Value(self, type, payload)
        if TYPES[type].kind != "complex":
            return value
        part = TYPES[type].part
        return ComplexValue(self.operation("complex.re", (value,), part), self.operation("complex.im", (value,), part))

    def payload(self, value: Value | ComplexValue) -> Any:
        """The NumPy array or MLIR value of a result; complex parts are joined."""
        if isinstance(value, ComplexValue):
            value = self.operation("complex.create", (value.real, value.imag), value.type)
        return value.payload


class Value:
    """A real or integer scalar.  Python operators keep the type; literals take the type of the other operand.

    Comparisons give "bool"; equality is `x.eq(y)`, since Python's `==` must stay identity for hashing.
    `>>` shifts in copies of the sign bit of a signed type and zeros into an unsigned one.
    """

    __slots__ = ("emitter", "payload", "type")

    def __init__(self, emitter: Emitter, type: str, payload: Any) -> None:
        self.emitter = emitter
        self.type = type
        self.payload = payload

    def __repr__(self) -> str:
        return f"Value({self.type}, {self.payload})"

    @property
    def kind(self) -> str:
        return TYPES[self.type].kind

    @property
    def width(self) -> int:
        return TYPES[self.type].width

    @property
    def is_float(self) -> bool:
        return self.kind == "float"

    def lift(self, other: Operand) -> Value:
        """`other` as a Value of this type."""
        if not isinstance(other, Value):
            return self.emitter.constant(other, self.type)
        if other.type != self.type:
            raise TypeError(
                f"scalar operands must have one type, got {self.type} and {other.type}; convert one of them"
            )
        return other

    def unary(self, name: str) -> Value:
        return self.emitter.operation(name, (self,), self.type)

    def binary(self, name: str, other: Operand) -> Value:
        return self.emitter.operation(name, (self, self.lift(other)), self.type)

    def _arith(self, name: str, other: Operand) -> Value:
        return self.binary(f"arith.{name}{'f' if self.is_float else 'i'}", other)

    def __add__(self, other: Operand) -> Value:
        return self._arith("add", other)

    def __sub__(self, other: Operand) -> Value:
        return self._arith("sub", other)

    def __mul__(self, other: Operand) -> Value:
        return self._arith("mul", other)

    def __truediv__(self, other: Operand) -> Value:
        return self.binary("arith.divf", other)

    def __radd__(self, other: Operand) -> Value:
        return self.lift(other) + self

    def __rsub__(self, other: Operand) -> Value:
        return self.lift(other) - self

    def __rmul__(self, other: Operand) -> Value:
        return self.lift(other) * self

    def __rtruediv__(self, other: Operand) -> Value:
        return self.lift(other) / self

    def __neg__(self) -> Value:
        return self.unary("arith.negf") if self.is_float else self.lift(0) - self

    def __and__(self, other: Operand) -> Value:
        return self.binary("arith.andi", other)

    def __or__(self, other: Operand) -> Value:
        return self.binary("arith.ori", other)

    def __xor__(self, other: Operand) -> Value:
        return self.binary("arith.xori", other)

    def __invert__(self) -> Value:
        return self ^ (1 if self.kind == "bool" else (1 << self.width) - 1)

    def __lshift__(self, other: Operand) -> Value:
        """The shift amount must be below the width; `integer.shift_left` guards it."""
        return self.binary("arith.shli", other)

    def __rshift__(self, other: Operand) -> Value:
        return self.binary("arith.shrsi" if self.kind == "int" else "arith.shrui", other)

    def shift_right_logical(self, other: Operand) -> Value:
        return self.binary("arith.shrui", other)

    def compare(self, relation: str, other: Operand) -> Value:
        """relation: eq ne lt le gt ge.  A NaN is unequal to everything and unordered."""
        operands = (self, self.lift(other))
        if self.is_float:
            return self.emitter.operation("arith.cmpf", operands, "bool", ("u" if relation == "ne" else "o") + relation)
        sign = "" if relation in ("eq", "ne") else "s" if self.kind == "int" else "u"
        return self.emitter.operation("arith.cmpi", operands, "bool", sign + relation)

    def __lt__(self, other: Operand) -> Value:
        return self.compare("lt", other)

    def __le__(self, other: Operand) -> Value:
        return self.compare("le", other)

    def __gt__(self, other: Operand) -> Value:
        return self.compare("gt", other)

    def __ge__(self, other: Operand) -> Value:
        return self.compare("ge", other)

    def eq(self, other: Operand) -> Value:
        return self.compare("eq", other)

    def ne(self, other: Operand) -> Value:
        return self.compare("ne", other)

    def is_nan(self) -> Value:
        return self.compare("ne", self)

    def abs(self) -> Value:
        """|x| of a float."""
        return self.unary("math.absf")

    def sqrt(self) -> Value:
        return self.unary("math.sqrt")

    def floor(self) -> Value:
        return self.unary("math.floor")

    def trunc(self) -> Value:
        return self.unary("math.trunc")

    def copysign(self, sign: Value) -> Value:
        return self.binary("math.copysign", sign)

    def bitcast(self, type: str) -> Value:
        """The same bits under another type of the same width."""
        if TYPES[type].mlir == TYPES[self.type].mlir and not isinstance(self.payload, np.ndarray | np.generic):
            return Value(self.emitter, type, self.payload)
        return self.emitter.operation("arith.bitcast", (self,), type)

    def bits(self) -> Value:
        """The bits of a float as a signed integer."""
        return self.bitcast(f"i{self.width}")

    def cast(self, name: str, type: str) -> Value:
        """One of arith's conversion operations: extf truncf extsi extui trunci sitofp uitofp fptosi fptoui."""
        return self.emitter.operation(f"arith.{name}", (self,), type)


Operand = Value | int | float


class ComplexValue:
    """A complex scalar: two Values of one float type.  Arithmetic beyond + and - is in complex_arithmetic.py."""

    __slots__ = ("imag", "real")

    def __init__(self, real: Value, imag: Value) -> None:
        self.real = real
        self.imag = imag

    def __repr__(self) -> str:
        return f"ComplexValue({self.real}, {self.imag})"

    @property
    def emitter(self) -> Emitter:
        return self.real.emitter

    @property
    def type(self) -> str:
        return COMPLEX_OF[self.real.type]

    @property
    def kind(self) -> str:
        return "complex"

    def lift(self, other: ComplexOperand) -> ComplexValue:
        if isinstance(other, ComplexValue):
            return other
        if isinstance(other, Value):
            return ComplexValue(self.real.lift(other), self.real.lift(0.0))
        return ComplexValue(self.real.lift(other.real), self.real.lift(other.imag))

    def __add__(self, other: ComplexOperand) -> ComplexValue:
        other = self.lift(other)
        return ComplexValue(self.real + other.real, self.imag + other.imag)

    def __sub__(self, other: ComplexOperand) -> ComplexValue:
        other = self.lift(other)
        return ComplexValue(self.real - other.real, self.imag - other.imag)

    def __mul__(self, other: ComplexOperand) -> ComplexValue:
        from . import complex_arithmetic

        return complex_arithmetic.multiply(self, self.lift(other))

    def __truediv__(self, other: ComplexOperand) -> ComplexValue:
        from . import complex_arithmetic

        return complex_arithmetic.divide(self, self.lift(other))

    def __radd__(self, other: ComplexOperand) -> ComplexValue:
        return self.lift(other) + self

    def __rsub__(self, other: ComplexOperand) -> ComplexValue:
        return self.lift(other) - self

    def __rmul__(self, other: ComplexOperand) -> ComplexValue:
        return self.lift(other) * self

    def __rtruediv__(self, other: ComplexOperand) -> ComplexValue:
        return self.lift(other) / self

    def __neg__(self) -> ComplexValue:
        return ComplexValue(-self.real, -self.imag)

    def eq(self, other: ComplexOperand) -> Value:
        other = self.lift(other)
        return self.real.eq(other.real) & self.imag.eq(other.imag)

    def ne(self, other: ComplexOperand) -> Value:
        other = self.lift(other)
        return self.real.ne(other.real) | self.imag.ne(other.imag)

    def is_nan(self) -> Value:
        return self.real.is_nan() | self.imag.is_nan()


ComplexOperand = ComplexValue | Value | complex | float | int


def select(condition: Value, on_true: Operand, on_false: Operand) -> Value:
    """on_true where the bool condition holds, else on_false; at least one of them a Value."""
    model = on_true if isinstance(on_true, Value) else on_false
    if not isinstance(model, Value):
        raise TypeError("select of two literals has no type: make one of them a Value")
    operands = (condition, model.lift(on_true), model.lift(on_false))
    return condition.emitter.operation("arith.select", operands, model.type)


def fma(a: Operand, b: Operand, c: Operand) -> Value:
    """a * b + c, rounded once where the target has it."""
    model = next(v for v in (a, b, c) if isinstance(v, Value))
    return model.emitter.operation("math.fma", (model.lift(a), model.lift(b), model.lift(c)), model.type)


def loop(condition: Callable[..., Value], body: Callable[..., Sequence[Value]], *state: Value) -> list[Value]:
    """The values after ``state = body(*state)`` has run as long as ``condition(*state)``, a bool, holds.

    Both functions take and give Values of the types of `state`; they may use Values of outside. The condition must come
    to an end for every operand, nan and infinities included.
    """
    return state[0].emitter.loop(condition, body, state)

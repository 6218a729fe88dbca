"""Numbers in kernels: MLIR values of one element, or vectors of such, with Python's operators.

Operands of an operator have one element type; Python numbers take the type of the other operand, and where one operand
is a vector, the other becomes one. Comparisons give predicates; equality is `x.eq(y)`. Integers are compared as signed
ones, and `>>` shifts in zeros, as sort keys want it. A complex number is a pair of such values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from ..mlir import ir

if TYPE_CHECKING:
    from .loops import Loops

Number: TypeAlias = "Value | Complex | int | float"

_INT_PREDICATES = {"eq": 0, "ne": 1, "lt": 2, "le": 3, "gt": 4, "ge": 5, "ult": 6, "ule": 7, "ugt": 8, "uge": 9}
_FLOAT_PREDICATES = {"eq": 1, "gt": 2, "ge": 3, "lt": 4, "le": 5, "ne": 13}  # false for nan, but for `ne`


class Value:
    """An element, an index, a predicate, or a vector of these."""

    __slots__ = ("code", "ir")

    def __init__(self, code: Loops, value: ir.Value) -> None:
        self.code = code
        self.ir = value

    @property
    def lanes(self) -> int:
        """Length of a vector, 0 of a single element."""
        return ir.VectorType(self.ir.type).shape[0] if isinstance(self.ir.type, ir.VectorType) else 0

    @property
    def element(self) -> ir.Type:
        return ir.VectorType(self.ir.type).element_type if isinstance(self.ir.type, ir.VectorType) else self.ir.type

    @property
    def is_float(self) -> bool:
        return isinstance(self.element, ir.FloatType)

    @property
    def width(self) -> int:
        """Bits of a float or an integer."""
        return self.element.width  # type: ignore[attr-defined]

    def with_element(self, element: ir.Type) -> ir.Type:
        """The type of as many elements of another type."""
        return ir.VectorType.get([self.lanes], element) if self.lanes else element

    def lift(self, other: Value | int | float) -> Value:
        """A number as a value of this type."""
        if not isinstance(other, Value):
            other = self.code.constant(other, self.element)
        return other.spread(self.lanes)

    def spread(self, lanes: int) -> Value:
        """As a vector of equal elements, unless it is a vector already or `lanes` is 0."""
        if not lanes or self.lanes:
            return self
        return self.code.op("vector.broadcast", ir.VectorType.get([lanes], self.element), self)

    def _binary(self, name: str, other: Value | int | float) -> Value:
        y = self.lift(other)
        x = self.spread(y.lanes)
        return self.code.op(f"arith.{name}", x.ir.type, x, y)

    def _arithmetic(self, name: str, other: Number) -> Any:
        if not isinstance(other, Value | int | float):
            return NotImplemented
        return self._binary(name + ("f" if self.is_float else "i"), other)

    def __add__(self, other: Any) -> Any:
        return self._arithmetic("add", other)

    def __sub__(self, other: Any) -> Any:
        return self._arithmetic("sub", other)

    def __mul__(self, other: Any) -> Any:
        return self._arithmetic("mul", other)

    def __radd__(self, other: Any) -> Any:
        return self.lift(other) + self

    def __rsub__(self, other: Any) -> Any:
        return self.lift(other) - self

    def __rmul__(self, other: Any) -> Any:
        return self.lift(other) * self

    def __truediv__(self, other: Any) -> Value:
        return self._binary("divf", other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.lift(other) / self

    def __floordiv__(self, other: Value | int) -> Value:
        """Of numbers that are not negative."""
        return self._binary("divui", other)

    def __mod__(self, other: Value | int) -> Value:
        return self._binary("remui", other)

    def __neg__(self) -> Value:
        return self.code.op("arith.negf", self.ir.type, self) if self.is_float else self.lift(0) - self

    def __and__(self, other: Value | int) -> Value:
        return self._binary("andi", other)

    def __or__(self, other: Value | int) -> Value:
        return self._binary("ori", other)

    def __xor__(self, other: Value | int) -> Value:
        return self._binary("xori", other)

    def __invert__(self) -> Value:
        return self ^ -1

    def __rshift__(self, other: Value | int) -> Value:
        return self._binary("shrui", other)

    def __lshift__(self, other: Value | int) -> Value:
        return self._binary("shli", other)

    def sign_bits(self) -> Value:
        """−1 for a negative integer, else 0."""
        return self._binary("shrsi", self.width - 1)

    def compare(self, predicate: str, other: Value | int | float) -> Value:
        """`predicate`: eq, ne, lt, le, gt, ge, and of unsigned integers ult, ule, ugt, uge."""
        y = self.lift(other)
        x = self.spread(y.lanes)
        name, codes = ("cmpf", _FLOAT_PREDICATES) if x.is_float else ("cmpi", _INT_PREDICATES)
        attribute = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), codes[predicate])
        result = x.with_element(ir.IntegerType.get_signless(1))
        return self.code.op(f"arith.{name}", result, x, y, predicate=attribute)

    def __lt__(self, other: Any) -> Value:
        return self.compare("lt", other)

    def __le__(self, other: Any) -> Value:
        return self.compare("le", other)

    def __gt__(self, other: Any) -> Value:
        return self.compare("gt", other)

    def __ge__(self, other: Any) -> Value:
        return self.compare("ge", other)

    def eq(self, other: Any) -> Value:
        return self.compare("eq", other)

    def ne(self, other: Any) -> Value:
        return self.compare("ne", other)

    def is_nan(self) -> Value:
        return self.ne(self)

    def minimum(self, other: Value | int) -> Value:
        """Of numbers that are not negative."""
        return self._binary("minui", other)

    def maximum(self, other: Value | float) -> Value:
        """Of floats: nan if one is."""
        return self._binary("maximumf" if self.is_float else "maxui", other)

    def sqrt(self) -> Value:
        return self.code.op("math.sqrt", self.ir.type, self)

    def abs(self) -> Value:
        return self.code.op("math.absf", self.ir.type, self)

    def plus(self, x: Number, y: Number) -> Any:
        """self + x·y, rounded once where the target can."""
        if isinstance(x, Complex) or isinstance(y, Complex):
            return self + x * y
        factors = [self.lift(x), self.lift(y)]
        lanes = max(v.lanes for v in (self, *factors))
        a, b, c = (v.spread(lanes) for v in (*factors, self))
        if not self.code.has_f64:
            return c + a * b
        return self.code.op("math.fma", c.ir.type, a, b, c)

    def minus(self, x: Number, y: Number) -> Any:
        """self − x·y."""
        return self.plus(-x, y)

    # real numbers answer what complex ones are asked

    @property
    def real(self) -> Value:
        return self

    def conj(self) -> Value:
        return self

    def abs2(self) -> Value:
        """Square of the absolute value."""
        return self * self

    def size(self) -> Value:
        """An estimate of the absolute value that is cheap: |re| + |im|, as BLAS has it."""
        return self.abs()

    # ---- conversions ----

    def as_index(self) -> Value:
        return self.code.op("arith.index_castui", self.with_element(ir.IndexType.get()), self)

    def as_int(self, width: int) -> Value:
        """An index, a predicate or an unsigned integer as integer of a width."""
        target = ir.IntegerType.get_signless(width)
        if isinstance(self.element, ir.IndexType):
            return self.code.op("arith.index_castui", self.with_element(target), self)
        if self.width == width:
            return self
        return self.code.op("arith.extui" if width > self.width else "arith.trunci", self.with_element(target), self)

    def as_signed(self, width: int) -> Value:
        """A signed integer as a wider one."""
        return self.code.op("arith.extsi", self.with_element(ir.IntegerType.get_signless(width)), self)

    def as_bits(self) -> Value:
        """A float as integer of its width."""
        target = ir.IntegerType.get_signless(self.width)
        return self.code.op("arith.bitcast", self.with_element(target), self) if self.is_float else self

    # ---- vectors ----

    def lane(self, i: int) -> Value:
        return self.code.op("vector.extract", self.element, self, static_position=ir.DenseI64ArrayAttr.get([i]))

    def shuffle(self, other: Value, order: list[int]) -> Value:
        """Elements of both vectors, one behind the other, at positions."""
        type = ir.VectorType.get([len(order)], self.element)
        return self.code.op("vector.shuffle", type, self, other, mask=ir.DenseI64ArrayAttr.get(order))

    def sum(self) -> Value:
        """Of the elements of a vector, in any order."""
        if not self.lanes:
            return self
        kind, fast = (ir.Attribute.parse(text) for text in ("#vector.kind<add>", "#arith.fastmath<reassoc>"))
        return self.code.op("vector.reduction", self.element, self, kind=kind, fastmath=fast)

    def any(self) -> Value:
        """Whether an element of a predicate is true."""
        if not self.lanes:
            return self
        kind = ir.Attribute.parse("#vector.kind<or>")
        return self.code.op("vector.reduction", self.element, self, kind=kind)


class Complex:
    """A complex number of two values."""

    __slots__ = ("imag", "real")

    def __init__(self, real: Value, imag: Value) -> None:
        self.real = real
        self.imag = imag

    @property
    def code(self) -> Loops:
        return self.real.code

    def shuffle(self, other: Complex, order: list[int]) -> Complex:
        """Elements of both vectors, one behind the other, at positions."""
        return Complex(self.real.shuffle(other.real, order), self.imag.shuffle(other.imag, order))

    def lift(self, other: Number) -> Complex:
        if isinstance(other, Complex):
            return other
        real = self.real.lift(other)
        return Complex(real, real.lift(0.0))

    def __add__(self, other: Number) -> Complex:
        y = self.lift(other)
        return Complex(self.real + y.real, self.imag + y.imag)

    def __sub__(self, other: Number) -> Complex:
        y = self.lift(other)
        return Complex(self.real - y.real, self.imag - y.imag)

    def __radd__(self, other: Number) -> Complex:
        return self + other

    def __rsub__(self, other: Number) -> Complex:
        return self.lift(other) - self

    def __mul__(self, other: Number) -> Complex:
        if not isinstance(other, Complex):
            return Complex(self.real * other, self.imag * other)
        real = (self.real * other.real).minus(self.imag, other.imag)
        return Complex(real, (self.real * other.imag).plus(self.imag, other.real))

    def __rmul__(self, other: Number) -> Complex:
        return self * other

    def __truediv__(self, other: Number) -> Complex:
        """By a complex number: both scaled, so that squares do not overflow."""
        if not isinstance(other, Complex):
            return Complex(self.real / other, self.imag / other)
        scale = other.real.abs().maximum(other.imag.abs())
        y = Complex(other.real / scale, other.imag / scale)
        return self * y.conj() / (y.abs2() * scale)

    def __rtruediv__(self, other: Number) -> Complex:
        return self.lift(other) / self

    def __neg__(self) -> Complex:
        return Complex(-self.real, -self.imag)

    def plus(self, x: Number, y: Number) -> Complex:
        """self + x·y."""
        if not isinstance(x, Complex):
            x, y = y, x
        if not isinstance(x, Complex):
            return Complex(self.real.plus(x, y), self.imag)
        if not isinstance(y, Complex):
            return Complex(self.real.plus(x.real, y), self.imag.plus(x.imag, y))
        real = self.real.plus(x.real, y.real).minus(x.imag, y.imag)
        return Complex(real, self.imag.plus(x.real, y.imag).plus(x.imag, y.real))

    def minus(self, x: Number, y: Number) -> Complex:
        """self − x·y."""
        return self.plus(-x, y)

    def conj(self) -> Complex:
        return Complex(self.real, -self.imag)

    def abs2(self) -> Value:
        return (self.real * self.real).plus(self.imag, self.imag)

    def size(self) -> Value:
        return self.real.abs() + self.imag.abs()

    def sum(self) -> Complex:
        return Complex(self.real.sum(), self.imag.sum())

    def eq(self, other: float) -> Value:
        return self.real.eq(other) & self.imag.eq(0.0)

    def times_i(self) -> Complex:
        return Complex(-self.imag, self.real)

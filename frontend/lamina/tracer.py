"""Traced arrays, which stand for arrays while a function is traced, and what is known of their values."""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina import errors
from lamina._locations import source_location
from lamina.array import Array, ConcreteArray, from_numpy, to_concrete
from lamina_compiler import interpreter
from lamina_compiler.mlir import ir
from lamina_compiler.types import TensorType

if TYPE_CHECKING:
    from lamina.tracing import Trace


class Tracer(Array):
    """A stand-in for an array while a function is traced."""

    __slots__ = ("made", "origin", "value")

    def __init__(self, trace: Trace, value: ir.Value, type: TensorType, weak_type: bool, made: tuple[CodeType, int]):
        self.origin = trace
        self.value = value
        self.type = type
        self.weak_type = weak_type
        self.made = made

    def known(self) -> np.ndarray | None:
        """The value, if the trace knows its arguments."""
        try:
            return self.origin.evaluate(self)
        except interpreter.UnknownValue:
            return None

    def described(self) -> errors.TracedValue:
        """What error messages say about this array."""
        return errors.TracedValue(
            str(self.type),
            self.origin.transform,
            self.origin.function_name,
            self.origin.arguments_behind(self.value),
            source_location(self.made),
        )

    def __bool__(self) -> bool:
        value = self.known()
        if value is None:
            raise errors.TracerBoolConversionError(self.described())
        return bool(value)

    def __int__(self) -> int:
        value = self.known()
        if value is None:
            raise errors.TracerIntegerConversionError(self.described())
        return int(value)

    __index__ = __int__

    def __float__(self) -> float:
        return float(known_value(self, "`float()`"))

    def __complex__(self) -> complex:
        return complex(known_value(self, "`complex()`"))

    def __format__(self, spec: str) -> str:
        return format(known_value(self, "Formatting")[()], spec) if spec else str(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        value = self.known()
        if value is None:
            raise errors.TracerArrayConversionError(self.described())
        return value.astype(dtype) if dtype is not None else value

    def item(self, *index: int) -> Any:
        return known_value(self, "`item()`").item(*index)

    def tolist(self) -> Any:
        return known_value(self, "`tolist()`").tolist()

    def block_until_ready(self) -> Tracer:
        return self

    def __repr__(self) -> str:
        state = "" if self.origin.alive else ", ended"
        value = self.known() if self.origin.alive else None
        shown = "" if value is None else f", value={np.array2string(value, separator=', ', threshold=20)}"
        return f"Traced<{self.type}, {self.origin.transform}{state}{shown}>"

    __str__ = __repr__


def as_array(x: Any, dtype: Any = None) -> Array:
    """An array of anything array-like."""
    return x if isinstance(x, Array) and dtype is None else to_concrete(x, dtype)


def reweighed(x: Array, weak_type: bool) -> Array:
    """The same array with another weakness."""
    if isinstance(x, Tracer):
        return Tracer(x.origin, x.value, x.type, weak_type, x.made)
    assert isinstance(x, ConcreteArray)
    return ConcreteArray(x._value, x.type, weak_type, x._device, x._view)


def concrete(x: Array) -> ConcreteArray:
    """A traced array whose value is known, as a concrete one; a concrete one as it is."""
    if isinstance(x, Tracer):
        return _with_weak_type(from_numpy(np.array(x.origin.evaluate(x))), x.weak_type)
    assert isinstance(x, ConcreteArray)
    return x


def known_value(x: Array, needed_by: str) -> np.ndarray:
    """The value of an array. Raises ConcretizationTypeError for a traced one without a value."""
    value = x.known() if isinstance(x, Tracer) else np.asarray(x)
    if value is None:
        assert isinstance(x, Tracer)
        raise errors.ConcretizationTypeError(x.described(), needed_by)
    return value


def known_number(x: Array) -> Any:
    """The Python number that a 0-d array holds, or None where that is not known while tracing."""
    value = x.known() if isinstance(x, Tracer) else np.asarray(x)
    return None if value is None else value.item()


def _with_weak_type(x: ConcreteArray, weak_type: bool) -> ConcreteArray:
    x.weak_type = weak_type
    return x


def leaked(x: Any) -> Exception:
    """The error for what is no array, or an array of a trace that has ended or is another one."""
    if not isinstance(x, Tracer):
        return errors.NonArrayArgumentError("operation", "x", x)
    return errors.UnexpectedTracerError(x.described(), errors.user_frame())

"""Attribute kinds: how a Python value of an op's attribute is written to and read from the IR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .mlir import ir
from .types import BFLOAT16, TensorType, element_from_ir, element_to_ir, from_ir, to_ir


@dataclass(frozen=True)
class AttributeKind:
    """One kind of attribute; `form` is its spelling in error messages."""

    form: str
    encode: Callable[[Any], ir.Attribute]
    decode: Callable[[ir.Attribute], Any]
    accepts: Callable[[ir.Attribute], bool]


_ints_cache: dict[tuple[int, ...], ir.Attribute] = {}
_ints_read: dict[ir.Attribute, tuple[int, ...]] = {}


def _encode_ints(values: tuple[int, ...]) -> ir.Attribute:
    key = tuple(values)
    found = _ints_cache.get(key)
    if found is None:
        found = _ints_cache[key] = ir.DenseI64ArrayAttr.get([int(v) for v in key])
    return found


def _decode_ints(attribute: Any) -> tuple[int, ...]:
    found = _ints_read.get(attribute)
    if found is None:
        found = _ints_read[attribute] = tuple(attribute)
    return found


def _encode_array(value: np.ndarray) -> ir.Attribute:
    """Dense elements of the lamina type: signedness is kept."""
    return encode_elements(value, to_ir(TensorType(value.shape, value.dtype)))


def encode_elements(array: np.ndarray, type: ir.Type) -> ir.Attribute:
    """Dense elements of `array` as `type`, an equal or signless type. A 0-strided array becomes a splat."""
    if array.size == 0:
        return ir.Attribute.parse(f"dense<> : {type}")
    if array.strides == (0,) * array.ndim:
        return ir.DenseElementsAttr.get_splat(type, _scalar_attribute(type.element_type, array.flat[0]))  # type: ignore
    array = np.asarray(array, order="C")
    return ir.DenseElementsAttr.get(array.view(np.uint16) if array.dtype == BFLOAT16 else array, type=type)


def _scalar_attribute(element: ir.Type, value: Any) -> ir.Attribute:
    if isinstance(element, ir.IntegerType):
        bits = int(value)
        return ir.IntegerAttr.get(element, bits - 2**64 if bits >= 2**63 else bits)  # the bindings take int64
    return ir.FloatAttr.get(element, float(value))


def _decode_array(attribute: Any) -> np.ndarray:
    shape, dtype = tuple(attribute.type.shape), element_from_ir(attribute.type.element_type)
    if 0 in shape:
        return np.empty(shape, dtype)
    if attribute.is_splat:
        value = attribute.get_splat_value().value
        return np.broadcast_to(np.asarray(value).astype(dtype), shape)
    return np.array(attribute).astype(dtype, copy=False)


def _encode_number(value: Any) -> ir.Attribute:
    """A Python number, whatever its type: what a bool, an int up to 64 bits, a float or a complex number is."""
    if isinstance(value, bool | np.bool_):
        return ir.BoolAttr.get(bool(value))
    if isinstance(value, int | np.integer):
        make = ir.IntegerType.get_signless if value < 2**63 else ir.IntegerType.get_unsigned
        return _scalar_attribute(make(64), value)
    f64 = ir.F64Type.get()
    if isinstance(value, complex | np.complexfloating):
        return ir.ArrayAttr.get([ir.FloatAttr.get(f64, float(part)) for part in (value.real, value.imag)])
    return ir.FloatAttr.get(f64, float(value))


def _decode_number(attribute: Any) -> Any:
    return complex(*(part.value for part in attribute)) if isinstance(attribute, ir.ArrayAttr) else attribute.value


def _is_number(attribute: Any) -> bool:
    if isinstance(attribute, ir.ArrayAttr):
        return len(attribute) == 2 and all(isinstance(part, ir.FloatAttr) for part in attribute)
    return isinstance(attribute, ir.BoolAttr | ir.IntegerAttr | ir.FloatAttr)


INT = AttributeKind(
    "1 : i64",
    lambda value: ir.IntegerAttr.get(ir.IntegerType.get_signless(64), int(value)),
    lambda attribute: attribute.value,
    lambda attribute: isinstance(attribute, ir.IntegerAttr),
)
INTS = AttributeKind(
    "array<i64: ...>", _encode_ints, _decode_ints, lambda attribute: isinstance(attribute, ir.DenseI64ArrayAttr)
)
BOOL = AttributeKind(
    "true or false",
    lambda value: ir.BoolAttr.get(bool(value)),
    lambda attribute: attribute.value,
    lambda attribute: isinstance(attribute, ir.BoolAttr),
)
STRING = AttributeKind(
    '"text"',
    lambda value: ir.StringAttr.get(value),
    lambda attribute: attribute.value,
    lambda attribute: isinstance(attribute, ir.StringAttr),
)
SYMBOL = AttributeKind(
    "@function",
    lambda value: ir.FlatSymbolRefAttr.get(value),
    lambda attribute: attribute.value,
    lambda attribute: isinstance(attribute, ir.FlatSymbolRefAttr),
)
SYMBOLS = AttributeKind(
    "[@function, ...]",
    lambda values: ir.ArrayAttr.get([ir.FlatSymbolRefAttr.get(value) for value in values]),
    lambda attribute: tuple(each.value for each in attribute),
    lambda attribute: (
        isinstance(attribute, ir.ArrayAttr) and all(isinstance(each, ir.FlatSymbolRefAttr) for each in attribute)
    ),
)
NUMBER = AttributeKind("true, 1 : i64, 1.0 : f64 or [1.0 : f64, 0.0 : f64]", _encode_number, _decode_number, _is_number)
DTYPE = AttributeKind(
    "an element type",
    lambda value: ir.TypeAttr.get(element_to_ir(np.dtype(value))),
    lambda attribute: element_from_ir(attribute.value),
    lambda attribute: isinstance(attribute, ir.TypeAttr),
)
TYPES = AttributeKind(
    "[tensor type, ...]",
    lambda types: ir.ArrayAttr.get([ir.TypeAttr.get(to_ir(type)) for type in types]),
    lambda attribute: tuple(from_ir(each.value) for each in attribute),
    lambda attribute: isinstance(attribute, ir.ArrayAttr) and all(isinstance(each, ir.TypeAttr) for each in attribute),
)
ARRAY = AttributeKind(
    "dense<...>, not of complex numbers",
    _encode_array,
    _decode_array,
    lambda attribute: isinstance(attribute, ir.DenseElementsAttr),
)

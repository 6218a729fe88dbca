"""Element types and tensor types: the one table that ties NumPy, MLIR and short names together."""

from __future__ import annotations

from typing import NamedTuple

import ml_dtypes
import numpy as np

from .mlir import enter, ir

Shape = tuple[int, ...]

# short name, NumPy type, MLIR type in the lamina dialect (where signedness is part of the type)
_TABLE = [
    ("bool", np.bool_, "i1"),
    ("i8", np.int8, "i8"),
    ("i16", np.int16, "i16"),
    ("i32", np.int32, "i32"),
    ("i64", np.int64, "i64"),
    ("u8", np.uint8, "ui8"),
    ("u16", np.uint16, "ui16"),
    ("u32", np.uint32, "ui32"),
    ("u64", np.uint64, "ui64"),
    ("f16", np.float16, "f16"),
    ("bf16", ml_dtypes.bfloat16, "bf16"),
    ("f32", np.float32, "f32"),
    ("f64", np.float64, "f64"),
    ("c64", np.complex64, "complex<f32>"),
    ("c128", np.complex128, "complex<f64>"),
    ("key<fry>", [("k0", np.uint32), ("k1", np.uint32)], "complex<ui32>"),  # two words, the first in the low half
]

SHORT_NAME: dict[np.dtype, str] = {np.dtype(scalar): name for name, scalar, _ in _TABLE}
BY_SHORT_NAME: dict[str, np.dtype] = {name: np.dtype(scalar) for name, scalar, _ in _TABLE}
_MLIR_TEXT: dict[np.dtype, str] = {np.dtype(scalar): text for _, scalar, text in _TABLE}


def _named(*names: str) -> frozenset[np.dtype]:
    return frozenset(BY_SHORT_NAME[name] for name in names)


BOOL = _named("bool")
SIGNED = _named("i8", "i16", "i32", "i64")
UNSIGNED = _named("u8", "u16", "u32", "u64")
INTEGER = SIGNED | UNSIGNED
FLOAT = _named("f16", "bf16", "f32", "f64")
COMPLEX = _named("c64", "c128")
REAL = INTEGER | FLOAT
INEXACT = FLOAT | COMPLEX
NUMERIC = REAL | COMPLEX
INTEGRAL = BOOL | INTEGER
ORDERED = BOOL | REAL
ANY = BOOL | NUMERIC
KEY = _named("key<fry>")  # keys of random numbers: moved and compared, not computed with

REAL_OF = {BY_SHORT_NAME["c64"]: BY_SHORT_NAME["f32"], BY_SHORT_NAME["c128"]: BY_SHORT_NAME["f64"]}
COMPLEX_OF = {real: cplx for cplx, real in REAL_OF.items()}
BOOL_DTYPE = BY_SHORT_NAME["bool"]
KEY_DTYPE = BY_SHORT_NAME["key<fry>"]
BFLOAT16 = BY_SHORT_NAME["bf16"]


class TensorType(NamedTuple):
    """Shape and element type of a tensor: ``f32[3,4]``."""

    shape: Shape
    dtype: np.dtype

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        count = 1
        for dim in self.shape:
            count *= dim
        return count

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    @property
    def differentiable(self) -> bool:
        return self.dtype in INEXACT

    def __str__(self) -> str:
        return f"{short_name(self.dtype)}[{','.join(map(str, self.shape))}]"

    __repr__ = __str__


def type_of(array: np.ndarray | np.generic) -> TensorType:
    return TensorType(array.shape, array.dtype)


_to_ir: dict[TensorType, ir.Type] = {}
_from_ir: dict[ir.Type, TensorType] = {}
_element_to_ir: dict[np.dtype, ir.Type] = {}
_element_from_ir: dict[ir.Type, np.dtype] = {}


def short_name(dtype: np.dtype) -> str:
    """What messages call an element type."""
    return SHORT_NAME.get(dtype, dtype.name)


def element_to_ir(dtype: np.dtype) -> ir.Type:
    found = _element_to_ir.get(dtype)
    if found is None:
        enter()
        if dtype not in _MLIR_TEXT:
            raise TypeError(
                f"Arrays of {dtype} can be made, indexed, joined and converted, but programs cannot take or make them. "
                "Convert them with astype first."
            )
        found = _element_to_ir[dtype] = ir.Type.parse(_MLIR_TEXT[dtype])
        _element_from_ir[found] = dtype
    return found


def element_from_ir(element: ir.Type) -> np.dtype:
    if len(_element_from_ir) < len(_MLIR_TEXT):
        for dtype in _MLIR_TEXT:
            element_to_ir(dtype)
    try:
        return _element_from_ir[element]
    except KeyError:
        raise TypeError(f"{element} is not an element type of the lamina dialect") from None


def to_ir(type: TensorType) -> ir.Type:
    found = _to_ir.get(type)
    if found is None:
        enter()
        found = _to_ir[type] = ir.RankedTensorType.get(type.shape, element_to_ir(type.dtype))
        _from_ir[found] = type
    return found


def from_ir(type: ir.Type) -> TensorType:
    found = _from_ir.get(type)
    if found is None:
        if not isinstance(type, ir.RankedTensorType):
            raise TypeError(f"{type} is not a ranked tensor")
        if not type.has_static_shape:
            raise TypeError(f"{type} has a dynamic dimension; the lamina dialect wants static shapes")
        found = TensorType(tuple(type.shape), element_from_ir(type.element_type))
        _from_ir[type] = found
        _to_ir.setdefault(found, type)
    return found


# ---- after lowering ----

_PACKED = UNSIGNED | KEY  # lowered to signless integers of their width

_signless: dict[np.dtype, ir.Type] = {}
_types: dict[TensorType, ir.Type] = {}


def signless_element(dtype: np.dtype) -> ir.Type:
    """Element type after lowering: arith knows no signedness."""
    found = _signless.get(dtype)
    if found is None:
        found = ir.IntegerType.get_signless(8 * dtype.itemsize) if dtype in _PACKED else element_to_ir(dtype)
        _signless[dtype] = found
    return found


def signless(type: TensorType) -> ir.Type:
    """Tensor type after lowering."""
    found = _types.get(type)
    if found is None:
        found = _types[type] = ir.RankedTensorType.get(type.shape, signless_element(type.dtype))
    return found

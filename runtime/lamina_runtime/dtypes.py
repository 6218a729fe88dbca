"""The element types that cross the boundary of a compiled program: short name, NumPy dtype, HAL element type."""

from __future__ import annotations

from typing import Any

import numpy as np
from iree.runtime import HalElementType
from ml_dtypes import bfloat16  # iree.runtime itself needs this package

# Compiled code is signless, so i32 and u32 share INT_32 and a result's dtype has to come from the signature.
_TABLE = [
    ("bool", np.bool_, HalElementType.BOOL_8),
    ("i8", np.int8, HalElementType.INT_8),
    ("i16", np.int16, HalElementType.INT_16),
    ("i32", np.int32, HalElementType.INT_32),
    ("i64", np.int64, HalElementType.INT_64),
    ("u8", np.uint8, HalElementType.INT_8),
    ("u16", np.uint16, HalElementType.INT_16),
    ("u32", np.uint32, HalElementType.INT_32),
    ("u64", np.uint64, HalElementType.INT_64),
    ("f16", np.float16, HalElementType.FLOAT_16),
    ("bf16", bfloat16, HalElementType.BFLOAT_16),
    ("f32", np.float32, HalElementType.FLOAT_32),
    ("f64", np.float64, HalElementType.FLOAT_64),
    ("c64", np.complex64, HalElementType.COMPLEX_64),
    ("c128", np.complex128, HalElementType.COMPLEX_128),
    ("key<fry>", [("k0", np.uint32), ("k1", np.uint32)], HalElementType.INT_64),  # of random numbers
]

DTYPES: dict[str, np.dtype] = {name: np.dtype(scalar) for name, scalar, _ in _TABLE}
ELEMENT_TYPES: dict[np.dtype, Any] = {DTYPES[name]: element for name, _, element in _TABLE}
_NAME_OF = {dtype: name for name, dtype in DTYPES.items()}


def short_name(dtype: np.dtype) -> str:
    """`f32` for float32 and so on; NumPy's own name for a dtype no compiled program takes."""
    return _NAME_OF.get(dtype.newbyteorder("="), str(dtype))


def element_name(element: Any) -> str:
    """The short name of a HAL element type; integers count as signed."""
    return next((name for name, _, known in _TABLE if int(known) == int(element)), str(element))


def same_element(element: Any, dtype: np.dtype) -> bool:
    """Whether arrays of `dtype` have this HAL element type."""
    return int(element) == int(ELEMENT_TYPES[dtype])  # IREE gives it as an int


def dtype_of(name: str) -> np.dtype:
    """The NumPy dtype of a short name. Raises `KeyError` that lists the names."""
    if name not in DTYPES:
        raise KeyError(f"unknown dtype {name!r}; known are {' '.join(DTYPES)}")
    return DTYPES[name]

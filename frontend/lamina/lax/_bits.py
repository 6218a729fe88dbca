"""Elements as bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.lax._operands import as_operand
from lamina.lax._shapes import concatenate, expand_dims, full_like
from lamina.lax._slicing import index_in_dim
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY


def bitcast_convert_type(operand: Any, new_dtype: Any) -> Array:
    """The bits of the elements as another dtype.

    One of half the width adds a last axis of size 2 (a quarter: 4), lowest bits first; a wider one takes such an axis
    away.

    Raises: DTypeError for booleans and complex numbers, ShapeError where the last axis has another size.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.bitcast_convert_type(lnp.uint32(0x01020304), lnp.uint8)
    Array([4, 3, 2, 1], dtype=uint8)
    """
    x, dtype = as_operand("bitcast_convert_type", operand), dtypes.check_user_dtype_supported(new_dtype)
    for each in (x.dtype, dtype):
        if each.kind in "bc" and x.dtype != dtype:
            raise errors.DTypeError(f"`lax.bitcast_convert_type` takes integers and floats, not {each}.")
    if x.dtype == dtype:
        return x
    narrow = min(x.dtype.itemsize, dtype.itemsize)
    parts = max(x.dtype.itemsize, dtype.itemsize) // narrow
    if parts == 1:
        return _cast(x, dtype)
    wide = np.dtype(f"uint{8 * narrow * parts}")
    if x.dtype.itemsize > narrow:
        return _cast(_taken_apart(_cast(x, wide), parts, np.dtype(f"uint{8 * narrow}")), dtype)
    if x.shape[-1:] != (parts,):
        problem = f"{parts} elements of {x.dtype} make one of {dtype}, so the last axis must have this size"
        raise errors.ShapeError("lax.bitcast_convert_type", problem, operand=x.shape)
    return _cast(_put_together(_cast(x, np.dtype(f"uint{8 * narrow}")), wide), dtype)


def _cast(x: Array, dtype: np.dtype) -> Array:
    return x if x.dtype == dtype else bind(REGISTRY["bitcast_convert"], x, dtype=dtype)


def _taken_apart(x: Array, parts: int, dtype: np.dtype) -> Array:
    """Lowest bits first, along a new last axis."""
    width = 8 * dtype.itemsize
    shifted = [bind(REGISTRY["shift_right_logical"], x, full_like(x, i * width)) for i in range(parts)]
    low = [bind(REGISTRY["and"], v, full_like(v, (1 << width) - 1)) for v in shifted]
    return concatenate([expand_dims(bind(REGISTRY["convert"], v, dtype=dtype), (v.ndim,)) for v in low], x.ndim)


def _put_together(x: Array, dtype: np.dtype) -> Array:
    """The last axis as the bits of one number, lowest first."""
    width, wide = 8 * x.dtype.itemsize, bind(REGISTRY["convert"], x, dtype=dtype)
    result = None
    for i in range(x.shape[-1]):
        part = index_in_dim(wide, i, -1, keepdims=False)
        part = bind(REGISTRY["shift_left"], part, full_like(part, i * width))
        result = part if result is None else bind(REGISTRY["or"], result, part)
    assert result is not None
    return result

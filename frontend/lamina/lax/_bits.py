"""Elements as bits, under other dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_dtype, as_operand, broadcast_scalar, same_dtype
from lamina.lax._shapes import concatenate, expand_dims, reshape
from lamina.lax._slicing import index_in_dim
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


def _constant(like: Array, value: int) -> Array:
    """A number in the dtype and shape of another array, 64 bits wide even where those are off."""
    return broadcast_scalar(as_dtype(value, like.dtype), like.shape)


def _cast(x: Array, dtype: np.dtype) -> Array:
    return x if x.dtype == dtype else bind(REGISTRY["bitcast_convert"], x, dtype=dtype)


def _taken_apart(x: Array, parts: int, dtype: np.dtype) -> Array:
    """Lowest bits first, along a new last axis."""
    width = 8 * dtype.itemsize
    shifted = [bind(REGISTRY["shift_right_logical"], x, _constant(x, i * width)) for i in range(parts)]
    low = [bind(REGISTRY["and"], v, _constant(v, (1 << width) - 1)) for v in shifted]
    return concatenate([expand_dims(bind(REGISTRY["convert"], v, dtype=dtype), (v.ndim,)) for v in low], x.ndim)


def _put_together(x: Array, dtype: np.dtype) -> Array:
    """The last axis as the bits of one number, lowest first."""
    width, wide = 8 * x.dtype.itemsize, bind(REGISTRY["convert"], x, dtype=dtype)
    result = None
    for i in range(x.shape[-1]):
        part = index_in_dim(wide, i, -1, keepdims=False)
        part = bind(REGISTRY["shift_left"], part, _constant(part, i * width))
        result = part if result is None else bind(REGISTRY["or"], result, part)
    assert result is not None
    return result


def viewed(x: Array, dtype: np.dtype) -> Array:
    """NumPy's ``x.view(dtype)``: the last axis takes up the difference of the widths. Booleans and complex too."""
    if x.dtype == dtype:
        return x
    if x.dtype.kind == "b":
        x = bind(REGISTRY["convert"], x, dtype=np.dtype(np.uint8))
    if x.dtype.kind == "c":
        parts = [expand_dims(bind(REGISTRY[part], x), (x.ndim,)) for part in ("real", "imag")]
        rest, last = x.shape[:-1], x.shape[-1:] or (1,)
        return viewed(reshape(concatenate(parts, x.ndim), (*rest, 2 * last[0])), dtype)
    if dtype.kind == "b":
        return bind(REGISTRY["convert"], viewed(x, np.dtype(np.uint8)), dtype=dtype)
    if dtype.kind == "c":
        pairs = viewed(x, dtypes.to_real_dtype(dtype))
        if not pairs.ndim or pairs.shape[-1] % 2:
            raise errors.ShapeError("Array.view", f"the last axis does not hold whole numbers of {dtype}", x=x.shape)
        pairs = reshape(pairs, (*pairs.shape[:-1], pairs.shape[-1] // 2, 2))
        return bind(REGISTRY["complex"], *(index_in_dim(pairs, i, -1, keepdims=False) for i in (0, 1)))
    ratio = max(x.dtype.itemsize, dtype.itemsize) // min(x.dtype.itemsize, dtype.itemsize)
    if ratio == 1:
        return bitcast_convert_type(x, dtype)
    if not x.ndim:
        raise errors.ShapeError("Array.view", f"a number has no axis for the {ratio} elements of its bits")
    *rest, last = x.shape
    if x.dtype.itemsize > dtype.itemsize:
        return reshape(bitcast_convert_type(x, dtype), (*rest, last * ratio))
    if last % ratio:
        raise errors.ShapeError("Array.view", f"the last axis must be a multiple of {ratio}", x=x.shape)
    return bitcast_convert_type(reshape(x, (*rest, last // ratio, ratio)), dtype)


def mulhi(x: Any, y: Any) -> Array:
    """The upper half of the bits of the product of integers, elementwise.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.mulhi(lnp.int32(2**30), lnp.int32(8))
    Array(2, dtype=int32)
    """
    x, y = same_dtype("mulhi", x, y)
    if x.dtype.kind not in "iu":
        raise errors.DTypeError(f"`lax.mulhi` takes integers, not {x.dtype}.")
    shape = x.shape or y.shape
    x, y = broadcast_scalar(x, shape), broadcast_scalar(y, shape)
    width = 8 * x.dtype.itemsize
    if width < 64:
        wide = np.dtype(f"{x.dtype.name.rstrip('0123456789')}{2 * width}")
        product = _op("mul", *(bind(REGISTRY["convert"], v, dtype=wide) for v in (x, y)))
        return bind(REGISTRY["convert"], _shifted_right(product, width), dtype=x.dtype)
    # 64 bits in halves: schoolbook multiplication with the carries of the lower half
    mask = _constant(x, 2**32 - 1)
    (x_high, x_low), (y_high, y_low) = ((_shifted_right(v, 32), _op("and", v, mask)) for v in (x, y))
    unsigned = np.dtype(np.uint64)
    low = _cast(_op("mul", _cast(x_low, unsigned), _cast(y_low, unsigned)), unsigned)
    carry = _cast(_shifted_right(low, 32), x.dtype)
    middle = _op("add", _op("mul", x_high, y_low), carry)
    other = _op("add", _op("mul", x_low, y_high), _op("and", middle, mask))
    upper = _op("add", _shifted_right(middle, 32), _shifted_right(other, 32))
    return _op("add", _op("mul", x_high, y_high), upper)


def _op(name: str, *operands: Array) -> Array:
    return bind(REGISTRY[name], *operands)


def _shifted_right(x: Array, places: int) -> Array:
    op = "shift_right_logical" if x.dtype.kind == "u" else "shift_right_arithmetic"
    return _op(op, x, _constant(x, places))

"""Bits in bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._makers import as_bool
from lamina.numpy._manipulation import moveaxis, ravel
from lamina.numpy._operands import converted, filled, normal_axis, operand
from lamina.numpy._reductions import sum
from lamina.numpy._steps import joined, reshaped, sliced

_BYTE = np.dtype(np.uint8)


def _weights(function: str, bitorder: str) -> np.ndarray:
    """Place of each of eight bits in its byte."""
    if bitorder not in ("big", "little"):
        raise ValueError(f"lnp.{function}: bitorder is 'big' or 'little', not {bitorder!r}")
    return np.arange(8, dtype=np.uint8)[:: -1 if bitorder == "big" else 1].copy()


def _last(function: str, a: Array, axis: int | None) -> tuple[Array, int]:
    """The array with the axis moved to the end (flattened for None), and where it came from."""
    if axis is None:
        return ravel(a), 0
    axis = normal_axis(function, axis, a.ndim)
    return moveaxis(a, axis, -1), axis


def packbits(a: Any, axis: int | None = None, bitorder: str = "big") -> Array:
    """Booleans (or integers: whether not 0), eight to a byte, along an axis (None: flattened); the last is filled up.

    >>> import lamina.numpy as lnp
    >>> lnp.packbits(lnp.array([1, 0, 1]))
    Array([160], dtype=uint8)
    """
    a = operand("packbits", a, "a")
    if a.dtype.kind not in "biu":
        raise errors.DTypeError(f"`lnp.packbits` takes booleans or integers, not {a.dtype}.")
    places = from_numpy(_weights("packbits", bitorder))
    a, axis = _last("packbits", as_bool(a), axis)
    missing = -a.shape[-1] % 8
    if missing:
        a = joined([a, filled((*a.shape[:-1], missing), False, a.dtype)], a.ndim - 1)
    bits = reshaped(a, (*a.shape[:-1], a.shape[-1] // 8, 8))
    return moveaxis(sum(e.left_shift(converted(bits, _BYTE), places), -1, dtype=_BYTE), -1, axis)


def unpackbits(a: Any, axis: int | None = None, count: int | None = None, bitorder: str = "big") -> Array:
    """The bits of bytes as uint8, along an axis (None: flattened).

    `count` of them: cut, or filled up with 0; −n: all but n.

    >>> import lamina.numpy as lnp
    >>> lnp.unpackbits(lnp.array([160], lnp.uint8), count=3)
    Array([1, 0, 1], dtype=uint8)
    """
    a = operand("unpackbits", a, "a")
    if a.dtype != _BYTE:
        raise errors.DTypeError(f"`lnp.unpackbits` takes uint8, not {a.dtype}.")
    places = from_numpy(_weights("unpackbits", bitorder))
    a, axis = _last("unpackbits", a, axis)
    bits = e.bitwise_and(e.right_shift(reshaped(a, (*a.shape, 1)), places), 1)
    bits = reshaped(bits, (*a.shape[:-1], 8 * a.shape[-1]))
    size = bits.shape[-1]
    wanted = size if count is None else count if count >= 0 else max(size + count, 0)
    bits = sliced(bits, bits.ndim - 1, 0, min(wanted, size))
    if wanted > size:
        bits = joined([bits, filled((*bits.shape[:-1], wanted - size), 0, _BYTE)], bits.ndim - 1)
    return moveaxis(bits, -1, axis)

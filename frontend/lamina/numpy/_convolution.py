"""Convolution and correlation of vectors."""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina.array import Array
from lamina.lax._contraction import preferred_dtype
from lamina.lax._convolution import conv_general_dilated
from lamina.lax._types import check_precision
from lamina.numpy import _elementwise as e
from lamina.numpy._manipulation import flip
from lamina.numpy._operands import converted, promoted
from lamina.numpy._steps import reshaped

_MODES = ("full", "same", "valid")


def convolve(a: Any, v: Any, mode: str = "full", *, precision: Any = None, preferred_element_type: Any = None) -> Array:
    """Σₖ aₖ · vₙ₋ₖ of two vectors; integers become floats.

    Args:
        mode: "full" (where they overlap at all), "same" (the middle, as long as the longer one), "valid" (where the
            shorter lies wholly inside).

    >>> import lamina.numpy as lnp
    >>> lnp.convolve(lnp.array([1.0, 2.0, 3.0]), lnp.array([1.0, 1.0]))
    Array([1., 3., 5., 3.], dtype=float32)
    """
    return _slid("convolve", a, v, mode, precision, preferred_element_type)


def correlate(
    a: Any, v: Any, mode: str = "valid", *, precision: Any = None, preferred_element_type: Any = None
) -> Array:
    """Σₖ aₙ₊ₖ · conj(vₖ) of two vectors; modes as those of `convolve`.

    >>> import lamina.numpy as lnp
    >>> lnp.correlate(lnp.array([1.0, 2.0, 3.0]), lnp.array([0.0, 1.0]))
    Array([2., 3.], dtype=float32)
    """
    return _slid("correlate", a, v, mode, precision, preferred_element_type)


def _slid(function: str, a: Any, v: Any, mode: str, precision: Any, preferred: Any) -> Array:
    check_precision(precision)
    dtype = preferred_dtype(function, preferred)
    a, v = promoted(function, a, v, names=("a", "v"), inexact=True)
    if a.ndim != 1 or v.ndim != 1 or not a.size or not v.size:
        raise errors.ShapeError(f"lnp.{function}", "both must be vectors, and not empty", a=a.shape, v=v.shape)
    if mode not in _MODES:
        raise ValueError(f"lnp.{function}: the mode is one of {', '.join(_MODES)}, not {mode!r}")
    swapped = a.size < v.size
    if function == "correlate":
        v = flip(e.conj(v))
    long, short = (v, a) if swapped else (a, v)
    missing = short.size - 1
    padding = {"full": (missing, missing), "same": (short.size // 2, missing - short.size // 2), "valid": (0, 0)}[mode]
    rows = reshaped(long, (1, 1, long.size)), reshaped(flip(short), (1, 1, short.size))
    result = conv_general_dilated(*rows, window_strides=(1,), padding=[padding])
    result = reshaped(result, (result.size,))
    return result if dtype is None else converted(result, dtype)

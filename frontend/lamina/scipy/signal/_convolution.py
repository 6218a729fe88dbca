"""Convolution and correlation of arrays of any rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.lax._convolution import conv_general_dilated
from lamina.numpy._operands import normal_axes, operand, promoted

_MODES = ("full", "same", "valid")


def convolve(in1: Any, in2: Any, mode: str = "full", method: str = "auto", precision: Any = None) -> Array:
    """Σₖ in1ₖ · in2ₙ₋ₖ of two arrays of one rank, one not larger than the other along any axis.

    Args:
        mode: "full" (where they overlap at all), "same" (the middle, of the shape of in1), "valid" (where one lies
            wholly inside the other).
        method: "direct" (also "auto"), or "fft", which is quicker for two long signals.

    Raises: ShapeError, ValueError.

    >>> import lamina.numpy as lnp
    >>> convolve(lnp.array([1.0, 2.0, 3.0]), lnp.array([1.0, 1.0]), mode="same")
    Array([1., 3., 5.], dtype=float32)
    """
    if method == "fft":
        return fftconvolve(in1, in2, mode)
    if method not in ("direct", "auto"):
        raise ValueError(f'`scipy.signal.convolve`: method is "auto", "direct" or "fft", not {method!r}.')
    return _direct("convolve", in1, in2, mode, precision)


def correlate(in1: Any, in2: Any, mode: str = "full", method: str = "auto", precision: Any = None) -> Array:
    """Σₖ in1ₙ₊ₖ · conj(in2ₖ); arguments as those of `convolve`.

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> scipy.signal.correlate(lnp.array([1.0, 2.0, 3.0]), lnp.array([0.0, 1.0]))
    Array([1., 2., 3., 0.], dtype=float32)
    """
    in2 = operand("scipy.signal.correlate", in2, "in2")
    return convolve(in1, lnp.flip(lnp.conj(in2)), mode, method, precision)


def convolve2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0, precision: Any = None
) -> Array:
    """`convolve` of two matrices, which are surrounded by zeros.

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> scipy.signal.convolve2d(lnp.array([[1.0, 2.0], [3.0, 4.0]]), lnp.array([[1.0, 10.0]]))
    Array([[ 1., 12., 20.],
           [ 3., 34., 40.]], dtype=float32)
    """
    return _direct("convolve2d", *_matrices("convolve2d", in1, in2, boundary, fillvalue), mode, precision)


def correlate2d(
    in1: Any, in2: Any, mode: str = "full", boundary: str = "fill", fillvalue: float = 0, precision: Any = None
) -> Array:
    """Correlation of two matrices, which are surrounded by zeros.

    The middle that mode "same" gives is SciPy's, which differs from that of `correlate` for even sizes.

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> scipy.signal.correlate2d(lnp.array([[1.0, 2.0], [3.0, 4.0]]), lnp.array([[1.0, 10.0]]))
    Array([[10., 21.,  2.],
           [30., 43.,  4.]], dtype=float32)
    """
    x, y = _matrices("correlate2d", in1, in2, boundary, fillvalue)
    smaller = x.shape != y.shape and all(m <= n for m, n in zip(x.shape, y.shape, strict=True))
    if mode == "same" or not smaller:
        return lnp.flip(_direct("correlate2d", lnp.flip(x), lnp.conj(y), mode, precision))
    result = _direct("correlate2d", lnp.flip(y), lnp.conj(x), mode, precision)
    return lnp.conj(result) if mode == "full" else result


def _matrices(function: str, in1: Any, in2: Any, boundary: str, fillvalue: float) -> tuple[Array, Array]:
    if boundary != "fill" or fillvalue != 0:
        raise NotImplementedError(
            f"`scipy.signal.{function}`: the boundary is that of zeros (boundary='fill', fillvalue=0). Use lnp.pad for "
            "another, and mode='valid'."
        )
    x, y = promoted(f"scipy.signal.{function}", in1, in2, names=("in1", "in2"))
    if x.ndim != 2 or y.ndim != 2:
        raise errors.ShapeError(f"scipy.signal.{function}", "both must be matrices", in1=x.shape, in2=y.shape)
    return x, y


def _direct(function: str, in1: Any, in2: Any, mode: str, precision: Any) -> Array:
    name = f"scipy.signal.{function}"
    x, y = promoted(name, in1, in2, names=("in1", "in2"), inexact=True)
    first = y.shape
    swapped = _checked(name, x, y, mode)
    if not x.size or not y.size:
        raise errors.ShapeError(name, "the operands must not be empty", in1=x.shape, in2=y.shape)
    if swapped:
        x, y = y, x
    if mode == "same":
        pads = [
            (window - 1 - (size - 1) // 2, window - size + (size - 1) // 2)
            for window, size in zip(y.shape, first, strict=True)
        ]
    else:
        pads = [(window - 1, window - 1) if mode == "full" else (0, 0) for window in y.shape]
    return conv_general_dilated(x[None, None], lnp.flip(y)[None, None], (1,) * x.ndim, pads, precision=precision)[0, 0]


def _checked(name: str, x: Array, y: Array, mode: str) -> bool:
    """Whether the first is the smaller one. ShapeError unless one fits into the other."""
    if mode not in _MODES:
        raise ValueError(f"`{name}`: the mode is one of {', '.join(_MODES)}, not {mode!r}.")
    if x.ndim != y.ndim:
        raise errors.ShapeError(name, "both must have one rank", in1=x.shape, in2=y.shape)
    pairs = list(zip(x.shape, y.shape, strict=True))
    if all(m >= n for m, n in pairs):
        return False
    if not all(m <= n for m, n in pairs):
        problem = "one of them must not be larger than the other along any axis"
        raise errors.ShapeError(name, problem, in1=x.shape, in2=y.shape)
    return True


def fftconvolve(in1: Any, in2: Any, mode: str = "full", axes: int | Sequence[int] | None = None) -> Array:
    """`convolve` along axes (None: all) by Fourier transforms: n log n operations instead of n².

    >>> import lamina.numpy as lnp
    >>> lnp.round(fftconvolve(lnp.array([1.0, 2.0, 3.0]), lnp.array([1.0, 1.0])), 3)
    Array([1., 3., 5., 3.], dtype=float32)
    """
    name = "scipy.signal.fftconvolve"
    x, y = promoted(name, in1, in2, names=("in1", "in2"), inexact=True)
    if x.ndim != y.ndim:
        raise errors.ShapeError(name, "both must have one rank", in1=x.shape, in2=y.shape)
    along = normal_axes(name, axes, x.ndim)
    if any(x.shape[d] != y.shape[d] for d in range(x.ndim) if d not in along):
        raise errors.ShapeError(name, "the other axes must have one size", in1=x.shape, in2=y.shape)
    if mode not in _MODES:
        raise ValueError(f"`{name}`: the mode is one of {', '.join(_MODES)}, not {mode!r}.")
    if mode == "valid" and _checked(name, x, y, mode):
        x, y = y, x
    full = [x.shape[d] + y.shape[d] - 1 for d in along]
    transform, back = (lnp.fft.fftn, lnp.fft.ifftn) if x.dtype.kind == "c" else (lnp.fft.rfftn, lnp.fft.irfftn)
    result = back(transform(x, full, along) * transform(y, full, along), full, along)
    window = [slice(None)] * x.ndim
    for d, size in zip(along, full, strict=True):
        wanted = {"full": size, "same": x.shape[d], "valid": x.shape[d] - y.shape[d] + 1}[mode]
        start = (size - wanted) // 2
        window[d] = slice(start, start + wanted)
    return result[tuple(window)].astype(x.dtype)

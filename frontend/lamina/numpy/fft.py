"""Discrete Fourier transforms: `numpy.fft`. Single precision stays single.

`norm` says which direction is divided by the number of elements: "backward" (None) the inverse, "forward" the other,
"ortho" both by its root.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from lamina import dtypes, errors, lax
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.devices import placed
from lamina.lax import FftType
from lamina.numpy import _elementwise as e
from lamina.numpy._manipulation import moveaxis
from lamina.numpy._operands import normal_axes, operand
from lamina.numpy._padding import pad
from lamina.numpy._ranges import arange
from lamina.numpy._steps import sliced
from lamina.numpy._stretching import roll

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift", "ihfft", "irfft",
    "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip

Shape = Sequence[int] | None

_OTHER_WAY = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}

# ---- along several axes ---------------------------------------------------------------------------------------------


@api_boundary
def fftn(a: Any, s: Shape = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Array:
    """The discrete Fourier transform ``Σ a[j] exp(-2πi j·k/n)`` along several axes.

    Args:
        a: real or complex, any shape.
        s: lengths along the axes; a is cut off or filled up with zeros.
        axes: by default the last ``len(s)``, or all.
        norm: "backward", "ortho" or "forward".

    Raises: ShapeError for repeated axes or lengths that do not fit, ValueError for another norm.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.fftn(lnp.ones((2, 2)))
    Array([[4.+0.j, 0.+0.j],
           [0.+0.j, 0.+0.j]], dtype=complex64)
    """
    return _transform("fftn", FftType.FFT, a, s, axes, norm)


@api_boundary
def ifftn(a: Any, s: Shape = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Array:
    """The inverse of `fftn`.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.ifftn(lnp.ones((2, 2)))
    Array([[1.+0.j, 0.+0.j],
           [0.+0.j, 0.+0.j]], dtype=complex64)
    """
    return _transform("ifftn", FftType.IFFT, a, s, axes, norm)


@api_boundary
def rfftn(a: Any, s: Shape = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Array:
    """`fftn` of real numbers: of the last axis only the first ``n // 2 + 1`` frequencies, which say all.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.rfftn(lnp.ones((2, 3, 4))).shape
    (2, 3, 3)
    """
    return _transform("rfftn", FftType.RFFT, a, s, axes, norm)


@api_boundary
def irfftn(a: Any, s: Shape = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Array:
    """The inverse of `rfftn`; the last axis becomes ``2 (n - 1)`` long unless `s` says otherwise.

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([[1.0, 2.0], [3.0, 4.0]])
    >>> lnp.fft.irfftn(lnp.fft.rfftn(x), x.shape)
    Array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return _transform("irfftn", FftType.IRFFT, a, s, axes, norm)


@api_boundary
def fft2(a: Any, s: Shape = None, axes: Sequence[int] = (-2, -1), norm: str | None = None) -> Array:
    """`fftn` along two axes.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.fft2(lnp.array([[1.0, 0.0], [0.0, 0.0]]))
    Array([[1.+0.j, 1.+0.j],
           [1.+0.j, 1.+0.j]], dtype=complex64)
    """
    return _transform("fft2", FftType.FFT, a, s, _two("fft2", axes), norm)


@api_boundary
def ifft2(a: Any, s: Shape = None, axes: Sequence[int] = (-2, -1), norm: str | None = None) -> Array:
    """The inverse of `fft2`.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.ifft2(lnp.array([[4.0, 0.0], [0.0, 0.0]]))
    Array([[1.+0.j, 1.+0.j],
           [1.+0.j, 1.+0.j]], dtype=complex64)
    """
    return _transform("ifft2", FftType.IFFT, a, s, _two("ifft2", axes), norm)


@api_boundary
def rfft2(a: Any, s: Shape = None, axes: Sequence[int] = (-2, -1), norm: str | None = None) -> Array:
    """`rfftn` along two axes.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.rfft2(lnp.ones((2, 4))).shape
    (2, 3)
    """
    return _transform("rfft2", FftType.RFFT, a, s, _two("rfft2", axes), norm)


@api_boundary
def irfft2(a: Any, s: Shape = None, axes: Sequence[int] = (-2, -1), norm: str | None = None) -> Array:
    """The inverse of `rfft2`.

    >>> import lamina.numpy as lnp
    >>> x = lnp.array([[1.0, 2.0], [3.0, 4.0]])
    >>> lnp.fft.irfft2(lnp.fft.rfft2(x), x.shape)
    Array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return _transform("irfft2", FftType.IRFFT, a, s, _two("irfft2", axes), norm)


def _two(function: str, axes: Sequence[int]) -> Sequence[int]:
    if len(axes) != 2:
        raise errors.ShapeError(f"lnp.fft.{function}", f"it is along two axes, not {tuple(axes)}", cure="Use fftn.")
    return axes


# ---- along one axis -------------------------------------------------------------------------------------------------


@api_boundary
def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The discrete Fourier transform ``Σ a[j] exp(-2πi j k/n)`` along one axis.

    Args:
        a: real or complex, any shape.
        n: length along the axis; a is cut off or filled up with zeros.
        norm: "backward", "ortho" or "forward".

    >>> import lamina.numpy as lnp
    >>> lnp.fft.fft(lnp.array([1.0, 0.0, 0.0, 0.0]))
    Array([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j], dtype=complex64)
    """
    return _along("fft", FftType.FFT, a, n, axis, norm)


@api_boundary
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The inverse of `fft`.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.ifft(lnp.array([4.0, 0.0, 0.0, 0.0]))
    Array([1.+0.j, 1.+0.j, 1.+0.j, 1.+0.j], dtype=complex64)
    """
    return _along("ifft", FftType.IFFT, a, n, axis, norm)


@api_boundary
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """`fft` of real numbers: only the first ``n // 2 + 1`` frequencies, which say all.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.rfft(lnp.array([1.0, 0.0, -1.0, 0.0]))
    Array([0.+0.j, 2.+0.j, 0.+0.j], dtype=complex64)
    """
    return _along("rfft", FftType.RFFT, a, n, axis, norm)


@api_boundary
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The inverse of `rfft`: n real numbers, by default ``2 (a.shape[axis] - 1)``.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.irfft(lnp.fft.rfft(lnp.array([1.0, 2.0, 3.0])), n=3)
    Array([1., 2., 3.], dtype=float32)
    """
    return _along("irfft", FftType.IRFFT, a, n, axis, norm)


@api_boundary
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """`fft` of what has a real spectrum: of the symmetric ``a[-j] = conj(a[j])`` only the first half is given.

    n: how many real frequencies, by default ``2 (a.shape[axis] - 1)``.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.hfft(lnp.array([1 + 0j, 1j, 2 + 0j]))
    Array([ 3.,  1.,  3., -3.], dtype=float32)
    """
    _check_norm("hfft", norm)
    return _along("hfft", FftType.IRFFT, e.conj(operand("fft.hfft", a, "a")), n, axis, _OTHER_WAY[norm])


@api_boundary
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The inverse of `hfft`.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.ihfft(lnp.array([1.0, 2.0, 3.0, 2.0]))
    Array([ 2. -0.j, -0.5-0.j,  0. -0.j], dtype=complex64)
    """
    _check_norm("ihfft", norm)
    return e.conj(_along("ihfft", FftType.RFFT, a, n, axis, _OTHER_WAY[norm]))


# ---- frequencies and order ------------------------------------------------------------------------------------------


@api_boundary
def fftfreq(n: int, d: Any = 1.0, *, dtype: Any = None, device: Any = None) -> Array:
    """The frequencies of `fft` for n samples at a distance d: 0, 1, …, the negative ones last, divided by n d.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.fftfreq(4)
    Array([ 0.  ,  0.25, -0.5 , -0.25], dtype=float32)
    """
    n = _count("fftfreq", n)
    return _frequencies((arange(n) + n // 2) % n - n // 2, n, d, dtype, device)


@api_boundary
def rfftfreq(n: int, d: Any = 1.0, *, dtype: Any = None, device: Any = None) -> Array:
    """The frequencies of `rfft` for n samples at a distance d: 0, 1, …, n // 2, divided by n d.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.rfftfreq(6, d=0.5)
    Array([0.        , 0.33333334, 0.6666667 , 1.        ], dtype=float32)
    """
    n = _count("rfftfreq", n)
    return _frequencies(arange(n // 2 + 1), n, d, dtype, device)


def _count(function: str, n: Any) -> int:
    try:
        return operator.index(n)
    except TypeError:
        raise ValueError(f"`lnp.fft.{function}`: n is an int, not {n!r}.") from None


def _frequencies(k: Array, n: int, d: Any, dtype: Any, device: Any) -> Array:
    dtype = dtypes.canonicalize_dtype(float) if dtype is None else dtypes.check_user_dtype_supported(dtype)
    inexact = dtypes.finfo(dtypes.to_inexact_dtype(dtype)).dtype
    step = operand("fft.fftfreq", d, "d").astype(inexact) * n
    return placed((k.astype(inexact) / step).astype(dtype), device)


@api_boundary
def fftshift(x: Any, axes: Any = None) -> Array:
    """Frequencies in increasing order: that of 0 in the middle of the axes (by default of all).

    >>> import lamina.numpy as lnp
    >>> lnp.fft.fftshift(lnp.array([0, 1, -2, -1]))
    Array([-2, -1,  0,  1], dtype=int32)
    """
    x = operand("fft.fftshift", x)
    chosen = normal_axes("fft.fftshift", axes, x.ndim)
    return roll(x, [x.shape[axis] // 2 for axis in chosen], chosen)


@api_boundary
def ifftshift(x: Any, axes: Any = None) -> Array:
    """The inverse of `fftshift`.

    >>> import lamina.numpy as lnp
    >>> lnp.fft.ifftshift(lnp.array([-2, -1, 0, 1, 2]))
    Array([ 0,  1,  2, -2, -1], dtype=int32)
    """
    x = operand("fft.ifftshift", x)
    chosen = normal_axes("fft.ifftshift", axes, x.ndim)
    return roll(x, [-(x.shape[axis] // 2) for axis in chosen], chosen)


# ---- the transform --------------------------------------------------------------------------------------------------


def _along(function: str, kind: FftType, a: Any, n: int | None, axis: Any, norm: str | None) -> Array:
    if isinstance(axis, (list, tuple)):
        raise ValueError(f"`lnp.fft.{function}` is along one axis, not {axis}; {function}n takes several.")
    return _transform(function, kind, a, None if n is None else [n], None if axis is None else [axis], norm)


def _transform(function: str, kind: FftType, a: Any, s: Shape, axes: Sequence[int] | None, norm: str | None) -> Array:
    """Move the axes to the end, cut or fill them up, transform, scale, and move them back."""
    a = operand(f"fft.{function}", a, "a")
    _check_norm(function, norm)
    lengths = None if s is None else [operator.index(n) for n in s]
    if axes is None:
        axes = range(a.ndim - (a.ndim if lengths is None else len(lengths)), a.ndim)
    chosen = normal_axes(f"fft.{function}", tuple(axes), a.ndim)
    last = tuple(range(a.ndim - len(chosen), a.ndim))
    a = moveaxis(a, chosen, last)
    if lengths is None:
        lengths = [a.shape[axis] for axis in last]
        if kind is FftType.IRFFT and lengths:
            lengths[-1] = 2 * (lengths[-1] - 1)
    elif len(lengths) != len(chosen):
        raise errors.ShapeError(
            f"lnp.fft.{function}", f"s {tuple(lengths)} needs a length for each of the axes {chosen}"
        )
    if min(lengths, default=1) < 1:
        raise errors.ShapeError(f"lnp.fft.{function}", f"the lengths {tuple(lengths)} must be positive", a=a.shape)
    for axis, n in zip(last, lengths, strict=True):
        a = _resized(a, axis, n // 2 + 1 if kind is FftType.IRFFT and axis == last[-1] else n)
    result = lax.fft(a, kind, lengths)
    scale = _scale(kind, math.prod(lengths), norm)
    return moveaxis(result if scale == 1 else result * scale, last, chosen)


def _check_norm(function: str, norm: str | None) -> None:
    if norm not in _OTHER_WAY:
        raise ValueError(f"`lnp.fft.{function}`: norm is 'backward', 'ortho' or 'forward', not {norm!r}.")


def _scale(kind: FftType, count: int, norm: str | None) -> float:
    """Beside the factor 1 / count of the inverse transforms."""
    inverse = kind in (FftType.IFFT, FftType.IRFFT)
    if norm == "ortho":
        return math.sqrt(count) if inverse else 1 / math.sqrt(count)
    if norm == "forward":
        return count if inverse else 1 / count
    return 1


def _resized(a: Array, axis: int, size: int) -> Array:
    """Cut off or filled up with zeros."""
    if a.shape[axis] >= size:
        return sliced(a, axis, 0, size)
    return pad(a, [(0, size - a.shape[axis] if d == axis else 0) for d in range(a.ndim)])

"""Discrete cosine transforms: `scipy.fft`, of type 2."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamina import errors, lax
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import normal_axes
from lamina.numpy._steps import sliced

__all__ = ["dct", "dctn", "idct", "idctn"]


@api_boundary
def dct(x: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The discrete cosine transform ``2 Σ x[j] cos(π k (2 j + 1) / 2n)`` along an axis (Makhoul 1980).

    Args:
        x: real, or complex, of which both parts are transformed.
        type: 2.
        n: length along the axis; x is cut off or filled up with zeros.
        norm: None or "backward", or "ortho" for an orthogonal transform.

    Raises: NotImplementedError for another type, ValueError for another norm, ShapeError for ``n < 1``.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.fft as sfft
    >>> sfft.dct(lnp.array([1.0, 1.0]))
    Array([4., 0.], dtype=float32)
    """
    return _transform("dct", _cosine, x, type, None if n is None else [n], [axis], norm)


@api_boundary
def idct(x: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None) -> Array:
    """The inverse of `dct`.

    >>> import lamina.numpy as lnp
    >>> import lamina.scipy.fft as sfft
    >>> sfft.idct(lnp.array([4.0, 0.0]))
    Array([1., 1.], dtype=float32)
    """
    return _transform("idct", _inverse_cosine, x, type, None if n is None else [n], [axis], norm)


@api_boundary
def dctn(
    x: Any,
    type: int = 2,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str | None = None,
) -> Array:
    """`dct` along several axes (by default the last ``len(s)``, or all), with the lengths s.

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> scipy.fft.dctn(lnp.ones((2, 2)))
    Array([[16.,  0.],
           [ 0.,  0.]], dtype=float32)
    """
    return _transform("dctn", _cosine, x, type, s, axes, norm)


@api_boundary
def idctn(
    x: Any,
    type: int = 2,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: str | None = None,
) -> Array:
    """The inverse of `dctn`.

    >>> import lamina.numpy as lnp, lamina.scipy as scipy
    >>> scipy.fft.idctn(scipy.fft.dctn(lnp.array([[1.0, 2.0], [3.0, 4.0]])))
    Array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return _transform("idctn", _inverse_cosine, x, type, s, axes, norm)


def _transform(
    function: str, along: Callable[[Array, bool], Array], x: Any, type: int, s: Any, axes: Any, norm: str | None
) -> Array:
    """Apply a transform of the last axis to each of the axes, cut off or filled up."""
    if type != 2:
        raise NotImplementedError(f"scipy.fft.{function} is of type 2, not {type!r}.")
    if norm not in (None, "backward", "ortho"):
        raise ValueError(f"`scipy.fft.{function}`: norm is 'backward' or 'ortho', not {norm!r}.")
    x = lnp.asarray(x)
    if x.dtype.kind == "c":
        return lax.complex(*(_transform(function, along, part, type, s, axes, norm) for part in (x.real, x.imag)))
    x = x.astype(np.result_type(x.dtype, np.float32)) if x.dtype.kind != "f" else x
    lengths = None if s is None else [operator.index(n) for n in (s if isinstance(s, Sequence) else [s])]
    if axes is None and lengths is not None:
        axes = tuple(range(x.ndim - len(lengths), x.ndim))
    chosen = normal_axes(f"fft.{function}", axes, x.ndim)
    for axis, n in zip(chosen, lengths or [x.shape[axis] for axis in chosen], strict=True):
        if n < 1:
            raise errors.ShapeError(f"scipy.fft.{function}", f"the length {n} must be positive", x=x.shape)
        x = _resized(x, axis, n)
        x = lnp.moveaxis(along(lnp.moveaxis(x, axis, -1), norm == "ortho"), -1, axis)
    return x


def _resized(x: Array, axis: int, n: int) -> Array:
    if n <= x.shape[axis]:
        return sliced(x, axis, 0, n)
    return lnp.pad(x, [(0, n - x.shape[axis] if d == axis else 0) for d in range(x.ndim)])


def _cosine(x: Array, ortho: bool) -> Array:
    """The Fourier transform of the even elements and then the odd ones backwards, turned by a quarter of a step."""
    n = x.shape[-1]
    spectrum = lnp.fft.fft(lnp.concatenate([x[..., ::2], x[..., 1::2][..., ::-1]], axis=-1))
    result = (spectrum * _turn(n, -1, spectrum)).real * 2
    return result * _weights(n, result) if ortho else result


def _inverse_cosine(x: Array, ortho: bool) -> Array:
    """The steps of `_cosine` backwards; the imaginary parts that it left out are x from the end, with a 0 first."""
    n = x.shape[-1]
    x = x / _weights(n, x) if ortho else x
    back = lnp.concatenate([lnp.zeros_like(x[..., :1]), x[..., :0:-1]], axis=-1)
    spectrum = lax.complex(x, -back)
    ordered = lnp.fft.ifft(spectrum * _turn(n, 1, spectrum)).real / 2
    half = (n + 1) // 2
    target = np.empty(n, np.int32)
    target[::2], target[1::2] = np.arange(half), np.arange(n - 1, half - 1, -1)
    return ordered[..., target]


def _turn(n: int, sign: int, like: Array) -> Array:
    return lnp.asarray(np.exp(sign * 0.5j * np.pi * np.arange(n) / n), like.dtype)


def _weights(n: int, like: Array) -> Array:
    """What makes the transform orthogonal."""
    return lnp.asarray(np.where(np.arange(n) == 0, math.sqrt(1 / (4 * n)), math.sqrt(1 / (2 * n))), like.dtype)

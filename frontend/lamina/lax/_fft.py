"""Discrete Fourier transforms over the last dimensions."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

from lamina import dtypes
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_dtype, as_operand
from lamina_compiler.opdef import REGISTRY


class FftType(enum.IntEnum):
    """Which transform `lax.fft` computes: of complex numbers or its inverse, of real numbers or its inverse.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.fft(lnp.ones(4), lax.FftType.RFFT, (4,))
    Array([4.+0.j, 0.+0.j, 0.+0.j], dtype=complex64)
    """

    FFT = 0
    IFFT = 1
    RFFT = 2
    IRFFT = 3


@api_boundary
def fft(x: Any, fft_type: FftType | str, fft_lengths: Sequence[int]) -> Array:
    """The discrete Fourier transform over the last ``len(fft_lengths)`` dimensions.

    Args:
        x: the last dimensions have the sizes `fft_lengths`; for IRFFT the very last one ``fft_lengths[-1] // 2 + 1``.
            RFFT takes real numbers, the others complex ones (real ones are converted).
        fft_type: FFT, IFFT (divided by the number of elements), RFFT, which gives the first ``n // 2 + 1`` frequencies
            of the last dimension, or IRFFT, its inverse; or the name of one.

    Raises ValueError for another type or complex numbers in RFFT, ShapeError where the shapes do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.fft(lnp.array([1.0, 0.0, 0.0]), "rfft", (3,))
    Array([1.+0.j, 1.+0.j], dtype=complex64)
    """
    kind = _kind(fft_type)
    x = as_operand("fft", x)
    if kind is FftType.RFFT:
        if x.dtype.kind == "c":
            raise ValueError(f"`lax.fft`: RFFT takes real numbers, not {x.dtype.name}. Use FFT, or the real part.")
        x = as_dtype(x, dtypes.to_inexact_dtype(x.dtype))
    else:
        x = as_dtype(x, dtypes.to_complex_dtype(x.dtype))
    lengths = tuple(int(n) for n in fft_lengths)
    return bind(REGISTRY["fft"], x, kind=kind.name.lower(), lengths=lengths) if lengths else x


def _kind(fft_type: FftType | str) -> FftType:
    if isinstance(fft_type, FftType):
        return fft_type
    if isinstance(fft_type, str):
        for kind in FftType:
            if fft_type in (kind.name, kind.name.lower()):
                return kind
        raise ValueError(
            f"`lax.fft`: there is no transform {fft_type!r}; there are {', '.join(k.name for k in FftType)}."
        )
    raise TypeError(f"`lax.fft`: fft_type is an FftType or the name of one, not {fft_type!r}.")

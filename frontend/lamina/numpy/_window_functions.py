"""Window functions: weights that fade towards both ends, for cutting pieces out of signals."""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np

from lamina import dtypes
from lamina.array import Array, from_numpy


def _window(function: str, values: Callable[[int], np.ndarray], M: int) -> Array:
    """Computed in float64, once: the number of points is always known."""
    try:
        count = operator.index(M)
    except TypeError:
        raise TypeError(f"lnp.{function}: the number of points M is an int, not {M!r}") from None
    return from_numpy(values(count).astype(dtypes.canonicalize_dtype(float)))


def bartlett(M: int) -> Array:
    """A triangle of M points: 1 − |2k / (M − 1) − 1|.

    >>> import lamina.numpy as lnp
    >>> lnp.bartlett(5)
    Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    return _window("bartlett", np.bartlett, M)


def blackman(M: int) -> Array:
    """0.42 − 0.5 cos(2πk / (M − 1)) + 0.08 cos(4πk / (M − 1)), for k = 0 … M − 1."""
    return _window("blackman", np.blackman, M)


def hamming(M: int) -> Array:
    """0.54 − 0.46 cos(2πk / (M − 1)), for k = 0 … M − 1."""
    return _window("hamming", np.hamming, M)


def hanning(M: int) -> Array:
    """0.5 − 0.5 cos(2πk / (M − 1)), for k = 0 … M − 1."""
    return _window("hanning", np.hanning, M)

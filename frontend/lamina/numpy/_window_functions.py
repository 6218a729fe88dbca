"""Window functions: weights that fade towards both ends, for cutting pieces out of signals."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes
from lamina.array import Array, from_numpy
from lamina.numpy._arithmetic import i0
from lamina.numpy._creation import asarray


def _points(function: str, M: int) -> int:
    try:
        return operator.index(M)
    except TypeError:
        raise TypeError(f"lnp.{function}: the number of points M is an int, not {M!r}") from None


def _window(function: str, values: Callable[[int], np.ndarray], M: int) -> Array:
    """Computed in float64, once: the number of points is always known."""
    return from_numpy(values(_points(function, M)).astype(dtypes.canonicalize_dtype(float)))


def bartlett(M: int) -> Array:
    """A triangle of M points: 1 − |2k / (M − 1) − 1|.

    >>> import lamina.numpy as lnp
    >>> lnp.bartlett(5)
    Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    return _window("bartlett", np.bartlett, M)


def blackman(M: int) -> Array:
    """0.42 − 0.5 cos(2πk / (M − 1)) + 0.08 cos(4πk / (M − 1)), for k = 0 … M − 1.

    >>> import lamina.numpy as lnp
    >>> lnp.round(lnp.blackman(5), 2)
    Array([-0.  ,  0.34,  1.  ,  0.34, -0.  ], dtype=float32)
    """
    return _window("blackman", np.blackman, M)


def hamming(M: int) -> Array:
    """0.54 − 0.46 cos(2πk / (M − 1)), for k = 0 … M − 1.

    >>> import lamina.numpy as lnp
    >>> lnp.round(lnp.hamming(5), 2)
    Array([0.08, 0.54, 1.  , 0.54, 0.08], dtype=float32)
    """
    return _window("hamming", np.hamming, M)


def hanning(M: int) -> Array:
    """0.5 − 0.5 cos(2πk / (M − 1)), for k = 0 … M − 1.

    >>> import lamina.numpy as lnp
    >>> lnp.hanning(5)
    Array([0. , 0.5, 1. , 0.5, 0. ], dtype=float32)
    """
    return _window("hanning", np.hanning, M)


def kaiser(M: int, beta: Any) -> Array:
    """Kaiser's window of M points: I₀(β √(1 − (2k / (M − 1) − 1)²)) / I₀(β), for k = 0 … M − 1; β may be traced.

    >>> import lamina.numpy as lnp
    >>> lnp.kaiser(3, 2.0)
    Array([0.43867627, 1.        , 0.43867627], dtype=float32)
    """
    count = _points("kaiser", M)
    height = np.sqrt(1 - np.linspace(-1, 1, count) ** 2) if count > 1 else np.ones(max(count, 0))
    beta = asarray(beta, dtype=dtypes.canonicalize_dtype(float))
    return i0(beta * height.astype(beta.dtype)) / i0(beta)

"""Sums of exponentials, as SciPy calls them."""

from __future__ import annotations

from typing import Any

from lamina import nn
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.nn import logsumexp as logsumexp


@api_boundary
def softmax(x: Any, /, *, axis: Any = None) -> Array:
    """eˣ / Σ eˣ over the axes, by default all.

    >>> import lamina.numpy as lnp
    >>> softmax(lnp.array([0.0, 0.0]))
    Array([0.5, 0.5], dtype=float32)
    """
    return nn.softmax(x, axis=axis)


@api_boundary
def log_softmax(x: Any, /, *, axis: Any = None) -> Array:
    """Logarithm of softmax over the axes, by default all, accurate where softmax is tiny.

    >>> import lamina.numpy as lnp
    >>> log_softmax(lnp.array([0.0, 1000.0]))
    Array([-1000.,     0.], dtype=float32)
    """
    return nn.log_softmax(x, axis=axis)

"""Taking trends out of signals."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import normal_axis, promoted


def detrend(
    data: Any, axis: int = -1, type: str = "linear", bp: int | Sequence[int] = 0, overwrite_data: None = None
) -> Array:
    """The data without their mean ("constant") or their line of least squares ("linear") along an axis.

    `bp`: positions at which another line begins.

    >>> import lamina.numpy as lnp
    >>> detrend(lnp.array([1.0, 2.0, 3.0, 3.0]), type="constant")
    Array([-1.25, -0.25,  0.75,  0.75], dtype=float32)
    """
    name = "scipy.signal.detrend"
    if overwrite_data is not None:
        raise NotImplementedError(f"`{name}`: there is no overwrite_data, because arrays are immutable.")
    if type not in ("constant", "linear"):
        raise ValueError(f'`{name}`: the type is "constant" or "linear", not {type!r}.')
    (x,) = promoted(name, data, names=("data",), inexact=True)
    axis = normal_axis(name, axis, x.ndim)
    if type == "constant":
        return x - lnp.mean(x, axis, keepdims=True)
    size = x.shape[axis]
    edges = np.unique(np.concatenate([[0], np.atleast_1d(bp), [size]])).tolist()
    if edges[0] < 0 or edges[-1] > size:
        raise ValueError(f"`{name}`: the positions bp must lie between 0 and the size {size} of the axis, not {bp!r}.")
    x = lnp.moveaxis(x, axis, -1)
    parts = [_without_line(x[..., first:last]) for first, last in itertools.pairwise(edges)]
    return lnp.moveaxis(lnp.concatenate(parts, -1) if parts else x, -1, axis)


def _without_line(x: Array) -> Array:
    """Along the last axis, whose positions are centered, so that mean and slope are independent."""
    size = x.shape[-1]
    place = lnp.asarray(np.arange(size) - (size - 1) / 2, x.dtype)
    square = max(float(np.sum((np.arange(size) - (size - 1) / 2) ** 2)), 1e-30)
    slope = lnp.sum(x * place, -1, keepdims=True) / square
    return x - lnp.mean(x, -1, keepdims=True) - slope * place

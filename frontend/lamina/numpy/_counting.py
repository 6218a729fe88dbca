"""Counting equal numbers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.devices import refuse_sharding
from lamina.numpy import _elementwise as e
from lamina.numpy._operands import converted, filled, operand
from lamina.numpy._taking import known_value
from lamina.numpy._updates import IndexUpdateRef


def bincount(
    x: Any, weights: Any = None, minlength: int = 0, *, length: int | None = None, out_sharding: Any = None
) -> Array:
    """How often 0, 1, 2, … occur; with weights: the sum of the weights of each.

    Args:
        x: one-dimensional integers; negative ones count as 0.
        weights: one for each element of `x`.
        minlength: the least length of the result, which else is that of the largest number, plus 1.
        length: the length of the result; larger numbers are not counted. Needed where `x` is not known yet.

    >>> import lamina.numpy as lnp
    >>> lnp.bincount(lnp.array([1, 1, 3]))
    Array([0, 2, 0, 1], dtype=int32)
    """
    refuse_sharding("lnp.bincount", out_sharding)
    x = operand("bincount", x, "x")
    x = converted(x, np.dtype(np.int32)) if x.dtype.kind == "b" else x
    if x.dtype.kind not in "iu":
        raise TypeError(f"lnp.bincount: `x` must hold integers, not {x.dtype}")
    if x.ndim != 1:
        raise errors.ShapeError("lnp.bincount", "`x` must be one-dimensional", x=x.shape)
    minlength = operator.index(minlength)
    if length is None:
        value = known_value(x, "`lnp.bincount` without length=", "Give the length of the result: length=...")
        length = max(minlength, int(value.max()) + 1 if value.size else 0)
    if weights is None:
        weights = filled((), 1, dtypes.canonicalize_dtype(int))
    else:
        weights = operand("bincount", weights, "weights")
        if weights.shape != x.shape:
            raise errors.ShapeError("lnp.bincount", "there must be a weight for each", x=x.shape, weights=weights.shape)
    nothing = filled((operator.index(length),), 0, weights.dtype)
    return IndexUpdateRef(nothing, e.maximum(x, 0)).add(weights, mode="drop", wrap_negative_indices=False)

"""Which element each element of a repeated array comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array, from_numpy
from lamina.numpy import _elementwise as e
from lamina.numpy._operands import converted, expanded, operand
from lamina.numpy._scans import cumsum
from lamina.numpy._steps import reshaped
from lamina.numpy._taking import known_value
from lamina.numpy._updates import IndexUpdateRef
from lamina.tracer import Tracer

_CURE = "Give the length of the result: total_repeat_length=..."


def source_of_each(repeats: Any, size: int, length: int | None) -> Array:
    """Positions 0 … size − 1, each as often as `repeats` says; cut off, or padded with the last, to the length."""
    counts = operand("repeat", np.asarray(repeats) if isinstance(repeats, (list, tuple)) else repeats, "repeats")
    if counts.dtype.kind not in "iub" or counts.ndim > 1 or (counts.size not in (1, size)):
        problem = "`repeats` is an int, or one int for each element"
        raise errors.ShapeError("lnp.repeat", problem, a=(size,), repeats=counts.shape)
    counts = expanded(reshaped(converted(counts, np.dtype(np.int32)), (counts.size,)), (size,))
    value = counts.known() if isinstance(counts, Tracer) else np.asarray(counts)
    if length is None or value is not None:
        value = known_value(counts, "`lnp.repeat`", _CURE)
        found = np.repeat(np.arange(size, dtype=np.int32), np.maximum(value, 0))
        if length is not None:
            found = np.pad(found[:length], (0, max(length - len(found), 0)), constant_values=max(size - 1, 0))
        return from_numpy(found)
    starts = e.subtract(cumsum(counts), counts)
    begun = IndexUpdateRef(from_numpy(np.zeros(length, np.int32)), starts).add(1, wrap_negative_indices=False)
    return e.subtract(cumsum(begun), 1)

"""The steps that functions on shapes are made of: each at most one operation."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from lamina.array import Array
from lamina.binding import bind
from lamina.numpy._operands import (
    Shape,
)
from lamina_compiler.opdef import REGISTRY

_RESHAPE, _TRANSPOSE, _SLICE, _CONCATENATE = (REGISTRY[n] for n in ("reshape", "transpose", "slice", "concatenate"))

# ---- steps the functions are made of --------------------------------------------------------------------------------


def reshaped(x: Array, shape: Shape) -> Array:
    """The array with a shape of the same size."""
    return x if x.shape == shape else bind(_RESHAPE, x, weak_type=x.weak_type, shape=shape)


def permuted(x: Array, permutation: Sequence[int]) -> Array:
    """The array with its axes in another order."""
    order = tuple(permutation)
    return x if order == tuple(range(x.ndim)) else bind(_TRANSPOSE, x, weak_type=x.weak_type, permutation=order)


def sliced(x: Array, axis: int, start: int, limit: int, stride: int = 1) -> Array:
    """Elements start, start + stride, … below limit along one axis."""
    if (start, limit, stride) == (0, x.shape[axis], 1):
        return x
    starts, limits, strides = [0] * x.ndim, list(x.shape), [1] * x.ndim
    starts[axis], limits[axis], strides[axis] = start, limit, stride
    return bind(_SLICE, x, weak_type=x.weak_type, start=tuple(starts), limit=tuple(limits), strides=tuple(strides))


def reversed_along(x: Array, axes: Sequence[int]) -> Array:
    """Elements in reverse order along the axes."""
    return bind(REGISTRY["rev"], x, weak_type=x.weak_type, dimensions=tuple(axes)) if axes else x


def joined(arrays: Sequence[Array], axis: int) -> Array:
    """Arrays of one dtype joined in a balanced tree, which the lowering turns into one operation."""
    arrays = list(arrays)
    while len(arrays) > 1:
        pairs = [arrays[i : i + 2] for i in range(0, len(arrays), 2)]
        arrays = [
            bind(_CONCATENATE, *pair, weak_type=builtins.all(x.weak_type for x in pair), dimension=axis)
            if len(pair) > 1
            else pair[0]
            for pair in pairs
        ]
    return arrays[0]

"""Shapes, and the order of axes and elements."""

from __future__ import annotations

import builtins
import math
import operator
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.devices import refuse_sharding
from lamina.numpy._operands import (
    Shape,
    normal_axes,
    normal_axis,
    operand,
)
from lamina.numpy._steps import permuted, reshaped, reversed_along

# ---- shape ----------------------------------------------------------------------------------------------------------


def reshape(a: Any, shape: Any, order: str = "C", *, copy: bool | None = None, out_sharding: Any = None) -> Array:
    """The same elements in another shape; one size may be −1: it follows from the others.

    Raises: ShapeError where the sizes differ.

    >>> import lamina.numpy as lnp
    >>> lnp.reshape(lnp.arange(6), (2, -1))
    Array([[0, 1, 2],
           [3, 4, 5]], dtype=int32)
    """
    refuse_sharding("lnp.reshape", out_sharding)
    a = operand("reshape", a, "a")
    if order not in ("C", "F"):
        raise NotImplementedError(f"lnp.reshape: order is 'C' or 'F', not {order!r}")
    target = _completed(a, shape)
    if order == "C":
        return reshaped(a, target)
    return permuted(reshaped(permuted(a, range(a.ndim)[::-1]), target[::-1]), range(len(target))[::-1])


def _completed(a: Array, shape: Any) -> Shape:
    """The wanted shape, with −1 filled in."""
    sizes = [operator.index(n) for n in (shape if isinstance(shape, (tuple, list)) else np.atleast_1d(shape).tolist())]
    known = math.prod(n for n in sizes if n != -1)
    unknown = sizes.count(-1)
    if unknown == 1 and known and a.size % known == 0:
        sizes[sizes.index(-1)] = a.size // known
    if unknown > 1 or builtins.any(n < 0 for n in sizes) or math.prod(sizes) != a.size:
        problem = f"an array of {a.size} elements does not fit into the shape {tuple(sizes)}"
        raise errors.ShapeError("lnp.reshape", problem, a=a.shape)
    return tuple(sizes)


def ravel(a: Any, order: str = "C", *, out_sharding: Any = None) -> Array:
    """All elements as a vector.

    >>> import lamina.numpy as lnp
    >>> lnp.ravel(lnp.array([[1, 2], [3, 4]]))
    Array([1, 2, 3, 4], dtype=int32)
    """
    refuse_sharding("lnp.ravel", out_sharding)
    return reshape(a, (-1,) if operand("ravel", a, "a").size else (0,), "C" if order in ("K", "A") else order)


def squeeze(a: Any, axis: Any = None) -> Array:
    """The array without axes of size 1: all of them, or those given.

    >>> import lamina.numpy as lnp
    >>> lnp.squeeze(lnp.zeros((1, 3, 1))).shape
    (3,)
    """
    a = operand("squeeze", a, "a")
    axes = [d for d, n in enumerate(a.shape) if n == 1] if axis is None else normal_axes("squeeze", axis, a.ndim)
    if builtins.any(a.shape[d] != 1 for d in axes):
        raise errors.ShapeError("lnp.squeeze", f"the axes {tuple(axes)} do not all have the size 1", a=a.shape)
    return reshaped(a, tuple(n for d, n in enumerate(a.shape) if d not in axes))


def expand_dims(a: Any, axis: Any) -> Array:
    """The array with new axes of size 1 at the given places of the result.

    >>> import lamina.numpy as lnp
    >>> lnp.expand_dims(lnp.ones(3), (0, 2)).shape
    (1, 3, 1)
    """
    a = operand("expand_dims", a, "a")
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = normal_axes("expand_dims", tuple(axes), a.ndim + len(axes))
    sizes = iter(a.shape)
    return reshaped(a, tuple(1 if d in axes else next(sizes) for d in range(a.ndim + len(axes))))


def atleast_1d(*arys: Any) -> Any:
    """The arrays, numbers with one axis of size 1.

    >>> import lamina.numpy as lnp
    >>> lnp.atleast_1d(lnp.array(3))
    Array([3], dtype=int32, weak_type=True)
    """
    return _each("atleast_1d", arys, lambda x: (1,) if x.ndim == 0 else x.shape)


def atleast_2d(*arys: Any) -> Any:
    """The arrays with at least two axes; new ones stand in front.

    >>> import lamina.numpy as lnp
    >>> lnp.atleast_2d(lnp.array([1, 2]))
    Array([[1, 2]], dtype=int32)
    """
    return _each("atleast_2d", arys, lambda x: (1,) * (2 - x.ndim) + x.shape)


def atleast_3d(*arys: Any) -> Any:
    """The arrays with at least three axes; a vector gets one on both sides, a matrix one behind.

    >>> import lamina.numpy as lnp
    >>> lnp.atleast_3d(lnp.ones(4)).shape, lnp.atleast_3d(lnp.ones((4, 5))).shape
    ((1, 4, 1), (4, 5, 1))
    """
    shapes = {0: lambda s: (1, 1, 1), 1: lambda s: (1, *s, 1), 2: lambda s: (*s, 1)}
    return _each("atleast_3d", arys, lambda x: shapes.get(x.ndim, lambda s: s)(x.shape))


def _each(function: str, arrays: Any, shape: Any) -> Any:
    results = [reshaped(x, shape(x)) for x in (operand(function, a, f"arys[{i}]") for i, a in enumerate(arrays))]
    return results[0] if len(results) == 1 else results


# ---- order of the axes ----------------------------------------------------------------------------------------------


def transpose(a: Any, axes: Any = None) -> Array:
    """The axes in another order; by default reversed.

    >>> import lamina.numpy as lnp
    >>> lnp.transpose(lnp.zeros((2, 3, 4)), (1, 2, 0)).shape
    (3, 4, 2)
    """
    a = operand("transpose", a, "a")
    if axes is None:
        return permuted(a, range(a.ndim)[::-1])
    order = normal_axes("transpose", tuple(axes), a.ndim)
    if len(order) != a.ndim:
        raise errors.ShapeError("lnp.transpose", f"the axes {tuple(axes)} must name every axis once", a=a.shape)
    return permuted(a, order)


def permute_dims(a: Any, /, axes: tuple[int, ...]) -> Array:
    """The axes in another order.

    >>> import lamina.numpy as lnp
    >>> lnp.permute_dims(lnp.ones((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    return transpose(a, axes)


def matrix_transpose(x: Any, /) -> Array:
    """The last two axes swapped.

    >>> import lamina.numpy as lnp
    >>> lnp.matrix_transpose(lnp.ones((5, 2, 3))).shape
    (5, 3, 2)
    """
    x = operand("matrix_transpose", x)
    if x.ndim < 2:
        raise errors.ShapeError("lnp.matrix_transpose", "the operand must be a matrix or a stack of them", x=x.shape)
    return swapaxes(x, -1, -2)


def swapaxes(a: Any, axis1: int, axis2: int) -> Array:
    """Two axes exchanged.

    >>> import lamina.numpy as lnp
    >>> lnp.swapaxes(lnp.ones((2, 3, 4)), 0, 2).shape
    (4, 3, 2)
    """
    a = operand("swapaxes", a, "a")
    order = list(range(a.ndim))
    i, j = normal_axis("swapaxes", axis1, a.ndim), normal_axis("swapaxes", axis2, a.ndim)
    order[i], order[j] = j, i
    return permuted(a, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Array:
    """Axes moved to other places; the others keep their order.

    >>> import lamina.numpy as lnp
    >>> lnp.moveaxis(lnp.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    a = operand("moveaxis", a, "a")
    sources, destinations = (normal_axes("moveaxis", axes, a.ndim) for axes in (source, destination))
    if len(sources) != len(destinations):
        raise ValueError(f"lnp.moveaxis: {len(sources)} source axes for {len(destinations)} destinations")
    order = [d for d in range(a.ndim) if d not in sources]
    for place, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return permuted(a, order)


def rollaxis(a: Any, axis: int, start: int = 0) -> Array:
    """An axis moved in front of the axis `start`.

    >>> import lamina.numpy as lnp
    >>> lnp.rollaxis(lnp.ones((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    a = operand("rollaxis", a, "a")
    axis = normal_axis("rollaxis", axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    return moveaxis(a, axis, start - (axis < start))


def flip(m: Any, axis: Any = None) -> Array:
    """Elements in reverse order along the axes (all by default).

    >>> import lamina.numpy as lnp
    >>> lnp.flip(lnp.array([[1, 2], [3, 4]]))
    Array([[4, 3],
           [2, 1]], dtype=int32)
    """
    m = operand("flip", m, "m")
    return reversed_along(m, normal_axes("flip", axis, m.ndim))


def flipud(m: Any) -> Array:
    """Rows in reverse order.

    >>> import lamina.numpy as lnp
    >>> lnp.flipud(lnp.array([[1, 2], [3, 4]]))
    Array([[3, 4],
           [1, 2]], dtype=int32)
    """
    return flip(m, 0)


def fliplr(m: Any) -> Array:
    """Columns in reverse order.

    >>> import lamina.numpy as lnp
    >>> lnp.fliplr(lnp.array([[1, 2], [3, 4]]))
    Array([[2, 1],
           [4, 3]], dtype=int32)
    """
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """The array turned k times by 90°, from the first of the axes towards the second.

    >>> import lamina.numpy as lnp
    >>> lnp.rot90(lnp.array([[1, 2], [3, 4]]))
    Array([[2, 4],
           [1, 3]], dtype=int32)
    """
    m = operand("rot90", m, "m")
    first, second = normal_axes("rot90", tuple(axes), m.ndim)
    match k % 4:
        case 1:
            return swapaxes(flip(m, second), first, second)
        case 2:
            return flip(m, (first, second))
        case 3:
            return flip(swapaxes(m, first, second), second)
    return m


# ---- sizes ----------------------------------------------------------------------------------------------------------


def size(a: Any, axis: Any = None) -> int:
    """Number of elements, or along an axis (or several). A list counts as an array here.

    >>> import lamina.numpy as lnp
    >>> lnp.size(lnp.ones((2, 3)))
    6
    """
    sizes = shape(a)
    return math.prod(sizes[d] for d in normal_axes("size", axis, len(sizes)))


def shape(a: Any) -> Shape:
    """The shape. A list counts as an array here.

    >>> import lamina.numpy as lnp
    >>> lnp.shape(lnp.ones((2, 3)))
    (2, 3)
    """
    return _listed("shape", a).shape


def ndim(a: Any) -> int:
    """Number of axes. A list counts as an array here.

    >>> import lamina.numpy as lnp
    >>> lnp.ndim(lnp.ones((2, 3)))
    2
    """
    return _listed("ndim", a).ndim


def _listed(function: str, a: Any) -> Array | np.ndarray:
    return np.asarray(a) if isinstance(a, (list, tuple)) else operand(function, a, "a")

"""Shapes: broadcasting, reshaping, joining, splitting, and arrays made from a shape."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, from_numpy
from lamina.binding import bind
from lamina.devices import placed, refuse_sharding
from lamina.lax._operands import as_dtype, as_operand, axis_in, broadcast_scalar, ints, same_dtype
from lamina.tracer import reweighed
from lamina_compiler.opdef import REGISTRY

# ---- broadcasting ---------------------------------------------------------------------------------------------------


def broadcast_in_dim(
    operand: Any, shape: Sequence[int], broadcast_dimensions: Sequence[int], *, out_sharding: Any = None
) -> Array:
    """Repeat the operand: its dimension i becomes dimension broadcast_dimensions[i] of the result.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.broadcast_in_dim(lnp.array([1, 2]), (2, 3), (0,))
    Array([[1, 1, 1],
           [2, 2, 2]], dtype=int32)
    """
    refuse_sharding("lax.broadcast_in_dim", out_sharding)
    x, shape, dimensions = as_operand("broadcast_in_dim", operand), ints(shape), ints(broadcast_dimensions)
    if shape == x.shape and dimensions == tuple(range(x.ndim)):
        return x
    return bind(REGISTRY["broadcast_in_dim"], x, weak_type=x.weak_type, shape=shape, dimensions=dimensions)


def broadcast(operand: Any, sizes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """New leading dimensions of the given sizes.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.broadcast(lnp.array([1, 2]), (2,))
    Array([[1, 2],
           [1, 2]], dtype=int32)
    """
    x, sizes = as_operand("broadcast", operand), ints(sizes)
    dimensions = range(len(sizes), len(sizes) + x.ndim)
    return broadcast_in_dim(x, (*sizes, *x.shape), dimensions, out_sharding=out_sharding)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape several shapes broadcast to.

    >>> from lamina import lax
    >>> lax.broadcast_shapes((2, 1), (3,))
    (2, 3)
    """
    from lamina.numpy._operands import broadcast_shape

    return broadcast_shape("broadcast_shapes", [ints(s) for s in shapes], [f"shape{i}" for i in range(len(shapes))])


def broadcast_to_rank(x: Any, rank: int) -> Array:
    """New leading dimensions of size 1, up to a rank.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.broadcast_to_rank(lnp.ones(3), 3).shape
    (1, 1, 3)
    """
    x = as_operand("broadcast_to_rank", x, "x")
    return expand_dims(x, range(rank - x.ndim))


def broadcast_like(arr: Any, like_arr: Any) -> Array:
    """The array repeated to the shape of another, by NumPy's rules.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.broadcast_like(lnp.array([1, 2]), lnp.zeros((2, 2)))
    Array([[1, 2],
           [1, 2]], dtype=int32)
    """
    x, shape = as_operand("broadcast_like", arr, "arr"), as_operand("broadcast_like", like_arr, "like_arr").shape
    return broadcast_in_dim(x, shape, range(len(shape) - x.ndim, len(shape)))


# ---- reshaping ------------------------------------------------------------------------------------------------------


def reshape(
    operand: Any, new_sizes: Sequence[int], dimensions: Sequence[int] | None = None, *, out_sharding: Any = None
) -> Array:
    """The same elements in row-major order with another shape; `dimensions` transposes first.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.reshape(lnp.arange(4), (2, 2))
    Array([[0, 1],
           [2, 3]], dtype=int32)
    """
    refuse_sharding("lax.reshape", out_sharding)
    x = as_operand("reshape", operand)
    if dimensions is not None:
        x = transpose(x, dimensions)
    shape = ints(new_sizes)
    return x if shape == x.shape else bind(REGISTRY["reshape"], x, weak_type=x.weak_type, shape=shape)


def expand_dims(array: Any, dimensions: Sequence[int]) -> Array:
    """New dimensions of size 1 at the given places of the result.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.expand_dims(lnp.ones((2, 3)), (0, 3)).shape
    (1, 2, 3, 1)
    """
    x = as_operand("expand_dims", array, "array")
    rank = x.ndim + len(dimensions)
    places = {axis_in("expand_dims", d, rank) for d in dimensions}
    if len(places) != len(dimensions):
        raise ValueError(f"lax.expand_dims: the dimensions {tuple(dimensions)} repeat one")
    sizes = iter(x.shape)
    return reshape(x, [1 if d in places else next(sizes) for d in range(rank)])


def squeeze(array: Any, dimensions: Sequence[int]) -> Array:
    """The array without the given dimensions, of size 1.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.squeeze(lnp.ones((1, 3, 1)), (0,)).shape
    (3, 1)
    """
    x = as_operand("squeeze", array, "array")
    gone = {axis_in("squeeze", d, x.ndim) for d in dimensions}
    if any(x.shape[d] != 1 for d in gone):
        raise errors.ShapeError(
            "lax.squeeze", f"the dimensions {tuple(dimensions)} must have the size 1", array=x.shape
        )
    return reshape(x, [n for d, n in enumerate(x.shape) if d not in gone])


def collapse(operand: Any, start_dimension: int, stop_dimension: int | None = None) -> Array:
    """Neighbouring dimensions, start … stop − 1, as one.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.collapse(lnp.zeros((2, 3, 4)), 0, 2).shape
    (6, 4)
    """
    x = as_operand("collapse", operand)
    start, stop, _ = slice(start_dimension, stop_dimension).indices(x.ndim)
    if stop < start:
        raise ValueError(f"lax.collapse: stop_dimension {stop_dimension} lies before start_dimension {start_dimension}")
    return reshape(x, (*x.shape[:start], math.prod(x.shape[start:stop]), *x.shape[stop:]))


def transpose(operand: Any, permutation: Sequence[int]) -> Array:
    """Dimensions in another order.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.transpose(lnp.ones((2, 3, 4)), (2, 0, 1)).shape
    (4, 2, 3)
    """
    x, permutation = as_operand("transpose", operand), ints(permutation)
    if permutation == tuple(range(x.ndim)):
        return x
    return bind(REGISTRY["transpose"], x, weak_type=x.weak_type, permutation=permutation)


def rev(operand: Any, dimensions: Sequence[int]) -> Array:
    """Elements in reverse order along the dimensions.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.rev(lnp.array([[1, 2], [3, 4]]), (1,))
    Array([[2, 1],
           [4, 3]], dtype=int32)
    """
    x = as_operand("rev", operand)
    return bind(REGISTRY["rev"], x, weak_type=x.weak_type, dimensions=ints(dimensions)) if len(dimensions) else x


# ---- joining, splitting, padding ------------------------------------------------------------------------------------


def pad(operand: Any, padding_value: Any, padding_config: Sequence[tuple[int, int, int]]) -> Array:
    """Pad by (low, high, interior) in every dimension; negative low and high cut off.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.pad(lnp.array([1, 2, 3]), 0, [(1, -1, 1)])
    Array([0, 1, 0, 2, 0], dtype=int32)
    """
    x, value = same_dtype("pad", operand, padding_value, names=("operand", "padding_value"))
    if value.shape:
        raise errors.ShapeError("lax.pad", "the padding value must be a scalar", padding_value=value.shape)
    low, high, interior = (ints([c[i] for c in padding_config]) for i in range(3))
    return bind(
        REGISTRY["pad"], x, value, weak_type=x.weak_type and value.weak_type, low=low, high=high, interior=interior
    )


def concatenate(operands: Sequence[Any], dimension: int) -> Array:
    """Arrays joined along a dimension, pairwise in a balanced tree (lowered to one operation).

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.concatenate([lnp.array([1, 2]), lnp.array([3])], 0)
    Array([1, 2, 3], dtype=int32)
    """
    if not len(operands):
        raise ValueError("lax.concatenate needs at least one array")
    names = [f"operands[{i}]" for i in range(len(operands))]
    arrays = same_dtype("concatenate", *operands, names=names)
    while len(arrays) > 1:
        arrays = [_joined(arrays[i : i + 2], operator.index(dimension)) for i in range(0, len(arrays), 2)]
    return arrays[0]


def _joined(pair: Sequence[Array], dimension: int) -> Array:
    if len(pair) == 1:
        return pair[0]
    return bind(REGISTRY["concatenate"], *pair, weak_type=all(x.weak_type for x in pair), dimension=dimension)


def stack(operands: Sequence[Any], axis: int = 0) -> Array:
    """Arrays of one shape joined along a new axis.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.stack([lnp.array([1, 2]), lnp.array([3, 4])])
    Array([[1, 2],
           [3, 4]], dtype=int32)
    """
    if not len(operands):
        raise ValueError("lax.stack needs at least one array")
    arrays = [as_operand("stack", x, f"operands[{i}]") for i, x in enumerate(operands)]
    place = axis_in("stack", axis, arrays[0].ndim + 1)
    return concatenate([expand_dims(x, (place,)) for x in arrays], place)


def split(operand: Any, sizes: Sequence[int], axis: int = 0) -> list[Array]:
    """The array cut along an axis into parts of the given sizes, which must add up to its size.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.split(lnp.arange(5), (2, 3))
    [Array([0, 1], dtype=int32), Array([2, 3, 4], dtype=int32)]
    """
    x, sizes = as_operand("split", operand), ints(sizes)
    axis = axis_in("split", axis, x.ndim)
    if sum(sizes) != x.shape[axis] or min(sizes, default=0) < 0:
        raise errors.ShapeError("lax.split", f"the sizes {sizes} must add up to that of axis {axis}", operand=x.shape)
    ends = [0, *itertools.accumulate(sizes)]
    return [_part(x, axis, start, limit) for start, limit in itertools.pairwise(ends)]


def unstack(x: Any, axis: int = 0) -> tuple[Array, ...]:
    """The arrays along an axis, which they no longer have.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.unstack(lnp.array([[1, 2], [3, 4]]))
    (Array([1, 2], dtype=int32), Array([3, 4], dtype=int32))
    """
    x = as_operand("unstack", x, "x")
    place = axis_in("unstack", axis, x.ndim)
    return tuple(squeeze(part, (place,)) for part in split(x, (1,) * x.shape[place], place))


def _part(x: Array, axis: int, start: int, limit: int) -> Array:
    starts, limits = [0] * x.ndim, list(x.shape)
    starts[axis], limits[axis] = start, limit
    strides = (1,) * x.ndim
    return bind(REGISTRY["slice"], x, weak_type=x.weak_type, start=tuple(starts), limit=tuple(limits), strides=strides)


def tile(operand: Any, reps: Sequence[int]) -> Array:
    """The array laid out reps[d] times along every dimension d.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.tile(lnp.array([[1, 2]]), (2, 2))
    Array([[1, 2, 1, 2],
           [1, 2, 1, 2]], dtype=int32)
    """
    x, reps = as_operand("tile", operand), ints(reps)
    if len(reps) != x.ndim:
        raise ValueError(f"lax.tile: {len(reps)} repetitions for an array of rank {x.ndim}")
    if min(reps, default=0) < 0:
        raise ValueError(f"lax.tile: the repetitions {reps} must not be negative")
    between = [n for pair in zip(reps, x.shape, strict=True) for n in pair]
    spread = broadcast_in_dim(x, between, range(1, 2 * x.ndim, 2))
    return reshape(spread, [n * r for n, r in zip(x.shape, reps, strict=True)])


# ---- arrays of a shape ----------------------------------------------------------------------------------------------


def iota(dtype: Any, size: int) -> Array:
    """0, 1, …, size − 1.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.iota(lnp.int32, 4)
    Array([0, 1, 2, 3], dtype=int32)
    """
    return broadcasted_iota(dtype, (size,), 0)


def broadcasted_iota(dtype: Any, shape: Sequence[int], dimension: int, *, out_sharding: Any = None) -> Array:
    """0, 1, 2, … along a dimension, the same along the others.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.broadcasted_iota(lnp.int32, (2, 3), 1)
    Array([[0, 1, 2],
           [0, 1, 2]], dtype=int32)
    """
    refuse_sharding("lax.broadcasted_iota", out_sharding)
    dtype = dtypes.check_user_dtype_supported(dtype, "iota")
    return bind(REGISTRY["iota"], shape=ints(shape), dimension=operator.index(dimension), dtype=dtype)


def full(shape: Sequence[int], fill_value: Any, dtype: Any = None, *, sharding: Any = None) -> Array:
    """An array filled with one value.

    >>> import lamina.lax as lax
    >>> lax.full((2, 2), 7.0)
    Array([[7., 7.],
           [7., 7.]], dtype=float32, weak_type=True)
    """
    weak = dtype is None and dtypes.is_weakly_typed(fill_value)
    value = as_operand("full", fill_value, "fill_value")
    if value.shape:
        raise errors.ShapeError("lax.full", "the value must be a scalar", fill_value=value.shape)
    target = value.dtype if dtype is None else dtypes.check_user_dtype_supported(dtype, "full")
    return placed(reweighed(broadcast_scalar(as_dtype(value, target), ints(shape)), weak), sharding)


def full_like(
    x: Any, fill_value: Any, dtype: Any = None, shape: Sequence[int] | None = None, sharding: Any = None
) -> Array:
    """An array filled with one value, of the shape and dtype of `x` unless others are given.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.full_like(lnp.array([1, 2]), 7)
    Array([7, 7], dtype=int32)
    """
    weak = dtype is None and dtypes.is_weakly_typed(x)
    target = dtypes.dtype(x) if dtype is None else dtypes.check_user_dtype_supported(dtype, "full_like")
    sizes = np.shape(x) if shape is None else shape
    return placed(reweighed(full(sizes, fill_value, target), weak), sharding)


def empty(shape: Any, dtype: Any, *, out_sharding: Any = None) -> Array:
    """Zeros: there are no uninitialized arrays.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.empty((2,), lnp.float32)
    Array([0., 0.], dtype=float32)
    """
    refuse_sharding("lax.empty", out_sharding)
    return full((shape,) if isinstance(shape, int) else shape, 0, dtype)


def shape_as_value(shape: Sequence[int]) -> Array:
    """A shape as a vector of int32.

    >>> import lamina.lax as lax
    >>> lax.shape_as_value((2, 3))
    Array([2, 3], dtype=int32)
    """
    return from_numpy(np.array(ints(shape), np.int32))


def dtype(x: Any) -> np.dtype:
    """The dtype of an array or number.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.dtype(lnp.ones(2)), lax.dtype(1)
    (dtype('float32'), dtype('int32'))
    """
    return dtypes.dtype(x)

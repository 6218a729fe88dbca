"""Windows of arrays: with bounds known when the program is traced, and with start indices known when it runs."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_dtype, as_operand, axis_in, ints, same_dtype
from lamina.lax._shapes import concatenate, expand_dims, reshape, squeeze
from lamina_compiler.opdef import REGISTRY


def slice(
    operand: Any, start_indices: Sequence[int], limit_indices: Sequence[int], strides: Sequence[int] | None = None
) -> Array:
    """Elements start, start + stride, … below limit, in every dimension.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.slice(lnp.arange(10), (1,), (8,), (3,))
    Array([1, 4, 7], dtype=int32)
    """
    x = as_operand("slice", operand)
    return bind(
        REGISTRY["slice"], x, weak_type=x.weak_type, start=ints(start_indices), limit=ints(limit_indices),
        strides=(1,) * x.ndim if strides is None else ints(strides),
    )  # fmt: skip


def slice_in_dim(
    operand: Any, start_index: int | None, limit_index: int | None, stride: int = 1, axis: int = 0
) -> Array:
    """`slice` along one axis; None means from the start or to the end, negative counts from the end.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.slice_in_dim(lnp.array([[1, 2, 3], [4, 5, 6]]), 0, 2, axis=1)
    Array([[1, 2],
           [4, 5]], dtype=int32)
    """
    x = as_operand("slice_in_dim", operand)
    axis = axis_in("slice_in_dim", axis, x.ndim)
    size = x.shape[axis]
    first, last = (0 if start_index is None else start_index), (size if limit_index is None else limit_index)
    first, last = (i + size if i < 0 else i for i in ints((first, last)))
    start, limit, strides = [0] * x.ndim, list(x.shape), [1] * x.ndim
    start[axis], limit[axis], strides[axis] = first, last, operator.index(stride)
    return slice(x, start, limit, strides)


def index_in_dim(operand: Any, index: int, axis: int = 0, keepdims: bool = True) -> Array:
    """The slice of size 1 at an index along one axis; negative counts from the end.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.index_in_dim(lnp.array([[1, 2], [3, 4]]), -1, keepdims=False)
    Array([3, 4], dtype=int32)
    """
    x, index = as_operand("index_in_dim", operand), operator.index(index)
    axis = axis_in("index_in_dim", axis, x.ndim)
    size = x.shape[axis]
    if not -size <= index < size:
        raise errors.IndexOutOfBoundsError(index, axis, size)
    part = slice_in_dim(x, index % size, index % size + 1, 1, axis)
    return part if keepdims else squeeze(part, (axis,))


Wrap = Any  # a bool, or one for each dimension


def dynamic_slice(
    operand: Any, start_indices: Any, slice_sizes: Sequence[int], *, allow_negative_indices: Wrap = True
) -> Array:
    """The window of the given sizes at run-time indices (scalars, or one vector).

    Negative indices count from the end (where `allow_negative_indices`); a window that sticks out is moved inside.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.dynamic_slice(lnp.arange(5), (9,), (2,))
    Array([3, 4], dtype=int32)
    """
    x = as_operand("dynamic_slice", operand)
    start = _start_vector("dynamic_slice", start_indices, x.shape, allow_negative_indices)
    return bind(REGISTRY["dynamic_slice"], x, start, weak_type=x.weak_type, sizes=ints(slice_sizes), batch_dimensions=0)


def dynamic_slice_in_dim(
    operand: Any, start_index: Any, slice_size: int, axis: int = 0, *, allow_negative_indices: bool = True
) -> Array:
    """`dynamic_slice` along one axis.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.dynamic_slice_in_dim(lnp.arange(5), 3, 3)
    Array([2, 3, 4], dtype=int32)
    """
    x = as_operand("dynamic_slice_in_dim", operand)
    axis = axis_in("dynamic_slice_in_dim", axis, x.ndim)
    sizes = list(x.shape)
    sizes[axis] = slice_size
    start = _start_along(axis, start_index, x.ndim)
    return dynamic_slice(x, start, sizes, allow_negative_indices=allow_negative_indices)


def dynamic_index_in_dim(
    operand: Any, index: Any, axis: int = 0, keepdims: bool = True, *, allow_negative_indices: bool = True
) -> Array:
    """The slice of size 1 at a run-time index along one axis.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.dynamic_index_in_dim(lnp.array([[1, 2], [3, 4]]), 1, axis=1, keepdims=False)
    Array([2, 4], dtype=int32)
    """
    x = dynamic_slice_in_dim(operand, index, 1, axis, allow_negative_indices=allow_negative_indices)
    return x if keepdims else squeeze(x, (axis,))


def dynamic_update_slice(
    operand: Any, update: Any, start_indices: Any, *, allow_negative_indices: Wrap = True
) -> Array:
    """The operand with the window at run-time indices replaced by `update`; where it would stick out it is moved.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.dynamic_update_slice(lnp.zeros(5), lnp.array([1.0, 2.0]), (3,))
    Array([0., 0., 0., 1., 2.], dtype=float32)
    """
    x, update = same_dtype("dynamic_update_slice", operand, update, names=("operand", "update"))
    start = _start_vector("dynamic_update_slice", start_indices, x.shape, allow_negative_indices)
    return bind(REGISTRY["dynamic_update_slice"], x, update, start, weak_type=x.weak_type, batch_dimensions=0)


def dynamic_update_slice_in_dim(
    operand: Any, update: Any, start_index: Any, axis: int, *, allow_negative_indices: bool = True
) -> Array:
    """`dynamic_update_slice` along one axis.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.dynamic_update_slice_in_dim(lnp.zeros(5), lnp.array([1.0, 2.0]), 4, axis=0)
    Array([0., 0., 0., 1., 2.], dtype=float32)
    """
    x = as_operand("dynamic_update_slice_in_dim", operand)
    start = _start_along(axis_in("dynamic_update_slice_in_dim", axis, x.ndim), start_index, x.ndim)
    return dynamic_update_slice(x, update, start, allow_negative_indices=allow_negative_indices)


def dynamic_update_index_in_dim(
    operand: Any, update: Any, index: Any, axis: int, *, allow_negative_indices: bool = True
) -> Array:
    """The operand with the slice of size 1 at a run-time index along one axis replaced by `update`.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.dynamic_update_index_in_dim(lnp.zeros((2, 2)), lnp.array([5.0, 6.0]), 1, axis=0)
    Array([[0., 0.],
           [5., 6.]], dtype=float32)
    """
    x, update = as_operand("dynamic_update_index_in_dim", operand), as_operand("dynamic_update_index_in_dim", update)
    axis = axis_in("dynamic_update_index_in_dim", axis, x.ndim)
    if update.ndim < x.ndim:
        update = expand_dims(update, (axis,))
    return dynamic_update_slice_in_dim(x, update, index, axis, allow_negative_indices=allow_negative_indices)


def _start_along(axis: int, index: Any, rank: int) -> list[Any]:
    start: list[Any] = [0] * rank
    start[axis] = index
    return start


def _start_vector(function: str, start_indices: Any, shape: tuple[int, ...], wrap: Wrap) -> Array:
    """Start indices as one integer vector, negative ones counted from the end."""
    if isinstance(start_indices, (Array, np.ndarray)):
        vector = as_operand(function, start_indices, "start_indices")
        parts: list[Any] = [vector[i] for i in range(vector.shape[0])]
    else:
        parts = list(start_indices)
    wraps = [wrap] * len(parts) if isinstance(wrap, bool) else list(wrap)
    parts = [_counted(i, n) if flag else i for i, n, flag in zip(parts, shape, wraps, strict=False)] + parts[
        len(shape) :
    ]
    if all(isinstance(i, (int, np.integer)) for i in parts):
        return as_operand(function, np.asarray(parts, np.int32))
    dtype = dtypes.lattice_result_type(*parts)[0]
    return concatenate([reshape(as_dtype(i, dtype), (1,)) for i in parts], 0)


def _counted(index: Any, size: int) -> Any:
    """A negative index counted from the end."""
    if isinstance(index, (int, np.integer)):
        return builtins.int(index) + size if index < 0 else builtins.int(index)
    x = as_operand("dynamic_slice", index, "start_indices")
    if x.dtype.kind == "u":
        return x
    zero, end = as_dtype(0, x.dtype), as_dtype(size, x.dtype)
    below = bind(REGISTRY["lt"], x, zero)
    return bind(REGISTRY["select"], below, bind(REGISTRY["add"], x, end), x)

"""Sorting along one dimension, and the largest elements."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_operand, axis_in
from lamina.lax._shapes import transpose
from lamina_compiler.opdef import REGISTRY

_POSITION = np.dtype(np.int32)


def sort(operand: Any, dimension: int = -1, is_stable: bool = True, num_keys: int = 1) -> Any:
    """Elements in increasing order along a dimension; of several arrays of one shape, the slices in the order of the
    first `num_keys`, of which the first counts most.

    nan comes last, −0 equals 0, complex numbers are ordered by real, then imaginary part. Equal elements keep their
    order, whatever `is_stable` says.

    Returns: an array, or a tuple of arrays for a sequence.

    >>> import lamina.numpy as lnp
    >>> sort((lnp.array([2, 1, 1]), lnp.array([0.5, 2.5, 1.5])), num_keys=2)
    (Array([1, 1, 2], dtype=int32), Array([1.5, 2.5, 0.5], dtype=float32))
    """
    if not isinstance(operand, Sequence):
        if num_keys != 1:
            raise ValueError(f"`lax.sort`: num_keys must be 1 for one operand, not {num_keys}.")
        x = as_operand("sort", operand)
        return bind(REGISTRY["sort"], x, weak_type=x.weak_type, axis=axis_in("sort", dimension, x.ndim))
    arrays = [as_operand("sort", x, f"operand[{i}]") for i, x in enumerate(operand)]
    if not arrays:
        raise TypeError("`lax.sort` needs an operand at least.")
    if not 1 <= num_keys <= len(arrays):
        raise ValueError(f"`lax.sort`: num_keys must be between 1 and the {len(arrays)} operands, not {num_keys}.")
    for x in arrays:
        if x.shape != arrays[0].shape:
            raise errors.ShapeError(
                "lax.sort", "the operands must have one shape", first=arrays[0].shape, other=x.shape
            )
    axis = axis_in("sort", dimension, arrays[0].ndim)
    order = argsorted(arrays[:num_keys], axis)
    return tuple(along(x, order, axis) for x in arrays)


def argsorted(keys: Sequence[Array], axis: int, dtype: np.dtype = _POSITION) -> Array:
    """Positions in the order of several keys, of which the first counts most: stable sorts from the last key on."""
    order = bind(REGISTRY["argsort"], keys[-1], axis=axis, dtype=dtype)
    for key in reversed(keys[:-1]):
        later = bind(REGISTRY["argsort"], along(key, order, axis), axis=axis, dtype=dtype)
        order = along(order, later, axis)
    return order


def along(x: Array, order: Array, axis: int) -> Array:
    """Elements at positions along an axis, none twice; the other axes of both are the same."""
    if x.size == 0:
        return x
    others = tuple(d for d in range(x.ndim) if d != axis)
    return bind(
        REGISTRY["gather"],
        x,
        bind(REGISTRY["reshape"], order, shape=(*order.shape, 1)),
        weak_type=x.weak_type,
        sizes=(1,) * x.ndim,
        window_dims=(),
        collapsed_dims=(axis,),
        index_map=(axis,),
        operand_batching_dims=others,
        indices_batching_dims=others,
        unique_indices=True,
        mode="clip",
        fill_value=0,
    )


def sort_key_val(keys: Any, values: Any, dimension: int = -1, is_stable: bool = True) -> tuple[Array, Array]:
    """Keys in increasing order along a dimension, and the values in the order of the keys.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.sort_key_val(lnp.array([3, 1, 2]), lnp.array([30, 10, 20]))
    (Array([1, 2, 3], dtype=int32), Array([10, 20, 30], dtype=int32))
    """
    ordered, moved = sort((keys, values), dimension, is_stable)
    return ordered, moved


def top_k(operand: Any, k: int, *, axis: int = -1) -> tuple[Array, Array]:
    """The k largest elements along an axis, the largest first, and their positions; of equal ones, the first first.

    The order is the total order of IEEE 754: nan is largest, 0 is larger than −0.

    >>> import lamina.numpy as lnp
    >>> top_k(lnp.array([3, 9, 1, 9]), 3)
    (Array([9, 9, 3], dtype=int32), Array([1, 3, 0], dtype=int32))
    """
    x, k = as_operand("top_k", operand), operator.index(k)
    if x.dtype.kind == "c":
        raise ValueError("`lax.top_k` takes real numbers: complex ones have no order.")
    axis = axis_in("top_k", axis, x.ndim)
    if not 0 <= k <= x.shape[axis]:
        raise ValueError(
            f"`lax.top_k`: k must be between 0 and the size of axis {axis} of the shape {x.shape}, but it is {k}."
        )
    last = [*(d for d in range(x.ndim) if d != axis), axis]
    values, index = bind(REGISTRY["top_k"], transpose(x, last), k=k)
    back = [last.index(d) for d in range(x.ndim)]
    return transpose(values, back), transpose(index, back)


def approx_max_k(
    operand: Any,
    k: int,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
) -> tuple[Array, Array]:
    """The k largest elements along a dimension and their positions: here always exactly (see `top_k`).

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.approx_max_k(lnp.array([3.0, 9.0, 5.0]), 2)
    (Array([9., 5.], dtype=float32), Array([1, 2], dtype=int32))
    """
    return _approximate("approx_max_k", operand, k, reduction_dimension, recall_target, aggregate_to_topk)


def approx_min_k(
    operand: Any,
    k: int,
    reduction_dimension: int = -1,
    recall_target: float = 0.95,
    reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True,
) -> tuple[Array, Array]:
    """The k smallest elements along a dimension and their positions: here always exactly.

    >>> import lamina.numpy as lnp
    >>> approx_min_k(lnp.array([3.0, 9.0, 1.0]), 2)
    (Array([1., 3.], dtype=float32), Array([2, 0], dtype=int32))
    """
    negated = bind(REGISTRY["neg"], as_operand("approx_min_k", operand))
    values, index = _approximate("approx_min_k", negated, k, reduction_dimension, recall_target, aggregate_to_topk)
    return bind(REGISTRY["neg"], values), index


def _approximate(
    function: str, operand: Any, k: int, dimension: int, recall_target: float, aggregate: bool
) -> tuple[Array, Array]:
    x = as_operand(function, operand)
    if x.dtype.kind not in "fV":
        raise errors.DTypeError(f"`lax.{function}` takes floats, not {x.dtype.name}.", cure="Use lax.top_k.")
    if not 0 <= recall_target <= 1:
        raise ValueError(f"`lax.{function}`: recall_target is a fraction between 0 and 1, not {recall_target}.")
    axis = axis_in(function, dimension, x.ndim)
    return top_k(x, k if aggregate else x.shape[axis], axis=axis)

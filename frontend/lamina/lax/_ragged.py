"""Products of matrices whose rows are in groups of different sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina import errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.binding import bind
from lamina.devices import refuse_sharding
from lamina.lax._contraction import dot_general
from lamina.lax._cumulative import cumsum
from lamina.lax._operands import as_operand
from lamina.lax._shapes import broadcast_in_dim, broadcasted_iota, full_like, transpose
from lamina.lax._types import DotDimensionNumbers, PrecisionLike
from lamina_compiler.opdef import REGISTRY


@dataclass(frozen=True)
class RaggedDotDimensionNumbers:
    """Dimensions of `ragged_dot_general`: those of `dot_general`, the one of lhs in groups, that of rhs for groups.

    >>> import lamina.lax as lax
    >>> lax.RaggedDotDimensionNumbers((((1,), (1,)), ((), ())), [0], [0]).lhs_ragged_dimensions
    [0]
    """

    dot_dimension_numbers: DotDimensionNumbers
    lhs_ragged_dimensions: Sequence[int]
    rhs_group_dimensions: Sequence[int]


@api_boundary
def ragged_dot(
    lhs: Any, rhs: Any, group_sizes: Any, precision: PrecisionLike = None, preferred_element_type: Any = None,
    group_offset: Any = None, out_sharding: Any = None,
) -> Array:  # fmt: skip
    """Each row of lhs [m, k] times the matrix of its group: rhs is [groups, k, n], the result [m, n].

    Args:
        group_sizes: how many rows belong to the first group, to the second, …; rows beyond are zero in the result.

    Computes all products and takes what it needs. Raises ShapeError, DTypeError, and NotImplementedError for a
    `group_offset`.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.ragged_dot(lnp.ones((3, 2)), lnp.array([[[1.0], [1.0]], [[5.0], [5.0]]]), lnp.array([2, 1]))
    Array([[ 2.],
           [ 2.],
           [10.]], dtype=float32)
    """
    x, y = as_operand("ragged_dot", lhs, "lhs"), as_operand("ragged_dot", rhs, "rhs")
    if x.ndim != 2 or y.ndim != 3:
        raise errors.ShapeError("lax.ragged_dot", "it takes [m, k] and [groups, k, n]", lhs=x.shape, rhs=y.shape)
    numbers = RaggedDotDimensionNumbers((((1,), (1,)), ((), ())), (0,), (0,))
    return ragged_dot_general(x, y, group_sizes, numbers, precision, preferred_element_type, group_offset, out_sharding)


@api_boundary
def ragged_dot_general(
    lhs: Any, rhs: Any, group_sizes: Any, ragged_dot_dimension_numbers: RaggedDotDimensionNumbers,
    precision: PrecisionLike = None, preferred_element_type: Any = None, group_offset: Any = None,
    out_sharding: Any = None,
) -> Array:  # fmt: skip
    """`dot_general` with one dimension of lhs in groups of the given sizes.

    Where that is a free dimension of lhs, each group is multiplied by its part of rhs along the group dimension; where
    it is a contracting one, the result has a leading dimension with the sum over each group; where it is a batch
    dimension, groups make no difference.

    Args:
        group_sizes: integers [groups]; or one such vector for each place in the dimensions of lhs outer to the ragged
            one: batch dimensions first, then those of its kind.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> numbers = lax.RaggedDotDimensionNumbers((((0,), (0,)), ((), ())), [0], [])
    >>> lax.ragged_dot_general(lnp.arange(4.0), lnp.ones(4), lnp.array([1, 3]), numbers)
    Array([0., 6.], dtype=float32)
    """
    refuse_sharding("lax.ragged_dot_general", out_sharding)
    if group_offset is not None:
        raise NotImplementedError("lax.ragged_dot: group_offset, which counts groups of several devices")
    x, y = as_operand("ragged_dot_general", lhs, "lhs"), as_operand("ragged_dot_general", rhs, "rhs")
    sizes = as_operand("ragged_dot_general", group_sizes, "group_sizes")
    if sizes.dtype.kind not in "iu":
        raise errors.DTypeError(f"`lax.ragged_dot_general`: group_sizes must be integers, not {sizes.dtype}.")
    numbers = ragged_dot_dimension_numbers
    (contracting, rhs_contracting), (batch, rhs_batch) = numbers.dot_dimension_numbers
    if len(numbers.lhs_ragged_dimensions) != 1:
        raise errors.ShapeError("lax.ragged_dot_general", "one dimension of lhs is ragged", lhs=x.shape)
    ragged = numbers.lhs_ragged_dimensions[0]
    if ragged in batch:
        return dot_general(x, y, numbers.dot_dimension_numbers, precision, preferred_element_type)
    kind = list(contracting) if ragged in contracting else [d for d in range(x.ndim) if d not in (*contracting, *batch)]
    outer = [*batch, *kind[: kind.index(ragged)]]
    spread = _by_group(x, sizes, ragged, outer)
    shifted, both = [d + 1 for d in contracting], ([d + 1 for d in batch], rhs_batch)
    if ragged in contracting:
        out = dot_general(spread, y, ((shifted, rhs_contracting), both), precision, preferred_element_type)
        first = len(batch)  # the groups are the first free dimension of what was lhs
        return transpose(out, (first, *(d for d in range(out.ndim) if d != first)))
    (group,) = numbers.rhs_group_dimensions
    if y.shape[group] != sizes.shape[-1]:
        problem = f"rhs has to have {sizes.shape[-1]} groups in dimension {group}"
        raise errors.ShapeError("lax.ragged_dot_general", problem, rhs=y.shape, group_sizes=sizes.shape)
    dims = ([0, *shifted], [group, *rhs_contracting])
    return dot_general(spread, y, (dims, both), precision, preferred_element_type)


def _by_group(x: Array, sizes: Array, ragged: int, outer: Sequence[int]) -> Array:
    """[groups, *x.shape]: for each group what belongs to it, and zero elsewhere."""
    shape, last = (sizes.shape[-1], *x.shape), sizes.ndim - 1
    prefix = [d + 1 for d in outer] if last else []
    if sizes.shape[:-1] != tuple(x.shape[d] for d in outer)[: None if last else 0]:
        problem = "group_sizes has one vector, or one for each place in the outer dimensions"
        raise errors.ShapeError("lax.ragged_dot_general", problem, lhs=x.shape, group_sizes=sizes.shape)
    ends = cumsum(sizes, last)

    def spread(bound: Array) -> Array:
        return broadcast_in_dim(transpose(bound, (last, *range(last))), shape, (0, *prefix))

    place = broadcasted_iota(np.dtype(sizes.dtype), shape, ragged + 1)
    inside = (place >= spread(ends - sizes)) & (place < spread(ends))
    whole = broadcast_in_dim(x, shape, range(1, x.ndim + 1))
    return bind(REGISTRY["select"], inside, whole, full_like(whole, 0), weak_type=x.weak_type)

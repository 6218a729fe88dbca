"""Products that sum over dimensions."""

from __future__ import annotations

from typing import Any

from lamina import dtypes, errors
from lamina.array import Array
from lamina.devices import refuse_sharding
from lamina.lax._operands import as_operand, ints, same_dtype
from lamina.lax._types import DotDimensionNumbers, PrecisionLike, check_precision
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY


def dot_general(
    lhs: Any,
    rhs: Any,
    dimension_numbers: DotDimensionNumbers,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
    *,
    out_sharding: Any = None,
) -> Array:
    """Σ lhs·rhs over contracting dimensions: ((lhs contracting, rhs contracting), (lhs batch, rhs batch)).

    The result has the batch dimensions, then what is left of lhs, then of rhs.
    """
    refuse_sharding("lax.dot_general", out_sharding)
    check_precision(precision)
    x, y = same_dtype("dot_general", lhs, rhs, names=("lhs", "rhs"))
    (lhs_contracting, rhs_contracting), (lhs_batch, rhs_batch) = dimension_numbers
    preferred = preferred_element_type
    dtype = x.dtype if preferred is None else dtypes.check_user_dtype_supported(preferred, "dot_general")
    return bind(
        REGISTRY["dot_general"],
        x,
        y,
        weak_type=x.weak_type and y.weak_type and preferred is None,
        lhs_contracting=ints(lhs_contracting),
        rhs_contracting=ints(rhs_contracting),
        lhs_batch=ints(lhs_batch),
        rhs_batch=ints(rhs_batch),
        dtype=dtype,
    )


def dot(
    lhs: Any,
    rhs: Any,
    *,
    dimension_numbers: DotDimensionNumbers | None = None,
    precision: PrecisionLike = None,
    preferred_element_type: Any = None,
    out_sharding: Any = None,
) -> Array:
    """The product of two vectors, a matrix and a vector, or two matrices; or `dot_general` by `dimension_numbers`.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.dot(lnp.array([1.0, 2.0]), lnp.array([3.0, 4.0]))
    Array(11., dtype=float32)
    """
    x, y = as_operand("dot", lhs, "lhs"), as_operand("dot", rhs, "rhs")
    if dimension_numbers is None:
        if not (1 <= x.ndim <= 2 and 1 <= y.ndim <= 2 and x.shape[-1] == y.shape[0]):
            raise errors.ShapeError(
                "lax.dot", "vectors and matrices are multiplied, of fitting sizes", lhs=x.shape, rhs=y.shape,
                cure="Use lnp.dot, lnp.matmul, or dimension_numbers.",
            )  # fmt: skip
        dimension_numbers = (((x.ndim - 1,), (0,)), ((), ()))
    return dot_general(lhs, rhs, dimension_numbers, precision, preferred_element_type, out_sharding=out_sharding)


def batch_matmul(lhs: Any, rhs: Any, precision: PrecisionLike = None) -> Array:
    """Products of the matrices in the last two dimensions; the leading ones are equal."""
    x, y = as_operand("batch_matmul", lhs, "lhs"), as_operand("batch_matmul", rhs, "rhs")
    if min(x.ndim, y.ndim) < 2 or x.ndim != y.ndim:
        raise errors.ShapeError(
            "lax.batch_matmul", "both must have one rank, of two dimensions at least", lhs=x.shape, rhs=y.shape
        )
    rank, batch = x.ndim, tuple(range(x.ndim - 2))
    return dot_general(lhs, rhs, (((rank - 1,), (rank - 2,)), (batch, batch)), precision)

"""Products that sum over dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.devices import refuse_sharding
from lamina.lax._operands import as_dtype, as_operand, ints
from lamina.lax._types import DotDimensionNumbers, PrecisionLike, check_precision
from lamina_compiler.opdef import REGISTRY


def contracted(
    x: Array, y: Array, dims: tuple[Any, Any], batch: tuple[Any, Any] = ((), ()), preferred: np.dtype | None = None
) -> Array:
    """Σ x·y over the paired dimensions `dims`; the result has the paired `batch` ones, then what is left of x, of y.

    A preferred dtype that cannot hold the operands' is converted to at the end.
    """
    computed = x.dtype
    if preferred is not None and dtypes.promote_types(computed, preferred) == preferred:
        computed = preferred
    result = bind(
        REGISTRY["dot_general"],
        x,
        y,
        weak_type=x.weak_type and y.weak_type and preferred is None,
        lhs_contracting=ints(dims[0]),
        rhs_contracting=ints(dims[1]),
        lhs_batch=ints(batch[0]),
        rhs_batch=ints(batch[1]),
        dtype=computed,
    )
    return result if preferred in (None, computed) else bind(REGISTRY["convert"], result, dtype=preferred)


def preferred_dtype(function: str, preferred_element_type: Any) -> np.dtype | None:
    """The dtype asked for as ``preferred_element_type=``."""
    if preferred_element_type is None:
        return None
    return dtypes.check_user_dtype_supported(preferred_element_type, function)


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

    The result has the batch dimensions, then what is left of lhs, then of rhs. Dtypes are promoted.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> x, y = lnp.ones((5, 2, 3)), lnp.ones((5, 4, 3))
    >>> lax.dot_general(x, y, (([2], [2]), ([0], [0]))).shape
    (5, 2, 4)
    """
    refuse_sharding("lax.dot_general", out_sharding)
    check_precision(precision)
    x, y = as_operand("dot_general", lhs, "lhs"), as_operand("dot_general", rhs, "rhs")
    dtype, weak = dtypes.lattice_result_type(x, y)
    x, y = as_dtype(x, dtype, weak), as_dtype(y, dtype, weak)
    dims, batch = dimension_numbers
    return contracted(x, y, dims, batch, preferred_dtype("dot_general", preferred_element_type))


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
    """Products of the matrices in the last two dimensions; the leading ones are equal.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.batch_matmul(lnp.ones((5, 2, 3)), lnp.ones((5, 3, 4))).shape
    (5, 2, 4)
    """
    x, y = as_operand("batch_matmul", lhs, "lhs"), as_operand("batch_matmul", rhs, "rhs")
    if min(x.ndim, y.ndim) < 2 or x.ndim != y.ndim:
        raise errors.ShapeError(
            "lax.batch_matmul", "both must have one rank, of two dimensions at least", lhs=x.shape, rhs=y.shape
        )
    rank, batch = x.ndim, tuple(range(x.ndim - 2))
    return dot_general(lhs, rhs, (((rank - 1,), (rank - 2,)), (batch, batch)), precision)

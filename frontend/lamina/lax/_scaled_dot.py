"""Products of operands that are scaled block by block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._contraction import dot_general
from lamina.lax._operands import as_dtype, as_operand
from lamina.lax._shapes import broadcast_in_dim, reshape
from lamina.lax._types import DotDimensionNumbers
from lamina_compiler.opdef import REGISTRY

_BF16 = dtypes.as_dtype("bfloat16")


def scaled_dot(
    lhs: Any,
    rhs: Any,
    *,
    lhs_scale: Any = None,
    rhs_scale: Any = None,
    dimension_numbers: DotDimensionNumbers | None = None,
    preferred_element_type: Any = None,
) -> Array:
    """(lhs · lhs_scale) @ (rhs · rhs_scale), scaled in bfloat16.

    Args:
        lhs_scale, rhs_scale: of the shape of the operand, but fewer along contracting dimensions: each number scales a
            block of at least 2 elements. None: 1.
        dimension_numbers: as those of `dot_general`; default: matrices in the last two dimensions.
        preferred_element_type: the dtype of sums and of the result; default bfloat16.

    Raises: ShapeError.

    >>> import lamina.numpy as lnp
    >>> scaled_dot(lnp.ones((1, 4)), lnp.ones((4, 1)), lhs_scale=lnp.array([[1.0, 3.0]]))
    Array([[8]], dtype=bfloat16)
    """
    x, y = as_operand("scaled_dot", lhs, "lhs"), as_operand("scaled_dot", rhs, "rhs")
    if dimension_numbers is None:
        if x.ndim < 2 or x.ndim != y.ndim:
            raise errors.ShapeError("lax.scaled_dot", "both must be matrices of one rank", lhs=x.shape, rhs=y.shape)
        batch = tuple(range(x.ndim - 2))
        dimension_numbers = (((x.ndim - 1,), (x.ndim - 2,)), (batch, batch))
    (left, right), _ = dimension_numbers
    x, y = _scaled(x, lhs_scale, "lhs", left), _scaled(y, rhs_scale, "rhs", right)
    return dot_general(x, y, dimension_numbers, preferred_element_type=preferred_element_type)


def _scaled(x: Array, scale: Any, name: str, contracting: Sequence[int]) -> Array:
    x = as_dtype(x, _BF16)
    if scale is None:
        return x
    scale = as_operand("scaled_dot", scale, f"{name}_scale")
    blocks = _blocks(x, scale, name, contracting)
    shape = tuple(size for n, block in zip(scale.shape, blocks, strict=True) for size in (n, block))
    apart = broadcast_in_dim(as_dtype(scale, _BF16), shape, range(0, 2 * scale.ndim, 2))
    return bind(REGISTRY["mul"], x, reshape(apart, x.shape))


def _blocks(x: Array, scale: Array, name: str, contracting: Sequence[int]) -> list[int]:
    """How many elements each number of the scale is for, along each dimension. Raises: ShapeError."""
    shapes: dict[str, Any] = {name: x.shape, f"{name}_scale": scale.shape}
    if scale.ndim != x.ndim:
        raise errors.ShapeError("lax.scaled_dot", f"{name}_scale must have the rank of {name}", **shapes)
    sizes = list(zip(x.shape, scale.shape, strict=True))
    blocks = [n // m if m and d in contracting else 1 for d, (n, m) in enumerate(sizes)]
    if any(m * block != n for (n, m), block in zip(sizes, blocks, strict=True)):
        problem = f"the sizes of {name} must be those of its scale, or multiples of them where they are contracted"
        raise errors.ShapeError("lax.scaled_dot", problem, **shapes)
    if any(blocks[d] < 2 for d in contracting):
        problem = f"a block of {name} along a contracting dimension has 2 elements at least"
        raise errors.ShapeError("lax.scaled_dot", problem, **shapes)
    return blocks

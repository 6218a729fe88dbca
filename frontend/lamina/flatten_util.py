"""Containers of arrays as one vector, and back."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from lamina import dtypes, errors, tree_util
from lamina import numpy as lnp
from lamina.array import Array

__all__ = ["ravel_pytree"]


def ravel_pytree(pytree: Any) -> tuple[Array, Callable[[Any], Any]]:
    """All elements of the arrays of a container as one vector, and the function that puts such a vector back.

    The vector has the dtype the arrays promote to; putting it back restores theirs. Where they all have the same, a
    vector of any dtype may be put back, and keeps its own.

    >>> import lamina.numpy as lnp
    >>> flat, unravel = ravel_pytree({"w": lnp.ones((1, 2)), "b": 0.5})
    >>> flat, unravel(2 * flat)
    (Array([0.5, 1. , 1. ], dtype=float32), {'w': Array([[2., 2.]], dtype=float32), 'b': Array(1., dtype=float32)})
    """
    leaves, tree = tree_util.tree_flatten(pytree)
    arrays = [lnp.asarray(leaf) for leaf in leaves]
    shapes, kinds = [x.shape for x in arrays], [x.dtype for x in arrays]
    dtype = dtypes.result_type(*kinds) if kinds else dtypes.dtype(float)
    ends = list(itertools.accumulate(x.size for x in arrays))
    total = ends[-1] if ends else 0
    same = all(kind == dtype for kind in kinds)
    parts = [lnp.ravel(x) if x.dtype == dtype else lnp.ravel(x).astype(dtype) for x in arrays]
    flat = lnp.concatenate(parts) if arrays else lnp.zeros(0, dtype)

    def unravel(flat: Any) -> Any:
        vector = lnp.asarray(flat)
        if vector.shape != (total,):
            raise errors.ShapeError("unravel", f"the container has {total} elements", flat=vector.shape)
        if not same and vector.dtype != dtype:
            raise errors.DTypeError(
                f"`unravel`: the vector must be {dtype} as the one it was made of, not {vector.dtype}."
            )
        parts = lnp.split(vector, ends[:-1]) if arrays else []
        restored = [lnp.reshape(part, shape) for part, shape in zip(parts, shapes, strict=True)]
        if not same:
            restored = [x.astype(kind) for x, kind in zip(restored, kinds, strict=True)]
        return tree_util.tree_unflatten(tree, restored)

    return flat, unravel

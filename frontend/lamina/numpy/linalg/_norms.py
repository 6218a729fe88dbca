"""Norms of vectors and matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy import _elementwise as e
from lamina.numpy._manipulation import expand_dims, moveaxis
from lamina.numpy._operands import normal_axes
from lamina.numpy._reductions import amax, amin, sum
from lamina.numpy.linalg._factorizations import svdvals
from lamina.numpy.linalg._operands import inexact


@api_boundary
def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """The norm of vectors (along one axis) or matrices (along two).

    Args:
        x: any shape.
        ord: for vectors inf (max |x|), −inf (min |x|), 0 (how many are not 0), or a number p ((Σ |x|^p)^(1/p)), by
            default 2; for matrices "fro" (the default), "nuc" (sum of the singular values), 2 and −2 (the largest and
            smallest of them), 1 and −1 (largest and smallest sum of a column), inf and −inf (of a row).
        axis: one axis or two; by default all of them, and without `ord` as one vector.
        keepdims: keep the reduced axes with size 1.

    The derivative of the 2-norm at 0 is nan. Raises: ValueError for another order or number of axes.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.norm(lnp.array([3.0, 4.0]))
    Array(5., dtype=float32)
    """
    x = inexact("norm", x, "x")
    if axis is None and ord is None:
        return _root_of_squares(x, None, keepdims)
    axes = normal_axes("linalg.norm", axis, x.ndim)
    if len(axes) == 1:
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise errors.ShapeError(
            "lnp.linalg.norm",
            f"it is along one axis (of vectors) or two (of matrices), not along {len(axes)}",
            x=x.shape,
        )
    return _matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)


@api_boundary
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Array:
    """The norm of vectors along one axis or several (None: all of them); for `ord` see `norm`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.vector_norm(lnp.array([[3.0, 4.0], [5.0, 12.0]]), axis=1)
    Array([ 5., 13.], dtype=float32)
    """
    x = inexact("vector_norm", x, "x")
    if isinstance(ord, str):
        hint = f" Use {ord.replace('inf', 'lnp.inf')}." if ord in ("inf", "-inf") else ""
        raise ValueError(f"`lnp.linalg.vector_norm`: there is no order {ord!r} of a vector norm.{hint}")
    if ord is None or ord == 2:
        return _root_of_squares(x, axis, keepdims)
    if ord == 0:
        return sum(x != 0, axis=axis, keepdims=keepdims, dtype=dtypes.finfo(x.dtype).dtype)
    size = e.abs(x)
    if ord == np.inf:
        return amax(size, axis=axis, keepdims=keepdims, initial=0)
    if ord == -np.inf:
        return amin(size, axis=axis, keepdims=keepdims)
    if ord == 1:
        return sum(size, axis=axis, keepdims=keepdims)
    return sum(size**ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)


@api_boundary
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Array:
    """The norm of matrices in the last two axes; for `ord` see `norm`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.matrix_norm(lnp.array([[3.0, 0.0], [0.0, 4.0]]))
    Array(5., dtype=float32)
    """
    return norm(x, ord=ord, keepdims=keepdims, axis=(-2, -1))


def _root_of_squares(x: Array, axis: Any, keepdims: bool) -> Array:
    squares = (x * e.conj(x)).real if x.dtype.kind == "c" else x * x
    return e.sqrt(sum(squares, axis=axis, keepdims=keepdims))


def _matrix_norm(x: Array, ord: Any, axes: Sequence[int], keepdims: bool) -> Array:
    if ord in ("fro", "f"):
        return _root_of_squares(x, tuple(axes), keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        row, column = axes if abs(ord) == 1 else axes[::-1]
        sums = sum(e.abs(x), axis=row, keepdims=True)
        extreme = (
            amax(sums, axis=column, keepdims=True, initial=0) if ord > 0 else amin(sums, axis=column, keepdims=True)
        )
        return extreme if keepdims else extreme.squeeze(tuple(axes))
    if ord not in ("nuc", 2, -2):
        raise ValueError(f"`lnp.linalg.norm`: there is no order {ord!r} of a matrix norm.")
    s = svdvals(moveaxis(x, axes, (-2, -1)))
    result = sum(s, axis=-1) if ord == "nuc" else amax(s, axis=-1, initial=0) if ord == 2 else amin(s, axis=-1)
    return expand_dims(result, tuple(axes)) if keepdims else result

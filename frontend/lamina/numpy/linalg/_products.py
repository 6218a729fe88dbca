"""Products of matrices and vectors, strict about their number of axes as the array API standard is."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import Any

from lamina import errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy import _contraction as contraction
from lamina.numpy import _matrices
from lamina.numpy._matrices import eye
from lamina.numpy._operands import expanded, normal_axis
from lamina.numpy._steps import permuted
from lamina.numpy.linalg._operands import array, check_matrices
from lamina.numpy.linalg._solving import inv


@api_boundary
def matmul(x1: Any, x2: Any, /, *, precision: Any = None, preferred_element_type: Any = None) -> Array:
    """Matrix products; see `lamina.numpy.matmul`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.matmul(lnp.array([[1, 2], [3, 4]]), lnp.array([1, 10]))
    Array([21, 43], dtype=int32)
    """
    return contraction.matmul(x1, x2, precision=precision, preferred_element_type=preferred_element_type)


@api_boundary
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1, precision: Any = None, preferred_element_type: Any = None) -> Array:
    """Σ conj(x1)·x2 along one axis; see `lamina.numpy.vecdot`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.vecdot(lnp.array([[1, 2], [3, 4]]), lnp.array([1, 10]))
    Array([21, 43], dtype=int32)
    """
    return contraction.vecdot(x1, x2, axis=axis, precision=precision, preferred_element_type=preferred_element_type)


@api_boundary
def tensordot(
    x1: Any,
    x2: Any,
    /,
    *,
    axes: Any = 2,
    precision: Any = None,
    preferred_element_type: Any = None,
    out_sharding: Any = None,
) -> Array:
    """Sums of products over axes of both; see `lamina.numpy.tensordot`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.tensordot(lnp.array([1, 2]), lnp.array([3, 4]), axes=1)
    Array(11, dtype=int32)
    """
    return contraction.tensordot(
        x1, x2, axes, precision=precision, preferred_element_type=preferred_element_type, out_sharding=out_sharding
    )


@api_boundary
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Array:
    """Cross products of vectors of three elements. Raises: ShapeError for another number.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.cross(lnp.array([1, 0, 0]), lnp.array([0, 1, 0]))
    Array([0, 0, 1], dtype=int32)
    """
    x1, x2 = array("cross", x1, "x1"), array("cross", x2, "x2")
    for x in (x1, x2):
        if x.shape[normal_axis("linalg.cross", axis, x.ndim)] != 3:
            raise errors.ShapeError(
                "lnp.linalg.cross", f"there must be three elements along axis {axis}", x1=x1.shape, x2=x2.shape
            )
    return contraction.cross(x1, x2, axis=axis)


@api_boundary
def outer(x1: Any, x2: Any, /) -> Array:
    """All products of elements of two vectors, as a matrix. Raises: ShapeError for other arrays than vectors.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.outer(lnp.array([1, 2]), lnp.array([3, 4]))
    Array([[3, 4],
           [6, 8]], dtype=int32)
    """
    x1, x2 = array("outer", x1, "x1"), array("outer", x2, "x2")
    if x1.ndim != 1 or x2.ndim != 1:
        raise errors.ShapeError("lnp.linalg.outer", "the operands must be vectors", x1=x1.shape, x2=x2.shape)
    return contraction.outer(x1, x2)


@api_boundary
def multi_dot(arrays: Sequence[Any], *, precision: Any = None) -> Array:
    """The product of several matrices, in the cheapest order; the first and the last may be vectors.

    Raises: ShapeError for fewer than two arrays, or shapes that do not fit.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.multi_dot([lnp.ones((2, 3)), lnp.ones((3, 4)), lnp.ones(4)])
    Array([12., 12.], dtype=float32)
    """
    factors = [array("multi_dot", x, f"arrays[{i}]") for i, x in enumerate(arrays)]
    shapes = [x.shape for x in factors]
    if len(factors) < 2:
        raise errors.ShapeError("lnp.linalg.multi_dot", f"there must be two arrays at least, not {len(factors)}")
    ranks = [len(shape) for shape in shapes]
    if any(rank != 2 for rank in ranks[1:-1]) or not {ranks[0], ranks[-1]} <= {1, 2}:
        raise errors.ShapeError(
            "lnp.linalg.multi_dot", f"the arrays must be matrices, the first and the last may be vectors, not {shapes}"
        )
    if any(x[-1] != y[0] for x, y in itertools.pairwise(shapes)):
        raise errors.ShapeError(
            "lnp.linalg.multi_dot", f"the last axis of an array must be as long as the first of the next, not {shapes}"
        )
    axes: list[tuple[int, ...]] = [(i, i + 1) for i in range(len(factors))]
    axes[0] = axes[0][2 - ranks[0] :]
    axes[-1] = axes[-1][: ranks[-1]]
    operands = [item for pair in zip(factors, axes, strict=True) for item in pair]
    return contraction.einsum(*operands, optimize="auto", precision=precision)


@api_boundary
def matrix_power(a: Any, n: int) -> Array:
    """Square matrices to an integer power, by repeated squaring; a negative one of the inverse.

    Raises: ShapeError if a holds no square matrices, TypeError for another exponent.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.matrix_power(lnp.array([[1, 1], [0, 1]]), 5)
    Array([[1, 5],
           [0, 1]], dtype=int32)
    """
    a = array("matrix_power", a)
    check_matrices("matrix_power", a, square=True)
    try:
        n = operator.index(n)
    except TypeError:
        raise TypeError(f"`lnp.linalg.matrix_power`: the exponent n is an int, not {n!r}.") from None
    if n == 0:
        return expanded(eye(a.shape[-1], dtype=a.dtype), a.shape)
    power = inv(a) if n < 0 else a
    result: Array | None = None
    n = abs(n)
    while True:
        if n % 2:
            result = power if result is None else result @ power
        n //= 2
        if n == 0:
            assert result is not None  # the highest bit is 1
            return result
        power = power @ power


@api_boundary
def matrix_transpose(x: Any, /) -> Array:
    """Transposed matrices. Raises: ShapeError for fewer than two axes.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.matrix_transpose(lnp.array([[1, 2], [3, 4]]))
    Array([[1, 3],
           [2, 4]], dtype=int32)
    """
    x = array("matrix_transpose", x, "x")
    check_matrices("matrix_transpose", x, "x")
    return permuted(x, (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2))


@api_boundary
def diagonal(x: Any, /, *, offset: int = 0) -> Array:
    """Diagonals of matrices in the last two axes; see `lamina.numpy.diagonal`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.diagonal(lnp.arange(8).reshape(2, 2, 2))
    Array([[0, 3],
           [4, 7]], dtype=int32)
    """
    return _matrices.diagonal(x, offset=offset, axis1=-2, axis2=-1)


@api_boundary
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Array:
    """Sums of the diagonals of matrices in the last two axes; see `lamina.numpy.trace`.

    >>> import lamina.numpy as lnp
    >>> lnp.linalg.trace(lnp.arange(8).reshape(2, 2, 2))
    Array([ 3, 11], dtype=int32)
    """
    return _matrices.trace(x, offset=offset, axis1=-2, axis2=-1, dtype=dtype)

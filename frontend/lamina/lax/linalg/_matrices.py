"""What the functions of linear algebra say often about matrices in the last two dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_dtype, as_operand
from lamina.lax._shapes import broadcast_in_dim, broadcasted_iota, full_like
from lamina_compiler.opdef import REGISTRY


def apply(name: str, *operands: Array, **attributes: Any) -> Any:
    """The op of that name."""
    return bind(REGISTRY[name], *operands, **attributes)


def inexact(function: str, x: Any, name: str = "x") -> Array:
    """The argument `name` of a function as an array of a floating-point or complex dtype."""
    x = as_operand(f"linalg.{function}", x, name)
    return as_dtype(x, dtypes.to_inexact_dtype(x.dtype))


def is_complex(x: Array) -> bool:
    return x.dtype.kind == "c"


def conj(x: Array) -> Array:
    return apply("conj", x) if is_complex(x) else x


def adjoint(x: Array) -> Array:
    return conj(x.mT)


def symmetrized(x: Array) -> Array:
    """The Hermitian part; what is no square matrix is left for the op to complain about."""
    return (x + adjoint(x)) / 2 if x.ndim >= 2 and x.shape[-1] == x.shape[-2] else x


def _positions(x: Array) -> tuple[Array, Array]:
    return tuple(broadcasted_iota(np.int32, x.shape, x.ndim - d) for d in (2, 1))  # type: ignore[return-value]


def tril(x: Array, k: int = 0) -> Array:
    """The elements on and below the k-th diagonal, zero elsewhere."""
    rows, columns = _positions(x)
    return apply("select", rows + k >= columns, x, full_like(x, 0))


def triu(x: Array, k: int = 0) -> Array:
    """The elements on and above the k-th diagonal, zero elsewhere."""
    rows, columns = _positions(x)
    return apply("select", columns >= rows + k, x, full_like(x, 0))


def eye_like(x: Array) -> Array:
    """Matrices of the same shape with ones on the diagonal."""
    rows, columns = _positions(x)
    return apply("select", rows == columns, full_like(x, 1), full_like(x, 0))


def as_columns(v: Array, rows: int) -> Array:
    """A vector v as matrices with equal rows: what multiplies column j by v[j]."""
    shape = (*v.shape[:-1], rows, v.shape[-1])
    return broadcast_in_dim(v, shape, (*range(v.ndim - 1), v.ndim))


def as_rows(v: Array, columns: int) -> Array:
    """A vector v as matrices with equal columns: what multiplies row i by v[i]."""
    return broadcast_in_dim(v, (*v.shape, columns), range(v.ndim))

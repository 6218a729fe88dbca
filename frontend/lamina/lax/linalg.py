"""Linear algebra on matrices and batches of matrices in the last two dimensions; strict about shapes and dtypes.

The functions take float32, float64, complex64 and complex128; integers and booleans become floats. Where a matrix has
no such factorization, or none is found, the results are nan.
"""

from __future__ import annotations

from typing import Any

from lamina import dtypes
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax._operands import as_dtype, as_operand, same_dtype
from lamina.lax._shapes import reshape
from lamina.tracing import bind
from lamina_compiler.opdef import REGISTRY

__all__ = ["cholesky", "triangular_solve"]


@api_boundary
def cholesky(x: Any, *, symmetrize_input: bool = True) -> Array:
    """The lower triangular L with L Lᴴ = x, for Hermitian positive definite matrices; nan for others.

    Args:
        x: ``[..., n, n]``.
        symmetrize_input: average x and its conjugate transpose first; otherwise only the lower triangle is read.

    Raises ShapeError if x holds no square matrices, DTypeError for half precision.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.cholesky(lnp.array([[4.0, 2.0], [2.0, 5.0]]))
    Array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    x = _inexact("cholesky", x)
    return _apply("cholesky", _symmetrized(x) if symmetrize_input else x)


@api_boundary
def triangular_solve(
    a: Any,
    b: Any,
    *,
    left_side: bool = False,
    lower: bool = False,
    transpose_a: bool = False,
    conjugate_a: bool = False,
    unit_diagonal: bool = False,
) -> Array:
    """x with op(a) x = b, or x op(a) = b if not `left_side`; op transposes and conjugates as asked.

    Args:
        a: ``[..., n, n]``, of which the lower (upper) triangle is read; with `unit_diagonal` not its diagonal.
        b: ``[..., n, m]``, or ``[..., m, n]`` if not `left_side`; or a vector ``[..., n]``.

    A zero on the diagonal gives inf and nan. Raises ShapeError where the shapes do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> a = lnp.array([[2.0, 0.0], [1.0, 4.0]])
    >>> la.lax.linalg.triangular_solve(a, lnp.array([2.0, 9.0]), left_side=True, lower=True)
    Array([1., 2.], dtype=float32)
    """
    name = "triangular_solve"
    a, b = same_dtype(f"linalg.{name}", _inexact(name, a, "a"), _inexact(name, b, "b"))
    is_vector = b.ndim == a.ndim - 1
    if is_vector:
        b = reshape(b, (*b.shape, 1) if left_side else (*b.shape[:-1], 1, b.shape[-1]))
    x = _apply(
        name,
        a,
        b,
        left_side=left_side,
        lower=lower,
        transpose_a=transpose_a,
        conjugate_a=conjugate_a and a.dtype.kind == "c",
        unit_diagonal=unit_diagonal,
    )
    if is_vector:
        return reshape(x, x.shape[:-1] if left_side else (*x.shape[:-2], x.shape[-1]))
    return x


def _apply(name: str, *operands: Array, **attributes: Any) -> Any:
    return bind(REGISTRY[name], *operands, **attributes)


def _inexact(function: str, x: Any, name: str = "x") -> Array:
    """The argument `name` of a function as an array of a floating-point or complex dtype."""
    x = as_operand(f"linalg.{function}", x, name)
    return as_dtype(x, dtypes.to_inexact_dtype(x.dtype))


def _symmetrized(x: Array) -> Array:
    """The Hermitian part."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        return x  # the op complains
    return (x + _adjoint(x)) / 2


def _adjoint(x: Array) -> Array:
    return x.mT.conj() if x.dtype.kind == "c" else x.mT

"""Triangular and tridiagonal systems, and symmetric products."""

from __future__ import annotations

from typing import Any

from lamina import errors
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.lax._operands import same_dtype
from lamina.lax._shapes import reshape
from lamina.lax.linalg._matrices import apply, inexact, is_complex, tril


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
    a, b = same_dtype(f"linalg.{name}", inexact(name, a, "a"), inexact(name, b, "b"))
    is_vector = b.ndim == a.ndim - 1
    if is_vector:
        b = reshape(b, (*b.shape, 1) if left_side else (*b.shape[:-1], 1, b.shape[-1]))
    x = apply(
        name,
        a,
        b,
        left_side=bool(left_side),
        lower=bool(lower),
        transpose_a=bool(transpose_a),
        conjugate_a=bool(conjugate_a) and is_complex(a),
        unit_diagonal=bool(unit_diagonal),
    )
    if is_vector:
        return reshape(x, x.shape[:-1] if left_side else (*x.shape[:-2], x.shape[-1]))
    return x


@api_boundary
def tridiagonal_solve(dl: Any, d: Any, du: Any, b: Any, *, perturb_singular: bool = False) -> Array:
    """x with T x = b, where T is tridiagonal; nan where it is singular.

    Args:
        dl: ``[..., n]``, below the diagonal; ``dl[0]`` is not used.
        d: ``[..., n]``, the diagonal.
        du: ``[..., n]``, above the diagonal; ``du[-1]`` is not used.
        b: ``[..., n, m]``.
        perturb_singular: make pivots that are tiny as large as ``eps * max |U|`` of the LU factorization, so that the
            solution is finite.

    Raises ShapeError where the shapes do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> ones, d = lnp.ones(3), lnp.array([2.0, 3.0, 2.0])
    >>> la.lax.linalg.tridiagonal_solve(ones, d, ones, lnp.array([[3.0], [5.0], [3.0]])).ravel()
    Array([1., 1., 1.], dtype=float32)
    """
    name, names = "tridiagonal_solve", ("dl", "d", "du", "b")
    operands = [inexact(name, x, which) for x, which in zip((dl, d, du, b), names, strict=True)]
    operands = same_dtype(f"linalg.{name}", *operands, names=names)
    return apply(name, *operands, perturb_singular=bool(perturb_singular))


@api_boundary
def symmetric_product(
    a_matrix: Any, c_matrix: Any, *, alpha: float = 1.0, beta: float = 0.0, symmetrize_output: bool = False
) -> Array:
    """alpha a aᵀ + beta c, of matrices a ``[..., m, n]`` and symmetric c ``[..., m, m]``.

    `symmetrize_output` makes the result exactly symmetric, like its lower triangle. Raises ShapeError where the shapes
    do not fit.

    >>> import lamina as la
    >>> import lamina.numpy as lnp
    >>> la.lax.linalg.symmetric_product(lnp.array([[1.0], [2.0]]), lnp.eye(2), beta=3.0)
    Array([[4., 2.],
           [2., 7.]], dtype=float32)
    """
    name = "symmetric_product"
    a, c = same_dtype(f"linalg.{name}", inexact(name, a_matrix, "a_matrix"), inexact(name, c_matrix, "c_matrix"))
    if a.ndim < 2 or c.shape != (*a.shape[:-1], a.shape[-2]):
        raise errors.ShapeError(
            f"linalg.{name}", "c_matrix must be square with the rows of a_matrix", a_matrix=a.shape, c_matrix=c.shape
        )
    result = alpha * (a @ a.mT) + beta * c
    return tril(result) + tril(result, -1).mT if symmetrize_output else result

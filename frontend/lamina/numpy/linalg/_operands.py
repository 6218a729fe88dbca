"""Operands of the functions of linear algebra."""

from __future__ import annotations

from typing import Any

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy._operands import converted, operand, promoted


def array(function: str, x: Any, name: str = "a") -> Array:
    """The argument `name` of a function as an array."""
    return operand(f"linalg.{function}", x, name)


def inexact(function: str, x: Any, name: str = "a") -> Array:
    """The argument `name` of a function as an array of a floating-point or complex dtype."""
    x = array(function, x, name)
    return converted(x, dtypes.to_inexact_dtype(x.dtype))


def matrices(function: str, x: Any, name: str = "a", *, square: bool = False) -> Array:
    """The argument as a matrix or a batch of matrices with inexact elements. Raises: ShapeError."""
    x = inexact(function, x, name)
    check_matrices(function, x, name, square=square)
    return x


def check_matrices(function: str, x: Array, name: str = "a", *, square: bool = False) -> None:
    """ShapeError unless the array is a matrix or a batch of matrices."""
    shape: Any = {name: x.shape}
    if x.ndim < 2:
        raise errors.ShapeError(f"lnp.linalg.{function}", f"`{name}` must have two axes at least", **shape)
    if square and x.shape[-1] != x.shape[-2]:
        raise errors.ShapeError(f"lnp.linalg.{function}", f"`{name}` must hold square matrices", **shape)


def both_inexact(function: str, a: Any, b: Any) -> list[Array]:
    """The operands a and b in their common floating-point or complex dtype."""
    return promoted(f"linalg.{function}", a, b, names=("a", "b"), inexact=True)


def adjoint(x: Array) -> Array:
    return x.mT.conj() if x.dtype.kind == "c" else x.mT

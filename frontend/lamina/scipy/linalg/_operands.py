"""Operands of the functions of linear algebra: arrays, and what NumPy makes arrays of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from lamina import errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import promoted


def inexact(*xs: Any) -> list[Array]:
    """Arrays of the common floating-point or complex dtype."""
    return promoted("asarray", *(lnp.asarray(x) for x in xs), names=("a",) * len(xs), inexact=True)


def square(function: str, a: Any) -> Array:
    """An inexact array of square matrices. Raises: ShapeError."""
    (a,) = inexact(a)
    check_square(function, a)
    return a


def check_square(function: str, a: Array, name: str = "a") -> None:
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        shape: Any = {name: a.shape}
        raise errors.ShapeError(f"scipy.linalg.{function}", f"`{name}` must hold square matrices", **shape)


def as_matrices(function: str, a: Array, b: Array, apply: Callable[[Array, Array], Array]) -> Array:
    """Apply a function of square matrices ``[..., n, n]`` and right sides ``[..., n, k]`` to broadcast operands.

    `b` may be a vector; one of a rank less than that of `a` with rows as long as a side is a batch of vectors, which
    JAX is giving up.
    """
    check_square(function, a)
    vectors = b.ndim == 1
    if b.ndim > 1 and a.ndim == b.ndim + 1 and a.shape[-1] == b.shape[-1]:
        vectors = True
        warnings.warn(
            f"scipy.linalg.{function}: b is taken as a batch of vectors, which will change; "
            "write b[..., None], and [..., 0] of the result.",
            FutureWarning,
            stacklevel=4,
        )
    b = b[..., None] if vectors else b
    if b.ndim < 2 or b.shape[-2] != a.shape[-1]:
        raise errors.ShapeError(f"scipy.linalg.{function}", "b must have as many rows as a", a=a.shape, b=b.shape)
    batch = lnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = lnp.broadcast_to(a, (*batch, *a.shape[-2:]))
    x = apply(a, lnp.broadcast_to(b, (*batch, *b.shape[-2:])))
    return x[..., 0] if vectors else x

"""What the solvers share: the equation ``A x = b`` on vectors, its tolerance, its derivative."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from lamina import errors, tree_util
from lamina import numpy as lnp
from lamina.array import Array
from lamina.flatten_util import ravel_pytree
from lamina.lax import custom_linear_solve
from lamina.numpy._operands import promoted

Map = Callable[[Any], Any]


class Equation(NamedTuple):
    """``product(x) = rhs`` for a vector x, with what stops the search of it."""

    product: Callable[[Array], Array]
    preconditioner: Callable[[Array], Array]
    rhs: Array
    start: Array
    tolerance: Array  # of the norm of the residual
    steps: int

    def residual(self, x: Array) -> Array:
        return self.rhs - self.product(x)


def solve(
    name: str, method: Callable[[Equation], Array], A: Any, b: Any, x0: Any, tol: Any, atol: Any, maxiter: Any, M: Any,
    symmetric: bool = False,
) -> tuple[Any, None]:  # fmt: skip
    """``(x, None)`` with ``A x = b``, by a method on vectors."""
    leaves, tree = tree_util.tree_flatten(b)
    b = tree_util.tree_unflatten(tree, [promoted(name, leaf, names=("b",), inexact=True)[0] for leaf in leaves])
    x0 = tree_util.tree_map(lnp.zeros_like, b) if x0 is None else x0
    _check_start(name, b, x0)
    matvec, preconditioner = linear_map(name, "A", A), linear_map(name, "M", M)
    flat, unravel = ravel_pytree(b)
    steps = 10 * flat.size if maxiter is None else operator.index(maxiter)

    def on_vectors(f: Map) -> Callable[[Array], Array]:
        return lambda x: ravel_pytree(f(unravel(x)))[0]

    def run(product: Map, rhs: Any) -> Any:
        vector = ravel_pytree(rhs)[0]
        start = ravel_pytree(x0)[0].astype(vector.dtype)
        tolerance = lnp.maximum(tol * norm(vector), atol)
        return unravel(
            method(Equation(on_vectors(product), on_vectors(preconditioner), vector, start, tolerance, steps))
        )

    symmetric = symmetric and flat.dtype.kind != "c"
    return custom_linear_solve(matvec, b, solve=run, transpose_solve=run, symmetric=symmetric), None


def norm(x: Array) -> Array:
    return lnp.sqrt(inner(x, x))


def inner(x: Array, y: Array) -> Array:
    """The real part of the inner product, which is all of it where it is a norm."""
    return lnp.real(lnp.vdot(x, y, precision="highest"))


def linear_map(name: str, argument: str, f: Any) -> Map:
    """A matrix or a function as a function; None: the identity. Raises ShapeError for what is no square matrix."""
    if f is None:
        return lambda x: x
    if callable(f):
        return f
    if not hasattr(f, "shape") or not hasattr(f, "__matmul__"):
        raise errors.NonArrayArgumentError(name, argument, f)
    if len(f.shape) != 2 or f.shape[0] != f.shape[1]:
        raise errors.ShapeError(name, f"`{argument}` must be a square matrix or a function", given=tuple(f.shape))
    return lambda x: f @ x


def _check_start(name: str, b: Any, x0: Any) -> None:
    trees = [tree_util.tree_structure(x) for x in (b, x0)]
    if trees[0] != trees[1]:
        raise errors.TreeStructureError(name, "", ("b", str(trees[0])), ("x0", str(trees[1])))
    for rhs, start in zip(*map(tree_util.tree_leaves, (b, x0)), strict=True):
        if lnp.shape(rhs) != lnp.shape(start):
            raise errors.ShapeError(name, "x0 has to be like b", b=lnp.shape(rhs), x0=lnp.shape(start))

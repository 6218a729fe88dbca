"""Derivatives of factorizations whose factors are unique up to signs, phases or rotations: by what does not see these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from derived import Body, check_derivatives, function_of

from lamina_compiler.builder import Builder
from lamina_compiler.mlir import ir
from lamina_compiler.ops.matrix import adjoint, as_dtype, columns, hermitian, matmul, part, random_matrix
from lamina_compiler.types import TensorType

F64, C128 = np.dtype(np.float64), np.dtype(np.complex128)


def weighted(b: Builder, x: ir.Value, weights: ir.Value) -> ir.Value:
    """x diag(weights)"""
    return b.mul(x, as_dtype(b, columns(b, weights, b.shape(x)[-2]), b.type(x).dtype))


def function_of_hermitian(b: Builder, x: ir.Value) -> ir.Value:
    w, v = b.eigh(hermitian(b, x, lower=True), lower=True, vectors=True)
    return matmul(b, weighted(b, v, b.sin(w)), adjoint(b, v))


def function_of_singular_values(full: bool) -> Any:
    def body(b: Builder, x: ir.Value) -> ir.Value:
        s, u, vh = b.svd(x, full_matrices=full, vectors=True)
        k = slice(b.shape(s)[-1])
        return matmul(b, weighted(b, part(b, u, slice(None), k), b.sin(s)), part(b, vh, k, slice(None)))

    return body


def projection(side: str, first: int) -> Any:
    """Onto the singular vectors from a position on: with `first` the rank, on the complement."""

    def body(b: Builder, x: ir.Value) -> ir.Value:
        _, u, vh = b.svd(x, full_matrices=True, vectors=True)
        vectors = part(b, u if side == "u" else adjoint(b, vh), slice(None), slice(first, None))
        return matmul(b, vectors, adjoint(b, vectors))

    return body


def singular_vectors_in_pairs(b: Builder, x: ir.Value) -> ir.Value:
    """Each u·vᴴ by itself: the phases of the two belong together."""
    _, u, vh = b.svd(x, full_matrices=False, vectors=True)
    return matmul(b, part(b, u, slice(None), slice(1)), part(b, vh, slice(1), slice(None)))


CASES = [
    pytest.param(function_of_hermitian, (3, 3), id="eigh"),
    pytest.param(function_of_singular_values(full=False), (2, 4, 2), id="svd"),
    pytest.param(function_of_singular_values(full=True), (2, 3), id="svd-full"),
    pytest.param(projection("u", 2), (4, 2), id="svd-left-complement"),
    pytest.param(projection("u", 1), (4, 2), id="svd-left-mixed"),
    pytest.param(projection("v", 2), (2, 2, 3), id="svd-right-complement"),
    pytest.param(singular_vectors_in_pairs, (3, 3), id="svd-pairs"),
]


@pytest.mark.parametrize("dtype", [F64, C128], ids=str)
@pytest.mark.parametrize(("body", "shape"), CASES)
def test_derivatives_of_what_is_unique(body: Any, shape: tuple[int, ...], dtype: np.dtype) -> None:
    rng = np.random.default_rng(5)
    wrapped: Body = lambda b, args: [body(b, args[0])]  # noqa: E731
    check_derivatives(function_of([TensorType(shape, dtype)], wrapped), [random_matrix(rng, dtype, shape)], rng, 2)

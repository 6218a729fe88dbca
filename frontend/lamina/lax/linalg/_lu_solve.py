"""Systems of equations by LU factorization, with derivatives that use the same factors."""

from __future__ import annotations

import numpy as np

from lamina.array import Array
from lamina.lax._shapes import broadcasted_iota, expand_dims, reshape
from lamina.lax._solvers import custom_linear_solve
from lamina.lax._staging import stop_gradient
from lamina.lax.linalg._matrices import apply, as_columns, is_complex
from lamina.tracing import current_trace
from lamina_compiler.ops.gather import dimensions


def solve(a: Array, b: Array) -> Array:
    """x with a x = b: ``[..., n, n], [..., n, m] → [..., n, m]``, with the same batch dimensions or none in a."""
    if a.ndim == 2 and b.ndim > 2:  # one matrix: what is a batch becomes further columns
        rows_first = _moved(b, b.ndim - 2, 0)
        x = solve(a, reshape(rows_first, (b.shape[-2], b.size // max(b.shape[-2], 1))))
        return _moved(reshape(x, rows_first.shape), 0, b.ndim - 2)
    lu, _, permutation = apply("lu", stop_gradient(a))
    if current_trace() is None:  # nothing to differentiate
        return lu_solve(lu, permutation, b)
    return custom_linear_solve(
        lambda x: a @ x,
        b,
        lambda _, y: lu_solve(lu, permutation, y),
        lambda _, y: lu_solve(lu, permutation, y, trans=1),
    )


def lu_solve(lu: Array, permutation: Array, b: Array, trans: int = 0) -> Array:
    """x with op(a) x = b from the LU factorization of a; op is nothing (0), transposition (1), the adjoint (2)."""
    half = {"left_side": True, "transpose_a": trans != 0, "conjugate_a": trans == 2 and is_complex(lu)}
    lower, upper = {"lower": True, "unit_diagonal": True}, {"lower": False, "unit_diagonal": False}
    if trans == 0:
        y = apply("triangular_solve", lu, rows_in_order(b, permutation), **half, **lower)
        return apply("triangular_solve", lu, y, **half, **upper)
    y = apply("triangular_solve", lu, b, **half, **upper)
    return rows_in_order(apply("triangular_solve", lu, y, **half, **lower), _inverse(permutation))


def rows_in_order(x: Array, order: Array) -> Array:
    """x[..., order, :], with an order for every matrix of the batch."""
    batch = tuple(range(x.ndim - 2))
    row, column = x.ndim - 2, x.ndim - 1
    return apply(
        "gather",
        x,
        expand_dims(order, [order.ndim]),
        sizes=(*(1 for _ in batch), 1, x.shape[-1]),
        unique_indices=True,
        mode="clip",
        fill_value=0,
        **dimensions((column,), (row,), (row,), batch, batch),
    )


def _inverse(permutation: Array) -> Array:
    """Where each row went."""
    n = permutation.shape[-1]
    targets = as_columns(permutation, n)
    rows, columns = (broadcasted_iota(np.int32, targets.shape, targets.ndim - d) for d in (2, 1))
    return apply("reduce_sum", apply("select", targets == rows, columns, columns * 0), axes=(targets.ndim - 1,))


def _moved(x: Array, source: int, destination: int) -> Array:
    order = [d for d in range(x.ndim) if d != source]
    order.insert(destination, source)
    return apply("transpose", x, permutation=tuple(order))

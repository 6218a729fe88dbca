"""The Cholesky factorization, panel after panel; a row of Lᴴ is contiguous while it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Matrix, Memory
from .panels import Bound, for_lower_triangle, for_panels, panel_height, row_major, subtract
from .values import Value


def cholesky_lower(lw: LinalgBuilder, operands: Sequence[ir.Value], types: Any, result: TensorType) -> ir.Value:
    """Lowering of `cholesky`."""
    if result.size == 0:
        return operands[0]
    n, dtype = result.shape[-1], result.dtype

    def body(code: Loops, number: Value, x: Memory, out: Memory, scratch: Memory) -> None:
        a, factor = row_major(x, number, n, n), row_major(out, number, n, n)
        u = row_major(scratch, code.index(0), n, n)

        def read(i: Value, j: Value) -> None:
            u.adjoint[i, j] = a[i, j]

        for_lower_triangle(code, n, read)
        for_panels(code, n, panel_height(dtype), lambda k, count: _panel(code, u, k, count, n, dtype))
        failed = u[n - 1, n - 1].real.is_nan()  # a nan reaches all later rows

        def write(i: Value, j: Value) -> None:
            factor[j, i] = code.zero(dtype)
            factor[i, j] = code.select(failed, np.nan, u.adjoint[i, j])

        for_lower_triangle(code, n, write)

    return append_batched(
        lw, "cholesky", operands, types, [result], body,
        parts=result.size // n**2, work=n**3 // 32 + n**2, scratch=[(n * n, dtype)],
    )[0]  # fmt: skip


def _panel(code: Loops, u: Matrix, k: Bound, count: int, n: int, dtype: np.dtype) -> None:
    """Factor `count` rows from row k on, and take their products from the rows below."""
    for p in range(count):
        row = k + p
        subtract(code, u, row, (row, n), [u[k + r, row].conj() for r in range(p)], u, k, dtype)
        pivot = u[row, row].real
        root = code.select(pivot > 0.0, pivot.sqrt(), np.nan)

        def scale(j: Any, row: Bound = row, root: Value = root) -> None:
            u[row, j] = u[row, j] / root

        code.lanes(row, n, dtype, scale)
    with code.loop(k + count, n) as i:
        subtract(code, u, i, (i, n), [u[k + r, i].conj() for r in range(count)], u, k, dtype)

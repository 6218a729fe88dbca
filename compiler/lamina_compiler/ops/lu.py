"""The LU factorization with partial pivoting."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..attributes import INT
from ..kernels.lu import lu_lower, permutation_lower
from ..opdef import KernelOrReference, NotDifferentiable, OpDef, OpError, Sample, register, require_dtype
from ..types import BY_SHORT_NAME, TensorType
from .elementwise import quiet
from .matrix import (
    batch_first,
    each_matrix,
    enlarged,
    in_lapack_dtypes,
    is_large,
    lapack,
    matmul,
    on_diagonal,
    part,
    random_matrix,
    require_matrix,
    rows_in_order,
    triangle,
)

_INT = BY_SHORT_NAME["i32"]


def _infer(x: TensorType) -> tuple[TensorType, ...]:
    require_matrix("x", x)
    *batch, m, n = x.shape
    return x, TensorType((*batch, min(m, n)), _INT), TensorType((*batch, m), _INT)


def _reference(x: np.ndarray) -> tuple[np.ndarray, ...]:
    factors, pivots, _ = _infer(TensorType(x.shape, x.dtype))

    def factorize(matrix: np.ndarray) -> tuple[np.ndarray, ...]:
        lu, swaps, _ = lapack("getrf", matrix)(matrix)  # its info says where a pivot is 0, which is no failure
        return lu, swaps

    lu, swaps = each_matrix(factorize, [x], [factors, pivots])
    return lu, swaps, _permutation(swaps, x.shape[-2])


def _permutation(pivots: np.ndarray, rows: int) -> np.ndarray:
    """The order of rows that swapping row i with row pivots[i], for one i after the other, leads to."""
    order = np.tile(np.arange(rows, dtype=np.int32), (*pivots.shape[:-1], 1))
    for i in range(pivots.shape[-1]):
        other = pivots[..., i, None].astype(np.int64)
        moved = np.take_along_axis(order, other, -1)
        np.put_along_axis(order, other, order[..., i, None].copy(), -1)
        order[..., i, None] = moved
    return order


def _jvp(b: Any, tangents: Any, primals: Any, results: Any) -> Any:
    """With F = L⁻¹ P dA U⁻¹: dL = L tril(F, −1), dU = triu(F) U, for L and U made square by parts of the identity."""
    if tangents[0] is None:
        return None
    lu, _, permutation = results
    m, n = b.shape(lu)[-2:]
    k = min(m, n)
    ordered = rows_in_order(b, tangents[0], permutation)
    lower = enlarged(b, triangle(b, part(b, lu, slice(None), slice(k)), lower=True, k=-1), m, m)
    lower = b.select(on_diagonal(b, b.shape(lower)), b.full_like(lower, 1), lower)
    upper = enlarged(b, triangle(b, part(b, lu, slice(k), slice(None)), lower=False), n, n)
    if n > k:
        beyond = b.ge(b.iota(shape=b.shape(upper), dimension=len(b.shape(upper)) - 2, dtype=_INT), k)
        added = b.and_(beyond, on_diagonal(b, b.shape(upper)))
        upper = b.select(added, b.full_like(upper, 1), upper)
    plain = {"transpose_a": False, "conjugate_a": False}
    left = b.triangular_solve(lower, ordered, left_side=True, lower=True, unit_diagonal=True, **plain)
    both = b.triangular_solve(upper, left, left_side=False, lower=False, unit_diagonal=False, **plain)
    d_lower = matmul(b, lower, triangle(b, both, lower=True, k=-1))
    d_upper = matmul(b, triangle(b, both, lower=False), upper)
    return b.add(d_lower, d_upper), None, None


lu = register(
    OpDef(
        name="lu",
        doc="P x = L U: L (unit diagonal) and U in one matrix, the row that each row was swapped with in turn, and the "
        "order of rows that P stands for.",
        operands=("x",),
        results=("lu", "pivots", "permutation"),
        infer=_infer,
        reference=quiet(_reference),
        jvp=_jvp,
        transpose=None,
        batch=batch_first("lu"),
        lower=KernelOrReference(lu_lower, is_large),
        samples=in_lapack_dtypes(
            lambda rng, dtype: [
                Sample((random_matrix(rng, dtype, shape),))
                for shape in [(3, 3), (2, 4, 2), (2, 3, 5), (1, 1), (0, 3), (2, 0, 0)]
            ]
        ),
        family="linalg",
    )
)


def _permutation_infer(pivots: TensorType, rows: int) -> TensorType:
    require_dtype("pivots", pivots, frozenset([_INT]))
    if pivots.rank < 1 or pivots.shape[-1] > rows:
        raise OpError(f"a permutation of {rows} rows takes at most as many pivots in the last dimension, not {pivots}")
    return TensorType((*pivots.shape[:-1], rows), _INT)


lu_pivots_to_permutation = register(
    OpDef(
        name="lu_pivots_to_permutation",
        doc="The order of that many rows after swapping row i with row pivots[i], for one i after the other.",
        operands=("pivots",),
        attributes={"rows": INT},
        infer=_permutation_infer,
        reference=_permutation,
        jvp=NotDifferentiable("it works on integers"),
        transpose=None,
        batch=batch_first("lu_pivots_to_permutation"),
        lower=permutation_lower,
        samples=lambda rng: [
            Sample((np.array(pivots, np.int32),), {"rows": rows})
            for pivots, rows in [([1, 2, 2], 3), ([[2, 2], [0, 3]], 4), ([], 2)]
        ],
        family="linalg",
    )
)

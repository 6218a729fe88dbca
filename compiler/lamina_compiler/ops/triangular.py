"""Triangular systems and the Cholesky factorization, whose derivative is made of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..attributes import BOOL
from ..kernels.cholesky import cholesky_lower
from ..kernels.triangular import triangular_solve_lower
from ..opdef import KernelOrReference, OpDef, OpError, Sample, register
from ..types import Shape, TensorType
from .elementwise import quiet
from .matrix import (
    batch_first,
    conjugated,
    diagonal_weighted,
    hermitian,
    in_lapack_dtypes,
    is_large,
    matmul,
    nan_where_it_fails,
    positive_definite,
    random_matrix,
    require_matrix,
    swapped,
    triangle,
)

# ---- triangular_solve -----------------------------------------------------------------------------------------------


def _solve_infer(a: TensorType, y: TensorType, left_side: bool, **_: bool) -> TensorType:
    require_matrix("a", a, square=True)
    require_matrix("y", y)
    if a.dtype != y.dtype:
        raise OpError(f"operands must have the same dtype, but 'a' is {a} and 'y' is {y}")
    if a.shape[:-2] != y.shape[:-2]:
        raise OpError(f"operands must have the same batch dimensions, but 'a' is {a} and 'y' is {y}")
    if a.shape[-1] != y.shape[-2 if left_side else -1]:
        side = "rows" if left_side else "columns"
        raise OpError(f"'y' must have as many {side} as 'a' is large, but 'a' is {a} and 'y' is {y}")
    return y


_FEW = 4  # matrices: LAPACK solves so few one by one faster than NumPy eliminates in all at once


def _solve_reference(
    a: np.ndarray,
    y: np.ndarray,
    left_side: bool,
    lower: bool,
    transpose_a: bool,
    conjugate_a: bool,
    unit_diagonal: bool,
) -> np.ndarray:
    if transpose_a:
        a, lower = np.swapaxes(a, -1, -2), not lower
    if conjugate_a:
        a = a.conj()
    if not left_side:  # x a = y is aᵀ xᵀ = yᵀ
        a, y, lower = np.swapaxes(a, -1, -2), np.swapaxes(y, -1, -2), not lower
    few = math.prod(a.shape[:-2]) <= _FEW or a.shape[-1] > 32
    x = (_solve_each if few else _solve_all)(a, y, lower, unit_diagonal)
    return x if left_side else np.swapaxes(x, -1, -2)


def _solve_each(a: np.ndarray, y: np.ndarray, lower: bool, unit_diagonal: bool) -> np.ndarray:
    """One matrix after the other by BLAS, which gives inf and nan for a zero on the diagonal."""
    if y.size == 0:
        return y
    from scipy.linalg.blas import get_blas_funcs  # slow to import

    (trsm,) = get_blas_funcs(("trsm",), (a, y))
    x = np.empty_like(y)
    for index in np.ndindex(a.shape[:-2]):
        x[index] = trsm(1, a[index], y[index], lower=lower, diag=unit_diagonal)
    return x


def _solve_all(a: np.ndarray, y: np.ndarray, lower: bool, unit_diagonal: bool) -> np.ndarray:
    """Substitution in all matrices of the batch at once, row after row."""
    x, n = np.array(y), a.shape[-1]
    for i in range(n) if lower else reversed(range(n)):
        known = slice(0, i) if lower else slice(i + 1, n)
        x[..., i : i + 1, :] -= a[..., i : i + 1, known] @ x[..., known, :]
        if not unit_diagonal:
            x[..., i, :] /= a[..., i, i, None]
    return x


def _solve_jvp(b: Any, tangents: Any, primals: Any, x: Any, **attributes: Any) -> Any:
    """d(op(a)⁻¹ y) = op(a)⁻¹ (dy − d(op(a)) x)."""
    da, dy = tangents
    if da is not None:
        da = triangle(b, da, attributes["lower"], k=0 if not attributes["unit_diagonal"] else _strict(attributes))
        da = swapped(b, da) if attributes["transpose_a"] else da
        da = conjugated(b, da) if attributes["conjugate_a"] else da
        da = b.neg(matmul(b, da, x) if attributes["left_side"] else matmul(b, x, da))
    total = b.sum_of([da, dy])
    return None if total is None else b.triangular_solve(primals[0], total, **attributes)


def _strict(attributes: dict[str, bool]) -> int:
    """Number of the diagonal next to the main one."""
    return -1 if attributes["lower"] else 1


def _solve_transpose(b: Any, ct: Any, operands: Any, types: Any, transpose_a: bool, **attributes: bool) -> list[Any]:
    a, y = operands
    if a is None or y is not None:
        return [None, None]
    return [None, b.triangular_solve(a, ct, transpose_a=not transpose_a, **attributes)]


def _solve_batch(b: Any, operands: Any, batched: Sequence[bool], size: int, **attributes: bool) -> Any:
    """A batch of right sides alone becomes further columns (rows) of one."""
    a, y = operands
    if batched[0]:
        return b.triangular_solve(*b.all_batched(operands, batched, size), **attributes)
    shape = b.shape(y)
    place = len(shape) - 2 if attributes["left_side"] else len(shape) - 3
    moved = b.move_dimension(y, 0, place)
    grouped = b.shape(moved)
    merged = (*grouped[:place], grouped[place] * grouped[place + 1], *grouped[place + 2 :])
    x = b.triangular_solve(a, b.reshape(moved, shape=merged), **attributes)
    return b.move_dimension(b.reshape(x, shape=grouped), place, 0)


def _solve_samples(rng: np.random.Generator, dtype: np.dtype) -> Iterable[Sample]:
    names = ("left_side", "lower", "transpose_a", "conjugate_a", "unit_diagonal")
    cases: list[tuple[Shape, Shape, str]] = [
        ((3, 3), (3, 2), "left_side lower"),
        ((3, 3), (2, 3), "conjugate_a"),
        ((2, 3, 3), (2, 3, 1), "left_side transpose_a unit_diagonal"),
        ((5, 2, 2), (5, 4, 2), "lower transpose_a conjugate_a"),
        ((0, 0), (0, 2), "left_side"),
    ]
    for a, y, on in cases:
        attributes = {name: name in on.split() for name in names}
        yield Sample(
            (random_matrix(rng, dtype, a) + 3 * np.eye(a[-1], dtype=dtype), random_matrix(rng, dtype, y)), attributes
        )


triangular_solve = register(
    OpDef(
        name="triangular_solve",
        doc="x with op(a) x = y, or x op(a) = y if not left_side; of the triangular a only the lower (upper) triangle "
        "is read, and not its diagonal if that is unit.",
        operands=("a", "y"),
        attributes={
            "left_side": BOOL,
            "lower": BOOL,
            "transpose_a": BOOL,
            "conjugate_a": BOOL,
            "unit_diagonal": BOOL,
        },
        infer=_solve_infer,
        reference=quiet(_solve_reference),
        jvp=_solve_jvp,
        transpose=_solve_transpose,
        batch=_solve_batch,
        lower=KernelOrReference(triangular_solve_lower, is_large),
        samples=in_lapack_dtypes(_solve_samples),
        family="linalg",
    )
)

# ---- cholesky -------------------------------------------------------------------------------------------------------


def _cholesky_infer(x: TensorType) -> TensorType:
    require_matrix("x", x, square=True)
    return x


@nan_where_it_fails
def _cholesky_reference(x: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(x)


def _cholesky_jvp(b: Any, tangents: Any, primals: Any, factor: Any) -> Any:
    """dL = L Φ(L⁻¹ dA L⁻ᴴ), Φ: the lower triangle with half the diagonal (Murray 2016, arXiv:1602.07527)."""
    if tangents[0] is None:
        return None
    solve = {"lower": True, "unit_diagonal": False}
    change = hermitian(b, tangents[0], lower=True)
    right = b.triangular_solve(factor, change, left_side=False, transpose_a=True, conjugate_a=True, **solve)
    both = b.triangular_solve(factor, right, left_side=True, transpose_a=False, conjugate_a=False, **solve)
    return matmul(b, factor, diagonal_weighted(b, triangle(b, both, lower=True), 0.5))


cholesky = register(
    OpDef(
        name="cholesky",
        doc="The lower triangular L with L Lᴴ = x for a positive definite x, of which the lower triangle is read; nan "
        "where x is not positive definite.",
        operands=("x",),
        infer=_cholesky_infer,
        reference=lambda x: np.tril(_cholesky_reference(x)),
        jvp=_cholesky_jvp,
        transpose=None,
        batch=batch_first("cholesky"),
        lower=KernelOrReference(cholesky_lower, is_large),
        samples=in_lapack_dtypes(
            lambda rng, dtype: [
                Sample((positive_definite(rng, dtype, shape),)) for shape in [(3, 3), (2, 4, 4), (1, 1), (0, 0)]
            ]
        ),
        family="linalg",
    )
)

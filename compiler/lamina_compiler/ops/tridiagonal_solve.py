"""Tridiagonal systems of equations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..attributes import BOOL
from ..kernels.tridiagonal import tridiagonal_solve_lower
from ..opdef import KernelOrReference, OpDef, OpError, Sample, register, require_dtype
from ..types import TensorType
from .elementwise import quiet
from .matrix import LAPACK, each_matrix, in_lapack_dtypes, lapack, random_matrix, require_matrix, rows


def _infer(dl: TensorType, d: TensorType, du: TensorType, y: TensorType, perturb_singular: bool) -> TensorType:
    require_matrix("y", y)
    for name, diagonal in (("dl", dl), ("d", d), ("du", du)):
        require_dtype(name, diagonal, LAPACK)
        if diagonal != TensorType(y.shape[:-1], y.dtype):
            raise OpError(f"'{name}' must be {TensorType(y.shape[:-1], y.dtype)} for 'y' of {y}, but is {diagonal}")
    return y


def _reference(dl: np.ndarray, d: np.ndarray, du: np.ndarray, y: np.ndarray, perturb_singular: bool) -> np.ndarray:
    solve = _solve_perturbed if perturb_singular else _solve_one
    columns = [x[..., None] for x in (dl, d, du)]
    (x,) = each_matrix(solve, [y, *columns], [TensorType(y.shape, y.dtype)])
    return x


def _solve_one(y: np.ndarray, dl: np.ndarray, d: np.ndarray, du: np.ndarray) -> tuple[np.ndarray]:
    """By LAPACK; nan for a singular matrix."""
    if len(d) == 1:
        return (y / np.where(d == 0, np.nan, d).astype(d.dtype),)
    *_, x, info = lapack("gtsv", d, y)(dl[1:, 0], d[:, 0], du[:-1, 0], y)
    return (x if info == 0 else np.full_like(y, np.nan),)


def _solve_perturbed(y: np.ndarray, dl: np.ndarray, d: np.ndarray, du: np.ndarray) -> tuple[np.ndarray]:
    """Elimination with pivots that are tiny replaced by eps · max |U|, so that the solution stays finite."""
    n = len(d)
    upper = np.zeros((n, 3), d.dtype)  # the three diagonals of U, row by row
    x = np.array(y)
    row = np.array([d[0, 0], du[0, 0], 0], d.dtype)
    for i in range(n - 1):
        below = np.array([dl[i + 1, 0], d[i + 1, 0], du[i + 1, 0] if i + 2 < n else 0], d.dtype)
        if abs(below[0]) > abs(row[0]):
            row, below = below, row
            x[[i, i + 1]] = x[[i + 1, i]]
        factor = below[0] / row[0] if row[0] else row[0]
        upper[i] = row
        row = np.append((below - factor * row)[1:], d.dtype.type(0))
        x[i + 1] -= factor * x[i]
    upper[n - 1] = row
    upper[n - 1, 1:] = 0
    smallest = np.finfo(d.dtype).eps * (np.abs(upper).max() or 1)
    tiny = np.abs(upper[:, 0]) < smallest
    upper[tiny, 0] = np.where(upper[tiny, 0].real < 0, -smallest, smallest)
    for i in reversed(range(n)):
        for step in (1, 2):
            if i + step < n:
                x[i] -= upper[i, step] * x[i + step]
        x[i] /= upper[i, 0]
    return (x,)


def _shifted(b: Any, x: Any, by: int, axis: int) -> Any:
    """x moved along an axis, with zeros in place of what leaves it."""
    rank = len(b.shape(x))
    zero = b.zeros(TensorType((), b.type(x).dtype))
    low, high = ([0] * rank for _ in range(2))
    low[axis], high[axis] = by, -by
    return b.pad(x, zero, low=tuple(low), high=tuple(high), interior=(0,) * rank)


def _jvp(b: Any, tangents: Any, primals: Any, x: Any, perturb_singular: bool) -> Any:
    """d(T⁻¹ y) = T⁻¹ (dy − dT x)."""
    *diagonals, dy = tangents
    count, axis = b.shape(x)[-1], len(b.shape(x)) - 2
    total = dy
    for change, by in zip(diagonals, (1, 0, -1), strict=True):
        if change is not None:
            term = b.neg(b.mul(rows(b, change, count), _shifted(b, x, by, axis) if by else x))
            total = b.sum_of([total, term])
    return None if total is None else b.tridiagonal_solve(*primals[:3], total, perturb_singular=perturb_singular)


def _transpose(b: Any, ct: Any, operands: Any, types: Any, perturb_singular: bool) -> list[Any]:
    dl, d, du, y = operands
    if y is not None:
        return [None] * 4
    axis = len(b.shape(d)) - 1
    lower, upper = _shifted(b, du, 1, axis), _shifted(b, dl, -1, axis)
    return [None, None, None, b.tridiagonal_solve(lower, d, upper, ct, perturb_singular=perturb_singular)]


def _batch(b: Any, operands: Any, batched: Sequence[bool], size: int, perturb_singular: bool) -> Any:
    """A batch of right sides alone becomes further columns of one."""
    if any(batched[:3]):
        return b.tridiagonal_solve(*b.all_batched(operands, batched, size), perturb_singular=perturb_singular)
    *diagonals, y = operands
    place = len(b.shape(y)) - 2
    moved = b.move_dimension(y, 0, place)
    grouped = b.shape(moved)
    merged = b.reshape(moved, shape=(*grouped[:place], grouped[place] * grouped[place + 1]))
    x = b.tridiagonal_solve(*diagonals, merged, perturb_singular=perturb_singular)
    return b.move_dimension(b.reshape(x, shape=grouped), place, 0)


def _samples(rng: np.random.Generator, dtype: np.dtype) -> list[Sample]:
    found = []
    for shape in [(4, 2), (2, 3, 1), (1, 2), (2, 2), (0, 2)]:
        dl, d, du = (random_matrix(rng, dtype, shape[:-1]) for _ in range(3))
        for perturb in (False, True):
            operands = (dl, (d + 4).astype(dtype), du, random_matrix(rng, dtype, shape))
            found.append(Sample(operands, {"perturb_singular": perturb}))
    return found


tridiagonal_solve = register(
    OpDef(
        name="tridiagonal_solve",
        doc="x with T x = y, T the matrix with the diagonal d, below it dl[1:], above it du[:-1]; nan where T is "
        "singular, unless tiny pivots are to be perturbed.",
        operands=("dl", "d", "du", "y"),
        attributes={"perturb_singular": BOOL},
        infer=_infer,
        reference=quiet(_reference),
        jvp=_jvp,
        transpose=_transpose,
        batch=_batch,
        lower=KernelOrReference(tridiagonal_solve_lower),
        samples=in_lapack_dtypes(_samples),
        family="linalg",
    )
)

"""Matrices in the last two dimensions of arrays: what the records and rules of linear algebra say often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..opdef import OpError, Rule, require_dtype
from ..types import BY_SHORT_NAME, COMPLEX, REAL_OF, Shape, TensorType
from .elementwise import quiet
from .gather import dimensions

LAPACK = frozenset(BY_SHORT_NAME[name] for name in ("f32", "f64", "c64", "c128"))
"""The element types that LAPACK has routines for."""

_INT = BY_SHORT_NAME["i32"]

# ---- inference ------------------------------------------------------------------------------------------------------


def require_matrix(name: str, type: TensorType, *, square: bool = False) -> None:
    """OpError unless the operand is a matrix, or a batch of matrices, of an element type of LAPACK."""
    require_dtype(name, type, LAPACK)
    if type.rank < 2:
        raise OpError(f"operand '{name}' must be a matrix or a batch of matrices, but is {type}")
    if square and type.shape[-1] != type.shape[-2]:
        raise OpError(f"operand '{name}' must be a square matrix or a batch of such, but is {type}")


def real_dtype(dtype: np.dtype) -> np.dtype:
    """The element type of absolute values."""
    return REAL_OF.get(dtype, dtype)


def nothing(type: TensorType) -> TensorType:
    """Type of a result that was not asked for: a batch of matrices without elements."""
    return TensorType((*type.shape[:-2], 0, 0), type.dtype)


LARGE = 1024
"""Rows and columns from which LAPACK, which uses all cores, is faster than a kernel on one of them."""


def is_large(x: TensorType, *others: TensorType, **attributes: Any) -> bool:
    """Whether LAPACK is preferred for these matrices."""
    return min(x.shape[-2:]) >= LARGE


# ---- references -----------------------------------------------------------------------------------------------------


def each_matrix(
    function: Callable[..., Sequence[np.ndarray]], operands: Sequence[np.ndarray], results: Sequence[TensorType]
) -> tuple[np.ndarray, ...]:
    """Apply a function to every matrix of a batch, whose dimensions are those before the matrix of the first operand.

    `results` are the types for the whole batch. The function is not called for matrices without elements, whose
    results are zero.
    """
    out = [np.zeros(type.shape, type.dtype) for type in results]
    if operands[0].size:
        for index in np.ndindex(operands[0].shape[:-2]):
            for target, value in zip(out, function(*(x[index] for x in operands)), strict=True):
                target[index] = value
    return tuple(out)


def lapack(name: str, *arrays: np.ndarray) -> Callable[..., Any]:
    """The LAPACK routine for the element type of some arrays."""
    from scipy.linalg.lapack import get_lapack_funcs  # slow to import

    return get_lapack_funcs((name,), arrays)[0]


def nan_where_it_fails(reference: Rule) -> Rule:
    """A reference whose results are nan for each matrix that NumPy's or SciPy's function raises LinAlgError for.

    The first operand is the batch of matrices; all results have its batch dimensions.
    """

    def run(x: np.ndarray, *rest: np.ndarray, **attributes: Any) -> Any:
        try:
            return reference(x, *rest, **attributes)
        except np.linalg.LinAlgError:
            pass
        batch = x.shape[:-2]
        if not batch:
            return _nans(reference(identity(x.shape, x.dtype), *rest, **attributes))
        each = [run(x[i], *(y[i] for y in rest), **attributes) for i in range(batch[0])]
        if isinstance(each[0], tuple):
            return tuple(np.stack(parts) for parts in zip(*each, strict=True))
        return np.stack(each)

    return quiet(run)


def identity(shape: Shape, dtype: np.dtype) -> np.ndarray:
    """Matrices with ones on the diagonal."""
    return np.broadcast_to(np.eye(shape[-2], shape[-1], dtype=dtype), shape)


def _nans(results: Any) -> Any:
    if isinstance(results, tuple):
        return tuple(map(_nans, results))
    return np.full_like(results, np.nan) if results.dtype.kind in "fc" else results


# ---- rules ----------------------------------------------------------------------------------------------------------


def matmul(b: Any, x: Any, y: Any) -> Any:
    """Matrix products; both operands have the same batch dimensions."""
    rank, dtype = len(b.shape(x)), b.type(x).dtype
    batch = tuple(range(rank - 2))
    return b.dot_general(
        x,
        y,
        lhs_contracting=(rank - 1,),
        rhs_contracting=(rank - 2,),
        lhs_batch=batch,
        rhs_batch=batch,
        dtype=dtype,
    )


def swapped(b: Any, x: Any) -> Any:
    """Transposed matrices."""
    rank = len(b.shape(x))
    return b.transpose(x, permutation=(*range(rank - 2), rank - 1, rank - 2))


def real_part(b: Any, x: Any) -> Any:
    return b.real(x) if b.type(x).dtype in COMPLEX else x


def as_dtype(b: Any, x: Any, dtype: np.dtype) -> Any:
    return x if b.type(x).dtype == dtype else b.convert(x, dtype=dtype)


def conjugated(b: Any, x: Any) -> Any:
    return b.conj(x) if b.type(x).dtype in COMPLEX else x


def adjoint(b: Any, x: Any) -> Any:
    """Conjugated, transposed matrices."""
    return conjugated(b, swapped(b, x))


def _positions(b: Any, shape: Shape) -> tuple[Any, Any]:
    """Row and column of every element."""
    rank = len(shape)
    return tuple(b.iota(shape=shape, dimension=d, dtype=_INT) for d in (rank - 2, rank - 1))  # type: ignore[return-value]


def below(b: Any, shape: Shape, k: int = 0) -> Any:
    """Where the lower triangle is: on and below the k-th diagonal."""
    rows, columns = _positions(b, shape)
    return b.ge(b.add(rows, k), columns)


def on_diagonal(b: Any, shape: Shape) -> Any:
    """Where the diagonal is."""
    return b.eq(*_positions(b, shape))


def triangle(b: Any, x: Any, lower: bool, k: int = 0) -> Any:
    """The part on and below (above) the k-th diagonal, zero elsewhere."""
    zero, shape = b.full_like(x, 0), b.shape(x)
    return b.select(below(b, shape, k), x, zero) if lower else b.select(below(b, shape, k - 1), zero, x)


def diagonal_weighted(b: Any, x: Any, weight: float) -> Any:
    """The matrices with their diagonals multiplied by a number."""
    return b.mul(x, b.select(on_diagonal(b, b.shape(x)), b.full_like(x, weight), b.full_like(x, 1)))


def hermitian(b: Any, x: Any, lower: bool) -> Any:
    """The Hermitian matrices that a triangle stands for; imaginary parts on the diagonal are left out."""
    part = triangle(b, x, lower)
    return diagonal_weighted(b, b.add(part, adjoint(b, part)), 0.5)


def diagonal(b: Any, x: Any) -> Any:
    """The diagonals, as vectors in the last dimension."""
    shape = b.shape(x)
    kept = b.select(on_diagonal(b, shape), x, b.full_like(x, 0))
    axis = len(shape) - 1 if shape[-2] <= shape[-1] else len(shape) - 2
    return b.reduce_sum(kept, axes=(axis,))


def columns(b: Any, v: Any, rows: int) -> Any:
    """A vector v as matrices with `rows` equal rows: what multiplies column j by v[j]."""
    shape = b.shape(v)
    kept = (*range(len(shape) - 1), len(shape))
    return b.broadcast_in_dim(v, shape=(*shape[:-1], rows, shape[-1]), dimensions=kept)


def rows(b: Any, v: Any, columns: int) -> Any:
    """A vector v as matrices with equal columns: what multiplies row i by v[i]."""
    shape = b.shape(v)
    return b.broadcast_in_dim(v, shape=(*shape, columns), dimensions=tuple(range(len(shape))))


def eye(b: Any, like: Any) -> Any:
    """Identity matrices of the type of `like`."""
    return b.select(on_diagonal(b, b.shape(like)), b.full_like(like, 1), b.full_like(like, 0))


def part(b: Any, x: Any, rows: slice, columns: slice) -> Any:
    """x[..., rows, columns]"""
    shape = b.shape(x)
    ranges = [s.indices(n)[:2] for s, n in zip((rows, columns), shape[-2:], strict=True)]
    start = (*(0 for _ in shape[:-2]), *(first for first, _ in ranges))
    limit = (*shape[:-2], *(max(first, last) for first, last in ranges))
    return x if limit == shape and not any(start) else b.slice(x, start=start, limit=limit, strides=(1,) * len(shape))


def enlarged(b: Any, x: Any, rows: int, columns: int) -> Any:
    """The matrices with zeros below and on the right, up to the given size."""
    shape = b.shape(x)
    high = (*(0 for _ in shape[:-2]), rows - shape[-2], columns - shape[-1])
    none = (0,) * len(shape)
    return b.pad(x, b.zeros(TensorType((), b.type(x).dtype)), low=none, high=high, interior=none)


def rows_in_order(b: Any, x: Any, order: Any) -> Any:
    """x[..., order, :], with an order for every matrix of the batch."""
    shape, batch = b.shape(x), tuple(range(len(b.shape(x)) - 2))
    row, column = len(batch), len(batch) + 1
    return b.gather(
        x,
        b.reshape(order, shape=(*b.shape(order), 1)),
        sizes=(*(1 for _ in batch), 1, shape[-1]),
        unique_indices=True,
        mode="clip",
        fill_value=0,
        **dimensions((column,), (row,), (row,), batch, batch),
    )


def solve(b: Any, a: Any, y: Any) -> Any:
    """x with a x = y, for square matrices a."""
    lu, _, permutation = b.lu(a)
    attributes = {"left_side": True, "transpose_a": False, "conjugate_a": False}
    ordered = rows_in_order(b, y, permutation)
    half = b.triangular_solve(lu, ordered, lower=True, unit_diagonal=True, **attributes)
    return b.triangular_solve(lu, half, lower=False, unit_diagonal=False, **attributes)


def batch_first(name: str) -> Rule:
    """Batching rule of an op that takes leading batch dimensions itself, with all its attributes unchanged."""

    def batch(b: Any, operands: Sequence[Any], batched: Sequence[bool], size: int, **attributes: Any) -> Any:
        return getattr(b, name)(*b.all_batched(operands, batched, size), **attributes)

    return batch


# ---- samples --------------------------------------------------------------------------------------------------------


def random_matrix(rng: np.random.Generator, dtype: np.dtype, shape: Shape) -> np.ndarray:
    values = rng.normal(size=shape)
    if dtype.kind == "c":
        values = values + 1j * rng.normal(size=shape)
    return np.asarray(values).astype(dtype)


def positive_definite(rng: np.random.Generator, dtype: np.dtype, shape: Shape) -> np.ndarray:
    x = random_matrix(rng, dtype, shape)
    return (x @ np.swapaxes(x, -1, -2).conj() + 2 * np.eye(shape[-1])).astype(dtype)


def in_lapack_dtypes(draw: Callable[[np.random.Generator, np.dtype], Iterable[Any]]) -> Any:
    """Samples for every element type, from a function that gives those of one."""
    return lambda rng: [sample for dtype in sorted(LAPACK, key=str) for sample in draw(rng, dtype)]

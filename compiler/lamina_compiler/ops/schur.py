"""Unitary similarity: the Schur, Hessenberg and tridiagonal forms of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..attributes import BOOL
from ..opdef import ByReference, NoDerivative, OpDef, OpError, Sample, register
from ..types import TensorType
from .elementwise import quiet
from .matrix import (
    batch_first,
    each_matrix,
    in_lapack_dtypes,
    lapack,
    nan_where_it_fails,
    nothing,
    random_matrix,
    real_dtype,
    require_matrix,
)


def _square_samples(*attributes: dict[str, Any]) -> Any:
    shapes = [(3, 3), (2, 4, 4), (1, 1)]
    return in_lapack_dtypes(
        lambda rng, dtype: [
            Sample((random_matrix(rng, dtype, shape),), each, unique=False) for shape in shapes for each in attributes
        ]
    )


def _schur_infer(x: TensorType, vectors: bool) -> tuple[TensorType, ...]:
    require_matrix("x", x, square=True)
    return x, x if vectors else nothing(x)


@nan_where_it_fails
def _schur_reference(x: np.ndarray, vectors: bool) -> tuple[np.ndarray, ...]:
    types = _schur_infer(TensorType(x.shape, x.dtype), vectors)

    def factorize(a: np.ndarray) -> tuple[np.ndarray, ...]:
        from scipy.linalg import schur  # slow to import

        if not np.isfinite(a).all():
            raise np.linalg.LinAlgError("not finite")
        form, unitary, *_ = schur(a, check_finite=False)
        return form, unitary if vectors else unitary[:0, :0]

    return each_matrix(factorize, [x], types)


schur = register(
    OpDef(
        name="schur",
        doc="x = Q T Qᴴ: T upper triangular, for a real x with a block of two on the diagonal for each pair of complex "
        "eigenvalues, and if asked for the unitary Q.",
        operands=("x",),
        results=("t", "q"),
        attributes={"vectors": BOOL},
        infer=_schur_infer,
        reference=_schur_reference,
        jvp=NoDerivative("no rule is known here for blocks of complex eigenvalues"),
        transpose=None,
        batch=batch_first("schur"),
        lower=ByReference(),
        samples=_square_samples({"vectors": True}, {"vectors": False}),
        family="linalg",
    )
)


def _hessenberg_infer(x: TensorType) -> tuple[TensorType, ...]:
    require_matrix("x", x, square=True)
    return x, TensorType((*x.shape[:-2], max(x.shape[-1] - 1, 0)), x.dtype)


def _hessenberg_reference(x: np.ndarray) -> tuple[np.ndarray, ...]:
    types = _hessenberg_infer(TensorType(x.shape, x.dtype))
    return each_matrix(lambda a: lapack("gehrd", a)(a)[:2], [x], types)


hessenberg = register(
    OpDef(
        name="hessenberg",
        doc="x = Q H Qᴴ with H zero below the first subdiagonal: H, with the vectors of the reflectors that Q is the "
        "product of in place of these zeros, and their factors.",
        operands=("x",),
        results=("packed", "taus"),
        infer=_hessenberg_infer,
        reference=quiet(_hessenberg_reference),
        jvp=NoDerivative("no rule is known here"),
        transpose=None,
        batch=batch_first("hessenberg"),
        lower=ByReference(),
        samples=_square_samples({}),
        family="linalg",
    )
)


def _tridiagonal_infer(x: TensorType, lower: bool) -> tuple[TensorType, ...]:
    require_matrix("x", x, square=True)
    *batch, _, n = x.shape
    if n == 0:
        raise OpError(f"operand 'x' must not be empty, but is {x}")
    dtype = real_dtype(x.dtype)
    return (
        x,
        TensorType((*batch, n), dtype),
        TensorType((*batch, n - 1), dtype),
        TensorType((*batch, n - 1), x.dtype),
    )


def _tridiagonal_reference(x: np.ndarray, lower: bool) -> tuple[np.ndarray, ...]:
    types = _tridiagonal_infer(TensorType(x.shape, x.dtype), lower)
    name = "hetrd" if x.dtype.kind == "c" else "sytrd"
    return each_matrix(lambda a: lapack(name, a)(a, lower=lower)[:4], [x], types)


tridiagonal = register(
    OpDef(
        name="tridiagonal",
        doc="x = Q T Qᴴ for the Hermitian x of which the lower (upper) triangle is read, T tridiagonal: T, with the "
        "vectors of the reflectors that Q is the product of beyond it, its diagonal, the one beside it, and the "
        "factors of the reflectors.",
        operands=("x",),
        results=("packed", "d", "e", "taus"),
        attributes={"lower": BOOL},
        infer=_tridiagonal_infer,
        reference=quiet(_tridiagonal_reference),
        jvp=NoDerivative("no rule is known here"),
        transpose=None,
        batch=batch_first("tridiagonal"),
        lower=ByReference(),
        samples=_square_samples({"lower": True}, {"lower": False}),
        family="linalg",
    )
)

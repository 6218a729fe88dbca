"""The singular value decomposition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import BOOL
from ..kernels.qr import qr_lower
from ..kernels.svd import svd_lower
from ..opdef import KernelOrReference, OpDef, Sample, register
from ..types import COMPLEX, TensorType
from .contract import dot_general_lower
from .matrix import (
    adjoint,
    as_dtype,
    batch_first,
    columns,
    diagonal,
    eye,
    identity,
    in_lapack_dtypes,
    is_large,
    matmul,
    nan_where_it_fails,
    nothing,
    part,
    random_matrix,
    real_dtype,
    real_part,
    require_matrix,
    rows,
)

_ALL = slice(None)
_TALL = 2  # times as many rows as columns


def _infer(x: TensorType, full_matrices: bool, vectors: bool) -> tuple[TensorType, ...]:
    require_matrix("x", x)
    *batch, m, n = x.shape
    k = min(m, n)
    values = TensorType((*batch, k), real_dtype(x.dtype))
    if not vectors:
        return values, nothing(x), nothing(x)
    left = TensorType((*batch, m, m if full_matrices else k), x.dtype)
    return values, left, TensorType((*batch, n if full_matrices else k, n), x.dtype)


@nan_where_it_fails
def _reference(x: np.ndarray, full_matrices: bool, vectors: bool) -> tuple[np.ndarray, ...]:
    if vectors and x.size:
        u, s, vh = np.linalg.svd(x, full_matrices)
        return s, u, vh
    s, u, vh = (
        np.zeros(type.shape, type.dtype) for type in _infer(TensorType(x.shape, x.dtype), full_matrices, vectors)
    )
    if x.size:
        return np.linalg.svd(x, compute_uv=False), u, vh
    return s, identity(u.shape, u.dtype), identity(vh.shape, vh.dtype)


def _jvp(b: Any, tangents: Any, primals: Any, results: Any, full_matrices: bool, vectors: bool) -> Any:
    """With D = Uᴴ dA V: ds = Re diag(D), dU = U (F ∘ (D s + s Dᴴ)), dV = V (F ∘ (s D + Dᴴ s)), F = 1 / (s[j]² − s[i]²),
    of distinct singular values (Giles 2008, §3.2, people.maths.ox.ac.uk/gilesm/files/NA-08-01.pdf); beside these the
    parts in the complements of U and V.
    """
    dx = tangents[0]
    if dx is None:
        return None
    s, u, vh = results if vectors else b.svd(primals[0], full_matrices=False, vectors=True)
    dtype, k = b.type(dx).dtype, b.shape(s)[-1]
    u_k, v_k = part(b, u, _ALL, slice(k)), adjoint(b, part(b, vh, slice(k), _ALL))
    right = matmul(b, dx, v_k)
    inner = matmul(b, adjoint(b, u_k), right)
    ds = real_part(b, diagonal(b, inner))
    if not vectors:
        return ds, None, None
    by_column, by_row = (as_dtype(b, spread(b, s, k), dtype) for spread in (columns, rows))
    factor = as_dtype(b, _differences(b, s), dtype)
    scaled_u, scaled_v = b.mul(inner, by_column), b.mul(by_row, inner)
    omega_u = b.mul(factor, b.add(scaled_u, adjoint(b, scaled_u)))
    if dtype in COMPLEX:  # the phases of pairs of vectors, all of it given to u
        phases = b.mul(b.mul(b.sub(inner, adjoint(b, inner)), 0.5), eye(b, inner))
        omega_u = b.add(omega_u, b.div(phases, by_column))
    omega_v = b.mul(factor, b.add(scaled_v, adjoint(b, scaled_v)))
    left = matmul(b, adjoint(b, dx), u_k)
    du = _vectors_tangent(b, u, u_k, omega_u, right, s)
    dv = _vectors_tangent(b, adjoint(b, vh), v_k, omega_v, left, s)
    return ds, du, adjoint(b, dv)


def _differences(b: Any, s: Any) -> Any:
    """1 / (s[j]² − s[i]²) at row i and column j, 0 on the diagonal."""
    n = b.shape(s)[-1]
    by_column, by_row = columns(b, s, n), rows(b, s, n)
    difference = b.mul(b.add(by_column, by_row), b.sub(by_column, by_row))
    identity = eye(b, difference)
    return b.sub(b.div(b.full_like(difference, 1), b.add(difference, identity)), identity)


def _vectors_tangent(b: Any, every: Any, first: Any, omega: Any, image: Any, s: Any) -> Any:
    """Tangent of singular vectors, of which the `first` ones have singular values; `image` is dA (dAᴴ) of the others'.

    Outside of the span of the first ones it is (1 − U Uᴴ) dA V / s; what spans the complement turns along with it.
    """
    size, k, count = b.shape(first)[-2], b.shape(first)[-1], b.shape(every)[-1]
    tangent = matmul(b, first, omega)
    if size == k:
        return tangent
    outside = b.sub(image, matmul(b, first, matmul(b, adjoint(b, first), image)))
    outside = b.div(outside, as_dtype(b, columns(b, s, size), b.type(image).dtype))
    tangent = b.add(tangent, outside)
    if count == k:
        return tangent
    rest = part(b, every, _ALL, slice(k, count))
    turned = b.neg(matmul(b, first, matmul(b, adjoint(b, outside), rest)))
    return b.concatenate(tangent, turned, dimension=len(b.shape(every)) - 1)


def _samples(rng: np.random.Generator, dtype: np.dtype) -> list[Sample]:
    cases = [((3, 3), True, True), ((2, 4, 2), False, True), ((2, 3), False, True), ((4, 2), True, True),
             ((2, 2, 4), True, True), ((3, 2), True, False), ((1, 1), False, True), ((0, 2), True, True),
             ((2, 0), False, True)]  # fmt: skip
    return [
        Sample(
            (random_matrix(rng, dtype, shape),),
            {"full_matrices": full, "vectors": vectors},
            unique=not vectors or (dtype not in COMPLEX and not (full and shape[-1] != shape[-2])),
        )
        for shape, full, vectors in cases
    ]


def _lower(lw: Any, operands: Any, types: Any, results: Any, full_matrices: bool, vectors: bool) -> Sequence[Any]:
    """Of a tall matrix by that of its R, which has fewer rows to turn (Chan 1982, DOI 10.1145/355984.355990)."""
    (type,), (s_type, u_type, vh_type) = types, results
    (*batch, m, n), dtype = type.shape, type.dtype
    if type.size == 0 or max(m, n) < _TALL * min(m, n) or (full_matrices and vectors):
        return svd_lower(lw, operands, types, results, full_matrices, vectors)
    if m < n:
        turned = _swapped(type), _swapped(vh_type), _swapped(u_type)
        x = _adjoint(lw, operands[0], turned[0])
        s, v, uh = _lower(lw, [x], turned[:1], [s_type, *turned[1:]], full_matrices, vectors)
        return [s, _adjoint(lw, uh, u_type), _adjoint(lw, v, vh_type)]
    square = TensorType((*batch, n, n), dtype)
    q, r, _ = qr_lower(lw, operands, types, [type, square, nothing(type)], False, False)
    s, u, vh = svd_lower(lw, [r], [square], [s_type, square if vectors else u_type, vh_type], False, vectors)
    if not vectors:
        return [s, u, vh]
    d, every = len(batch), tuple(range(len(batch)))
    dims = {"lhs_contracting": (d + 1,), "rhs_contracting": (d,), "lhs_batch": every, "rhs_batch": every}
    return [s, dot_general_lower(lw, [q, u], [type, square], u_type, **dims, dtype=dtype), vh]


def _swapped(type: TensorType) -> TensorType:
    """The type of the adjoint; of what there is none of, as it is."""
    return TensorType((*type.shape[:-2], type.shape[-1], type.shape[-2]), type.dtype) if type.rank > 1 else type


def _adjoint(lw: Any, x: Any, result: TensorType) -> Any:
    if result.rank < 2:
        return x
    order = [*range(result.rank - 2), result.rank - 1, result.rank - 2]
    conj = scalar.conj if result.dtype in COMPLEX else lambda v: v
    return lw.parallel([x], [order], result, lambda inner, args: inner.apply(conj, args, [result.dtype]))


svd = register(
    OpDef(
        name="svd",
        doc="x = U diag(s) Vᴴ: singular values in decreasing order, and if asked for the unitary U and Vᴴ, square if "
        "`full_matrices`.",
        operands=("x",),
        results=("s", "u", "vh"),
        attributes={"full_matrices": BOOL, "vectors": BOOL},
        infer=_infer,
        reference=_reference,
        jvp=_jvp,
        transpose=None,
        batch=batch_first("svd"),
        lower=KernelOrReference(_lower, is_large),
        samples=in_lapack_dtypes(_samples),
        family="linalg",
    )
)

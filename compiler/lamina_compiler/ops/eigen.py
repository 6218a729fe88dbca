"""Eigenvalues and eigenvectors of Hermitian and of general matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..attributes import BOOL
from ..errors import NoDerivativeRule
from ..kernels.eigh import eigh_lower
from ..opdef import ByReference, KernelOrReference, OpDef, Sample, register
from ..types import COMPLEX, COMPLEX_OF, TensorType
from .matrix import (
    adjoint,
    as_dtype,
    batch_first,
    columns,
    diagonal,
    each_matrix,
    eye,
    hermitian,
    in_lapack_dtypes,
    is_large,
    lapack,
    matmul,
    nan_where_it_fails,
    nothing,
    random_matrix,
    real_dtype,
    real_part,
    require_matrix,
    rows,
    solve,
)

# ---- Hermitian ------------------------------------------------------------------------------------------------------


def _eigh_infer(x: TensorType, lower: bool, vectors: bool) -> tuple[TensorType, ...]:
    require_matrix("x", x, square=True)
    return TensorType(x.shape[:-1], real_dtype(x.dtype)), x if vectors else nothing(x)


@nan_where_it_fails
def _eigh_reference(x: np.ndarray, lower: bool, vectors: bool) -> tuple[np.ndarray, ...]:
    triangle = "L" if lower else "U"
    if vectors:
        return tuple(np.linalg.eigh(x, triangle))
    return np.linalg.eigvalsh(x, triangle), np.zeros((*x.shape[:-2], 0, 0), x.dtype)


def differences(b: Any, w: Any) -> Any:
    """1 / (w[j] − w[i]) at row i and column j, 0 on the diagonal; not finite for a repeated eigenvalue."""
    n = b.shape(w)[-1]
    difference = b.sub(columns(b, w, n), rows(b, w, n))
    identity = eye(b, difference)
    return b.sub(b.div(b.full_like(difference, 1), b.add(difference, identity)), identity)


def _eigh_jvp(b: Any, tangents: Any, primals: Any, results: Any, lower: bool, vectors: bool) -> Any:
    """dw = diag(Vᴴ dA V), dV = V (F ∘ Vᴴ dA V) with F = 1 / (w[j] − w[i]), of distinct eigenvalues (Giles 2008, §3.1,
    people.maths.ox.ac.uk/gilesm/files/NA-08-01.pdf).
    """
    if tangents[0] is None:
        return None
    w, v = results if vectors else b.eigh(primals[0], lower=lower, vectors=True)
    change = hermitian(b, tangents[0], lower)
    inner = matmul(b, adjoint(b, v), matmul(b, change, v))
    dw = real_part(b, diagonal(b, inner))
    if not vectors:
        return dw, None
    return dw, matmul(b, v, b.mul(as_dtype(b, differences(b, w), b.type(v).dtype), inner))


def _eigh_samples(rng: np.random.Generator, dtype: np.dtype) -> list[Sample]:
    cases = [((3, 3), True, True), ((2, 3, 3), False, True), ((3, 3), True, False), ((1, 1), True, True),
             ((0, 0), True, True)]  # fmt: skip
    return [
        Sample(
            (random_matrix(rng, dtype, shape),),
            {"lower": lower, "vectors": vectors},
            unique=dtype not in COMPLEX or not vectors,
        )
        for shape, lower, vectors in cases
    ]


eigh = register(
    OpDef(
        name="eigh",
        doc="Eigenvalues in increasing order, and if asked for the unit eigenvectors as columns, of the Hermitian "
        "matrix whose lower (upper) triangle is that of x.",
        operands=("x",),
        results=("w", "v"),
        attributes={"lower": BOOL, "vectors": BOOL},
        infer=_eigh_infer,
        reference=_eigh_reference,
        jvp=_eigh_jvp,
        transpose=None,
        batch=batch_first("eigh"),
        lower=KernelOrReference(eigh_lower, is_large),
        samples=in_lapack_dtypes(_eigh_samples),
        family="linalg",
    )
)

# ---- general --------------------------------------------------------------------------------------------------------


def _eig_infer(x: TensorType, left: bool, right: bool, vector_derivatives: bool) -> tuple[TensorType, ...]:
    require_matrix("x", x, square=True)
    vectors = TensorType(x.shape, COMPLEX_OF.get(x.dtype, x.dtype))
    return (
        TensorType(x.shape[:-1], vectors.dtype),
        vectors if left else nothing(vectors),
        vectors if right else nothing(vectors),
    )


@nan_where_it_fails
def _eig_reference(x: np.ndarray, left: bool, right: bool, vector_derivatives: bool) -> tuple[np.ndarray, ...]:
    values, lefts, rights = types = _eig_infer(TensorType(x.shape, x.dtype), left, right, vector_derivatives)
    none = np.zeros(lefts.shape, lefts.dtype)
    if left:
        return each_matrix(lambda a: _geev(a, right), [x], types)
    if right:
        w, v = np.linalg.eig(x)
        return w.astype(values.dtype), none, v.astype(rights.dtype)
    return np.linalg.eigvals(x).astype(values.dtype), none, np.zeros(rights.shape, rights.dtype)


def _geev(a: np.ndarray, right: bool) -> tuple[np.ndarray, ...]:
    """Eigenvalues, left and right eigenvectors by LAPACK, which gives pairs of complex ones as two real vectors."""
    *w, vl, vr, info = lapack("geev", a)(a, compute_vl=True, compute_vr=right)
    if info != 0 or not np.isfinite(a).all():
        raise np.linalg.LinAlgError("the eigenvalues did not converge")
    none = np.zeros((0, 0))
    if len(w) == 1:
        return w[0], vl, vr if right else none
    values = w[0] + 1j * w[1]
    return values, _paired(values, vl), _paired(values, vr) if right else none


def _paired(w: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Complex eigenvectors from real and imaginary parts in neighbouring columns."""
    vectors = v.astype(complex)
    first = np.flatnonzero(np.imag(w) > 0)
    vectors[:, first] += 1j * v[:, first + 1]
    vectors[:, first + 1] = vectors[:, first].conj()
    return vectors


def _eig_jvp(
    b: Any, tangents: Any, primals: Any, results: Any, left: bool, right: bool, vector_derivatives: bool
) -> Any:
    """dw = diag(V⁻¹ dA V), dV = V (F ∘ V⁻¹ dA V) + V diag(c), of distinct eigenvalues (Giles 2008, §3.1), where c keeps
    the eigenvectors as LAPACK makes them: of length 1, with a real largest element.
    """
    if tangents[0] is None:
        return None
    if (left or right) and not vector_derivatives:
        raise NoDerivativeRule(
            "eig",
            b.loc,
            "eigenvectors of general matrices have derivatives only where the eigenvalues are distinct and no two "
            "elements of an eigenvector are largest; if that holds, ask for them with enable_eigvec_derivs=True",
        )
    w, v_left, v = results
    if not right:
        _, _, v = b.eig(primals[0], left=False, right=True, vector_derivatives=True)
    change = as_dtype(b, tangents[0], b.type(v).dtype)
    inner = matmul(b, solve(b, v, change), v)
    return (
        diagonal(b, inner),
        _vectors_tangent(b, b.conj(w), v_left, adjoint(b, change)) if left else None,
        _vectors_tangent(b, w, v, change) if right else None,
    )


def _vectors_tangent(b: Any, w: Any, v: Any, change: Any) -> Any:
    """Tangent of the eigenvectors v of a matrix that changes."""
    if 0 in b.shape(v):
        return v
    inner = matmul(b, solve(b, v, change), v)
    free = matmul(b, v, b.mul(differences(b, w), inner))
    axis = len(b.shape(v)) - 2
    along = b.real(b.reduce_sum(b.mul(b.conj(v), free), axes=(axis,)))
    largest = b.argmax(b.abs(v), axis=axis, dtype=np.dtype(np.int32))
    shape = b.shape(v)
    chosen = b.eq(b.iota(shape=shape, dimension=axis, dtype=np.dtype(np.int32)), columns(b, largest, shape[-1]))
    zero = b.full_like(v, 0)
    top, moved = (b.reduce_sum(b.select(chosen, x, zero), axes=(axis,)) for x in (v, free))
    turned = b.div(b.imag(moved), b.real(top))
    correction = b.complex(b.neg(along), b.neg(turned))
    return b.add(free, b.mul(v, columns(b, correction, shape[-1])))


def _eig_samples(rng: np.random.Generator, dtype: np.dtype) -> list[Sample]:
    cases = [((3, 3), False, True), ((2, 3, 3), True, False), ((3, 3), True, True), ((4, 4), False, False),
             ((1, 1), False, False), ((0, 0), True, True)]  # fmt: skip
    return [
        Sample((random_matrix(rng, dtype, shape),), {"left": left, "right": right, "vector_derivatives": True})
        for shape, left, right in cases
    ]


eig = register(
    OpDef(
        name="eig",
        doc="Eigenvalues of x, and if asked for the left and right eigenvectors as columns: of length 1, with a real "
        "largest element. `vector_derivatives`: whether these may be differentiated.",
        operands=("x",),
        results=("w", "left_vectors", "right_vectors"),
        attributes={"left": BOOL, "right": BOOL, "vector_derivatives": BOOL},
        infer=_eig_infer,
        reference=_eig_reference,
        jvp=_eig_jvp,
        transpose=None,
        batch=batch_first("eig"),
        lower=ByReference(),
        samples=in_lapack_dtypes(_eig_samples),
        family="linalg",
    )
)

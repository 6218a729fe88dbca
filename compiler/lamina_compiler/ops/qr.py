"""The QR factorization, and the Householder reflectors that it is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..attributes import BOOL
from ..kernels.qr import geqrf_lower, qr_lower
from ..opdef import KernelOrReference, NoDerivative, OpDef, Sample, register
from ..types import BY_SHORT_NAME, COMPLEX, TensorType
from .elementwise import quiet
from .matrix import (
    adjoint,
    batch_first,
    each_matrix,
    enlarged,
    eye,
    identity,
    in_lapack_dtypes,
    is_large,
    lapack,
    matmul,
    nan_where_it_fails,
    part,
    random_matrix,
    require_matrix,
    rows_in_order,
    solve,
    swapped,
    triangle,
)

_ALL = slice(None)


def _infer(x: TensorType, pivoting: bool, full_matrices: bool) -> tuple[TensorType, ...]:
    require_matrix("x", x)
    *batch, m, n = x.shape
    k = m if full_matrices else min(m, n)
    order = TensorType((*batch, n if pivoting else 0), BY_SHORT_NAME["i32"])
    return TensorType((*batch, m, k), x.dtype), TensorType((*batch, k, n), x.dtype), order


@nan_where_it_fails
def _reference(x: np.ndarray, pivoting: bool, full_matrices: bool) -> tuple[np.ndarray, ...]:
    types = _infer(TensorType(x.shape, x.dtype), pivoting, full_matrices)
    if x.size == 0:
        q, r, order = (np.zeros(type.shape, type.dtype) for type in types)
        return identity(q.shape, q.dtype), r, order
    if pivoting:
        from scipy.linalg import qr  # slow to import

        mode = "full" if full_matrices else "economic"
        return each_matrix(lambda a: qr(a, mode=mode, pivoting=True, check_finite=False), [x], types)
    q, r = np.linalg.qr(x, mode="complete" if full_matrices else "reduced")
    return q, r, np.zeros(types[2].shape, types[2].dtype)


def _jvp(b: Any, tangents: Any, primals: Any, results: Any, pivoting: bool, full_matrices: bool) -> Any:
    """With X = dA₁ R₁⁻¹ and M = Qᴴ X (A₁, R₁: the first columns, as many as Q has), Ω the skew-Hermitian matrix with
    the lower triangle of M: dQ = X + Q (Ω − M), dR = Qᴴ dA − Ω R.

    Walter, Lehmann 2010, "Algorithmic differentiation of linear algebra functions with application in optimum
    experimental design", DOI 10.1080/02331934.2011.604641. The phases are such that the diagonal of R stays real.
    """
    dx = tangents[0]
    if dx is None:
        return None
    q, r, order = results
    m, n = b.shape(dx)[-2:]
    k = min(m, n)
    if pivoting:
        dx = swapped(b, rows_in_order(b, swapped(b, dx), order))
    thin, r_k = part(b, q, _ALL, slice(k)), part(b, r, slice(k), _ALL)
    x = b.triangular_solve(
        part(b, r_k, _ALL, slice(k)), part(b, dx, _ALL, slice(k)),
        left_side=False, lower=False, transpose_a=False, conjugate_a=False, unit_diagonal=False,
    )  # fmt: skip
    inner = matmul(b, adjoint(b, thin), x)
    below = triangle(b, inner, lower=True, k=-1)
    skew = b.sub(below, adjoint(b, below))
    if b.type(inner).dtype in COMPLEX:
        phases = b.mul(b.sub(inner, b.conj(inner)), eye(b, inner))
        skew = b.add(skew, b.mul(phases, 0.5))
    dq = b.add(x, matmul(b, thin, b.sub(skew, inner)))
    dr = triangle(b, b.sub(matmul(b, adjoint(b, thin), dx), matmul(b, skew, r_k)), lower=False)
    if full_matrices and m > k:
        dq = b.concatenate(dq, _rest_of_q(b, q, dq), dimension=len(b.shape(q)) - 1)
        dr = enlarged(b, dr, m, n)
    return dq, dr, None


def _rest_of_q(b: Any, q: Any, dq: Any) -> Any:
    """Tangent of the columns of a full Q from that of the first ones, Q being a product of as many reflectors.

    Such a Q is I − V S Vᴴ, so that Z = Q₂₁ (Q₁₁ − I)⁻¹ is V₂ V₁⁻¹, and the remaining columns are
    [0; I] + (Q₁ − [I; 0]) Zᴴ (arXiv:2409.13374).
    """
    m, k = b.shape(dq)[-2:]
    upper, lower = slice(k), slice(k, m)
    first = part(b, q, _ALL, slice(k))
    moved = b.sub(first, eye(b, first))
    corner, below = part(b, moved, upper, _ALL), part(b, moved, lower, _ALL)
    d_corner, d_below = part(b, dq, upper, _ALL), part(b, dq, lower, _ALL)
    z_h = solve(b, adjoint(b, corner), adjoint(b, below))
    change = b.sub(d_below, matmul(b, adjoint(b, z_h), d_corner))
    dz_h = solve(b, adjoint(b, corner), adjoint(b, change))
    return b.add(matmul(b, dq, z_h), matmul(b, moved, dz_h))


def _samples(rng: np.random.Generator, dtype: np.dtype) -> list[Sample]:
    cases = [
        ((3, 3), False, False), ((2, 4, 2), False, False), ((2, 4), True, False), ((4, 2), False, True),
        ((2, 3, 4), False, True), ((4, 3), True, True), ((1, 1), False, True), ((0, 2), False, True),
        ((2, 3, 0), True, True),
    ]  # fmt: skip
    return [
        Sample((random_matrix(rng, dtype, shape),), {"pivoting": pivoting, "full_matrices": full})
        for shape, pivoting, full in cases
    ]


qr = register(
    OpDef(
        name="qr",
        doc="x = Q R, or with pivoting x[:, p] = Q R so that the diagonal of R does not grow (p is empty otherwise): Q "
        "unitary, R upper triangular; Q is square if `full_matrices`, else R is.",
        operands=("x",),
        results=("q", "r", "p"),
        attributes={"pivoting": BOOL, "full_matrices": BOOL},
        infer=_infer,
        reference=_reference,
        jvp=_jvp,
        transpose=None,
        batch=batch_first("qr"),
        lower=KernelOrReference(qr_lower, is_large),
        samples=in_lapack_dtypes(_samples),
        family="linalg",
    )
)


def _geqrf_infer(x: TensorType) -> tuple[TensorType, ...]:
    require_matrix("x", x)
    return x, TensorType((*x.shape[:-2], min(x.shape[-2:])), x.dtype)


def _geqrf_reference(x: np.ndarray) -> tuple[np.ndarray, ...]:
    types = _geqrf_infer(TensorType(x.shape, x.dtype))
    return each_matrix(lambda a: lapack("geqrf", a)(a)[:2], [x], types)


geqrf = register(
    OpDef(
        name="geqrf",
        doc="The QR factorization as LAPACK keeps it: R in the upper triangle, below it the vectors of the reflectors "
        "that Q is the product of, and their factors.",
        operands=("x",),
        results=("packed", "taus"),
        infer=_geqrf_infer,
        reference=quiet(_geqrf_reference),
        jvp=NoDerivative("take that of `qr`, whose results are the factors"),
        transpose=None,
        batch=batch_first("geqrf"),
        lower=KernelOrReference(geqrf_lower, is_large),
        samples=in_lapack_dtypes(
            lambda rng, dtype: [
                Sample((random_matrix(rng, dtype, shape),)) for shape in [(3, 3), (2, 4, 2), (2, 3), (0, 2)]
            ]
        ),
        family="linalg",
    )
)

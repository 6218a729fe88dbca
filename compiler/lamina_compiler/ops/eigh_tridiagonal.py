"""Eigenvalues and eigenvectors of real symmetric tridiagonal matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..attributes import BOOL, INT
from ..kernels.eigh import eigh_tridiagonal_lower
from ..opdef import KernelOrReference, OpDef, OpError, Sample, register, require_dtype
from ..types import BY_SHORT_NAME, TensorType
from .eigen import differences
from .elementwise import quiet
from .matrix import batch_first, each_matrix, matmul, part, rows, swapped

_REAL = frozenset(BY_SHORT_NAME[name] for name in ("f32", "f64"))


def _infer(d: TensorType, e: TensorType, vectors: bool, first: int, last: int) -> tuple[TensorType, ...]:
    require_dtype("d", d, _REAL)
    n = d.shape[-1] if d.rank else 0
    if d.rank < 1 or e != TensorType((*d.shape[:-1], max(n - 1, 0)), d.dtype):
        raise OpError(f"'e' must be like 'd' with one element less, but 'd' is {d} and 'e' is {e}")
    if not 0 <= first <= last <= n:
        raise OpError(f"there are no eigenvalues {first} to {last} of {n}")
    batch, count = d.shape[:-1], last - first
    return TensorType((*batch, count), d.dtype), TensorType((*batch, n, count) if vectors else (*batch, 0, 0), d.dtype)


def _reference(d: np.ndarray, e: np.ndarray, vectors: bool, first: int, last: int) -> tuple[np.ndarray, ...]:
    types = _infer(TensorType(d.shape, d.dtype), TensorType(e.shape, e.dtype), vectors, first, last)

    def solve(d: np.ndarray, e: np.ndarray) -> tuple[np.ndarray, ...]:
        from scipy.linalg import eigh_tridiagonal  # slow to import

        d, e = d[0], e[0]
        if not (np.isfinite(d).all() and np.isfinite(e).all()):
            return tuple(np.full(type.shape[len(batch) :], np.nan) for type in types)
        if not vectors:
            w: Any = eigh_tridiagonal(d, e, eigvals_only=True, check_finite=False)
            return w[first:last], np.zeros((0, 0))
        w, v = eigh_tridiagonal(d, e, check_finite=False)
        return w[first:last], v[:, first:last]

    batch = d.shape[:-1]
    return each_matrix(solve, [d[..., None, :], e[..., None, :]], types)


def _jvp(b: Any, tangents: Any, primals: Any, results: Any, vectors: bool, first: int, last: int) -> Any:
    """dw = diag(Vᵀ dT V), dV = V (F ∘ Vᵀ dT V), as of any symmetric matrix."""
    if tangents[0] is None and tangents[1] is None:
        return None
    n = b.shape(primals[0])[-1]
    w, v = results if vectors and last - first == n else b.eigh_tridiagonal(*primals, vectors=True, first=0, last=n)
    image = b.sum_of(_image(b, tangents, v))
    inner = matmul(b, swapped(b, v), image)
    chosen = slice(first, last)
    axis = len(b.shape(v)) - 2
    dw = b.reduce_sum(b.mul(part(b, v, slice(None), chosen), part(b, image, slice(None), chosen)), axes=(axis,))
    if not vectors:
        return dw, None
    return dw, part(b, matmul(b, v, b.mul(differences(b, w), inner)), slice(None), chosen)


def _image(b: Any, tangents: Any, v: Any) -> list[Any]:
    """The terms of dT V."""
    (dd, de), n = tangents, b.shape(v)[-1]
    terms = [None if dd is None else b.mul(rows(b, dd, n), v)]
    if de is not None:
        off = rows(b, de, n)
        upper, lower = (part(b, v, s, slice(None)) for s in (slice(1, None), slice(0, max(n - 1, 0))))
        terms += [_below(b, b.mul(off, upper), 0, min(n, 1)), _below(b, b.mul(off, lower), min(n, 1), 0)]
    return terms


def _below(b: Any, x: Any, before: int, after: int) -> Any:
    """Rows of zeros before and after the rows of x."""
    none = (0,) * (len(b.shape(x)) - 2)
    zero = b.zeros(TensorType((), b.type(x).dtype))
    return b.pad(x, zero, low=(*none, before, 0), high=(*none, after, 0), interior=(*none, 0, 0))


def _samples(rng: np.random.Generator) -> list[Sample]:
    cases = [((4,), True, 0, 4), ((2, 3), True, 1, 3), ((4,), False, 0, 2), ((1,), True, 0, 1), ((0,), True, 0, 0)]
    return [
        Sample(
            (
                rng.normal(size=shape).astype(dtype),
                rng.normal(size=(*shape[:-1], max(shape[-1] - 1, 0))).astype(dtype),
            ),
            {"vectors": vectors, "first": first, "last": last},
        )
        for dtype in sorted(_REAL, key=str)
        for shape, vectors, first, last in cases
    ]


eigh_tridiagonal = register(
    OpDef(
        name="eigh_tridiagonal",
        doc="Eigenvalues `first` to `last` (exclusive) in increasing order, and if asked for the unit eigenvectors as "
        "columns, of the symmetric matrix with the diagonal d and e beside it.",
        operands=("d", "e"),
        results=("w", "v"),
        attributes={"vectors": BOOL, "first": INT, "last": INT},
        infer=_infer,
        reference=quiet(_reference),
        jvp=_jvp,
        transpose=None,
        batch=batch_first("eigh_tridiagonal"),
        lower=KernelOrReference(eigh_tridiagonal_lower),
        samples=_samples,
        family="linalg",
    )
)

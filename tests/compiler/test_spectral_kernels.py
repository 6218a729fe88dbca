"""Kernels of factorizations whose factors are not unique: they have to multiply to the matrix."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from op_cases import Case, compiled_results

from lamina_compiler.opdef import REGISTRY, Sample
from lamina_compiler.ops.matrix import random_matrix
from lamina_compiler.types import BY_SHORT_NAME

DTYPES = [BY_SHORT_NAME[name] for name in ("f32", "c64", "f64", "c128")]


def _case(name: str, *operands: np.ndarray, **attributes: object) -> Case:
    return Case(f"{name}_0", REGISTRY[name], Sample(operands, attributes))


def _matrices(rng: np.random.Generator, dtype: np.dtype, m: int, n: int) -> np.ndarray:
    """Random, of repeated values, tiny, of rank one, zero, with a nan, graded and singular."""
    x = random_matrix(rng, dtype, (8, m, n))
    x[1] = np.eye(m, n)
    x[2] *= np.finfo(dtype).tiny ** 0.8
    x[3], x[4] = 1, 0
    x[5, m // 2, n // 3] = np.nan
    x[6] *= 10.0 ** -np.arange(n)
    x[7, :, n // 2] = 0
    return x.astype(dtype)


def _hermitian(x: np.ndarray, lower: bool) -> np.ndarray:
    triangle = np.tril(x, -1) if lower else np.triu(x, 1)
    return triangle + triangle.conj().T + np.diag(np.diag(x).real)


def _assert_small(error: np.ndarray, size: float, dtype: np.dtype, what: str, case: Case) -> None:
    eps = np.finfo(dtype).eps
    assert np.abs(error).max(initial=0) <= 40 * eps * size, (what, case.types, case.sample.attributes)


def _assert_values(got: np.ndarray, want: np.ndarray, case: Case) -> float:
    """Those of one matrix; gives the largest."""
    largest = np.abs(np.nan_to_num(want)).max()
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want), str(case.types))
    _assert_small(np.nan_to_num(got) - np.nan_to_num(want), largest, got.dtype, "values", case)
    return largest


def _assert_unitary(columns: np.ndarray, case: Case) -> None:
    _assert_small(columns.conj().T @ columns - np.eye(columns.shape[1]), 1.0, columns.dtype, "vectors", case)


def _eigenvalue_cases() -> Iterator[Case]:
    rng = np.random.default_rng(0)
    for turn, dtype in enumerate(DTYPES):
        for n in (1, 2, 9, 24 + turn):
            yield _case("eigh", _matrices(rng, dtype, n, n), lower=bool((n + turn) % 2), vectors=n != 9 or turn < 2)


def test_eigenvectors() -> None:
    cases = list(_eigenvalue_cases())
    for case, (w, v) in zip(cases, compiled_results(cases, has_host=False), strict=True):
        (x,), attributes = case.sample.operands, case.sample.attributes
        wanted = case.op.evaluate([x], attributes)
        assert v.shape == wanted[1].shape
        for i, matrix in enumerate(x):
            largest = _assert_values(w[i], wanted[0][i], case)
            if v.size and np.isfinite(w[i]).all():
                residual = _hermitian(matrix, bool(attributes["lower"])) @ v[i] - v[i] * w[i]
                _assert_small(residual, largest, x.dtype, "residual", case)
                _assert_unitary(v[i], case)


def _tridiagonal_cases() -> Iterator[Case]:
    rng = np.random.default_rng(1)
    for dtype in (np.float32, np.float64):
        for n in (1, 2, 9, 20):
            d, e = rng.normal(size=(3, n)).astype(dtype), rng.normal(size=(3, n - 1)).astype(dtype)
            d[1], e[2] = 0, 0
            yield _case("eigh_tridiagonal", d, e, vectors=n != 9, first=n // 3, last=n)


def test_eigenvectors_of_tridiagonal_matrices() -> None:
    cases = list(_tridiagonal_cases())
    for case, (w, v) in zip(cases, compiled_results(cases, has_host=False), strict=True):
        d, e = case.sample.operands
        wanted = case.op.evaluate([d, e], case.sample.attributes)
        assert v.shape == wanted[1].shape
        for i in range(len(d)):
            _assert_values(w[i], wanted[0][i], case)
            if v.size:
                matrix = np.diag(d[i]) + np.diag(e[i], 1) + np.diag(e[i], -1)
                _assert_small(matrix @ v[i] - v[i] * w[i], np.abs(matrix).max(), d.dtype, "residual", case)
                _assert_unitary(v[i], case)


def _singular_value_cases() -> Iterator[Case]:
    rng = np.random.default_rng(2)
    for turn, dtype in enumerate(DTYPES):
        for m, n in [(1, 1), (1, 5), (3, 2), (9, 9), (20, 8), (7, 18 + turn)][turn % 2 :: 1 if turn == 0 else 2]:
            options = {"full_matrices": bool((m + turn) % 2), "vectors": m != 9 or turn % 2 == 0}
            yield _case("svd", _matrices(rng, dtype, m, n), **options)
        shape = (40, 5 + turn) if turn % 2 else (5 + turn, 40)
        yield _case("svd", _matrices(rng, dtype, *shape), full_matrices=False, vectors=turn != 2)


def test_singular_vectors() -> None:
    cases = list(_singular_value_cases())
    for case, (s, u, vh) in zip(cases, compiled_results(cases, has_host=False), strict=True):
        (x,) = case.sample.operands
        wanted = case.op.evaluate([x], case.sample.attributes)
        assert [a.shape for a in (s, u, vh)] == [a.shape for a in wanted]
        for i, matrix in enumerate(x):
            largest, k = _assert_values(s[i], wanted[0][i], case), s.shape[-1]
            if u.size and np.isfinite(s[i]).all():
                product = (u[i][:, :k] * s[i]) @ vh[i][:k]
                _assert_small(product - matrix, largest, x.dtype, "residual", case)
                _assert_unitary(u[i], case)
                _assert_unitary(vh[i].conj().T, case)


def _tall_cases() -> Iterator[Case]:
    rng = np.random.default_rng(3)
    for dtype in DTYPES:
        for m, n, full in ((6, 6, False), (32, 1, False), (37, 6, False), (70, 21, False), (35, 3, True)):
            x = random_matrix(rng, dtype, (6, m, n))
            x[1] *= np.finfo(dtype).tiny ** 0.8  # squares vanish
            x[2] *= np.finfo(dtype).max ** 0.8  # or overflow
            x[3, 1:, 0] = 0
            x[4, 1, n // 2] = np.nan
            x[5] = np.nan
            yield _case("qr", x, full_matrices=full, pivoting=False)


def test_triangular_factors_of_tall_matrices() -> None:
    cases = list(_tall_cases())
    for case, (q, r, _) in zip(cases, compiled_results(cases, has_host=False), strict=True):
        (x,) = case.sample.operands
        for i in range(4):
            size = np.abs(x[i]).max()
            _assert_small(q[i] @ (r[i] / size) - x[i] / size, 1.0, x.dtype, "residual", case)
            _assert_unitary(q[i], case)
            assert not np.tril(r[i], -1).any()
        assert np.isnan(r[4]).any()
        assert np.isnan(q[5]).all() and np.isnan(r[5][np.triu_indices_from(r[5])]).all()


def test_matrices_without_elements() -> None:
    cases = []
    for shape in ((0, 0), (2, 0, 3), (3, 0)):
        cases.append(_case("svd", np.zeros(shape, np.float32), full_matrices=True, vectors=True))
        cases.append(_case("qr", np.zeros(shape, np.float32), full_matrices=True, pivoting=False))
    cases.append(_case("eigh", np.zeros((2, 0, 0), np.float32), lower=True, vectors=True))
    for case, got in zip(cases, compiled_results(cases, has_host=False), strict=True):
        for one, other in zip(got, case.op.evaluate(case.sample.operands, case.sample.attributes), strict=True):
            np.testing.assert_array_equal(one, other)

"""lamina.scipy.linalg and lamina.scipy.fft against SciPy."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.fft
import scipy.linalg as theirs

import lamina as la
import lamina.numpy as lnp
import lamina.scipy.fft as fft
import lamina.scipy.linalg as ours
from lamina import errors
from lamina.config import enable_x64
from lamina.test_util import check_grads

TYPES = ["float64", "complex128"]


@pytest.fixture(autouse=True)
def x64():
    with enable_x64(True):
        yield


def draw(*shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    return (x + 1j * rng.normal(size=shape) if np.dtype(dtype).kind == "c" else x).astype(dtype)


def positive(n, dtype):
    x = draw(n, n, dtype=dtype)
    return x @ x.conj().T + np.eye(n)


def close(got, want, tolerance=1e-11):
    for one, other in zip(la.tree.leaves(got), la.tree.leaves(want), strict=True):
        one, other = np.asarray(one), np.asarray(other)
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


# ---- factorizations and systems -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TYPES)
def test_cholesky_and_what_it_solves(dtype):
    a, b = positive(3, dtype), draw(3, 2, dtype=dtype)
    for lower in (False, True):
        half = (np.tril if lower else np.triu)(a)  # the other triangle is not read
        close(ours.cholesky(half, lower=lower), theirs.cholesky(a, lower=lower))
        close(ours.cho_solve(ours.cho_factor(half, lower=lower), b), np.linalg.solve(a, b))
        close(ours.solve(half + half.conj().T - np.diag(np.diag(a)), b[:, 0], assume_a="pos", lower=lower),
              np.linalg.solve(a, b[:, 0]))  # fmt: skip


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (1, 1)])
def test_factorizations(shape, dtype):
    a = draw(*shape, dtype=dtype)
    close(ours.lu(a), theirs.lu(a))
    close(ours.lu(a, permute_l=True), theirs.lu(a, permute_l=True))
    for mode in ("full", "economic", "r"):
        close(ours.qr(a, mode=mode), theirs.qr(a, mode=mode))
        close(ours.qr(a, mode=mode, pivoting=True), theirs.qr(a, mode=mode, pivoting=True))
    close(ours.svd(a, compute_uv=False), theirs.svd(a, compute_uv=False))
    right, left = draw(2, shape[0], seed=1), draw(min(shape), 2, seed=1)
    for options in ({}, {"conjugate": True}, {"pivoting": True}):
        close(ours.qr_multiply(a, right, **options), theirs.qr_multiply(a, right, **options))
        close(ours.qr_multiply(a, left, "left", **options), theirs.qr_multiply(a, left, "left", **options))
    close(ours.qr_multiply(a, right[0]), theirs.qr_multiply(a, right[0]))


@pytest.mark.parametrize("dtype", TYPES)
def test_systems_from_factors(dtype):
    a, b = draw(2, 3, 3, dtype=dtype) + 2 * np.eye(3), draw(2, 3, 2, dtype=dtype)
    operations = [(0, "N", a), (1, "T", np.swapaxes(a, -1, -2)), (2, "C", np.swapaxes(a, -1, -2).conj())]
    for number, letter, matrix in operations:
        close(ours.lu_solve(ours.lu_factor(a), b, trans=number), np.linalg.solve(matrix, b))
        for lower in (False, True):
            want = theirs.solve_triangular(a[0], b[0, :, 0], trans=number, lower=lower, unit_diagonal=True)
            close(ours.solve_triangular(a[0], b[0, :, 0], letter, lower=lower, unit_diagonal=True), want)
            close(ours.solve_triangular(a[0], b, trans=number, lower=lower)[1],
                  theirs.solve_triangular(a[0], b[1], trans=number, lower=lower))  # fmt: skip
    close((ours.solve(a, b), ours.det(a), ours.inv(a)), (np.linalg.solve(a, b), np.linalg.det(a), np.linalg.inv(a)))


def test_batches_of_vectors_are_warned_about():
    a, b = draw(2, 3, 3), draw(2, 3)
    with pytest.warns(FutureWarning, match=r"b is taken as a batch of vectors, which will change"):
        x = ours.solve_triangular(a, b)
    close(x[1], theirs.solve_triangular(a[1], b[1]))


@pytest.mark.parametrize("dtype", TYPES)
def test_forms_under_similarity(dtype):
    for n in (1, 2, 5):
        a = draw(n, n, dtype=dtype)
        for output in ("real", "complex"):
            t, z = ours.schur(a, output)
            close(z @ t @ z.conj().T, a.astype(t.dtype))
        t, z = ours.rsf2csf(*ours.schur(a))
        close((z @ t @ z.conj().T, np.tril(t, -1), z @ z.conj().T), (a + 0j, np.zeros((n, n)) + 0j, np.eye(n) + 0j))
        h, q = ours.hessenberg(a, calc_q=True)
        close((q @ h @ q.conj().T, np.tril(h, -2)), (a, np.zeros((n, n))))
        if n > 2:  # which SciPy leaves as they are
            close((h, q), theirs.hessenberg(a, calc_q=True))
    assert ours.hessenberg(np.zeros((2, 0, 0))).shape == (2, 0, 0)


@pytest.mark.parametrize("dtype", TYPES)
def test_hermitian_tridiagonal_matrices(dtype):
    d, e = draw(5), draw(4, dtype=dtype, seed=1)
    matrix = np.diag(d) + np.diag(e, 1) + np.diag(e.conj(), -1)
    want = np.linalg.eigvalsh(matrix)
    w, v = ours.eigh_tridiagonal(d.astype(dtype), e)
    close((w, (v * w) @ v.conj().T), (want, matrix))
    close(ours.eigh_tridiagonal(d.astype(dtype), e, eigvals_only=True, select="i", select_range=(1, 3)), want[1:4])
    close(ours.eigh_tridiagonal(d[:1].astype(dtype), e[:0]), (d[:1], np.ones((1, 1), dtype)))
    close(ours.eigh(matrix, eigvals_only=True), want)


# ---- functions of matrices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TYPES)
def test_functions_of_matrices(dtype):
    a = draw(4, 4, dtype=dtype)
    for scale in (0, 1e-3, 0.3, 1, 30):
        close(ours.expm(scale * a), theirs.expm(scale * a), tolerance=1e-11 * np.abs(theirs.expm(scale * a)).max())
    close(ours.expm(np.triu(a), upper_triangular=True), theirs.expm(np.triu(a)))
    close(ours.expm_frechet(a, a.T), theirs.expm_frechet(a, a.T), tolerance=1e-10)
    close(ours.sqrtm(a @ a), theirs.sqrtm(a @ a) + 0j, tolerance=1e-9)  # no eigenvalue is near the branch cut
    close(ours.funm(a, lnp.exp), theirs.expm(a) + 0j, tolerance=1e-9)
    value, error = ours.funm(a, lnp.sin, disp=False)
    close(value, theirs.sinm(a) + 0j, tolerance=1e-9)
    assert 0 < float(error) < 1e-10


def test_exponentials_in_batches_and_beyond_the_range():
    a = np.stack([draw(3, 3), 40 * draw(3, 3), np.zeros((3, 3))])
    for got, one in zip(ours.expm(a), a, strict=True):
        close(got, theirs.expm(one), tolerance=1e-10 * np.abs(theirs.expm(one)).max())
    assert np.isnan(ours.expm(1e9 * draw(3, 3))).all()
    assert ours.expm(np.zeros((0, 0))).shape == (0, 0)
    assert ours.expm(np.eye(2, dtype="f4")).dtype == "float32"


def test_square_roots_of_singular_matrices():
    close(ours.sqrtm(np.zeros((2, 2))), np.zeros((2, 2)) + 0j)
    close(ours.sqrtm(np.array([[0.0, 0], [0, 4]])), np.array([[0, 0], [0, 2]]) + 0j)
    assert not np.isfinite(ours.sqrtm(np.array([[0.0, 1], [0, 0]]))).all()  # there is none


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("method", ["schur", "eigen"])
def test_sylvester(method, dtype):
    a, b, c = draw(3, 3, dtype=dtype), draw(2, 2, dtype=dtype, seed=1), draw(2, 3, 2, dtype=dtype, seed=2)
    close(ours.solve_sylvester(a, b, c, method=method)[1], theirs.solve_sylvester(a, b, c[1]))
    assert np.isnan(ours.solve_sylvester(np.eye(2), -np.eye(2), np.eye(2), method=method)).all()


@pytest.mark.parametrize("dtype", TYPES)
def test_polar(dtype):
    for shape, side in (((3, 3), "right"), ((4, 2), "right"), ((2, 4), "left")):
        a = draw(*shape, dtype=dtype)
        close(ours.polar(a, side), theirs.polar(a, side))
        close(ours.polar(np.stack([a, 2 * a]), side, method="svd")[1][1], 2 * theirs.polar(a, side)[1])
        close(ours.polar(np.stack([a, 2 * a]), side)[0][1], theirs.polar(a, side)[0])


DERIVATIVES = {
    "cholesky": (lambda x: ours.cholesky(x @ x.T + lnp.eye(3)), (3, 3)),
    "solve pos": (lambda x, b: ours.solve(x @ x.T + lnp.eye(3), b, assume_a="pos"), (3, 3), (3, 2)),
    "cho_solve": (lambda x, b: ours.cho_solve(ours.cho_factor(x @ x.T + lnp.eye(3)), b), (3, 3), (3,)),
    "lu_solve": (lambda x, b: ours.lu_solve(ours.lu_factor(x), b, trans=1), (3, 3), (3,)),
    "expm": (ours.expm, (3, 3)),
    "sqrtm": (lambda x: ours.sqrtm(x @ x.T + lnp.eye(3)).real, (3, 3)),
    "solve_sylvester": (ours.solve_sylvester, (3, 3), (2, 2), (3, 2)),
    "polar": (ours.polar, (3, 3)),
    "eigh_tridiagonal": (lambda d, e: ours.eigh_tridiagonal(d, e, eigvals_only=True), (4,), (3,)),
    "qr pivoting": (lambda x: ours.qr(x, mode="economic", pivoting=True)[:2], (4, 3)),
    "toeplitz": (ours.toeplitz, (3,), (4,)),
    "dctn": (fft.dctn, (3, 4)),
    "idct": (lambda x: fft.idct(x, n=5, norm="ortho"), (2, 4)),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives(name):
    f, *shapes = DERIVATIVES[name]
    check_grads(f, tuple(draw(*shape, seed=i) for i, shape in enumerate(shapes)), order=2, rtol=1e-5, atol=1e-5)


def test_the_derivative_of_a_complex_positive_system_is_that_of_any_other():
    a, b = positive(3, "complex128"), draw(3, dtype="complex128")
    weight = draw(3, seed=3)
    gradients = [
        la.grad(lambda a, b, how=how: (ours.solve(a, b, assume_a=how).real * weight).sum(), (0, 1))(a, b)
        for how in ("pos", "gen")
    ]
    close(*gradients)


def test_compiled_and_mapped():
    def f(a, b):
        symmetric = a @ a.T + lnp.eye(3)
        return {
            "cho": ours.cho_solve(ours.cho_factor(symmetric), b),
            "pos": ours.solve(symmetric, b, assume_a="pos"),
            "expm": ours.expm(a),
            "sqrtm": ours.sqrtm(symmetric).real,
            "sylvester": ours.solve_sylvester(a, a.T + 3 * lnp.eye(3), symmetric),
            "tridiagonal": ours.eigh_tridiagonal(b, b[1:], eigvals_only=True),
            "polar": ours.polar(a)[1],
            "dct": fft.dct(a),
        }

    a, b = draw(3, 3), draw(3)
    want = f(a, b)
    close(la.jit(f)(a, b), want)
    mapped = la.vmap(f)(np.stack([a + 1, a]), np.stack([b, b]))
    close({key: value[1] for key, value in mapped.items()}, want)


# ---- special matrices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", [draw(4), draw(4, dtype="complex128"), np.arange(1, 5), draw(1)], ids=["real", "complex", "int", "one"])  # fmt: skip
def test_matrices_made_from_vectors(vector):
    other = np.arange(3.0)
    for name in ("toeplitz", "hankel", "circulant", "fiedler", "fiedler_companion"):
        if not (name.startswith("fiedler_") and vector.size == 1):
            close(getattr(ours, name)(vector), getattr(theirs, name)(vector))
    for name in ("toeplitz", "hankel"):
        close(getattr(ours, name)(vector, other), getattr(theirs, name)(vector, other))
    for mode in ("full", "same", "valid"):
        for n in (1, 2, 6):
            close(ours.convolution_matrix(vector, n, mode), theirs.convolution_matrix(vector, n, mode))
    if vector.size > 1:
        close(ours.companion(vector), theirs.companion(vector))
        close(ours.leslie(vector, vector[1:]), theirs.leslie(vector, vector[1:]))
    batch = np.stack([vector, 2 * vector])
    close(ours.toeplitz(batch)[1], theirs.toeplitz(batch[1]))
    close(ours.circulant(batch)[1], theirs.circulant(batch[1]))


@pytest.mark.parametrize("n", [1, 2, 3, 6, 8])
def test_matrices_of_known_numbers(n):
    close(ours.hilbert(n), theirs.hilbert(n))
    close(ours.invhilbert(n), theirs.invhilbert(n))
    close(ours.helmert(n), theirs.helmert(n))
    close(ours.helmert(n, full=True), theirs.helmert(n, full=True))
    for scale in (None, "sqrtn", "n"):
        close(ours.dft(n, scale), theirs.dft(n, scale))
    for kind in ("symmetric", "lower", "upper"):
        close(ours.pascal(n, kind), theirs.pascal(n, kind))
        close(ours.invpascal(n, kind), theirs.invpascal(n, kind))
    if n & (n - 1) == 0:
        close(ours.hadamard(n), theirs.hadamard(n))


def test_block_diagonal():
    parts = (draw(2, 3), draw(2), np.float64(3), draw(3, 1))
    close(ours.block_diag(*parts), theirs.block_diag(*parts))
    assert ours.block_diag().shape == (1, 0)
    assert ours.block_diag(np.arange(3), np.eye(2, dtype="f4")).dtype == "float32"


# ---- cosine transforms ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [None, "backward", "ortho"])
@pytest.mark.parametrize("name", ["dct", "idct", "dctn", "idctn"])
def test_cosine_transforms(name, norm):
    ours_, theirs_ = getattr(fft, name), getattr(scipy.fft, name)
    for x in (draw(3, 6), draw(1, 5), np.arange(12).reshape(3, 4), draw(2, 3, dtype="complex128")):
        close(ours_(x, norm=norm), theirs_(x, norm=norm))
        if name.endswith("n"):
            close(ours_(x, s=(2, 7), norm=norm), theirs_(x, s=(2, 7), norm=norm))
            close(ours_(x, axes=(0,), norm=norm), theirs_(x, axes=(0,), norm=norm))
        else:
            close(ours_(x, n=4, axis=0, norm=norm), theirs_(x, n=4, axis=0, norm=norm))
    assert ours_(np.ones(3, "f4"), norm=norm).dtype == "float32"


# ---- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ours.cholesky(np.ones((2, 3))), errors.ShapeError, "`scipy.linalg.cholesky`: `a` must hold square matrices: a has the shape (2, 3)."),
        (lambda: ours.solve(np.eye(2), np.ones(3)), errors.ShapeError, "b must have as many rows as a"),
        (lambda: ours.solve(np.eye(2), np.ones(3), assume_a="pos"), errors.ShapeError, "`scipy.linalg.solve`: b must have as many rows as a: a has the shape (2, 2), b has the shape (3, 1)."),
        (lambda: ours.solve(np.eye(2), np.ones(2), assume_a="diagonal"), ValueError, "assume_a is 'gen', 'sym', 'her' or 'pos', not 'diagonal'."),
        (lambda: ours.solve_triangular(np.eye(2), np.ones(2), trans=3), ValueError, "trans is 0, 1, 2, 'N', 'T' or 'C', not 3."),
        (lambda: ours.lu_solve(ours.lu_factor(np.eye(2)), np.ones(2), trans="T"), ValueError, "trans is 0, 1 or 2, not 'T'."),
        (lambda: ours.eigh(np.eye(2), np.eye(2)), NotImplementedError, "takes one matrix and gives all eigenvalues: no b, type or eigvals."),
        (lambda: ours.schur(np.eye(2), "triangular"), ValueError, "output is 'real' or 'complex', not 'triangular'."),
        (lambda: ours.qr(np.eye(2), mode="reduced"), ValueError, "mode is 'full', 'economic' or 'r', not 'reduced'."),
        (lambda: ours.qr_multiply(np.eye(2), np.ones(3)), errors.ShapeError, "c must have 2 columns"),
        (lambda: ours.polar(np.ones((2, 3))), NotImplementedError, "not (2, 3) for 'right'. Use method='svd'."),
        (lambda: ours.polar(np.eye(2), "both"), ValueError, "side is 'right' or 'left', not 'both'"),
        (lambda: ours.eigh_tridiagonal(np.ones(3), np.ones(3)), errors.ShapeError, "e must be one shorter than d"),
        (lambda: ours.eigh_tridiagonal(np.ones(3), np.ones(2, "f4")), errors.DTypeError, "d is float64 and e is float32, not of one dtype."),
        (lambda: ours.eigh_tridiagonal(np.ones(3), np.ones(2), select="v"), NotImplementedError, "use select='i'"),
        (lambda: ours.eigh_tridiagonal(np.ones(3), np.ones(2), select="i", select_range=(1, 3)), ValueError, "select_range must be numbers 0 <= first <= last < 3, not (1, 3)."),
        (lambda: ours.expm(np.ones((2, 3))), errors.ShapeError, "`scipy.linalg.expm`: `a` must hold square matrices"),
        (lambda: ours.expm(np.ones((2, 2), "f2")), errors.DTypeError, "A has dtype float16"),
        (lambda: ours.sqrtm(np.eye(2), blocksize=2), NotImplementedError, "no blocked method"),
        (lambda: la.grad(lambda x: ours.funm(x, lnp.exp).real.sum())(draw(2, 2)), errors.NoDerivativeError, "The derivative of `schur` is not implemented"),
        (lambda: ours.solve_sylvester(np.eye(2), np.eye(3), np.ones((3, 2))), errors.ShapeError, "C must have the rows of A and the columns of B"),
        (lambda: ours.hankel(1.0), errors.ShapeError, "c and r must be vectors"),
        (lambda: ours.leslie(np.ones(3), np.ones(3)), errors.ShapeError, "and s one less than f"),
        (lambda: ours.companion(np.ones(1)), errors.ShapeError, "a must have two elements at least"),
        (lambda: ours.convolution_matrix(np.ones(2), 0), ValueError, "n must be positive, not 0."),
        (lambda: ours.block_diag(np.ones((1, 1, 1))), errors.ShapeError, "argument 0 must be a matrix"),
        (lambda: ours.hadamard(6), ValueError, "n must be a power of 2, not 6."),
        (lambda: ours.pascal(3, "full"), ValueError, "kind is 'symmetric', 'lower' or 'upper', not 'full'."),
        (lambda: ours.dft(3, dtype="float32"), ValueError, "dtype must be complex, not float32."),
        (lambda: fft.dct(np.ones(3), type=3), NotImplementedError, "scipy.fft.dct is of type 2, not 3."),
        (lambda: fft.idct(np.ones(3), norm="forward"), ValueError, "norm is 'backward' or 'ortho', not 'forward'."),
        (lambda: fft.dct(np.ones(3), n=0), errors.ShapeError, "the length 0 must be positive"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()

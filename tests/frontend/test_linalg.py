"""lamina.numpy.linalg and lamina.lax.linalg against NumPy and SciPy: dtypes, batches, special matrices, derivatives."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scipy.linalg

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.config import enable_x64
from lamina.lax import linalg as lax_linalg
from lamina.test_util import check_grads

L = lnp.linalg
DTYPES = ["float32", "float64", "complex64", "complex128"]
TOLERANCE = {"float32": 2e-4, "complex64": 2e-4, "float64": 1e-11, "complex128": 1e-11}


@pytest.fixture(autouse=True)
def x64():
    with enable_x64(True):
        yield


def draw(shape, dtype="float64", seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    if np.dtype(dtype).kind == "c":
        x = x + 1j * rng.normal(size=shape)
    return x.astype(dtype)


def hermitian(shape, dtype="float64"):
    x = draw(shape, dtype)
    return x @ np.swapaxes(x, -1, -2).conj() + np.eye(shape[-1], dtype=dtype)


def close(got, want, dtype="float64", scale=1.0):
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape
    tolerance = scale * TOLERANCE[np.dtype(dtype).name]
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


# ---- values ---------------------------------------------------------------------------------------------------------

SQUARE = {
    "det": (L.det, np.linalg.det),
    "slogdet": (L.slogdet, np.linalg.slogdet),
    "slogdet sign": (lambda x: L.slogdet(x).sign, lambda x: np.linalg.slogdet(x).sign),
    "inv": (L.inv, np.linalg.inv),
    "solve": (lambda x: L.solve(x, x[..., :2]), lambda x: np.linalg.solve(x, x[..., :2])),
    "matrix_power": (lambda x: L.matrix_power(x, 5), lambda x: np.linalg.matrix_power(x, 5)),
    "matrix_power 0": (lambda x: L.matrix_power(x, 0), lambda x: np.linalg.matrix_power(x, 0)),
    "matrix_power -3": (lambda x: L.matrix_power(x, -3), lambda x: np.linalg.matrix_power(x, -3)),
    "cond": (L.cond, np.linalg.cond),
    "cond 1": (lambda x: L.cond(x, 1), lambda x: np.linalg.cond(x, 1)),
    "eigvals": (lambda x: L.eigvals(x).sum(-1), lambda x: np.trace(x, axis1=-2, axis2=-1).astype(complex)),
    "eig": (lambda x: (lambda r: (r[1] * r[0][..., None, :]) @ L.inv(r[1]))(L.eig(x)), lambda x: x.astype(complex)),
    "trace": (L.trace, lambda x: np.trace(x, axis1=-2, axis2=-1)),
}
GENERAL = {
    "svdvals": (L.svdvals, lambda x: np.linalg.svd(x, compute_uv=False)),
    "svd": (lambda x: (lambda r: (r[0] * r[1][..., None, :]) @ r[2])(L.svd(x, full_matrices=False)), lambda x: x),
    "qr": (lambda x: (lambda r: r[0] @ r[1])(L.qr(x)), lambda x: x),
    "qr complete": (lambda x: L.qr(x, "complete"), lambda x: np.linalg.qr(x, "complete")),
    "qr r": (lambda x: L.qr(x, "r"), lambda x: np.linalg.qr(x, "r")),
    "pinv": (L.pinv, np.linalg.pinv),
    "matrix_rank": (L.matrix_rank, np.linalg.matrix_rank),
    "matrix_transpose": (L.matrix_transpose, np.linalg.matrix_transpose),
    "diagonal": (lambda x: L.diagonal(x, offset=1), lambda x: np.linalg.diagonal(x, offset=1)),
    **{
        f"norm {order}": (
            lambda x, order=order: L.norm(x, order, axis=(-1, -2), keepdims=True),
            lambda x, order=order: np.linalg.norm(x, order, axis=(-1, -2), keepdims=True),
        )
        for order in (None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf)
    },
    **{
        f"vector norm {order}": (
            lambda x, order=order: L.vector_norm(x, axis=-2, ord=order),
            lambda x, order=order: np.linalg.vector_norm(x, axis=-2, ord=order),
        )
        for order in (2, 1, 0, 3, -1.5, np.inf, -np.inf)
    },
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SQUARE)
def test_square_matrices(name, dtype):
    ours, theirs = SQUARE[name]
    for shape in ((3, 3), (1, 1), (2, 2), (2, 5, 5), (0, 4, 4)):
        x = draw(shape, dtype)
        for got, want in zip(*(la.tree.leaves(f(x)) for f in (ours, theirs)), strict=True):
            close(got, want, dtype, scale=10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", GENERAL)
def test_matrices(name, dtype):
    ours, theirs = GENERAL[name]
    for shape in ((3, 3), (4, 2), (2, 3), (2, 2, 5), (1, 1)):
        x = draw(shape, dtype)
        for got, want in zip(*(la.tree.leaves(f(x)) for f in (ours, theirs)), strict=True):
            close(got, want, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_hermitian_matrices(dtype):
    for shape in ((3, 3), (2, 4, 4), (1, 1), (0, 0)):
        x = hermitian(shape, dtype)
        factor = np.linalg.cholesky(x)
        close(L.cholesky(x), factor, dtype)
        close(L.cholesky(x, upper=True), np.swapaxes(factor, -1, -2).conj(), dtype)
        w, v = L.eigh(x)
        close((v * w[..., None, :]) @ np.swapaxes(np.asarray(v), -1, -2).conj(), x, dtype)
        close(L.eigvalsh(x), w, dtype)
        u, s, vh = L.svd(x - 3 * np.eye(shape[-1], dtype=dtype), hermitian=True)
        close((u * s[..., None, :]) @ vh, x - 3 * np.eye(shape[-1], dtype=dtype), dtype)
        close(L.svd(x, hermitian=True, compute_uv=False), np.asarray(w)[..., ::-1], dtype)
        assert w.dtype == s.dtype == np.finfo(dtype).dtype and v.dtype == dtype


@pytest.mark.parametrize("uplo", ["L", "U"])
def test_one_triangle_is_read_where_nothing_is_symmetrized(uplo):
    x = draw((3, 3), "complex128")
    x[np.diag_indices(3)] = 1, 2, 3
    close(L.eigvalsh(x, uplo, symmetrize_input=False), np.linalg.eigvalsh(x, uplo))
    assert L.eigh(x, uplo).eigenvalues.dtype == "float64"
    lower = hermitian((3, 3)) + np.triu(draw((3, 3)), 1)
    close(L.cholesky(lower, symmetrize_input=False), np.linalg.cholesky(lower))


@pytest.mark.parametrize(("a", "b"), [((3, 3), (3,)), ((2, 3, 3), (3,)), ((3, 3), (2, 3, 4)), ((2, 3, 3), (3, 4)),
                                      ((2, 1, 3, 3), (4, 3, 2)), ((0, 0), (0, 2))])  # fmt: skip
def test_solve_broadcasts(a, b):
    close(L.solve(draw(a), draw(b)), np.linalg.solve(draw(a), draw(b)))


def test_least_squares():
    for shape, right in (((5, 3), (5,)), ((5, 3), (5, 2)), ((2, 4), (2,))):
        got, want = L.lstsq(draw(shape), draw(right), numpy_resid=True), np.linalg.lstsq(draw(shape), draw(right))
        for ours, theirs in zip(got, want, strict=True):
            close(ours, theirs)
    dependent = np.array([[1.0, 2], [2, 4], [3, 6]])
    x, residuals, rank, _ = L.lstsq(dependent, np.ones(3))
    close(x, np.linalg.pinv(dependent) @ np.ones(3))
    assert int(rank) == 1 and residuals.shape == (1,)


def test_products_and_tensors():
    a, b, c = draw((3, 4)), draw((4, 5)), draw((5,))
    close(L.multi_dot([a, b, c]), np.linalg.multi_dot([a, b, c]))
    close(L.cross(draw((2, 3)), draw((3,))), np.cross(draw((2, 3)), draw((3,))))
    close(L.outer(c, c), np.outer(c, c))
    cube, right = draw((2, 3, 6)), draw((2, 3))
    close(L.tensorsolve(cube, right), np.linalg.tensorsolve(cube, right))
    close(L.tensorinv(cube), np.linalg.tensorinv(cube))
    turned = draw((2, 6, 3))
    close(L.tensorsolve(turned, draw((6,)), axes=(0, 2)), np.linalg.tensorsolve(turned, draw((6,)), axes=(0, 2)))


def test_factors_of_lapack():
    x, c = draw((2, 5, 3), "complex128"), draw((2, 5, 4), "complex128")
    packed, taus = L.qr(x, "raw")
    q, _ = L.qr(x, "complete")
    close(lax_linalg.householder_product(packed.mT, taus), q[..., :3])
    close(lax_linalg.ormqr(packed.mT, taus, c), q @ c)
    adjoint = np.swapaxes(np.asarray(q), -1, -2).conj()
    close(lax_linalg.ormqr(packed.mT, taus, np.swapaxes(c, -1, -2), left=False, transpose=True),
          np.swapaxes(c, -1, -2) @ adjoint)  # fmt: skip
    q, r, p = lax_linalg.qr(x, pivoting=True)
    close(q @ r, np.take_along_axis(x, np.asarray(p)[:, None, :], -1))
    lu, pivots, permutation = lax_linalg.lu(x[:, :3])
    lower, upper = np.tril(lu, -1) + np.eye(3), np.triu(lu)
    close(lower @ upper, np.take_along_axis(x[:, :3], np.asarray(permutation)[..., None], -2))
    np.testing.assert_array_equal(lax_linalg.lu_pivots_to_permutation(pivots, 3), permutation)


def test_forms_under_similarity():
    x = draw((2, 4, 4))
    t, q = lax_linalg.schur(x)
    close(q @ t @ q.mT, x)
    packed, _ = lax_linalg.hessenberg(x)
    q = np.stack([scipy.linalg.hessenberg(each, calc_q=True)[1] for each in x])
    close(np.triu(packed, -1), np.swapaxes(q, -1, -2) @ x @ q)
    symmetric = x + np.swapaxes(x, -1, -2)
    _, d, e, _ = lax_linalg.tridiagonal(symmetric)
    for i in range(2):
        close(scipy.linalg.eigvalsh_tridiagonal(np.asarray(d[i]), np.asarray(e[i])), np.linalg.eigvalsh(symmetric[i]))


def test_tridiagonal_systems():
    dl, d, du, b = draw((2, 5), seed=1), draw((2, 5), seed=2), draw((2, 5), seed=3), draw((2, 5, 3))
    matrix = np.stack([np.diag(d[i]) + np.diag(dl[i, 1:], -1) + np.diag(du[i, :-1], 1) for i in range(2)])
    for perturb in (False, True):
        close(lax_linalg.tridiagonal_solve(dl, d, du, b, perturb_singular=perturb), np.linalg.solve(matrix, b))
    zeros, right = np.zeros(3), np.ones((3, 1))
    assert np.isnan(lax_linalg.tridiagonal_solve(zeros, zeros, zeros, right)).all()
    assert np.isfinite(lax_linalg.tridiagonal_solve(zeros, zeros, zeros, right, perturb_singular=True)).all()


def test_polar_iteration_and_updates():
    for dtype in DTYPES:
        x = draw((5, 3), dtype)
        u, h, _, converged = lax_linalg.qdwh(x)
        assert bool(converged)
        close(u @ h, x, dtype)
        close(np.asarray(u).conj().T @ u, np.eye(3), dtype)
        assert np.linalg.eigvalsh(h).min() > 0
    r, w = np.triu(draw((2, 3, 3))), draw((2, 3), seed=1)
    updated = lax_linalg.cholesky_update(r, w)
    close(updated.mT @ updated, np.swapaxes(r, -1, -2) @ r + w[:, :, None] * w[:, None, :])
    a, c = draw((3, 2)), hermitian((3, 3))
    close(lax_linalg.symmetric_product(a, c, alpha=2.0, beta=3.0, symmetrize_output=True), 2 * a @ a.T + 3 * c)


# ---- special matrices -----------------------------------------------------------------------------------------------


def test_failures_are_nan_where_they_happen():
    batch = np.stack([np.eye(2), -np.eye(2), np.full((2, 2), np.nan)])
    factor = np.asarray(L.cholesky(batch))
    np.testing.assert_array_equal(factor[0], np.eye(2))
    nan = np.nan
    np.testing.assert_array_equal(factor[1:], [[[nan, 0], [nan, nan]]] * 2)
    for values in (L.eigvalsh(batch), L.svdvals(batch), L.eigvals(batch)):
        assert np.isfinite(values[:2]).all() and np.isnan(values[2]).all()
    for parts in (L.eigh(batch), L.svd(batch), L.eig(batch), lax_linalg.schur(batch)):
        assert all(np.isnan(np.asarray(part[2])).all() for part in parts)


def test_singular_matrices():
    singular = np.array([[1.0, 2, 3, 4], [2, 4, 6, 8], [0, 1, 1, 0], [1, 0, 0, 2]])
    assert float(L.det(singular)) == 0
    assert [float(x) for x in L.slogdet(singular)] == [0, -np.inf]
    assert not np.isfinite(L.inv(singular)).any()
    assert int(L.matrix_rank(singular)) == 3
    assert float(L.cond(singular, 1)) == np.inf
    adjugate = np.array([[np.linalg.det(np.delete(np.delete(singular, i, 0), j, 1)) * (-1) ** (i + j)
                          for j in range(4)] for i in range(4)])  # fmt: skip
    close(la.grad(L.det)(singular), adjugate)
    close(la.grad(L.det)(np.zeros((4, 4))), np.zeros((4, 4)))


def test_empty_matrices():
    none = np.zeros((0, 0))
    assert float(L.det(none)) == 1 and float(L.norm(none)) == 0
    assert [float(x) for x in L.slogdet(none)] == [1, 0]
    for f in (L.inv, L.cholesky, L.pinv):
        assert f(none).shape == (0, 0)
    u, s, vh = L.svd(np.zeros((2, 3, 0)))
    assert (u.shape, s.shape, vh.shape) == ((2, 3, 3), (2, 0), (2, 0, 0))
    np.testing.assert_array_equal(u[1], np.eye(3))
    x, residuals, rank, s = L.lstsq(np.zeros((0, 2)), np.zeros(0))
    assert (x.shape, residuals.shape, int(rank), s.shape) == ((2,), (1,), 0, (0,))


def test_integers_become_floats():
    with enable_x64(False):
        assert L.inv(np.array([[2, 0], [0, 4]])).dtype == "float32"
        assert L.norm(np.array([3, 4])).dtype == "float32"
    assert L.matrix_power(np.array([[1, 1], [0, 1]]), 3).dtype.kind == "i"


# ---- derivatives ----------------------------------------------------------------------------------------------------

DERIVATIVES = {
    "det": (L.det, (4, 4)),
    "det 3": (L.det, (2, 3, 3)),
    "slogdet": (lambda x: L.slogdet(x).logabsdet, (4, 4)),
    "slogdet qr": (lambda x: L.slogdet(x, method="qr").logabsdet, (3, 3)),
    "inv": (L.inv, (2, 3, 3)),
    "solve": (L.solve, (3, 3), (2, 3, 2)),
    "solve vector": (L.solve, (3, 3), (3,)),
    "pinv": (L.pinv, (3, 5)),
    "lstsq": (lambda a, b: L.lstsq(a, b)[0], (4, 2), (4,)),
    "qr": (lambda x: L.qr(x), (4, 3)),
    "norm nuc": (lambda x: L.norm(x, "nuc"), (3, 4)),
    "norm 3": (lambda x: L.norm(x, 3, axis=0), (3, 4)),
    "cholesky": (lambda x: L.cholesky(x @ x.T + lnp.eye(3)), (3, 3)),
    "eigh": (lambda x: (lambda r: (r[1] * lnp.sin(r[0])) @ r[1].T)(L.eigh(x)), (4, 4)),
    "svd hermitian": (lambda x: L.svd(x + x.T, compute_uv=False, hermitian=True), (3, 3)),
    "qdwh": (lambda x: lax_linalg.qdwh(x)[0], (4, 3)),
    "householder": (lax_linalg.householder_product, (4, 3), (2,)),
    "cholesky_update": (lambda r, w: lax_linalg.cholesky_update(lnp.triu(r), w), (3, 3), (3,)),
    "tridiagonal_solve": (lax_linalg.tridiagonal_solve, (4,), (4,), (4,), (4, 2)),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives(name):
    f, *shapes = DERIVATIVES[name]
    check_grads(f, tuple(draw(shape, seed=i) for i, shape in enumerate(shapes)), order=2, rtol=1e-5, atol=1e-5)


def test_eigenvectors_of_general_matrices_have_derivatives_on_demand():
    x = draw((3, 3))
    wanted = lambda x: lax_linalg.eig(x, compute_left_eigenvectors=False, enable_eigvec_derivs=True)[1].real  # noqa: E731
    check_grads(wanted, (x,), order=1, rtol=1e-5, atol=1e-5)
    with pytest.raises(errors.NoDerivativeError, match="enable_eigvec_derivs=True"):
        la.grad(lambda x: lnp.abs(L.eig(x)[1]).sum())(x)


# ---- transformations ------------------------------------------------------------------------------------------------


def everything(x, tall):
    symmetric = x @ x.mT + lnp.eye(3)
    return {
        "solve": L.solve(x, tall),
        "cholesky": L.cholesky(symmetric),
        "eigh": L.eigh(symmetric).eigenvalues,
        "svd": L.svd(tall, full_matrices=False).S,
        "qr": L.qr(tall),
        "eig": lnp.abs(L.eigvals(x)),
        "det": L.det(x),
        "pinv": L.pinv(tall),
        "lstsq": L.lstsq(tall, x[:, 0])[0],
        "norm": L.norm(tall, 2),
    }


def test_compiled_mapped_and_differentiated():
    x, tall = draw((3, 3)), draw((3, 2), seed=1)
    total = lambda x, tall: sum(leaf.sum() for leaf in la.tree.leaves(everything(x, tall)))  # noqa: E731
    eager, gradient = everything(x, tall), la.grad(total)(x, tall)
    mapped = la.vmap(everything, in_axes=(0, None))(np.stack([x, x + 1]), tall)
    compiled = la.jit(lambda x, tall: (everything(x, tall), la.grad(total)(x, tall)))(x, tall)
    for got, want in zip(la.tree.leaves(compiled), la.tree.leaves((eager, gradient)), strict=True):
        close(got, want)
    for got, want in zip(la.tree.leaves(mapped), la.tree.leaves(everything(x + 1, tall)), strict=True):
        close(got[1] if np.ndim(got) > np.ndim(want) else got, want)


# ---- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: L.inv(np.ones((2, 3))), errors.ShapeError, "`lnp.linalg.inv`: `a` must hold square matrices: a has the shape (2, 3)."),
        (lambda: L.det(np.ones(3)), errors.ShapeError, "`lnp.linalg.det`: `a` must have two axes at least: a has the shape (3,)."),
        (lambda: L.inv([[1.0]]), errors.NonArrayArgumentError, "`lnp.linalg.inv` takes arrays, but the argument `a` is a list"),
        (lambda: L.cholesky(np.eye(2, dtype="float16")), errors.DTypeError, "operand 'x' has dtype f16, expected one of f32, f64, c64, c128."),
        (lambda: L.solve(np.eye(3), np.ones((4, 2))), errors.ShapeError, "`lnp.linalg.solve`: b must have as many rows as a: a has the shape (3, 3), b has the shape (4, 2)."),
        (lambda: L.qr(np.eye(2), "thin"), ValueError, "`lnp.linalg.qr`: mode is 'reduced', 'complete', 'r' or 'raw', not 'thin'."),
        (lambda: L.eigh(np.eye(2), "X"), ValueError, "`lnp.linalg.eigh`: UPLO is 'L', 'U' or None, not 'X'."),
        (lambda: L.norm(np.ones((2, 2)), "x"), ValueError, "there is no order 'x' of a matrix norm."),
        (lambda: L.norm(np.ones(2), "inf"), ValueError, "there is no order 'inf' of a vector norm. Use lnp.inf."),
        (lambda: L.norm(np.ones((2, 2, 2)), 2), errors.ShapeError, "it is along one axis (of vectors) or two (of matrices), not along 3"),
        (lambda: L.matrix_power(np.eye(2), 0.5), TypeError, "the exponent n is an int, not 0.5."),
        (lambda: L.pinv(np.eye(2), 1e-3, rcond=1e-3), ValueError, "give only one of rtol and rcond"),
        (lambda: L.cond(np.ones((2, 0))), errors.ShapeError, "the matrices must not be empty"),
        (lambda: L.multi_dot([np.eye(2)]), errors.ShapeError, "there must be two arrays at least, not 1"),
        (lambda: L.multi_dot([np.eye(2), np.eye(3)]), errors.ShapeError, "the last axis of an array must be as long as the first of the next"),
        (lambda: L.tensorinv(np.ones((2, 3))), errors.ShapeError, "the axes before and from axis 2 on must have as many elements"),
        (lambda: L.lstsq(np.eye(2), np.ones(3)), errors.ShapeError, "b a vector or matrix with as many rows: a has the shape (2, 2), b has the shape (3,)."),
        (lambda: L.slogdet(np.eye(2), method="svd"), ValueError, "`lnp.linalg.slogdet`: method is 'lu' or 'qr', not 'svd'."),
        (lambda: lax_linalg.svd(np.eye(2), subset_by_index=(0, 1)), NotImplementedError, "computes all values, not subset_by_index=(0, 1)"),
        (lambda: lax_linalg.svd(np.eye(2), algorithm=lax_linalg.SvdAlgorithm.JACOBI), NotImplementedError, "has no SvdAlgorithm.JACOBI"),
        (lambda: lax_linalg.qdwh(np.ones((2, 3))), errors.ShapeError, "at least as many rows as columns: x has the shape (2, 3)"),
        (lambda: lax_linalg.householder_product(np.ones((2, 3)), np.ones(2)), errors.ShapeError, "a needs at least as many rows as columns"),
        (lambda: la.grad(lambda x: lax_linalg.schur(x)[0].sum())(np.eye(2)), errors.NoDerivativeError, "The derivative of `schur` is not implemented"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()

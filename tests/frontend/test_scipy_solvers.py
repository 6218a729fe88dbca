"""scipy.sparse.linalg, scipy.optimize, and the small modules of scipy: against NumPy and SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.cluster.vq
import scipy.interpolate
import scipy.sparse.linalg

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.scipy.cluster.vq import vq
from lamina.scipy.interpolate import RegularGridInterpolator
from lamina.scipy.optimize import OptimizeResults, minimize
from lamina.scipy.sparse.linalg import bicgstab, cg, gmres

LBFGS = "l-bfgs-experimental-do-not-rely-on-this"
SOLVERS = {"cg": cg, "gmres": gmres, "bicgstab": bicgstab}


def system(dtype: Any, symmetric: bool, n: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(n, n)), rng.normal(size=n)
    if np.dtype(dtype).kind == "c":
        a, b = a + 1j * rng.normal(size=(n, n)), b + 1j * rng.normal(size=n)
    a = a @ a.conj().T + np.eye(n) if symmetric else a + 2 * n**0.5 * np.eye(n)
    return a.astype(dtype), b.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
@pytest.mark.parametrize("name", SOLVERS)
def test_solvers_solve(name: str, dtype: Any) -> None:
    a, b = system(dtype, name == "cg")
    x, info = SOLVERS[name](a, b, tol=1e-6)
    assert info is None and x.dtype == dtype
    np.testing.assert_allclose(x, np.linalg.solve(a, b), rtol=2e-4, atol=2e-5)
    preconditioned, _ = SOLVERS[name](lambda v: a @ v, b, M=np.diag(1 / np.diag(a)), x0=np.ones_like(b), tol=1e-6)
    np.testing.assert_allclose(preconditioned, x, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", SOLVERS)
def test_solvers_stop_at_the_tolerance_and_no_earlier(name: str) -> None:
    a, b = system(np.float32, name == "cg")
    size = np.linalg.norm(b)
    for options, bound in (({"tol": 1e-2}, 1e-2 * size), ({"tol": 0.0, "atol": 0.5}, 0.5)):
        residual = np.linalg.norm(b - a @ np.asarray(SOLVERS[name](a, b, **options)[0]))
        assert 1e-3 * bound < residual <= bound * 1.001
    assert np.array_equal(SOLVERS[name](a, b, maxiter=0)[0], np.zeros_like(b))
    assert np.array_equal(SOLVERS[name](a, np.zeros_like(b))[0], np.zeros_like(b))
    exact = np.linalg.solve(a, b)
    assert np.array_equal(SOLVERS[name](a, b, x0=exact, tol=1e-3)[0], exact)


def test_gmres_restarts_as_scipy() -> None:
    a, b = system(np.float64, False, 30)
    with la.enable_x64(True):
        for restart in (3, 30):
            want, _ = scipy.sparse.linalg.gmres(a, b, rtol=0, restart=restart, maxiter=2)
            np.testing.assert_allclose(gmres(a, b, tol=0.0, restart=restart, maxiter=2)[0], want, rtol=1e-7)


def test_cg_steps_as_scipy() -> None:
    a, b = system(np.float64, True, 30)
    with la.enable_x64(True):
        for steps in (1, 4, 9):
            want, _ = scipy.sparse.linalg.cg(a, b, rtol=0, maxiter=steps)
            np.testing.assert_allclose(cg(a, b, tol=0.0, maxiter=steps)[0], want, rtol=1e-9)


def test_solvers_take_containers() -> None:
    b = {"u": np.float32([2, 4]), "v": np.float32(6)}
    for solver in SOLVERS.values():
        x, _ = solver(lambda x: la.tree.map(lambda y: 2 * y, x), b)
        assert np.allclose(x["u"], [1, 2]) and np.allclose(x["v"], 3) and x["v"].shape == ()


def test_derivatives_of_solvers_under_jit_and_vmap() -> None:
    a, b = system(np.float32, True, 4)
    general, _ = system(np.float32, False, 4)

    def total(solver: Any, a: Any, b: Any) -> Any:
        return lnp.sum(solver(a, b, tol=1e-7)[0] ** 2)

    for solver, matrix in ((cg, a), (bicgstab, general), (gmres, general)):
        x = np.linalg.solve(matrix, b)
        back = np.linalg.solve(matrix.T, 2 * x)
        da, db = la.grad(total, argnums=(1, 2))(solver, matrix, b)
        np.testing.assert_allclose(db, back, rtol=2e-3, atol=1e-4)
        np.testing.assert_allclose(da, -np.outer(back, x), rtol=2e-3, atol=1e-4)
    batch = np.stack([b, 2 * b, 0 * b])
    compiled = la.jit(la.vmap(lambda b: cg(a, b, tol=1e-7)[0]))
    np.testing.assert_allclose(compiled(batch), np.linalg.solve(a, batch.T).T, rtol=1e-3, atol=1e-5)
    compiled = la.jit(lambda a, b: gmres(a, b, tol=1e-7)[0])
    np.testing.assert_allclose(compiled(general, b), np.linalg.solve(general, b), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cg(np.ones((2, 3)), np.ones(3)), errors.ShapeError, "`cg`: `A` must be a square matrix or a function: given has the shape (2, 3)."),
        (lambda: gmres([1.0], np.ones(3)), TypeError, "A"),
        (lambda: cg(np.eye(3), np.ones(3), x0=np.ones(2)), errors.ShapeError, "`cg`: x0 has to be like b: b has the shape (3,), x0 has the shape (2,)."),
        (lambda: cg(np.eye(3), np.ones(3), x0=[np.ones(3)]), errors.TreeStructureError, "cg: the trees differ in structure"),
        (lambda: gmres(np.eye(3), np.ones(3), solve_method="fast"), ValueError, "there is no solve_method 'fast'"),
        (lambda: minimize(lambda x: x, np.ones(3), method="Newton"), ValueError, "there is no method 'Newton'"),
        (lambda: minimize(lambda x: x, np.ones((3, 1)), method="BFGS"), errors.ShapeError, "x0 must be a vector"),
        (lambda: minimize(lambda x: x, np.ones(3), 2.0, method="BFGS"), TypeError, "args is a tuple"),
        (lambda: minimize(lambda x: x, np.ones(3, complex), method="BFGS"), errors.DTypeError, "BFGS takes real x, not complex64."),
        (lambda: minimize(lambda x: lnp.sum(x), np.ones(3), method="BFGS", options={"gtl": 1}), TypeError, "gtl"),
        (lambda: vq(np.ones((2, 3)), np.ones(3)), errors.ShapeError, "observations and codes are both matrices"),
        (lambda: RegularGridInterpolator((np.arange(3.0),), np.ones(3), method="cubic"), ValueError, "there is no method 'cubic'"),
        (lambda: RegularGridInterpolator((np.arange(3.0),), np.ones(3), bounds_error=True), NotImplementedError, "bounds_error=True"),
        (lambda: RegularGridInterpolator((np.arange(3.0),) * 2, np.ones(3)), errors.ShapeError, "there are 2 arrays of points"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def rosenbrock(x: Any) -> Any:
    return lnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def himmelblau(p: Any) -> Any:
    x, y = p
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def matyas(p: Any) -> Any:
    x, y = p
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def eggholder(p: Any) -> Any:
    x, y = p
    return -(y + 47) * lnp.sin(lnp.sqrt(lnp.abs(x / 2 + y + 47))) - x * lnp.sin(lnp.sqrt(lnp.abs(x - y - 47)))


MINIMA = [
    (rosenbrock, [0.0, 0.0], [1.0, 1.0]),
    (rosenbrock, [0.0] * 6, [1.0] * 6),
    (himmelblau, [1.0, 1.0], [3.0, 2.0]),
    (matyas, [1.0, 1.0], [0.0, 0.0]),
    (eggholder, [100.0, 100.0], [97.27335, 111.09956]),
]


@pytest.mark.parametrize("method", ["BFGS", LBFGS])
@pytest.mark.parametrize(("f", "start", "minimum"), MINIMA)
def test_minima_of_known_functions(f: Any, start: Any, minimum: Any, method: str) -> None:
    with la.enable_x64(True):
        found = minimize(
            f, np.array(start), method=method, options={"gtol": 1e-7} | ({"ftol": 0.0} if method == LBFGS else {})
        )
        assert found.success and found.status == 0
        np.testing.assert_allclose(found.x, minimum, rtol=1e-6, atol=1e-6)
        assert float(lnp.max(lnp.abs(found.jac))) < 1e-7 and found.nfev < 100
    found = minimize(f, np.array(start, np.float32), method=method)
    np.testing.assert_allclose(found.x, minimum, rtol=1e-4, atol=1e-4)
    assert found.x.dtype == np.float32 and found.nfev < 120 and (found.hess_inv is None) == (method == LBFGS)


def test_the_inverse_hessian_of_a_quadratic_function() -> None:
    a = np.array([[3.0, 1.0], [1.0, 2.0]])
    with la.enable_x64(True):
        found = minimize(lambda x, a: x @ a @ x / 2 - lnp.sum(x), np.zeros(2), (a,), method="bfgs", tol=1e-9)
        np.testing.assert_allclose(found.x, np.linalg.solve(a, [1, 1]), rtol=1e-8)
        np.testing.assert_allclose(found.hess_inv, np.linalg.inv(a), rtol=1e-5)


def test_reasons_for_stopping() -> None:
    x = np.zeros(2, np.float32)
    assert minimize(rosenbrock, x, method="BFGS", options={"maxiter": 3}).status == 1
    assert minimize(lambda x: lnp.sum(x), x, method="BFGS").status == 5
    assert minimize(lambda x: lnp.sum(x) * lnp.nan, x, method="BFGS").status == 3
    for options, status in (({"maxiter": 3}, 1), ({"maxfun": 3}, 2), ({"maxgrad": 3}, 3), ({"ftol": 1e9}, 4)):
        found = minimize(rosenbrock, x, method=LBFGS, options=options)
        assert found.status == status and not found.success
    done = minimize(rosenbrock, np.ones(2, np.float32), method="BFGS")
    assert done.success and done.nit == 0 and done.nfev == 1 and isinstance(done, OptimizeResults)


def test_complex_minimum() -> None:
    target = np.array([1 + 2j, 3 - 1j], np.complex64)
    found = minimize(lambda z: lnp.sum(lnp.abs(z - target) ** 2), np.zeros(2, np.complex64), method=LBFGS)
    np.testing.assert_allclose(found.x, target, rtol=1e-5)


def test_minimize_under_jit_and_vmap() -> None:
    def fit(start: Any, shift: Any) -> Any:
        return minimize(lambda x: rosenbrock(x - shift), start, method="BFGS").x

    got = la.jit(la.vmap(fit, (None, 0)))(np.zeros(2, np.float32), np.float32([0, 0.5]))
    np.testing.assert_allclose(got, [[1, 1], [1.5, 1.5]], rtol=1e-3)


def test_vq_as_scipy() -> None:
    rng = np.random.default_rng(0)
    for m, k, n in ((7, 3, 2), (1, 1, 4), (5, 2, None)):
        x, codes = (rng.normal(size=(size,) if n is None else (size, n)).astype(np.float32) for size in (m, k))
        want = scipy.cluster.vq.vq(x.reshape(m, -1), codes.reshape(k, -1))
        for got, expected in zip(vq(x, codes), want, strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize("method", ["linear", "nearest"])
@pytest.mark.parametrize("fill", [np.nan, 7.0, None])
def test_interpolation_as_scipy(method: str, fill: float | None) -> None:
    rng = np.random.default_rng(0)
    grid = (np.array([0.0, 1.0, 4.0]), np.array([-1.0, 0.5, 2.0, 3.0]))
    values = rng.normal(size=(3, 4, 2))
    points = np.concatenate(
        [rng.uniform(-2, 5, size=(20, 2)), np.array(np.meshgrid(*grid)).reshape(2, -1).T, [[np.nan, 0]]]
    )
    want = scipy.interpolate.RegularGridInterpolator(grid, values, method, bounds_error=False, fill_value=fill)(points)
    with la.enable_x64(True):
        f = RegularGridInterpolator(grid, values, method, fill_value=fill)
        np.testing.assert_allclose(f(points)[:-1], want[:-1], rtol=1e-12, atol=1e-12)
        assert f((grid[0][:, None], grid[1])).shape == (3, 4, 2)
        np.testing.assert_allclose(f((grid[0][:, None], grid[1])), values, rtol=1e-12)
        slope = la.jit(la.grad(lambda p: RegularGridInterpolator(grid, values[..., 0], fill_value=None)(p)[0]))
        edge = (values[1, 0, 0] - values[0, 0, 0]) / 1.0
        np.testing.assert_allclose(slope(np.array([[0.5, -1.0]]))[0, 0], edge, rtol=1e-10)

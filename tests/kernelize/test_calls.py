"""Kernels written by hand (sorts, factorizations) inside of kernels: in loops and in small functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax, random

SIZES = (1, 2, 3, 7, 8, 13, 16, 17, 31, 33)


def _matrix(n: int, *batch: int, dtype: str = "float32") -> np.ndarray:
    a = np.random.default_rng(n).standard_normal((*batch, n, n))
    return (a + 2 * np.sqrt(n) * np.eye(n)).astype(dtype)


def _columns(n: int, count: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(n + count).standard_normal((n, count)).astype(dtype)


def _compared(f: Callable[..., Any], *args: Any, rtol: float = 1e-4, dispatches: int = 1) -> None:
    """Compiled against eager; the program is so many dispatches."""
    assert str(la.make_ir(f, *args, stage="executables")).count('"flow.dispatch"') == dispatches
    with la.disable_jit():
        want = f(*args)
    for x, y in zip(la.tree_util.tree_leaves(la.jit(f)(*args)), la.tree_util.tree_leaves(want), strict=True):
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("n", SIZES)
def test_solve_is_one_dispatch(n: int) -> None:
    _compared(lnp.linalg.solve, _matrix(n), _columns(n, 1)[:, 0])
    _compared(lnp.linalg.solve, _matrix(n), _columns(n, 5))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_solves_systems(dtype: str) -> None:
    with la.enable_x64(dtype == "float64"):
        for n in (1, 5, 16):
            a = _matrix(n, dtype=dtype)
            _compared(lambda a: (lnp.linalg.inv(a), lnp.linalg.det(a), lnp.linalg.slogdet(a)), a)
            _compared(lambda a, b: lnp.linalg.solve(a.T, b) @ b.T, a, _columns(n, 3, dtype))
            _compared(lambda a: lnp.linalg.inv(lnp.linalg.cholesky(a @ a.T)), a)


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 5)])
def test_batches(shape: tuple[int, ...]) -> None:
    _compared(lnp.linalg.solve, _matrix(6, *shape), _matrix(6, *shape)[..., :2])
    _compared(lnp.linalg.inv, _matrix(3, *shape))


def test_matrices_of_nothing() -> None:
    _compared(lnp.linalg.solve, np.zeros((0, 0), np.float32), np.zeros((0, 3), np.float32), dispatches=0)
    _compared(lnp.linalg.solve, _matrix(3), np.zeros((3, 0), np.float32), dispatches=0)


def test_gradients() -> None:
    _compared(la.grad(lambda a, b: lnp.sum(lnp.linalg.solve(a, b) ** 2), (0, 1)), _matrix(7), _columns(7, 2))
    _compared(la.grad(lambda a: lnp.linalg.slogdet(a)[1]), _matrix(9))


@pytest.mark.parametrize("n", [1, 2, 5, 16, 17])
def test_loops_that_solve(n: int) -> None:
    def newton(a: Any, b: Any) -> Any:
        return lax.fori_loop(0, 5, lambda i, x: x - 0.5 * lnp.linalg.solve(a + 0.01 * lnp.outer(x, x), a @ x - b), b)

    _compared(newton, _matrix(n), _columns(n, 1)[:, 0])


@pytest.mark.parametrize("shape", [(1,), (5,), (16,), (100,), (3, 7), (7, 3), (2, 3, 4)])
def test_loops_that_sort(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    for axis in range(len(shape)):
        _compared(lambda x, axis=axis: lax.fori_loop(0, 4, lambda i, y: lnp.sort(-y, axis) + x, x), x)
        _compared(lambda x, axis=axis: lax.scan(lambda y, _: (y[::-1], lnp.argsort(y, axis)), x, None, length=3)[1], x)


def test_a_carry_that_a_kernel_replaces() -> None:
    """Where the new value of a carry is made of the old one, which is its operand."""
    x = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
    _compared(lambda x: lax.fori_loop(0, 3, lambda i, y: lnp.sort(y, 1), x), x)
    _compared(lambda x: lax.fori_loop(0, 3, lambda i, y: (lnp.sort(y[1], 0), y[0]), (x, 2 * x)), x)
    _compared(lambda x: lax.fori_loop(0, 3, lambda i, y: (lnp.sort(y[1], 0), lnp.sort(y[0] + y[1], 0)), (x, 2 * x)), x)
    _compared(lambda x: lax.while_loop(lambda y: y.max() < 9, lambda y: lnp.sort(y.T, 0).T + lnp.abs(x), x), x)


def test_branches_and_what_they_share() -> None:
    def f(a: Any, b: Any) -> Any:
        def step(i: Any, x: Any) -> Any:
            return lax.cond(i % 2 == 0, lambda x: lnp.linalg.solve(a, x), lambda x: lnp.sort(x, 0) - x, x)

        return lax.fori_loop(0, 5, step, b), lnp.sort(b, 0)

    _compared(f, _matrix(9), _columns(9, 4))


def test_permutations_in_a_loop() -> None:
    x = np.arange(37, dtype=np.int32)
    _compared(lambda x: lax.fori_loop(0, 4, lambda i, y: random.permutation(random.key(i), y), x), x)


def test_many_matrices_stay_with_many_workgroups() -> None:
    a = _matrix(32, 600)
    text = str(la.make_ir(lambda a: lax.fori_loop(0, 2, lambda i, x: lnp.linalg.inv(x), a), a, stage="kernelize"))
    assert "scf.for" in text.split("func.func @main")[1].split("func.func")[0]


def test_complex_numbers() -> None:
    a = (_matrix(5) + 1j * _matrix(5).T).astype(np.complex64)
    f = lambda a, b: lax.fori_loop(0, 3, lambda i, x: lnp.linalg.solve(a, x), b)  # noqa: E731
    with la.disable_jit():
        want = f(a, a)
    np.testing.assert_allclose(np.asarray(la.jit(f)(a, a)), np.asarray(want), rtol=1e-4, atol=1e-4)

"""Kernels of gathers, and of scatters along any dimension: random shapes, all elements, rows that do not exist."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from op_cases import assert_close

import lamina as la
import lamina.numpy as lnp
from lamina.config import enable_x64
from lamina_compiler.types import BY_SHORT_NAME

DTYPES = ("f32", "bool", "i8", "f16", "bf16", "u16", "i32", "f64", "c64", "u64")
METHODS = ("set", "add", "multiply", "max", "min")


class _Case:
    """An array of three dimensions, and indices along its dimensions, some of which are out of bounds."""

    def __init__(self, name: str, seed: int) -> None:
        self._rng, self._name = np.random.default_rng(seed), name
        *shape, self.count = (int(n) for n in self._rng.integers(20, (60, 90, 70, 300)))
        self.shape = tuple(shape)
        self.x = self.array(*self.shape)
        self.i, self.j, self.k = (self._rng.integers(-n - 2, n + 3, self.count) for n in self.shape)
        self.mode = ("fill", "clip")[seed % 2]

    def array(self, *shape: int) -> np.ndarray:
        numbers = self._rng.integers(-3, 4, shape)
        with np.errstate(all="ignore"):
            return (numbers > 0) if self._name == "bool" else numbers.astype(BY_SHORT_NAME[self._name])


def _assert_compiled(f: Callable[..., la.Array], *arrays: np.ndarray) -> None:
    program = str(la.make_ir(f, *arrays, stage="executables"))
    assert "flow.dispatch" in program and "linalg_ext.scatter" not in program
    assert_close(np.asarray(la.jit(f)(*arrays)), np.asarray(f(*map(lnp.asarray, arrays))))


@pytest.mark.parametrize("name", DTYPES)
def test_gathers(name: str) -> None:
    c = _Case(name, DTYPES.index(name))
    with enable_x64(name in ("f64", "u64")):
        for f in (
            lambda x, i, j, k: x.at[:, j].get(mode=c.mode),
            lambda x, i, j, k: x.at[i, :, k].get(mode=c.mode),
            lambda x, i, j, k: x.at[:, :, k].get(mode=c.mode)[:, ::2],
        )[c.count % 2 :]:
            _assert_compiled(f, c.x, c.i, c.j, c.k)


@pytest.mark.parametrize("axis", range(3))
def test_take_along_axis(axis: int) -> None:
    c = _Case("f32", axis)
    n = c.shape[axis]
    indices = np.random.default_rng(axis).integers(-n, n, (*c.shape[:axis], 2 * n, *c.shape[axis + 1 :]))
    _assert_compiled(lambda x, i: lnp.take_along_axis(x, i, axis=axis), c.x, indices)


@pytest.mark.parametrize("name", DTYPES)
def test_scatters_along_any_dimension(name: str) -> None:
    turn = DTYPES.index(name)
    c = _Case(name, turn + 10)
    n, m, width = c.shape
    missing = {"c64": ("max", "min"), "bool": ("add", "multiply")}.get(name, ())
    methods = [method for method in METHODS if method not in missing]
    cases = (
        (lambda x, i, j, k, u, s: getattr(x.at[:, j], s)(u, mode=c.mode), (n, c.count, width)),
        (lambda x, i, j, k, u, s: getattr(x.at[i, j], s)(u, mode=c.mode), (c.count, width)),
        (lambda x, i, j, k, u, s: getattr(x.at[i, :, k], s)(u, mode=c.mode), (c.count, m)),
        (lambda x, i, j, k, u, s: getattr(x.at[:, :, k], s)(u, mode=c.mode), (n, m, c.count)),
    )
    with enable_x64(name in ("f64", "u64")):
        for k in range(2):
            f, shape = cases[(turn + k) % 4]
            method = methods[(turn + 3 * k) % len(methods)]
            _assert_compiled(
                lambda x, i, j, k, u, f=f, s=method: f(x, i, j, k, u, s), c.x, c.i, c.j, c.k, c.array(*shape)
            )


def test_scatters_into_one_number() -> None:
    c = _Case("bool", 3)
    _assert_compiled(lambda x, i: lnp.zeros_like(x).at[i].set(True), c.x, c.i)
    _assert_compiled(lambda x, j: lnp.ones_like(x).at[:, j].set(False), c.x, c.j)


def test_few_updates_of_a_large_array_are_shared_by_rows() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, (1100, 1000)).astype(np.float32)
    i = rng.integers(0, 1100, 50)

    def f(x: la.Array, i: la.Array, u: la.Array) -> la.Array:
        return x.at[i].set(u)

    arrays = x, i, rng.integers(-3, 4, (50, 1000)).astype(np.float32)
    assert "workgroups = 8" in str(la.make_ir(f, *arrays, stage="linalg"))
    _assert_compiled(f, *arrays)
    _assert_compiled(lambda x, i: x.at[i, i % 1000].add(1), x, i)

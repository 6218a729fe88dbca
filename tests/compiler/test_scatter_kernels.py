"""Kernels of scatters: rows of any width, all ways to combine, dropped updates, and equal rows in their order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from op_cases import assert_close

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina.config import enable_x64
from lamina_compiler.types import BY_SHORT_NAME


def _arrays(name: str, rows: int, updates: int, width: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng, dtype = np.random.default_rng(updates), BY_SHORT_NAME[name]
    x, u = (rng.integers(-3, 4, (n, *width)) for n in (rows, updates))
    if dtype.kind == "c":
        u = u + 1j * rng.integers(-3, 4, u.shape)
    with np.errstate(all="ignore"):
        return x.astype(dtype), rng.integers(-rows - 2, rows + 3, updates), u.astype(dtype)


def _assert_compiled(f: Callable[..., la.Array], *arrays: np.ndarray) -> None:
    program = str(la.make_ir(f, *arrays, stage="executables"))
    assert "flow.dispatch" in program and "linalg_ext.scatter" not in program
    assert_close(np.asarray(la.jit(f)(*arrays)), np.asarray(f(*map(lnp.asarray, arrays))))


METHODS = ("add", "multiply", "max", "min", "set")
CASES = [
    ("f32", 1000, 5000, ()),
    ("f32", 300, 700, (33,)),
    ("f32", 50, 5003, (2, 3)),
    ("f32", 700, 1700, (520,)),  # several workgroups
    ("f64", 5000, 40, (64,)),
    ("f16", 300, 700, (16,)),
    ("bf16", 1000, 5000, ()),
    ("i8", 300, 700, (17,)),
    ("u32", 1000, 5000, ()),
    ("u64", 300, 700, (32,)),
    ("c64", 300, 700, (40,)),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_scatters(case: tuple[str, int, int, tuple[int, ...]]) -> None:
    turn = CASES.index(case)
    with enable_x64(case[0] in ("f64", "u64")):
        for k in range(2):
            method, mode = METHODS[(turn + 3 * k) % 5], ("drop", "clip")[(turn + k) % 2]
            if k == 1 and turn % 2:
                _assert_compiled(
                    lambda x, i, u, m=method, mode=mode: getattr(lnp.full_like(x, 2).at[i], m)(u, mode=mode),
                    *_arrays(*case),
                )
            else:
                _assert_compiled(
                    lambda x, i, u, m=method, mode=mode: getattr(x.at[i], m)(u, mode=mode), *_arrays(*case)
                )


def test_one_kernel_for_each_way_to_combine() -> None:
    def f(x: la.Array, i: la.Array, u: la.Array) -> la.Array:
        return lnp.zeros_like(x).at[i].max(u) - 2 * lnp.zeros_like(x).at[i].min(u)

    _assert_compiled(f, *_arrays("f32", 1000, 5000, ()))


def test_gradients_of_gathers() -> None:
    x, i, _ = _arrays("f32", 1000, 300, (64,))
    _assert_compiled(la.grad(lambda x, i: (x[i] ** 2).sum()), x, i)


def test_inside_of_loops_the_loop_is_one_kernel() -> None:
    x, i, u = map(lnp.asarray, _arrays("f32", 1000, 5000, ()))

    def f(x: la.Array, i: la.Array, u: la.Array) -> la.Array:
        return lax.fori_loop(0, 3, lambda _, x: x.at[i].add(u), x)

    assert str(la.make_ir(f, x, i, u, stage="executables")).count("flow.dispatch") == 1
    assert_close(np.asarray(la.jit(f)(x, i, u)), np.asarray(f(x, i, u)))

"""Kernels of windows at computed places: any rank, windows that stick out, batches, all types of elements and indices."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax
from lamina.config import enable_x64
from lamina_compiler.types import BY_SHORT_NAME

DTYPES = ("f32", "bool", "i8", "c64", "f16", "u16", "f64", "bf16")
SHAPES = ((90007,), (301, 407), (41, 63, 59), (13, 17, 33, 35))


def _assert_compiled(f: Callable[..., la.Array], *arrays: np.ndarray) -> None:
    assert "lamina.dispatch" in str(la.make_ir(f, *arrays, stage="linalg"))
    np.testing.assert_array_equal(np.asarray(la.jit(f)(*arrays)), np.asarray(f(*map(lnp.asarray, arrays))))


@pytest.mark.parametrize("name", DTYPES)
def test_windows(name: str) -> None:
    turn = DTYPES.index(name)
    rng, shape = np.random.default_rng(turn), SHAPES[turn % 4]
    covered = rng.random(len(shape)) < 0.4
    sizes = tuple(n if full else int(rng.integers(n // 2, n + 1)) for n, full in zip(shape, covered, strict=True))
    with enable_x64(True):
        start = rng.integers(-20 * (turn % 3 != 0), 60, len(shape)).astype(("u4", "i4", "i8")[turn % 3])
        x, update = (rng.integers(0, 100, s).astype(BY_SHORT_NAME[name]) for s in (shape, sizes))
        _assert_compiled(lambda x, s: lax.dynamic_slice(x, list(s), sizes), x, start)
        _assert_compiled(lambda x, u, s: lax.dynamic_update_slice(x, u, list(s)), x, update, start)


@pytest.mark.parametrize("shape", SHAPES[1:], ids=str)
def test_batches_of_windows(shape: tuple[int, ...]) -> None:
    rng, rank = np.random.default_rng(len(shape)), len(shape) - 1
    sizes = tuple(int(rng.integers(n // 2, n)) for n in shape[1:])
    start = rng.integers(-20, 60, (shape[0], rank)).astype(np.int32)
    x, update = (rng.integers(0, 100, s).astype(np.float32) for s in (shape, (shape[0], *sizes)))
    _assert_compiled(la.vmap(lambda x, s: lax.dynamic_slice(x, list(s), sizes)), x, start)
    _assert_compiled(la.vmap(lambda x, u, s: lax.dynamic_update_slice(x, u, list(s))), x, update, start)

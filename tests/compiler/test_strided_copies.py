"""Kernels of slices with gaps, and of reversals: any rank, steps forwards and backwards, all types of elements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina.config import enable_x64
from lamina_compiler.types import BY_SHORT_NAME

DTYPES = ("f32", "bool", "i8", "c64", "f16", "u16", "f64", "bf16")
SHAPES = ((90007,), (301, 407), (41, 63, 59), (13, 17, 33, 135))


def _assert_compiled(f: Callable[..., la.Array], x: np.ndarray, kernels: int) -> None:
    assert str(la.make_ir(f, x, stage="linalg")).count("lamina.dispatch =") == kernels
    np.testing.assert_array_equal(np.asarray(la.jit(f)(x)), np.asarray(f(lnp.asarray(x))))


def _slice(rng: np.random.Generator, n: int) -> slice:
    if rng.random() < 0.3:
        return slice(None, None, -1)
    return slice(int(rng.integers(0, n // 3)), int(rng.integers(n // 2, n + 1)), int(rng.integers(1, 5)))


@pytest.mark.parametrize("name", DTYPES)
def test_slices_and_reversals(name: str) -> None:
    rng = np.random.default_rng(DTYPES.index(name))
    with enable_x64(name == "f64"):
        for shape in (SHAPES[DTYPES.index(name) % 4], SHAPES[(DTYPES.index(name) + 1) % 4]):
            where = tuple(_slice(rng, n) for n in shape)
            x = rng.integers(0, 100, shape).astype(BY_SHORT_NAME[name])
            x = x + 1j * x[::-1] if name == "c64" else x
            f = la.jit(lambda x, where=where: x[where])
            np.testing.assert_array_equal(np.asarray(f(x)), np.asarray(lnp.asarray(x)[where]))


@pytest.mark.parametrize("n", [4097 * 2, 131072 + 17, 2**17])
@pytest.mark.parametrize("step", [-1, 2, 3, 4])
def test_vectors(n: int, step: int) -> None:
    x = np.arange(n, dtype=np.int32)
    _assert_compiled(lambda x: x[::step], np.concatenate([x] * 2), 1)


@pytest.mark.parametrize("name", DTYPES)
def test_pixels_backwards(name: str) -> None:
    turn = DTYPES.index(name)
    with enable_x64(name == "f64"):
        for each, width in ((2 + turn % 3, 16 + 37 * turn), (2 + (turn + 1) % 3, 224)):
            x = (np.arange(5 * 41 * width * each) % 113).reshape(5, 41, width, each).astype(BY_SHORT_NAME[name])
            x = x * (1 - 2j) if name == "c64" else x
            _assert_compiled(lambda x: x[:, :, ::-1], x, 1)


def test_few_elements_side_by_side_are_left_to_iree() -> None:
    x = np.arange(3 * 65 * 64 * 2, dtype=np.float32).reshape(64, 65, 6)
    _assert_compiled(lambda x: x[:, ::-1], x, 0)
    _assert_compiled(lambda x: x[..., ::2], x, 0)

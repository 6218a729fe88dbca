"""Kernels that put dimensions in another order: any rank, sizes that squares do not divide, all widths of elements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina.config import enable_x64
from lamina_compiler.kernels.transposition import is_worth_it
from lamina_compiler.types import BY_SHORT_NAME, type_of
from lamina_compiler.vectors import vectors_of_host

DTYPES = ("bool", "i8", "u16", "f16", "bf16", "f32", "u32", "i64", "f64", "c64", "c128")


def _array(name: str, shape: tuple[int, ...]) -> np.ndarray:
    dtype = BY_SHORT_NAME[name]
    numbers = np.random.default_rng(len(shape)).integers(0, 100, shape)
    if name == "bool":
        return numbers % 2 == 0
    return (numbers + 1j * numbers[::-1] if dtype.kind == "c" else numbers).astype(dtype)


def _kernels(f: Callable[..., la.Array], *arrays: np.ndarray) -> int:
    return str(la.make_ir(f, *arrays, stage="reorder")).count("lamina.kernel =")


@pytest.mark.parametrize("name", DTYPES)
def test_dimensions_in_another_order(name: str) -> None:
    rng = np.random.default_rng(DTYPES.index(name))
    with enable_x64(True):
        for rank in (2, 2, 3, 4):
            shape = tuple(int(n) for n in rng.integers(1, (400, 300, 60, 24)[rank - 1], rank))
            shape = (*shape[:-1], int(rng.integers(16, 200)))
            permutation = tuple(int(d) for d in rng.permutation(rank))
            x = _array(name, shape)
            result = la.jit(lambda x, p=permutation: lnp.transpose(x, p))(x)
            np.testing.assert_array_equal(np.asarray(result), x.transpose(permutation))
            assert _kernels(lambda x, p=permutation: lnp.transpose(x, p), x) == is_worth_it(
                type_of(x), permutation, vectors_of_host()
            )


@pytest.mark.parametrize("shape", [(128, 128), (16, 1024), (1024, 17), (131, 127), (2, 100, 100), (8191, 16)])
def test_elementwise_code_reads_the_result(shape: tuple[int, ...]) -> None:
    x = _array("f32", shape)
    y = _array("f32", (*shape[:-2], shape[-1], shape[-2]))

    def f(x: la.Array, y: la.Array) -> la.Array:
        return x + lnp.swapaxes(y, -1, -2) * 2

    assert _kernels(f, x, y) == 1
    np.testing.assert_array_equal(np.asarray(la.jit(f)(x, y)), x + np.swapaxes(y, -1, -2) * 2)


def test_products_read_operands_in_any_order() -> None:
    x, y = _array("f32", (256, 128)), _array("f32", (64, 2, 128))
    assert _kernels(lambda x, y: x @ lnp.transpose(y, (1, 2, 0)), x, y) == 0


def test_few_elements_are_not_worth_a_kernel() -> None:
    assert _kernels(lambda x: x.T, _array("f32", (64, 64))) == 0
    assert _kernels(lambda x: x.T, _array("f32", (4000, 3))) == 0

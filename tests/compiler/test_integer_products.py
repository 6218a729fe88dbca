"""Products of small integers as kernels: random equations, sizes and types, to the last bit, against eager arrays."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from product_cases import EQUATIONS, shapes_of

import lamina as la
import lamina.numpy as lnp
from lamina_compiler.ops import contract

TOGETHER = 10  # products in one module

EVERY = (*EQUATIONS, "rk,k->r", "k,k->")  # products with a vector, too


def draw(seed: int) -> tuple[str, list[np.ndarray], np.dtype]:
    """An equation, operands with all numbers of their type, and the type of the result."""
    rng = Random(seed)
    equation, dtype = rng.choice(EVERY), np.dtype(rng.choice(("int8", "int8", "uint8", "int16")))
    numbers, limits = np.random.default_rng(seed), np.iinfo(dtype)
    shapes = shapes_of(equation, rng)
    arrays = [numbers.integers(limits.min, limits.max, shape, dtype, endpoint=True) for shape in shapes]
    return equation, arrays, np.dtype(rng.choice(("int32", "int32", "uint32", "int16", str(dtype))))


@pytest.mark.parametrize("batch", [*range(3), *(pytest.param(b, marks=pytest.mark.slow) for b in range(3, 12))])
def test_products_of_small_integers_are_exact(
    batch: int, monkeypatch: pytest.MonkeyPatch, written_for: Callable[[int], None]
) -> None:
    if batch % 2:  # else with the instructions that this machine has for it
        written_for(batch // 2)
    monkeypatch.setattr(contract, "_LARGE", 1)
    cases = [draw(TOGETHER * batch + i) for i in range(TOGETHER)]

    def run(arrays: Any) -> Any:
        return [
            lnp.einsum(equation, *operands, preferred_element_type=result)
            for (equation, _, result), operands in zip(cases, arrays, strict=True)
        ]

    arrays = [arrays for _, arrays, _ in cases]
    lowered = str(la.make_ir(run, arrays, stage="linalg"))
    assert sum(lowered.count(f" call @{kernel}") for kernel in ("strided_product", "integer_dots")) == TOGETHER
    for case, got, want in zip(cases, la.jit(run)(arrays), run(arrays), strict=True):
        assert got.dtype == want.dtype == case[2]
        np.testing.assert_array_equal(np.asarray(got), np.asarray(want), str([a.shape for a in case[1]]) + case[0])


SMALL = ("int8", "uint8", "int16")


@pytest.mark.parametrize("columns", [5, 90])
@pytest.mark.parametrize("machine", [None, 1])
def test_operands_of_two_types(
    columns: int, machine: int | None, monkeypatch: pytest.MonkeyPatch, written_for: Callable[[int], None]
) -> None:
    """With vectors along the sums, where columns are few, and along the columns."""
    if machine is not None:
        written_for(machine)
    monkeypatch.setattr(contract, "_LARGE", 1)
    numbers, shapes = np.random.default_rng(0), ((2, 19, 333), (2, 333, columns))
    pairs = [
        tuple(
            numbers.integers(np.iinfo(d).min, np.iinfo(d).max, shape, d, endpoint=True)
            for d, shape in zip(dtypes, shapes, strict=True)
        )
        for dtypes in itertools.product(SMALL, SMALL)
    ]

    def product(x: Any, y: Any) -> Any:
        return la.lax.dot_general(x, y, (((2,), (1,)), ((0,), (0,))), preferred_element_type="int32")

    for (x, y), got in zip(pairs, la.jit(lambda pairs: [product(*pair) for pair in pairs])(pairs), strict=True):
        want = x.astype(np.int64) @ y.astype(np.int64)
        np.testing.assert_array_equal(np.asarray(got), want.astype(np.int32), f"{x.dtype} · {y.dtype}")


def test_products_without_a_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "_LARGE", 1)
    x, y = np.arange(-5, 4, dtype=np.int8), np.arange(-128, 127, 51, dtype=np.int8)

    def product(x: Any, y: Any) -> Any:
        return la.lax.dot_general(x, y, (((), ()), ((), ())), preferred_element_type="int32")

    np.testing.assert_array_equal(np.asarray(la.jit(product)(x, y)), np.outer(x.astype(np.int32), y))


def test_the_most_negative_numbers_wrap_as_those_of_eager_arrays_do() -> None:
    x = np.full((64, 2048), -(2**15), np.int16)

    def product(x: Any) -> Any:
        return lnp.matmul(x, x.T, preferred_element_type="int32")

    np.testing.assert_array_equal(np.asarray(la.jit(product)(x)), np.asarray(product(x)))

"""Reductions of whole arrays: tiles have parts, each of which is read where it lies, once."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp

FUNCTIONS: dict[str, Callable[[la.Array], la.Array]] = {
    "squares": lambda x: (x**2).sum(),
    "chosen": lambda x: lnp.where(x > 0, x, 0).mean(),
    "exponentials": lambda x: lnp.exp(x).sum(),
    "largest": lambda x: lnp.abs(x).max(),
}


@pytest.mark.parametrize("shape", [(1000, 1000), (64, 100, 100)], ids=str)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_copy_of_the_array(name: str, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    program = str(la.make_ir(FUNCTIONS[name], x, stage="kernelize"))
    kernels = re.findall(r"func.func private @\S+\(%arg0: index.*", program)
    assert kernels
    assert all(kernel.count(f"memref<{x.size}xf32>") <= 1 for kernel in kernels)
    result, expected = la.jit(FUNCTIONS[name])(x), FUNCTIONS[name](lnp.asarray(x))
    np.testing.assert_allclose(np.asarray(result), np.asarray(expected), rtol=1e-4)

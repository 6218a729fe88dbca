"""Loops with long chains of operations whose results are used several times: no recursion, no exponential search."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax


@pytest.mark.parametrize("shape", [(), (20,), (3, 50)])
def test_each_value_used_three_times(shape: tuple[int, ...]) -> None:
    def step(_, x):
        for k in range(45):
            x = lnp.where(x > 0.1 * k, x * 0.99 + 0.01, x * x * 0.5 - 0.2)
        return x

    x = np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    with la.disable_jit():
        want = lax.fori_loop(0, 3, step, x)
    got = la.jit(lambda x: lax.fori_loop(0, 3, step, x))(x)
    np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-5, atol=1e-6)

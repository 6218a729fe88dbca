"""Loops that have no form as a kernel stay on the host, and are right there."""

from __future__ import annotations

import numpy as np

import lamina as la
from lamina import lax
from lamina.scipy import special


def test_a_loop_for_each_element() -> None:
    def run(x):
        return lax.fori_loop(0, 2, lambda _, y: special.gammainc(y + 1, x) + y, x)

    x = np.linspace(0.1, 3, 20, dtype=np.float32)
    assert "scf.for" in str(la.make_ir(run, x, stage="kernelize"))
    with la.disable_jit():
        want = run(x)
    np.testing.assert_allclose(np.asarray(la.jit(run)(x)), np.asarray(want), rtol=1e-5)

"""What IREE cannot turn into code becomes kernels of ours."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina_compiler import backend


def _sums(x, y):
    sums = lnp.cumsum(x, 0)
    return lnp.sum(lnp.tanh(lnp.concatenate([lnp.ravel(sums[1].at[0].add(y[0, 1])), lnp.ravel(sums)])))


def test_code_that_iree_fails_to_generate(monkeypatch: pytest.MonkeyPatch) -> None:
    """IREE forms a dispatch of slices that it refuses; the large array keeps the function from being a kernel."""
    failures: list[str] = []
    compile = backend.compile

    def watched(*args, **kwargs):
        try:
            return compile(*args, **kwargs)
        except backend.CompileError as error:
            failures.append(str(error))
            raise

    monkeypatch.setattr(backend, "compile", watched)
    gradient = la.grad(_sums, (0, 1))
    x, large = np.linspace(-2, 2, 9, dtype=np.float32).reshape(3, 3), np.ones((256, 256), np.float32)
    found, _ = la.jit(lambda x, y, large: (gradient(x, y), large + 1))(x, x + 1, large)
    assert failures  # if this fails, IREE has learnt it: find another program
    for got, want in zip(found, gradient(x, x + 1), strict=True):
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-5, atol=1e-6)


def test_several_constants_that_one_kernel_makes() -> None:
    """IREE copies dispatches without operands, and takes their first result for all others."""

    def rotated(x):
        angles = lnp.arange(300)[:, None] / (100 * 10.0 ** (lnp.arange(400) / 400))
        sin, cos = lnp.sin(angles), lnp.cos(angles)
        return x @ sin.T, x.T @ cos, x + angles

    x = np.random.default_rng(0).standard_normal((300, 400)).astype(np.float32)
    for got, want in zip(la.jit(rotated)(x), rotated(lnp.asarray(x)), strict=True):
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=1e-5, atol=1e-4)

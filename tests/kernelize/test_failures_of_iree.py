"""What IREE cannot turn into code becomes kernels of ours."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina_compiler import backend


def _small(x):
    return x / (1 + abs(x))


def _columns(x, large):
    y = _small(lnp.swapaxes(x, 0, 1)).reshape(3, 17)
    for i in (1, 2):
        y = _small(y.at[:, i].set(y[:, 0]))
    return y, large + 1


def test_code_that_iree_fails_to_generate(monkeypatch: pytest.MonkeyPatch) -> None:
    """LLVM's conversion leaves casts behind in the columns; the large array keeps the function from being a kernel."""
    failures: list[str] = []
    compile = backend.compile

    def watched(*args, **kwargs):
        try:
            return compile(*args, **kwargs)
        except backend.CompileError as error:
            failures.append(str(error))
            raise

    monkeypatch.setattr(backend, "compile", watched)
    with la.enable_x64():
        x, large = np.linspace(-2, 2, 51).reshape(3, 17), np.ones((300, 300))
        found, _ = la.jit(_columns)(x, large)
        expected, _ = _columns(lnp.asarray(x), large)
    assert failures  # if this fails, IREE has learnt it: find another program
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-12)

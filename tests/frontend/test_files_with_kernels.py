"""Programs with sorts, transforms and factorizations go into files, and run from there on every device."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
import lamina_runtime as runtime
from lamina import artifact, errors, lax

A = np.array([[4, 1, 0.5, 0], [1, 3, 0, 0.25], [0.5, 0, 5, 1], [0, 0.25, 1, 2]], np.float32)
X = np.array([3, 1, 2, -1], np.float32)
PLACES = [
    "cpu",
    pytest.param("vulkan", marks=pytest.mark.skipif(not runtime.devices("vulkan"), reason="no Vulkan")),
]


def sorts(x: Any) -> Any:
    return lnp.sort(x), lnp.argsort(x), lax.top_k(x, 2), lnp.searchsorted(lnp.sort(x), x)


def transforms(x: Any) -> Any:
    return lnp.fft.irfft(lnp.fft.rfft(x) * 2, 4)


def factorizations(a: Any, x: Any) -> Any:
    q, r = lnp.linalg.qr(a)
    w, v = lnp.linalg.eigh(a)
    return lnp.linalg.solve(a, x), lnp.linalg.cholesky(a), q @ r, (v * w) @ v.T, lnp.linalg.svd(a, compute_uv=False)


def slope(a: Any) -> Any:
    return la.grad(lambda a: lnp.log(lnp.diag(lnp.linalg.cholesky(a))).sum() * 2)(a)


@pytest.mark.parametrize("device", PLACES)
def test_kernels_run_from_files(device: str, tmp_path: Path) -> None:
    functions: dict[str, artifact.Example] = {
        "sorts": (sorts, (X,)),
        "transforms": (transforms, (X,)),
        "factorizations": (factorizations, (A, X)),
        "slope": (slope, (A,)),
    }
    path = tmp_path / "kernels.lamina"
    artifact.save(path, functions, [device])
    program = runtime.load(path, device)
    ordered, order, (values, index), places = program.sorts(X)
    np.testing.assert_array_equal(ordered, np.sort(X))
    np.testing.assert_array_equal(order, np.argsort(X))
    np.testing.assert_array_equal((values, index), ([3, 2], [0, 2]))
    np.testing.assert_array_equal(places, np.argsort(order))
    np.testing.assert_allclose(program.transforms(X), 2 * X, rtol=1e-5)
    solution, factor, *products, s = program.factorizations(A, X)
    np.testing.assert_allclose(A @ solution, X, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(factor @ factor.T, A, rtol=1e-5, atol=1e-5)
    for product in products:
        np.testing.assert_allclose(product, A, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(s, np.linalg.svd(A, compute_uv=False), rtol=1e-5)
    np.testing.assert_allclose(program.slope(A), np.linalg.inv(A), rtol=1e-4, atol=1e-5)


def test_what_has_no_kernel_is_refused() -> None:
    with pytest.raises(errors.HostCallError, match="`schur` runs in Python"):
        artifact.build({"f": (lax.linalg.schur, (A,))})

"""What vjp returns is a container: it crosses the borders of jit and vmap. Forward and backward pass as two programs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina_compiler import backend

P, X = {"w": np.float32([1, 2])}, np.float32([0.5, 0.6])
GRADIENT = ({"w": X * np.cos(P["w"] * X)}, P["w"] * np.cos(P["w"] * X))


def f(p: Any, x: Any) -> Any:
    return lnp.sum(lnp.sin(p["w"] * x))


def same(got: Any, want: Any) -> None:
    la.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-6), got, want)


def test_two_programs_however_often() -> None:
    fwd, bwd = la.fwd_and_bwd(f, argnums=(0, 1))
    y, residuals = fwd(P, X)
    same(bwd(residuals, 1.0), GRADIENT)
    before = backend.statistics()
    y, residuals = fwd(P, 2 * X)
    np.testing.assert_allclose(y, np.sum(np.sin(P["w"] * 2 * X)), rtol=1e-6)
    same(bwd(residuals, 3.0)[1], 3 * P["w"] * np.cos(P["w"] * 2 * X))
    assert backend.statistics() == before


@pytest.mark.parametrize("jitted", [False, True])
def test_options(jitted: bool) -> None:
    fwd, bwd = la.fwd_and_bwd(lambda x, n: (x * n, {"n": n}), -2, has_aux=True, jitted=jitted)
    y, residuals, aux = fwd(2.0, 3)
    assert y == 6 and aux == {"n": 3} and bwd(residuals, 10.0) == 30


def test_through_jit_grad_and_vmap() -> None:
    _, pull = la.vjp(f, P, X)
    same(la.jit(pull)(1.0), GRADIENT)
    same(la.jit(lambda pull, ct: pull(ct))(pull, 1.0), GRADIENT)
    slope = la.grad(lambda ct: lnp.sum(la.jit(lambda pull, ct: pull(ct))(pull, ct)[1]))(2.0)
    np.testing.assert_allclose(slope, np.sum(GRADIENT[1]), rtol=1e-6)
    _, pulls = la.vmap(lambda x: la.vjp(lambda x: x**3, x))(np.float32([1, 2, 3]))
    np.testing.assert_allclose(la.vmap(lambda pull: pull(1.0))(pulls)[0], [3, 12, 27])
    doubled = la.tree.map(lambda x: x, pull)
    same(doubled(1.0), GRADIENT)


def test_errors() -> None:
    _, pull = la.vjp(f, P, X)
    moved = la.jit(lambda pull: pull)(pull)
    with pytest.raises(errors.CotangentError, match=r"f32\[2\]"):
        moved(np.ones(2, np.float32))
    fwd, _ = la.fwd_and_bwd(f, argnums=2)
    with pytest.raises(errors.ArgnumsError, match="argnums names the argument 2"):
        fwd(P, X)

"""Complex numbers in kernels: pairs in memory, two vectors in the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax

SIZES = (1, 3, 8, 11, 16, 17, 32, 37, 64, 100)  # fewer than half a vector, more, whole ones and what is left


def _draw(*shape: int, dtype: str = "complex64") -> Any:
    rng = np.random.default_rng(sum(shape))
    return lnp.asarray((rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype))


def _compared(f: Callable[..., Any], *args: Any, rtol: float = 1e-4, dispatches: int = 1) -> None:
    """Compiled against eager; the program is so many dispatches."""
    assert str(la.make_ir(f, *args, stage="executables")).count('"flow.dispatch"') == dispatches
    with la.disable_jit():
        want = f(*args)
    for x, y in zip(la.tree_util.tree_leaves(la.jit(f)(*args)), la.tree_util.tree_leaves(want), strict=True):
        assert (x.dtype, x.shape) == (lnp.asarray(y).dtype, np.shape(y))
        np.testing.assert_allclose(np.asarray(x), np.asarray(y), rtol=rtol, atol=rtol * np.abs(np.asarray(y)).max())


def _everywhere(f: Callable[..., Any], times: int = 3) -> Callable[..., Any]:
    """The function again and again, on arrays of many sizes."""
    return lambda *arrays: [lax.fori_loop(0, times, lambda i, x: f(x), x) for x in arrays]


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_vectors_of_any_size(dtype: str) -> None:
    with la.enable_x64(dtype == "complex128"):
        arrays = [_draw(n, dtype=dtype) for n in SIZES]
        _compared(_everywhere(lambda z: z * z.conj()[::-1] / (1 + abs(z)) + 1j), *arrays)
        _compared(_everywhere(lambda z: lnp.where(z.real > 0, lnp.exp(1j * z.real), z.imag + 0j)), *arrays)


def test_matrices_in_any_order() -> None:
    def step(z: Any) -> Any:
        z = z @ z.T.conj() / len(z)
        return z / (1 + lnp.sum(abs(z), 1)) + z.T[::-1]

    _compared(_everywhere(step), *(_draw(n, n) for n in (1, 4, 5, 16, 19)))


def test_steps_of_two_and_windows() -> None:
    def step(z: Any) -> Any:
        n = z.shape[0]
        z = z.at[::2].set(z[(n - 1) % 2 :: 2][::-1])
        return lax.dynamic_update_slice(z, z[: n // 2 + 1] * 0.5j, (n // 3,))

    _compared(_everywhere(step), *map(_draw, SIZES))


def test_what_a_scan_carries_and_stacks() -> None:
    def f(z: Any, xs: Any) -> Any:
        def step(carry: Any, x: Any) -> Any:
            z, number = carry
            z = lnp.roll(z, 1) * x + number
            return (z, lnp.sum(z) / z.size), (z, number)

        return lax.scan(step, (z, z[0]), xs)

    for n in (2, 16, 48, 50):
        _compared(f, _draw(n), _draw(5) / 2)


def test_a_while_loop_of_complex_numbers() -> None:
    def escape(c: Any) -> Any:
        def go_on(state: Any) -> Any:
            return (abs(state[0]) < 2) & (state[1] < 20)

        return lax.while_loop(go_on, lambda s: (s[0] * s[0] + c, s[1] + 1), (c * 0, 0))[1]

    _compared(la.vmap(escape), _draw(37))
    _compared(escape, _draw())


def test_branches() -> None:
    def step(z: Any) -> Any:
        return lax.cond(z[0].real > 0, lambda z: z * 1j, lambda z: z.conj() - 1, z)

    _compared(_everywhere(step), *map(_draw, SIZES[3:7]))


def test_loops_that_transform() -> None:
    def step(z: Any) -> Any:
        n = z.shape[-1]
        return lnp.fft.ifft(lnp.exp(1j * lnp.arange(n)) * lnp.fft.fft(z)) + lnp.fft.irfft(lnp.fft.rfft(z.real), n)

    _compared(_everywhere(step), *map(_draw, SIZES[1:]), _draw(3, 8))
    _compared(_everywhere(lnp.fft.fft2), _draw(6, 8) / 100)


def test_gradient_of_a_spectral_solver() -> None:
    def energy(u: Any) -> Any:
        def step(i: Any, v: Any) -> Any:
            return v * lnp.exp(-0.1 * lnp.arange(v.size)) - 0.1j * lnp.fft.rfft(lnp.fft.irfft(v, 32) ** 2)

        return lnp.sum(abs(lax.fori_loop(0, 5, step, lnp.fft.rfft(u))) ** 2)

    _compared(la.grad(energy), _draw(32).real / 10)

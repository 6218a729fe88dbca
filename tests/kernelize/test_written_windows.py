"""Loops that write windows of arrays at computed places, against the same loops in Python, for several numbers of rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import lax, tree_util

SHAPES = [(1,), (5,), (37,), (64,), (1000,), (3, 17), (40, 4), (5, 1), (4, 3, 18)]
DTYPES = ("float32", "float64", "int32", "bool", "complex64", "bfloat16")
ROUNDS = (0, 1, 2, 13)


def small(x: Any) -> Any:
    if x.dtype == bool:
        return ~x
    return x % lnp.asarray(7).astype(x.dtype) if lnp.issubdtype(x.dtype, lnp.integer) else lnp.tanh(x)


def get(x: Any, i: Any) -> Any:
    """A row, the nearest one where there is none."""
    return lax.dynamic_index_in_dim(x, i, keepdims=False)


def put(x: Any, i: Any, row: Any) -> Any:
    return lax.dynamic_update_index_in_dim(x, row, i, 0)


def rows(x: Any, n: Any) -> Any:
    """Every row from the one before, and from one of another array."""
    mixed = lnp.logical_xor if x.dtype == bool else lnp.add
    return lax.fori_loop(0, n, lambda i, y: put(y, i, small(mixed(get(y, i - 1), get(x, i)))), x)


def last_dimension(x: Any, n: Any) -> Any:
    m = x.shape[-1]
    return lax.fori_loop(0, n, lambda i, y: y.at[..., i % m].set(small(x[..., -1 - i % m])), x)


def moving(x: Any, n: Any) -> Any:
    """Windows that overlap, from places outside to places outside, which are in an array that changes, too."""
    sizes = [max(1, 2 * m // 3) for m in x.shape]

    def body(i: Any, state: Any) -> Any:
        y, starts = state
        window = lax.dynamic_slice(y, list(starts), sizes)
        y = lax.dynamic_update_slice(y, small(lnp.flip(window)), list(lnp.flip(starts)))
        return y, starts.at[i % x.ndim].set(starts[0] * 3 - i)

    return lax.fori_loop(0, n, body, (x, lnp.arange(x.ndim, dtype=np.int32) - 1))


def by_its_own(x: Any, n: Any) -> Any:
    """The place of a window is read from the array that it is written to."""
    y = lnp.abs(lnp.real(x) * 5).astype(np.int32)
    place = lambda y: [y.ravel()[-1 - d] % 3 for d in range(x.ndim)]  # noqa: E731
    return lax.fori_loop(0, n, lambda i, y: lax.dynamic_update_slice(y, y[: -(-y.shape[0] // 2)] + i, place(y)), y)


def zeros(x: Any, n: Any) -> Any:
    return lax.fori_loop(0, n, lambda i, y: put(y, i, lnp.zeros_like(y[0])), x)


def exchanged(x: Any, n: Any) -> Any:
    body = lambda i, s: (put(s[1], i, get(s[0], i - 1)), put(s[0], i - 1, get(s[1], i)))  # noqa: E731
    return lax.fori_loop(0, n, body, (x, small(x)))


def old_and_new(x: Any, n: Any) -> Any:
    """What is written over is read afterwards: as a whole, in a window, and at a place that is not known."""

    def body(i: Any, state: Any) -> Any:
        y, z, w = state
        new = put(y, i, get(z, i))
        z = put(z, i, y[-1])
        w = lnp.where(w == w[0], y, new)
        return new, put(z, i - 1, get(lnp.flip(new), i // 2)), w

    return lax.fori_loop(0, n, body, (x, small(x), x))


def in_a_while_loop(x: Any, n: Any) -> Any:
    body = lambda s: (s[0] + 1, put(s[1], s[0], small(get(s[1], s[0] // 2))))  # noqa: E731
    return lax.while_loop(lambda s: s[0] < n, body, (np.int32(0), x))


def several(x: Any, n: Any) -> Any:
    """A batch, in which every loop has its own number of rounds."""
    return la.vmap(rows)(lnp.stack([x, small(x)]), lnp.stack([n, n // 2]))


def differentiable(x: Any) -> Any:
    return x if x.dtype in (np.float32, np.float64) else lnp.real(x).astype(np.float32)


def derivative(x: Any, n: Any) -> Any:
    x = differentiable(x)
    body = lambda x: lambda i, y: put(y, i, get(y, i - 1) * get(x, i // 2) + get(y, i))  # noqa: E731
    return la.jvp(lambda x: lax.fori_loop(0, n, body(small(x)), small(x)), (x,), (small(x),))[1]


def gradient(x: Any, n: Any) -> Any:
    x = differentiable(x)
    body = lambda x: lambda i, y: put(y, i, get(y, i - 1) * get(x, i // 2) + get(y, i))  # noqa: E731
    return la.grad(lambda x: lnp.sum(lax.fori_loop(0, 7, body(small(x)), small(x)) ** 2))(x)


PROGRAMS = [
    rows, last_dimension, moving, by_its_own, zeros, exchanged, old_and_new, in_a_while_loop, several, derivative, gradient,
]  # fmt: skip


@pytest.mark.parametrize("turn", [0, *(pytest.param(t, marks=pytest.mark.slow) for t in range(1, len(DTYPES)))])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_windows_are_written_where_python_writes_them(program: Callable[..., Any], turn: int) -> None:
    rng = np.random.default_rng(0)
    with la.enable_x64():
        dtypes = [DTYPES[(PROGRAMS.index(program) + i + turn) % len(DTYPES)] for i in range(len(SHAPES))]
        arrays = [lnp.asarray(rng.normal(size=s) * 2).astype(d) for s, d in zip(SHAPES, dtypes, strict=True)]
        compiled = la.jit(lambda arrays, n: [program(x, n) for x in arrays])
        for n in map(np.int32, ROUNDS):
            with la.disable_jit(), np.errstate(all="ignore"):
                expected = [program(x, n) for x in arrays]
            pairs = zip(tree_util.tree_leaves(compiled(arrays, n)), tree_util.tree_leaves(expected), strict=True)
            for got, want in pairs:
                assert (got.dtype, got.shape) == (want.dtype, want.shape)
                tolerance = {"bfloat16": 0.05, "float64": 1e-12}.get(str(got.dtype), 1e-4)
                a, b = (np.asarray(v).astype(complex) for v in (got, want))
                np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=f"{want.dtype}, {n} rounds")

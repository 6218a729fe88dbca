"""Ragged products against loops over the groups; the dimension rules are those of JAX 0.10.2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

Numbers = lax.RaggedDotDimensionNumbers
RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def grouped_rows(x: np.ndarray, y: np.ndarray, sizes: Any) -> np.ndarray:
    out, start = np.zeros((x.shape[0], y.shape[2]), x.dtype), 0
    for matrix, size in zip(y, sizes, strict=True):
        out[start : start + size] = x[start : start + size] @ matrix
        start += size
    return out


@pytest.mark.parametrize("sizes", [[2, 3, 2], [0, 7, 0], [1, 0, 3], [0, 0, 0]])
def test_rows_in_groups(sizes: list[int]) -> None:
    x, y = normal(7, 4), normal(3, 4, 5)
    got = lax.ragged_dot(x, y, np.array(sizes))
    np.testing.assert_allclose(got, grouped_rows(x, y, sizes), rtol=1e-5, atol=1e-6)


def test_batches_with_groups_of_their_own() -> None:
    x, y, sizes = normal(2, 4, 3), normal(2, 2, 3, 5), np.array([[1, 2], [3, 1]])
    numbers = Numbers((((2,), (2,)), ((0,), (1,))), [1], [0])
    got = lax.ragged_dot_general(x, y, sizes, numbers)
    want = [grouped_rows(x[b], y[:, b], sizes[b]) for b in range(2)]
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    common = lax.ragged_dot_general(x, y, sizes[0], numbers)
    np.testing.assert_allclose(common[1], grouped_rows(x[1], y[:, 1], sizes[0]), rtol=1e-5, atol=1e-6)


def test_sums_over_groups_and_ragged_batches() -> None:
    x, y = normal(2, 6, 3), normal(2, 6, 4)
    numbers = Numbers((((1,), (1,)), ((0,), (0,))), [1], [])
    got = lax.ragged_dot_general(x, y, np.array([1, 3]), numbers)
    want = [[x[b, part].T @ y[b, part] for b in range(2)] for part in (slice(0, 1), slice(1, 4))]
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    plain = lax.ragged_dot_general(x, y, np.array([1, 0]), Numbers((((1,), (1,)), ((0,), (0,))), [0], []))
    np.testing.assert_allclose(plain, np.einsum("bkm,bkn->bmn", x, y), rtol=1e-5, atol=1e-6)


def test_derivatives_jit_and_vmap() -> None:
    x, y, sizes = normal(5, 3), normal(2, 3, 4), np.array([2, 2])
    dx, dy = la.jit(la.grad(lambda x, y: lnp.sum(lax.ragged_dot(x, y, sizes)), argnums=(0, 1)))(x, y)
    group = [y[0], y[0], y[1], y[1], 0 * y[0]]
    np.testing.assert_allclose(dx, [m.sum(1) for m in group], rtol=1e-5)
    np.testing.assert_allclose(dy[1], np.repeat(x[2:4].sum(0)[:, None], 4, 1), rtol=1e-5)
    many = la.vmap(lax.ragged_dot, (None, None, 0))(x, y, np.array([[5, 0], [0, 5]]))
    np.testing.assert_allclose(many, [x @ y[0], x @ y[1]], rtol=1e-5, atol=1e-6)
    assert lax.ragged_dot(x, y, sizes, preferred_element_type=np.float16).dtype == np.float16


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lax.ragged_dot(normal(4, 3), normal(2, 3, 4), np.float32([1, 2])), errors.DTypeError, "group_sizes must be integers, not float32."),
        (lambda: lax.ragged_dot(normal(4, 3), normal(2, 3, 4), np.array([1, 2, 1])), errors.ShapeError, "rhs has to have 3 groups in dimension 0"),
        (lambda: lax.ragged_dot(normal(4, 3), normal(3, 4), np.array([1, 2])), errors.ShapeError, "it takes [m, k] and [groups, k, n]"),
        (lambda: lax.ragged_dot(normal(4, 3), normal(2, 3, 4), np.array([[1, 2]])), errors.ShapeError, "group_sizes has one vector"),
        (lambda: lax.ragged_dot(normal(4, 3), normal(2, 3, 4), np.array([1, 2]), group_offset=0), NotImplementedError, "group_offset"),
        (lambda: lax.composite(abs, 5), TypeError, "lax.composite: the name is a text, not 5"),
    ],
)  # fmt: skip
def test_errors(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)

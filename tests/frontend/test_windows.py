"""Reductions over windows against the windows written out, and their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax


def direct(
    x: np.ndarray, initial: Any, combine: Any, window: Any, strides: Any, pads: Any, base: Any, within: Any
) -> Any:
    """The definition: every window begins with the initial value, of which padding consists."""
    spread = [(n - 1) * d + 1 if n else 0 for n, d in zip(x.shape, base, strict=True)]
    full = np.full([max(n + lo + hi, 0) for n, (lo, hi) in zip(spread, pads, strict=True)], initial, x.dtype)
    for at in np.ndindex(*x.shape):
        place = tuple(i * d + lo for i, d, (lo, _) in zip(at, base, pads, strict=True))
        if all(0 <= p < n for p, n in zip(place, full.shape, strict=True)):
            full[place] = x[at]
    reach = [(n - 1) * d + 1 for n, d in zip(window, within, strict=True)]
    count = [max((n - k) // s + 1, 0) for n, k, s in zip(full.shape, reach, strides, strict=True)]
    out = np.empty(count, x.dtype)
    for at in np.ndindex(*count):
        value = np.asarray(initial, x.dtype)
        for k in np.ndindex(*window):
            element = full[tuple(i * s + j * d for i, s, j, d in zip(at, strides, k, within, strict=True))]
            value = combine(value, element)
        out[at] = value
    return out


# shape, window, strides, padding, base_dilation, window_dilation
CASES: list[tuple[Any, ...]] = [
    ((5, 6), (2, 3), (1, 1), [(0, 0), (0, 0)], (1, 1), (1, 1)),
    ((1, 6, 5, 2), (1, 3, 2, 1), (1, 2, 1, 1), [(0, 0), (1, 0), (0, 2), (0, 0)], (1, 1, 1, 1), (1, 1, 1, 1)),
    ((5, 4), (2, 2), (2, 1), [(2, 1), (-1, 2)], (1, 3), (2, 1)),
    ((7,), (3,), (2,), [(-2, -1)], (2,), (2,)),
    ((3,), (5,), (1,), [(0, 0)], (1,), (1,)),
    ((0, 3), (2, 1), (1, 1), [(1, 2), (0, 0)], (1, 1), (1, 1)),
    ((), (), (), [], (), ()),
]
MONOIDS: list[tuple[Any, Any, Any]] = [
    (lax.add, np.add, 0),
    (lax.mul, np.multiply, 1),
    (lax.max, np.maximum, -np.inf),
    (lax.min, np.minimum, np.inf),
    (lax.add, np.add, 2),  # no neutral element: every window begins with it
    (lax.max, np.maximum, 0.5),
    (lambda x, y: lnp.hypot(x, y), np.hypot, 0),  # no op of the dialect
]


def numbers(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).permutation(int(np.prod(shape))).reshape(shape).astype(np.float32) / 4 - 1


@pytest.mark.parametrize("monoid", MONOIDS, ids=[str(i) for i in range(len(MONOIDS))])
def test_is_its_definition(monoid: tuple[Any, Any, Any]) -> None:
    computation, ufunc, initial = monoid
    for case in CASES:
        x = numbers(case[0])
        got = lax.reduce_window(x, np.float32(initial), computation, *case[1:])
        np.testing.assert_allclose(got, direct(x, initial, ufunc, *case[1:]), rtol=1e-6)


def test_dtypes() -> None:
    x = np.array([[3, 1, 2, 0]], np.int32)
    for dtype in (np.int8, np.uint32, np.float16, np.complex64):
        got = lax.reduce_window(x.astype(dtype), np.zeros((), dtype), lax.add, (1, 2))
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, [[4, 3, 2]])
    np.testing.assert_array_equal(lax.reduce_window(x, np.iinfo(x.dtype).min, lax.max, (1, 2)), [[3, 2, 2]])
    np.testing.assert_array_equal(lax.reduce_window(x > 1, False, lax.max, (1, 2)), [[True, True, True]])
    np.testing.assert_array_equal(
        lax.reduce_window(np.array([1j, 2, 1 + 1j], np.complex64), np.complex64(-np.inf), lax.max, (2,)), [2, 2]
    )
    ones = np.ones(4096, "bfloat16")
    assert float(lax.reduce_window(ones, np.zeros((), "bfloat16"), lax.add, (4096,))[0]) == 4096
    special = np.array([1, np.nan, 0, -np.inf], np.float32)
    np.testing.assert_array_equal(lax.reduce_window(special, -np.inf, lax.max, (2,)), [np.nan, np.nan, 0])


def test_several_operands_are_combined_together() -> None:
    """The largest element of each window, and where it is."""

    def larger(one: Any, other: Any) -> Any:
        keep = one[0] >= other[0]
        return lnp.where(keep, one[0], other[0]), lnp.where(keep, one[1], other[1])

    x = np.array([3, 1, 4, 1, 5, 9, 2, 6], np.float32)
    values, places = lax.reduce_window((x, np.arange(8)), (np.float32(-np.inf), -1), larger, (3,), (2,))
    np.testing.assert_array_equal(values, [4, 5, 9])
    np.testing.assert_array_equal(places, [2, 4, 5])


def test_padding_by_name() -> None:
    x = numbers((1, 5, 5, 1))
    for name, pads in [("SAME", [(0, 0), (0, 1), (0, 1), (0, 0)]), ("VALID", [(0, 0)] * 4),
                       ("SAME_LOWER", [(0, 0), (1, 0), (1, 0), (0, 0)])]:  # fmt: skip
        window, strides = (1, 2, 2, 1), (1, 2, 2, 1)
        got = lax.reduce_window(x, -np.inf, lax.max, window, strides, name)
        np.testing.assert_array_equal(got, lax.reduce_window(x, -np.inf, lax.max, window, strides, pads))
        assert lax.reduce_window_shape_tuple(x.shape, window, strides, name) == got.shape


def test_gradient_of_max_pooling_goes_to_the_first_maximum() -> None:
    pool = lambda x: lax.reduce_window(x, -np.inf, lax.max, (2, 2), (2, 2), "VALID")  # noqa: E731
    x = np.array([[1, 5, 2, 2], [5, 0, 2, 2]], np.float32)
    np.testing.assert_array_equal(la.grad(lambda x: lnp.sum(pool(x)))(x), [[0, 1, 1, 0], [0, 0, 0, 0]])
    overlapping = lambda x: lnp.sum(lax.reduce_window(x, np.inf, lax.min, (2,), (1,), [(1, 1)]))  # noqa: E731
    np.testing.assert_array_equal(la.grad(overlapping)(np.array([3, 1, 2], np.float32)), [1, 2, 1])


def test_gradient_of_average_pooling() -> None:
    """Golden values from JAX 0.10.2."""
    ones = np.ones((1, 3, 3, 1), np.float32)
    average = lambda x: lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 1, 1, 1), "SAME") / 4  # noqa: E731
    got = la.grad(lambda x: lnp.sum(average(x) ** 2))(ones)[0, :, :, 0]
    np.testing.assert_allclose(got, [[0.5, 1, 0.75], [1, 2, 1.5], [0.75, 1.5, 1.125]])


def test_compiled_with_gradients_and_vmap_is_eager() -> None:
    def everything(xs: Any) -> Any:
        def loss(xs: Any) -> Any:
            return sum(
                lnp.sum(lnp.sin(lax.reduce_window(x, np.float32(initial), computation, *case[1:])))
                for x, case, (computation, _, initial) in zip(xs, chosen, MONOIDS, strict=False)
            )

        mapped = la.vmap(lambda x: lax.reduce_window(x, -np.inf, lax.max, (3,), (2,)))(numbers((2, 7)))
        return loss(xs), la.grad(loss)(xs), mapped

    chosen = [CASES[i] for i in (1, 0, 2, 3, 3)]
    xs = [numbers(case[0]) for case in chosen]
    for got, want in zip(la.tree.leaves(la.jit(everything)(xs)), la.tree.leaves(everything(xs)), strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-5)


def test_errors() -> None:
    x = lnp.zeros((4, 5))
    cases: list[tuple[Any, str]] = [
        (lambda: lax.reduce_window(x, 0.0, lax.add, (2,)), "window_dimensions (2,) must have a positive entry for each"),
        (lambda: lax.reduce_window(x, 0.0, lax.add, (2, 0)), "window_dimensions (2, 0) must have a positive entry"),
        (lambda: lax.reduce_window(x, 0.0, lax.add, (2, 2), (1,)), "window_strides (1,) must have a positive entry"),
        (lambda: lax.reduce_window(x, lnp.zeros(2), lax.add, (2, 2)), "the initial values are scalars"),
        (lambda: lax.reduce_window(x, (0.0,), lax.add, (2, 2)), "the trees differ in structure"),
        (lambda: lax.reduce_window(x, 0.0, lax.add, (2, 2), None, [(0, 0)]), "1 pairs of padding are given for 2"),
        (lambda: lax.reduce_window(x, np.int32(0), lax.add, (2, 2)), "operands of one dtype, not float32 and int32"),
    ]  # fmt: skip
    for call, text in cases:
        with pytest.raises((ValueError, TypeError)) as caught:
            call()
        assert isinstance(caught.value, errors.LaminaError)
        assert text in str(caught.value)

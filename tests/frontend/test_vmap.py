"""vmap: axes, structure, sizes, errors."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lamina as la
from lamina import errors, lax


def dot(x, y):
    return lax.dot_general(x, y, (((0,), (0,)), ((), ())))


A = np.arange(12, dtype=np.float32).reshape(3, 4)
B = np.arange(8, dtype=np.float32).reshape(2, 4)


def test_in_and_out_axes():
    close = lambda got, want: np.testing.assert_array_equal(np.asarray(got), want)  # noqa: E731
    close(la.vmap(dot)(A, A), (A * A).sum(1))
    close(la.vmap(dot, in_axes=(0, None))(A, A[0]), A @ A[0])
    close(la.vmap(dot, in_axes=(1, 1))(A, A), (A * A).sum(0))
    close(la.vmap(dot, in_axes=(-1, 1))(A, A), (A * A).sum(0))
    outer = la.vmap(la.vmap(dot, in_axes=(None, 0)), in_axes=(0, None))
    close(outer(A, B), A @ B.T)
    close(la.vmap(lambda x: lax.mul(x, 2.0), out_axes=1)(A), 2 * A.T)
    close(la.vmap(lambda x: lax.mul(x, 2.0), in_axes=1, out_axes=-1)(A), 2 * A)


def test_structures_keywords_and_unmapped_results():
    def f(tree, *, y):
        return {"s": lax.add(tree["a"], y), "c": np.float32(7)}

    out = la.vmap(f, in_axes=({"a": 0, "b": None},), out_axes={"s": 0, "c": None})({"a": A, "b": B}, y=A)
    np.testing.assert_array_equal(np.asarray(out["s"]), 2 * A)
    assert float(out["c"]) == 7
    assert la.vmap(f, in_axes=({"a": 0, "b": None},))({"a": A, "b": B}, y=A)["c"].shape == (3,)


def test_sum_match():
    out = la.vmap(lambda x: (x, lax.mul(x, 2.0), np.float32(7)), out_axes=(None, 0, None), sum_match=True)(A)
    for got, want in zip(out, (A.sum(0), 2 * A, 7), strict=True):
        np.testing.assert_array_equal(np.asarray(got), want)


def test_axis_size_and_empty_batch():
    assert la.vmap(lambda: np.float32(1), axis_size=4, in_axes=())().shape == (4,)
    assert la.vmap(lambda x: lax.sin(x))(np.ones((0, 3), np.float32)).shape == (0, 3)


def test_vmap_has_the_ops_of_the_function():
    """Batching adds no op to a network but the broadcast of what is shared."""
    w = np.ones((4, 5), np.float32)

    def layer(x):
        return lax.tanh(lax.dot_general(x, w, (((0,), (0,)), ((), ()))))

    single = la.make_ir(layer, A[0], stage="simplify")
    batched = la.make_ir(la.vmap(layer), A, stage="simplify")
    assert batched.count("lamina.") == single.count("lamina.")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: la.vmap(dot)(A, B), "vmap of `dot`: the mapped axes have different sizes: x: 3, y: 2."),
        (lambda: la.vmap(dot, in_axes=(0, 2))(A, B), "`y` is f32[2,4]: it has no axis 2 to map over"),
        (lambda: la.vmap(dot, in_axes=None)(A, B), "nothing is mapped: every entry of in_axes is None"),
        (lambda: la.vmap(dot, in_axes=(0,))(A, B), "in_axes has 1 entries, but there are 2 positional arguments"),
        (lambda: la.vmap(dot, in_axes=(0, "x"))(A, B), "in_axes holds 'x' for `y`: an axis is an int or None"),
        (lambda: la.vmap(lambda x: x, out_axes=None)(A), "out_axes is None for a result that depends on the batch"),
        (lambda: la.vmap(lambda x: x, out_axes=5)(A), "a result has rank 2 with its batch: it has no axis 5"),
    ],
)  # fmt: skip
def test_errors(call, text):
    with pytest.raises(errors.MappedAxisError, match=re.escape(text)):
        call()


def test_in_axes_structure_mismatch_names_the_path():
    with pytest.raises(errors.TreeStructureError, match=r"in_axes"):
        la.vmap(lambda t: t, in_axes=({"a": 0, "c": 0},))({"a": A, "b": A})

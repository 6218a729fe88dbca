"""ravel_pytree: a container as a vector, and back. What dtypes come out is what JAX 0.10.2 gives."""

from __future__ import annotations

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors
from lamina.flatten_util import ravel_pytree


def test_there_and_back() -> None:
    tree = {"b": (lnp.ones((2, 3)), [lnp.zeros((0, 2))]), "a": lnp.float32(5), "none": None}
    vector, unravel = ravel_pytree(tree)
    np.testing.assert_array_equal(vector, [5, 1, 1, 1, 1, 1, 1])
    back = unravel(2 * vector)
    assert la.tree.structure(back) == la.tree.structure(tree)
    np.testing.assert_array_equal(back["b"][0], np.full((2, 3), 2))
    assert back["b"][1][0].shape == (0, 2) and back["a"].shape == ()


def test_dtypes() -> None:
    weak, unravel = ravel_pytree({"a": 1.0})
    assert weak.weak_type and weak.dtype == np.float32
    mixed, unravel = ravel_pytree({"a": 1, "b": lnp.ones(2, lnp.bfloat16), "c": True})
    assert mixed.dtype == lnp.bfloat16 and not mixed.weak_type
    assert {k: x.dtype.name for k, x in unravel(mixed).items()} == {"a": "int32", "b": "bfloat16", "c": "bool"}
    with pytest.raises(errors.DTypeError, match="the vector must be bfloat16 as the one it was made of, not float32"):
        unravel(mixed.astype(np.float32))
    _, unravel = ravel_pytree((lnp.ones(2), lnp.ones(3)))  # of one dtype: any other can be put in its place
    assert [x.dtype.name for x in unravel(lnp.arange(5))] == ["int32", "int32"]
    empty, unravel = ravel_pytree([None, {}])
    assert empty.shape == (0,) and empty.dtype == np.float32 and unravel(empty) == [None, {}]
    with pytest.raises(errors.ShapeError, match=r"the container has 2 elements: flat has the shape \(3,\)"):
        ravel_pytree(lnp.ones(2))[1](lnp.ones(3))


def test_through_transformations() -> None:
    tree = {"w": np.ones((2, 2), np.float32), "b": np.zeros(2, np.float32)}
    _, unravel = ravel_pytree(tree)
    batch = la.jit(la.vmap(unravel))(np.arange(12, dtype=np.float32).reshape(2, 6))
    np.testing.assert_array_equal(batch["w"][1], [[8, 9], [10, 11]])
    slope = la.grad(lambda t: ravel_pytree(t)[0] @ lnp.arange(6.0))(tree)
    np.testing.assert_array_equal(slope["w"], [[2, 3], [4, 5]])

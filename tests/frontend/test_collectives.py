"""What the examples of a `vmap` compute together, against NumPy on the whole batch."""

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax

N = 4
X = np.random.default_rng(0).standard_normal((N, N, 3)).astype(np.float32)  # a batch of N arrays (N, 3)
SWAPPED = np.swapaxes(X, 0, 1)
CASES = [
    ("psum", lambda x: lax.psum(x, "i"), np.broadcast_to(X.sum(0), X.shape)),
    ("pmean", lambda x: lax.pmean(x, "i"), np.broadcast_to(X.mean(0), X.shape)),
    ("pmax", lambda x: lax.pmax(x, "i"), np.broadcast_to(X.max(0), X.shape)),
    ("pmin", lambda x: lax.pmin(x, "i"), np.broadcast_to(X.min(0), X.shape)),
    ("psum of a constant", lambda x: lax.psum(2, "i") + 0 * x, np.full(X.shape, 2 * N)),
    ("pbroadcast", lambda x: lax.pbroadcast(x, "i", 2), np.broadcast_to(X[2], X.shape)),
    ("pshuffle", lambda x: lax.pshuffle(x, "i", [3, 1, 0, 2]), X[[3, 1, 0, 2]]),
    ("ppermute", lambda x: lax.ppermute(x, "i", [(0, 1), (1, 2), (2, 3)]), np.concatenate([0 * X[:1], X[:-1]])),
    ("all_gather", lambda x: lax.all_gather(x, "i"), np.broadcast_to(X, (N, *X.shape))),
    ("all_gather axis", lambda x: lax.all_gather(x, "i", axis=1), np.broadcast_to(SWAPPED, (N, N, N, 3))),
    (
        "all_gather tiled",
        lambda x: lax.all_gather(x, "i", axis=1, tiled=True),
        np.broadcast_to(np.concatenate(X, 1), (N, N, 3 * N)),
    ),
    ("psum_scatter", lambda x: lax.psum_scatter(x, "i"), X.sum(0)),
    ("psum_scatter tiled", lambda x: lax.psum_scatter(x, "i", tiled=True), X.sum(0)[:, None]),
    ("pswapaxes", lambda x: lax.pswapaxes(x, "i", 0), SWAPPED),
    ("all_to_all", lambda x: lax.all_to_all(x, "i", 0, 0), SWAPPED),
    ("all_to_all to the end", lambda x: lax.all_to_all(x, "i", 0, 1), np.moveaxis(X, (0, 1, 2), (2, 0, 1))),
    (
        "all_to_all tiled",
        lambda x: lax.all_to_all(x, "i", 0, 1, tiled=True),
        np.moveaxis(X, (0, 1, 2), (1, 0, 2)).reshape(N, 1, 3 * N),
    ),
    ("axis_index", lambda x: lax.axis_index("i") + 0 * x, np.arange(N)[:, None, None] + 0 * X),
    ("axis_size", lambda x: x / lax.axis_size("i"), X / N),
]
NAMES = [name for name, *_ in CASES]


@pytest.mark.parametrize(("name", "function", "want"), CASES, ids=NAMES)
def test_values(name, function, want):
    np.testing.assert_allclose(la.vmap(function, axis_name="i")(X), want, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(
        la.vmap(function, in_axes=2, out_axes=-1, axis_name="i")(np.moveaxis(X, 0, 2)),
        np.moveaxis(want, 0, -1),
        rtol=1e-6,
        atol=1e-6,
    )


def test_compiled():
    """All at once, as one program."""
    results = la.jit(la.vmap(lambda x: [function(x) for _, function, _ in CASES], axis_name="i"))(X)
    for (name, _, want), got in zip(CASES, results, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-6, err_msg=name)


@pytest.mark.parametrize(("name", "function", "want"), CASES, ids=NAMES)
def test_gradient(name, function, want):
    """Against differences of Σ w · result in a random direction, which is exact where the function is linear."""
    rng = np.random.default_rng(1)
    weights, direction = rng.standard_normal(want.shape), rng.standard_normal(X.shape)

    def total(x):
        return lnp.sum(la.vmap(function, axis_name="i")(x) * weights)

    with la.enable_x64(True):
        x, step = X.astype(np.float64), 1e-6
        slope = (total(x + step * direction) - total(x - step * direction)) / (2 * step)
        np.testing.assert_allclose(np.sum(la.grad(total)(x) * direction), slope, rtol=1e-6, atol=1e-6)


def test_several_names():
    def over_both(x):
        return lax.psum(x, ("i", "j")), lax.pmax(x, "j"), lax.axis_index(("i", "j")), lax.axis_size(("i", "j"))

    out_axes = (0, 0, 0, None)
    f = la.vmap(la.vmap(over_both, axis_name="j", out_axes=out_axes), axis_name="i", out_axes=out_axes)
    total, largest, index, size = f(np.arange(6.0, dtype=np.float32).reshape(2, 3))
    assert total.tolist() == [[15.0] * 3] * 2 and largest.tolist() == [[2.0] * 3, [5.0] * 3]
    assert index.tolist() == [[0, 1, 2], [3, 4, 5]] and size == 6


def test_errors():
    with pytest.raises(errors.UnboundAxisError, match="'i'"):
        lax.pmax(1.0, "i")
    with pytest.raises(NotImplementedError, match=r"lax\.pmax: axis_index_groups are for devices"):
        la.vmap(lambda x: lax.pmax(x, "i", axis_index_groups=[[0, 1]]), axis_name="i")(lnp.ones(2))

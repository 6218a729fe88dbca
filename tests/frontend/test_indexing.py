"""Indexing against NumPy, eager and traced; out-of-bounds positions by JAX's rules; updated copies."""

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors

X = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
BASIC = [
    np.s_[0], np.s_[-1], np.s_[1, 2], np.s_[1, 2, 3], np.s_[...], np.s_[..., 1], np.s_[:, 1], np.s_[:, ::-1],
    np.s_[:, ::2], np.s_[:, -1:0:-1], np.s_[:, :, 3:1],
    np.s_[::-1, ::-2, ::3], np.s_[None], np.s_[None, 0], np.s_[0, None],
    np.s_[:, None, 1, ..., None], np.s_[1, ..., 2], np.s_[:, 5:9], np.s_[:, -9:2], (), True, np.s_[np.int64(1)],
]  # fmt: skip
ADVANCED = [
    np.s_[np.array([1, 0])], np.s_[:, np.array([[0, 2], [1, 1]])], np.s_[np.array([0, 1]), np.array([1, 2])],
    np.s_[np.array([0, 1]), :, np.array([1, 2])], np.s_[0, :, np.array([1, 2])], np.s_[:, 0, np.array([1, 2])],
    np.s_[np.array([0, 1]), :, 1], np.s_[None, np.array([0, 1]), None, 1],
    np.s_[:, np.array([0, 1]), None, np.array([0, 1])],
    np.s_[np.array([[0], [1]]), np.array([0, 2])], np.s_[::-1, np.array([0, -1]), ::2], np.s_[np.array([], int)],
    np.s_[np.array([True, False])], np.s_[:, np.array([True, False, True])], np.s_[X[:, :, 0] % 8 == 0],
]  # fmt: skip


def test_reading():
    for index in [*BASIC, *ADVANCED]:
        got = lnp.array(X)[index]
        assert got.shape == X[index].shape and np.array_equal(got, X[index]), index


def test_reading_compiled():
    got = la.jit(lambda x: [x[index] for index in [*BASIC, *ADVANCED]])(X)
    for index, value in zip([*BASIC, *ADVANCED], got, strict=True):
        assert value.shape == X[index].shape and np.array_equal(value, X[index]), index


SCALARS = {
    "i": lambda x, i: x[i],
    ":, i": lambda x, i: x[:, i],
    "i, ::-1": lambda x, i: x[i, ::-1],
    "i, i, 1:": lambda x, i: x[i, i, 1:],
    "0, ..., i": lambda x, i: x[0, ..., i],
    "None, i, 1": lambda x, i: x[None, i, 1],
}


def test_traced_positions():
    """Negative ones count from the end; outside the nearest element is read, nothing is written."""
    positions = [1, -1, 9, -9]

    def every(x, i):
        reads = {name: read(x, i) for name, read in SCALARS.items()}
        writes = [
            x.at[i].set(7),
            x.at[:, i].add(1),
            x.at[0, ::-1, i].multiply(2),
            x.at[i, 1:].min(3),
            x.at[:, i, ::2].set(5),
        ]
        return reads, writes

    for i, (reads, writes) in zip(positions, map(la.jit(every), [X] * 4, np.array(positions, np.int32)), strict=True):
        for name, read in SCALARS.items():
            want = read(X, i) if abs(i) == 1 else _clamped(read, i)
            assert np.array_equal(reads[name], want), (name, i)
        want = [X.copy() for _ in range(5)]
        if abs(i) == 1:
            want[0][i] = 7
            want[1][:, i] += 1
            want[2][0, ::-1, i] *= 2
            want[3][i, 1:] = np.minimum(want[3][i, 1:], 3)
            want[4][:, i, ::2] = 5
        for got, value in zip(writes, want, strict=True):
            assert np.array_equal(got, value), i
        eager = every(lnp.array(X), lnp.int32(i))
        assert all(np.array_equal(a, b) for a, b in zip(eager[1], writes, strict=True))
        assert all(np.array_equal(eager[0][name], reads[name]) for name in SCALARS)


def _clamped(read, i):
    """The same read with every position moved to the end of its axis."""
    for_axis = [0 if i < 0 else n - 1 for n in X.shape]
    exact = {
        "i": np.s_[for_axis[0]], ":, i": np.s_[:, for_axis[1]], "i, ::-1": np.s_[for_axis[0], ::-1],
        "i, i, 1:": np.s_[for_axis[0], for_axis[1], 1:], "0, ..., i": np.s_[0, ..., for_axis[2]],
        "None, i, 1": np.s_[None, for_axis[0], 1],
    }  # fmt: skip
    return X[exact[next(name for name, function in SCALARS.items() if function is read)]]


def test_traced_arrays():
    """Integer arrays known only at run time: JAX's wrapping and clamping."""
    i = np.array([[1, -1], [9, -9]], np.int32)
    wrapped = np.array([[1, 2], [2, 0]])

    def every(x, i):
        return x[:, i], x[0, i, i], lnp.take(x, i, axis=1), lnp.take(x, i, axis=1, mode="wrap"), lnp.take(x, i)

    middle, diagonal, filled, modulo, flat = la.jit(every)(X, i)
    assert np.array_equal(middle, X[:, wrapped])
    assert np.array_equal(diagonal, X[0, wrapped, np.array([[1, 3], [3, 0]])])
    assert np.array_equal(modulo, X[:, i % 3])
    low = np.iinfo(np.int32).min
    assert filled[0, :, :, 0].tolist() == [[4, 8], [low, low]] and flat.tolist() == [[1, 23], [9, 15]]
    for got, want in zip(every(lnp.array(X), lnp.array(i)), (middle, diagonal, filled, modulo, flat), strict=True):
        assert np.array_equal(got, want)


def test_take_along_axis():
    order = np.argsort(-X, axis=2)
    assert np.array_equal(lnp.take_along_axis(X, order, axis=2), np.take_along_axis(X, order, axis=2))
    rows = la.jit(lambda x, i: lnp.take_along_axis(x, i, axis=1))(X[0], np.array([[0], [3], [9]], np.int32))
    assert rows.tolist() == [[0], [7], [np.iinfo(np.int32).min]]


def test_modes():
    x = lnp.arange(3.0)
    assert x.at[5].get(mode="clip").item() == 2 and np.isnan(x.at[5].get(mode="fill"))
    assert x.at[5].get(mode="fill", fill_value=-1).item() == -1
    assert lnp.take(x, lnp.array([0, 5])).tolist()[0] == 0 and np.isnan(lnp.take(x, 5))
    assert x.at[5].set(1, mode="drop").tolist() == x.tolist() and x.at[5].set(1, mode="clip").tolist() == [0, 1, 1]


def test_updates():
    for index in [*BASIC, *ADVANCED]:
        want = X.copy()
        want[index] = 100
        assert np.array_equal(lnp.array(X).at[index].set(100), want), index
        want = X.copy()
        np.add.at(want, index, X[index])
        assert np.array_equal(lnp.array(X).at[index].add(X[index]), want), index
    got = la.jit(lambda x: [x.at[index].multiply(x[index] - 1) for index in BASIC])(X)
    for index, value in zip(BASIC, got, strict=True):
        want = X.copy()
        want[index] *= X[index] - 1
        assert np.array_equal(value, want), index
    x = lnp.arange(5)
    assert x.at[lnp.array([0, 0, 1])].add(1).tolist() == [2, 2, 2, 3, 4]  # repeated positions add up
    assert x.at[1].set(2.7).tolist() == [0, 2, 2, 3, 4] and x.at[x > 2].set(0).tolist() == [0, 1, 2, 0, 0]
    assert la.jit(lambda v: v.at[v > 2].add(10))(x).tolist() == [0, 1, 2, 13, 14]
    assert (
        x.at[2].power(3).tolist()[2] == 8
        and x.at[4].divide(2).tolist()[4] == 2
        and x.at[:2].apply(lambda v: v - 1).tolist()[:2] == [-1, 0]
    )


def test_derivatives_and_batches():
    x = lnp.arange(12.0).reshape(3, 4)
    assert la.grad(lambda v, i: v[i, 1] ** 2, argnums=0)(x, 2).tolist() == [[0] * 4, [0] * 4, [0, 18, 0, 0]]
    assert la.grad(lambda v: v[lnp.array([0, 0, 2])].sum())(x).tolist() == [[2] * 4, [0] * 4, [1] * 4]
    assert la.grad(lambda v: v.at[1].multiply(3).sum())(x).tolist() == [[1] * 4, [3] * 4, [1] * 4]
    assert la.vmap(lambda i: x[i])(lnp.array([2, -1, 9])).tolist() == x[np.array([2, 2, 2])].tolist()
    assert la.vmap(lambda row, i: row.at[i].set(-1))(x, lnp.array([0, 1, 9])).tolist()[:2] == [
        [-1, 1, 2, 3],
        [4, -1, 6, 7],
    ]


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (2, errors.IndexOutOfBoundsError, "The index 2 is out of bounds for axis 0 of size 2."),
        (np.s_[:, -4], errors.IndexOutOfBoundsError, "The index -4 is out of bounds for axis 1 of size 3."),
        (np.s_[0, 0, 0, 0], IndexError, "3 dimensions, but 4 were indexed"),
        (np.s_[..., ...], IndexError, "only one ellipsis"),
        ([0], TypeError, r"make it an array: x\[lnp.array\(i\)\]"),
        (1.5, TypeError, "not 1.5"),
        ("a", TypeError, "not 'a'"),
        (np.array([1.0]), TypeError, "float64"),
        (np.array([True, False, True]), IndexError, "boolean index of shape"),
    ],
)
def test_errors(index, error, message):
    for x in (lnp.array(X),):
        with pytest.raises(error, match=message):
            x[index]
        with pytest.raises(error, match=message):
            x.at[index].set(0)
    with pytest.raises(error, match=message):
        la.make_ir(lambda x: x[index], X)


def test_errors_of_traced_indices():
    with pytest.raises(errors.NonConcreteBooleanIndexError):
        la.jit(lambda x: x[x > 0])(X)
    with pytest.raises(errors.TracerIntegerConversionError) as caught:
        la.jit(lambda x, i: x[i:])(X, 1)
    assert "lax.dynamic_slice takes a traced start" in "".join(caught.value.__notes__)
    with pytest.raises(NotImplementedError, match="scatter"):
        la.jit(lambda x, i: x.at[i].add(1))(X, np.array([0, 1]))
    with pytest.raises(errors.ShapeError, match="values do not fit"):
        lnp.array(X).at[0].set(np.zeros((2, 3, 4)))

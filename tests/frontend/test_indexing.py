"""Indexing against NumPy, eager and traced; out-of-bounds positions by JAX's rules; updated copies."""

import itertools

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
    np.s_[:, np.array([0, 1]), ..., np.array([1, 2])], np.s_[:, 0, ..., np.array([1, 2])],  # separated by nothing
    np.s_[1:, np.array([2, 0]), -3:-1], np.s_[::-1, np.array([[1], [2]]), ::3], np.s_[np.array(1), :, np.array([-1])],
    False, np.s_[True, 0], np.s_[0, True], np.s_[..., False], np.s_[True, np.array([0, 1, 1])], np.s_[:, True, None, 1],
    np.s_[0, [1, 2]], np.s_[[True, False], [0]], np.s_[np.array([1, 0], np.uint8)], np.s_[:, np.array([], int), 1],
    np.s_[X > 7], np.s_[np.zeros((2, 3), bool)], np.s_[np.array([[True, False, True]] * 2), np.array([1, 2, 3, 3])],
]  # fmt: skip


def test_reading():
    for index in [*BASIC, *ADVANCED]:
        got = lnp.array(X)[index]
        assert got.shape == X[index].shape and np.array_equal(got, X[index]), index


def test_reading_compiled():
    """Known positions, and the same ones known only at run time."""
    positions = [[item for item in _items(index) if _is_positions(item)] for index in ADVANCED]

    def every(x, positions):
        late = zip(ADVANCED, positions, strict=True)
        return [x[index] for index in [*BASIC, *ADVANCED]], [x[_with_positions(index, new)] for index, new in late]

    now, late = la.jit(every)(X, positions)
    for index, value in [*zip([*BASIC, *ADVANCED], now, strict=True), *zip(ADVANCED, late, strict=True)]:
        assert value.shape == X[index].shape and np.array_equal(value, X[index]), index


def _items(index):
    return index if isinstance(index, tuple) else (index,)


def _is_positions(item):
    return isinstance(item, np.ndarray) and item.dtype != bool


def _with_positions(index, new):
    """The index with its integer arrays replaced."""
    new = iter(new)
    return tuple(next(new) if _is_positions(item) else item for item in _items(index))


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
    assert x.at[-1].set(5, mode="drop", wrap_negative_indices=False).tolist() == x.tolist()
    assert x.at[:2, None].get().shape == (2, 1) and "IndexUpdateRef" in repr(x.at[0])


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
    assert x.at[x > 2].set(0).tolist() == [0, 1, 2, 0, 0] and x.at[x > 2].set(x[1:3]).tolist() == [0, 1, 2, 1, 2]
    assert x.astype(np.int8).at[0].add(300).dtype == np.int8  # a Python number takes the array's dtype, and wraps
    assert la.jit(lambda v: v.at[v > 2].add(10))(x).tolist() == [0, 1, 2, 13, 14]
    assert x.at[2].power(3).tolist()[2] == 8 and x.at[3].divide(2).tolist() == [0, 1, 2, 1.5, 4]
    assert x.at[:2].apply(lambda v: v - 1).tolist()[:2] == [-1, 0]


def test_values_that_the_array_cannot_hold():
    """They are combined first and converted then, with JAX's warning."""
    x = lnp.array([-1, 5])
    with pytest.warns(FutureWarning, match="the values are float32, which int32 cannot hold"):
        assert x.at[0].set(2.7).tolist() == [2, 5]
    with pytest.warns(FutureWarning, match=r"values.astype\(x.dtype\)"):
        assert x.at[lnp.array([0, 0])].add(0.5).tolist() == [0, 5]


# x = [1, 2, 3], positions [1, −1, 3, −4], values [10, 20, 30, 40]: results of JAX 0.10.2
READS = [
    ({}, [2, 3, 3, 1]),
    ({"mode": "fill"}, [2, 3, np.nan, np.nan]),
    ({"mode": "fill", "fill_value": 7}, [2, 3, 7, 7]),
    ({"mode": "clip"}, [2, 3, 3, 1]),
    ({"mode": "promise_in_bounds"}, [2, 3, 3, 1]),
    ({"wrap_negative_indices": False}, [2, 1, 3, 1]),
    ({"mode": "fill", "wrap_negative_indices": False}, [2, np.nan, np.nan, np.nan]),
]
UPDATES = [
    ({}, [1, 10, 20], [1, 12, 23], [1, 20, 60], [1, 10, 20], [1, 0.2, 0.15], [1, 1024, 3**20], [1, 4, 6]),
    ({"mode": "drop"}, [1, 10, 20], [1, 12, 23], [1, 20, 60], [1, 10, 20], [1, 0.2, 0.15], [1, 1024, 3**20], [1, 4, 6]),
    ({"mode": "clip"}, [40, 10, 30], [41, 12, 53], [40, 20, 1800], [40, 10, 30], [0.025, 0.2, 0.005], None, [2, 4, 12]),
    ({"wrap_negative_indices": False}, [1, 10, 3], [1, 12, 3], [1, 20, 3], [1, 10, 3], [1, 0.2, 3], None, [1, 4, 3]),
    ({"mode": "clip", "wrap_negative_indices": False}, [40, 10, 30], [61, 12, 33], [800, 20, 90], [40, 10, 30],
     [0.00125, 0.2, 0.1], None, [4, 4, 6]),
]  # fmt: skip
METHODS = ["set", "add", "multiply", "max", "divide", "power"]


def test_positions_outside_are_treated_as_in_jax():
    x, i, v = np.array([1, 2, 3], np.float32), np.array([1, -1, 3, -4]), np.array([10, 20, 30, 40], np.float32)

    def every(x, i, v):
        reads = [x.at[i].get(**options) for options, _ in READS]
        updates = [[getattr(x.at[i], name)(v, **row[0]) for name in METHODS] for row in UPDATES]
        return reads, updates, [x.at[i].apply(lambda a: a * 2, **row[0]) for row in UPDATES]

    for reads, updates, applied in (every(lnp.array(x), lnp.array(i), lnp.array(v)), la.jit(every)(x, i, v)):
        for got, (options, want) in zip(reads, READS, strict=True):
            np.testing.assert_array_equal(got, want, err_msg=str(options))
        for row, last, (options, *wanted) in zip(updates, applied, UPDATES, strict=True):
            for name, got, want in zip([*METHODS, "apply"], [*row, last], wanted, strict=True):
                if want is not None:
                    np.testing.assert_allclose(got, want, rtol=1e-6, err_msg=f"{name} {options}")


def test_what_missing_elements_are_filled_with():
    """JAX's: nan, the smallest of signed, the largest of unsigned integers, True."""
    want = {"int8": -128, "uint8": 255, "bool": True, "int32": -(2**31), "float16": np.nan, "complex64": np.nan}
    for dtype, value in want.items():
        got = lnp.zeros(2, dtype).at[lnp.array([5])].get(mode="fill")
        assert got.dtype == dtype and np.array_equal(got, [value], equal_nan=dtype[0] in "fc")


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
    assert la.grad(lambda v: v[v > 8].sum())(x).tolist() == [[0] * 4, [0] * 4, [0, 1, 1, 1]]  # values are known here
    # a position outside is read at the edge, so the derivative goes there, too (JAX drops it)
    assert la.grad(lambda v: v[lnp.array([1, 9])].sum())(x).tolist() == [[0] * 4, [1] * 4, [1] * 4]


# weights [1, 2, 3] · x.at[[0, 2, 0, 7]].…(u): gradients in x = [1, 2, 3] and u = [4, 5, 4, 7], by JAX 0.10.2
GRADIENTS = {
    "set": ([0, 2, 0], [0, 3, 1, 0]),
    "add": ([1, 2, 3], [1, 3, 1, 0]),
    "subtract": ([1, 2, 3], [-1, -3, -1, 0]),
    "max": ([0, 2, 0], [0.5, 3, 0.5, 0]),
    "min": ([1, 2, 3], [0, 0, 0, 0]),
    "multiply": ([16, 2, 15], [4, 9, 4, 0]),  # JAX: not without unique_indices; here the derivative of x₀·u₀·u₂
}


def test_gradients_of_updates():
    x, u, i = (np.array(v, np.float32) for v in ([1, 2, 3], [4, 5, 4, 7], [0, 2, 0, 7]))
    i = i.astype(np.int32)

    def gradients(x, u, i):
        def f(x, u, name):
            return (getattr(x.at[i], name)(u) * np.array([1, 2, 3], np.float32)).sum()

        return {name: la.grad(lambda x, u, name=name: f(x, u, name), (0, 1))(x, u) for name in GRADIENTS}

    for got in (gradients(lnp.array(x), lnp.array(u), lnp.array(i)), la.jit(gradients)(x, u, i)):
        for name, (by_x, by_u) in GRADIENTS.items():
            assert got[name][0].tolist() == by_x and got[name][1].tolist() == by_u, name


def test_batches_of_updates_and_reads():
    """vmap over arrays, positions and values in all combinations is a loop."""
    rng = np.random.default_rng(3)
    xs, us = rng.integers(0, 9, (2, 4, 3)), rng.integers(0, 9, (2, 3, 3))
    i = np.array([[0, -1, 0], [2, 9, 3]])

    def every(x, i, u):
        return x[i], x[i, 1], x.at[i].set(u), x.at[:, i].add(u[:1]), x.at[i].multiply(u), x.at[i, 1:].max(u[:, 1:])

    def batched(x, i, u, axes):
        picked = [v if axis == 0 else v[0] for v, axis in zip((x, i, u), axes, strict=True)]
        return la.vmap(every, axes)(*picked)

    arrays = lnp.array(xs), lnp.array(i), lnp.array(us)
    compiled = {axes: la.jit(batched, static_argnums=3)(*arrays, axes) for axes in [(0, None, None), (0, 0, 0)]}
    for axes in itertools.product((0, None), repeat=3):
        if axes != (None,) * 3:
            results = [batched(*arrays, axes), *([compiled[axes]] if axes in compiled else [])]
            for k in range(2):
                one = [v[k] if axis == 0 else v[0] for v, axis in zip(arrays, axes, strict=True)]
                for got, want in itertools.product(results, [every(*one)]):
                    assert all(np.array_equal(a[k], b) for a, b in zip(got, want, strict=True)), axes


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (2, errors.IndexOutOfBoundsError, "The index 2 is out of bounds for axis 0 of size 2."),
        (np.s_[:, -4], errors.IndexOutOfBoundsError, "The index -4 is out of bounds for axis 1 of size 3."),
        (np.s_[0, 0, 0, 0], IndexError, "3 dimensions, but 4 were indexed"),
        (np.s_[..., ...], IndexError, "only one ellipsis"),
        ([0], TypeError, r"a list is no index; make it an array: x\[lnp.array\(i\)\], or a tuple"),
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
    for index in (0, np.array([0, 1])):
        with pytest.raises(errors.ShapeError, match="values do not fit the selected elements: elements has the shape"):
            lnp.array(X).at[index].set(np.zeros((2, 2, 3, 4), np.int32))
    with pytest.raises(errors.ShapeError, match="cannot be broadcast together"):
        lnp.array(X)[np.array([0, 1]), np.array([0, 1, 2])]
    with pytest.raises(errors.IndexOutOfBoundsError, match="The index 0 is out of bounds for axis 0 of size 0"):
        lnp.zeros(0)[np.array([0])]
    with pytest.raises(ValueError, match="the mode of an index is 'fill', 'drop', 'clip' or 'promise_in_bounds', not"):
        lnp.array(X).at[0].get(mode="wrap")
    with pytest.raises(errors.DTypeError, match="operand 'x' has dtype bool"):
        lnp.zeros(3, bool).at[np.array([0])].add(True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'unique'"):
        lnp.array(X).at[0].set(1, unique=True)


def test_a_fixed_row_beside_the_whole_compiles_right():
    """IREE fused the two; the gradient was nan in the rows that nothing was written to."""
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, -1.0]], np.float32)
    gradient = la.grad(lambda x: lnp.sum(x.at[np.array([0, 0])].max(3.0) * 1.5))
    assert gradient(x).tolist() == la.jit(gradient)(x).tolist() == [[0, 0.5, 0.5], [1.5, 1.5, 1.5]]


def test_updates_of_constant_arrays_compile_right():
    """Their element is where an update starts from; in lowered constants 255 and True read as −1."""
    places, values = np.array([0, 1, 1, 3]), np.array([0, 1, 2, 100])
    cases = [
        (dtype, fill, method)
        for dtype in (
            "bool",
            "uint8",
            "uint16",
            "uint32",
            "int8",
            "int32",
            "float16",
            "bfloat16",
            "float32",
            "complex64",
        )
        for fill in (0, 1, 255 if dtype.startswith("u") else -1)
        for method in (("min", "max", "set") if dtype == "bool" else ("min", "max", "set", "add", "multiply"))
    ]

    def updated(values):
        return [getattr(lnp.full(5, fill, d).at[places], method)(values.astype(d)) for d, fill, method in cases]

    for case, got, want in zip(cases, la.jit(updated)(values), updated(lnp.asarray(values)), strict=True):
        assert got.tolist() == want.tolist(), case


def test_a_column_read_backwards_compiles():
    """IREE cannot lower a vector of elements that are a stride apart."""
    x, y = np.arange(9.0, dtype=np.float32).reshape(3, 3) / 9, np.ones((3, 3), np.float32)
    gradient = la.grad(lambda x, y: lnp.sum(lnp.tanh(x.at[::-1, -1].set(y[0, 0]).at[1:].add(y[0, 1]) * x)), (0, 1))
    for got, want in zip(la.jit(gradient)(x, y), gradient(x, y), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)

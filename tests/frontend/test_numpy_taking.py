"""Functions on positions against NumPy, eager and compiled; positions outside and sizes by JAX's rules."""

import itertools

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors

RNG = np.random.default_rng(0)
X = RNG.integers(-9, 9, (3, 4, 2)).astype(np.int32)


def assert_same(got, want, message=""):
    for a, b in zip(*(v if isinstance(v, (tuple, list)) else [v] for v in (got, want)), strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"), (message, a, b)


def test_take():
    for axis, indices in itertools.product((None, 0, -1), (1, -1, [0, 1], [[1, 0], [-1, -2]], np.zeros((0, 2), int))):
        i = np.array(indices)
        assert_same(lnp.take(X, i, axis), np.take(X, i, axis))
        assert_same(lnp.array(X).take(i, axis), np.take(X, i, axis))
    x, i = np.array([1, 2, 3], np.float32), np.array([1, -1, 3, -4])  # results of JAX 0.10.2
    modes = {
        None: [2, 3, np.nan, np.nan],
        "fill": [2, 3, np.nan, np.nan],
        "clip": [2, 1, 3, 1],
        "wrap": [2, 3, 1, 3],
    }
    every = la.jit(lambda x, i: [lnp.take(x, i, mode=mode) for mode in modes])
    for mode, want, compiled in zip(modes, modes.values(), every(x, i), strict=True):
        assert_same([lnp.take(x, i, mode=mode), compiled], [want, want], mode)
    assert lnp.take(x, i, fill_value=7).tolist() == [2, 3, 7, 7]


def test_take_along_axis():
    """Broadcasting on both sides; positions outside."""
    shapes = [((3, 4, 2), (3, 2, 2)), ((3, 4, 2), (1, 2, 1)), ((3, 4, 1), (3, 5, 2)), ((1, 4, 2), (3, 1, 1))]
    cases = [(RNG.integers(-9, 9, a).astype(np.int32), RNG.integers(-4, 4, i)) for a, i in shapes]
    compiled = la.jit(lambda cases: [lnp.take_along_axis(a, i, 1) for a, i in cases])(cases)
    for (a, i), got in zip(cases, compiled, strict=True):
        others = [max(m, n) if d != 1 else 1 for d, (m, n) in enumerate(zip(a.shape, i.shape, strict=True))]
        full = np.broadcast_to(a, [a.shape[1] if d == 1 else n for d, n in enumerate(others)])
        where = np.broadcast_to(i, [i.shape[1] if d == 1 else n for d, n in enumerate(others)])
        want = np.take_along_axis(full, where, 1)
        assert_same([got, lnp.take_along_axis(a, i, 1)], [want, want])
    x, i = np.array([[1.0, 2.0]], np.float32), np.array([[1, -1, 2, -3]])
    for options, want in [
        ({}, [2, 2, np.nan, np.nan]),
        ({"mode": "clip"}, [2, 2, 2, 1]),
        ({"mode": "promise_in_bounds"}, [2, 1, 2, 1]),
        ({"mode": "one_hot"}, [2, 2, 0, 0]),
        ({"wrap_negative_indices": False, "fill_value": 7}, [2, 7, 7, 7]),
    ]:
        assert lnp.take_along_axis(x, i, 1, **options).shape == (1, 4)
        assert_same(lnp.take_along_axis(x, i, 1, **options)[0], np.array(want), options)
    assert_same(lnp.take_along_axis(X, np.array([3, 30, -1]), None, mode="clip"), X.ravel()[[3, 23, -1]])
    assert lnp.take_along_axis(np.zeros((0, 2)), np.zeros((3, 2), int), 0).shape == (3, 2)


def test_choose():
    a, choices = np.array([[0, 1, 2], [2, 0, 1]]), [np.arange(3), np.arange(3) * 10, 7]
    assert_same(lnp.choose(a, choices), np.choose(a, choices))
    for mode in ("wrap", "clip"):
        got = la.jit(lambda a, mode=mode: lnp.choose(a, choices, mode=mode))(a * 3 - 2)
        assert_same(got, np.choose(a * 3 - 2, choices, mode=mode))
        assert_same(lnp.array(a * 3 - 2).choose(choices, mode=mode), got)


def test_put():
    """Results of JAX 0.10.2: NumPy raises for positions outside."""
    x, i, v = np.arange(4), np.array([0, -1, 7]), np.array([9, 8])
    results = {None: [9, 1, 2, 8], "clip": [8, 1, 2, 9], "wrap": [9, 1, 2, 9]}
    compiled = la.jit(lambda x, i, v: [lnp.put(x, i, v, mode, inplace=False) for mode in results])(x, i, v)
    for mode, want, got in zip(results, results.values(), compiled, strict=True):
        assert_same([lnp.put(x, i, v, mode, inplace=False), got], [want, want], mode)
    assert_same(lnp.put(X, np.zeros(0, int), 1, inplace=False), X)
    for axis, i, v in [(0, X[:1] % 3, 5), (1, X[:, :2] % 4, X[:, :2]), (-1, X % 2, X), (None, np.array([3, -1]), 9)]:
        want = X.copy()
        np.put_along_axis(want, i, v, axis)
        assert_same(lnp.put_along_axis(X, i, v, axis, inplace=False), want, axis)


def test_place():
    x, mask = np.arange(4), np.array([1, 0, 1, 1])
    for vals in ([9, 8], [7], np.arange(9)):
        want = x.copy()
        np.place(want, mask, np.asarray(vals))
        got = la.jit(lambda x, m, v: lnp.place(x, m, v, inplace=False))(x, mask, np.asarray(vals))
        assert_same([got, lnp.place(x, mask, np.asarray(vals), inplace=False)], [want, want])


# ---- where conditions hold ------------------------------------------------------------------------------------------


def test_nonzero_against_numpy():
    for x in (X, X > 3, X[0, 0], np.zeros((2, 0)), np.zeros(3), np.array([np.nan, 0, -0.0, 2j])):
        assert_same(lnp.nonzero(x), np.nonzero(x))
        assert_same(lnp.array(x).nonzero(), lnp.where(x))
        assert_same([lnp.flatnonzero(x), lnp.argwhere(x)], [np.flatnonzero(x), np.argwhere(x)])
    assert lnp.argwhere(5).shape == (1, 0) and lnp.argwhere(0).shape == (0, 0)


def test_nonzero_of_a_given_size():
    """Results of JAX 0.10.2."""
    x, y = np.array([0, 1, 1, 0, 1]), np.array([[0, 1], [1, 0]])

    def every(x, y):
        return [
            lnp.nonzero(x, size=2)[0],
            lnp.nonzero(x, size=5)[0],
            lnp.stack(lnp.nonzero(y, size=4, fill_value=(7, -1))),
            lnp.argwhere(y, size=1),
            lnp.where(x, size=4, fill_value=5)[0],
            lnp.flatnonzero(y, size=0),
            lnp.compress(x[:2], y, 1, size=2, fill_value=-1),
            lnp.extract(x, x * 1.5, size=4, fill_value=9),
        ]

    want = [
        [1, 2],
        [1, 2, 4, 0, 0],
        [[0, 1, 7, 7], [1, 0, -1, -1]],
        [[0, 1]],
        [1, 2, 4, 5],
        np.zeros(0),
        [[1, -1], [0, -1]],
        [1.5, 1.5, 1.5, 9],
    ]
    assert_same(every(x, y), want)
    assert_same(la.jit(every)(x, y), want)


def test_compress_and_extract():
    for condition, axis in [([0, 1, 1], 0), ([1], 1), ([0, 1, 0, 1], -2), ([1, 0, 1], None), ([0, 0], 2)]:
        c = np.array(condition)
        assert_same(lnp.compress(c, X, axis), np.compress(c, X, axis))
        assert_same(lnp.array(X).compress(c, axis), np.compress(c, X, axis))
    assert_same(lnp.extract(X > 2, X), np.extract(X > 2, X))


# ---- positions ------------------------------------------------------------------------------------------------------


def test_makers_of_positions():
    for n, k, m in [(3, 0, None), (2, 1, 4), (4, -1, 2), (0, 0, 3), (3, -5, 3), (3, 7, 3)]:
        assert_same(lnp.tril_indices(n, k, m), np.tril_indices(n, k, m))
        assert_same(lnp.triu_indices(n, k, m), np.triu_indices(n, k, m))
        x = np.zeros((n, n if m is None else m))
        assert_same(lnp.tril_indices_from(x, k), np.tril_indices_from(x, k))
        assert_same(lnp.triu_indices_from(x, k), np.triu_indices_from(x, k))
    assert_same([*lnp.diag_indices(3), *lnp.diag_indices(2, 3)], [*np.diag_indices(3), *np.diag_indices(2, 3)])
    assert_same(lnp.diag_indices_from(np.zeros((2, 2, 2))), np.diag_indices_from(np.zeros((2, 2, 2))))
    assert_same(lnp.mask_indices(3, lnp.triu, 1), np.mask_indices(3, np.triu, 1))
    arguments = [np.array([2, 0]), np.array([True, False, True]), np.array([], int)]
    assert_same(lnp.ix_(*arguments), np.ix_(*arguments))


def test_positions_and_coordinates():
    for shape in [(3, 4, 2), (5,), (1, 1)]:
        flat = np.arange(np.prod(shape))
        assert_same(lnp.unravel_index(flat, shape), np.unravel_index(flat, shape))
        for order in "CF":
            coordinates = np.unravel_index(flat, shape, order)
            assert_same(lnp.ravel_multi_index(coordinates, shape, order=order), flat)
    outside = np.array([5, -1, 6, -7, 100])  # JAX's: the last, and the nearest corner
    assert_same(la.jit(lambda i: lnp.unravel_index(i, (2, 3)))(outside), ([1, 1, 1, 0, 1], [2, 2, 2, 0, 2]))
    assert lnp.unravel_index(np.uint8([7]), 4)[0].tolist() == [3]
    coordinates = (np.array([0, 3]), np.array([2, -1]))
    for mode, order in itertools.product(("clip", "wrap"), "CF"):
        want = np.ravel_multi_index(coordinates, (2, 3), mode, order)
        assert_same(lnp.ravel_multi_index(coordinates, (2, 3), mode, order), want)
    assert lnp.ravel_multi_index(coordinates, (2, 3), "ignore").tolist() == [2, 8]


def test_insert_and_delete():
    cases = [(1, [7, 8], None), ([1, -1, 2, 1], [10, 20, 30, 40], None), (slice(0, 3, 2), 5, 0), (2, X[:, :1], 1),
             ([0, 3], 9, 1), (-1, [[1], [2], [3]], 2), ([1], [[[1, 2]] * 4], 0), ([], 1, 0)]  # fmt: skip
    for obj, values, axis in cases:
        i = obj if isinstance(obj, (int, slice)) else np.array(obj, int)
        assert_same(lnp.insert(X, i, np.array(values), axis), np.insert(X, i, values, axis), obj)
    assert lnp.insert(np.arange(4), np.array([1, 9]), 5).tolist() == [0, 5, 1, 2, 3, 5]  # JAX's: at the end
    i, v = np.array([1, -1, 9, 1]), np.array([10, 20, 30, 40])
    assert la.jit(lnp.insert)(np.arange(4), i, v).tolist() == [0, 10, 40, 1, 2, 20, 3, 30]
    for obj, axis in [(1, None), (-1, 0), (slice(None, None, 2), 1), ([0, 2, 0], 0), ([], 1), ([-1, 1], None)]:
        i = obj if isinstance(obj, (int, slice)) else np.array(obj, int)
        assert_same(lnp.delete(X, i, axis), np.delete(X, i, axis), obj)
    mask = np.array([True, False, True, False])
    assert_same(lnp.delete(X, mask, 1), np.delete(X, mask, 1))
    got = la.jit(lambda x, i: lnp.delete(x, i, 1, assume_unique_indices=True))(X, np.array([-1, 0]))
    assert_same(got, np.delete(X, [-1, 0], 1))


def test_fill_diagonal():
    for shape, val in [((3, 3), 5), ((2, 4), [1, 2, 3]), ((4, 2), [7]), ((2, 2, 2), [1, 2])]:
        want = np.zeros(shape)
        np.fill_diagonal(want, val)
        assert_same(lnp.fill_diagonal(np.zeros(shape), np.array(val), inplace=False), want)


def test_bincount():
    x, w = np.array([1, 4, 1, 0, 2, 4]), np.array([0.5, 1, 2, 3, 4, 5], np.float32)
    assert_same([lnp.bincount(x), lnp.bincount(x, w)], [np.bincount(x), np.bincount(x, w)])
    assert_same([lnp.bincount(x, minlength=7), lnp.bincount(x[:0])], [np.bincount(x, minlength=7), np.zeros(0)])
    got = la.jit(lambda x, w: (lnp.bincount(x, length=3), lnp.bincount(x, w, length=6)))(x - 1, w)
    low = np.maximum(x - 1, 0)  # negative numbers count as 0, large ones not at all
    assert_same(got, (np.bincount(low)[:3], np.bincount(low, w, 6)))
    assert lnp.bincount(np.array([True, False])).tolist() == [1, 1]


def test_repeat_with_repeats_that_are_not_known():
    """Results of JAX 0.10.2."""
    x = np.array([1, 2, 3])
    cases = [([2, 0, 3], 4, [1, 1, 3, 3]), ([2, 0, 1], 6, [1, 1, 3, 3, 3, 3]), ([2], 4, [1, 1, 2, 2])]
    for repeats, length, want in cases:
        late = la.jit(lambda x, r, length=length: lnp.repeat(x, r, total_repeat_length=length))(x, np.array(repeats))
        assert_same([late, lnp.repeat(x, np.array(repeats), total_repeat_length=length)], [want, want])
    assert_same(lnp.repeat(X, np.array([2, 0, 1, 1]), 1), np.repeat(X, [2, 0, 1, 1], 1))


def test_gradients():
    x, i = np.arange(1.0, 5.0, dtype=np.float32), np.array([1, 1, 9, 0])

    def f(x, i):
        taken = (lnp.take(x, i, fill_value=0) * np.array([1, 2, 4, 8], np.float32)).sum()
        along = (lnp.take_along_axis(x, i[:2], 0) ** 2).sum()
        kept = lnp.extract(i > 0, x, size=4, fill_value=5).sum()
        return taken + along + kept + (lnp.put(x, i[:2], 0.0, inplace=False) ** 2).sum()

    for gradient in (la.grad(f)(lnp.array(x), lnp.array(i)), la.jit(la.grad(f))(x, i)):
        np.testing.assert_allclose(gradient, [8 + 2 + 1, 3 + 8 + 1, 6 + 1, 8], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lnp.take(X, 0.5), TypeError, "lnp.take: the indices must be integers, not float32"),
        (lambda: lnp.take(X, 0, mode="raise"), NotImplementedError, "a program cannot raise"),
        (lambda: lnp.take(X, 0, mode="near"), ValueError, "the mode is \"fill\", \"clip\" or \"wrap\", not 'near'"),
        (lambda: lnp.take(np.zeros((0, 2)), 0, 0), IndexError, "index 0 is out of bounds for axis 0 of size 0"),
        (lambda: lnp.take_along_axis(X, X[0], 0), errors.ShapeError, "both must have the same rank"),
        (lambda: lnp.put(X, 0, 1), ValueError, "lnp.put cannot change its argument, because arrays are immutable"),
        (lambda: lnp.place(X, X, 1), ValueError, "Pass inplace=False"),
        (lambda: lnp.place(X, X[0], 1, inplace=False), errors.ShapeError, "mask must have as many elements"),
        (lambda: lnp.fill_diagonal(X, 1, inplace=False), errors.ShapeError, "two axes, or more of one size"),
        (lambda: lnp.choose(np.array([3]), [1, 2]), ValueError, "`a` has entries outside of 0 to 1"),
        (lambda: lnp.nonzero(3), ValueError, "use lnp.atleast_1d"),
        (lambda: lnp.compress(np.ones(4), X, 0), ValueError, "holds beyond the axis, which has the length 3"),
        (lambda: lnp.where(X, X), ValueError, "both x and y, or neither"),
        (lambda: lnp.where(X, X, X, size=3), ValueError, "go with the condition alone"),
        (lambda: lnp.ravel_multi_index((np.array([2]),), (2,)), ValueError, "`multi_index` has entries outside"),
        (lambda: lnp.ravel_multi_index((0, 0), (9**9, 9**9)), ValueError, "int32 cannot hold positions"),
        (lambda: lnp.bincount(X), errors.ShapeError, "`x` must be one-dimensional"),
        (lambda: lnp.bincount(np.zeros(3)), TypeError, "`x` must hold integers, not float32"),
        (lambda: lnp.insert(X, X, 1), errors.ShapeError, "positions are an int, a slice or a vector"),
        (lambda: lnp.delete(X, 3, 0), errors.IndexOutOfBoundsError, "The index 3 is out of bounds for axis 0"),
        (lambda: lnp.repeat(X, np.array([1, 2]), 0), errors.ShapeError, "one int for each element"),
        (lambda: la.jit(lnp.nonzero)(X), errors.ConcretizationTypeError, "`lnp.nonzero` without size= needs the value"),
        (lambda: la.jit(lnp.bincount)(X[0, 0]), errors.ConcretizationTypeError, "Give the length of the result"),
        (lambda: la.jit(lnp.repeat)(X[0, 0], X[0, 0]), errors.ConcretizationTypeError, "total_repeat_length="),
        (lambda: la.jit(lnp.choose)(X, [1, 2]), errors.ConcretizationTypeError, 'Use mode="wrap" or mode="clip"'),
        (lambda: la.jit(lnp.delete)(X, X[0, 0]), errors.ConcretizationTypeError, "assume_unique_indices=True"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)

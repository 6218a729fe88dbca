"""lax.gather and scatter as JAX's, their errors, scatter_apply, and segments."""

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax, ops

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
ROWS = lax.GatherDimensionNumbers(offset_dims=(1,), collapsed_slice_dims=(0,), start_index_map=(0,))
WINDOWS = lax.GatherDimensionNumbers(offset_dims=(0, 2), collapsed_slice_dims=(1,), start_index_map=(1, 2))
BATCHED = lax.GatherDimensionNumbers((1,), (1,), (1,), (0,), (0,))
CASES = [
    (X[0], [[2], [0], [-1], [5]], ROWS, (1, 4)),
    (X, [[0, 1], [2, 9], [-1, 0]], WINDOWS, (2, 1, 3)),
    (X, [[2], [7]], BATCHED, (1, 1, 4)),
]


def loop(x, indices, numbers, sizes, mode):
    """What XLA's specification of Gather says, one element after the other; and the positions that were read."""
    indices = np.array(indices)
    rank = indices.ndim - 1 + len(numbers.offset_dims)
    windowed = [d for d in range(x.ndim) if d not in (*numbers.collapsed_slice_dims, *numbers.operand_batching_dims)]
    shape, points = [], iter(indices.shape[:-1])
    for d in range(rank):
        inside = d in numbers.offset_dims
        shape.append(sizes[windowed[numbers.offset_dims.index(d)]] if inside else next(points))
    result, read = np.full(shape, np.nan, x.dtype), {}
    for where in np.ndindex(*shape):
        point = [i for d, i in enumerate(where) if d not in numbers.offset_dims]
        start = [0] * x.ndim
        for d, i in zip(numbers.start_index_map, indices[tuple(point)], strict=True):
            start[d] = i
        for d, p in zip(numbers.operand_batching_dims, numbers.start_indices_batching_dims, strict=True):
            start[d] = point[p]
        moved = [min(max(s, 0), n - size) for s, n, size in zip(start, x.shape, sizes, strict=True)]
        if mode == "fill" and moved != start:
            continue
        for d, w in zip(windowed, numbers.offset_dims, strict=True):
            moved[d] += where[w]
        result[where], read[where] = x[tuple(moved)], tuple(moved)
    return result, read


def test_gather_and_scatter_against_a_loop():
    def every(mode):
        gathered = [lax.gather(x, np.array(i), n, s, mode=mode) for x, i, n, s in CASES]
        return gathered, [
            [f(x, np.array(i), u * 2, lax.ScatterDimensionNumbers(*n), mode=mode) for f in SCATTERS]
            for (x, i, n, s), u in zip(CASES, map(lnp.nan_to_num, gathered), strict=True)
        ]

    SCATTERS = {lax.scatter: None, lax.scatter_add: np.add, lax.scatter_sub: np.subtract,
                lax.scatter_mul: np.multiply, lax.scatter_min: np.minimum, lax.scatter_max: np.maximum}  # fmt: skip
    for mode in ("clip", "fill"):
        for gathered, scattered in (every(mode), la.jit(every, static_argnums=0)(mode)):
            for (x, i, n, s), got, results in zip(CASES, gathered, scattered, strict=True):
                want, read = loop(x, i, n, s, mode)
                np.testing.assert_array_equal(got, want)
                for ufunc, result in zip(SCATTERS.values(), results, strict=True):
                    updated = x.copy()
                    for where, target in read.items():
                        new = want[where] * 2
                        updated[target] = new if ufunc is None else ufunc(updated[target], new)
                    np.testing.assert_array_equal(result, updated)


def test_modes_by_name_and_fill_values():
    mode = lax.GatherScatterMode
    assert mode.from_any("clip") is mode.CLIP and mode.from_any(None) is mode.FILL_OR_DROP is mode.from_any("drop")
    assert mode.from_any(mode.ONE_HOT) is mode.ONE_HOT
    for value in (None, 7, np.float32(1.5), lnp.array(2)):
        got = lax.gather(X[0, 0], np.array([[9]]), lax.GatherDimensionNumbers((), (0,), (0,)), (1,), mode="fill",
                         fill_value=value)  # fmt: skip
        np.testing.assert_array_equal(got, [np.nan if value is None else np.asarray(value)])


def test_scatter_apply():
    """Where positions repeat, the function is applied again."""
    one = lax.ScatterDimensionNumbers((), (0,), (0,))

    def every(x, i):
        twice = lax.scatter_apply(x, i, lambda v: v * 2, one, update_shape=(4,))
        once = lax.scatter_apply(x, i[:2], lnp.sin, one, update_shape=(2,), unique_indices=True)
        return twice, once, la.vmap(lambda i: x.at[i].apply(lnp.square))(i)

    x, i = np.array([1.0, 2.0, 3.0], np.float32), np.array([[1], [0], [1], [7]])
    for twice, once, mapped in (every(lnp.array(x), lnp.array(i)), la.jit(every)(x, i)):
        assert twice.tolist() == [2, 8, 3]
        np.testing.assert_allclose(once, [np.sin(1), np.sin(2), 3], rtol=1e-6)
        assert mapped.tolist() == [[1, 4, 3], [1, 2, 3], [1, 4, 3], [1, 2, 3]]


def test_index_take():
    got = lax.index_take(X, (np.array([1, -1]), np.array([4, 0])), (0, 2))
    np.testing.assert_array_equal(got, X[[1, 1], :, [0, 0]])


# data [1, 2, 3, 4, 5] in segments [0, 2, 0, −1, 5] of 3: results of JAX 0.10.2
SEGMENTS = {
    "segment_sum": ([4, 0, 2], [8, 0, 7]),
    "segment_prod": ([3, 1, 2], [12, 1, 10]),
    "segment_max": ([3, -np.inf, 2], [4, -np.inf, 5]),
    "segment_min": ([1, np.inf, 2], [1, np.inf, 2]),
}


def test_segments():
    data, ids = np.arange(1.0, 6.0, dtype=np.float32), np.array([0, 2, 0, -1, 5])

    def every(data, ids):
        return {
            name: [
                getattr(ops, name)(data, ids, 3),
                getattr(ops, name)(data, ids, 3, mode="clip"),
                getattr(ops, name)(data, ids, 3, bucket_size=2),
                getattr(ops, name)(lnp.stack([data, data], 1), ids, 3)[:, 1],
            ]
            for name in SEGMENTS
        }

    for results in (every(lnp.array(data), lnp.array(ids)), la.jit(every)(data, ids)):
        for name, (dropped, clipped) in SEGMENTS.items():
            for got, want in zip(results[name], (dropped, clipped, dropped, dropped), strict=True):
                np.testing.assert_array_equal(got, want, err_msg=name)
    assert ops.segment_sum(data, np.array([0, 1, 1, 0, 3])).tolist() == [5, 5, 0, 5]
    assert ops.segment_max(np.array([1, 2]), np.array([1, 1]), 2).tolist() == [-(2**31), 2]
    assert ops.segment_min(np.array([True]), np.array([1]), 2).tolist() == [True, True]
    assert ops.segment_sum(data[:0], ids[:0]).shape == (0,)
    gradient = la.grad(lambda d: (ops.segment_prod(d, lnp.array(ids), 3) * np.array([1, 2, 3.0], np.float32)).sum())
    assert gradient(lnp.array(data)).tolist() == [3, 3, 1, 0, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lax.gather(X, np.array([[0.5]]), ROWS, (1, 4)), errors.DTypeError, "operand 'indices' has dtype f32"),
        (lambda: lax.gather(X, np.array([[0]]), ROWS, (1, 4)), errors.ShapeError, "one entry for each of the operand's 3"),
        (lambda: lax.gather(X[0], np.array([[0]]), ROWS, (1, 9)), errors.ShapeError, "slice size 9 along dimension 1"),
        (lambda: lax.gather(X[0], np.array([0]), ROWS._replace(offset_dims=(0, 1)), (1, 4)), errors.ShapeError,
         "window_dims (0, 1) must name a dimension for each of the operand's dimensions (1,)"),
        (lambda: lax.gather(X[0], np.array([[0]]), ROWS, (1, 4), mode="one_hot"), ValueError, "lnp.take_along_axis only"),
        (lambda: lax.gather(X[0], np.array([[0]]), ROWS, (1, 4), mode="fill", fill_value=np.ones(2)), ValueError,
         "a fill_value is a number, not an array of shape (2,)"),
        (lambda: lax.scatter(X[0], np.array([[0]]), np.ones((1, 4), int), lax.ScatterDimensionNumbers(*ROWS)),
         errors.DTypeError, "`lax.scatter` takes operands of one dtype, not float32 and int32."),
        (lambda: lax.scatter_add(X[0], np.array([[0]]), X[0], lax.ScatterDimensionNumbers(*ROWS)), errors.ShapeError,
         "updates must have the shape (1, 4) for indices i32[1,1], but are f32[3,4]"),
        (lambda: lax.scatter_add(X[0], [[0]], X[0], lax.ScatterDimensionNumbers(*ROWS)), errors.NonArrayArgumentError,
         "the argument `scatter_indices` is a list"),
        (lambda: la.jit(ops.segment_sum)(X, np.array([0, 1])), errors.ConcretizationTypeError, "num_segments=..."),
        (lambda: ops.segment_sum(X, np.array([0])), errors.ShapeError, "must have the shape of the first axes of data"),
        (lambda: ops.segment_sum(X, X[:, 0, 0]), TypeError, "segment_ids must be integers, not float32"),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)

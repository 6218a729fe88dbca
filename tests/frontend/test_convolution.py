"""Convolutions against the sum that defines them, over layouts, groups, strides, paddings and dilations."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina import errors, lax


def direct(
    x: np.ndarray, w: np.ndarray, strides: Any, pads: Any, between: Any, within: Any, groups: int = 1, batches: int = 1
) -> np.ndarray:
    """The definition, one product after the other: x (n, c, *places), w (o, c / groups, *window)."""
    rank = x.ndim - 2
    spread = [(n - 1) * d + 1 if n else 0 for n, d in zip(x.shape[2:], between, strict=True)]
    reach = [(n - 1) * d + 1 for n, d in zip(w.shape[2:], within, strict=True)]
    count = [max((n + lo + hi - k) // s + 1, 0) for n, k, s, (lo, hi) in zip(spread, reach, strides, pads, strict=True)]
    n, features = x.shape[0] // batches, w.shape[0]
    out = np.zeros((n, features, *count), np.result_type(x, w))
    for b, o in itertools.product(range(n), range(features)):
        example = b + (o // (features // batches)) * n
        first = (o // (features // groups)) * w.shape[1]
        for place in np.ndindex(*count):
            for c, k in itertools.product(range(w.shape[1]), np.ndindex(*w.shape[2:])):
                steps = zip(place, strides, k, within, pads, strict=True)
                at = [p * s + i * d - low for p, s, i, d, (low, _) in steps]
                inside = all(a % d == 0 and 0 <= a // d < m for a, d, m in zip(at, between, x.shape[2:], strict=True))
                if inside:
                    where = tuple(a // d for a, d in zip(at, between, strict=True))
                    out[(b, o, *place)] += x[(example, first + c, *where)] * w[(o, c, *k)]
    assert out.ndim == rank + 2
    return out


def numbers(seed: int, *shape: int, dtype: Any = np.float32) -> np.ndarray:
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(dtype)


# x, w, strides, padding, lhs_dilation, rhs_dilation, feature groups, batch groups
CASES: list[tuple[Any, ...]] = [
    ((2, 3, 7), (4, 3, 3), (1,), [(0, 0)], (1,), (1,), 1, 1),
    ((2, 3, 7), (4, 3, 3), (2,), [(2, 1)], (1,), (2,), 1, 1),
    ((1, 2, 5), (3, 2, 2), (1,), [(-1, 2)], (3,), (1,), 1, 1),
    ((2, 4, 5, 4), (6, 2, 3, 2), (2, 1), [(1, 1), (0, 1)], (1, 1), (1, 2), 2, 1),
    ((4, 3, 5, 4), (6, 3, 3, 2), (1, 2), [(1, -1), (0, 1)], (2, 1), (1, 1), 1, 2),
    ((1, 3, 4, 4), (3, 1, 3, 3), (1, 1), [(1, 1), (1, 1)], (1, 1), (1, 1), 3, 1),
    ((1, 2, 3, 4, 3), (2, 2, 2, 3, 1), (1, 2, 1), [(0, 0), (1, 1), (0, 0)], (1, 1, 1), (1, 1, 1), 1, 1),
    ((3, 4), (5, 4), (), [], (), (), 1, 1),
    ((1, 2, 2), (1, 2, 4), (1,), [(0, 0)], (1,), (1,), 1, 1),  # a window larger than the array
    ((0, 2, 5), (3, 2, 2), (1,), [(0, 0)], (1,), (1,), 1, 1),
    ((2, 0, 5), (3, 0, 2), (1,), [(0, 0)], (1,), (1,), 1, 1),
    ((2, 2, 0), (3, 2, 2), (1,), [(1, 2)], (1,), (1,), 1, 1),
]


def applied(x: Any, w: Any, case: tuple[Any, ...]) -> Any:
    _, _, strides, pads, between, within, groups, batches = case
    return lax.conv_general_dilated(
        x, w, strides, pads, between, within, feature_group_count=groups, batch_group_count=batches
    )


@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.uint32, np.complex64])
@pytest.mark.parametrize("case", CASES, ids=[str(i) for i in range(len(CASES))])
def test_is_the_sum_that_defines_it(case: tuple[Any, ...], dtype: Any) -> None:
    x, w = numbers(0, *case[0], dtype=dtype), numbers(1, *case[1], dtype=dtype)
    if dtype == np.complex64:
        x = (x + 1j * numbers(2, *case[0])).astype(dtype)
    got = applied(x, w, case)
    assert got.dtype == dtype
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, direct(x, w, *case[2:]))


def test_compiled_with_gradients_is_eager() -> None:
    operands = [(numbers(0, *case[0]), numbers(1, *case[1])) for case in CASES]

    def everything(operands: Any) -> Any:
        results = [applied(x, w, case) for (x, w), case in zip(operands, CASES, strict=True)]
        loss = lambda operands: sum(  # noqa: E731
            lnp.sum(applied(x, w, case) ** 2) for (x, w), case in zip(operands, CASES, strict=True)
        )
        return results, la.grad(loss)(operands)

    for got, want in zip(
        la.tree.leaves(la.jit(everything)(operands)), la.tree.leaves(everything(operands)), strict=True
    ):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("specs", [("NWC", "WIO", "NWC"), ("CNW", "OWI", "WCN"), ("NHWC", "HWIO", "NHWC"),
                                   ("NWHC", "HOWI", "CNHW"), ("NHDWC", "DWHIO", "CNWDH")])  # fmt: skip
def test_layouts_are_transposes(specs: tuple[str, str, str]) -> None:
    places = [c for c in specs[1] if c not in "OI"]
    plain = ("NC" + "".join(places), "OI" + "".join(places), "NC" + "".join(places))
    x, w = numbers(0, 2, 3, *(5, 4, 6)[: len(places)]), numbers(1, 4, 3, *(2, 3, 2)[: len(places)])
    strides = (1, 2, 1)[: len(places)]
    moved = [
        np.transpose(a, [old.index(c) for c in new]) for a, old, new in zip((x, w), plain[:2], specs[:2], strict=True)
    ]
    want = np.asarray(lax.conv_general_dilated(x, w, strides, "SAME"))
    got = lax.conv_general_dilated(*moved, strides, "SAME", dimension_numbers=specs)
    np.testing.assert_array_equal(got, np.transpose(want, [plain[2].index(c) for c in specs[2]]))


def test_vmap_over_either_or_both_operands_is_a_loop() -> None:
    x, w = numbers(0, 3, 2, 4, 6), numbers(1, 3, 4, 2, 3)
    conv = lambda x, w: lax.conv_general_dilated(x, w, (2,), "SAME", feature_group_count=2)  # noqa: E731
    for axes in [(0, 0), (0, None), (None, 0)]:
        a, b = (v if axis == 0 else v[0] for v, axis in zip((x, w), axes, strict=True))
        want = [conv(*(v[i] if axis == 0 else v for v, axis in zip((a, b), axes, strict=True))) for i in range(3)]
        np.testing.assert_array_equal(la.vmap(conv, axes)(a, b), np.stack(want))


# golden shapes and sums from JAX 0.10.2: lax.conv_transpose of x[n, h, w, c] = (2, 4, 5, 3), w = (3, 2, 3, 4), all ones
@pytest.mark.parametrize(
    "strides, padding, dilation, consistent, shape, total",
    [
        ((1, 1), "SAME", None, False, (2, 4, 5, 4), 2160.0),
        ((2, 3), "VALID", None, False, (2, 9, 15, 4), 2880.0),
        ((2, 3), "SAME", (2, 1), False, (2, 8, 15, 4), 2400.0),
        ((2, 3), ((1, 0), (2, 1)), None, False, (2, 6, 15, 4), 2160.0),
        ((2, 3), ((1, 0), (2, 1)), None, True, (2, 8, 11, 4), 1848.0),
        ((4, 1), "VALID", (2, 1), True, (2, 17, 6, 4), 2880.0),
    ],
)
def test_transposed(
    strides: Any, padding: Any, dilation: Any, consistent: bool, shape: tuple[int, ...], total: float
) -> None:
    got = lax.conv_transpose(
        np.ones((2, 4, 5, 3), np.float32), np.ones((3, 2, 3, 4), np.float32), strides, padding, dilation,
        use_consistent_padding=consistent,
    )  # fmt: skip
    assert (got.shape, float(got.sum())) == (shape, total)


def test_transposed_with_transposed_kernel_is_the_gradient() -> None:
    x, w = numbers(0, 2, 9, 9, 3), numbers(1, 3, 3, 3, 4)
    layout = ("NHWC", "HWIO", "NHWC")
    y, pull = la.vjp(lambda x: lax.conv_general_dilated(x, w, (2, 2), "VALID", dimension_numbers=layout), x)
    got = lax.conv_transpose(y, w, (2, 2), "VALID", dimension_numbers=layout, transpose_kernel=True)
    np.testing.assert_array_equal(got, pull(y)[0])


def test_patches_are_what_windows_see() -> None:
    x = numbers(0, 2, 3, 6, 5)
    w = numbers(1, 4, 3, 2, 3)
    geometry: dict[str, Any] = {"window_strides": (2, 1), "padding": [(1, 2), (0, 1)], "rhs_dilation": (1, 2)}
    patches = lax.conv_general_dilated_patches(x, (2, 3), **geometry)
    got = np.einsum("ok,nkhw->nohw", w.reshape(4, -1), patches)
    np.testing.assert_array_equal(got, lax.conv_general_dilated(x, w, **geometry))
    assert patches.shape == (2, 18, 4, 2)
    shared = np.broadcast_to(w.reshape(4, 18, 1, 1), (4, 18, 4, 2))
    np.testing.assert_array_equal(lax.conv_general_dilated_local(x, shared, filter_shape=(2, 3), **geometry), got)
    infinite = np.array([[[np.inf, 1.0, 2.0]]], np.float32)  # no nan beside an infinity
    np.testing.assert_array_equal(lax.conv_general_dilated_patches(infinite, (2,), (1,), "VALID"), [[[np.inf, 1], [1, 2]]])  # fmt: skip


def test_narrow_floats_accumulate_in_float32() -> None:
    ones = np.ones((1, 1, 4096), "bfloat16")
    assert float(lax.conv(ones, ones, (1,), "VALID")[0, 0, 0]) == 4096
    wide = lax.conv(ones, ones, (1,), "VALID", preferred_element_type=np.float32)
    assert wide.dtype == np.float32
    bytes_ = np.full((1, 1, 64), 100, np.int8)
    assert int(lax.conv(bytes_, bytes_, (1,), "VALID", preferred_element_type=np.int32)[0, 0, 0]) == 640_000


def test_shapes() -> None:
    layout = ("NHWC", "HWIO", "NHWC")
    assert lax.conv_general_shape_tuple((2, 9, 8, 6), (3, 2, 6, 4), (2, 1), "SAME", layout) == (2, 5, 8, 4)
    assert lax.conv_transpose_shape_tuple((2, 9, 8, 6), (3, 2, 6, 4), (2, 1), "SAME", layout) == (2, 18, 8, 4)
    assert lax.conv_shape_tuple((4, 3, 9), (8, 3, 2), (1,), [(1, 0)], batch_group_count=2) == (2, 8, 9)
    assert lax.padtype_to_pads((5, 6), (4, 3), (1, 2), "same_lower") == [(2, 1), (1, 0)]


def test_errors_name_what_does_not_fit() -> None:
    x, w = lnp.zeros((2, 4, 5)), lnp.zeros((6, 4, 3))
    cases: list[tuple[Any, type[Exception], str]] = [
        (lambda: lax.conv(x, lnp.zeros((6, 3, 3)), (1,), "VALID"), errors.ShapeError,
         "`lax.conv_general_dilated`: lhs has 4 channels, but rhs takes 3: lhs has the shape (2, 4, 5), rhs has the "
         "shape (6, 3, 3)."),
        (lambda: lax.conv(x, w, (1, 1), "VALID"), ValueError, "2 strides are given for 1 dimensions"),
        (lambda: lax.conv(x, w, (1,), "FULL"), RuntimeError,
         "The padding is 'VALID', 'SAME', 'SAME_LOWER' or (low, high) pairs, not 'FULL'."),
        (lambda: lax.conv_general_dilated(x, w, (1,), [1]), ValueError, "a (low, high) pair of ints for each of 1"),
        (lambda: lax.conv_general_dilated(x, w, (1,), [(-9, 0)]), ValueError, "cuts more off than the size 5"),
        (lambda: lax.conv_general_dilated(x, w, (1,), "SAME", (2,)), ValueError, "use lax.conv_transpose"),
        (lambda: lax.conv(x, w.astype(int), (1,), "SAME"), TypeError, "operands of one dtype, not float32 and int32"),
        (lambda: lax.conv_general_dilated(x, w[:5, :2], (1,), "SAME", feature_group_count=2), ValueError,
         "feature_group_count 2 must divide the channels out, 5"),
        (lambda: lax.conv(x, w, (1,), "SAME", preferred_element_type=np.float16), TypeError, "narrower"),
        (lambda: lax.conv_dimension_numbers((1, 2, 3), (1, 2, 3), ("NHC", "OIH", "NCW")), TypeError,
         "must name the same places in all three strings"),
        (lambda: lax.conv_dimension_numbers((1, 2, 3), (1, 2, 3), ("NHH", "OIH", "NCH")), TypeError,
         "dimension_numbers[0] must have N and C once each, not 'NHH'"),
    ]  # fmt: skip
    for call, kind, text in cases:
        with pytest.raises(kind) as caught:
            call()
        assert text in str(caught.value)

"""Where NumPy, hardware and compilers disagree: what the ops give there, eager and compiled.

Every row is an op, its operands and the results they must give, whatever the code around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from derived import function_of
from op_cases import Case, compiled_results

from lamina_compiler.opdef import REGISTRY, Sample
from lamina_compiler.types import BY_SHORT_NAME, INTEGER, SHORT_NAME, TensorType

inf, nan = np.inf, np.nan


class Row:
    """Operands and expected results of an op, all one-dimensional."""

    def __init__(
        self, name: str, operands: list[list[Any]], expected: Any, dtype: str, result: str = "", /, **attributes: Any
    ):
        self.name, self.attributes = name, attributes
        self.dtype = BY_SHORT_NAME[dtype]
        first = [np.array(operands[0], bool)] if name == "select" else []
        self.operands = tuple(first + [np.array(x, self.dtype) for x in operands[len(first) :]])
        self.expected = np.array(expected, BY_SHORT_NAME[result] if result else self.dtype)

    @property
    def id(self) -> str:
        details = "".join(f"_{np.dtype(v).name}" for v in self.attributes.values() if isinstance(v, np.dtype))
        return f"{self.name}_{self.dtype.name}{details}"

    def check(self, got: np.ndarray) -> None:
        """Equal to the sign of zeros; nan is nan."""
        assert (got.shape, got.dtype) == (self.expected.shape, self.expected.dtype)
        got, want = (
            a.astype(np.float64) if a.dtype.kind == "V" or a.dtype.name == "bfloat16" else a
            for a in (got, self.expected)
        )
        np.testing.assert_array_equal(got, want, err_msg=f"{self.id} {self.operands}")
        if want.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(got) & (got == 0), np.signbit(want) & (want == 0), err_msg=self.id)


def _integer_rows() -> list[Row]:
    rows = []
    for name in ("i8", "i16", "i32", "i64"):
        low, high = (int(f(BY_SHORT_NAME[name])) for f in (lambda d: np.iinfo(d).min, lambda d: np.iinfo(d).max))
        width = 8 * BY_SHORT_NAME[name].itemsize
        x, y = [7, -7, 7, -7, 0, low, low, high, low], [0, 0, 2, 2, 0, -1, 0, -1, 1]
        rows += [
            Row("div", [x, y], [-1, -1, 3, -3, -1, low, -1, -high, low], name),
            Row("rem", [x, y], [7, -7, 1, -1, 0, 0, low, 0, 0], name),
            Row("neg", [[low, high, 0]], [low, -high, 0], name),
            Row("abs", [[low, -5, high]], [low, 5, high], name),
            Row("sign", [[low, 0, high]], [-1, 0, 1], name),
            Row("add", [[high, low], [1, -1]], [low, high], name),
            Row(
                "int_pow",
                [[2, 2, -1, -1, 0, 3, 1, 0, -2], [3, -1, -3, -2, -1, 0, -5, 0, 1]],
                [8, 0, -1, 1, 0, 1, 1, 1, -2],
                name,
            ),
            Row("shift_left", [[1, 1, 1, -1], [width - 1, width, -1, width + 1]], [low, 0, 0, 0], name),
            Row("shift_right_logical", [[-1, -1, -1, low], [width - 1, width, -1, width - 2]], [1, 0, 0, 2], name),
            Row("shift_right_arithmetic", [[-8, -8, 8, -8, 8], [1, width, width, -1, -1]], [-4, -1, 0, -1, 0], name),
            Row("clz", [[0, 1, -1, high]], [width, width - 1, 0, 1], name),
            Row("population_count", [[0, 1, -1, high]], [0, 1, width, width - 1], name),
            Row("max", [[low, high], [high, low]], [high, high], name),
            Row(
                "mulhi", [[low, low, -1, high, 5], [low, 1, 1, high, 7]], [1 << (width - 2), -1, -1, high >> 1, 0], name
            ),
        ]
    for name in ("u8", "u16", "u32", "u64"):
        high = int(np.iinfo(BY_SHORT_NAME[name]).max)
        width = 8 * BY_SHORT_NAME[name].itemsize
        rows += [
            Row("div", [[7, 0, high, high], [0, 0, 2, high]], [high, high, high // 2, 1], name),
            Row("rem", [[7, 0, high, high], [0, 0, 2, high]], [7, 0, 1, 0], name),
            Row("sub", [[0, 1], [1, 2]], [high, high], name),
            Row("mulhi", [[high, high, 2, 0], [high, 1, high, high]], [high - 1, 0, 1, 0], name),
            Row("neg", [[0, 1]], [0, high], name),
            Row("lt", [[0, high], [high, 0]], [True, False], name, "bool"),
            Row("max", [[0, high], [high, 1]], [high, high], name),
            Row("shift_left", [[1, high], [width - 1, width]], [high // 2 + 1, 0], name),
            Row("shift_right_logical", [[high, high], [width - 1, width]], [1, 0], name),
            Row("shift_right_arithmetic", [[high, 5, high, 5], [1, 1, width, width]], [high, 2, high, 0], name),
        ]
    return rows


def _float_rows(name: str) -> list[Row]:
    x, y = [1, -1, 0, inf, nan, 5, inf, -0.0, 5], [0, 0, 0, inf, 1, inf, 2, 5, nan]
    rows = [
        Row("div", [x, y], [inf, -inf, nan, nan, nan, 0, inf, -0.0, nan], name),
        Row("rem", [[*x, 5.5, -5.5], [*y, 2, 2]], [nan, nan, nan, nan, nan, 5, nan, -0.0, nan, 1.5, -1.5], name),
        Row("max", [[nan, 1, -inf, 2], [1, nan, inf, -3]], [nan, nan, inf, 2], name),
        Row("min", [[nan, 1, -inf, 2], [1, nan, inf, -3]], [nan, nan, -inf, -3], name),
        Row("clamp", [[0, 0, nan, 0, 5], [nan, -inf, 1, inf, 1], [1, 1, 1, nan, 3]], [nan, 0, nan, nan, 3], name),
        Row("neg", [[0.0, -0.0, inf, nan]], [-0.0, 0.0, -inf, nan], name),
        Row("abs", [[-0.0, -inf, nan]], [0.0, inf, nan], name),
        Row("sign", [[0.0, -0.0, nan, inf, -2]], [0.0, -0.0, nan, 1, -1], name),
        Row("floor", [[-0.5, -0.0, 0.5, inf, nan]], [-1, -0.0, 0, inf, nan], name),
        Row("ceil", [[-0.5, -0.0, 0.5, -inf, nan]], [-0.0, -0.0, 1, -inf, nan], name),
        Row("trunc", [[-0.5, -0.0, 1.5, inf, nan]], [-0.0, -0.0, 1, inf, nan], name),
        Row("round_nearest_even", [[0.5, 1.5, 2.5, -0.5, -0.0, inf, nan]], [0, 2, 2, -0.0, -0.0, inf, nan], name),
        Row("round_nearest_afz", [[0.5, 1.5, 2.5, -0.5, -0.25, inf, nan]], [1, 2, 3, -1, -0.0, inf, nan], name),
        Row("is_finite", [[1, inf, -inf, nan]], [True, False, False, False], name, "bool"),
        Row("eq", [[nan, 0.0, inf], [nan, -0.0, inf]], [False, True, True], name, "bool"),
        Row("ne", [[nan, 0.0, inf], [nan, -0.0, inf]], [True, False, False], name, "bool"),
        Row("ge", [[nan, 0.0, inf], [1, -0.0, inf]], [False, True, True], name, "bool"),
        Row("select", [[True, False, True], [nan, nan, 1], [2, 2, nan]], [nan, 2, 1], name),
        Row("sqrt", [[-1, -0.0, 0, inf, nan]], [nan, -0.0, 0, inf, nan], name),
        Row("rsqrt", [[-1, 0.0, inf, nan]], [nan, inf, 0, nan], name),
        Row("exp", [[-inf, inf, nan, 0]], [0, inf, nan, 1], name),
        Row("log", [[-1, 0, -0.0, inf, nan, 1]], [nan, -inf, -inf, inf, nan, 0], name),
        Row("tanh", [[-inf, inf, -0.0, nan]], [-1, 1, -0.0, nan], name),
        Row("sin", [[inf, -0.0, nan]], [nan, -0.0, nan], name),
        Row("logistic", [[-inf, inf, 0, nan]], [0, 1, 0.5, nan], name),
        Row("pow", [[0, nan, 1, -2, -2, 0], [0, 0, nan, 3, 0.5, -1]], [1, 1, 1, -8, nan, inf], name),
        Row("pow", [[-inf, -0.0], [3, 3]], [-inf, -0.0], name),
        Row("integer_pow", [[0, -0.0, inf, nan, -2]], [inf, -inf, 0, nan, -0.5], name, exponent=-1),
        Row("erf", [[-inf, inf, nan, -0.0]], [-1, 1, nan, -0.0], name),
        Row("reduce_max", [[nan, 1, 2]], nan, name, axes=(0,)),
        Row("reduce_min", [[3, 1, nan]], nan, name, axes=(0,)),
        Row("argmax", [[1, nan, 3, nan]], 1, name, "i32", axis=0, dtype=np.dtype(np.int32)),
        Row("argmin", [[1, -inf, -inf]], 1, name, "i32", axis=0, dtype=np.dtype(np.int32)),
    ]  # fmt: skip
    for dtype in sorted(INTEGER, key=str):
        info = np.iinfo(dtype)
        low = 0 if info.min == 0 else -2
        expected = [0, info.max, info.min, 0, 2, low]
        rows.append(Row("convert", [[nan, inf, -inf, -0.5, 2.9, -2.9]], expected, name, SHORT_NAME[dtype], dtype=dtype))
    rows.append(
        Row(
            "convert",
            [[0, -0.0, nan, 0.25, inf]],
            [False, False, True, True, True],
            name,
            "bool",
            dtype=np.dtype(bool),
        )
    )
    if name in ("f32", "f64"):
        # Subnormals: right in everything that only compares and chooses. Sums, products, quotients, roots and the
        # reductions reduce_max and reduce_min are single instructions, for which IREE's threads flush them to zero.
        tiny = 1e-40 if name == "f32" else 1e-310
        low, high = [tiny, -tiny, 0, 2 * tiny, -2 * tiny, tiny], [2 * tiny, tiny, tiny, 1, -tiny, nan]
        both = [[*low, *high], [*high, *low]]
        less, same = [True] * 5 + [False] * 7, [False] * 12
        rows += [
            Row("neg", [[tiny]], [-tiny], name),
            Row("abs", [[-tiny]], [tiny], name),
            Row("sign", [[tiny, -tiny]], [1, -1], name),
            Row("lt", both, less, name, "bool"),
            Row("le", both, less, name, "bool"),
            Row("gt", both[::-1], less, name, "bool"),
            Row("ge", both[::-1], less, name, "bool"),
            Row("eq", both, same, name, "bool"),
            Row("ne", both, np.logical_not(same), name, "bool"),
            Row("max", both, high + high, name),
            Row("min", both, [*low[:5], nan] * 2, name),
            Row("clamp", [[-tiny, tiny], [0, 0], [1, 1]], [0, tiny], name),
            Row("is_finite", [[tiny]], [True], name, "bool"),
            Row("floor", [[tiny, -tiny]], [0, -1], name),
            Row("ceil", [[tiny, -tiny]], [1, -0.0], name),
            Row("argmax", [[0, tiny, -1]], 1, name, "i32", axis=0, dtype=np.dtype(np.int32)),
            Row("argmin", [[0, -tiny, 1]], 1, name, "i32", axis=0, dtype=np.dtype(np.int32)),
        ]
        rows.append(Row("convert", [[tiny, -tiny, 0]], [True, True, False], name, "bool", dtype=np.dtype(bool)))
    if name == "f32":
        half = {"exponent_bits": 5, "mantissa_bits": 10}
        rows += [
            Row(
                "reduce_precision",
                [[65519, 65520, -1e9, 1e-8, 6e-5, 6.2e-5, inf, nan, -0.0, 1.00048828125]],
                [65504, inf, -inf, 0, 0, 6.198883056640625e-05, inf, nan, -0.0, 1],  # as JAX 0.10.2
                name,
                **half,
            ),
            Row("nextafter", [[0, 0, 1, inf, nan], [1, -1, 1, 0, 1]], [1e-45, -1e-45, 1, 3.4028235e38, nan], name),
        ]
    return rows


def _complex_rows() -> list[Row]:
    c = complex
    return [
        row
        for name, real in (("c64", "f32"), ("c128", "f64"))
        for row in (
            Row("abs", [[3 + 4j, c(inf, nan), c(nan, 1), 0]], [5, inf, nan, 0], name, real),
            Row("sign", [[3 + 4j, 0, -2j]], [0.6 + 0.8j, 0, -1j], name),
            Row(
                "max",
                [[1 + 2j, 2 - 1j, c(nan, 1), 1], [1 + 3j, 1 + 9j, 5, c(2, nan)]],
                [1 + 3j, 2 - 1j, c(nan, 1), c(2, nan)],
                name,
            ),
            Row(
                "min",
                [[1 + 2j, 2 - 1j, c(-inf, 1)], [1 + 3j, 1 + 9j, c(-inf, -inf)]],
                [1 + 2j, 1 + 9j, c(-inf, -inf)],
                name,
            ),
            Row("reduce_max", [[c(-inf, -5), c(-inf, -6)]], c(-inf, -5), name, axes=(0,)),
            Row("rsqrt", [[c(inf, 1), c(0, -inf), 4]], [0, 0, 0.5], name),
            Row("is_finite", [[1j, c(inf, 1), c(1, nan)]], [True, False, False], name, "bool"),
            Row("eq", [[1 + 1j, c(nan, 1), 1], [1 + 1j, c(nan, 1), 1 + 1j]], [True, False, False], name, "bool"),
            Row("convert", [[0, 1j, 1]], [False, True, True], name, "bool", dtype=np.dtype(bool)),
        )
    ]


ROWS = {
    "integer": _integer_rows(),
    **{name: _float_rows(name) for name in ("f16", "bf16", "f32", "f64")},
    "complex": _complex_rows(),
}
SLOW = {"f16", "f64"}  # each costs as much as f32 to compile
KINDS = [pytest.param(kind, marks=[pytest.mark.slow] if kind in SLOW else []) for kind in ROWS]


@pytest.mark.parametrize("kind", ROWS)
def test_eager(kind: str) -> None:
    for row in ROWS[kind]:
        row.check(np.asarray(REGISTRY[row.name].reference(*row.operands, **row.attributes)))


@pytest.mark.parametrize("kind", KINDS)
def test_compiled(kind: str) -> None:
    rows = ROWS[kind]
    cases = [Case(row.id, REGISTRY[row.name], Sample(row.operands, row.attributes)) for row in rows]
    wrong = []
    for row, (result,) in zip(rows, compiled_results(cases), strict=True):
        try:
            row.check(result)
        except AssertionError as difference:
            wrong.append(str(difference))
    assert not wrong, "\n".join(wrong)


# ---- derivatives where functions have corners -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "point", "expected"),
    [
        ("abs", [0.0], [1.0]),
        ("abs", [-2.0], [-1.0]),
        ("sign", [0.0], [0.0]),
        ("max", [2.0, 2.0], [0.5, 0.5]),
        ("min", [2.0, 2.0], [0.5, 0.5]),
        ("clamp", [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]),
        ("clamp", [0.0, -1.0, 1.0], [1.0, 0.0, 0.0]),
        ("clamp", [0.0, 2.0, 1.0], [0.0, 0.0, 1.0]),
        ("cbrt", [0.0], [inf]),
        ("sqrt", [0.0], [inf]),
        ("pow", [0.0, 2.0], [0.0, 0.0]),
        ("pow", [0.0, 1.0], [1.0, 0.0]),
        ("pow", [0.0, 0.0], [0.0, 0.0]),
        ("tanh", [40.0], [0.0]),
        ("logistic", [-800.0], [0.0]),
        ("erf", [30.0], [0.0]),
    ],
)
def test_derivative_at_a_corner(name: str, point: list[float], expected: list[float]) -> None:
    scalar = TensorType((), np.dtype(np.float64))
    f = function_of([scalar] * len(point), lambda b, args: [getattr(b, name)(*args)])
    gradient = f.vjp(range(len(point)))(*map(np.float64, point), np.float64(1))[1:]
    np.testing.assert_array_equal(gradient, expected)


@pytest.mark.parametrize("name", ["reduce_max", "reduce_min"])
def test_gradient_of_an_extreme_is_shared_by_ties(name: str) -> None:
    f = function_of([TensorType((4,), np.dtype(np.float64))], lambda b, args: [getattr(b, name)(args[0], axes=(0,))])
    x = np.array([1.0, 2, 2, 1])
    want = (x == getattr(np, name[-3:])(x)) / 2
    np.testing.assert_array_equal(f.vjp([0])(x, np.float64(1))[1], want)


@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_gradient_of_a_product_with_zeros(zeros: int) -> None:
    f = function_of([TensorType((4,), np.dtype(np.float64))], lambda b, args: [b.reduce_prod(args[0], axes=(0,))])
    x = np.array([2.0, 3, 5, 7])
    x[:zeros] = 0
    want = [np.prod(np.delete(x, i)) for i in range(4)]
    np.testing.assert_array_equal(f.vjp([0])(x, np.float64(1))[1], want)

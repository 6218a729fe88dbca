"""lamina-simplify keeps results, to the sign of zero, and fires where it should."""

from __future__ import annotations

from itertools import permutations
from random import Random

import numpy as np
import pytest
from derived import Body, Function, function_of
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina_compiler.builder import Builder
from lamina_compiler.mlir import ir
from lamina_compiler.passes.simplify import simplify
from lamina_compiler.types import BY_SHORT_NAME, TensorType

SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, np.inf, -np.inf, np.nan]


def tensor(dtype: str, *shape: int) -> TensorType:
    return TensorType(shape, BY_SHORT_NAME[dtype])


def inputs_for(f: Function, seed: int = 0) -> list[np.ndarray]:
    """Small whole numbers, so that sums are exact in any order, and special values."""
    rng = np.random.default_rng(seed)
    arrays = []
    for type in f.inputs:
        values = rng.integers(-3, 4, type.shape).astype(np.float64)
        if type.dtype.kind == "f":
            values = np.where(rng.random(type.shape) < 0.2, rng.choice(SPECIAL, type.shape), values)
        arrays.append(
            np.abs(values).astype(type.dtype) if type.dtype.kind == "u" else np.asarray(values).astype(type.dtype)
        )
    return arrays


def assert_identical(got: np.ndarray, want: np.ndarray) -> None:
    """Equal with equal signs of zeros; nan is nan."""
    assert (got.shape, got.dtype) == (want.shape, want.dtype)
    np.testing.assert_array_equal(got, want)
    if want.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(got) & (got == 0), np.signbit(want) & (want == 0))


def simplified(types: list[TensorType], body: Body) -> list[str]:
    """Ops left after simplification, which changed no result."""
    f = function_of(types, body)
    arrays = inputs_for(f)
    before = f(*arrays)
    simplify(f.module, f.function)
    assert f.module.operation.verify()
    for got, want in zip(f(*arrays), before, strict=True):
        assert_identical(got, want)
    return f.ops


# ---- rule by rule ---------------------------------------------------------------------------------------------------

X = tensor("f32", 6)


@pytest.mark.parametrize("number", SPECIAL)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "max", "min", "pow", "rem"])
@pytest.mark.parametrize("number_first", [False, True])
def test_algebra_with_a_constant_keeps_special_values(name: str, number: float, number_first: bool) -> None:
    x = np.array([*SPECIAL, 3.5, -2.5, -4.0, 5e-324])

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        operands = [args[0], b.full_like(args[0], number)]
        return [getattr(b, name)(*(operands[::-1] if number_first else operands))]

    f = function_of([tensor("f64", len(x))], body)
    (before,) = f(x)
    simplify(f.module, f.function)
    (after,) = f(x)
    assert_identical(after, before)


FIRES = {
    "x + -0.0": (lambda b, x: b.add(x, -0.0), []),
    "x + 0.0 turns -0.0 into 0.0": (lambda b, x: b.add(x, 0.0), ["constant", "add"]),
    "x - 0.0": (lambda b, x: b.sub(x, 0.0), []),
    "x - -0.0 turns -0.0 into 0.0": (lambda b, x: b.sub(x, -0.0), ["constant", "sub"]),
    "x * 1": (lambda b, x: b.mul(x, 1), []),
    "x * -1": (lambda b, x: b.mul(x, -1), ["neg"]),
    "x * 0 may be nan": (lambda b, x: b.mul(x, 0), ["constant", "mul"]),
    "x / 1": (lambda b, x: b.div(x, 1), []),
    "x + -y": (lambda b, x: b.add(x, b.neg(b.sin(x))), ["sin", "sub"]),
    "-x + y": (lambda b, x: b.add(b.neg(b.sin(x)), x), ["sin", "sub"]),
    "x - -y": (lambda b, x: b.sub(x, b.neg(b.sin(x))), ["sin", "add"]),
    "- -x": (lambda b, x: b.neg(b.neg(x)), []),
    "x - x may be nan": (lambda b, x: b.sub(x, x), ["sub"]),
    "real of complex": (lambda b, x: b.real(b.complex(x, b.sin(x))), []),
    "imag of complex": (lambda b, x: b.imag(b.complex(b.sin(x), x)), []),
    "select of equals": (lambda b, x: b.select(b.gt(x, 0), x, x), []),
    "select by true": (lambda b, x: b.select(b.ge(b.full_like(x, 1), b.full_like(x, 0)), x, b.sin(x)), []),
    "convert to itself": (lambda b, x: b.convert(x, dtype=X.dtype), []),
    "reshape of reshape": (lambda b, x: b.reshape(b.reshape(x, shape=(2, 3)), shape=(3, 2)), ["reshape"]),
    "reshape there and back": (lambda b, x: b.reshape(b.reshape(x, shape=(2, 3)), shape=(6,)), []),
    "rev of one element": (lambda b, x: b.rev(b.reshape(x, shape=(6, 1)), dimensions=(1,)), ["reshape"]),
    "whole slice": (lambda b, x: b.slice(x, start=(0,), limit=(6,), strides=(1,)), []),
    "pad by nothing": (lambda b, x: b.pad(x, b.zeros(tensor("f32")), low=(0,), high=(0,), interior=(0,)), []),
    "sum over nothing": (lambda b, x: b.reduce_sum(x, axes=()), []),
    "constants": (lambda b, x: b.add(x, b.mul(b.full_like(x, 2), b.full_like(x, 3))), ["constant", "add"]),
    "dead code": (lambda b, x: (b.sin(x), x)[1], []),
    "common subexpression": (lambda b, x: b.mul(b.sin(x), b.sin(x)), ["sin", "mul"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FIRES)
def test_rule(case: str) -> None:
    expression, left = FIRES[case]
    assert simplified([X], lambda b, args: [expression(b, args[0])]) == left


def test_padding_a_splat_with_the_other_zero_is_no_splat() -> None:
    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        minus, plus = b.full(tensor("f32", 2), -0.0), b.full(tensor("f32"), 0.0)
        return [b.pad(minus, plus, low=(1,), high=(1,), interior=(0,))]

    simplified([], body)


@pytest.mark.parametrize("start", [(1, 1), (-4, 9), (2, 0)])
def test_dynamic_slice_at_constants_is_a_slice(start: tuple[int, int]) -> None:
    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        position = b.constant_array(np.array(start, np.int32))
        return [b.dynamic_slice(args[0], position, sizes=(2, 2), batch_dimensions=0)]

    assert simplified([tensor("f32", 3, 4)], body) == ["slice"]


@pytest.mark.parametrize("dtype", ["bool", "i8", "u8", "i64", "u64", "f16", "bf16", "f32", "f64"])
def test_splats_stay_splats_in_every_dtype(dtype: str) -> None:
    element = BY_SHORT_NAME[dtype]
    top = (
        True
        if dtype == "bool"
        else -1
        if element.kind == "i"
        else np.iinfo(element).max
        if element.kind == "u"
        else -0.0
    )

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        x = b.full(tensor(dtype, 2, 3), top)
        moved = b.transpose(b.rev(b.reshape(x, shape=(3, 2)), dimensions=(0,)), permutation=(1, 0))
        return [
            b.broadcast_in_dim(moved, shape=(5, 2, 3), dimensions=(1, 2)),
            b.slice(x, start=(0, 1), limit=(0, 3), strides=(1, 1)),
        ]

    assert simplified([], body) == ["constant", "constant"]


@pytest.mark.parametrize("source", ["bool", "i8", "u64", "f16", "bf16", "f64"])
@pytest.mark.parametrize("target", ["bool", "i32", "u64", "bf16", "f32", "c64"])
def test_conversion_of_constants_folds(source: str, target: str) -> None:
    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        return [b.convert(b.full(tensor(source, 3), 1), dtype=BY_SHORT_NAME[target])]

    assert "convert" not in simplified([], body) or target == "c64"


# ---- transposes and dots --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lhs_order", list(permutations(range(3))))
def test_dots_look_through_transposes(lhs_order: tuple[int, ...]) -> None:
    """Every order of (batch, free, contracting) on the left against every order on the right, and of the result."""
    extents = {"b": 2, "m": 3, "n": 4, "k": 5}
    for rhs_order in permutations(range(3)):
        for result_order in permutations(range(3)):
            left, right = ["bmk"[i] for i in lhs_order], ["bnk"[i] for i in rhs_order]

            def body(
                b: Builder, args: list[ir.Value], rhs_order: tuple = rhs_order, result_order: tuple = result_order
            ):
                x = b.transpose(args[0], permutation=tuple(lhs_order.index(i) for i in range(3)))
                y = b.transpose(args[1], permutation=tuple(rhs_order.index(i) for i in range(3)))
                dims = {"lhs_contracting": (2,), "rhs_contracting": (2,), "lhs_batch": (0,), "rhs_batch": (0,)}
                dot = b.dot_general(x, y, **dims, dtype=BY_SHORT_NAME["f64"])
                return [b.transpose(dot, permutation=result_order)]

            types = [tensor("f64", *(extents[c] for c in side)) for side in (left, right)]
            ops = simplified(types, body)
            assert ops[0] == "dot_general"  # a single free dimension always keeps its order
            assert ops[1:] == ([] if result_order in ((0, 1, 2), (0, 2, 1)) else ["transpose"])


@given(st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, database=None)
def test_dots_of_random_shape_look_through_transposes(random: Random) -> None:
    sizes = {name: random.randint(1, 3) for name in "abcdefgh"}
    batch, contracting, left, right = (
        "ab"[: random.randint(0, 2)],
        "cd"[: random.randint(0, 2)],
        "ef",
        "gh"[: random.randint(0, 2)],
    )
    lhs, rhs = list(batch + contracting + left), list(batch + contracting + right)
    random.shuffle(lhs)
    random.shuffle(rhs)
    orders = [random.sample(range(len(side)), len(side)) for side in (lhs, rhs)]
    moved = [[side[i] for i in order] for side, order in zip((lhs, rhs), orders, strict=True)]
    rank = len(batch) + len(left) + len(right)
    result_order = tuple(random.sample(range(rank), rank))

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        x, y = (b.transpose(v, permutation=tuple(order)) for v, order in zip(args, orders, strict=True))
        dims = {
            f"{prefix}_{kind}": tuple(side.index(n) for n in names)
            for prefix, side in (("lhs", moved[0]), ("rhs", moved[1]))
            for kind, names in (("contracting", contracting), ("batch", batch))
        }
        return [b.transpose(b.dot_general(x, y, **dims, dtype=BY_SHORT_NAME["i32"]), permutation=result_order)]

    simplified([tensor("i32", *(sizes[n] for n in side)) for side in (lhs, rhs)], body)


# ---- random programs ------------------------------------------------------------------------------------------------


def random_step(b: Builder, random: Random, x: ir.Value, y: ir.Value) -> ir.Value:
    """One more value from two of one type."""
    type = b.type(x)
    rank = type.rank
    axes = tuple(sorted(random.sample(range(rank), random.randint(0, rank))))
    kind = random.choice(
        ["binary", "constant", "unary", "select", "shape", "cut", "join", "reduce", "convert", "parts"]
    )
    if kind == "binary":
        return getattr(b, random.choice(["add", "sub", "mul", "max", "min"]))(x, y)
    if kind == "constant":
        operands = [x, b.full_like(x, random.choice(SPECIAL))]
        random.shuffle(operands)
        return getattr(b, random.choice(["add", "sub", "mul", "div", "max"]))(*operands)
    if kind == "unary":
        return getattr(b, random.choice(["neg", "abs", "sign", "floor", "stop_gradient"]))(x)
    if kind == "select":
        return b.select(random.choice([b.gt(x, y), b.full(TensorType(type.shape, BY_SHORT_NAME["bool"]), True)]), x, y)
    if kind == "shape":
        moved = b.transpose(x, permutation=tuple(random.sample(range(rank), rank)))
        flat = b.reshape(moved, shape=random.choice([(type.size,), (1, type.size), (type.size, 1)]))
        return b.reshape(b.rev(flat, dimensions=(0,)), shape=type.shape)
    if kind == "cut":
        padded = b.pad(
            x,
            b.full(TensorType((), type.dtype), random.choice(SPECIAL)),
            low=(1,) * rank,
            high=(0,) * rank,
            interior=(0,) * rank,
        )
        start = tuple(random.randint(0, 1) for _ in range(rank))
        limit = tuple(s + n for s, n in zip(start, type.shape, strict=True))
        return b.slice(padded, start=start, limit=limit, strides=(1,) * rank)
    if kind == "join" and rank:
        first = b.slice(x, start=(0,) * rank, limit=(type.shape[0] // 2, *type.shape[1:]), strides=(1,) * rank)
        rest = b.slice(y, start=(type.shape[0] // 2, *[0] * (rank - 1)), limit=type.shape, strides=(1,) * rank)
        return b.concatenate(first, rest, dimension=0)
    if kind == "reduce":
        total = getattr(b, random.choice(["reduce_max", "reduce_min"]))(x, axes=axes)
        kept = tuple(d for d in range(rank) if d not in axes)
        return b.broadcast_in_dim(total, shape=type.shape, dimensions=kept)
    if kind == "convert":
        return b.convert(
            b.convert(x, dtype=BY_SHORT_NAME[random.choice(["f64", "i32", "bf16", "bool"])]), dtype=type.dtype
        )
    return random.choice([b.real, b.imag])(b.conj(b.complex(x, y)))


@given(st.randoms(use_true_random=False), st.integers(0, 1000))
@settings(max_examples=150, deadline=None, database=None)
def test_random_programs_keep_their_results(random: Random, seed: int) -> None:
    type = tensor("f32", *random.choice([(2, 3), (4,), (), (2, 1, 2)]))

    def body(b: Builder, args: list[ir.Value]) -> list[ir.Value]:
        values = list(args)
        for _ in range(random.randint(1, 10)):
            values.append(random_step(b, random, random.choice(values), random.choice(values[-3:])))
        return values[-2:]

    f = function_of([type, type], body)
    arrays = inputs_for(f, seed)
    before = f(*arrays)
    simplify(f.module, f.function)
    assert f.module.operation.verify()
    for got, want in zip(f(*arrays), before, strict=True):
        assert_identical(got, want)
    assert str(ir.Module.parse(str(f.module))) == str(f.module)


EMPTY = {
    "transpose": lambda b, x: b.transpose(x, permutation=(1, 0)),
    "reshape": lambda b, x: b.reshape(x, shape=(3, 0, 2)),
    "broadcast": lambda b, x: b.broadcast_in_dim(x, shape=(2, 0, 3), dimensions=(1, 2)),
    "pad": lambda b, x: b.pad(x, b.zeros(tensor("f32")), low=(1, 0), high=(1, 0), interior=(0, 0)),
    "sum": lambda b, x: b.reduce_sum(x, axes=(0,)),
    "max": lambda b, x: b.reduce_max(x, axes=(0,)),
    "add": lambda b, x: b.add(x, x),
    "convert": lambda b, x: b.convert(x, dtype=BY_SHORT_NAME["i32"]),
    "rev": lambda b, x: b.rev(x, dimensions=(1,)),
}  # fmt: skip


@pytest.mark.parametrize("case", EMPTY)
def test_empty_constants_and_arguments(case: str) -> None:
    """Constants without elements are no splats to look into."""
    type = tensor("f32", 0, 3)
    simplified([type], lambda b, args: [EMPTY[case](b, args[0])])
    simplified([], lambda b, args: [EMPTY[case](b, b.zeros(type))])


def test_commuted_operands_are_one_operation() -> None:
    """x + y and y + x are computed once. (IREE fused such a pair into one dispatch, and then mixed its results up.)"""
    type = TensorType((3,), np.dtype(np.float64))
    assert (
        simplified([type, type], lambda b, args: [b.sub(b.add(*args), b.mul(b.add(*args[::-1]), args[0]))]).count("add")
        == 1
    )

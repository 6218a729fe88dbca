"""Functions of a loaded artifact: arguments, results, signatures, and what is said when they do not fit."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lamina_runtime as lr
from lamina_runtime import describe
from lamina_runtime.dtypes import DTYPES
from lamina_runtime.tree import flatten, rebuild

from .test_artifact import F4, SIGNATURES, artifact  # noqa: F401  (a fixture)

A, B = np.arange(4, dtype="f4"), np.full(4, 0.5, "f4")


@pytest.fixture(scope="module")
def program(artifact: lr.Artifact, tmp_path_factory: pytest.TempPathFactory) -> lr.Program:  # noqa: F811
    path = tmp_path_factory.mktemp("artifact") / "model.lamina"
    lr.write(path, artifact)
    return lr.load(path)


def test_ways_to_call(program: lr.Program) -> None:
    for result in (program.add(A, B), program["add"](A, b=B), program.functions["add"](b=B, a=A)):
        assert isinstance(result, np.ndarray)
        np.testing.assert_array_equal(result, A + B)


def test_trees(program: lr.Program, cpu: lr.Device) -> None:
    result = program.sum_and_both((A, {"b": lr.to_device(B, cpu)}), None)
    assert list(result) == ["state", "sum"]
    # the leaves of the result in flatten order: state.mean, state.scale[0], sum
    np.testing.assert_array_equal(result["state"].mean, A + B)
    np.testing.assert_array_equal(result["state"].scale[0], A)
    np.testing.assert_array_equal(result["sum"], B)
    assert type(result["state"]).__name__ == "State"
    assert type(program.sum_and_both((A, {"b": B}), None)["state"]) is type(result["state"])


def test_symbolic_dimensions(program: lr.Program) -> None:
    for n in (1, 5):
        x = np.ones((n, 3), "f4")
        np.testing.assert_array_equal(program.add_dynamic(x, x), 2 * x)


def test_texts(program: lr.Program) -> None:
    assert program.signature("add") == "add(a: f32[4], b: f32[4]) -> f32[4]"
    assert program.signature("sum_and_both") == (
        "sum_and_both(inputs: (f32[4], {b: f32[4]}), nothing: None)"
        " -> {state: State(mean: f32[4], scale: [f32[4]]), sum: f32[4]}"
    )
    assert program.signature("identity_bf16") == "identity_bf16(a: bf16[2,3]) -> (f32[2,3],)"
    assert program.signature("add_dynamic") == "add_dynamic(a: f32[n,3], b: f32[n,3]) -> f32[n,3]"
    assert repr(program.add) == "<add(a: f32[4], b: f32[4]) -> f32[4] on cpu:0>"
    assert list(program.functions) == list(SIGNATURES)
    assert "add" in dir(program)


def test_unknown_functions(program: lr.Program) -> None:
    names = "add, sum_and_both, identity_bf16, add_dynamic, identity_big"
    with pytest.raises(AttributeError, match=f"no function 'predict' in this program; it has {names}"):
        _ = program.predict
    with pytest.raises(KeyError, match=f"no function 'predict' in this program; it has {names}"):
        program.signature("predict")


Other = namedtuple("Other", "mean")
TREE = ((A, {"b": B}), None)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("add", (A,), {}, "add: missing argument b; it is add(a: f32[4], b: f32[4]) -> f32[4]"),
        ("add", (), {}, "add: missing argument a, b; it is add(a: f32[4], b: f32[4]) -> f32[4]"),
        ("add", (A, B, B), {}, "add: takes 2 arguments, got 3; it is add(a: f32[4], b: f32[4]) -> f32[4]"),
        ("add", (A, B), {"b": B}, "add: argument b is given twice; it is add(a: f32[4], b: f32[4]) -> f32[4]"),
        ("add", (A, B), {"c": B}, "add: argument c is unknown; it is add(a: f32[4], b: f32[4]) -> f32[4]"),
        ("add", (A, np.ones((3, 4))), {}, "add: argument b: expected f32[4], got f64[3,4]"),
        ("add", (A, np.ones(4)), {}, "add: argument b: expected f32[4], got f64[4]"),
        ("add", (A, np.ones(4, "i4")), {}, "add: argument b: expected f32[4], got i32[4]"),
        ("add", (A, np.float32(1)), {}, "add: argument b: expected f32[4], got f32[]"),
        ("add", (A, 1.5), {}, "add: argument b: expected f32[4], got 1.5"),
        ("add", (A, [1, 2, 3]), {}, "add: argument b: expected f32[4], got [1, 2, 3]"),
        ("add", (A, [1, 2, 3, 1j]), {}, "add: argument b: expected f32[4], got [1, 2, 3, 1j]"),
        ("add", (A, [1, 2, 3, 1e39]), {}, "add: argument b: expected f32[4], got [1, 2, 3, 1e+39]"),
        ("add", (A, [[1], [2, 3]]), {}, "add: argument b: expected f32[4], got [[1], [2, 3]]"),
        ("add", (A, None), {}, "add: argument b: expected f32[4], got None"),
        ("add", (A, "text"), {}, "add: argument b: expected f32[4], got 'text' of type str"),
        ("add", (A, {"x": B}), {}, "add: argument b: expected f32[4], got {x: f32[4]}"),
        (
            "add_dynamic",
            (np.ones((2, 3), "f4"), np.ones((4, 3), "f4")),
            {},
            "add_dynamic: argument b: expected f32[n,3] with n = 2, got f32[4,3]",
        ),
        (
            "sum_and_both",
            ((A, {"b": np.ones(3, "f4")}), None),
            {},
            "sum_and_both: argument inputs[1]['b']: expected f32[4], got f32[3]",
        ),
        (
            "sum_and_both",
            ((A, {"c": B}), None),
            {},
            "sum_and_both: argument inputs[1]: expected {b: f32[4]}, got {c: f32[4]}",
        ),
        (
            "sum_and_both",
            ([A, {"b": B}], None),
            {},
            "sum_and_both: argument inputs: expected (f32[4], {b: f32[4]}), got [f32[4], {b: f32[4]}]",
        ),
        ("sum_and_both", (TREE[0], A), {}, "sum_and_both: argument nothing: expected None, got f32[4]"),
    ],
)
def test_arguments_that_do_not_fit(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], message: str, program: lr.Program
) -> None:
    with pytest.raises(lr.ArgumentError) as raised:
        program[name](*args, **kwargs)
    assert str(raised.value) == message


def test_a_device_buffer_that_does_not_fit(program: lr.Program, cpu: lr.Device) -> None:
    with pytest.raises(lr.ArgumentError, match=r"argument b: expected f32\[4\], got a device buffer f32\[3\]"):
        program.add(A, lr.to_device(np.ones(3, "f4"), cpu))
    with pytest.raises(lr.ArgumentError, match=r"argument b: expected f32\[4\], got a device buffer i32\[4\]"):
        program.add(A, lr.to_device(np.ones(4, "i4"), cpu))


def cast(value: Any, dtype: str) -> np.ndarray:
    (leaf,) = flatten(lr.Leaf(np.shape(value), dtype), value, "x", {})
    return leaf


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "i8"), (255, "u8"), (1, "f32"), (True, "bool"), (True, "i32"), (1.5, "f32"), (1.5, "bf16"), (1e300, "f64"),
        (float("inf"), "f16"), (float("nan"), "f32"), (1, "c64"), (1j, "c128"), (2**63, "u64"),
        ([], "i32"), ([[1, 2], [3, 4]], "i64"), ((1, 2.5), "f32"), (np.int8(3), "i32"), (np.float32(1), "f64"),
        (np.array(3, "i2"), "f32"), (np.float64(1), "f32"), (np.array([1, 2], ">f4"), "f32"), (np.ones(2, "f4"), "f32"),
    ],
)  # fmt: skip
def test_safe_casts(value: Any, dtype: str) -> None:
    array = cast(value, dtype)
    assert array.dtype == DTYPES[dtype]
    np.testing.assert_array_equal(array, np.asarray(value).astype(DTYPES[dtype]))


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (256, "u8"), (-1, "u32"), (1.0, "i32"), (1, "bool"), (1j, "f32"), (1e39, "f32"), (70000.0, "f16"),
        (2**64, "u64"), (np.int64(1), "i32"), (np.float32(1), "i32"), ([1, "2"], "i32"),
        (np.ones(2, "i1"), "i32"), (np.ones(2, "f2"), "f32"), (np.array(1, object), "f32"),
    ],
)  # fmt: skip
def test_unsafe_casts(value: Any, dtype: str) -> None:
    with pytest.raises(lr.ArgumentError, match=rf"^x: expected {dtype}\["):
        cast(value, dtype)


def test_describe() -> None:
    value = {"b": [A, (B,)], "a": Other(None)}
    tree = describe(value)
    assert str(tree) == "{a: Other(mean: None), b: [f32[4], (f32[4],)]}"
    assert describe(tree) == tree
    rebuilt = rebuild(tree, flatten(tree, value, "x", {}))
    assert rebuilt["b"][0] is A and rebuilt["b"][1][0] is B
    for wrong in (object(), {1: A}, "text", np.array("text"), 1.5):
        with pytest.raises(TypeError, match="signature"):
            describe(wrong)


def test_results_do_not_alias_arguments(program: lr.Program) -> None:
    x = lr.aligned_empty(SIGNATURES["identity_big"].arguments["x"].shape, np.dtype("f4"))  # type: ignore[union-attr]
    x[:] = 1
    result = program.identity_big(x)
    x[:] = 2
    assert (result == 1).all()


def test_results_feed_the_next_call(program: lr.Program) -> None:
    total = np.zeros(4, "f4")
    for _ in range(5):
        total = program.add(total, B)
    assert total.tolist() == [2.5] * 4


def test_load_takes_str_and_path(program: lr.Program, artifact: lr.Artifact, tmp_path: Path) -> None:  # noqa: F811
    lr.write(str(tmp_path / "m.lamina"), artifact)
    assert lr.load(str(tmp_path / "m.lamina"), lr.device("cpu")).device is program.device

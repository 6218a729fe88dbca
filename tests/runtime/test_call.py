"""Calls of compiled functions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lamina_runtime as lr
from lamina_runtime.dtypes import DTYPES

from .conftest import BIG, host_results, sample


@pytest.mark.parametrize("name", DTYPES)
def test_every_dtype_passes(name: str, executable: lr.Executable) -> None:
    array = sample(name, (2, 3))
    (result,) = host_results(executable, f"identity_{name.partition('<')[0]}", array, dtype=array.dtype)
    assert result.tobytes() == array.tobytes()


def test_bool_and_unsigned_arithmetic(executable: lr.Executable) -> None:
    a, b = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    np.testing.assert_array_equal(host_results(executable, "xor", a, b, dtype=bool)[0], a ^ b)
    top = np.full(4, 2**32 - 2, "u4")
    np.testing.assert_array_equal(
        host_results(executable, "add_u32", top, np.arange(4, dtype="u4"), dtype="u4")[0],
        top + np.arange(4, dtype="u4"),
    )


def test_scalars_and_empty_arrays(executable: lr.Executable) -> None:
    (total,) = host_results(executable, "add_scalar", np.float32(1), np.array(2, "f4"))
    assert total.shape == () and total == 3
    (empty,) = host_results(executable, "add_empty", np.ones((0, 3), "f4"), np.ones((0, 3), "f4"))
    assert empty.shape == (0, 3)


def test_dynamic_dimensions(executable: lr.Executable) -> None:
    for n in (1, 7, 0):
        x = np.full((n, 3), 2, "f4")
        np.testing.assert_array_equal(host_results(executable, "add_dynamic", x, x)[0], x + x)


def test_several_results_and_constants(executable: lr.Executable) -> None:
    a, b = np.arange(4, dtype="f4"), np.full(4, 0.5, "f4")
    for result, expected in zip(host_results(executable, "sum_and_both", a, b), (a + b, a, b), strict=True):
        np.testing.assert_array_equal(result, expected)
    assert host_results(executable, "constant")[0].tolist() == [1, 2, 3]


def test_strided_swapped_read_only_arguments(large_executable: lr.Executable, executable: lr.Executable) -> None:
    base = np.arange(2 * BIG, dtype="f4")
    frozen = base[:BIG].copy()
    frozen.setflags(write=False)
    for program in (executable, large_executable):
        for x in (base[::2], base[:BIG][::-1], base[1 : BIG + 1], base[:BIG].astype(">f4"), frozen):
            np.testing.assert_array_equal(host_results(program, "add_big", x, x)[0], x + x)


def test_device_buffers_as_arguments(executable: lr.Executable, cpu: lr.Device) -> None:
    x = np.arange(BIG, dtype="f4")
    view = lr.to_device(x, cpu)
    (view,) = executable.function("add_big")((view, x))
    np.testing.assert_array_equal(host_results(executable, "add_big", view, view)[0], 4 * x)


@pytest.mark.parametrize("name", ["identity_big", "reshape_big", "half_big"])
@pytest.mark.parametrize("program", ["executable", "large_executable"])
def test_results_do_not_alias_arguments(name: str, program: str, request: pytest.FixtureRequest) -> None:
    x = lr.aligned_empty((BIG,), np.dtype("f4"))
    x[:] = np.arange(BIG)
    (result,) = host_results(request.getfixturevalue(program), name, x)
    before = result.copy()
    x[:] = -1
    np.testing.assert_array_equal(result, before)
    assert not np.shares_memory(result, x)


@pytest.mark.parametrize("program", ["executable", "large_executable"])
def test_results_do_not_alias_the_copies_of_earlier_calls(program: str, request: pytest.FixtureRequest) -> None:
    """Unaligned arguments are copied to memory that the next call uses again."""
    loaded = request.getfixturevalue(program)
    raw = lr.aligned_empty((BIG + 1,), np.dtype("f4"))
    results = []
    for i in range(4):
        raw[:] = i
        results += [*host_results(loaded, "identity_big", raw[1:]), *host_results(loaded, "half_big", raw[1:])]
        with pytest.raises(lr.ExecutionError):
            host_results(loaded, "add_big", raw[1:], raw)
    assert [set(result.tolist()) for result in results] == [{i} for i in range(4) for _ in range(2)]


def test_the_identity_would_alias(executable: lr.Executable, cpu: lr.Device) -> None:
    """The trap is real: with a borrowed buffer as explicit argument the result is that buffer."""
    x = lr.aligned_empty((BIG,), np.dtype("f4"))
    (result,) = host_results(executable, "identity_big", lr.to_device(x, cpu, alias=True))
    assert np.shares_memory(result, x)


def test_big_bf16_does_not_alias(executable: lr.Executable) -> None:
    x = lr.aligned_empty((BIG,), DTYPES["bf16"])
    x[:] = 3
    (result,) = host_results(executable, "identity_big_bf16", x, dtype=x.dtype)
    x[:] = 4
    assert (result == 3).all()


@pytest.mark.parametrize("program", ["executable", "large_executable"])
def test_threads(program: str, request: pytest.FixtureRequest) -> None:
    loaded = request.getfixturevalue(program)

    def work(i: int) -> bool:
        small, big = np.full(4, i, "f4"), lr.aligned_empty((BIG,), np.dtype("f4"))
        big[:] = i
        unaligned = np.full(BIG + 1, i, "f4")[1:]
        right = True
        for _ in range(30):
            right &= bool((host_results(loaded, "add", small, small)[0] == 2 * i).all())
            right &= bool((host_results(loaded, "add_big", big, big)[0] == 2 * i).all())
            right &= bool((host_results(loaded, "identity_big", big)[0] == i).all())
            right &= bool((host_results(loaded, "add_big", unaligned, big)[0] == 2 * i).all())
        return right

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16)))


FOUR = np.ones(4, "f4")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([FOUR], "expected 2 arguments but passed 1"),
        ([FOUR] * 3, "expected 2 arguments but passed 3"),
        ([FOUR, np.ones(5, "f4")], "input1 shape dimension 0 mismatch; expected 4 but have 5"),
        ([np.ones((2, 2), "f4"), FOUR], "input0 shape rank mismatch"),
        ([FOUR, np.ones(4, "f8")], "input1 element type mismatch; expected f32"),
    ],
)
def test_wrong_calls_are_errors(args: list[np.ndarray], message: str, executable: lr.Executable) -> None:
    with pytest.raises(lr.ExecutionError, match="add failed on cpu:0: ") as raised:
        executable.function("add")(args)
    assert message in str(raised.value)
    assert "runtime/src" not in str(raised.value) and "\n" not in str(raised.value)


def test_an_unknown_function(executable: lr.Executable) -> None:
    with pytest.raises(lr.ExecutionError, match="the program has no function 'nope'; it has identity_f16, "):
        executable.function("nope")


@pytest.mark.parametrize("vmfb", [b"", b"garbage" * 100])
def test_what_is_no_program(vmfb: bytes, cpu: lr.Device) -> None:
    with pytest.raises(lr.ExecutionError, match="the program cannot be loaded on cpu:0: FlatBuffer"):
        lr.Executable(vmfb, cpu)


def test_memory_that_is_not_there(executable: lr.Executable) -> None:
    assert issubclass(lr.DeviceMemoryError, MemoryError)
    assert issubclass(lr.DeviceMemoryError, RuntimeError)

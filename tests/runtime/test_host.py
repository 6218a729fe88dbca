"""Compiled code that calls Python."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lamina_runtime as lr

from .conftest import BIG, compiled

HOST_MLIR = f"""
util.func private @host.solve(!hal.buffer_view, !hal.buffer_view) -> !hal.buffer_view
util.func private @host.divide(!hal.buffer_view, !hal.buffer_view) -> (!hal.buffer_view, !hal.buffer_view)
util.func private @host.see(!hal.buffer_view)
util.func private @host.counter() -> !hal.buffer_view

func.func @solve(%a: tensor<3x3xf32>, %b: tensor<3xf32>) -> tensor<3xf32> {{
  %sum = arith.addf %b, %b : tensor<3xf32>
  %0 = hal.tensor.export %a : tensor<3x3xf32> -> !hal.buffer_view
  %1 = hal.tensor.export %sum : tensor<3xf32> -> !hal.buffer_view
  %2 = util.call @host.solve(%0, %1) : (!hal.buffer_view, !hal.buffer_view) -> !hal.buffer_view
  %3 = hal.tensor.import %2 : !hal.buffer_view -> tensor<3xf32>
  %4 = arith.mulf %3, %3 : tensor<3xf32>
  return %4 : tensor<3xf32>
}}
func.func @divide(%a: tensor<4xi32>, %b: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>) {{
  %0 = hal.tensor.export %a : tensor<4xi32> -> !hal.buffer_view
  %1 = hal.tensor.export %b : tensor<4xi32> -> !hal.buffer_view
  %2:2 = util.call @host.divide(%0, %1)
      : (!hal.buffer_view, !hal.buffer_view) -> (!hal.buffer_view, !hal.buffer_view)
  %3 = hal.tensor.import %2#0 : !hal.buffer_view -> tensor<4xi32>
  %4 = hal.tensor.import %2#1 : !hal.buffer_view -> tensor<4xi32>
  return %3, %4 : tensor<4xi32>, tensor<4xi32>
}}
func.func @see(%a: tensor<{BIG}xf32>) -> tensor<{BIG}xf32> {{
  %0 = hal.tensor.export %a : tensor<{BIG}xf32> -> !hal.buffer_view
  util.call @host.see(%0) : (!hal.buffer_view) -> ()
  %1 = arith.addf %a, %a : tensor<{BIG}xf32>
  return %1 : tensor<{BIG}xf32>
}}
func.func @counter() -> tensor<i32> {{
  %0 = util.call @host.counter() : () -> !hal.buffer_view
  %1 = hal.tensor.import %0 : !hal.buffer_view -> tensor<i32>
  return %1 : tensor<i32>
}}
"""


class Host:
    """The Python side; `returns` replaces what a function would return."""

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []
        self.returns: dict[str, object] = {}
        self.calls = 0

    def solve(self, a: np.ndarray, b: np.ndarray) -> object:
        assert not a.flags.writeable and a.dtype == b.dtype == np.float32
        return self.returns.get("solve", np.linalg.solve(a.astype("f8"), b))

    def divide(self, a: np.ndarray, b: np.ndarray) -> object:
        assert a.dtype == np.uint32
        return self.returns.get("divide", np.divmod(a, b))

    def counter(self) -> int:
        self.calls += 1
        return self.calls

    def module(self) -> lr.HostModule:
        functions = {
            "solve": ("f32, f32 -> f32", self.solve),
            "divide": ("u32, u32 -> u32, u32", self.divide),
            "see": ("f32 ->", self.seen.append),
            "counter": ("-> i32", self.counter),
        }
        return lr.HostModule("host", functions)


@pytest.fixture(scope="session")
def host_vmfb() -> bytes:
    return compiled(HOST_MLIR)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture(params=["small", "large"])
def program(request: pytest.FixtureRequest, host: Host, host_vmfb: bytes, cpu: lr.Device) -> lr.Executable:
    return lr.Executable(host_vmfb, cpu, large=request.param == "large", host_modules=[host.module()])


def results(program: lr.Executable, name: str, *args: object, dtype: str = "f4") -> list[np.ndarray]:
    views = program.function(name)(args)
    return [lr.to_host(v, np.dtype(dtype), tuple(v.shape), program.device) for v in views]


A = np.array([[2, 1, 0], [0, 3, 1], [1, 0, 4]], "f4")
B = np.array([1, 2, 3], "f4")


def test_python_between_compiled_code(program: lr.Executable) -> None:
    expected = np.linalg.solve(A.astype("f8"), B + B).astype("f4") ** 2
    np.testing.assert_array_equal(results(program, "solve", A, B)[0], expected)


def test_several_results_and_unsigned_integers(program: lr.Executable) -> None:
    a, b = np.full(4, 2**32 - 1, "u4"), np.array([1, 2, 3, 1000], "u4")
    for result, expected in zip(results(program, "divide", a, b, dtype="u4"), np.divmod(a, b), strict=True):
        np.testing.assert_array_equal(result, expected)


def test_no_arguments_and_no_results(program: lr.Executable, host: Host) -> None:
    assert [int(results(program, "counter", dtype="i4")[0]) for _ in range(3)] == [1, 2, 3]


def test_what_python_keeps_stays_as_it_was(program: lr.Executable, host: Host) -> None:
    x = lr.aligned_empty((BIG,), np.dtype("f4"))
    x[:] = np.arange(BIG)
    results(program, "see", x)
    x[:] = 0
    np.testing.assert_array_equal(host.seen[0], np.arange(BIG, dtype="f4"))


def test_an_exception_in_python_reaches_the_caller(program: lr.Executable) -> None:
    singular = np.zeros((3, 3), "f4")
    with pytest.raises(lr.ExecutionError) as raised:
        results(program, "solve", singular, B)
    assert str(raised.value) == "solve failed on cpu:0: a Python function it calls raised LinAlgError: Singular matrix"
    assert isinstance(raised.value.__cause__, np.linalg.LinAlgError)
    np.testing.assert_array_equal(np.isfinite(results(program, "solve", A, B)[0]), True)


def test_an_interrupt_in_python_stays_an_interrupt(program: lr.Executable, host: Host) -> None:
    class Interrupting:
        def __array__(self, *_args: object, **_kwargs: object) -> np.ndarray:
            raise KeyboardInterrupt

    host.returns["solve"] = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        results(program, "solve", A, B)


@pytest.mark.parametrize(
    ("name", "returned", "message"),
    [
        ("solve", np.ones(4), "expected 3 but have 4"),
        ("solve", "text", "raised ValueError"),
        ("divide", np.ones(4), "raised TypeError: host function 'divide' has to return 2 arrays"),
        ("divide", None, "raised TypeError: host function 'divide' has to return 2 arrays, it returned []"),
    ],
)
def test_wrong_returns(name: str, returned: object, message: str, program: lr.Executable, host: Host) -> None:
    host.returns[name] = returned
    args = (A, B) if name == "solve" else (np.ones(4, "u4"), np.ones(4, "u4"))
    with pytest.raises(lr.ExecutionError, match=f"{name} failed on cpu:0") as raised:
        results(program, name, *args)
    assert message in str(raised.value)


def test_threads_get_their_own_errors(program: lr.Executable) -> None:
    def work(i: int) -> bool:
        if i % 2:
            return bool(np.isfinite(results(program, "solve", A, B)[0]).all())
        with pytest.raises(lr.ExecutionError, match="Singular"):
            results(program, "solve", np.zeros((3, 3), "f4"), B)
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(40)))


def test_a_missing_host_module(host_vmfb: bytes, cpu: lr.Device) -> None:
    with pytest.raises(lr.ExecutionError, match=r"cannot be loaded on cpu:0: .*host"):
        lr.Executable(host_vmfb, cpu)


def test_bad_signatures() -> None:
    with pytest.raises(ValueError, match=r"signature 'f32' of a host function has no '->'"):
        lr.HostModule("host", {"f": ("f32", abs)})
    with pytest.raises(KeyError, match="unknown dtype 'float'"):
        lr.HostModule("host", {"f": ("float -> f32", abs)})

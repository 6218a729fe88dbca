"""Compiled code that calls Python: references of ops, and callbacks in loops and branches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from op_cases import to_bytes

from lamina_compiler import backend, functions, host_calls, legality, mlir, pipeline
from lamina_compiler.builder import Builder
from lamina_compiler.control.loop_lowering import append_choice, append_loop, append_while
from lamina_compiler.errors import IllegalOperation
from lamina_compiler.host_calls import Callback, call_callback
from lamina_compiler.linalg_builder import LinalgBuilder
from lamina_compiler.mlir import ir
from lamina_compiler.scalar_functions import ScalarFunctions
from lamina_compiler.types import BOOL_DTYPE, BY_SHORT_NAME, TensorType, to_ir
from lamina_runtime import ExecutionError, HostModule, buffer, device, devices
from lamina_runtime.call import Executable

F32, I32, U8 = (BY_SHORT_NAME[name] for name in ("f32", "i32", "u8"))
VECTOR, INDEX, PREDICATE = TensorType((3,), F32), TensorType((), I32), TensorType((), BOOL_DTYPE)
PLACES = [
    pytest.param("cpu", False, id="cpu-small"),
    pytest.param("cpu", True, id="cpu-large"),
    pytest.param("vulkan", False, id="vulkan", marks=pytest.mark.skipif(not devices("vulkan"), reason="no Vulkan")),
]

mlir.enter()


Body = Callable[[LinalgBuilder, list[ir.Value]], Sequence[ir.Value]]


def lowered(*parts: tuple[str, Sequence[TensorType], Body]) -> ir.Module:
    """A module of functions whose bodies are written through a LinalgBuilder."""
    module = functions.new_module()
    for name, types, body in parts:
        function = functions.create(module, name, [to_ir(t) for t in types], [], public=True)
        lw = LinalgBuilder(
            ir.InsertionPoint(functions.block(function)), function.location, ScalarFunctions(module, has_f64=False)
        )
        functions.append_return(function, body(lw, functions.arguments(function)))
    mlir.run_passes(module.operation, "canonicalize,cse,symbol-dce", verify=True)
    legality.check(module, "linalg")
    return module


def load(module: ir.Module, target: str, large: bool) -> Executable:
    linked = HostModule(host_calls.MODULE, host_calls.exports(module))
    return Executable(backend.compile(to_bytes(module), target), device(target), large=large, host_modules=[linked])


def call(program: Executable, name: str, *arrays: np.ndarray, result: TensorType = VECTOR) -> np.ndarray:
    (view,) = program.function(name)(arrays)
    return buffer.to_host(view, result.dtype, result.shape, program.device)


X = np.array([1, 2, 3], F32)


class Host:
    """Callbacks, and the order in which they were called."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.doubled = Callback(self._double, "double")
        self.noted = Callback(self._note, "note")
        self.below = Callback(lambda x: x.sum() < 40, "below")
        self.wrong = Callback(lambda x: self.returned, "wrong")
        self.returned: object = None

    def _double(self, x: np.ndarray) -> np.ndarray:
        self.seen.append("double")
        if not np.isfinite(x).all():
            raise ZeroDivisionError("no doubling of infinity")
        return x * 2

    def _note(self, x: np.ndarray, i: np.ndarray) -> None:
        self.seen.append(f"note {int(i)}")

    def module(self) -> ir.Module:
        def double(lw: LinalgBuilder, x: ir.Value) -> ir.Value:
            return call_callback(lw, self.doubled.name, [x], [VECTOR], [VECTOR])[0]

        def note(lw: LinalgBuilder, x: ir.Value, number: int) -> None:
            call_callback(lw, self.noted.name, [x, lw.constant(np.array(number, I32))], [VECTOR, INDEX], [])

        def straight(lw: LinalgBuilder, args: list[ir.Value]) -> list[ir.Value]:
            note(lw, args[0], 1)
            y = double(lw, args[0])
            note(lw, y, 2)
            return [double(lw, args[0])]  # the same once more: calls may have effects

        def looped(lw: LinalgBuilder, args: list[ir.Value]) -> list[ir.Value]:
            def iteration(inner: LinalgBuilder, _: ir.Value, state: list[ir.Value]) -> list[ir.Value]:
                note(inner, state[0], 3)
                return [double(inner, state[0])]

            return append_loop(lw, 3, args, iteration)

        def repeated(lw: LinalgBuilder, args: list[ir.Value]) -> list[ir.Value]:
            def condition(inner: LinalgBuilder, state: list[ir.Value]) -> ir.Value:
                return inner.extract(call_callback(inner, self.below.name, state, [VECTOR], [PREDICATE])[0], [])

            return append_while(lw, args, condition, lambda inner, state: [double(inner, state[0])])

        def branching(lw: LinalgBuilder, args: list[ir.Value]) -> list[ir.Value]:
            def on_false(inner: LinalgBuilder) -> list[ir.Value]:
                note(inner, args[0], 4)
                return [args[0]]

            return append_choice(
                lw, lw.extract(args[1], []), [args[0].type], lambda inner: [double(inner, args[0])], on_false
            )

        def wrong(lw: LinalgBuilder, args: list[ir.Value]) -> list[ir.Value]:
            return call_callback(lw, self.wrong.name, args, [VECTOR], [VECTOR])

        parts = [("straight", straight), ("looped", looped), ("repeated", repeated), ("wrong", wrong)]
        return lowered(*((name, [VECTOR], body) for name, body in parts), ("branching", [VECTOR, PREDICATE], branching))


@pytest.mark.parametrize(("target", "large"), PLACES)
def test_callbacks_in_straight_code_loops_and_branches(target: str, large: bool) -> None:
    host = Host()
    program = load(host.module(), target, large)
    np.testing.assert_array_equal(call(program, "straight", X), 2 * X)
    assert host.seen == ["note 1", "double", "note 2", "double"]
    host.seen.clear()
    np.testing.assert_array_equal(call(program, "looped", X), 8 * X)
    assert host.seen == ["note 3", "double"] * 3
    host.seen.clear()
    np.testing.assert_array_equal(call(program, "repeated", X), 8 * X)
    assert host.seen == ["double"] * 3
    host.seen.clear()
    np.testing.assert_array_equal(call(program, "branching", X, np.asarray(True)), 2 * X)
    np.testing.assert_array_equal(call(program, "branching", X, np.asarray(False)), X)
    assert host.seen == ["double", "note 4"]


@pytest.mark.parametrize(("target", "large"), PLACES)
def test_exceptions_reach_the_caller_and_the_program_stays_usable(target: str, large: bool) -> None:
    program = load(Host().module(), target, large)
    for name in ("straight", "looped"):
        with pytest.raises(ExecutionError, match="raised ZeroDivisionError: no doubling of infinity") as raised:
            call(program, name, X * np.float32(np.inf))
        assert isinstance(raised.value.__cause__, ZeroDivisionError)
    np.testing.assert_array_equal(call(program, "looped", X), 8 * X)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.ones(4, "f4"), r"has to return f32\[3\], it returned f32\[4\]"),
        (np.ones(3, "f8"), r"has to return f32\[3\], it returned f64\[3\]"),
        ([1, 2], r"has to return f32\[3\], it returned f32\[2\]"),
        (None, r"has to return f32\[3\]"),
    ],
)
def test_results_of_callbacks_are_checked(returned: object, message: str) -> None:
    host = Host()
    program = load(host.module(), "cpu", False)
    host.returned = returned
    with pytest.raises(ExecutionError, match=message):
        call(program, "wrong", X)
    host.returned = [1, 2, 3]  # numbers have no dtype yet
    np.testing.assert_array_equal(call(program, "wrong", X), X)


def test_names_are_deterministic_and_free_again() -> None:
    first, second = Callback(abs, "f"), Callback(abs, "f")
    assert [first.name, second.name] == ["f_0", "f_1"]
    assert host_calls.callback("f_1") is second
    del first
    assert Callback(abs, "f").name == "f_0"
    with pytest.raises(KeyError):
        host_calls.callback("f_7")


# ---- ops that are lowered to a call of their reference --------------------------------------------------------------


def hessenberg_twice() -> ir.Module:
    module = functions.new_module()
    types = [TensorType((2, 2), F32), TensorType((3, 2, 2), F32)]
    function = functions.create(module, "main", [to_ir(t) for t in types], [], public=True)
    b = Builder(ir.InsertionPoint(functions.block(function)), ir.Location.unknown())
    x, y = functions.arguments(function)
    functions.append_return(function, [*b.hessenberg(x), *b.hessenberg(b.hessenberg(x)[0]), *b.hessenberg(y)])
    return module


def test_a_reference_is_declared_once_for_each_signature() -> None:
    module = hessenberg_twice()
    pipeline.run(module)
    needed = host_calls.host_functions(module)
    assert [(f.name, f.what, f.signature) for f in needed] == [
        ("hessenberg_0", "hessenberg", "f32[2,2] -> f32[2,2], f32[1]"),
        ("hessenberg_1", "hessenberg", "f32[3,2,2] -> f32[3,2,2], f32[3,1]"),
    ]
    again = hessenberg_twice()
    pipeline.run(again)
    assert str(again) == str(module)  # what the disk cache goes by
    read = ir.Module.parse(to_bytes(module))
    assert [f.signature for f in host_calls.host_functions(read)] == [f.signature for f in needed]


def test_signs_of_integers_and_attributes_are_kept() -> None:
    callback, type = Callback(lambda x: x, "same"), TensorType((2,), U8)

    def body(lw: LinalgBuilder, _: list[ir.Value]) -> list[ir.Value]:
        return call_callback(lw, callback.name, [lw.constant(np.array([255, 1], U8))], [type], [type])

    module = lowered(("main", [], body))
    (needed,) = host_calls.host_functions(module)
    assert needed.signature == "u8[2] -> u8[2]"
    np.testing.assert_array_equal(call(load(module, "cpu", False), "main", result=type), [255, 1])


def test_other_declarations_are_illegal_in_a_lowered_program() -> None:
    module = ir.Module.parse("func.func private @unknown(tensor<f32>) -> tensor<f32>")
    with pytest.raises(IllegalOperation, match=r"must not exist: 'func\.func'"):
        legality.check(module, "linalg")


@pytest.mark.parametrize(
    ("size", "has_host", "called"), [(64, True, []), (1024, True, ["cholesky"]), (1024, False, [])]
)
def test_lapack_is_called_for_large_matrices_where_there_is_python(
    size: int, has_host: bool, called: list[str]
) -> None:
    module = functions.new_module()
    function = functions.create(module, "main", [to_ir(TensorType((size, size), F32))], [], public=True)
    b = Builder(ir.InsertionPoint(functions.block(function)), ir.Location.unknown())
    functions.append_return(function, [b.cholesky(*functions.arguments(function))])
    pipeline.run(module, has_host=has_host)
    assert [f.what for f in host_calls.host_functions(module)] == called

"""Modules with kernels, which are not there while IREE works on the program around them."""

import numpy as np
import pytest
from backend_programs import run

from lamina_compiler import backend

X = np.array([1.0, -2.0, 0.5, 3.0], np.float32)

_LAYOUT = (
    "#hal.pipeline.layout<bindings = [#hal.pipeline.binding<storage_buffer, ReadOnly>, "
    "#hal.pipeline.binding<storage_buffer>]>"
)


def kernel(symbol: str, operation: str, value: float) -> str:
    """The function of an executable's export: out[i] = x[i] `operation` value."""
    memory = "memref<4xf32>"
    subspan = f"hal.interface.binding.subspan layout({_LAYOUT})"
    return f"""func.func @{symbol}() {{
      %zero = arith.constant 0 : index
      %x = {subspan} binding(0) alignment(4) offset(%zero) : {memory}
      %out = {subspan} binding(1) alignment(4) offset(%zero) : {memory}
      %value = arith.constant dense<{value:e}> : vector<4xf32>
      %0 = vector.load %x[%zero] : {memory}, vector<4xf32>
      %1 = {operation} %0, %value : vector<4xf32>
      vector.store %1, %out[%zero] : {memory}, vector<4xf32>
      return }}"""


def executable(name: str, **kernels: tuple[str, float]) -> str:
    """An executable with an export of each kernel: (operation, value) by symbol."""
    exports = "".join(
        f"""hal.executable.export public @{symbol} ordinal({i}) layout({_LAYOUT}) count(%device: !hal.device) -> (index, index, index) {{
          %one = arith.constant 1 : index
          hal.return %one, %one, %one : index, index, index }}
        """
        for i, symbol in enumerate(kernels)
    )  # fmt: skip
    code = "\n".join(kernel(symbol, *what) for symbol, what in kernels.items())
    return f"hal.executable.source private @{name} {{ {exports} builtin.module {{ {code} }} }}\n"


def program(*entries: str) -> str:
    """@f: these exports, one after another."""
    tensor, lines = "tensor<4xf32>", []
    for i, entry in enumerate(entries):
        lines.append(f"%{i + 1} = flow.dispatch {entry}(%{i}) : ({tensor}) -> {tensor}")
    body = "\n".join(lines)
    return f"func.func @f(%0: {tensor}) -> {tensor} {{ {body}\n return %{len(entries)} : {tensor} }}"


def test_every_kernel_comes_back_to_its_place():
    executables = [executable(f"k{i}", **{f"k{i}": ("arith.addf", float(10**i))}) for i in range(4)]
    module = "".join(executables) + program("@k3::@k3", "@k1::@k1", "@k1::@k1")  # k0 and k2: nobody calls them
    np.testing.assert_array_equal(run(backend.compile(module), X), X + 1020)


def test_an_executable_of_several_kernels():
    module = executable("both", add=("arith.addf", 3.0), scale=("arith.mulf", 2.0))
    np.testing.assert_array_equal(run(backend.compile(module + program("@both::@scale", "@both::@add")), X), 2 * X + 3)


def test_kernels_beside_dispatches_of_irees():
    calls = program("@k::@k").replace("return %1", "%2 = arith.mulf %1, %0 : tensor<4xf32> return %2")
    module = executable("k", k=("arith.addf", 1.0)) + calls
    np.testing.assert_array_equal(run(backend.compile(module), X), (X + 1) * X)


def test_names_of_any_letters():
    name = '"<lambda> \\"\\CE\\BB\\" \\\\ 1"'
    module = executable(name, **{name: ("arith.addf", 1.0)}) + program(f"@{name}::@{name}")
    np.testing.assert_array_equal(run(backend.compile(module), X), X + 1)


def test_a_kernel_that_is_wrong_is_refused():
    wrong = executable("k", k=("arith.addf", 1.0)).replace("vector.store %1", "vector.store %missing")
    with pytest.raises(backend.CompileError, match="use of undeclared SSA value name"):
        backend.compile(wrong + program("@k::@k"))


def test_a_kernel_that_no_code_can_be_made_of_is_refused():
    scratch = "memref<100000xf32>"
    much = f"%much = memref.alloca() : {scratch} vector.store %value, %much[%zero] : {scratch}, vector<4xf32>"
    used = f"%again = vector.load %much[%zero] : {scratch}, vector<4xf32> vector.store %again, %out"
    module = executable("k", k=("arith.addf", 1.0)).replace("vector.store %1, %out", f"{much} {used}")
    with pytest.raises(backend.CompileError, match="stack"):
        backend.compile(module + program("@k::@k"))


def test_kernels_of_constants():
    constant = "%0 = arith.constant dense<[1.0, -2.0, 0.5, 3.0]> : tensor<4xf32>"
    calls = program("@k::@k").replace("(%0: tensor<4xf32>)", "()").replace("{ %1", f"{{ {constant} %1")
    module = executable("k", k=("arith.addf", 1.0)) + calls
    np.testing.assert_array_equal(run(backend.compile(module)), X + 1)

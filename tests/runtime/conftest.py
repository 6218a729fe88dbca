"""One compiled module for all tests of the runtime, for the CPU and (where there is a driver) for Vulkan."""

from __future__ import annotations

import iree.compiler
import numpy as np
import pytest

import lamina_runtime as lr
from lamina_runtime.dtypes import DTYPES

MLIR_TYPES = {
    **{name: name for name in ("f16", "bf16", "f32", "f64")},
    **{f"{sign}{bits}": f"i{bits}" for sign in "iu" for bits in (8, 16, 32, 64)},
    "bool": "i1",
    "c64": "complex<f32>",
    "c128": "complex<f64>",
    "key<fry>": "i64",
}
BIG = 65536  # elements; far above buffer.SMALL
CPU_FLAGS = ("--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu")
CPU_FLAGS += ("--iree-llvmcpu-target-cpu=generic", "--iree-input-demote-f64-to-f32=false")
# Mesa's lavapipe needs this target: with the default one, 8- and 16-bit types give wrong results.
VULKAN_FLAGS = ("--iree-hal-target-device=vulkan", "--iree-vulkan-target=valhall4")


def function(name: str, arguments: str, results: str, *body: str) -> str:
    return f"func.func @{name}({arguments}) -> ({results}) {{\n  " + "\n  ".join(body) + "\n}"


def binary(name: str, op: str, type_: str) -> str:
    body = f"%0 = {op} %a, %b : {type_}", f"return %0 : {type_}"
    return function(name, f"%a: {type_}, %b: {type_}", type_, *body)


def identity(name: str, type_: str) -> str:
    return function(name, f"%a: {type_}", type_, f"return %a : {type_}")


def mlir(types: dict[str, str]) -> str:
    big, half, grid = f"tensor<{BIG}xf32>", f"tensor<{BIG // 2}xf32>", f"tensor<2x{BIG // 2}xf32>"
    functions = [
        *(identity(f"identity_{name.partition('<')[0]}", f"tensor<2x3x{t}>") for name, t in types.items()),
        identity("identity_scalar", "tensor<f32>"),
        identity("identity_empty", "tensor<0x3xf32>"),
        identity("identity_big", big),
        identity("identity_big_bf16", f"tensor<{BIG}xbf16>"),
        binary("xor", "arith.xori", "tensor<4xi1>"),
        binary("add", "arith.addf", "tensor<4xf32>"),
        binary("add_u32", "arith.addi", "tensor<4xi32>"),
        binary("add_scalar", "arith.addf", "tensor<f32>"),
        binary("add_empty", "arith.addf", "tensor<0x3xf32>"),
        binary("add_big", "arith.addf", big),
        binary("add_dynamic", "arith.addf", "tensor<?x3xf32>"),
        function(
            "reshape_big",
            f"%a: {big}",
            grid,
            f"%0 = tensor.expand_shape %a [[0, 1]] output_shape [2, {BIG // 2}] : {big} into {grid}",
            f"return %0 : {grid}",
        ),
        function(
            "half_big",
            f"%a: {big}",
            half,
            f"%0 = tensor.extract_slice %a[0] [{BIG // 2}] [1] : {big} to {half}",
            f"return %0 : {half}",
        ),
        function("constant", "", "tensor<3xf32>", "%0 = arith.constant dense<[1., 2., 3.]> : tensor<3xf32>")[:-1]
        + "  return %0 : tensor<3xf32>\n}",
        function(
            "sum_and_both",
            "%a: tensor<4xf32>, %b: tensor<4xf32>",
            "tensor<4xf32>, tensor<4xf32>, tensor<4xf32>",
            "%0 = arith.addf %a, %b : tensor<4xf32>",
            "return %0, %a, %b : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>",
        ),
    ]
    return "\n".join(functions)


def compiled(text: str, flags: tuple[str, ...] = CPU_FLAGS) -> bytes:
    return iree.compiler.compile_str(text, extra_args=list(flags))


@pytest.fixture(scope="session")
def vmfb() -> bytes:
    return compiled(mlir(MLIR_TYPES))


@pytest.fixture(scope="session")
def cpu() -> lr.Device:
    return lr.device("cpu")


@pytest.fixture(scope="session")
def executable(vmfb: bytes, cpu: lr.Device) -> lr.Executable:
    return lr.Executable(vmfb, cpu)


@pytest.fixture(scope="session")
def large_executable(vmfb: bytes, cpu: lr.Device) -> lr.Executable:
    return lr.Executable(vmfb, cpu, large=True)


@pytest.fixture(scope="session")
def vulkan() -> lr.Device:
    if not lr.devices("vulkan"):
        pytest.skip("no Vulkan driver on this machine (Mesa's lavapipe would do)")
    return lr.device("vulkan")


@pytest.fixture(scope="session")
def vulkan_vmfb(vulkan: lr.Device) -> bytes:
    types = {name: t for name, t in MLIR_TYPES.items() if name not in ("f64", "c128")}  # Vulkan has no f64
    return compiled(mlir(types), VULKAN_FLAGS)


@pytest.fixture(scope="session")
def vulkan_executable(vulkan_vmfb: bytes, vulkan: lr.Device) -> lr.Executable:
    return lr.Executable(vulkan_vmfb, vulkan)


def host_results(executable: lr.Executable, name: str, *args: object, dtype: object = np.float32) -> list[np.ndarray]:
    """Call and bring every result to the host as `dtype`."""
    views = executable.function(name)(args)
    return [lr.to_host(v, np.dtype(dtype), tuple(v.shape), executable.device) for v in views]


def sample(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Values of dtype `name` that include the extremes of the type."""
    dtype = DTYPES[name]
    values = np.arange(int(np.prod(shape))).reshape(shape)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return np.where(values == 1, info.min, np.where(values == 2, info.max, values)).astype(dtype)
    if dtype.kind == "b":
        return values % 2 == 1
    if dtype.names:  # keys are two words
        return np.stack([values, ~values], axis=-1).astype(np.uint32).view(dtype).reshape(shape)
    array = (values % 100 - 2.5).astype(dtype)
    array.reshape(-1)[:1] = np.inf
    return array

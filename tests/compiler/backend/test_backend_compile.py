import io

import iree.compiler.api
import numpy as np
import pytest
from backend_programs import CRASHING, add_constant, elementwise, matmul, run
from iree.compiler import ir

from lamina_compiler import backend
from lamina_compiler.backend import driver
from lamina_compiler.backend.options import ALLOWED_FLAGS
from lamina_compiler.backend.targets import Target

X = np.array([1.0, -2.0, 0.5, 3.0], np.float32)


def test_text_compiles_and_runs():
    np.testing.assert_array_equal(run(backend.compile(add_constant(1.0)), X), X + 1)


def test_bytecode_with_a_large_constant_compiles_and_runs():
    constant = np.arange(4, dtype=np.float32)
    with ir.Context(), ir.Location.unknown():
        module = ir.Module.parse(f"""func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {{
          %c = arith.constant dense<{constant.tolist()}> : tensor<4xf32>
          %big = arith.constant dense_resource<weights> : tensor<64xf32>
          %part = tensor.extract_slice %big[8] [4] [1] : tensor<64xf32> to tensor<4xf32>
          %0 = arith.addf %x, %c : tensor<4xf32>
          %1 = arith.addf %0, %part : tensor<4xf32>
          return %1 : tensor<4xf32> }}
        {{-# dialect_resources: {{ builtin: {{ weights: "0x40000000{"0000803f" * 64}" }} }} #-}}""")
        stream = io.BytesIO()
        module.operation.write_bytecode(stream)
    np.testing.assert_array_equal(run(backend.compile(stream.getvalue()), X), X + constant + 1)


def test_f64_stays_f64():
    x = np.array([1 / 3, 1e-300, 1e300, -0.1])
    result = run(backend.compile(elementwise("arith.addf %x, %x", "f64")), x)
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, x + x)


def test_several_targets():
    artifacts = backend.compile_all(add_constant(2.0), ["cpu-x86-64-v3", "cpu-aarch64", "vulkan", "cuda"])
    assert list(artifacts) == ["cpu-x86-64-v3", "cpu-aarch64", "vulkan", "cuda"]
    np.testing.assert_array_equal(run(artifacts["cpu-x86-64-v3"], X), X + 2)
    assert b"embedded-elf-arm_64" in artifacts["cpu-aarch64"]
    assert b"vulkan-spirv" in artifacts["vulkan"]
    assert b".target sm_80" in artifacts["cuda"]


def test_every_other_cuda_target_compiles():
    for name in ("cuda-sm_86", "cuda-sm_89"):
        architecture = name.removeprefix("cuda-").encode()
        assert b".target " + architecture in backend.compile(add_constant(2.0), name)


def test_unknown_target_lists_the_targets():
    with pytest.raises(backend.UnknownTarget, match="Did you mean 'vulkan'") as caught:
        backend.compile(add_constant(1.0), "vulcan")
    assert all(name in str(caught.value) for name in backend.TARGETS)


@pytest.mark.parametrize(
    "flag",
    [
        "--no-such-flag",
        "--iree-hal-local-target-device-backends=vmvx",
        "--iree-llvmcpu-embedded-linker-path=/bin/sh",
        "--iree-opt-const-eval=maybe",
        "--iree-execution-model",
        "--iree-llvmcpu-stack-allocation-limit=-1",
    ],
)
def test_flags_off_the_list_are_refused(flag: str):
    with pytest.raises(backend.FlagRefused, match=flag.partition("=")[0]):
        backend.CompileOptions(flags=(flag,))


def test_iree_takes_every_allowed_flag():
    samples = {r"\d+": "16", "O[0-3]": "O1"}
    session = iree.compiler.api.Session()
    for name, values in ALLOWED_FLAGS.items():
        session.set_flags(f"{name}={samples.get(values, values.partition('|')[0])}")


def test_options_reach_iree():
    options = backend.CompileOptions(opt_level="O0", flags=("--iree-vm-bytecode-module-strip-source-map",))
    with_map, without = backend.compile(add_constant(1.0)), backend.compile(add_constant(1.0), "cpu", options)
    assert len(without) < len(with_map)
    np.testing.assert_array_equal(run(without, X), X + 1)


def test_unknown_opt_level_is_refused():
    with pytest.raises(ValueError, match="'O0', 'O1', 'O2', 'O3', not 'O9'"):
        backend.CompileOptions(opt_level="O9")


def test_a_program_that_data_tiling_breaks_compiles_without():
    # IREE dies on a vector-matrix product with these two flags.
    options = backend.CompileOptions(data_tiling=True, flags=("--iree-llvmcpu-enable-inner-tiled",))
    a, b, bias = (np.ones(shape, np.float32) for shape in ((1, 64), (64, 64), (1, 64)))
    before = backend.statistics()
    artifact = backend.compile(matmul(1), "cpu", options)
    np.testing.assert_array_equal(run(artifact, a, b, bias), np.full((1, 64), 65, np.float32))
    assert backend.statistics().compiles == before.compiles + 2
    assert backend.compile(matmul(1), "cpu", options) == artifact
    assert backend.statistics().compiles == before.compiles + 2


def test_a_program_that_crashes_optimizations_compiles_without(monkeypatch: pytest.MonkeyPatch):
    tried: list[str] = []

    def crashing_above_o0(module: bytes, target: Target, options: backend.CompileOptions, name: str) -> bytes:
        tried.append(options.opt_level)
        if options.opt_level > "O0":
            raise backend.CompilerCrash("IREE's compiler crashed (SIGSEGV).")
        return compiling(module, target, options, name)

    compiling = driver._compile
    monkeypatch.setattr(driver, "_compile", crashing_above_o0)
    np.testing.assert_array_equal(run(backend.compile(add_constant(4.0)), X), X + 4)
    assert tried == ["O2", "O2", "O1", "O0"]


def test_a_crash_leaves_the_next_compile_alone():
    with pytest.raises(backend.CompilerCrash, match="SIGSEGV"):
        backend.compile(CRASHING)
    np.testing.assert_array_equal(run(backend.compile(add_constant(3.0)), X), X + 3)

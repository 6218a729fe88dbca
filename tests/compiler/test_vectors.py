"""Which vector registers kernels are written for."""

from __future__ import annotations

import platform

import numpy as np
import pytest

import lamina as la
import lamina.numpy as lnp
from lamina_compiler import backend, pipeline, targeting, vectors
from lamina_compiler.errors import PassError
from lamina_compiler.mlir import ir
from lamina_compiler.vectors import AVX2, AVX512, AVX_VNNI, NEON, VNNI, Vectors


@pytest.mark.parametrize(
    ("machine", "flags", "found"),
    [
        ("x86_64", "flags : fpu sse2 avx2 avx512f avx512vl", AVX512),
        ("x86_64", "flags : fpu sse2 avx2 avx512f avx512_vnni", VNNI),
        ("AMD64", "flags : fpu sse2 avx2 fma", AVX2),
        ("x86_64", "flags : fpu sse2 avx2 fma avx_vnni", AVX_VNNI),
        ("aarch64", "Features : fp asimd", NEON),
        ("arm64", "", NEON),
    ],
)
def test_this_machine(machine: str, flags: str, found: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(vectors, "description_of_host", lambda: flags)
    assert vectors.vectors_of_host() == found


def test_targets() -> None:
    known = {name: target.vectors for name, target in backend.TARGETS.items()}
    assert known["cpu"] == vectors.vectors_of_host()
    assert (known["cpu-x86-64-v3"], known["cpu-aarch64"]) == (AVX2, NEON)
    assert all(known[name] is None for name in known if not name.startswith("cpu"))


@pytest.mark.parametrize("registers", [AVX512, AVX2, NEON], ids=["AVX-512", "AVX2", "NEON"])
def test_a_vector_has_a_lane_for_each_number_of_a_register(registers: Vectors) -> None:
    x = np.ones((256, 128), np.float32)
    module = ir.Module.parse(str(la.make_ir(lambda x: lnp.sort(lnp.exp(x) / x.sum(0)), x)))
    pipeline.run(module, until="kernelize", vectors=registers)
    lanes = registers.lanes(x.dtype)
    text = str(module)
    assert f"vector<{lanes}xf32>" in text
    assert not any(f"vector<{other}xf32>" in text for other in (16, 8, 4) if other > lanes)


@pytest.mark.parametrize(
    "text", ["3", "array<i64: 32>", "array<i64: 0, 0>", "array<i32: 32, 16>", "array<i64: 16, 32, 1>"]
)
def test_registers_that_no_cpu_has(text: str) -> None:
    la.make_ir(lnp.sin, 1.0)  # enters MLIR's context
    module = ir.Module.parse(f"module attributes {{lamina.vectors = {text}}} {{}}")
    with pytest.raises(PassError) as raised:
        targeting.vectors_of(module)
    known = "array<i64: 64, 32>, array<i64: 64, 32, 1>, array<i64: 32, 16>, array<i64: 32, 16, 1>, array<i64: 16, 32>"
    said = (
        f"'lamina.vectors' is the bytes and the number of a CPU's vector registers, and 1 for VNNI, one of {known}; got"
    )
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("registers", "dtype", "instruction"),
    [
        (VNNI, "int8", "vpdpbusd.512"),
        (AVX_VNNI, "uint8", "vpdpbusd.256"),
        (VNNI, "int16", "vpdpwssd.512"),
        (AVX512, "int8", None),
        (NEON, "int8", None),
    ],
)
def test_products_of_small_integers(registers: Vectors, dtype: str, instruction: str | None) -> None:
    x = np.ones((128, 128), dtype)
    module = ir.Module.parse(str(la.make_ir(lambda x: lnp.matmul(x, x, preferred_element_type="int32"), x)))
    pipeline.run(module, until="linalg", vectors=registers)
    assert ("llvm.call_intrinsic" in str(module)) == (instruction is not None)
    if instruction:
        assert f'"llvm.x86.avx512.{instruction}"' in str(module)

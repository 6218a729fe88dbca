"""The machines we compile for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..vectors import AVX2, NEON, Vectors, vectors_of_host
from .errors import UnknownTarget


@dataclass(frozen=True)
class Target:
    """A kind of machine: how IREE is told about it, and which runtime platform runs the result.

    Attributes:
        name: what users write, e.g. "cpu".
        description: one line for listings.
        platform: the runtime's platform, "local", "vulkan" or "cuda".
        flags: IREE's flags.
        is_host: the result fits the compiling machine's CPU only, and may not run on another.
        has_f64: whether float64 and complex128 can be computed with.
        vectors: a CPU's registers; None: it is a GPU.
        highest_level: the highest of IREE's optimization levels that is used.
    """

    name: str
    description: str
    platform: str
    flags: tuple[str, ...]
    is_host: bool = False
    has_f64: bool = True
    highest_level: str = "O3"
    vectors: Vectors | None = None


# Without it IREE computes f64 programs in f32 and does not say so.
_KEEP_F64 = "--iree-input-demote-f64-to-f32=false"


def _cpu(name: str, description: str, vectors: Vectors, *flags: str, is_host: bool = False) -> Target:
    device = ("--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu")
    return Target(name, description, "local", (*device, *flags, _KEEP_F64), is_host=is_host, vectors=vectors)


def _cuda(name: str, architecture: str) -> Target:
    flags = ("--iree-hal-target-device=cuda", f"--iree-cuda-target={architecture}", _KEEP_F64)
    return Target(name, f"NVIDIA GPUs from {architecture} on (PTX)", "cuda", flags)


# What drivers of Vulkan 1.3 have in common. None of the targets that IREE knows by name will do: its default silently
# miscomputes 8- and 16-bit types, and all others reduce in subgroups of the one size that their GPU has, which on a GPU
# of another size gives wrong sums.
_VULKAN_GPU = """#iree_gpu.target<arch = "", features = "spirv:v1.6,cap:Shader", wgp = <
  compute = fp32|fp16|int32|int16|int8, storage = b64|b32|b16|b8, subgroup = none, subgroup_size_choices = [32],
  max_workgroup_sizes = [256, 256, 64], max_thread_count_per_workgroup = 256, max_workgroup_memory_bytes = 16384,
  max_workgroup_counts = [65535, 65535, 65535]>>"""
_VULKAN_CODE = (
    f"""<"vulkan-spirv", "vulkan-spirv-fb", {{iree_codegen.target_info = {" ".join(_VULKAN_GPU.split())}}}>"""
)
_VULKAN_DEVICE = f"""#hal.device.target<"vulkan", [#hal.executable.target{_VULKAN_CODE}]>"""


def _targets() -> Iterator[Target]:
    host = "--iree-llvmcpu-target-cpu=host"
    yield _cpu("cpu", "the CPU of this machine", vectors_of_host(), host, is_host=True)
    # Not lower than v3: without FMA, IREE's reductions are wrong and `trunc` does not link.
    yield _cpu(
        "cpu-x86-64-v3",
        "any x86-64 CPU with AVX2 and FMA (2013 and later)",
        AVX2,
        "--iree-llvmcpu-target-triple=x86_64-unknown-linux-gnu",
        "--iree-llvmcpu-target-cpu=x86-64-v3",
    )
    yield _cpu(
        "cpu-aarch64",
        "any 64-bit ARM CPU",
        NEON,
        "--iree-llvmcpu-target-triple=aarch64-unknown-linux-gnu",
        "--iree-llvmcpu-target-cpu=generic",
    )
    # Fused with two users of its result, a matmul writes wrong numbers on SPIR-V.
    no_fusion = "--iree-dispatch-creation-fuse-multi-use=false"
    vulkan = (f"--iree-hal-target-device={_VULKAN_DEVICE}", no_fusion, _KEEP_F64)
    # From O2 on, IREE takes minutes to compile some reductions for SPIR-V and refuses others.
    yield Target(
        "vulkan",
        "GPUs of every vendor through Vulkan 1.3 (no float64)",
        "vulkan",
        vulkan,
        has_f64=False,
        highest_level="O1",
    )
    yield _cuda("cuda", "sm_80")
    yield _cuda("cuda-sm_86", "sm_86")
    yield _cuda("cuda-sm_89", "sm_89")


TARGETS: dict[str, Target] = {record.name: record for record in _targets()}


def target(name: str | Target) -> Target:
    """The target called `name`; a `Target` passes through.

    Raises:
        UnknownTarget: no target has this name; the message lists those there are.

    >>> target("cpu").platform
    'local'
    """
    if isinstance(name, Target):
        return name
    if name not in TARGETS:
        from difflib import get_close_matches

        close = get_close_matches(name, TARGETS, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        listing = "\n".join(f"  {known.name:<14} {known.description}" for known in TARGETS.values())
        raise UnknownTarget(f"There is no target {name!r}.{hint} The targets are:\n{listing}")
    return TARGETS[name]

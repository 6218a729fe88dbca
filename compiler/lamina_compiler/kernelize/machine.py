"""What kernels are written for: a CPU's vectors, or the threads of a GPU's workgroup."""

from __future__ import annotations

from typing import NamedTuple

from .. import targeting
from ..mlir import ir


class Machine(NamedTuple):
    """What one workgroup has, and how much a step of a loop may do for one workgroup to be enough.

    Attributes:
        width: lanes of a vector; 1 if there are no vectors.
        threads: that run a kernel together, at most; 1 on a CPU.
        points: that one operation of a step may visit.
        multiply_adds: that the contractions of a step may have.
        iterations: of all loops of a kernel together, at most; None if there is no limit.
        has_i64: 64-bit integers; where there are none, they are emulated.
    """

    width: int
    threads: int
    points: int
    multiply_adds: int
    iterations: int | None = None
    has_i64: bool = True

    @property
    def is_gpu(self) -> bool:
        return self.threads > 1


# 16 lanes: one AVX-512 register of f32; narrower machines take two or four.
CPU = Machine(16, 1, 1 << 18, 1 << 22)
# One workgroup has few of a GPU's threads: more in a step is faster as dispatches (measured on Mesa's software Vulkan).
CUDA = Machine(1, 256, 1 << 14, 1 << 14)
# 128 threads are what every driver has. Mesa's software Vulkan leaves all loops of a thread after 65,535 iterations,
# and drivers of real GPUs stop what runs for seconds.
VULKAN = Machine(1, 128, 1 << 14, 1 << 13, 60_000, has_i64=False)


def machine_of(module: ir.Module) -> Machine:
    if targeting.has_vectors(module):
        return CPU
    return VULKAN if targeting.is_vulkan(module) else CUDA

"""What kernels are written for: a CPU's vectors, or the threads of a GPU's workgroup."""

from __future__ import annotations

from typing import NamedTuple

from .. import targeting
from ..mlir import ir
from ..vectors import AVX512, Vectors


class Machine(NamedTuple):
    """What one workgroup has, and how much a step of a loop may do for one workgroup to be enough.

    Attributes:
        width: lanes of a vector; 1 if there are no vectors.
        threads: that run a kernel together, at most; 1 on a CPU.
        points: that one operation of a step may visit.
        multiply_adds: that the contractions of a step may have.
        row: vectors of a row of results that are added up at once.
        sums: vector registers for running results.
        depth: multiply-adds for an element of a product with what is in a cache at once.
        iterations: of all loops of a kernel together, at most; None if there is no limit.
        has_i64: 64-bit integers; where there are none, they are emulated.
    """

    width: int
    threads: int
    points: int
    multiply_adds: int
    row: int = 4
    sums: int = 16
    depth: int = 1024
    iterations: int | None = None
    has_i64: bool = True

    @property
    def is_gpu(self) -> bool:
        return self.threads > 1

    @property
    def rows(self) -> int:
        """Of results that are added up at once, so that they share loads."""
        return self.sums // self.row


def cpu(vectors: Vectors) -> Machine:
    """A lane for each f32 of a register. Rows of a product are wide where there are registers for 4 × 4 vectors.

    256 KiB of an operand of a product are in the second cache of a core with AVX-512, elsewhere 24 KiB in the first.
    """
    row, sums = (4, 16) if vectors.registers == 32 else (2, 12)
    depth = 1024 if vectors.has_masks else 384
    return Machine(vectors.bytes // 4, 1, 1 << 18, 1 << 22, row, sums, depth)


CPU = cpu(AVX512)
# One workgroup has few of a GPU's threads: more in a step is faster as dispatches (measured on Mesa's software Vulkan).
CUDA = Machine(1, 256, 1 << 14, 1 << 14)
# 128 threads are what every driver has. Mesa's software Vulkan leaves all loops of a thread after 65,535 iterations,
# and drivers of real GPUs stop what runs for seconds.
VULKAN = Machine(1, 128, 1 << 14, 1 << 13, iterations=60_000, has_i64=False)


def machine_of(module: ir.Module) -> Machine:
    if targeting.has_vectors(module):
        return cpu(targeting.vectors_of(module))
    return VULKAN if targeting.is_vulkan(module) else CUDA

"""The vector registers of CPUs, which decide how kernels are written for them."""

from __future__ import annotations

import functools
import platform
from typing import NamedTuple

import numpy as np


class Vectors(NamedTuple):
    """The bytes of a vector register, and how many registers there are.

    `dots`: an instruction multiplies groups of four bytes, or pairs of 16-bit integers, and adds all to 32-bit ones.
    """

    bytes: int
    registers: int
    dots: bool = False

    @property
    def has_masks(self) -> bool:
        """Whether leaving lanes out costs nothing."""
        return self.bytes == AVX512.bytes

    @property
    def numbers(self) -> tuple[int, ...]:
        """How a module says it."""
        return tuple(map(int, self if self.dots else self[:2]))

    def lanes(self, dtype: np.dtype) -> int:
        """Elements in a register."""
        return self.bytes // dtype.itemsize


AVX512, AVX2, NEON = Vectors(64, 32), Vectors(32, 16), Vectors(16, 32)
VNNI = AVX512._replace(dots=True)  # Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: vpdpbusd
AVX_VNNI = AVX2._replace(dots=True)
KNOWN = AVX512, VNNI, AVX2, AVX_VNNI, NEON


def vectors_of_host() -> Vectors:
    """Those of this machine."""
    if platform.machine() in ("arm64", "aarch64"):
        return NEON
    flags = set(description_of_host().split())
    if "avx512f" in flags:
        return VNNI if "avx512_vnni" in flags else AVX512
    return AVX_VNNI if "avx_vnni" in flags else AVX2


@functools.cache
def description_of_host() -> str:
    """What CPU this machine has, and what that can do."""
    try:
        with open("/proc/cpuinfo") as lines:
            first = iter(lines.readline, "\n")  # one processor's lines, up to the blank one
            fields = ("model name", "flags", "CPU implementer", "CPU part", "Features")
            return "".join(line for line in first if line.startswith(fields))
    except OSError:
        return f"{platform.machine()} {platform.processor()}"

"""The vector registers of CPUs, which decide how kernels are written for them."""

from __future__ import annotations

import functools
import platform
from typing import NamedTuple

import numpy as np


class Vectors(NamedTuple):
    """The bytes of a vector register, and how many registers there are."""

    bytes: int
    registers: int

    @property
    def has_masks(self) -> bool:
        """Whether leaving lanes out costs nothing."""
        return self == AVX512

    def lanes(self, dtype: np.dtype) -> int:
        """Elements in a register."""
        return self.bytes // dtype.itemsize


KNOWN = AVX512, AVX2, NEON = Vectors(64, 32), Vectors(32, 16), Vectors(16, 32)


def vectors_of_host() -> Vectors:
    """Those of this machine."""
    if platform.machine() in ("arm64", "aarch64"):
        return NEON
    return AVX512 if "avx512f" in description_of_host().split() else AVX2


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

"""The record of a workload, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .library import Library

Made = tuple[Callable[..., Any], tuple[Any, ...]]  # a function, and arguments of NumPy arrays (or containers of them)


@dataclass(frozen=True)
class Workload:
    """`make(lib, rng)` gives the function to be compiled and its arguments.

    rtol, atol: how far results of the libraries may be apart; None: they are not compared (random algorithms, chaos).
    numpy: plain NumPy can do the job, so it is a third column. eager: run operation by operation, not compiled.
    convert: arguments are arrays of the library; else they stay NumPy's.
    """

    name: str
    group: str
    make: Callable[[Library, np.random.Generator], Made]
    rtol: float | None = 1e-3
    atol: float = 1e-4
    numpy: bool = False
    eager: bool = False
    convert: bool = True


TABLE: dict[str, Workload] = {}


def workload(name: str, group: str, **options: Any) -> Callable[[Any], Any]:
    """Decorates `make`: adds a workload to the table; `options` are the other fields of the record."""

    def add(make: Callable[[Library, np.random.Generator], Made]) -> Any:
        if name in TABLE:
            raise ValueError(f"there are two workloads named {name!r}")
        TABLE[name] = Workload(name, group, make, **options)
        return make

    return add


def floats(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Standard normal numbers in f32."""
    return rng.standard_normal(shape, dtype=np.float32)

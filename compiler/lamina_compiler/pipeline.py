"""The named stages from traced IR to what IREE takes. Each can be printed, and re-entered from its text."""

from __future__ import annotations

from collections.abc import Callable

from . import legality
from .mlir import ir
from .passes import derive, fuse, lower, simplify

STAGES: dict[str, Callable[[ir.Module], None]] = {
    "trace": lambda module: None,
    "derive": derive.run,
    "simplify": simplify.run,
    "fuse": fuse.run,
    "linalg": lower.run,
}


def run(module: ir.Module, *, after: str = "trace", until: str = "linalg", has_f64: bool = True) -> None:
    """Apply the stages that follow `after`, up to and including `until`, in place; legality is checked after each.

    `has_f64`: whether the target computes in f64, which accurate f32 functions like to use inside.
    """
    if not has_f64:
        module.operation.attributes[lower.NO_F64] = ir.UnitAttr.get()
    names = list(STAGES)
    if until not in STAGES:
        raise ValueError(f"there is no stage {until!r}; the stages are {', '.join(names)}")
    for name in names[names.index(after) + 1 : names.index(until) + 1]:
        STAGES[name](module)
        legality.check(module, name)

"""The named stages from traced IR to what IREE takes. Each can be printed, and re-entered from its text."""

from __future__ import annotations

from collections.abc import Callable

from . import legality, targeting
from .mlir import ir
from .passes import derive, executables, fuse, hoist, kernelize, lower, pack, place, reorder, rows, simplify, tile
from .vectors import AVX512, Vectors

STAGES: dict[str, Callable[[ir.Module], None]] = {
    "trace": lambda module: None,
    "derive": derive.run,
    "simplify": simplify.run,
    "fuse": fuse.run,
    "hoist": hoist.run,
    "linalg": lower.run,
    "reorder": reorder.run,
    "rows": rows.run,
    "pack": pack.run,
    "kernelize": kernelize.run,
    "tile": tile.run,
    "place": place.run,
    "executables": executables.run,
}
LAST = "executables"


def run(
    module: ir.Module,
    *,
    after: str = "trace",
    until: str = LAST,
    has_f64: bool = True,
    has_host: bool = True,
    vectors: Vectors | None = AVX512,
) -> None:
    """Apply the stages that follow `after`, up to and including `until`, in place; legality is checked after each.

    What the target has: `has_f64`: f64 arithmetic, which accurate f32 functions like to use inside; `has_host`: the
    Python process, whose functions may be called; `vectors`: those of a CPU.
    """
    names = between(after, until)
    is_same_for_all_cpus = vectors is not None and not set(names) & set(between("hoist", LAST))
    targeting.mark(module, has_f64=has_f64, has_host=has_host, vectors=AVX512 if is_same_for_all_cpus else vectors)
    for name in names:
        run_stage(module, name)


def between(after: str, until: str) -> list[str]:
    """Names of the stages that follow `after`, up to and including `until`. ValueError if there is no such stage."""
    names = list(STAGES)
    for name in (after, until):
        if name not in STAGES:
            raise ValueError(f"there is no stage {name!r}; the stages are {', '.join(names)}")
    return names[names.index(after) + 1 : names.index(until) + 1]


def run_stage(module: ir.Module, name: str) -> None:
    """Apply one stage, and check that what it leaves is legal after it."""
    STAGES[name](module)
    legality.check(module, name)

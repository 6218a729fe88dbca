"""Passes over the lamina dialect: one pass, one file, one name (``lamina-<file>``), and the table of all of them.

Name and one line of documentation of a pass come from the first paragraph of its module.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import NamedTuple

from ..mlir import ir
from . import (
    checkify,
    derive,
    differentiate,
    executables,
    fuse,
    hoist,
    inline,
    kernelize,
    linearize,
    lower,
    pack,
    place,
    reorder,
    rows,
    separate,
    simplify,
    split,
    tile,
    transpose,
    vectorize,
)


class Pass(NamedTuple):
    """A pass that can be asked for by name; `run` rewrites a module in place."""

    name: str
    doc: str
    run: Callable[[ir.Module], None]


def _pass(module: ModuleType, run: Callable[[ir.Module], None]) -> Pass:
    name, _, doc = " ".join((module.__doc__ or "").split("\n\n")[0].split()).partition(": ")
    return Pass(name, doc, run)


PASSES: dict[str, Pass] = {
    entry.name: entry
    for entry in (
        _pass(inline, inline.run),
        _pass(derive, derive.run),
        _pass(differentiate, partial(derive.run_only, kind="jvp")),
        _pass(linearize, partial(derive.run_only, kind="vjp", rule=derive.split_vjp)),
        _pass(transpose, partial(derive.run_only, kind="transpose")),
        _pass(vectorize, partial(derive.run_only, kind="vmap")),
        _pass(checkify, checkify.run),
        _pass(simplify, simplify.run),
        _pass(fuse, fuse.run),
        _pass(hoist, hoist.run),
        _pass(lower, lower.run),
        _pass(separate, separate.run),
        _pass(split, split.run),
        _pass(reorder, reorder.run),
        _pass(rows, rows.run),
        _pass(pack, pack.run),
        _pass(kernelize, kernelize.run),
        _pass(tile, tile.run),
        _pass(place, place.run),
        _pass(executables, executables.run),
    )
}

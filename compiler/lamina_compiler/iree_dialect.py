"""The ops of IREE's own dialects that lowering writes, so that MLIR's passes and parser know them.

IREE's compiler has its full definitions. Unregistered ops would not do: upstream's `symbol-dce` and `inline` crash on
one with a region, which might be a symbol table for all they know. (`ext` reads annotations as objects, not as text.)
"""

from typing import Any

from .mlir import ext, ir


class LinalgExt(ext.Dialect, name="iree_linalg_ext"):  # pyright: ignore
    """Operations on tensors that linalg lacks."""


class Scatter(LinalgExt.Operation, name="scatter", traits=[ext.Pure]):  # type: ignore[call-arg]
    """`original` with the rows that `indices` name combined with those of `updates`, by the region."""

    updates: ext.Operand[Any]
    indices: ext.Operand[Any]
    original: ext.Operand[Any]
    result_value: ext.Result[Any]
    combine: ext.Region


class Scan(LinalgExt.Operation, name="scan", traits=[ext.Pure]):  # type: ignore[call-arg]
    """What the region makes of the first 1, 2, … elements along a dimension, and of all."""

    x: ext.Operand[Any]
    into: ext.Operand[Any]
    start: ext.Operand[Any]
    result_value: ext.Result[Any]
    result_total: ext.Result[Any]
    combine: ext.Region


class Yield(LinalgExt.Operation, name="yield", traits=[ir.IsTerminatorTrait]):  # type: ignore[call-arg]
    """The result of a region."""

    value: ext.Operand[Any]


class Util(ext.Dialect, name="util"):  # pyright: ignore
    """What IREE's compiler needs around tensors."""


class OptimizationBarrier(Util.Operation, name="optimization_barrier"):  # type: ignore[call-arg]
    """The value, which no optimization sees through: what computes it is not fused with what uses it."""

    value: ext.Operand[Any]
    result_value: ext.Result[Any]


def load() -> None:
    """Register the dialects in the current context."""
    LinalgExt.load()
    Util.load()

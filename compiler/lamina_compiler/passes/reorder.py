"""lamina-reorder: large transposes that make other elements neighbours become kernels of their own.

IREE computes them in the loop of what reads them, number by number. Products keep theirs: they read operands in any
order, and copy what they need. Runs on what lowering leaves.
"""

from __future__ import annotations

from .. import functions, targeting
from ..kernels.kernel import host_functions
from ..kernels.transposition import is_worth_it, transposed
from ..linalg_builder import LinalgBuilder
from ..linalg_loops import reduces, source_of_transpose
from ..mlir import ir
from ..scalar_functions import ScalarFunctions
from ..types import from_ir


def run(module: ir.Module) -> None:
    """Replace transposes outside of loops."""
    if not targeting.has_vectors(module):
        return
    scalars = ScalarFunctions(module, targeting.has_f64(module))
    for function in host_functions(module):
        for op in functions.operations(function):
            if op.name == "linalg.generic":
                _replace(op, scalars)


def _replace(op: ir.Operation, scalars: ScalarFunctions) -> None:
    source, permutation = source_of_transpose(op.results[0])
    if source == op.results[0] or not is_worth_it(
        from_ir(source.type), permutation, targeting.vectors_of(scalars.module)
    ):
        return
    uses = [(use.owner.operation, use.operand_number) for use in op.results[0].uses]
    uses = [(user, i) for user, i in uses if user.name != "linalg.generic" or not reduces(user)]
    if not uses:
        return
    lw = LinalgBuilder(ir.InsertionPoint(op), op.location, scalars)
    result = transposed(lw, source, from_ir(source.type), permutation)
    for user, i in uses:
        user.operands[i] = result

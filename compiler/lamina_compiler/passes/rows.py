"""lamina-rows: reductions, joins and what surrounds them, as one loop over tiles of rows that run in parallel.

A softmax or the gradient of a norm goes over its array several times; for a few rows all of that stays in a cache.
Runs on what lowering leaves; `lamina-kernelize` makes one dispatch of each loop.
"""

from __future__ import annotations

from .. import functions, targeting
from ..kernelize.cost import is_small
from ..kernels.kernel import host_functions
from ..mlir import ir, run_passes
from ..rows.groups import Block, is_reduction
from ..rows.tiles import write
from ..rows.views import repeat, sink
from ..vectors import Vectors


@functions.indexed
def run(module: ir.Module) -> None:
    """Replace groups of operations by `scf.forall`."""
    if not targeting.has_vectors(module):
        return
    vectors = targeting.vectors_of(module)
    found = [_block(functions.block(function), vectors) for function in host_functions(module)]
    if any(found):
        run_passes(module.operation, "canonicalize,cse")


def _block(block: ir.Block, vectors: Vectors) -> bool:
    *ops, terminator = [op.operation for op in block.operations]
    if is_small(ops):
        return False
    found = [sink(op) for op in ops if is_reduction(op)]
    for op in reversed(ops):
        repeat(op)
    order = Block([op.operation for op in block.operations][:-1])
    groups = order.find_groups(vectors)
    if groups:
        for item in order.items:
            for op in item.ops:
                op.move_before(terminator)
        for group in groups:
            write(group)
    return bool(groups) or any(found)

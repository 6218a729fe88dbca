"""lamina-pack: products of matrices, and what is done with their elements, as loops over tiles that run in parallel.

In a tile the operands stand close together in memory, and what is done with an element finds it in a cache. Runs after
`lamina-rows`; `lamina-kernelize` makes one dispatch of each loop.
"""

from __future__ import annotations

from .. import functions, targeting
from ..kernelize.cost import is_worth_it
from ..kernelize.machine import cpu
from ..kernels.kernel import host_functions
from ..linalg_loops import adds_products
from ..mlir import ir, run_passes
from ..packing.product import product_of
from ..packing.tiles import write
from ..vectors import Vectors
from .tile import tiles_for


def run(module: ir.Module) -> None:
    """Replace products by `scf.forall`."""
    if not targeting.has_vectors(module):
        return
    found = [_block(functions.block(function), targeting.vectors_of(module)) for function in host_functions(module)]
    if any(found):
        run_passes(module.operation, "canonicalize,cse")


def _block(block: ir.Block, vectors: Vectors) -> bool:
    """The products of a block, and of the loops and branches in it that will not be kernels."""
    machine, ops = cpu(vectors), [op.operation for op in block.operations]
    inner = [x for op in ops if _has_dispatches(op) for region in op.regions for x in region.blocks]
    found = [_block(x, vectors) for x in inner]
    products = [product for op in ops if (product := product_of(op))]
    products = [x for x in products if x.is_worth_it(_is_tiled(x.op, vectors), machine)]
    positions = {result: i for i, op in enumerate(ops) for result in op.results}
    for product in products:
        write(product, positions, machine)
    return bool(products) or any(found)


def _has_dispatches(op: ir.Operation) -> bool:
    return op.name == "scf.if" or (op.name in ("scf.for", "scf.while") and not is_worth_it(op))


def _is_tiled(op: ir.Operation, vectors: Vectors) -> bool:
    return adds_products(op) and tiles_for(op, vectors) is not None

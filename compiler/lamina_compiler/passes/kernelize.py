"""lamina-kernelize: loops whose steps are small become kernels, one dispatch for all iterations.

IREE runs a loop on the host, with some dispatches for each iteration. Runs on what lowering leaves.
"""

from __future__ import annotations

from .. import functions, targeting
from ..kernelize.cost import is_worth_it
from ..kernelize.graph import Unsupported
from ..kernelize.loop import append_function, write_loop
from ..kernels.kernel import is_kernel
from ..mlir import ir, run_passes

_LOOPS = ("scf.for", "scf.while")


def run(module: ir.Module) -> None:
    """Replace loops by calls of kernels, the outermost ones where that is possible."""
    if not targeting.has_vectors(module):
        return
    found = [
        _kernelize(module, function.regions[0].blocks[0])
        for function in list(functions.functions(module))
        if functions.has_body(function) and not is_kernel(function)
    ]
    if any(found):
        run_passes(module.operation, "canonicalize,cse,symbol-dce")


def _kernelize(module: ir.Module, block: ir.Block) -> bool:
    """Whether any loop of the block, or inside of its operations, was replaced."""
    found = False
    for op in [op.operation for op in block.operations]:
        if op.name in _LOOPS and is_worth_it(op) and _replace(module, op):
            found = True
        elif op.name.startswith("scf."):
            for region in op.regions:
                for inner in region.blocks:
                    found = _kernelize(module, inner) or found
    return found


def _replace(module: ir.Module, op: ir.Operation) -> bool:
    try:
        kernel = write_loop(op)
    except Unsupported:
        return False
    dispatch = append_function(module, kernel, op)
    callee = {"callee": ir.FlatSymbolRefAttr.get(functions.symbol(dispatch))}
    types = [result.type for result in op.results]
    call = ir.Operation.create("func.call", types, kernel.inputs, callee, ip=ir.InsertionPoint(op), loc=op.location)
    for old, new in zip(op.results, call.results, strict=True):
        old.replace_all_uses_with(new)
    fences = [x.owner.operation for x in op.operands if not isinstance(x.owner, ir.Block)]
    op.erase()
    for fence in fences:
        if fence.name == "util.optimization_barrier" and next(iter(fence.results[0].uses), None) is None:
            fence.erase()
    return True

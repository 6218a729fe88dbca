"""lamina-kernelize: small functions, loops with small steps, and some reductions become kernels of one dispatch.

IREE runs a loop on the host, with some dispatches for each iteration. Runs on what lowering leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from .. import functions, targeting
from ..kernelize.cost import BETWEEN_POINTS, TILES, is_better_alone, is_little, is_small, is_worth_it, workgroups_of
from ..kernelize.graph import Unsupported
from ..kernelize.region import append_function, write_region
from ..kernels.kernel import is_kernel
from ..mlir import ir, run_passes
from ..rows.classes import is_free
from ..rows.loops import one_by_one

EVERYTHING = "lamina.kernels_only"  # on the module: functions of any size become kernels, where they can
_LOOPS = ("scf.for", "scf.while")


def run(module: ir.Module) -> None:
    """Replace small functions by calls of kernels, and in others the outermost loops where that is possible."""
    if not targeting.has_vectors(module):
        return
    found = [
        _function(module, function)
        for function in list(functions.functions(module))
        if functions.has_body(function) and not is_kernel(function)
    ]
    if any(found):
        run_passes(module.operation, "canonicalize,cse,symbol-dce")


def _function(module: ir.Module, function: ir.Operation) -> bool:
    """Replace all that a function does by one kernel, if it is little; or whatever it does by kernels."""
    ops = [op for op in functions.operations(function)[:-1] if not _is_constant(op)]
    name = functions.symbol(function)
    if EVERYTHING in module.operation.attributes:
        return _pieces(module, name, ops)
    if is_small(ops) and _replace(module, name, ops):
        return True
    has_tiles = any(op.name == TILES for op in ops)
    found = _loops(module, functions.block(function))
    if has_tiles:
        _between(module, name, functions.operations(function)[:-1])
    return found


def _between(module: ir.Module, name: str, ops: Sequence[ir.Operation]) -> None:
    """Replace what little is computed between kernels, partial results that are put together, by kernels."""
    known = (_is_constant(op) or any(map(is_free, op.results)) for op in ops)
    for little, run in groupby((op for op, free in zip(ops, known, strict=True) if not free), is_little):
        run = list(run)
        if little and is_small(run, BETWEEN_POINTS):
            _replace(module, name, run)


def _pieces(module: ir.Module, name: str, ops: Sequence[ir.Operation]) -> bool:
    """Replace operations by one kernel, or each half of them by several."""
    if not ops or _replace(module, name, ops):
        return bool(ops)
    half = len(ops) // 2
    found = [_pieces(module, name, part) for part in (ops[:half], ops[half:]) if half]
    return any(found)


def _is_constant(op: ir.Operation) -> bool:
    return op.name.endswith(".constant")  # kernels write their own, and read large ones from memory


def _loops(module: ir.Module, block: ir.Block) -> bool:
    """Whether any loop of the block, or inside of its operations, or any slow reduction was replaced."""
    found = False
    for op in [op.operation for op in block.operations]:
        name = _worthy(op)
        if name and _replace(module, name, [op], workgroups_of(op) if op.name == TILES else 1):
            found = True
        elif op.name == TILES:
            one_by_one(op)
            found = True
        elif op.name.startswith("scf."):
            for region in op.regions:
                for inner in region.blocks:
                    found = _loops(module, inner) or found
    return found


def _worthy(op: ir.Operation) -> str:
    """What an operation that should be a kernel is called, or nothing."""
    if op.name == TILES:
        return "rows"
    if op.name in _LOOPS:
        return "loop" if is_worth_it(op) else ""
    return "reduction" if is_better_alone(op) else ""


def _replace(module: ir.Module, name: str, ops: Sequence[ir.Operation], workgroups: int = 1) -> bool:
    """Call a kernel in place of operations of one block, if that goes."""
    inside = set(ops)
    results = [x for op in ops for x in op.results if any(_outermost(use.owner, op) not in inside for use in x.uses)]
    try:
        kernel = write_region(ops, results, workgroups)
    except Unsupported:
        return False
    if not kernel.inputs and any(map(_is_kept_as_bits, results)):
        return False
    last = ops[-1]
    dispatch = append_function(module, kernel, f"{name}.kernel", last.location)
    callee = {"callee": ir.FlatSymbolRefAttr.get(functions.symbol(dispatch))}
    types = [result.type for result in results]
    call = ir.Operation.create("func.call", types, kernel.inputs, callee, ip=ir.InsertionPoint(last), loc=last.location)
    for old, new in zip(results, call.results, strict=True):
        old.replace_all_uses_with(new)
    bounds = [x.owner.operation for op in ops for x in op.operands if not isinstance(x.owner, ir.Block)]
    fences = [op for op in bounds if op.name == "util.optimization_barrier" and op not in ops]
    for op in reversed(ops):
        op.erase()
    for fence in fences:
        if next(iter(fence.results[0].uses), None) is None:
            fence.erase()
    return True


def _is_kept_as_bits(value: ir.Value) -> bool:
    """Whether booleans go on to other dispatches: what has no inputs IREE computes once, and then keeps as bits."""
    is_boolean = str(value.type.element_type) == "i1"  # type: ignore[attr-defined]
    return is_boolean and any(use.owner.name != "func.return" for use in value.uses)


def _outermost(user: ir.Operation, maker: ir.Operation) -> ir.Operation:
    """The operation of the maker's block that a user is, or is in."""
    op = user.operation
    while op.block != maker.block:
        op = op.parent.operation
    return op

"""lamina-kernelize: small functions, loops with small steps, and some reductions become kernels of one dispatch.

IREE runs a loop on the host, with some dispatches for each iteration. Runs on what lowering leaves.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import groupby
from typing import NamedTuple

from .. import functions
from ..kernelize.cost import BETWEEN_POINTS, TILES, is_better_alone, is_little, is_small, is_worth_it, workgroups_of
from ..kernelize.exceptions import Unsupported
from ..kernelize.fingerprint import fingerprint, fingerprint_of_record
from ..kernelize.machine import machine_of
from ..kernelize.parts import in_parts
from ..kernelize.region import append_function, declare_region, write_region
from ..kernels.kernel import host_functions
from ..mlir import ir, run_passes
from ..rows.classes import is_free
from ..rows.loops import one_by_one

EVERYTHING = "lamina.kernels_only"  # on the module: functions of any size become kernels, where they can
_LOOPS = ("scf.for", "scf.while")


def run(module: ir.Module) -> None:
    """Replace small functions by calls of kernels, and in others the outermost loops where that is possible.

    Scalar functions are inlined where they are left.
    """
    _write_kernels(module)
    run_passes(module.operation, "inline{default-pipeline=},canonicalize,cse,symbol-dce")


@functions.indexed
def _write_kernels(module: ir.Module) -> None:
    kernels = _Kernels(module)
    for function in host_functions(module):
        kernels.function(function)


class _Kernels:
    """Makes the kernels of a module; what occurs several times becomes one."""

    def __init__(self, module: ir.Module):
        self.module, self.machine = module, machine_of(module)
        self._known: dict[Hashable, _Known | None] = {}  # by fingerprint; None: no kernel
        self._functions: dict[Hashable, ir.Operation] = {}  # of kernels, by fingerprint of what was written

    def function(self, function: ir.Operation) -> bool:
        """Replace all that a function does by one kernel, if it is little; or whatever it does by kernels."""
        ops = [op for op in functions.operations(function)[:-1] if not _is_constant(op)]
        name = functions.symbol(function)
        if self.machine.is_gpu:
            return self._loops(functions.block(function))
        if EVERYTHING in self.module.operation.attributes:
            return self._pieces(name, ops)
        if is_small(ops) and self.replace(name, ops):
            return True
        has_tiles = any(op.name == TILES for op in ops)
        found = self._loops(functions.block(function))
        if has_tiles:
            self._between(name, functions.operations(function)[:-1])
        return found

    def _between(self, name: str, ops: Sequence[ir.Operation]) -> None:
        """Replace what little is computed between kernels, partial results that are put together, by kernels."""
        known = (_is_constant(op) or any(map(is_free, op.results)) for op in ops)
        for little, run in groupby((op for op, free in zip(ops, known, strict=True) if not free), is_little):
            run = list(run)
            if little and is_small(run, BETWEEN_POINTS):
                self.replace(name, run)

    def _pieces(self, name: str, ops: Sequence[ir.Operation]) -> bool:
        """Replace operations by one kernel, or each half of them by several."""
        if not ops or self.replace(name, ops):
            return bool(ops)
        half = len(ops) // 2
        found = [self._pieces(name, part) for part in (ops[:half], ops[half:]) if half]
        return any(found)

    def _loops(self, block: ir.Block) -> bool:
        """Whether any loop of the block, or inside of its operations, or any slow reduction was replaced."""
        found = False
        for op in [op.operation for op in block.operations]:
            name = self._worthy(op)
            if name and self._one(name, op):
                found = True
            elif op.name == TILES:
                one_by_one(op)
                found = True
            elif op.name.startswith("scf."):
                for region in op.regions:
                    for inner in region.blocks:
                        found = self._loops(inner) or found
        return found

    def _one(self, name: str, op: ir.Operation) -> bool:
        """Whether an operation was replaced: by one kernel, or by a loop around one."""
        try:
            return self.replace(name, [op], workgroups_of(op) if op.name == TILES else 1)
        except TooLong as error:
            parts = in_parts(self.module, op, error.rounds)
            found = [self.replace(name, ops, is_part=True) for ops in parts]
            return any(found)

    def _worthy(self, op: ir.Operation) -> str:
        """What an operation that should be a kernel is called, or nothing."""
        if op.name == TILES:
            return "rows"
        if op.name in _LOOPS:
            return "loop" if is_worth_it(op, self.machine) else ""
        return "reduction" if not self.machine.is_gpu and is_better_alone(op) else ""

    def replace(self, name: str, ops: Sequence[ir.Operation], workgroups: int = 1, *, is_part: bool = False) -> bool:
        """Call a kernel in place of operations of one block, if that goes.

        TooLong if it would run for longer than it may, unless it is known to be a part that does not.
        """
        results = _used_outside(ops)
        key, outside = fingerprint(ops, results)
        key = key, workgroups
        if key not in self._known:
            self._known[key] = self._written(name, ops, results, outside, workgroups, is_part)
        known = self._known[key]
        if known is None or (not known.inputs and any(map(_is_kept_as_bits, results))):
            return False
        last = ops[-1]
        inputs = [outside[i] for i in known.inputs]
        callee = {"callee": ir.FlatSymbolRefAttr.get(known.dispatch)}
        types = [result.type for result in results]
        call = ir.Operation.create("func.call", types, inputs, callee, ip=ir.InsertionPoint(last), loc=last.location)
        for old, new in zip(results, call.results, strict=True):
            old.replace_all_uses_with(new)
        _erase(ops)
        return True

    def _written(
        self,
        name: str,
        ops: Sequence[ir.Operation],
        results: Sequence[ir.Value],
        outside: Sequence[ir.Value],
        workgroups: int,
        is_part: bool,
    ) -> _Known | None:
        try:
            kernel = write_region(ops, results, workgroups, self.machine)
        except Unsupported:
            return None
        rounds = None if is_part else kernel.rounds()
        if rounds is not None:
            raise TooLong(rounds)
        places = {value: i for i, value in enumerate(outside)}
        inputs = [places[value] for value in kernel.inputs]
        code = fingerprint_of_record(kernel.program.record, kernel.buffers), workgroups, kernel.threads
        if code not in self._functions:
            self._functions[code] = append_function(self.module, kernel, f"{name}.kernel", ops[-1].location)
        dispatch = declare_region(self.module, self._functions[code], kernel)
        return _Known(functions.symbol(dispatch), inputs)


class TooLong(Exception):
    """A kernel would run for longer than the machine lets it; its outermost loop may go round so often."""

    def __init__(self, rounds: int):
        super().__init__(rounds)
        self.rounds = rounds


class _Known(NamedTuple):
    """A kernel that was written: the declaration to call, and which values from outside are its inputs."""

    dispatch: str
    inputs: Sequence[int]


def _is_constant(op: ir.Operation) -> bool:
    return op.name.endswith(".constant")  # kernels write their own, and read large ones from memory


def _used_outside(ops: Sequence[ir.Operation]) -> list[ir.Value]:
    """The results of operations that others use."""
    inside = set(ops)
    return [x for op in ops for x in op.results if any(_outermost(use.owner, op) not in inside for use in x.uses)]


def _erase(ops: Sequence[ir.Operation]) -> None:
    """Erase operations, and barriers that only they were behind."""
    bounds = [x.owner.operation for op in ops for x in op.operands if not isinstance(x.owner, ir.Block)]
    fences = [op for op in bounds if op.name == "util.optimization_barrier" and op not in ops]
    for op in reversed(ops):
        op.erase()
    for fence in fences:
        if next(iter(fence.results[0].uses), None) is None:
            fence.erase()


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

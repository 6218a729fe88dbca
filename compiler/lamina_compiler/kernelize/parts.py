"""Loops that would run too long as one kernel: a loop on the host around one that goes round some number of times."""

from __future__ import annotations

from collections.abc import Sequence

from ..control.loop_lowering import append_loop, append_while
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..scalar_functions import ScalarFunctions
from .blocks import known_integer
from .reader import is_tensor

Parts = list[list[ir.Operation]]


def in_parts(module: ir.Module, op: ir.Operation, rounds: int) -> Parts:
    """Write a loop as parts of at most so many rounds; gives what should be kernels, nothing if that does not go."""
    lw = LinalgBuilder(ir.InsertionPoint(op), op.location, ScalarFunctions(module, False))
    if rounds < 1 or not all(map(is_tensor, op.results)):
        return []
    return _for_in_parts(lw, op, rounds) if op.name == "scf.for" else _while_in_parts(lw, op, rounds)


def _for_in_parts(lw: LinalgBuilder, op: ir.Operation, rounds: int) -> Parts:
    """Parts that go round equally often, and one for the rest."""
    lower, upper, step = map(known_integer, list(op.operands)[:3])
    if lower is None or upper is None or step is None:
        return []
    length = -(-(upper - lower) // step)
    even = -(-length // -(-length // rounds))
    rounds = next((r for r in range(rounds, rounds // 2, -1) if length % r == 0), even)  # without a rest if that goes
    parts, rest = divmod(length, rounds)
    kernels: Parts = []

    def part(at: LinalgBuilder, length: int, done: ir.Value | int, state: Sequence[ir.Value]) -> list[ir.Value]:
        """A copy of the loop that goes round so often; `done`: how often others did before."""
        loop = op.clone(at.ip).operation
        for i, value in enumerate([at.index(0), at.index(length), at.index(1), *state]):
            loop.operands[i] = value
        counter = loop.regions[0].blocks[0].arguments[0]
        inside = LinalgBuilder(ir.InsertionPoint.at_block_begin(loop.regions[0].blocks[0]), op.location, lw.scalars)
        before = inside.index(done) if isinstance(done, int) else _scaled(inside, done, rounds)
        total = inside.index_op("addi", before, counter)
        place = inside.index_op("muli", total, inside.index(step))
        place = inside.index_op("addi", place, inside.index(lower))
        counter.replace_all_uses_except(place, total.owner.operation)
        kernels.append([loop])
        return list(loop.results)

    i32 = ir.IntegerType.get_signless(32)

    def iteration(inner: LinalgBuilder, number: ir.Value, state: list[ir.Value]) -> list[ir.Value]:
        number = inner.op("arith.index_cast", [i32], [number]).result
        return part(inner, rounds, _array(inner, number), state)  # a kernel takes no numbers, but arrays

    state = append_loop(lw, parts, _start(lw, list(op.operands)[3:]), iteration)
    _replace(op, part(lw, rest, parts * rounds, state) if rest else state)
    return kernels


def _while_in_parts(lw: LinalgBuilder, op: ir.Operation, rounds: int) -> Parts:
    """A kernel gives the state after some rounds, and whether the condition still held, which the host looks at."""
    condition, *forwarded = list(list(op.regions[0].blocks[0].operations)[-1].operation.operands)
    if forwarded != list(op.regions[0].blocks[0].arguments) or not all(map(is_tensor, op.operands)):
        return []
    index, i1, i32 = ir.IndexType.get(), ir.IntegerType.get_signless(1), ir.IntegerType.get_signless(32)
    kernels: Parts = []

    def holds(inner: LinalgBuilder, state: list[ir.Value]) -> ir.Value:
        number = inner.op("tensor.extract", [i32], [state[-1]]).result
        zero = inner.op("arith.constant", [i32], [], {"value": ir.IntegerAttr.get(i32, 0)}).result
        return inner.compare_index("ne", number, zero)

    def iteration(inner: LinalgBuilder, state: list[ir.Value]) -> list[ir.Value]:
        *state, _ = state
        types = [value.type for value in state]
        loop = inner.op("scf.while", [*types, index, i1], [*state, inner.index(0)], regions=2)
        for new, old, extra in zip(loop.regions, op.regions, ([index], [index, i1]), strict=True):
            old.blocks[0].append_to(new)
            for type in extra:
                new.blocks[0].add_argument(type, op.location)
        check, body = (region.blocks[0] for region in loop.regions)
        count, end = check.arguments[len(state)], list(check.operations)[-1].operation
        at = LinalgBuilder(ir.InsertionPoint(end), op.location, lw.scalars)
        goes_on = at.op("arith.andi", [i1], [condition, at.compare_index("slt", count, at.index(rounds))]).result
        at.op("scf.condition", [], [goes_on, *check.arguments, condition])
        end.erase()
        count, end = body.arguments[len(state)], list(body.operations)[-1].operation
        at = LinalgBuilder(ir.InsertionPoint(end), op.location, lw.scalars)
        at.op("scf.yield", [], [*end.operands, at.index_op("addi", count, at.index(1))])
        end.erase()
        flag = inner.op("arith.extui", [i32], [loop.results[len(state) + 1]]).result
        array = _array(inner, flag)
        kernels.append([loop, flag.owner.operation, array.owner.operation])
        return [*list(loop.results)[: len(state)], array]

    one = lw.op("arith.constant", [i32], [], {"value": ir.IntegerAttr.get(i32, 1)}).result
    state = append_while(lw, _start(lw, [*op.operands, _array(lw, one)]), holds, iteration)
    _replace(op, state[:-1])
    return kernels


def _start(lw: LinalgBuilder, state: Sequence[ir.Value]) -> list[ir.Value]:
    """The state of a loop on the host. IREE would free constants in it as if the loop had made them."""
    return [x if isinstance(x.owner, ir.Block) else lw.barrier(x) for x in state]


def _array(lw: LinalgBuilder, number: ir.Value) -> ir.Value:
    return lw.op("tensor.from_elements", [ir.RankedTensorType.get([], number.type)], [number]).result


def _scaled(lw: LinalgBuilder, array: ir.Value, factor: int) -> ir.Value:
    number = lw.op("tensor.extract", [array.type.element_type], [array]).result  # type: ignore[attr-defined]
    number = lw.op("arith.index_cast", [ir.IndexType.get()], [number]).result
    return lw.index_op("muli", number, lw.index(factor))


def _replace(op: ir.Operation, results: Sequence[ir.Value]) -> None:
    for old, new in zip(op.results, results, strict=True):
        old.replace_all_uses_with(new)
    op.erase()

"""Loops and branches: what is carried from one iteration to the next, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from ..linalg_loops import tiles_of
from ..mlir import ir
from . import index as ix
from .blocks import Program, known_integer
from .exceptions import Unsupported
from .graph import Buffer, Node, Registers
from .places import Places
from .reader import is_tensor
from .record import Value

Pair = tuple[Node, Buffer]  # what is to be written, and where
UNKNOWN_TIMES = 20.0  # iterations of a loop that nobody counts


@dataclass
class Carrier:
    """Where a carried value is: a number, or a tensor (`node` has its shape and key) in registers or a buffer."""

    node: Node | None = None
    in_vectors: bool = False
    buffer: Buffer | None = None


def carrier(program: Program, value: ir.Value, buffer: Buffer | None = None) -> Carrier:
    """A place for values of this one's type. `buffer`: the one to use if it is to be in memory."""
    if not is_tensor(value):
        return Carrier()
    node = program.nodes.get(value)
    if node is None:
        node = program.nodes[value] = program.placeholder(value)
    in_vectors = program.places.register_class(node)
    if in_vectors is not None:
        return Carrier(node, in_vectors)
    return Carrier(node, False, buffer or program.places.new_buffer(f"{node.key}.carried", node.shape, node.element))


def bind(
    program: Program, values: Sequence[ir.Value], carriers: Sequence[Carrier], travelled: Sequence[Value]
) -> list[Node]:
    """Say that `values` are now what is in the carriers; gives the nodes of tensors."""
    rest, nodes = iter(travelled), []
    for value, place in zip(values, carriers, strict=True):
        if place.node is None:
            program.scalars[value] = next(rest)
            continue
        node = program.nodes.get(value)
        if node is None:
            node = program.nodes[value] = program.placeholder(value)
        if place.buffer is not None:
            node.home = place.buffer
        else:
            points = program.places.register_points(node.shape, place.in_vectors)
            node.home = Registers({p: next(rest) for p in points}, place.in_vectors, place.node.key)
        nodes.append(node)
    return nodes


def put(program: Program, values: Sequence[ir.Value], carriers: Sequence[Carrier]) -> list[Value]:
    """Bring values to their carriers, all of them read before any is overwritten; gives what travels as operands."""
    travelling: list[Value] = []
    to_write: list[Pair] = []
    for value, to in zip(values, carriers, strict=True):
        if to.node is None:
            travelling.append(program.number_of(value))
        elif to.buffer is None:
            registers = program.places.to_registers(program.nodes[value], to.in_vectors, to.node.key)
            travelling += registers.values.values()
        elif not program.places.is_there(program.nodes[value], to.buffer):
            to_write.append((program.nodes[value], to.buffer))
    _write_all(program.places, to_write)
    return travelling


def _write_all(places: Places, pending: list[Pair]) -> None:
    """Write every node to its buffer, although some are computed from buffers that others are written to."""
    while pending:
        groups = _groups(pending)
        written = next((g for g in groups if _may_go(places, g, pending) and _write(places, g)), None)
        if written:
            pending = _without(written, pending)
            continue
        pair = _in_the_way(places, groups, pending)  # a circle: one goes by way of a copy
        node, buffer = pair
        copy = places.new_buffer(f"{buffer.key}.next", node.shape, node.element)
        places.write(node, copy)
        places.nests.flush()
        pending = [*_without([pair], pending), (places.stored_in(copy), buffer)]


def _groups(pending: list[Pair]) -> list[list[Pair]]:
    """All of one shape, which may share a nest; and each alone."""
    shapes = dict.fromkeys(node.shape for node, _ in pending)
    together = [[pair for pair in pending if pair[0].shape == shape] for shape in shapes]
    return [*(group for group in together if len(group) > 1), *([pair] for pair in pending)]


def _write(places: Places, group: list[Pair]) -> bool:
    """Write a group, if that goes in one nest."""
    if len(group) > 1:
        goes = places.nests.add_together(group)
    else:
        places.write(*group[0])
        goes = True
    places.nests.flush()
    return goes


def _may_go(places: Places, group: list[Pair], pending: list[Pair]) -> bool:
    """Whether nothing else that is pending reads what the group overwrites."""
    overwritten = {buffer for _, buffer in group}
    return not any(places.reads(node) & overwritten for node, buffer in pending if (node, buffer) not in group)


def _in_the_way(places: Places, groups: list[list[Pair]], pending: list[Pair]) -> Pair:
    """Of those that read what others overwrite: one but for which a group may go, or else the first."""
    readers = [pair for pair in pending if not _may_go(places, _without([pair], pending), pending)]
    for pair in readers:
        others = _without([pair], pending)
        if any(pair not in group and _may_go(places, group, others) for group in groups):
            return pair
    return readers[0]


def _without(group: list[Pair], pending: list[Pair]) -> list[Pair]:
    return [pair for pair in pending if pair not in group]


# ---- operations ----


def write_for(program: Program, op: ir.Operation) -> None:
    lower, upper, step, *inits = op.operands
    block = op.regions[0].blocks[0]
    counter, *arguments = block.arguments
    carriers = [carrier(program, result, program.results.get(result)) for result in op.results]
    started = put(program, inits, carriers)
    bounds = program.number_of(lower), program.number_of(upper), program.number_of(step)
    known = [known_integer(x) for x in (lower, upper, step)]
    times = UNKNOWN_TIMES if None in known else max(1, (known[1] - known[0]) // known[2])  # type: ignore[operator]

    def body(number: Value, carried: Sequence[Value]) -> list[Value]:
        program.scalars[counter] = number
        return _iteration(program, block, arguments, carriers, carried, carriers)

    with program.memory.inside_loop():
        results = program.record.loop(bounds, started, body, times)
    bind(program, op.results, carriers, results)


def _iteration(
    program: Program,
    block: ir.Block,
    arguments: Sequence[ir.Value],
    carriers: Sequence[Carrier],
    carried: Sequence[Value],
    following: Sequence[Carrier],
) -> list[Value]:
    """The block of a loop, from what is in `carriers` to what will be in `following`."""
    nodes = bind(program, arguments, carriers, carried)
    terminator = list(block.operations)[-1].operation
    into = [(value, c.buffer) for value, c in zip(terminator.operands, following, strict=True) if c.buffer is not None]
    yielded: list[Value] = []
    program.block(block, nodes, lambda end: yielded.extend(put(program, end.operands, following)), into)
    return yielded


def write_forall(program: Program, op: ir.Operation) -> None:
    """Tiles: every workgroup does some, one after the other, and writes what they give to where it belongs."""
    loops = tiles_of(op)
    block = op.regions[0].blocks[0]
    counters, shared = list(block.arguments)[: len(loops)], list(block.arguments)[len(loops) :]
    if len(op.operands) != len(shared):
        raise Unsupported("tiles of dynamic number")
    places, record = program.places, program.record
    carriers = []
    for result in op.results:
        node = program.nodes[result]
        buffer = program.results.get(result) or places.new_buffer(node.key, node.shape, node.element)
        carriers.append(Carrier(node, False, buffer))
    tiles = prod(loop.tiles for loop in loops)

    def first(after: int) -> Value:
        """The first tile of the workgroup that many after this one; all have the same share, up to one tile."""
        number = ix.add(ix.symbol(places.workgroup.number), ix.constant(after))
        operands = [record.at(ix.scale(number, tiles)), record.number(places.workgroups)]
        return record.emit("arith.divui", operands, "index", False)

    def insert(terminator: ir.Operation) -> None:
        for inner in terminator.regions[0].blocks[0].operations:
            into = program.nodes[inner.operation.operands[1]].home
            assert isinstance(into, Buffer)
            places.insert(program.reader.inserted(inner.operation), into)

    def body(number: Value, _carried: Sequence[Value]) -> list[Value]:
        for i in reversed(range(len(loops))):
            tile = number
            if i:
                operands = [number, record.number(loops[i].tiles)]
                tile = record.emit("arith.remui", operands, "index", False)
                number = record.emit("arith.divui", operands, "index", False)
            program.scalars[counters[i]] = record.at(ix.scale(ix.symbol(tile.number), loops[i].step))
        program.block(block, bind(program, shared, carriers, []), insert)
        return []

    program.memory.in_tiles = True
    record.loop((first(0), first(1), record.number(1)), [], body, tiles / places.workgroups)
    program.memory.in_tiles = False
    bind(program, op.results, carriers, [])


def write_while(program: Program, op: ir.Operation) -> None:
    before, after = (region.blocks[0] for region in op.regions)
    condition, *forwarded = list(before.operations)[-1].operation.operands
    arguments = list(before.arguments)
    # a value that the condition passes on as it came stays where it is
    stays = {f: r for f, r in reversed(list(zip(forwarded, op.results, strict=True))) if f in arguments}
    carriers = [carrier(program, a, program.results.get(stays[a]) if a in stays else None) for a in arguments]
    passed = [
        carriers[arguments.index(f)] if f in stays and stays[f] == r else carrier(program, r, program.results.get(r))
        for f, r in zip(forwarded, op.results, strict=True)
    ]
    started = put(program, op.operands, carriers)
    record = program.record
    carried = [record.new(x.element, x.lanes) for x in started]
    travelling: list[Value] = []

    def check() -> tuple[str, list[Value]]:
        nodes = bind(program, arguments, carriers, carried)
        holds: list[Value] = []

        def finish(end: ir.Operation) -> None:
            holds.append(program.number_of(condition))
            travelling.extend(put(program, forwarded, passed))

        program.block(before, nodes, finish)
        return "scf.condition", [*holds, *travelling]

    with program.memory.inside_loop():
        first = record.region(carried, check, UNKNOWN_TIMES)
        arrived = [record.new(x.element, x.lanes) for x in travelling]
        second = record.region(
            arrived,
            lambda: ("scf.yield", _iteration(program, after, list(after.arguments), passed, arrived, carriers)),
            UNKNOWN_TIMES,
        )
    bind(program, op.results, passed, record.structured("scf.while", started, travelling, [first, second]))


def write_if(program: Program, op: ir.Operation) -> None:
    carriers = [carrier(program, result) for result in op.results]
    record = program.record
    holds = program.number_of(op.operands[0])
    like: list[Value] = []

    def branch(block: ir.Block) -> tuple[str, list[Value]]:
        yielded: list[Value] = []
        program.block(block, [], lambda end: yielded.extend(put(program, end.operands, carriers)))
        like[:] = yielded
        return "scf.yield", yielded

    regions = [record.region([], lambda b=region.blocks[0]: branch(b)) for region in op.regions if len(region.blocks)]
    bind(program, op.results, carriers, record.structured("scf.if", [holds], like, regions))


WRITERS = {"scf.for": write_for, "scf.forall": write_forall, "scf.while": write_while, "scf.if": write_if}

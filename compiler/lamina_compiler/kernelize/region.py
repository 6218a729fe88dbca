"""Operations as a kernel: what they use from outside, the attempts until all decisions hold, the function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isinf, prod

from .. import functions
from ..kernels.kernel import MAX_BUFFERS, declare
from ..mlir import ir
from . import write
from .blocks import Program, defined_inside, values_used
from .evaluate import Decisions
from .exceptions import Again, Unsupported
from .graph import Buffer, Node
from .machine import CPU, Machine
from .reader import LISTED, constant_node, element_of, is_tensor, shape_of
from .record import MOST_VALUES, READ, STEP, Instruction, Value, length, part_of
from .threads import Threads, iterations, with_barriers
from .wide import with_halves

MOST_INSTRUCTIONS = 30_000  # of a kernel
_WARP = 32  # threads that go in step
_FEW = 64  # elements of a constant that are written into the code where their places are known


@dataclass
class RegionKernel:
    """Operations that were written as a kernel; `inputs` are tensors from outside that they read."""

    program: Program
    inputs: list[ir.Value]
    results: Sequence[ir.Value]
    buffers: list[Buffer]  # of the inputs, then of the results, then scratch
    machine: Machine

    @property
    def workgroups(self) -> int:
        return self.program.places.workgroups

    @property
    def threads(self) -> int:
        """Of a workgroup: as many as have something to do, in whole warps."""
        return min(self.machine.threads, -(-self.program.places.nests.most_shared // _WARP) * _WARP)

    def rounds(self) -> int | None:
        """How often the outermost loop may go round, if that is not as often as it does; None: all is well."""
        most, threads = self.machine.iterations, self.program.places.nests.threads
        if most is None or threads is None:
            return None
        if iterations(self.program.record, threads, self.threads) <= most:
            return None
        each = iterations(self.program.record, threads, self.threads, outermost=False)
        return 0 if isinf(each) else int(most // each)


def write_region(
    ops: Sequence[ir.Operation], results: Sequence[ir.Value], workgroups: int = 1, machine: Machine = CPU
) -> RegionKernel:
    """Write operations of one block, which compute `results`. Unsupported if one of them has no form in a kernel.

    Several workgroups share the tiles of an `scf.forall`, which then is the only operation.
    """
    assert workgroups == 1 or [op.name for op in ops] == ["scf.forall"]
    if not all(is_tensor(result) for result in results):
        raise Unsupported("a number as a result")
    if sum(map(_size, ops)) > MOST_INSTRUCTIONS:
        raise Unsupported("so much code that compiling it takes long")
    decisions, written = Decisions(), 0
    while written < MOST_VALUES:
        program = Program(decisions, machine)
        program.places.workgroups = workgroups
        try:
            kernel = _attempt(program, ops, results, machine)
        except Again:
            continue
        except RecursionError as error:  # evaluation recurses along chains of operations
            raise Unsupported("a very long chain") from error
        finally:
            written += len(program.record.values)
            is_final = not decisions.take_up()
        if is_final and not _reconsidered(kernel.program, decisions):
            if length(program.record.body) > MOST_INSTRUCTIONS:
                raise Unsupported("so much code that compiling it takes long")
            return kernel
    raise Unsupported("decisions that do not settle")


def _attempt(
    program: Program, ops: Sequence[ir.Operation], results: Sequence[ir.Value], machine: Machine
) -> RegionKernel:
    decisions = program.evaluator.decisions
    inputs = _read_outside(program, ops)
    if len(inputs) + len(results) + 1 > MAX_BUFFERS:
        raise Unsupported("more arrays than a dispatch binds")
    _pack(program, [buffer for _, buffer in inputs])
    outputs = []
    for i, result in enumerate(results):
        buffer = _buffer(program, f"out{i}", shape_of(result), element_of(result), "output")
        buffer.is_settled = buffer.key in decisions.copied or ops[-1].name == "scf.forall"
        outputs.append(buffer)
        if buffer.key not in decisions.copied:
            program.results[result] = buffer

    def finish() -> None:
        for result, buffer in zip(results, outputs, strict=True):
            program.places.write(program.nodes[result], buffer)

    program.sequence(ops, results, finish)
    used = dict.fromkeys(x.number for x in _operands(program.record.body))
    by_memory = {buffer.memory.number: (value, buffer) for value, buffer in inputs}
    inputs = [by_memory[number] for number in used if number in by_memory]  # in the order in which they are read
    buffers = [*(buffer for _, buffer in inputs), *outputs, *program.places.scratch]
    if machine.is_gpu:
        _check_for_gpu(program, buffers)
    return RegionKernel(program, [value for value, _ in inputs], results, buffers, machine)


def _check_for_gpu(program: Program, buffers: Sequence[Buffer]) -> None:
    if len(buffers) > MAX_BUFFERS:
        raise Unsupported("more arrays than a dispatch binds")


def append_function(module: ir.Module, kernel: RegionKernel, name: str, location: ir.Location) -> ir.Operation:
    """Add the function of a kernel to the module."""
    types = [memory_type_of(buffer) for buffer in kernel.buffers]
    function = functions.create(
        module, functions.unique_name(module, name), [ir.IndexType.get(), *types], [], location=location
    )
    group, *arguments = functions.arguments(function)
    memory = {buffer.memory: argument for buffer, argument in zip(kernel.buffers, arguments, strict=True)}
    memory[kernel.program.places.workgroup] = group
    record, threads = kernel.program.record, kernel.program.places.nests.threads
    if threads:
        if not record.has_i64:
            record.body = with_halves(record.body, record)
        record.body = with_barriers(record.body, threads)
        memory |= _threads(threads, kernel.threads, functions.block(function), location)
    write.write(record, memory, functions.block(function), location)
    functions.append_return(function, [])
    return function


def declare_region(module: ir.Module, function: ir.Operation, kernel: RegionKernel) -> ir.Operation:
    """The declaration to call with the inputs, for the results; the function may be another one's of the same code."""
    record, threads = kernel.program.record, kernel.program.places.nests.threads
    results = [result.type for result in kernel.results]
    inputs = [value.type for value in kernel.inputs]
    elements = sum(prod(x.shape) for x in (*inputs, *results))  # type: ignore[attr-defined]
    work = int(max(record.cost, READ * elements / kernel.workgroups) / STEP)
    return declare(
        module, function, inputs, results, kernel.workgroups, work, threads=kernel.threads if threads else None
    )


def _threads(threads: Threads, count: int, block: ir.Block, location: ir.Location) -> dict[Value, ir.Value]:
    """Which thread this is, as operations at the start of the block."""
    index, i1, ip = ir.IndexType.get(), ir.IntegerType.get_signless(1), ir.InsertionPoint(block)

    def op(name: str, type: ir.Type, operands: Sequence[ir.Value], **attributes: ir.Attribute) -> ir.Value:
        return ir.Operation.create(name, [type], operands, attributes, ip=ip, loc=location).result

    number = op("gpu.thread_id", index, [], dimension=ir.Attribute.parse("#gpu<dim x>"))
    all, zero = (op("arith.constant", index, [], value=ir.IntegerAttr.get(index, n)) for n in (count, 0))
    equal = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), 0)
    alone = op("arith.cmpi", i1, [number, zero], predicate=equal)
    return {threads.number: number, threads.total: all, threads.alone: alone}


def memory_type_of(buffer: Buffer) -> ir.Type:
    """Booleans are bytes, complex numbers pairs of real ones."""
    part = part_of(buffer.element)
    element = part or ("i8" if buffer.element == "i1" else buffer.element)
    return ir.MemRefType.get([buffer.length * (2 if part else 1)], ir.Type.parse(element))


def _read_outside(program: Program, ops: Sequence[ir.Operation]) -> list[tuple[ir.Value, Buffer]]:
    """Nodes for the tensors from outside: constants are themselves, others are inputs."""
    inside = {value for op in ops for value in (*op.results, *defined_inside(op))}
    inputs: list[tuple[ir.Value, Buffer]] = []
    for value in dict.fromkeys(value for op in ops for value in values_used(op)):
        if value in inside:
            continue
        if not is_tensor(value):
            _read_number(program, value, inputs)
            continue
        _read_tensor(program, value, inputs)
    return inputs


def _read_tensor(program: Program, value: ir.Value, inputs: list[tuple[ir.Value, Buffer]]) -> None:
    if value in program.nodes:
        return
    maker = None if isinstance(value.owner, ir.Block) else value.owner.operation
    name = maker.name if maker else ""
    if name == "tensor.empty" or (name == "linalg.fill" and _is_constant(maker.operands[0])):  # type: ignore
        program.reader.read(maker)  # type: ignore[arg-type]
        return
    if name == "arith.constant" and maker.attributes["value"].is_splat:  # type: ignore
        program.nodes[value] = constant_node(program.reader, maker)  # type: ignore[arg-type]
        return
    buffer = _buffer(program, f"in{len(inputs)}", shape_of(value), element_of(value), "input")
    inputs.append((value, buffer))
    node = program.nodes[value] = Node(**program.reader.head(value), home=buffer)
    if name == "arith.constant" and node.size <= _FEW and element_of(value) in LISTED:
        program.nodes[value] = constant_node(program.reader, maker, backing=node)  # type: ignore[arg-type]


def _read_number(program: Program, value: ir.Value, inputs: list[tuple[ir.Value, Buffer]]) -> None:
    """The tensors that a number from outside is computed from."""
    if isinstance(value.owner, ir.Block):
        raise Unsupported("a number from outside")
    for operand in value.owner.operation.operands:
        (_read_tensor if is_tensor(operand) else _read_number)(program, operand, inputs)


def _is_constant(value: ir.Value) -> bool:
    return not isinstance(value.owner, ir.Block) and value.owner.operation.name == "arith.constant"


def _buffer(program: Program, key: str, shape: Sequence[int], element: str, kind: str) -> Buffer:
    return Buffer(key, tuple(shape), element, kind, program.record.new("memory"))


def _pack(program: Program, inputs: Sequence[Buffer]) -> None:
    """Copies of inputs with another dimension innermost, for those that loops read so."""
    for buffer in inputs:
        for key, d in sorted(program.evaluator.decisions.packed):
            if key == buffer.key:
                memory = program.record.new("memory")
                copy = Buffer(f"{key}.{d}", buffer.shape, buffer.element, "scratch", memory, d)
                copy.is_settled = True
                program.places.scratch.append(copy)
                node = program.places.stored_in(buffer)
                program.places.nests.add(node, copy, stays=False)
                program.places.nests.flush()
                buffer.packed[d] = copy


def _reconsidered(program: Program, decisions: Decisions) -> bool:
    """Whether the dimensions of a buffer turned out to be in a bad order."""
    memory = program.memory
    packable = {(buffer.key, d) for buffer, d in memory.packable} - decisions.packed
    decisions.packed |= packable
    for buffer in memory.strided:
        if buffer.kind == "output":
            decisions.copied.add(buffer.key)
        else:
            votes = memory.votes.get(buffer, {buffer.innermost: 1})
            decisions.innermost[buffer.key] = max(votes, key=lambda d: votes[d])
            decisions.settled.add(buffer.key)
    return bool(packable or memory.strided)


def _size(op: ir.Operation) -> int:
    """Operations, with those in regions and in called functions."""
    if op.name == "func.call":
        return _size(functions.called(op))
    return 1 + sum(_size(x.operation) for region in op.regions for block in region.blocks for x in block.operations)


def _operands(body: Sequence[Instruction]) -> Iterator[Value]:
    for x in body:
        yield from x.operands
        for region in x.regions:
            yield from _operands(region.body)

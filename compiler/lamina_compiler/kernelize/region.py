"""Operations as a kernel: what they use from outside, the attempts until all decisions hold, the function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .. import functions
from ..kernels.kernel import MAX_BUFFERS, declare
from ..mlir import ir
from . import write
from .blocks import Program, defined_inside, values_used
from .evaluate import Decisions
from .exceptions import Again, Unsupported
from .graph import Buffer, Node
from .reader import constant_node, element_of, is_tensor, shape_of
from .record import MOST_VALUES, Instruction, Value, length

MOST_INSTRUCTIONS = 30_000  # of a kernel
WIDTH = 16  # lanes: one AVX-512 register of f32; narrower machines take two or four
_FEW = 64  # elements of a constant that are written into the code where their places are known


@dataclass
class RegionKernel:
    """Operations that were written as a kernel; `inputs` are tensors from outside that they read."""

    program: Program
    inputs: list[ir.Value]
    results: Sequence[ir.Value]
    buffers: list[Buffer]  # of the inputs, then of the results, then scratch

    @property
    def workgroups(self) -> int:
        return self.program.places.workgroups


def write_region(ops: Sequence[ir.Operation], results: Sequence[ir.Value], workgroups: int = 1) -> RegionKernel:
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
        program = Program(decisions, WIDTH)
        program.places.workgroups = workgroups
        try:
            kernel = _attempt(program, ops, results)
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


def _attempt(program: Program, ops: Sequence[ir.Operation], results: Sequence[ir.Value]) -> RegionKernel:
    decisions = program.evaluator.decisions
    inputs = _read_outside(program, ops)
    if len(inputs) + len(results) + 1 > MAX_BUFFERS:
        raise Unsupported("more arrays than a dispatch binds")
    _pack(program, [buffer for _, buffer in inputs])
    outputs = []
    for i, result in enumerate(results):
        buffer = _buffer(program, f"out{i}", shape_of(result), element_of(result), "output")
        buffer.is_settled = buffer.key in decisions.copied or program.places.workgroups > 1
        outputs.append(buffer)
        if buffer.key not in decisions.copied:
            program.results[result] = buffer

    def finish() -> None:
        for result, buffer in zip(results, outputs, strict=True):
            program.places.write(program.nodes[result], buffer)

    program.sequence(ops, results, finish)
    used = {x.number for x in _operands(program.record.body)}
    inputs = [(value, buffer) for value, buffer in inputs if buffer.memory.number in used]
    buffers = [*(buffer for _, buffer in inputs), *outputs, *program.places.scratch]
    return RegionKernel(program, [value for value, _ in inputs], results, buffers)


def append_function(module: ir.Module, kernel: RegionKernel, name: str, location: ir.Location) -> ir.Operation:
    """Add the kernel to the module; gives the declaration to call with the inputs, for the results."""
    types = [memory_type_of(buffer) for buffer in kernel.buffers]
    function = functions.create(
        module, functions.unique_name(module, name), [ir.IndexType.get(), *types], [], location=location
    )
    group, *arguments = functions.arguments(function)
    memory = {buffer.memory: argument for buffer, argument in zip(kernel.buffers, arguments, strict=True)}
    memory[kernel.program.places.workgroup] = group
    write.write(kernel.program.record, memory, functions.block(function), location)
    functions.append_return(function, [])
    results = [result.type for result in kernel.results]
    return declare(module, function, [value.type for value in kernel.inputs], results, kernel.workgroups)


def memory_type_of(buffer: Buffer) -> ir.Type:
    element = "i8" if buffer.element == "i1" else buffer.element
    return ir.MemRefType.get([buffer.length], ir.Type.parse(element))


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
    if name == "arith.constant" and node.size <= _FEW and element_of(value) not in ("bf16", "i1"):
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
    """Operations, with those in regions."""
    return 1 + sum(_size(x.operation) for region in op.regions for block in region.blocks for x in block.operations)


def _operands(body: Sequence[Instruction]) -> Iterator[Value]:
    for x in body:
        yield from x.operands
        for region in x.regions:
            yield from _operands(region.body)

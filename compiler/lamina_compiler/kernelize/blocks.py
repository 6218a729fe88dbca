"""Goes through the operations of a block: nodes for all of them first, then what has to be stored, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ..mlir import ir
from . import index as ix
from .evaluate import Decisions, Evaluator
from .exceptions import Unsupported
from .graph import Buffer, Node
from .index import Index
from .machine import Machine
from .memory import Memory
from .places import Frame, Places
from .plan import plan
from .reader import Reader, is_tensor
from .record import Record, Value

CONTROL = ("scf.for", "scf.while", "scf.if", "scf.forall")
Finish = Callable[[ir.Operation], None]
Into = Sequence[tuple[ir.Value, Buffer]]


class Program:
    """A program that is being written as a kernel. `scalars` are the numbers that were computed."""

    def __init__(self, decisions: Decisions, machine: Machine):
        self.record = Record(machine.width, machine.has_i64)
        self.memory = Memory(self.record)
        self.reader = Reader(self.record, self.number_of, self.index_of)
        self.evaluator = Evaluator(self.record, self.memory, self.reader, decisions)
        self.places = Places(self.evaluator, machine)
        self.scalars: dict[ir.Value, Value] = {}
        self.results: dict[ir.Value, Buffer] = {}  # of the whole program: where they have to be
        self.nodes = self.reader.nodes

    # ---- numbers ----

    def number_of(self, value: ir.Value) -> Value:
        """A number of the program; what outside of the loop was computed from constants is computed here."""
        found = self.scalars.get(value) or self.record.find(("number", value))
        if found is None:
            found = self._from_outside(value)
            self.record.remember(("number", value), found)
        return found

    def _from_outside(self, value: ir.Value) -> Value:
        if isinstance(value.owner, ir.Block):
            raise Unsupported("a number from outside")
        op = value.owner.operation
        element = str(value.type)
        if op.name in ("arith.constant", "complex.constant"):
            return self.record.constant(op.attributes["value"], element)
        if op.name == "util.optimization_barrier":
            return self.number_of(op.operands[0])
        if op.name == "tensor.extract" and op.operands[0] in self.nodes:
            return self._extracted(op)
        if op.regions or not op.name.startswith(("arith.", "math.", "complex.")):
            raise Unsupported(f"a number from {op.name}")
        attributes = {name: op.attributes[name] for name in op.attributes}
        return self.record.apply(op.name, [self.number_of(x) for x in op.operands], element, attributes)

    def index_of(self, value: ir.Value) -> Index:
        number = known_integer(value)
        return ix.constant(number) if number is not None else ix.symbol(self.number_of(value).number)

    # ---- blocks ----

    def block(self, block: ir.Block, arguments: Sequence[Node], finish: Finish, into: Into = ()) -> None:
        """Write a block; `finish` writes what its terminator says. `into`: where values have to be in the end."""
        *operations, terminator = [op.operation for op in block.operations]
        self._write(operations, arguments, values_used(terminator), lambda: finish(terminator), into)

    def sequence(self, ops: Sequence[ir.Operation], results: Sequence[ir.Value], finish: Callable[[], None]) -> None:
        """Write the operations of a kernel, whose `results` have their places already."""
        self._write(ops, [], results, finish, list(self.results.items()))

    def _write(
        self,
        operations: Sequence[ir.Operation],
        arguments: Sequence[Node],
        results: Iterable[ir.Value],
        finish: Callable[[], None],
        into: Into,
    ) -> None:
        nodes = [*arguments, *self._read(operations)]
        results = list(results)
        _find_last_uses(self.nodes, nodes, operations, results)
        ends = [self.nodes[value] for value in results if value in self.nodes]
        plan(nodes, self._sinks(operations), ends, self.evaluator.decisions.stored)
        frame = Frame(nodes, [(self.nodes[value], buffer) for value, buffer in into])
        self.places.frames.append(frame)
        for i, op in enumerate(operations):
            frame.position = i
            self._operation(op)
        frame.position = len(operations)
        finish()
        self.places.nests.flush()
        self.places.frames.pop()

    def _read(self, operations: Sequence[ir.Operation]) -> Iterator[Node]:
        for op in operations:
            if op.name in CONTROL:
                for result in filter(is_tensor, op.results):
                    self.nodes[result] = node = self.placeholder(result)
                    yield node
            elif op.results and is_tensor(op.results[0]):
                if op.name == "util.optimization_barrier":
                    self.nodes[op.results[0]] = self.nodes[op.operands[0]]
                else:
                    yield from self.reader.read(op)

    def placeholder(self, value: ir.Value) -> Node:
        """The node of a tensor that control flow gives."""
        return Node(**self.reader.head(value))

    def _sinks(self, operations: Sequence[ir.Operation]) -> set[Node]:
        """What is used by loops and branches, and by insertions into stored tensors."""
        used = {value for op in operations if op.name in CONTROL for value in values_used(op)}
        return {self.nodes[value] for value in used if value in self.nodes}

    def _operation(self, op: ir.Operation) -> None:
        from . import control

        if op.name in CONTROL:
            self.places.nests.flush()
            control.WRITERS[op.name](self, op)
        elif op.results and is_tensor(op.results[0]):
            for result in op.results:
                if self.nodes[result].is_stored:
                    self.places.store(self.nodes[result])
        elif op.name == "tensor.extract":
            self.places.nests.flush()
            self.scalars[op.results[0]] = self._extracted(op)
        elif op.name == "util.optimization_barrier":
            self.scalars[op.results[0]] = self.number_of(op.operands[0])
        elif op.regions or len(op.results) != 1:
            raise Unsupported(op.name)
        else:
            attributes = {name: op.attributes[name] for name in op.attributes}
            operands = [self.number_of(x) for x in op.operands]
            self.scalars[op.results[0]] = self.record.apply(op.name, operands, str(op.results[0].type), attributes)

    def _extracted(self, op: ir.Operation) -> Value:
        tensor, *indices = op.operands
        self.evaluator.reduce_in_lanes = True
        try:
            return self.evaluator.at(self.nodes[tensor], [tuple(self.index_of(i) for i in indices)])[0]
        finally:
            self.evaluator.reduce_in_lanes = False


def _find_last_uses(
    known: dict[ir.Value, Node], nodes: Sequence[Node], operations: Sequence[ir.Operation], results: Iterable[ir.Value]
) -> None:
    """`results` are used after all operations."""
    own = set(nodes)
    for i, values in enumerate((*map(values_used, operations), results)):
        is_sink = i == len(operations) or operations[i].name in (*CONTROL, "tensor.extract")
        for value in values:
            node = known.get(value)
            if node in own:
                node.last_use = i
                node.last_sink = i if is_sink else node.last_sink


def values_used(op: ir.Operation) -> list[ir.Value]:
    """Operands of an operation, and of those in its regions."""
    found = list(op.operands)
    for region in op.regions:
        for block in region.blocks:
            for inner in block.operations:
                found += values_used(inner.operation)
    return found


def defined_inside(op: ir.Operation) -> list[ir.Value]:
    """Results of the operations in an operation's regions, and arguments of their blocks."""
    found: list[ir.Value] = []
    for region in op.regions:
        for block in region.blocks:
            found += block.arguments
            for inner in block.operations:
                found += inner.operation.results
                found += defined_inside(inner.operation)
    return found


def known_integer(value: ir.Value) -> int | None:
    """The number of an integer constant, or None."""
    if isinstance(value.owner, ir.Block):
        return None
    op = value.owner.operation
    if op.name == "util.optimization_barrier":
        return known_integer(op.operands[0])
    return ir.IntegerAttr(op.attributes["value"]).value if op.name == "arith.constant" else None

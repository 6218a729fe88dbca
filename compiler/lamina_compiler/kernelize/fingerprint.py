"""What a kernel depends on: operations of the same fingerprint are one kernel, called with other inputs.

Other operations may turn out to be the same kernel, too, once it is written.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ..mlir import ir
from .graph import Buffer
from .reader import is_tensor
from .record import Instruction, Record, Value


def fingerprint(ops: Sequence[ir.Operation], results: Sequence[ir.Value]) -> tuple[Hashable, list[ir.Value]]:
    """A key of operations of one block, and the values from outside in the order in which they occur.

    Layers of a network have the same key: names and source locations are not in it.
    """
    reader = _Reader()
    written = tuple(map(reader.operation, ops))
    return (written, tuple(reader.numbers[result] for result in results)), reader.outside


def fingerprint_of_record(record: Record, buffers: Sequence[Buffer]) -> Hashable:
    """A key of what was written, over buffers in this order."""
    constants = {value.number: key for key, value in record.constants.items()}
    numbers: dict[int, int] = {}

    def place(value: Value) -> Hashable:
        return constants.get(value.number) or numbers.setdefault(value.number, len(numbers))

    def all(body: Sequence[Instruction]) -> Hashable:
        return tuple(
            (
                x.name, tuple(map(place, x.operands)), tuple((place(r), r.element, r.lanes) for r in x.results),
                tuple(x.attributes.items()), tuple((tuple(map(place, r.arguments)), all(r.body)) for r in x.regions),
            )
            for x in body
        )  # fmt: skip

    memory = tuple((place(buffer.memory), buffer.kind, buffer.element, buffer.length) for buffer in buffers)
    return memory, all(record.body)


class _Reader:
    """Numbers values in the order in which they occur."""

    def __init__(self) -> None:
        self.numbers: dict[ir.Value, int] = {}
        self.outside: list[ir.Value] = []

    def operation(self, op: ir.Operation) -> Hashable:
        operands = tuple(map(self._value, op.operands))
        for result in op.results:
            self.numbers[result] = len(self.numbers)
        regions = tuple(tuple(map(self._block, region.blocks)) for region in op.regions)
        return op.name, operands, _attributes(op), tuple(result.type for result in op.results), regions

    def _block(self, block: ir.Block) -> Hashable:
        for argument in block.arguments:
            self.numbers[argument] = len(self.numbers)
        types = tuple(argument.type for argument in block.arguments)
        return types, tuple(self.operation(op.operation) for op in block.operations)

    def _value(self, value: ir.Value) -> Hashable:
        if value in self.numbers:
            return self.numbers[value]
        maker = None if isinstance(value.owner, ir.Block) else value.owner.operation
        if maker is not None and (maker.name == "tensor.empty" or not is_tensor(value) or _is_filled(maker)):
            return maker.name, _attributes(maker), value.type, tuple(map(self._value, maker.operands))
        self.numbers[value] = len(self.numbers)
        self.outside.append(value)
        constant = _attributes(maker) if maker is not None and maker.name == "arith.constant" else ()
        return self.numbers[value], value.type, constant


def _is_filled(maker: ir.Operation) -> bool:
    """Whether a tensor is one number everywhere."""
    if maker.name == "arith.constant":
        return maker.attributes["value"].is_splat  # type: ignore[attr-defined]
    number = maker.operands[0].owner if maker.name == "linalg.fill" else None
    return number is not None and not isinstance(number, ir.Block) and number.operation.name == "arith.constant"


def _attributes(op: ir.Operation) -> Hashable:
    return tuple((name, op.attributes[name]) for name in op.attributes)

"""Operations from a record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ..mlir import ir
from .record import Instruction, Record, Region, Value


def write(record: Record, memory: dict[Value, ir.Value], block: ir.Block, location: ir.Location) -> None:
    """Append what was recorded to a block. `memory` has the buffers of the function."""
    _Writer(record, memory, location).into(block)


class _Writer:
    def __init__(self, record: Record, memory: dict[Value, ir.Value], location: ir.Location):
        self.record, self.location = record, location
        self.values: dict[int, ir.Value] = {value.number: made for value, made in memory.items()}

    def into(self, block: ir.Block) -> None:
        ip = ir.InsertionPoint(block)
        for (attribute, lanes), value in self.record.constants.items():  # type: ignore[misc]
            type = self._type(value)
            if lanes and not isinstance(attribute, ir.DenseElementsAttr):
                attribute = ir.DenseElementsAttr.get_splat(type, attribute)
            self._op("arith.constant", [type], [], {"value": attribute}, ip, [value])
        self._all(self.record.body, ip)

    def _all(self, body: Sequence[Instruction], ip: ir.InsertionPoint) -> None:
        for name, operands, results, attributes, regions in body:
            op = self._op(
                name, [self._type(r) for r in results], operands, attributes, ip, results,
                len(regions),
            )  # fmt: skip
            for made, region in zip(op.regions, regions, strict=False):
                self._region(made, region)

    def _op(
        self,
        name: str,
        types: Sequence[ir.Type],
        operands: Sequence[Value],
        attributes: dict[str, ir.Attribute],
        ip: ir.InsertionPoint,
        results: Sequence[Value],
        regions: int = 0,
    ) -> ir.Operation:
        values = [self.values[x.number] for x in operands]
        count = 2 if name == "scf.if" else regions
        op = ir.Operation.create(name, types, values, attributes, regions=count, ip=ip, loc=self.location)
        for value, made in zip(results, op.results, strict=True):
            self.values[value.number] = made
        return op

    def _region(self, made: ir.Region, region: Region) -> None:
        types = [self._type(a) for a in region.arguments]
        block = made.blocks.append(*types, arg_locs=[self.location] * len(types))
        for argument, value in zip(region.arguments, block.arguments, strict=True):
            self.values[argument.number] = value
        self._all(region.body, ir.InsertionPoint(block))

    def _type(self, value: Value) -> ir.Type:
        return _type(value.element, self.record.width if value.lanes else 0)


@cache
def _type(element: str, lanes: int) -> ir.Type:
    type = ir.Type.parse(element)
    return ir.VectorType.get([lanes], type) if lanes else type

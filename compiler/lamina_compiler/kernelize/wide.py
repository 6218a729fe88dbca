"""64-bit integers that loops carry, as their halves: IREE emulates such integers on Vulkan, but not across regions."""

from __future__ import annotations

from collections.abc import Sequence

from .record import Instruction, Record, Region, Value


def with_halves(body: Sequence[Instruction], record: Record) -> list[Instruction]:
    """The instructions, with two i32 in place of every i64 that goes into a region or comes out of one."""
    found: list[Instruction] = []
    for x in body:
        if x.regions:
            found += _structured(x, record)
        elif x.name.startswith("scf."):  # ends a region
            before, operands = _halved(x.operands, record)
            found += [*before, x._replace(operands=operands)]
        else:
            found.append(x)
    return found


def _structured(x: Instruction, record: Record) -> list[Instruction]:
    before, operands = _halved(x.operands, record)
    regions = []
    for region in x.regions:
        arguments, start = _joined(region.arguments, record)
        regions.append(Region(arguments, [*start, *with_halves(region.body, record)]))
    results, after = _joined(x.results, record)
    return [*before, x._replace(operands=operands, results=results, regions=regions), *after]


def _halved(values: Sequence[Value], record: Record) -> tuple[list[Instruction], list[Value]]:
    """Instructions that give the halves, and what is passed in place of the values."""
    written: list[Instruction] = []
    passed: list[Value] = []
    for value in values:
        if value.element != "i64":
            passed.append(value)
            continue
        low, upper, high = record.new("i32"), record.new("i64"), record.new("i32")
        written += [
            Instruction("arith.trunci", [value], [low], {}),
            Instruction("arith.shrui", [value, record.number(32, "i64")], [upper], {}),
            Instruction("arith.trunci", [upper], [high], {}),
        ]
        passed += [low, high]
    return written, passed


def _joined(values: Sequence[Value], record: Record) -> tuple[list[Value], list[Instruction]]:
    """What arrives in place of the values, and instructions that make them of it."""
    arriving: list[Value] = []
    written: list[Instruction] = []
    for value in values:
        if value.element != "i64":
            arriving.append(value)
            continue
        low, high = record.new("i32"), record.new("i32")
        wide, upper, shifted = (record.new("i64") for _ in range(3))
        written += [
            Instruction("arith.extui", [low], [wide], {}),
            Instruction("arith.extui", [high], [upper], {}),
            Instruction("arith.shli", [upper, record.number(32, "i64")], [shifted], {}),
            Instruction("arith.ori", [wide, shifted], [value], {}),
        ]
        arriving += [low, high]
    return arriving, written

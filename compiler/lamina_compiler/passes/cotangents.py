"""Sums of cotangents: of slices side by side, as gates of a network are, one array, not a sum of padded ones."""

from __future__ import annotations

import functools
from typing import NamedTuple

from ..builder import Builder
from ..mlir import ir
from ..opdef import lookup
from ..types import Shape, from_ir
from .simplify_rules import definition, splat


class _Padded(NamedTuple):
    """`part` with zeros around it."""

    part: ir.Value
    zero: ir.Value
    low: Shape
    high: Shape
    whole: ir.Value | None  # if it was made already


class Cotangents:
    """What has arrived at each value: a sum, to which cotangents are added at once, and slices, which wait."""

    def __init__(self) -> None:
        self._sums: dict[ir.Value, ir.Value] = {}
        self._slices: dict[ir.Value, list[_Padded]] = {}

    def __contains__(self, value: ir.Value) -> bool:
        return value in self._sums or value in self._slices

    def add(self, b: Builder, value: ir.Value, cotangent: ir.Value) -> None:
        padded = _padded(cotangent)
        if padded is not None:
            self._slices.setdefault(value, []).append(padded)
        else:
            self._sums[value] = b.add(self._sums[value], cotangent) if value in self._sums else cotangent

    def take(self, b: Builder, value: ir.Value) -> ir.Value | None:
        """The sum of all that has arrived at a value; None if nothing has."""
        slices, shape = self._slices.pop(value, []), from_ir(value.type).shape
        for d in range(len(shape)):
            slices = _joined(b, slices, d, shape[d])
        known = [self._sums.pop(value)] if value in self._sums else []
        terms = [*known, *(_whole(b, padded) for padded in slices)]
        return functools.reduce(b.add, terms) if terms else None


def _padded(value: ir.Value) -> _Padded | None:
    """A value that is the cotangent of a slice."""
    pad = definition(value, "pad")
    if pad is None or splat(pad.operands[1]) != 0:
        return None
    edges = lookup(pad.name).decode_attributes(pad)
    if any(edges["interior"]) or any(n < 0 for n in (*edges["low"], *edges["high"])):
        return None
    return _Padded(pad.operands[0], pad.operands[1], edges["low"], edges["high"], value)


def _joined(b: Builder, slices: list[_Padded], d: int, size: int) -> list[_Padded]:
    """Those that follow each other along dimension d, and agree in the others, as one."""
    rows: dict[tuple[Shape, ...], list[_Padded]] = {}
    for padded in slices:
        rows.setdefault(tuple((*edge[:d], *edge[d + 1 :]) for edge in (padded.low, padded.high)), []).append(padded)
    found: list[_Padded] = []
    for row in rows.values():
        first, *rest = sorted(row, key=lambda padded: (padded.low[d], -padded.high[d]))
        for following in rest:
            if size - first.high[d] == following.low[d]:
                both = b.concatenate(first.part, following.part, dimension=d)
                first = _Padded(both, first.zero, first.low, following.high, None)
            else:
                found.append(first)
                first = following
        found.append(first)
    return found


def _whole(b: Builder, padded: _Padded) -> ir.Value:
    if padded.whole is not None:
        return padded.whole
    return b.pad(padded.part, padded.zero, low=padded.low, high=padded.high, interior=(0,) * len(padded.low))

"""Running combinations along an axis, and linear recurrences.

Neighbours in memory are combined in registers: with what is 1, 2, 4, … places before (Hillis & Steele 1986), then with
all that came before the register. Along another axis registers hold neighbouring lines, and go element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import scalar
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import SHORT_NAME, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory
from .sort import Lines
from .values import Complex, Value

_COLUMNS = 4  # vectors of lines that go side by side
_MOST_LANES = 16  # of which a register is combined

ScalarFunction = Callable[..., Any]


class Carried(NamedTuple):
    """How elements are carried: in `dtype`, which `enter` makes of an element and `leave` an element of."""

    dtype: np.dtype
    enter: ScalarFunction
    leave: ScalarFunction


def carried_as(dtype: np.dtype, carrier: np.dtype) -> Carried:
    """As values of another dtype."""
    names = SHORT_NAME[dtype], SHORT_NAME[carrier]
    return Carried(carrier, lambda x: scalar.convert(x, names[1]), lambda x: scalar.convert(x, names[0]))


def running_lower(
    lw: LinalgBuilder,
    name: str,
    x: ir.Value,
    type: TensorType,
    axis: int,
    reverse: bool,
    combine: ScalarFunction,
    identity: Any,
    carried: Carried,
) -> ir.Value:
    """Every element combined with all before it along the axis; `combine` is associative."""
    lines = Lines.along(type, axis)
    dtypes = [carried.dtype] * 2

    def along(code: Loops, x: Memory, out: Memory) -> None:
        _along(code, lines.length, reverse, identity, carried, x, out, lambda a, b: code.apply(combine, [a, b], dtypes))

    def across(code: Loops, state: Any, x: Any) -> Any:
        return code.apply(combine, [state, x], dtypes)

    return _append(lw, name, [x], type, axis, reverse, carried, identity, along, across)


def recurrence_lower(
    lw: LinalgBuilder, operands: Sequence[ir.Value], type: TensorType, axis: int, reverse: bool, carried: Carried
) -> ir.Value:
    """yᵢ = aᵢ·yᵢ₋₁ + bᵢ, in this order: products of factors alone could overflow."""
    length = Lines.along(type, axis).length

    def along(code: Loops, a: Memory, b: Memory, out: Memory) -> None:
        def step(i: Value, y: Any) -> list[Any]:
            at = length - 1 - i if reverse else i
            factor, term = (code.apply(carried.enter, [memory[at]], [type.dtype]) for memory in (a, b))
            y = term.plus(factor, y)
            out[at] = code.apply(carried.leave, [y], [carried.dtype])
            return [y]

        code.fold(0, length, [code.zero(carried.dtype)], step)

    def across(code: Loops, y: Any, a: Any, b: Any) -> Any:
        return b.plus(a, y)

    return _append(lw, "linear_recurrence", operands, type, axis, reverse, carried, 0, along, across)


def _append(
    lw: LinalgBuilder,
    name: str,
    operands: Sequence[ir.Value],
    type: TensorType,
    axis: int,
    reverse: bool,
    carried: Carried,
    start: Any,
    along: Callable[..., None],
    across: Callable[..., Any],
) -> ir.Value:
    """`along` does a line of neighbours in memory; `across(code, state, *elements)` gives the next state of any."""
    lines = Lines.along(type, axis)
    width = Loops(lw).width(type.dtype)
    block = width * _COLUMNS
    blocks = -(-lines.stride // block)
    outer = lines.number // lines.stride

    def body(code: Loops, part: Value, *memory: Memory) -> None:
        if lines.stride == 1:
            along(code, *(m.at(part * lines.length) for m in memory))
            return
        first = part % blocks * block
        arrays = [m.at(part // blocks * (lines.length * lines.stride)) for m in memory]
        columns = _Columns(code, lines, reverse, carried, type.dtype, start, across)
        with code.when(first + block <= lines.stride):
            columns.run(arrays, [Lanes(first + i * width, width) for i in range(_COLUMNS)])
        with code.when(first + block > lines.stride):
            code.lanes(first, lines.stride, type.dtype, lambda j: columns.run(arrays, [j]))

    parts, work = outer * blocks, lines.length * min(lines.stride, block) // 2
    name = f"{name}_axis{axis}{'_reverse' if reverse else ''}"
    types = [type] * len(operands)
    return append_batched(lw, name, operands, types, [type], body, parts=parts, work=work)[0]


class _Columns(NamedTuple):
    """Lines that are side by side in memory."""

    code: Loops
    lines: Lines
    reverse: bool
    carried: Carried
    dtype: np.dtype
    start: Any
    across: Callable[..., Any]

    def run(self, memory: Sequence[Memory], columns: Sequence[Any]) -> None:
        *inputs, out = memory
        code, carried = self.code, self.carried
        last = self.lines.length - 1

        def step(i: Value, *states: Any) -> list[Any]:
            row = (last - i if self.reverse else i) * self.lines.stride
            new = []
            for column, state in zip(columns, states, strict=True):
                elements = [code.apply(carried.enter, [m[column + row]], [self.dtype]) for m in inputs]
                new.append(self.across(code, state, *elements))
            for column, state in zip(columns, new, strict=True):
                out[column + row] = code.apply(carried.leave, [state], [carried.dtype])
            return new

        start = code.number(self.start, carried.dtype, columns[0].width)
        code.fold(0, self.lines.length, [start] * len(columns), step)


def _along(
    code: Loops,
    length: int,
    reverse: bool,
    identity: Any,
    carried: Carried,
    x: Memory,
    out: Memory,
    combine: Callable[[Any, Any], Any],
) -> None:
    """A line, a register at a time."""
    width = min(code.width(carried.dtype), _MOST_LANES)
    neutral = code.number(identity, carried.dtype, width)
    order = range(width)[::-1] if reverse else range(width)

    def within(value: Any) -> Any:
        distance = 1
        while distance < width:
            places = [0] * width
            for k, lane in enumerate(order):
                places[lane] = order[k - distance] if k >= distance else width + lane
            value = combine(_shuffled(value, neutral, places), value)
            distance *= 2
        return value

    def register(at: Lanes, before: Any) -> Any:
        value = code.apply(carried.enter, [x[at]], [x.dtype])
        if at.mask is not None:
            value = code.select(at.mask, value, neutral)
        value = within(value)
        out[at] = code.apply(carried.leave, [combine(before, value)], [carried.dtype])
        return combine(before, _shuffled(value, value, [order[-1]] * width))

    def step(i: Value, before: Any) -> list[Any]:
        first = length - width - i * width if reverse else i * width
        return [register(Lanes(first, width), before)]

    full, rest = divmod(length, width)
    (before,) = code.fold(0, full, [neutral], step)
    if rest:
        first = code.index(0 if reverse else full * width)
        register(Lanes(first, width, code.mask(rest, width)), before)


def _shuffled(x: Any, y: Any, places: list[int]) -> Any:
    if isinstance(x, Complex):
        return Complex(x.real.shuffle(y.real, places), x.imag.shuffle(y.imag, places))
    return x.shuffle(y, places)

"""Products of matrices of small integers with few columns: vectors go along the sums, of which each is one row's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import product
from typing import Any

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import BY_SHORT_NAME, TensorType
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory
from .strided_product import Products
from .values import Value

_OTHER_REGISTERS = 4  # than those of sums
_MOST_ROWS = 8  # at once
_MULTIPLY_ADDS = 64  # that are a step of a workgroup
_I32 = BY_SHORT_NAME["i32"]


class Groups(Products, ABC):
    """Terms of groups of neighbours along the sum, of which one instruction multiplies and adds up all."""

    def opposed(self, left: Value) -> Value:
        """Numbers of the left operand with a sign where the right ones have none, and the other way."""
        return left

    @abstractmethod
    def multiplied(self, total: Value, left: Value, right: Value) -> Value:
        """The total with the products of groups of neighbours, those of the left operand opposed."""


def integer_dots(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    result: TensorType,
    products: Groups,
    sizes: tuple[int, int, int, int],
) -> ir.Value:
    """Σ x[b, i, s] y[b, j, s]; `sizes`: how many b, i, j and s there are."""
    batch, rows, columns, terms = sizes
    width, registers = Loops(lw).width(_I32), Loops(lw).vectors.registers
    chunk = products.numbers * width
    step = min(rows, _MOST_ROWS, max(1, (registers - _OTHER_REGISTERS) // columns - products.extra))
    blocks = -(-rows // step)  # the last one starts earlier where they do not divide the rows

    def body(code: Loops, part: Value, x: Memory, y: Memory, out: Memory) -> None:
        number = part // blocks
        first = (part % blocks * step).minimum(rows - step)
        lefts = [x.at((number * rows + first + i) * terms) for i in range(step)]
        rights = [y.at((number * columns + j) * terms) for j in range(columns)]

        def add(lanes: Lanes, sums: Sequence[Any]) -> list[Any]:
            factors, values = products.factors([products.opposed(x[lanes]) for x in lefts]), [y[lanes] for y in rights]
            return [
                products.multiplied(total, factor, value)
                for total, (factor, value) in zip(sums, product(factors, values), strict=True)
            ]

        whole = terms // chunk
        sums: list[Any] = [code.number(0, _I32, width)] * ((step + products.extra) * columns)
        sums = code.fold(0, whole, sums, lambda i, *sums: add(Lanes(i * chunk, chunk), sums))
        if terms % chunk:
            sums = add(Lanes(code.index(whole * chunk), chunk, code.mask(terms % chunk, chunk)), sums)
        for i, j in product(range(step), range(columns)):
            total = sums[i * columns + j]
            if products.extra:
                total = total - sums[step * columns + j]
            out[(number * rows + first + i) * columns + j] = total.sum()

    work = step * columns * terms // _MULTIPLY_ADDS
    return append_batched(
        lw, f"integer_dots_{products.name}", operands, types, [result], body,
        parts=batch * blocks, work=work,
    )[0]  # fmt: skip

"""Products of matrices of small integers, two terms of a sum at a time.

CPUs multiply pairs of 16-bit integers and add up both products in one instruction: vpmaddwd (Intel 64 and IA-32
Architectures Software Developer's Manual, volume 2). LLVM finds it in the form that `_Pairs.add` has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .. import scalar
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import BY_SHORT_NAME, SHORT_NAME, SIGNED, TensorType
from .memory import Lanes, Memory
from .strided_product import Loop, Products, Terms, strided_product
from .values import Value

_SHORT = BY_SHORT_NAME["i16"]
_BLOCKS = (64, 48, 32, 16)  # columns that are a part of the work, if they divide all


class _Pairs(Products):
    """Pairs of neighbours along the sum, as 16-bit integers."""

    name = "pairs"
    numbers = 2

    def __init__(self, right: np.dtype, apart: int) -> None:
        """`right`: type of the right operand; `apart`: how far the numbers of a pair are from each other there."""
        super().__init__(_SHORT)
        self.right, self.apart = right, apart

    def packed(self, right: Memory, lanes: Lanes) -> Value:
        low, high = (self._short(right[lanes + i * self.apart]) for i in range(2))
        return low.shuffle(high, [i // 2 + lanes.width * (i % 2) for i in range(2 * lanes.width)])

    def factor(self, left: Memory, place: Value) -> Value:
        return left[Lanes(place, 2)]

    def add(self, total: Value, factor: Value, value: Value) -> Value:
        """All products, of which neighbours are added up; frozen, or LLVM would add half of them to the total first."""
        spread = factor.shuffle(factor, [0, 1] * total.lanes)
        products = spread.as_signed(32) * value.as_signed(32)
        even, odd = (products.shuffle(products, list(range(half, products.lanes, 2))) for half in range(2))
        both = even + odd
        return total + both.code.op("llvm.freeze", both.ir.type, both)

    def _short(self, value: Value) -> Value:
        if self.right == _SHORT:
            return value
        return value.as_signed(16) if self.right in SIGNED else value.as_int(16)


def integer_product(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    orders: Sequence[Sequence[int]],
    result: TensorType,
    *,
    batch: int,
    depth: int,
) -> ir.Value:
    """Σ x·y modulo 2³² of integers of 8 or 16 bits, over the last `depth` dimensions of x, and as many of y.

    `orders` brings the dimensions of x to batch, free, contracted; those of y to batch, contracted, free.
    """
    x = _arranged(lw, operands[0], types[0], orders[0], _SHORT, len(orders[0]) - depth, depth)
    y = _arranged(lw, operands[1], types[1], orders[1], types[1].dtype, batch, depth)
    count, terms, columns = math.prod(y.type.shape[:batch]), y.type.shape[batch], math.prod(y.type.shape[batch + 1 :])
    rows = math.prod(x.type.shape[batch:-1])
    block = next((size for size in _BLOCKS if columns % size == 0), columns)
    return strided_product(
        lw,
        [x.value, y.value],
        [x.type, y.type],
        result,
        outer=[Loop(count, rows * terms, terms * columns, rows * columns), Loop(columns // block, 0, block, block)],
        rows=[Loop(rows, left=terms, out=columns)],
        sums=[Terms([Loop(terms // 2, left=2, right=2 * columns)])],
        columns=block,
        products=_Pairs(y.type.dtype, apart=columns),
    )


class _Operand(NamedTuple):
    value: ir.Value
    type: TensorType


def _arranged(
    lw: LinalgBuilder,
    value: ir.Value,
    type: TensorType,
    order: Sequence[int],
    dtype: np.dtype,
    first: int,
    depth: int,
) -> _Operand:
    """An operand in another order and type, its `depth` dimensions from `first` on as one of even size."""
    shape = tuple(type.shape[d] for d in order)
    if dtype != type.dtype or list(order) != sorted(order):
        narrow = SHORT_NAME[dtype]
        value = lw.parallel(
            [value],
            [[order.index(d) for d in range(type.rank)]],
            TensorType(shape, dtype),
            lambda inner, args: inner.apply(lambda v: scalar.convert(v, narrow), args, [type.dtype]),
        )
    before, after = shape[:first], shape[first + depth :]
    terms = math.prod(shape[first : first + depth])
    if depth > 1:
        dims = [[d] for d in range(type.rank)]
        groups = [*dims[:first], list(range(first, first + depth)), *dims[first + depth :]]
        value = lw.collapse(value, groups, TensorType((*before, terms, *after), dtype))
    padded = TensorType((*before, terms + terms % 2, *after), dtype)
    if terms % 2:
        high = [int(d == first) for d in range(padded.rank)]
        value = lw.pad(value, [0] * padded.rank, high, lw.scalar_constant(0, dtype), padded)
    return _Operand(value, padded)

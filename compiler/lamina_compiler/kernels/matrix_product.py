"""Products of matrices as kernels, of operands whose dimensions are in any order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import scalar
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import SHORT_NAME, TensorType
from .strided_product import Loop, Products, Terms, strided_product

_BLOCKS = (64, 48, 32, 16)  # columns that are a part of the work, if they divide all


def matrix_product(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    orders: Sequence[Sequence[int]],
    changes: Sequence[Change],
    result: TensorType,
    products: Products,
    *,
    batch: int,
    depth: int,
) -> ir.Value:
    """Σ x·y over the last `depth` dimensions of x, and as many of y, each changed before.

    `orders` brings the dimensions of x to batch, free, contracted; those of y to batch, contracted, free.
    """
    group = products.numbers
    x = arranged(lw, operands[0], types[0], orders[0], changes[0], len(orders[0]) - depth, depth, group)
    y = arranged(lw, operands[1], types[1], orders[1], changes[1], batch, depth, group)
    count, terms, rows = math.prod(y.type.shape[:batch]), y.type.shape[batch], math.prod(x.type.shape[batch:-1])
    columns = math.prod(y.type.shape[batch + 1 :])
    block = next((size for size in _BLOCKS if columns % size == 0), columns)
    return strided_product(
        lw,
        [x.value, y.value],
        [x.type, y.type],
        result,
        outer=[Loop(count, rows * terms, terms * columns, rows * columns), Loop(columns // block, 0, block, block)],
        rows=[Loop(rows, left=terms, out=columns)],
        sums=[Terms([Loop(terms // group, left=group, right=group * columns)])],
        columns=block,
        products=products,
    )


class Change(NamedTuple):
    """Of numbers to another type, or of their first bit."""

    dtype: np.dtype
    is_flipped: bool = False

    def __call__(self, number: Any) -> Any:
        return number ^ -128 if self.is_flipped else scalar.convert(number, SHORT_NAME[self.dtype])


class Operand(NamedTuple):
    value: ir.Value
    type: TensorType


def arranged(
    lw: LinalgBuilder,
    value: ir.Value,
    type: TensorType,
    order: Sequence[int],
    change: Change,
    first: int,
    depth: int,
    group: int,
) -> Operand:
    """An operand changed, in another order, its `depth` dimensions from `first` on as one that `group` divides."""
    shape, dtype = tuple(type.shape[d] for d in order), change.dtype
    if change != Change(type.dtype) or list(order) != sorted(order):
        value = lw.parallel(
            [value],
            [[order.index(d) for d in range(type.rank)]],
            TensorType(shape, dtype),
            lambda inner, args: inner.apply(change, args, [type.dtype]),
        )
    before, after = shape[:first], shape[first + depth :]
    terms = math.prod(shape[first : first + depth])
    if depth > 1:
        dims = [[d] for d in range(type.rank)]
        groups = [*dims[:first], list(range(first, first + depth)), *dims[first + depth :]]
        value = lw.collapse(value, groups, TensorType((*before, terms, *after), dtype))
    padded = TensorType((*before, terms + -terms % group, *after), dtype)
    if terms % group:
        high = [(-terms % group) * (d == first) for d in range(padded.rank)]
        value = lw.pad(value, [0] * padded.rank, high, lw.scalar_constant(0, dtype), padded)
    return Operand(value, padded)

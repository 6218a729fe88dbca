"""Products of matrices of small integers, two or four terms of a sum at a time.

CPUs multiply pairs of 16-bit integers and add up both products in one instruction, vpmaddwd; LLVM finds it in the form
that `_Pairs.multiplied` has. Those with VNNI add them to a total, too, vpdpwssd, or four products of bytes, of which
one has a sign and one has not, vpdpbusd (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .. import targeting
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import BY_SHORT_NAME, SIGNED, TensorType
from .integer_dots import Groups, integer_dots
from .matrix_product import Change, arranged, matrix_product
from .memory import Lanes, Memory
from .values import Value

_SHORT = BY_SHORT_NAME["i16"]
_FEW_COLUMNS, _LONG = 12, 256  # columns up to which, and terms from which on, vectors go along the sums


class _Pairs(Groups):
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
        return self.multiplied(total, factor.shuffle(factor, [0, 1] * total.lanes), value)

    def multiplied(self, total: Value, left: Value, right: Value) -> Value:
        """All products, of which neighbours are added up; frozen, or LLVM would add half of them to the total first."""
        if total.code.vectors.dots:
            return _dots("vpdpwssd", total, left, right)
        products = left.as_signed(32) * right.as_signed(32)
        even, odd = (products.shuffle(products, list(range(half, products.lanes, 2))) for half in range(2))
        both = even + odd
        return total + both.code.op("llvm.freeze", both.ir.type, both)

    def _short(self, value: Value) -> Value:
        if self.right == _SHORT:
            return value
        return value.as_signed(16) if self.right in SIGNED else value.as_int(16)


class _Quads(Groups):
    """Four neighbours along the sum, as bytes: those of one operand with, of the other without a sign.

    Where both have signs, or none, the first bit of the left operand is flipped, which adds 128 to each of its numbers
    if it is read without a sign then, and takes 128 away if it is read with one. The surplus is a sum of the right one.
    """

    name = "quads"
    numbers = 4

    def __init__(self, left: np.dtype, right: np.dtype, apart: int) -> None:
        """`apart`: how far neighbours along the sum are from each other in the right operand."""
        super().__init__(right)
        self.apart, self.surplus = apart, -128 if left == right else None
        self.is_right_signed = right in SIGNED

    def packed(self, right: Memory, lanes: Lanes) -> Value:
        a, b, c, d = (right[lanes + i * self.apart] for i in range(4))
        n = lanes.width
        low, high = (x.shuffle(y, [i // 2 + n * (i % 2) for i in range(2 * n)]) for x, y in ((a, b), (c, d)))
        return low.shuffle(high, [i // 4 * 2 + i % 2 + 2 * n * (i // 2 % 2) for i in range(4 * n)])

    def factor(self, left: Memory, place: Value) -> Value:
        return left[Lanes(place, 4)]

    def add(self, total: Value, factor: Value, value: Value) -> Value:
        return self.multiplied(total, factor.shuffle(factor, [0, 1, 2, 3] * total.lanes), value)

    def opposed(self, left: Value) -> Value:
        return left if self.surplus is None else left ^ self.surplus

    def multiplied(self, total: Value, left: Value, right: Value) -> Value:
        return _dots("vpdpbusd", total, *((left, right) if self.is_right_signed else (right, left)))


def _dots(instruction: str, total: Value, *factors: Value) -> Value:
    """The total with the products of groups of neighbours."""
    bits = 32 * total.lanes
    return total.code.op(
        "llvm.call_intrinsic",
        total.ir.type,
        total,
        *factors,
        intrin=ir.StringAttr.get(f"llvm.x86.avx512.{instruction}.{bits}"),
        op_bundle_sizes=ir.DenseI32ArrayAttr.get([]),
        operandSegmentSizes=ir.DenseI32ArrayAttr.get([1 + len(factors), 0]),
    )


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
    left, right = types[0].dtype, types[1].dtype
    columns = math.prod(types[1].shape[d] for d in orders[1][batch + depth :])
    length = math.prod(types[1].shape[d] for d in orders[1][batch : batch + depth])
    in_quads = left.itemsize == right.itemsize == 1 and targeting.vectors_of(lw.scalars.module).dots
    products = _Quads(left, right, columns) if in_quads else _Pairs(right, columns)
    if columns <= _FEW_COLUMNS and length >= _LONG:
        return _by_dots(lw, operands, types, orders, result, products, batch, depth)
    change = Change(left, is_flipped=left == right) if in_quads else Change(_SHORT)
    return matrix_product(
        lw, operands, types, orders, [change, Change(right)], result, products, batch=batch, depth=depth
    )


def _by_dots(
    lw: LinalgBuilder,
    operands: Sequence[ir.Value],
    types: Sequence[TensorType],
    orders: Sequence[Sequence[int]],
    result: TensorType,
    products: Groups,
    batch: int,
    depth: int,
) -> ir.Value:
    """The product with the terms of a sum innermost in both operands."""
    left, right = orders
    right = [*right[:batch], *right[batch + depth :], *right[batch : batch + depth]]
    x, y = (
        arranged(
            lw, value, type, order, Change(_SHORT if isinstance(products, _Pairs) else type.dtype),
            len(order) - depth, depth, 1,
        )
        for value, type, order in zip(operands, types, (left, right), strict=True)
    )  # fmt: skip
    rows, columns = (math.prod(operand.type.shape[batch:-1]) for operand in (x, y))
    sizes = math.prod(x.type.shape[:batch]), rows, columns, x.type.shape[-1]
    return integer_dots(lw, [x.value, y.value], [x.type, y.type], result, products, sizes)

"""Dimensions of an array in another order, in squares that are transposed in registers.

IREE's code has no vectors where its tiles do not divide the sizes, or where its loop computes something else, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import REAL_OF, TensorType
from ..vectors import Vectors
from .batch import append_batched
from .loops import Loops
from .memory import Lanes, Memory, strides_of
from .values import Value

_MOST_LANES = 16
_ELEMENTS = 1 << 14  # fewer are quick in any way


def is_worth_it(type: TensorType, permutation: Sequence[int], vectors: Vectors) -> bool:
    """Whether other elements become neighbours, so many that whole squares can be transposed."""
    if not type.rank or type.size < _ELEMENTS or permutation[-1] == type.rank - 1:
        return False
    return min(type.shape[permutation[-1]], type.shape[-1]) >= _lanes(type.dtype, vectors)


def transposed(lw: LinalgBuilder, x: ir.Value, type: TensorType, permutation: Sequence[int]) -> ir.Value:
    """Result dimension i is operand dimension permutation[i]. For what `is_worth_it`."""
    shape = tuple(type.shape[p] for p in permutation)
    along, across = permutation[-1], type.rank - 1  # what is innermost in the result, and in the operand
    steps = dict(enumerate(strides_of(type.shape)))  # in the operand and in the result, by dimension of the operand
    strides = dict(zip(permutation, strides_of(shape), strict=True))
    outer = [d for d in permutation if d not in (along, across)]
    n = _lanes(type.dtype, Loops(lw).vectors)
    length, width = type.shape[along], type.shape[across]
    strips = -(-width // n)

    def body(code: Loops, part: Value, x: Memory, out: Memory) -> None:
        # where squares do not divide the sizes, the last ones start earlier
        j, part = (part % strips * n).minimum(width - n), part // strips
        read: Value | int = 0
        write: Value | int = 0
        for d in reversed(outer):
            index, part = part % type.shape[d], part // type.shape[d]
            read, write = index * steps[d] + read, index * strides[d] + write
        source, target = x.at(read), out.at(write)

        with code.loop(0, length, n) as i:
            i = i.minimum(length - n)
            rows = [source[Lanes((i + k) * steps[along] + j, n)] for k in range(n)]
            for k, row in enumerate(_transposed(rows)):
                target[Lanes((j + k) * strides[across] + i, n)] = row

    parts = strips * math.prod(type.shape[d] for d in outer)
    name = f"transpose_{'_'.join(map(str, permutation))}"
    result = TensorType(shape, type.dtype)
    return append_batched(lw, name, [x], [type], [result], body, parts=parts, work=length * n // 2)[0]


def _lanes(dtype: np.dtype, vectors: Vectors) -> int:
    return min(vectors.lanes(REAL_OF.get(dtype, dtype)), _MOST_LANES)


def _transposed(rows: list[Any]) -> list[Any]:
    """Exchanges halves of pairs of rows, then quarters of pairs of these, …"""
    n, rows = len(rows), list(rows)
    half = n // 2
    while half:
        low = [i if not i & half else n + i - half for i in range(n)]
        high = [i + half if not i & half else n + i for i in range(n)]
        for k in range(n):
            if not k & half:
                a, b = rows[k], rows[k + half]
                rows[k], rows[k + half] = a.shuffle(b, low), a.shuffle(b, high)
        half //= 2
    return rows

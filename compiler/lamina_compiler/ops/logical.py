"""Comparison, choice, and operations on bits."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import scalar
from ..opdef import NotDifferentiable
from ..types import ANY, BOOL, BOOL_DTYPE, INTEGER, INTEGRAL, KEY, ORDERED
from .elementwise import elementwise, uniform

_BOOLEAN = NotDifferentiable("its result is boolean")
_BITS = NotDifferentiable("it works on bits, not on real numbers")

for _name, _doc, _accepts, _reference, _scalar in [
    ("eq", "x = y; nan equals nothing.", ANY | KEY, operator.eq, scalar.equal),
    ("ne", "x ≠ y; nan differs from everything.", ANY | KEY, operator.ne, scalar.not_equal),
    ("lt", "x < y; false with nan.", ORDERED, np.less, scalar.less),
    ("le", "x ≤ y; false with nan.", ORDERED, np.less_equal, scalar.less_equal),
    ("gt", "x > y; false with nan.", ORDERED, np.greater, scalar.greater),
    ("ge", "x ≥ y; false with nan.", ORDERED, np.greater_equal, scalar.greater_equal),
]:
    elementwise(
        _name,
        doc=_doc,
        operands=("x", "y"),
        accepts=_accepts,
        result=BOOL_DTYPE,
        reference=_reference,
        scalar=_scalar,
        jvp=_BOOLEAN,
        samples=uniform(-2, 2),
        family="comparison",
    )


def _select_transpose(b: Any, ct: Any, operands: Sequence[Any], types: Sequence[Any]) -> list[Any]:
    predicate, on_true, on_false = operands
    zero = b.full_like(ct, 0)
    return [
        None,
        b.select(predicate, ct, zero) if on_true is None else None,
        b.select(predicate, zero, ct) if on_false is None else None,
    ]


select = elementwise(
    "select",
    doc="on_true where the predicate holds, else on_false.",
    operands=("predicate", "on_true", "on_false"),
    accepts=ANY | KEY,
    operand_dtypes=(BOOL, None, None),
    reference=lambda p, x, y: np.where(p, x, y).astype(x.dtype, copy=False),
    scalar=scalar.select,
    jvp=(
        None,
        lambda b, dx, p, x, y, z: b.select(p, dx, b.full_like(dx, 0)),
        lambda b, dy, p, x, y, z: b.select(p, b.full_like(dy, 0), dy),
    ),
    transpose=_select_transpose,
    family="comparison",
)

for _name, _doc, _reference, _scalar in [
    ("and", "Bitwise and; logical for booleans.", np.bitwise_and, scalar.bitwise_and),
    ("or", "Bitwise or; logical for booleans.", np.bitwise_or, scalar.bitwise_or),
    ("xor", "Bitwise exclusive or; logical for booleans.", np.bitwise_xor, scalar.bitwise_xor),
]:
    elementwise(
        _name,
        doc=_doc,
        operands=("x", "y"),
        accepts=INTEGRAL,
        reference=_reference,
        scalar=_scalar,
        jvp=_BITS,
        samples=uniform(-100, 100),
        family="bitwise",
    )

elementwise(
    "not",
    doc="Bitwise complement; logical for booleans.",
    accepts=INTEGRAL,
    reference=np.invert,
    scalar=scalar.bitwise_not,
    jvp=_BITS,
    samples=uniform(-100, 100),
    family="bitwise",
)


def _shift_reference(shift: Any, fill: Any) -> Any:
    """NumPy's shift, with the guard it lacks: amounts outside [0, width) give `fill`."""

    def reference(x: np.ndarray, amount: np.ndarray) -> np.ndarray:
        width = 8 * x.dtype.itemsize
        unsigned = amount.view(amount.dtype.str.replace("i", "u"))
        inside = unsigned < width
        shifted = shift(x, np.where(inside, amount, 0).astype(amount.dtype))
        return np.where(inside, shifted, fill(x)).astype(x.dtype)

    return reference


def _logical_right(x: np.ndarray, amount: np.ndarray) -> np.ndarray:
    unsigned = np.dtype(x.dtype.str.replace("i", "u"))
    return np.right_shift(x.view(unsigned), amount.astype(unsigned)).view(x.dtype)


def _signed(dtype: np.dtype) -> np.dtype:
    return np.dtype(dtype.str.replace("u", "i"))


def _arithmetic_right_reference(x: np.ndarray, amount: np.ndarray) -> np.ndarray:
    shift = _shift_reference(np.right_shift, lambda x: np.where(x < 0, -1, 0).astype(x.dtype))
    return shift(x.view(_signed(x.dtype)), amount.view(_signed(x.dtype))).view(x.dtype)


def _arithmetic_right(x: Any, amount: Any) -> Any:
    signed = x.type.replace("u", "i")
    return scalar.bitcast(
        scalar.shift_right_arithmetic(scalar.bitcast(x, signed), scalar.bitcast(amount, signed)), x.type
    )


for _name, _doc, _reference, _scalar in [
    (
        "shift_left",
        "x · 2ᵃ modulo 2ⁿ; 0 if a is outside [0, n).",
        _shift_reference(np.left_shift, np.zeros_like),
        scalar.shift_left,
    ),
    (
        "shift_right_logical",
        "Bits of x moved a places to the right, zeros moved in; 0 if a is outside [0, n).",
        _shift_reference(_logical_right, np.zeros_like),
        scalar.shift_right_logical,
    ),
    (
        "shift_right_arithmetic",
        "Bits of x moved a places to the right, copies of the highest moved in (of unsigned x too, as in XLA); all "
        "are copies if a is outside [0, n).",
        _arithmetic_right_reference,
        _arithmetic_right,
    ),
]:
    elementwise(
        _name,
        doc=_doc,
        operands=("x", "amount"),
        accepts=INTEGER,
        reference=_reference,
        scalar=_scalar,
        jvp=_BITS,
        samples=(uniform(-100, 100), uniform(0, 70)),
        family="bitwise",
    )


def _leading_zeros_reference(x: np.ndarray) -> np.ndarray:
    width = 8 * x.dtype.itemsize
    bits = x.astype(x.dtype.str.replace("i", "u")).astype(np.uint64)
    count = np.full(np.shape(bits), width, np.int64)
    for position in range(width):
        count = np.where((bits >> np.uint64(position)) & np.uint64(1), width - 1 - position, count)
    return count.astype(x.dtype)


elementwise(
    "population_count",
    doc="Number of bits that are set.",
    accepts=INTEGER,
    reference=lambda x: np.bitwise_count(x.view(x.dtype.str.replace("i", "u"))).astype(x.dtype),
    scalar=scalar.population_count,
    jvp=_BITS,
    samples=uniform(-100, 100),
    family="bitwise",
)


def _multiply_high_reference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Schoolbook multiplication of half words; the sign enters through the upper ones."""
    half = 4 * x.dtype.itemsize
    mask, shift = x.dtype.type((1 << half) - 1), x.dtype.type(half)
    unsigned = np.dtype(x.dtype.str.replace("i", "u"))
    xl, yl, xh, yh = x & mask, y & mask, x >> shift, y >> shift
    low = ((xl * yl).view(unsigned) >> unsigned.type(half)).view(x.dtype)
    middle = xh * yl + low
    return xh * yh + (middle >> shift) + ((xl * yh + (middle & mask)) >> shift)


elementwise(
    "mulhi",
    doc="Upper half of the product of twice the width.",
    operands=("x", "y"),
    accepts=INTEGER,
    reference=lambda x, y: np.asarray(_multiply_high_reference(np.asarray(x), np.asarray(y))),
    scalar=scalar.multiply_high,
    jvp=_BITS,
    samples=uniform(-100_000, 100_000),
    family="bitwise",
)
elementwise(
    "clz",
    doc="Number of leading zero bits.",
    accepts=INTEGER,
    reference=_leading_zeros_reference,
    scalar=scalar.count_leading_zeros,
    jvp=_BITS,
    samples=uniform(-100, 100),
    family="bitwise",
)
__all__ = ["select"]

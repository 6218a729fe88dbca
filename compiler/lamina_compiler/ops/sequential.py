"""Lowering of computations that run along one axis, each in one dispatch: iree_linalg_ext.scan."""

from __future__ import annotations

from typing import Any

from .. import scalar
from ..linalg_builder import LinalgBuilder
from ..mlir import ir
from ..types import COMPLEX_OF, SHORT_NAME, TensorType
from .contract import ACCUMULATOR
from .reduce import with_size
from .shape import reshape_lower
from .slicing import pad_lower

# Longest run that is done one element after the other; longer ones in blocks, so that rounding errors stay small and
# blocks can be distributed.
_BLOCK = 1024


def in_wide(lw: Any, operands: Any, type: TensorType, result: TensorType, compute: Any) -> Any:
    """``compute(operands, type)``, for f16 and bf16 on operands in f32 and rounded to the result in the end."""
    wide = TensorType(type.shape, ACCUMULATOR.get(type.dtype, type.dtype))
    if wide == type:
        return compute(operands, type)
    names = SHORT_NAME[wide.dtype], SHORT_NAME[type.dtype]
    operands = [lw.elementwise(lambda v: scalar.convert(v, names[0]), [x], [type], wide) for x in operands]
    wide_result = TensorType(result.shape, wide.dtype)
    return lw.elementwise(lambda v: scalar.convert(v, names[1]), [compute(operands, wide)], [wide_result], result)


def blocked_scan(lw: Any, x: Any, type: TensorType, axis: int, combine: Any, identity: Any) -> Any:
    """Inclusive scan with an associative `combine` of scalar values."""
    length = type.shape[axis]
    if length <= _BLOCK:
        return _scan(lw, x, type, axis, combine, identity)
    blocks = -(-length // _BLOCK)
    full = with_size(type, axis, blocks * _BLOCK)
    padded = _padded(lw, x, type, axis, 0, full.shape[axis] - length, identity)
    blocked = TensorType((*type.shape[:axis], blocks, _BLOCK, *type.shape[axis + 1 :]), type.dtype)
    within = _scan(lw, reshape_lower(lw, [padded], [full], blocked), blocked, axis + 1, combine, identity)
    totals_type = with_size(type, axis, blocks)
    last = [_BLOCK - 1 if d == axis + 1 else 0 for d in range(blocked.rank)]
    column = with_size(blocked, axis + 1, 1)
    totals = reshape_lower(lw, [lw.extract_slice(within, last, [1] * blocked.rank, column)], [column], totals_type)
    totals = blocked_scan(lw, totals, totals_type, axis, combine, identity)
    before = _padded(lw, totals, totals_type, axis, 1, -1, identity)
    every = range(blocked.rank)
    joined = lw.parallel(
        [before, within],
        [[d for d in every if d != axis + 1], every],
        blocked,
        lambda inner, args: inner.apply(combine, args, [type.dtype] * 2),
    )
    out = reshape_lower(lw, [joined], [blocked], full)
    return lw.extract_slice(out, [0] * type.rank, [1] * type.rank, type)


def recurrence_scan(lw: Any, operands: Any, type: TensorType, axis: int) -> Any:
    """yᵢ = aᵢ·yᵢ₋₁ + bᵢ: a scan over pairs (a, b), which travel as complex numbers."""
    if type.dtype not in COMPLEX_OF:
        return _by_doubling(lw, operands, type, axis)
    pairs = TensorType(type.shape, COMPLEX_OF[type.dtype])
    every = range(type.rank)

    def pack(inner: Any, args: Any) -> Any:
        return inner.apply(scalar.make_complex, args, [type.dtype] * 2)

    def step(previous: Any, current: Any) -> Any:
        y = scalar.add(scalar.multiply(scalar.real(current), scalar.imag(previous)), scalar.imag(current))
        return scalar.make_complex(scalar.real(current), y)

    packed = lw.parallel(operands, [every, every], pairs, pack)
    out = _scan(lw, packed, pairs, axis, step, 0)
    return lw.elementwise(scalar.imag, [out], [pairs], type)


def _by_doubling(lw: Any, operands: Any, type: TensorType, axis: int) -> Any:
    """The recurrence over windows of 1, 2, 4, … elements (Hillis & Steele 1986)."""
    factors, values = operands
    every, distance = range(type.rank), 1

    def step(factor: Any, value: Any, earlier: Any) -> Any:
        return scalar.add(value, scalar.multiply(factor, earlier))

    while distance < type.shape[axis]:
        earlier = _padded(lw, values, type, axis, distance, -distance, 0)
        values = lw.parallel(
            [factors, values, earlier],
            [every] * 3,
            type,
            lambda inner, args: inner.apply(step, args, [type.dtype] * 3),
        )
        earlier = _padded(lw, factors, type, axis, distance, -distance, 1)
        factors = lw.elementwise(scalar.multiply, [factors, earlier], [type] * 2, type)
        distance *= 2
    return values


def _padded(lw: Any, x: Any, type: TensorType, axis: int, low: int, high: int, fill: Any) -> Any:
    """Elements put before and after, or cut off where negative, along the axis."""
    if low == high == 0:
        return x
    before, after = (tuple(side if d == axis else 0 for d in range(type.rank)) for side in (low, high))
    scalar_type, result = TensorType((), type.dtype), with_size(type, axis, type.shape[axis] + low + high)
    value = lw.splat(scalar_type, fill)
    return pad_lower(lw, [x, value], [type, scalar_type], result, before, after, (0,) * type.rank)


def _scan(lw: Any, x: Any, type: TensorType, axis: int, combine: Any, identity: Any) -> Any:
    """One iree_linalg_ext.scan."""
    totals = TensorType((*type.shape[:axis], *type.shape[axis + 1 :]), type.dtype)
    inits = [lw.empty(type), lw.splat(totals, identity)]
    attributes = {
        "dimension": ir.IntegerAttr.get(ir.IntegerType.get_signless(64), axis),
        "inclusive": ir.BoolAttr.get(True),
        "operandSegmentSizes": ir.DenseI32ArrayAttr.get([1, 2]),
    }
    scan = lw.op("iree_linalg_ext.scan", [v.type for v in inits], [x, *inits], attributes, regions=1)
    element = ir.RankedTensorType(x.type).element_type
    block = scan.regions[0].blocks.append(element, element)
    inner = LinalgBuilder(ir.InsertionPoint(block), lw.loc, lw.scalars)
    with inner.ip, inner.loc:  # not a call, which would not be inlined here
        (result,) = lw.scalars.emit(combine, list(block.arguments), [type.dtype] * 2)
    inner.op("iree_linalg_ext.yield", [], [result])
    return scan.results[0]

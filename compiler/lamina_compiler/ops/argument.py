"""Positions of extremes: argmax and argmin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import DTYPE, INT
from ..opdef import NotDifferentiable, OpDef, OpError, Rule, Sample, register, require_axes, require_dtype
from ..types import FLOAT, INTEGER, ORDERED, SHORT_NAME, TensorType
from .elementwise import uniform
from .reduce import BLOCK, kept, limits, with_size, without
from .shape import reshape_lower


def _search_key(largest: bool) -> Rule:
    """An integer that is larger the better an element is, the largest for nan."""

    def key(x: Any) -> Any:
        if x.kind == "bool":
            x = scalar.convert(x, "u8")
        if x.is_float:
            order = scalar.ordered_bits(x)
            order = order if largest else -order
            return scalar.select(scalar.is_nan(x), (1 << (x.width - 1)) - 1, order)
        return x if largest else ~x

    return key


def _key_dtype(dtype: np.dtype) -> np.dtype:
    if dtype == np.bool_:
        return np.dtype(np.uint8)
    return np.dtype(f"int{8 * dtype.itemsize}") if dtype in FLOAT else dtype


_POSITION = np.dtype(np.int64)


def _search(lw: Any, keys: Any, type: TensorType, axis: int) -> tuple[Any, Any]:
    """The largest key along the axis and the first position where it stands, long axes block by block."""
    return (_search_run if type.shape[axis] <= BLOCK else _search_blocks)(lw, keys, type, axis)


def _search_run(lw: Any, keys: Any, type: TensorType, axis: int) -> tuple[Any, Any]:
    others = kept(type.shape, (axis,))
    shape = tuple(type.shape[d] for d in others)
    worst = lw.splat(TensorType(shape, type.dtype), limits(type.dtype)[0])

    def body(inner: Any, args: Any) -> list[Any]:
        key, best, position = args
        here = inner.from_index(inner.loop_index(axis), _POSITION)
        wins = inner.apply(scalar.greater, [key, best], [type.dtype] * 2)
        return [inner.choose(wins, key, best), inner.choose(wins, here, position)]

    best, position = lw.generic(
        [keys],
        [range(type.rank)],
        [worst, lw.splat(TensorType(shape, _POSITION), 0)],
        [others, others],
        loops=type.rank,
        reductions=(axis,),
        body=body,
    )
    return best, position


def _search_blocks(lw: Any, keys: Any, type: TensorType, axis: int) -> tuple[Any, Any]:
    blocks = -(-type.shape[axis] // BLOCK)
    whole = with_size(type, axis, blocks * BLOCK)
    if whole != type:  # filled up with the worst key, which never wins
        fill = lw.scalar_constant(limits(type.dtype)[0], type.dtype)
        more = [blocks * BLOCK - type.shape[axis] if d == axis else 0 for d in range(type.rank)]
        keys = lw.pad(keys, [0] * type.rank, more, fill, whole)
    blocked = TensorType((*type.shape[:axis], blocks, BLOCK, *type.shape[axis + 1 :]), type.dtype)
    best, position = _search_run(lw, reshape_lower(lw, [keys], [whole], blocked), blocked, axis + 1)
    partial = with_size(type, axis, blocks)
    best, block = _search(lw, best, partial, axis)
    result = TensorType(without(type, axis).shape, _POSITION)

    def in_array(inner: Any, args: Any) -> Any:
        """block · BLOCK + the position in the block."""
        index = inner.to_index(args[0], _POSITION)
        point = [inner.loop_index(d) for d in range(result.rank)]
        inside = inner.extract(position, [*point[:axis], index, *point[axis:]])
        return inner.apply(lambda b, p: b * BLOCK + p, [args[0], inside], [_POSITION] * 2)

    return best, lw.parallel([block], [range(result.rank)], result, in_array)


def _argument(name: str, doc: str, reference: Any, largest: bool) -> OpDef:
    """Position of an extreme along one axis; the first of equals, and the first nan before all."""
    key = _search_key(largest)

    def infer(x: TensorType, axis: int, dtype: np.dtype) -> TensorType:
        require_dtype("x", x, ORDERED)
        require_axes((axis,), x.rank, "axis")
        if dtype not in INTEGER:
            raise OpError(f"positions have an integer dtype, not {SHORT_NAME[dtype]}")
        if x.shape[axis] == 0:
            raise OpError(f"{name} of {x} along the empty axis {axis} has no position to give")
        return TensorType(tuple(n for d, n in enumerate(x.shape) if d != axis), dtype)

    def lower(lw: Any, operands: Any, types: Any, result: TensorType, axis: int, dtype: np.dtype) -> Any:
        (x,), (type,) = operands, types
        keyed = TensorType(type.shape, _key_dtype(type.dtype))
        _, position = _search(lw, lw.elementwise(key, [x], [type], keyed), keyed, axis)
        name = SHORT_NAME[dtype]
        position_type = TensorType(result.shape, _POSITION)
        return lw.elementwise(lambda v: scalar.convert(v, name), [position], [position_type], result)

    def draw(rng: np.random.Generator) -> Iterable[Sample]:
        for dtype in sorted(ORDERED, key=str):
            for axis in (0, 1):
                attributes = {"axis": axis, "dtype": np.dtype(np.int32)}
                yield Sample((uniform(-3, 3)(rng, dtype, (3, 4)),), attributes)
        special = np.array([[1, np.nan, 3, np.nan], [2, 5, 5, 1], [np.inf, 1, -np.inf, np.inf]], np.float32)
        yield Sample((special,), {"axis": 1, "dtype": np.dtype(np.int64)})
        long = np.zeros((2, 2 * BLOCK + 3), np.float32)
        long[0, BLOCK + 5 :], long[1, -1] = 1 if largest else -1, np.nan
        yield Sample((long,), {"axis": 1, "dtype": np.dtype(np.int32)})

    return register(
        OpDef(
            name=name,
            doc=doc,
            operands=("x",),
            attributes={"axis": INT, "dtype": DTYPE},
            infer=infer,
            reference=lambda x, axis, dtype: np.asarray(reference(x, axis=axis)).astype(dtype),
            jvp=NotDifferentiable("a position is an integer"),
            transpose=None,
            batch=lambda b, operands, batched, size, axis, dtype: getattr(b, name)(
                *operands, axis=axis + 1, dtype=dtype
            ),
            lower=lower,
            samples=draw,
            family="reduce",
        )
    )


argmax = _argument("argmax", "Position of the first largest element along the axis.", np.argmax, True)
argmin = _argument("argmin", "Position of the first smallest element along the axis.", np.argmin, False)

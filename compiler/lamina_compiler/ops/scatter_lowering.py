"""Lowering of the scatter ops: a kernel, or where few elements are moved, or none pays, `iree_linalg_ext.scatter`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from .. import scalar
from ..kernels.batch import pays
from ..kernels.scatter import Layout, scatter_rows
from ..linalg_builder import splat_element
from ..opdef import Rule
from ..types import BY_SHORT_NAME, Shape, TensorType
from . import windows
from .shape import inverse, ordered, permuted, reshape_lower
from .windows import Windows, row_of_each

_I32, _I64 = BY_SHORT_NAME["i32"], BY_SHORT_NAME["i64"]
# Narrow elements are combined as wide ones: more accurate floats, and nothing a GPU cannot store.
WIDE = {BY_SHORT_NAME[name]: BY_SHORT_NAME["f32"] for name in ("f16", "bf16")}
WIDE |= {BY_SHORT_NAME[name]: _I32 for name in ("bool", "i8", "i16", "u8", "u16")}


def replace_lower() -> Rule:
    """Every row is what the last update of it says."""
    return _kernel_or(_chosen, "replace", None)


def combine_lower(name: str, combine: Rule, identity: Callable[[np.dtype], Any]) -> Rule:
    """Everything that goes to a row combined with it."""
    return _kernel_or(partial(_combined, combine=combine, identity=identity), name, combine)


def _kernel_or(otherwise: Callable[..., Any], name: str, combine: Rule | None) -> Rule:
    def lower(
        lw: Any, operands: Any, types: Any, result: TensorType, unique_indices: bool, mode: str, **dims: Shape
    ) -> Any:
        where = _windows(types, dims)
        if types[2].size == 0:
            return operands[0]
        if _pays(lw, where):
            wide = WIDE.get(result.dtype, result.dtype) if combine else result.dtype
            return _by_kernel(lw, name, where, operands, types, wide, mode, combine)
        return otherwise(lw, where, operands, types, result, unique_indices, mode)

    return lower


def _windows(types: Sequence[TensorType], dims: dict[str, Shape]) -> Windows:
    x, indices, updates = types
    return windows.of_scatter(x, indices, updates, dims)


def _pays(lw: Any, where: Windows) -> bool:
    return pays(lw, max(math.prod(where.row_shape), math.prod(where.target_shape)) * math.prod(where.slice_shape))


def _by_kernel(
    lw: Any,
    name: str,
    where: Windows,
    operands: Sequence[Any],
    types: Sequence[TensorType],
    wide: np.dtype,
    mode: str,
    combine: Rule | None,
) -> Any:
    """A kernel that goes through the updates, for dimensions that windows cover before the rows in several lines."""
    (x, indices, updates), result = operands, types[0]
    lines = where.lines
    columns = [d for d in where.full if d not in lines]
    order = (*lines, *where.rows, *columns)
    layout = Layout(*(math.prod(result.shape[d] for d in dims) for dims in (lines, where.rows, columns)))
    rows = row_of_each(lw, where, indices, types[1].dtype, mode)
    spread = (*(where.spread_of[d] for d in lines), *where.targets, *(where.spread_of[d] for d in columns))
    length = math.prod(where.target_shape)
    flat = ordered(lw, updates, types[2], spread, TensorType(layout.of_updates(length), wide))
    number = splat_element(x)
    # (lowered constants have signless types: 255 and True read as −1)
    start = (
        ordered(lw, x, result, order, TensorType(layout, wide))
        if number is None
        else np.asarray(number.value).astype(result.dtype).item()
    )
    total = scatter_rows(lw, name, rows, flat, start, layout, wide, combine)
    whole = TensorType(tuple(result.shape[d] for d in order), wide)
    total = reshape_lower(lw, [total], [TensorType(layout, wide)], whole)
    return permuted(lw, total, whole, inverse(order), result.dtype)


def _as_rows(lw: Any, where: Windows, updates: Any, type: TensorType, wide: np.dtype) -> Any:
    """The updates as [updates, elements of a slice] in the wide dtype; without the second where slices are elements."""
    flat = _flat(math.prod(where.target_shape), where.slice_shape, wide)
    return ordered(lw, updates, type, (*where.targets, *where.full_spread), flat)


def _flat(count: int, slice_shape: Shape, dtype: np.dtype) -> TensorType:
    return TensorType((count, math.prod(slice_shape)) if slice_shape else (count,), dtype)


def _scattered(
    lw: Any,
    rows: Any,
    updates: Any,
    start: Any,
    shapes: tuple[Shape, Shape],
    dtype: np.dtype,
    unique: bool,
    combine: Rule,
) -> Any:
    """`start` everywhere, combined with the updates: of the shapes of rows and of a slice.

    IREE would write into an argument of the program if it got one to scatter into; this array is always new.
    """
    row_shape, slice_shape = shapes
    count = math.prod(row_shape)
    type = _flat(count, slice_shape, dtype)
    total = lw.scatter(updates, rows, lw.splat(_flat(count + 1, slice_shape, dtype), start), unique, combine, dtype)
    kept = lw.extract_slice(total, [0] * type.rank, [1] * type.rank, type)
    return reshape_lower(lw, [kept], [type], TensorType(row_shape + slice_shape, dtype))


def _chosen(
    lw: Any,
    where: Windows,
    operands: Sequence[Any],
    types: Sequence[TensorType],
    result: TensorType,
    unique_indices: bool,
    mode: str,
) -> Any:
    """The number of the last update of every row, then one pass that chooses between update and old element."""
    x, indices, updates = operands
    count = math.prod(where.target_shape)
    rows = row_of_each(lw, where, indices, types[1].dtype, mode)
    numbers = lw.parallel(
        [], [], TensorType((count,), _I32), lambda inner, _: inner.from_index(inner.loop_index(0), _I32)
    )
    last = _scattered(lw, rows, numbers, -1, (where.row_shape, ()), _I32, unique_indices, scalar.maximum)
    flat = _as_rows(lw, where, updates, types[2], result.dtype)

    def body(inner: Any, args: Any) -> Any:
        number, old = args
        exists = inner.apply(lambda n: n >= 0, [number], [_I32])
        index = inner.to_index(inner.apply(lambda n: scalar.maximum(n, 0), [number], [_I32]), _I32)
        column = inner.index(0)
        for d in where.full:
            column = inner.index_op("muli", column, inner.index(result.shape[d]))
            column = inner.index_op("addi", column, inner.loop_index(d))
        new = inner.extract(flat, [index, column] if where.full else [index])
        return inner.choose(exists, new, old)

    return lw.parallel([last, x], [where.rows, range(result.rank)], result, body)


def _combined(
    lw: Any,
    where: Windows,
    operands: Sequence[Any],
    types: Sequence[TensorType],
    result: TensorType,
    unique_indices: bool,
    mode: str,
    combine: Rule,
    identity: Callable[[np.dtype], Any],
) -> Any:
    """All updates of a row combined with each other, then with x; at once where x is the same everywhere."""
    (x, indices, updates), dtype = operands, result.dtype
    wide = WIDE.get(dtype, dtype)
    rows = row_of_each(lw, where, indices, types[1].dtype, mode)
    flat = _as_rows(lw, where, updates, types[2], wide)
    number = splat_element(x)
    start = identity(wide) if number is None else np.asarray(number.value).astype(dtype).item()
    shapes = (where.row_shape, where.slice_shape)
    total = _scattered(lw, rows, flat, start, shapes, wide, unique_indices, combine)
    order = (*where.rows, *where.full)
    if number is not None:
        return permuted(lw, total, TensorType(sum(shapes, ()), wide), inverse(order), dtype)

    def body(inner: Any, args: Any) -> Any:
        old, new = inner.convert(args[0], dtype, wide), args[1]
        return inner.convert(inner.apply(combine, [old, new], [wide, wide]), wide, dtype)

    return lw.parallel([x, total], [range(result.rank), order], result, body)

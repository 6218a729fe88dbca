"""Slices at positions known only at run time. Starts are clamped so that the slice lies inside, as in JAX.

Both ops take the start indices as one vector and know leading batch dimensions, so that vmap keeps them where the array
is batched: operand ``[*batch, *dims]``, start ``[*batch, len(dims)]``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..attributes import INT, INTS
from ..kernels.batch import pays
from ..kernels.window import Window, read_windows, write_windows
from ..opdef import OpDef, OpError, Sample, register, require_dtype
from ..types import BY_SHORT_NAME, INTEGER, Shape, TensorType
from .shape import SAMPLE_DTYPES, counting


def _check_start(x: TensorType, start: TensorType, batch_dimensions: int) -> None:
    require_dtype("start", start, INTEGER)
    expected = (*x.shape[:batch_dimensions], x.rank - batch_dimensions)
    if start.shape != expected:
        raise OpError(f"start must hold one index for each sliced dimension: shape {expected}, not {start.shape}")


def _slice_infer(x: TensorType, start: TensorType, sizes: Shape, batch_dimensions: int) -> TensorType:
    _check_start(x, start, batch_dimensions)
    dims = x.shape[batch_dimensions:]
    if len(sizes) != len(dims) or any(not 0 <= s <= n for s, n in zip(sizes, dims, strict=False)):
        raise OpError(f"slice sizes {tuple(sizes)} do not fit into the dimensions {dims} of {x}")
    return TensorType((*x.shape[:batch_dimensions], *sizes), x.dtype)


def _windows(x: np.ndarray, start: np.ndarray, sizes: Shape, batch_dimensions: int) -> Iterable[tuple[Any, ...]]:
    """For every batch position an index that selects the window."""
    dims = x.shape[batch_dimensions:]
    for position in np.ndindex(x.shape[:batch_dimensions]):
        first = [min(max(int(s), 0), n - size) for s, n, size in zip(start[position], dims, sizes, strict=True)]
        yield (*position, *(slice(a, a + size) for a, size in zip(first, sizes, strict=True)))


def _slice_reference(x: np.ndarray, start: np.ndarray, sizes: Shape, batch_dimensions: int) -> np.ndarray:
    out = np.empty((*x.shape[:batch_dimensions], *sizes), x.dtype)
    windows = _windows(x, start, sizes, batch_dimensions)
    for position, window in zip(np.ndindex(x.shape[:batch_dimensions]), windows, strict=True):
        out[position] = x[window]
    return out


def _slice_jvp(b: Any, tangents: Any, primals: Any, result: Any, **attributes: Any) -> Any:
    dx = tangents[0]
    return None if dx is None else b.dynamic_slice(dx, primals[1], **attributes)


def _slice_transpose(b: Any, ct: Any, operands: Any, types: Any, sizes: Shape, batch_dimensions: int) -> list[Any]:
    zeros = b.zeros(types[0])
    return [b.dynamic_update_slice(zeros, ct, operands[1], batch_dimensions=batch_dimensions), None]


def _slice_batch(b: Any, operands: Any, batched: Any, size: int, sizes: Shape, batch_dimensions: int) -> Any:
    if not batched[1] and batch_dimensions == 0:  # one start for all: still a plain slice
        start = b.pad(
            operands[1], b.zeros(TensorType((), b.type(operands[1]).dtype)), low=(1,), high=(0,), interior=(0,)
        )
        return b.dynamic_slice(operands[0], start, sizes=(size, *sizes), batch_dimensions=0)
    if not batched[0]:
        return _gathered(b, operands[0], operands[1], sizes, batch_dimensions)
    x, start = b.all_batched(operands, batched, size)
    return b.dynamic_slice(x, start, sizes=sizes, batch_dimensions=batch_dimensions + 1)


def _gathered(b: Any, x: Any, start: Any, sizes: Shape, batch_dimensions: int) -> Any:
    """A batch of starts in one array: a gather, which needs no copies of the array."""
    before, dims = tuple(range(batch_dimensions)), tuple(range(batch_dimensions, batch_dimensions + len(sizes)))
    return b.gather(
        x,
        start,
        sizes=((1,) * batch_dimensions) + sizes,
        window_dims=tuple(d + 1 for d in dims),
        collapsed_dims=(),
        index_map=dims,
        operand_batching_dims=before,
        indices_batching_dims=tuple(d + 1 for d in before),
        unique_indices=False,
        mode="clip",
        fill_value=0,
    )


def _start_indices(inner: Any, start: Any, types: Any, extents: Shape, sizes: Shape, position: list[Any]) -> list[Any]:
    """The clamped start of every sliced dimension, read inside a generic at a batch position."""
    first = []
    for d, (extent, size) in enumerate(zip(extents, sizes, strict=True)):
        index = inner.index(0)
        if size < extent:
            index = inner.to_index(inner.extract(start, [*position, inner.index(d)]), types.dtype)
            index = inner.clamp_index(index, extent - size)
        first.append(index)
    return first


def _slice_lower(lw: Any, operands: Any, types: Any, result: TensorType, sizes: Shape, batch_dimensions: int) -> Any:
    x, start = operands
    extents = types[0].shape[batch_dimensions:]
    if pays(lw, result.size):
        return read_windows(lw, x, start, types, Window(math.prod(types[0].shape[:batch_dimensions]), extents, sizes))

    def body(inner: Any, _: Any) -> Any:
        position = [inner.loop_index(d) for d in range(batch_dimensions)]
        first = _start_indices(inner, start, types[1], extents, sizes, position)
        within = [inner.loop_index(batch_dimensions + d) for d in range(len(sizes))]
        return inner.extract(
            x, [*position, *(inner.index_op("addi", a, i) for a, i in zip(first, within, strict=True))]
        )

    return lw.parallel([], [], result, body)


def _slice_samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in SAMPLE_DTYPES:
        for start in ((1, 2), (-3, 9)):
            yield Sample((counting(dtype, (3, 4)), np.array(start, np.int32)), {"sizes": (2, 2), "batch_dimensions": 0})
        starts = np.array([[0], [3], [9]], np.int32)
        yield Sample((counting(dtype, (3, 4)), starts), {"sizes": (2,), "batch_dimensions": 1})
    for name in ("u8", "i64"):
        start = np.array((1, 200)).astype(BY_SHORT_NAME[name])
        yield Sample((counting(np.dtype(np.float32), (3, 4)), start), {"sizes": (2, 2), "batch_dimensions": 0})


dynamic_slice = register(
    OpDef(
        name="dynamic_slice",
        doc="The window of the given sizes at `start`, moved inside where it would stick out.",
        operands=("x", "start"),
        attributes={"sizes": INTS, "batch_dimensions": INT},
        infer=_slice_infer,
        reference=_slice_reference,
        jvp=_slice_jvp,
        transpose=_slice_transpose,
        batch=_slice_batch,
        lower=_slice_lower,
        samples=_slice_samples,
        family="index",
    )
)


def _update_infer(x: TensorType, update: TensorType, start: TensorType, batch_dimensions: int) -> TensorType:
    _check_start(x, start, batch_dimensions)
    fits = (
        update.dtype == x.dtype
        and update.rank == x.rank
        and update.shape[:batch_dimensions] == x.shape[:batch_dimensions]
        and all(u <= n for u, n in zip(update.shape, x.shape, strict=True))
    )
    if not fits:
        raise OpError(f"an update of type {update} does not fit into {x}")
    return x


def _update_reference(x: np.ndarray, update: np.ndarray, start: np.ndarray, batch_dimensions: int) -> np.ndarray:
    out = np.array(x)
    windows = _windows(x, start, update.shape[batch_dimensions:], batch_dimensions)
    for position, window in zip(np.ndindex(x.shape[:batch_dimensions]), windows, strict=True):
        out[window] = update[position]
    return out


def _update_jvp(b: Any, tangents: Any, primals: Any, result: Any, batch_dimensions: int) -> Any:
    dx, du, _ = tangents
    if dx is None and du is None:
        return None
    dx, du = b.instantiate(dx, primals[0]), b.instantiate(du, primals[1])
    return b.dynamic_update_slice(dx, du, primals[2], batch_dimensions=batch_dimensions)


def _update_transpose(b: Any, ct: Any, operands: Any, types: Any, batch_dimensions: int) -> list[Any]:
    x, update, start = operands
    sizes = types[1].shape[batch_dimensions:]
    to_x = (
        b.dynamic_update_slice(ct, b.zeros(types[1]), start, batch_dimensions=batch_dimensions) if x is None else None
    )
    to_update = b.dynamic_slice(ct, start, sizes=sizes, batch_dimensions=batch_dimensions) if update is None else None
    return [to_x, to_update, None]


def _update_batch(b: Any, operands: Any, batched: Any, size: int, batch_dimensions: int) -> Any:
    if not batched[2] and batch_dimensions == 0:
        x, update = b.all_batched(operands[:2], batched[:2], size)
        zero = b.zeros(TensorType((), b.type(operands[2]).dtype))
        start = b.pad(operands[2], zero, low=(1,), high=(0,), interior=(0,))
        return b.dynamic_update_slice(x, update, start, batch_dimensions=0)
    return b.dynamic_update_slice(*b.all_batched(operands, batched, size), batch_dimensions=batch_dimensions + 1)


def _update_lower(lw: Any, operands: Any, types: Any, result: TensorType, batch_dimensions: int) -> Any:
    """A kernel; or every element chooses between its old value and the update: no scatter, any back end."""
    x, update, start = operands
    sizes = types[1].shape[batch_dimensions:]
    if types[1].size == 0:
        return x
    if pays(lw, result.size):
        window = Window(math.prod(result.shape[:batch_dimensions]), result.shape[batch_dimensions:], sizes)
        return write_windows(lw, x, update, start, types, window)

    def body(inner: Any, args: Any) -> Any:
        position = [inner.loop_index(d) for d in range(batch_dimensions)]
        extents = result.shape[batch_dimensions:]
        first = _start_indices(inner, start, types[2], extents, sizes, position)
        inside, indices = None, []
        for d, (begin, extent, size) in enumerate(zip(first, extents, sizes, strict=True)):
            index = inner.loop_index(batch_dimensions + d)
            if size < extent:
                offset = inner.index_op("subi", index, begin)
                index = inner.clamp_index(offset, size - 1) if size > 1 else inner.index(0)
                hit = inner.compare_index("ult", offset, inner.index(size))
                inside = hit if inside is None else inner.op("arith.andi", [hit.type], [inside, hit]).result
            indices.append(index)
        new = inner.extract(update, [*position, *indices])
        return new if inside is None else inner.choose(inside, new, args[0])

    return lw.parallel([x], [range(result.rank)], result, body)


def _update_samples(rng: np.random.Generator) -> Iterable[Sample]:
    for dtype in SAMPLE_DTYPES:
        x, update = counting(dtype, (3, 4)), counting(dtype, (2, 2))[::-1]
        for start in ((1, 2), (-3, 9)):
            yield Sample((x, update, np.array(start, np.int32)), {"batch_dimensions": 0})
        starts = np.array([[0], [3], [9]], np.int32)
        yield Sample((x, counting(dtype, (3, 2))[::-1], starts), {"batch_dimensions": 1})


dynamic_update_slice = register(
    OpDef(
        name="dynamic_update_slice",
        doc="x with the window at `start` replaced by `update`, the window moved inside where it would stick out.",
        operands=("x", "update", "start"),
        attributes={"batch_dimensions": INT},
        infer=_update_infer,
        reference=_update_reference,
        jvp=_update_jvp,
        transpose=_update_transpose,
        batch=_update_batch,
        lower=_update_lower,
        samples=_update_samples,
        family="index",
    )
)

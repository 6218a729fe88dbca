"""Windows of an array at positions given by an index array: the geometry that gather and scatter share.

The dimension numbers are XLA's (https://openxla.org/xla/operation_semantics#gather), with the batching dimensions that
keep a batched gather one gather, under one name for both ops:

* The last dimension of `indices` holds index vectors; entry j of a vector is a start along dimension ``index_map[j]``
  of the operand. The other dimensions of `indices` are its *points*: each has one window.
* The *spread* array (the result of a gather, the updates of a scatter) holds all windows: its dimensions `window_dims`
  are those of a window, in order, its other dimensions are the points.
* Dimensions `collapsed_dims` of the operand have window size 1 and no dimension in the spread array. Along
  ``operand_batching_dims[i]`` every point reads at its own coordinate ``indices_batching_dims[i]``.

A window that does not lie inside the operand is moved inside (mode "clip"), or it is not read and not written
("fill_or_drop").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import BOOL, INTS, STRING
from ..opdef import OpError, require_axes, require_dtype
from ..types import BY_SHORT_NAME, INTEGER, Shape, TensorType
from .shape import reshape_lower

DIMENSIONS = {
    "window_dims": INTS,
    "collapsed_dims": INTS,
    "index_map": INTS,
    "operand_batching_dims": INTS,
    "indices_batching_dims": INTS,
}
ATTRIBUTES = {**DIMENSIONS, "unique_indices": BOOL, "mode": STRING}
MODES = ("clip", "fill_or_drop")


@dataclass(frozen=True)
class Windows:
    """Shapes of the operand, of the points and of one window, and the dimension numbers."""

    operand: Shape
    points: Shape
    sizes: Shape
    window_dims: Shape
    collapsed_dims: Shape
    index_map: Shape
    operand_batching_dims: Shape
    indices_batching_dims: Shape

    @cached_property
    def windowed(self) -> list[int]:
        """Dimensions of the operand that `window_dims` are, in order."""
        without = {*self.collapsed_dims, *self.operand_batching_dims}
        return [d for d in range(len(self.operand)) if d not in without]

    @cached_property
    def spread_of(self) -> dict[int, int]:
        """The spread array's dimension of each dimension of the operand that has one."""
        batching = zip(self.operand_batching_dims, self.indices_batching_dims, strict=True)
        return dict(zip(self.windowed, self.window_dims, strict=True)) | {d: self.point_dims[p] for d, p in batching}

    @cached_property
    def point_dims(self) -> list[int]:
        """Dimensions of the spread array that are points."""
        rank = len(self.points) + len(self.window_dims)
        return [d for d in range(rank) if d not in self.window_dims]

    @cached_property
    def shape(self) -> Shape:
        """Shape of the spread array."""
        sizes = dict(zip(self.point_dims, self.points, strict=True))
        sizes |= {w: self.sizes[d] for d, w in zip(self.windowed, self.window_dims, strict=True)}
        return tuple(sizes[d] for d in range(len(sizes)))

    @cached_property
    def limits(self) -> list[int]:
        """The largest start of each entry of an index vector."""
        return [self.operand[d] - self.sizes[d] for d in self.index_map]

    # A window covers some dimensions wholly. What remains are rows, each with an element (or a slice) of its own.

    @cached_property
    def full(self) -> list[int]:
        """Dimensions of the operand that every window covers."""
        return [d for d in self.windowed if self.sizes[d] == self.operand[d]]

    @cached_property
    def rows(self) -> list[int]:
        """The other dimensions of the operand."""
        return [d for d in range(len(self.operand)) if d not in self.full]

    @cached_property
    def lines(self) -> list[int]:
        """Dimensions of `full` before all rows."""
        return [d for d in self.full if d < min(self.rows, default=0)]

    @cached_property
    def row_shape(self) -> Shape:
        return tuple(self.operand[d] for d in self.rows)

    @cached_property
    def slice_shape(self) -> Shape:
        return tuple(self.operand[d] for d in self.full)

    @cached_property
    def full_spread(self) -> list[int]:
        """The spread array's dimensions of `full`."""
        return [self.spread_of[d] for d in self.full]

    @cached_property
    def targets(self) -> list[int]:
        """The spread array's other dimensions: along them rows are visited."""
        return [d for d in range(len(self.shape)) if d not in self.full_spread]

    @cached_property
    def target_shape(self) -> Shape:
        return tuple(self.shape[d] for d in self.targets)

    def find(self, indices: np.ndarray, mode: str) -> tuple[list[np.ndarray], np.ndarray]:
        """Coordinates of the visited rows along `rows`, moved inside, and whether their windows lay inside.

        All broadcast to `target_shape`.
        """
        positions = {d: i for i, d in enumerate(self.targets)}
        last = np.array([min(limit, np.iinfo(indices.dtype).max) for limit in self.limits], indices.dtype)
        clamped = np.clip(indices, 0, np.maximum(last, 0))
        inside = np.all(indices == clamped, axis=-1)
        starts = clamped.astype(np.int64)

        def along(array: np.ndarray, dims: list[int]) -> np.ndarray:
            shape = [1] * len(self.targets)
            for size, d in zip(array.shape, dims, strict=True):
                shape[positions[d]] = size
            return array.reshape(shape)

        coordinates = []
        for d in self.rows:
            where = along(starts[..., self.index_map.index(d)], self.point_dims) if d in self.index_map else 0
            if d in self.spread_of:
                size = self.shape[self.spread_of[d]]
                where = where + along(np.arange(size), [self.spread_of[d]])
            coordinates.append(np.broadcast_to(where, self.target_shape))
        inside = np.broadcast_to(along(inside, self.point_dims), self.target_shape)
        return coordinates, inside if mode == "fill_or_drop" else np.ones_like(inside)

    def starts(self, lw: Any, indices: Any, dtype: np.dtype, point: list[Any]) -> tuple[dict[int, Any], Any]:
        """Inside a linalg.generic: the start along each indexed dimension, moved inside, and whether it lay inside.

        The second is None where there are no indices.
        """
        starts, inside = {}, None
        for j, (d, limit) in enumerate(zip(self.index_map, self.limits, strict=True)):
            last = min(limit, int(np.iinfo(dtype).max))
            index = lw.extract(indices, [*point, lw.index(j)])
            clamped = lw.apply(lambda i, last=last: scalar.minimum(scalar.maximum(i, 0), last), [index], [dtype])
            hit = lw.apply(scalar.equal, [index, clamped], [dtype, dtype])
            inside = hit if inside is None else lw.op("arith.andi", [hit.type], [inside, hit]).result
            starts[d] = lw.to_index(clamped, dtype)
        return starts, inside

    def clamped(self, lw: Any, indices: Any, dtype: np.dtype) -> Any:
        """The index vectors moved inside."""
        last = np.array([min(limit, np.iinfo(dtype).max) for limit in self.limits]).astype(dtype)
        signless = last.view(f"i{dtype.itemsize}")
        type = TensorType((*self.points, len(last)), dtype)

        def body(inner: Any, args: Any) -> Any:
            return inner.apply(lambda i, n: scalar.minimum(scalar.maximum(i, 0), n), args, [dtype, dtype])

        maps = [range(type.rank), [type.rank - 1]]
        return lw.parallel([indices, lw.constant(signless)], maps, type, body)

    def coordinate(self, lw: Any, d: int, starts: dict[int, Any], spread_index: dict[int, Any]) -> Any:
        """Inside a linalg.generic: the coordinate along an operand's dimension at a point of the spread array."""
        offset = spread_index.get(self.spread_of[d]) if d in self.spread_of else None
        start = starts.get(d)
        if start is None or offset is None:
            return lw.index(0) if start is offset else offset if start is None else start
        return lw.index_op("addi", start, offset)


def row_of_each(lw: Any, where: Windows, indices: Any, dtype: np.dtype, mode: str) -> Any:
    """The row that every update goes to, [updates, 1]; one behind the last for those that are dropped."""
    rows = math.prod(where.row_shape)
    number = BY_SHORT_NAME["i32" if rows < 2**31 else "i64"]

    def body(inner: Any, _: Any) -> Any:
        spread = {d: inner.loop_index(i) for i, d in enumerate(where.targets)}
        starts, inside = where.starts(inner, indices, dtype, [spread[d] for d in where.point_dims])
        row = inner.index(0)
        for d, extent in zip(where.rows, where.row_shape, strict=True):
            row = inner.index_op("muli", row, inner.index(extent))
            row = inner.index_op("addi", row, where.coordinate(inner, d, starts, spread))
        if inside is not None and mode == "fill_or_drop":
            row = inner.choose(inside, row, inner.index(rows))
        return inner.from_index(row, number)

    type = TensorType(where.target_shape, number)
    flat = TensorType((math.prod(where.target_shape), 1), number)
    return reshape_lower(lw, [lw.parallel([], [], type, body)], [type], flat)


def of_gather(x: TensorType, indices: TensorType, sizes: Shape, dimensions: dict[str, Shape]) -> Windows:
    """The windows of a gather. OpError if the numbers do not fit together."""
    _check_dimensions(x, indices, **dimensions)
    if len(sizes) != x.rank:
        raise OpError(f"slice sizes {tuple(sizes)} need one entry for each of the operand's {x.rank} dimensions")
    windows = Windows(x.shape, indices.shape[:-1], tuple(sizes), **dimensions)
    if len(windows.windowed) != len(windows.window_dims):
        raise OpError(
            f"window_dims {windows.window_dims} must name a dimension for each of the operand's dimensions "
            f"{tuple(windows.windowed)}, which are neither collapsed nor batching"
        )
    for d in (*windows.collapsed_dims, *windows.operand_batching_dims):
        if sizes[d] != 1 and not (sizes[d] == 0 and d in windows.operand_batching_dims):
            raise OpError(
                f"the slice size along dimension {d}, which is collapsed or batching, must be 1, not {sizes[d]}"
            )
    if math.prod(windows.points):
        for d, (size, extent) in enumerate(zip(sizes, x.shape, strict=True)):
            if not 0 <= size <= extent:
                raise OpError(f"the slice size {size} along dimension {d} does not fit into {x}")
    return windows


def of_scatter(x: TensorType, indices: TensorType, updates: TensorType, dimensions: dict[str, Shape]) -> Windows:
    """The windows of a scatter. OpError if the numbers do not fit together."""
    _check_dimensions(x, indices, **dimensions)
    rank = indices.rank - 1 + len(dimensions["window_dims"])
    if updates.rank != rank:
        raise OpError(
            f"updates must have rank {rank} (one dimension for each but the last of indices, and the window_dims "
            f"{dimensions['window_dims']}), but are {updates}"
        )
    windows = Windows(x.shape, indices.shape[:-1], (1,) * x.rank, **dimensions)
    if len(windows.windowed) != len(windows.window_dims):
        raise OpError(
            f"window_dims {windows.window_dims} must name a dimension of updates for each of the operand's dimensions "
            f"{tuple(windows.windowed)}, which are neither inserted nor batching"
        )
    sizes = [1] * x.rank
    for d, w in zip(windows.windowed, windows.window_dims, strict=True):
        sizes[d] = updates.shape[w]
        if sizes[d] > x.shape[d]:
            raise OpError(f"updates {updates} with the size {sizes[d]} along dimension {w} do not fit into {x}")
    windows = Windows(x.shape, indices.shape[:-1], tuple(sizes), **dimensions)
    if windows.shape != updates.shape:
        raise OpError(f"updates must have the shape {windows.shape} for indices {indices}, but are {updates}")
    return windows


def _check_dimensions(
    x: TensorType,
    indices: TensorType,
    window_dims: Shape,
    collapsed_dims: Shape,
    index_map: Shape,
    operand_batching_dims: Shape,
    indices_batching_dims: Shape,
) -> None:
    require_dtype("indices", indices, INTEGER)
    if not indices.rank:
        raise OpError("indices need a last dimension, which holds index vectors")
    require_axes(window_dims, indices.rank - 1 + len(window_dims), "window_dims")
    require_axes((*collapsed_dims, *operand_batching_dims), x.rank, "collapsed_dims and operand_batching_dims")
    require_axes((*index_map, *operand_batching_dims), x.rank, "index_map and operand_batching_dims")
    require_axes(indices_batching_dims, indices.rank - 1, "indices_batching_dims")
    for name, dims in (("window_dims", window_dims), ("collapsed_dims", collapsed_dims)):
        if list(dims) != sorted(dims):
            raise OpError(f"{name} {tuple(dims)} must be in ascending order")
    if len(index_map) != indices.shape[-1]:
        raise OpError(
            f"index_map {tuple(index_map)} needs one entry for each of the {indices.shape[-1]} numbers of an index "
            "vector"
        )
    sizes = [tuple(shape[d] for d in dims) for shape, dims in
             ((x.shape, operand_batching_dims), (indices.shape, indices_batching_dims))]  # fmt: skip
    if sizes[0] != sizes[1]:
        raise OpError(
            f"batching dimensions must have the same sizes, but operand_batching_dims {tuple(operand_batching_dims)} "
            f"have {sizes[0]} and indices_batching_dims {tuple(indices_batching_dims)} have {sizes[1]}"
        )


def check_mode(mode: str) -> None:
    if mode not in MODES:
        raise OpError(f"mode must be one of {', '.join(MODES)}, not {mode!r}")


def batched(dimensions: dict[str, Shape], operand: bool, indices: bool) -> dict[str, Shape]:
    """Dimension numbers when the marked arrays, and the spread array, have a new dimension 0.

    A batch of operands at one set of indices: the new dimension is one that windows cover. A batch of indices into one
    operand: further points. Both: a batching dimension.
    """
    moved = {name: _shifted(dims) for name, dims in dimensions.items()}
    if not operand:
        return dimensions | {name: moved[name] for name in ("window_dims", "indices_batching_dims")}
    if not indices:
        return moved | {
            "window_dims": (0, *moved["window_dims"]),
            "indices_batching_dims": dimensions["indices_batching_dims"],
        }
    return moved | {name: (0, *moved[name]) for name in ("operand_batching_dims", "indices_batching_dims")}


def _shifted(dims: Shape) -> Shape:
    return tuple(d + 1 for d in dims)

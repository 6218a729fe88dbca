"""Gather and scatter with XLA's dimension numbers: what indexing with integer arrays is made of."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._loops import while_loop
from lamina.lax._operands import as_dtype, as_operand, axis_in, ints, same_dtype
from lamina.lax._shapes import concatenate, expand_dims, full, full_like
from lamina_compiler.opdef import REGISTRY


class GatherDimensionNumbers(NamedTuple):
    """How the dimensions of operand, start indices and result of a `gather` belong together.

    The last dimension of the start indices holds index vectors: entry j is a start along dimension
    ``start_index_map[j]`` of the operand.

    Attributes:
        offset_dims: dimensions of the result that are those of a slice, ascending.
        collapsed_slice_dims: dimensions of the operand of slice size 1 that the result does not have, ascending.
        start_index_map: the dimension of the operand of each entry of an index vector.
        operand_batching_dims, start_indices_batching_dims: dimensions of operand and start indices that run together.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> rows = lax.GatherDimensionNumbers(offset_dims=(1,), collapsed_slice_dims=(0,), start_index_map=(0,))
    >>> lax.gather(lnp.array([[1, 2], [3, 4], [5, 6]]), lnp.array([[2], [0]]), rows, slice_sizes=(1, 2))
    Array([[5, 6],
           [1, 2]], dtype=int32)
    """

    offset_dims: tuple[int, ...]
    collapsed_slice_dims: tuple[int, ...]
    start_index_map: tuple[int, ...]
    operand_batching_dims: tuple[int, ...] = ()
    start_indices_batching_dims: tuple[int, ...] = ()


class ScatterDimensionNumbers(NamedTuple):
    """The same for a scatter, whose updates are arranged like the result of a `gather`.

    Attributes:
        update_window_dims: dimensions of the updates that are those of a window, ascending.
        inserted_window_dims: dimensions of the operand of window size 1 that the updates do not have, ascending.
        scatter_dims_to_operand_dims: the dimension of the operand of each entry of an index vector.
        operand_batching_dims, scatter_indices_batching_dims: dimensions of operand and indices that run together.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> elements = lax.ScatterDimensionNumbers((), inserted_window_dims=(0,), scatter_dims_to_operand_dims=(0,))
    >>> lax.scatter_add(lnp.zeros(3), lnp.array([[2], [2]]), lnp.array([1.0, 5.0]), elements)
    Array([0., 0., 6.], dtype=float32)
    """

    update_window_dims: Sequence[int]
    inserted_window_dims: Sequence[int]
    scatter_dims_to_operand_dims: Sequence[int]
    operand_batching_dims: Sequence[int] = ()
    scatter_indices_batching_dims: Sequence[int] = ()


class GatherScatterMode(enum.Enum):
    """What becomes of slices that do not lie inside the operand.

    CLIP: they are moved inside. FILL_OR_DROP: a gather gives a fill value, a scatter drops the update.
    PROMISE_IN_BOUNDS: there are none; if there are all the same, a gather clips and a scatter drops.
    ONE_HOT: as FILL_OR_DROP with the value 0, in `lnp.take_along_axis`.

    >>> import lamina.lax as lax
    >>> lax.GatherScatterMode.from_any("clip")
    <GatherScatterMode.CLIP: 1>
    """

    CLIP = enum.auto()
    FILL_OR_DROP = enum.auto()
    PROMISE_IN_BOUNDS = enum.auto()
    ONE_HOT = enum.auto()

    @staticmethod
    def from_any(s: str | GatherScatterMode | None) -> GatherScatterMode:
        """The mode of that name ("clip", "fill", "drop", "promise_in_bounds"); None is FILL_OR_DROP."""
        if isinstance(s, GatherScatterMode):
            return s
        if s not in _MODES:
            raise ValueError(f"the mode of an index is 'fill', 'drop', 'clip' or 'promise_in_bounds', not {s!r}")
        return _MODES[s]


_MODES = {
    None: GatherScatterMode.FILL_OR_DROP,
    "fill": GatherScatterMode.FILL_OR_DROP,
    "drop": GatherScatterMode.FILL_OR_DROP,
    "clip": GatherScatterMode.CLIP,
    "promise_in_bounds": GatherScatterMode.PROMISE_IN_BOUNDS,
    "one_hot": GatherScatterMode.ONE_HOT,
}
Mode = str | GatherScatterMode | None


def gather(
    operand: Any,
    start_indices: Any,
    dimension_numbers: GatherDimensionNumbers,
    slice_sizes: Sequence[int],
    *,
    unique_indices: bool = False,
    indices_are_sorted: bool = False,
    mode: Mode = None,
    fill_value: Any = None,
) -> Array:
    """Slices of the operand at starts given by an integer array. (`x[i]` is usually what you want.)

    Args:
        dimension_numbers: which dimension is what.
        slice_sizes: sizes of a slice, one for each dimension of the operand.
        unique_indices: a promise that slices do not overlap, which makes the derivative faster.
        indices_are_sorted: accepted; nothing depends on it.
        mode: what becomes of slices that stick out of the operand; by default they are promised not to.
        fill_value: of mode "fill"; by default nan, the smallest signed or the largest unsigned integer, True.

    Raises: ShapeError, DTypeError: something does not fit together.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> rows = lax.GatherDimensionNumbers(offset_dims=(1,), collapsed_slice_dims=(0,), start_index_map=(0,))
    >>> lax.gather(lnp.arange(6).reshape(3, 2), lnp.array([[2], [0]]), rows, slice_sizes=(1, 2))
    Array([[4, 5],
           [0, 1]], dtype=int32)
    """
    x, indices = as_operand("gather", operand), as_operand("gather", start_indices, "start_indices")
    chosen = GatherScatterMode.from_any("promise_in_bounds" if mode is None else mode)
    if chosen is GatherScatterMode.ONE_HOT:
        raise ValueError("lax.gather: the mode 'one_hot' exists in lnp.take_along_axis only")
    fills = chosen is GatherScatterMode.FILL_OR_DROP
    return bind(
        REGISTRY["gather"],
        x,
        indices,
        weak_type=x.weak_type,
        sizes=ints(slice_sizes),
        unique_indices=bool(unique_indices),
        mode="fill_or_drop" if fills else "clip",
        fill_value=_fill(x.dtype, fill_value) if fills else 0,
        **_dimensions(dimension_numbers),
    )


def _fill(dtype: np.dtype, value: Any) -> Any:
    """The number to fill with."""
    if value is not None:
        if np.ndim(value):
            raise ValueError(f"a fill_value is a number, not an array of shape {np.shape(value)}")
        return np.asarray(value).item()
    if dtype.kind in "iu":
        return int(dtypes.iinfo(dtype).min if dtype.kind == "i" else dtypes.iinfo(dtype).max)
    return True if dtype.kind == "b" else math.nan


def _dimensions(numbers: Sequence[Any]) -> dict[str, tuple[int, ...]]:
    window, collapsed, index_map, operand_batching, indices_batching = map(ints, numbers)
    return {
        "window_dims": window,
        "collapsed_dims": collapsed,
        "index_map": index_map,
        "operand_batching_dims": operand_batching,
        "indices_batching_dims": indices_batching,
    }


_COMMON = """

    Args:
        operand: the array to start from. updates: of the same dtype, arranged like the result of a `gather`.
        scatter_indices: integers; the last dimension holds index vectors.
        dimension_numbers: which dimension is what.
        unique_indices: a promise that windows do not overlap. indices_are_sorted: accepted; nothing depends on it.
        mode: windows that stick out are dropped by default, or moved inside ("clip").

    Raises: ShapeError, DTypeError: something does not fit together.
"""
_EXAMPLE = """
    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> elements = lax.ScatterDimensionNumbers(
    ...     update_window_dims=(), inserted_window_dims=(0,), scatter_dims_to_operand_dims=(0,)
    ... )
    >>> lax.{name}(lnp.array([1, 1]), lnp.array([[1], [1]]), lnp.array([3, 2]), elements)
    Array([1, {result}], dtype=int32)
"""


def _scatter(name: str, summary: str, example: int) -> Callable[..., Array]:
    op = REGISTRY[name]

    def scatter(
        operand: Any,
        scatter_indices: Any,
        updates: Any,
        dimension_numbers: ScatterDimensionNumbers,
        *,
        indices_are_sorted: bool = False,
        unique_indices: bool = False,
        mode: Mode = None,
    ) -> Array:
        x, updates = same_dtype(name, operand, updates, names=("operand", "updates"))
        indices = as_operand(name, scatter_indices, "scatter_indices")
        clips = GatherScatterMode.from_any(mode) is GatherScatterMode.CLIP
        return bind(
            op,
            x,
            indices,
            updates,
            weak_type=x.weak_type and updates.weak_type,
            unique_indices=bool(unique_indices),
            mode="clip" if clips else "fill_or_drop",
            **_dimensions(dimension_numbers),
        )

    scatter.__name__ = scatter.__qualname__ = name
    scatter.__doc__ = summary + _COMMON + _EXAMPLE.format(name=name, result=example)
    return scatter


scatter = _scatter(
    "scatter", "The operand with windows replaced by updates; where windows overlap, the last counts.", 2
)
scatter_add = _scatter(
    "scatter_add", "The operand with updates added to windows; where windows overlap, all of them.", 6
)
scatter_mul = _scatter(
    "scatter_mul", "The operand with windows multiplied by updates; where windows overlap, by all.", 6
)
scatter_min = _scatter("scatter_min", "The operand with windows replaced by their minimum with the updates.", 1)
scatter_max = _scatter("scatter_max", "The operand with windows replaced by their maximum with the updates.", 3)


def scatter_sub(
    operand: Any,
    scatter_indices: Any,
    updates: Any,
    dimension_numbers: ScatterDimensionNumbers,
    *,
    indices_are_sorted: bool = False,
    unique_indices: bool = False,
    mode: Mode = None,
) -> Array:
    """The operand with updates subtracted from windows; see `scatter_add`.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> elements = lax.ScatterDimensionNumbers((), (0,), (0,))
    >>> lax.scatter_sub(lnp.ones(3), lnp.array([[0], [0]]), lnp.array([1.0, 5.0]), elements)
    Array([-5.,  1.,  1.], dtype=float32)
    """
    x, updates = same_dtype("scatter_sub", operand, updates, names=("operand", "updates"))
    negative = bind(REGISTRY["neg"], updates, weak_type=updates.weak_type)
    return scatter_add(x, scatter_indices, negative, dimension_numbers, unique_indices=unique_indices, mode=mode)


def scatter_apply(
    operand: Any,
    scatter_indices: Any,
    func: Callable[[Array], Any],
    dimension_numbers: ScatterDimensionNumbers,
    *,
    update_shape: Sequence[int] = (),
    indices_are_sorted: bool = False,
    unique_indices: bool = False,
    mode: Mode = None,
) -> Array:
    """The operand with windows replaced by `func` of them, as often as windows cover an element.

    `func` gets the whole operand, and must work elementwise. `update_shape` is the shape that updates would have.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> one = lax.ScatterDimensionNumbers((), (0,), (0,))
    >>> lax.scatter_apply(lnp.arange(3.0), lnp.array([[1], [2], [2]]), lnp.negative, one, update_shape=(3,))
    Array([ 0., -1.,  2.], dtype=float32)
    """
    x = as_operand("scatter_apply", operand)
    ones = full(update_shape, 1, np.int32)
    nothing = full(x.shape, 0, np.int32)
    counts = scatter_add(nothing, scatter_indices, ones, dimension_numbers, unique_indices=unique_indices, mode=mode)

    def step(done: Any, value: Array) -> Array:
        wanted = bind(REGISTRY["gt"], counts, full_like(counts, done))
        return bind(
            REGISTRY["select"], wanted, as_dtype(func(value), x.dtype, x.weak_type), value, weak_type=x.weak_type
        )

    if unique_indices:
        return step(0, x)
    most = bind(REGISTRY["reduce_max"], counts, axes=tuple(range(x.ndim)))
    return while_loop(lambda state: state[0] < most, lambda state: (state[0] + 1, step(*state)), (0, x))[1]


def index_take(src: Any, idxs: Sequence[Any], axes: Sequence[int]) -> Array:
    """Slices of `src` at positions along some axes, given by one integer vector for each; modulo the axes' sizes.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.index_take(lnp.arange(6).reshape(3, 2), (lnp.array([2, -3]),), (0,))
    Array([[4, 5],
           [0, 1]], dtype=int32)
    """
    x = as_operand("index_take", src, "src")
    axes = tuple(axis_in("index_take", axis, x.ndim) for axis in axes)
    if len(axes) != len(idxs):
        raise errors.ShapeError("lax.index_take", f"there are {len(idxs)} index vectors for {len(axes)} axes")
    columns = []
    for i, axis in zip(idxs, axes, strict=True):
        i = as_operand("index_take", i, "idxs")
        size = full_like(i, x.shape[axis])
        rest = bind(REGISTRY["rem"], i, size)
        wrapped = bind(REGISTRY["rem"], bind(REGISTRY["add"], rest, size), size)
        columns.append(expand_dims(wrapped, (1,)))
    sizes = [1 if d in axes else n for d, n in enumerate(x.shape)]
    numbers = GatherDimensionNumbers(tuple(range(1, x.ndim - len(axes) + 1)), tuple(sorted(axes)), axes)
    return gather(x, concatenate(columns, 1), numbers, sizes)

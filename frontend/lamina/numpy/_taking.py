"""Elements at given positions, and arrays with new ones there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array, from_numpy
from lamina.lax._gather import GatherDimensionNumbers, GatherScatterMode, Mode, gather
from lamina.numpy import _elementwise as e
from lamina.numpy._arithmetic import remainder
from lamina.numpy._index_parsing import Entry, Gather, ParsedIndex, Range
from lamina.numpy._indexing import read_now
from lamina.numpy._joining import stack
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import broadcast_shape, expanded, filled, normal_axis, operand, promoted, refuse_out
from lamina.numpy._selection import Selection, counted
from lamina.numpy._steps import reshaped, sliced
from lamina.numpy._stretching import broadcast_arrays, tile
from lamina.numpy._updates import IndexUpdateRef
from lamina.tracer import Tracer


def take(
    a: Any, indices: Any, axis: int | None = None, out: None = None, mode: str | None = None,
    unique_indices: bool = False, indices_are_sorted: bool = False, fill_value: Any = None,
) -> Array:  # fmt: skip
    """Elements at integer positions along an axis (None: of the flattened array).

    Args:
        mode: for positions outside (−n counts from the end): "fill" (default) gives nan, or the smallest signed or the
            largest unsigned integer, True, or the `fill_value`; "clip" takes the nearest element, of negative positions
            the first; "wrap" counts modulo n.

    Raises: IndexError for any position of an empty axis.

    >>> import lamina.numpy as lnp
    >>> lnp.take(lnp.array([10, 20, 30]), lnp.array([2, 0]))
    Array([30, 10], dtype=int32)
    """
    refuse_out("take", out)
    a, indices = operand("take", a, "a"), _positions("take", indices)
    a, axis = (ravel(a), 0) if axis is None else (a, normal_axis("take", axis, a.ndim))
    size = a.shape[axis]
    if mode == "raise":
        raise NotImplementedError('lnp.take: a program cannot raise; use the mode "fill", "clip" or "wrap"')
    if mode not in (None, "fill", "clip", "wrap"):
        raise ValueError(f'lnp.take: the mode is "fill", "clip" or "wrap", not {mode!r}')
    if mode == "wrap" and size:
        indices = remainder(indices, size)
    if mode in (None, "fill"):
        value = read_now(a, (slice(None),) * axis + (indices,))
        if value is not None:
            return value
    entries: list[Entry] = [Gather(indices) if d == axis else Range(0, 1, n) for d, n in enumerate(a.shape)]
    selection = Selection(ParsedIndex(entries, a.shape, False), wrap=mode in (None, "fill"))
    return selection.read(a, "clip" if mode == "wrap" else mode or "fill", fill_value, unique_indices)


def _positions(function: str, indices: Any) -> Array:
    indices = operand(function, indices, "indices")
    if indices.dtype.kind not in "iu":
        raise TypeError(f"lnp.{function}: the indices must be integers, not {indices.dtype}")
    return indices


def take_along_axis(
    arr: Any, indices: Any, axis: int | None = -1, mode: Mode = None, fill_value: Any = None, *,
    wrap_negative_indices: bool | None = None,
) -> Array:  # fmt: skip
    """Elements at positions that differ from row to row: ``arr[i, indices[i, j]]`` for axis 1.

    Args:
        arr, indices: of the same rank; their other axes are broadcast.
        axis: None: both are one-dimensional, `arr` after flattening.
        mode: for positions outside: "fill" (default; see `take`), "clip", "promise_in_bounds", "one_hot" (0).
        wrap_negative_indices: whether −n counts from the end; default: unless the mode is "promise_in_bounds".

    >>> import lamina.numpy as lnp
    >>> lnp.take_along_axis(lnp.array([[1, 2], [3, 4]]), lnp.array([[1], [0]]), axis=1)
    Array([[2],
           [3]], dtype=int32)
    """
    arr, indices = operand("take_along_axis", arr, "arr"), _positions("take_along_axis", indices)
    if axis is None:
        if indices.ndim != 1:
            raise ValueError(f"lnp.take_along_axis: without an axis, indices have rank 1, not shape {indices.shape}")
        arr, axis = ravel(arr), 0
    axis = normal_axis("take_along_axis", axis, arr.ndim)
    if indices.ndim != arr.ndim:
        raise errors.ShapeError(
            "lnp.take_along_axis", "both must have the same rank", arr=arr.shape, indices=indices.shape
        )
    shape = broadcast_shape("take_along_axis", [_with(arr.shape, axis, 1), indices.shape], ("arr", "indices"))
    size = arr.shape[axis]
    if size == 0 or 0 in shape:
        return filled(shape, 0, arr.dtype, arr.weak_type)
    chosen = GatherScatterMode.from_any(mode)
    if chosen is GatherScatterMode.ONE_HOT:
        chosen, fill_value = GatherScatterMode.FILL_OR_DROP, 0
    wrap = wrap_negative_indices
    if wrap is None:
        wrap = chosen is not GatherScatterMode.PROMISE_IN_BOUNDS
    positions = counted(indices, size, wrap)
    positions = positions if isinstance(positions, Array) else from_numpy(positions.astype(np.int32))
    return _along(arr, positions, axis, shape, chosen, fill_value)


def _with(shape: Sequence[int], axis: int, size: int) -> tuple[int, ...]:
    return (*shape[:axis], size, *shape[axis + 1 :])


def _along(
    arr: Array, positions: Array, axis: int, shape: Sequence[int], mode: GatherScatterMode, fill_value: Any
) -> Array:
    """One gather. Along the other axes: where positions do not change, a slice has all of them; where `arr` does not,
    there are just more points; where both do, they run together."""
    together = [d for d in range(arr.ndim) if d != axis and arr.shape[d] == positions.shape[d] != 1]
    whole = [d for d in range(arr.ndim) if d != axis and positions.shape[d] == 1]
    points = [d for d in range(arr.ndim) if d not in whole]
    kept = [d for d in range(arr.ndim) if d == axis or d in together or d in whole]  # the others have size 1
    x = reshaped(arr, tuple(arr.shape[d] for d in kept))
    numbers = GatherDimensionNumbers(
        offset_dims=tuple(whole),
        collapsed_slice_dims=(kept.index(axis),),
        start_index_map=(kept.index(axis),),
        operand_batching_dims=tuple(kept.index(d) for d in together),
        start_indices_batching_dims=tuple(points.index(d) for d in together),
    )
    sizes = [arr.shape[d] if d in whole else 1 for d in kept]
    vectors = reshaped(positions, (*(shape[d] for d in points), 1))
    return gather(x, vectors, numbers, sizes, mode=mode, fill_value=fill_value)


def choose(a: Any, choices: Any, out: None = None, mode: str = "raise") -> Array:
    """``choices[a[i, j]][i, j]``: from a list of arrays, or the rows of one, the one that `a` says. All are broadcast.

    Args:
        mode: for integers that choose none: "raise" a ValueError (`a` must be known), "wrap" or "clip".

    >>> import lamina.numpy as lnp
    >>> lnp.choose(lnp.array([1, 0]), [lnp.array([1, 2]), lnp.array([10, 20])])
    Array([10,  2], dtype=int32)
    """
    refuse_out("choose", out)
    a = operand("choose", a, "a")
    if a.dtype.kind not in "iu":
        raise ValueError(f"lnp.choose: `a` must hold integers, not {a.dtype}")
    arrays = promoted("choose", *choices, names=["choices"] * len(choices))
    count = len(arrays)
    if mode == "raise":
        require_inside("choose", a, "a", count)
    elif mode == "wrap":
        a = remainder(a, count)
    elif mode == "clip":
        a = e.clip(a, 0, count - 1)
    else:
        raise ValueError(f'lnp.choose: the mode is "raise", "wrap" or "clip", not {mode!r}')
    a, *arrays = broadcast_arrays(a, *arrays)
    return reshaped(take_along_axis(stack(arrays), reshaped(a, (1, *a.shape)), 0, "promise_in_bounds"), a.shape)


def require_inside(function: str, positions: Array, name: str, size: int) -> None:
    """ValueError unless all positions are known and inside."""
    values = known_value(positions, f'`lnp.{function}` with mode="raise"', 'Use mode="wrap" or mode="clip".')
    if np.any((values < 0) | (values >= size)):
        raise ValueError(f"lnp.{function}: `{name}` has entries outside of 0 to {size - 1}")


def known_value(x: Array, needed_by: str, cure: str) -> np.ndarray:
    """The value. Raises: ConcretizationTypeError, with the cure, if it is not known while a program is traced."""
    value = x.known() if isinstance(x, Tracer) else np.asarray(x)
    if value is None:
        assert isinstance(x, Tracer)
        raise errors.ConcretizationTypeError(x.described(), needed_by, cure=cure)
    return value


# ---- arrays with new elements ---------------------------------------------------------------------------------------


def require_copy(function: str, inplace: bool) -> None:
    """NumPy's function changes its argument, which cannot be done here."""
    if inplace:
        raise ValueError(
            f"lnp.{function} cannot change its argument, because arrays are immutable. Pass inplace=False, and use the "
            "result."
        )


def tiled(x: Array, size: int) -> Array:
    """A vector repeated, and cut off, to a size."""
    return sliced(tile(x, -(-size // x.size)), 0, 0, size)


def put(a: Any, ind: Any, v: Any, mode: str | None = None, *, inplace: bool = True) -> Array:
    """A copy of `a` with elements of the flattened array replaced by `v`, repeated as often as needed.

    Args:
        mode: positions outside are dropped (None), or moved inside ("clip"), or count modulo the size ("wrap").
        inplace: must be False.

    >>> import lamina.numpy as lnp
    >>> lnp.put(lnp.zeros(4), lnp.array([0, 2]), lnp.array([1, 2]), inplace=False)
    Array([1., 0., 2., 0.], dtype=float32)
    """
    require_copy("put", inplace)
    a, ind, v = operand("put", a, "a"), ravel(_positions("put", ind)), ravel(operand("put", v, "v"))
    if not (a.size and ind.size and v.size):
        return a
    if mode == "clip":
        ind = e.clip(ind, 0, a.size - 1)
    elif mode == "wrap":
        ind = remainder(ind, a.size)
    elif mode == "raise":
        raise NotImplementedError('lnp.put: a program cannot raise; use the mode None, "clip" or "wrap"')
    elif mode is not None:
        raise ValueError(f'lnp.put: the mode is None, "clip" or "wrap", not {mode!r}')
    return reshaped(IndexUpdateRef(ravel(a), ind).set(tiled(v, ind.size)), a.shape)


def put_along_axis(
    arr: Any, indices: Any, values: Any, axis: int | None, inplace: bool = True, *, mode: Mode = None
) -> Array:
    """A copy of `arr` with ``arr[i, indices[i, j]] = values[i, j]`` (for axis 1); `inplace` must be False.

    >>> import lamina.numpy as lnp
    >>> lnp.put_along_axis(lnp.zeros((2, 2)), lnp.array([[1], [0]]), 9, axis=1, inplace=False)
    Array([[0., 9.],
           [9., 0.]], dtype=float32)
    """
    require_copy("put_along_axis", inplace)
    arr, indices = operand("put_along_axis", arr, "arr"), _positions("put_along_axis", indices)
    values = operand("put_along_axis", values, "values")
    x, axis = (ravel(arr), 0) if axis is None else (arr, normal_axis("put_along_axis", axis, arr.ndim))
    if x.ndim != indices.ndim:
        raise errors.ShapeError(
            "lnp.put_along_axis", "both must have the same rank", arr=x.shape, indices=indices.shape
        )
    if broadcast_shape("put_along_axis", [values.shape, indices.shape], ("values", "indices")) != indices.shape:
        shapes = {"values": values.shape, "indices": indices.shape}
        raise errors.ShapeError("lnp.put_along_axis", "the values do not fit the indices", **shapes)
    lines = [np.arange(n).reshape([-1 if i == d else 1 for i in range(x.ndim)]) for d, n in enumerate(x.shape)]
    index = tuple(indices if d == axis else line for d, line in enumerate(lines))
    shape = broadcast_shape("put_along_axis", [i.shape for i in index], ["indices"] * x.ndim)
    updated = IndexUpdateRef(x, index).set(expanded(expanded(values, indices.shape), shape), mode=mode)
    return reshaped(updated, arr.shape)

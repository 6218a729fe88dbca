"""Changing shapes: reshaping, moving axes, joining, splitting, repeating, padding."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from lamina_compiler.opdef import REGISTRY

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy._operands import (
    Shape,
    as_shape,
    broadcast_shape,
    converted,
    expanded,
    normal_axes,
    normal_axis,
    operand,
    refuse_out,
)
from lamina.numpy._operands import promoted as _promoted
from lamina.tracing import bind

_RESHAPE, _TRANSPOSE, _SLICE, _CONCATENATE = (REGISTRY[n] for n in ("reshape", "transpose", "slice", "concatenate"))

# ---- steps the functions are made of --------------------------------------------------------------------------------


def reshaped(x: Array, shape: Shape) -> Array:
    """The array with a shape of the same size."""
    return x if x.shape == shape else bind(_RESHAPE, x, weak_type=x.weak_type, shape=shape)


def permuted(x: Array, permutation: Sequence[int]) -> Array:
    """The array with its axes in another order."""
    order = tuple(permutation)
    return x if order == tuple(range(x.ndim)) else bind(_TRANSPOSE, x, weak_type=x.weak_type, permutation=order)


def sliced(x: Array, axis: int, start: int, limit: int, stride: int = 1) -> Array:
    """Elements start, start + stride, … below limit along one axis."""
    if (start, limit, stride) == (0, x.shape[axis], 1):
        return x
    starts, limits, strides = [0] * x.ndim, list(x.shape), [1] * x.ndim
    starts[axis], limits[axis], strides[axis] = start, limit, stride
    return bind(_SLICE, x, weak_type=x.weak_type, start=tuple(starts), limit=tuple(limits), strides=tuple(strides))


def reversed_along(x: Array, axes: Sequence[int]) -> Array:
    """Elements in reverse order along the axes."""
    return bind(REGISTRY["rev"], x, weak_type=x.weak_type, dimensions=tuple(axes)) if axes else x


def joined(arrays: Sequence[Array], axis: int) -> Array:
    """Arrays of one dtype joined in a balanced tree, which the lowering turns into one operation."""
    arrays = list(arrays)
    while len(arrays) > 1:
        pairs = [arrays[i : i + 2] for i in range(0, len(arrays), 2)]
        arrays = [
            bind(_CONCATENATE, *pair, weak_type=builtins.all(x.weak_type for x in pair), dimension=axis)
            if len(pair) > 1
            else pair[0]
            for pair in pairs
        ]
    return arrays[0]


def _together(function: str, arrays: Any) -> list[Array]:
    """A sequence of arrays (or one array, taken apart) of a common dtype."""
    if isinstance(arrays, (Array, np.ndarray)):
        whole = operand(function, arrays, "arrays")
        return [reshaped(sliced(whole, 0, i, i + 1), whole.shape[1:]) for i in range(whole.shape[0])]
    if not isinstance(arrays, (list, tuple)):
        raise errors.NonArrayArgumentError(f"lnp.{function}", "arrays", arrays)
    if not arrays:
        raise ValueError(f"lnp.{function} needs at least one array")
    return _promoted(function, *arrays, names=[f"arrays[{i}]" for i in range(len(arrays))])


# ---- shape ----------------------------------------------------------------------------------------------------------


def reshape(a: Any, shape: Any, order: str = "C", *, copy: bool | None = None) -> Array:
    """The same elements in another shape; one size may be −1: it follows from the others.

    Raises: ShapeError where the sizes differ.

    >>> import lamina.numpy as lnp
    >>> lnp.reshape(lnp.arange(6), (2, -1))
    Array([[0, 1, 2],
           [3, 4, 5]], dtype=int32)
    """
    a = operand("reshape", a, "a")
    if order not in ("C", "F"):
        raise NotImplementedError(f"lnp.reshape: order is 'C' or 'F', not {order!r}")
    target = _completed(a, shape)
    if order == "C":
        return reshaped(a, target)
    return permuted(reshaped(permuted(a, range(a.ndim)[::-1]), target[::-1]), range(len(target))[::-1])


def _completed(a: Array, shape: Any) -> Shape:
    """The wanted shape, with −1 filled in."""
    sizes = [n.__index__() for n in (shape if isinstance(shape, (tuple, list)) else np.atleast_1d(shape).tolist())]
    known = math.prod(n for n in sizes if n != -1)
    unknown = sizes.count(-1)
    if unknown == 1 and known and a.size % known == 0:
        sizes[sizes.index(-1)] = a.size // known
    if unknown > 1 or builtins.any(n < 0 for n in sizes) or math.prod(sizes) != a.size:
        problem = f"an array of {a.size} elements does not fit into the shape {tuple(sizes)}"
        raise errors.ShapeError("lnp.reshape", problem, a=a.shape)
    return tuple(sizes)


def ravel(a: Any, order: str = "C") -> Array:
    """All elements as a vector."""
    return reshape(a, (-1,) if operand("ravel", a, "a").size else (0,), "C" if order in ("K", "A") else order)


def squeeze(a: Any, axis: Any = None) -> Array:
    """The array without axes of size 1: all of them, or those given.

    >>> import lamina.numpy as lnp
    >>> lnp.squeeze(lnp.zeros((1, 3, 1))).shape
    (3,)
    """
    a = operand("squeeze", a, "a")
    axes = [d for d, n in enumerate(a.shape) if n == 1] if axis is None else normal_axes("squeeze", axis, a.ndim)
    if builtins.any(a.shape[d] != 1 for d in axes):
        raise errors.ShapeError("lnp.squeeze", f"the axes {tuple(axes)} do not all have the size 1", a=a.shape)
    return reshaped(a, tuple(n for d, n in enumerate(a.shape) if d not in axes))


def expand_dims(a: Any, axis: Any) -> Array:
    """The array with new axes of size 1 at the given places of the result."""
    a = operand("expand_dims", a, "a")
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = normal_axes("expand_dims", tuple(axes), a.ndim + len(axes))
    sizes = iter(a.shape)
    return reshaped(a, tuple(1 if d in axes else next(sizes) for d in range(a.ndim + len(axes))))


def atleast_1d(*arys: Any) -> Any:
    """The arrays, numbers with one axis of size 1."""
    return _each("atleast_1d", arys, lambda x: (1,) if x.ndim == 0 else x.shape)


def atleast_2d(*arys: Any) -> Any:
    """The arrays with at least two axes; new ones stand in front."""
    return _each("atleast_2d", arys, lambda x: (1,) * (2 - x.ndim) + x.shape)


def atleast_3d(*arys: Any) -> Any:
    """The arrays with at least three axes; a vector gets one on both sides, a matrix one behind."""
    shapes = {0: lambda s: (1, 1, 1), 1: lambda s: (1, *s, 1), 2: lambda s: (*s, 1)}
    return _each("atleast_3d", arys, lambda x: shapes.get(x.ndim, lambda s: s)(x.shape))


def _each(function: str, arrays: Any, shape: Any) -> Any:
    results = [reshaped(x, shape(x)) for x in (operand(function, a, f"arys[{i}]") for i, a in enumerate(arrays))]
    return results[0] if len(results) == 1 else results


# ---- order of the axes ----------------------------------------------------------------------------------------------


def transpose(a: Any, axes: Any = None) -> Array:
    """The axes in another order; by default reversed.

    >>> import lamina.numpy as lnp
    >>> lnp.transpose(lnp.zeros((2, 3, 4)), (1, 2, 0)).shape
    (3, 4, 2)
    """
    a = operand("transpose", a, "a")
    if axes is None:
        return permuted(a, range(a.ndim)[::-1])
    order = normal_axes("transpose", tuple(axes), a.ndim)
    if len(order) != a.ndim:
        raise errors.ShapeError("lnp.transpose", f"the axes {tuple(axes)} must name every axis once", a=a.shape)
    return permuted(a, order)


def permute_dims(a: Any, /, axes: tuple[int, ...]) -> Array:
    """The axes in another order."""
    return transpose(a, axes)


def matrix_transpose(x: Any, /) -> Array:
    """The last two axes swapped."""
    x = operand("matrix_transpose", x)
    if x.ndim < 2:
        raise errors.ShapeError("lnp.matrix_transpose", "the operand must be a matrix or a stack of them", x=x.shape)
    return swapaxes(x, -1, -2)


def swapaxes(a: Any, axis1: int, axis2: int) -> Array:
    """Two axes exchanged."""
    a = operand("swapaxes", a, "a")
    order = list(range(a.ndim))
    i, j = normal_axis("swapaxes", axis1, a.ndim), normal_axis("swapaxes", axis2, a.ndim)
    order[i], order[j] = j, i
    return permuted(a, order)


def moveaxis(a: Any, source: Any, destination: Any) -> Array:
    """Axes moved to other places; the others keep their order.

    >>> import lamina.numpy as lnp
    >>> lnp.moveaxis(lnp.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    a = operand("moveaxis", a, "a")
    sources, destinations = (normal_axes("moveaxis", axes, a.ndim) for axes in (source, destination))
    if len(sources) != len(destinations):
        raise ValueError(f"lnp.moveaxis: {len(sources)} source axes for {len(destinations)} destinations")
    order = [d for d in range(a.ndim) if d not in sources]
    for place, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(place, axis)
    return permuted(a, order)


def rollaxis(a: Any, axis: int, start: int = 0) -> Array:
    """An axis moved in front of the axis `start`."""
    a = operand("rollaxis", a, "a")
    axis = normal_axis("rollaxis", axis, a.ndim)
    start = start + a.ndim if start < 0 else start
    return moveaxis(a, axis, start - (axis < start))


def flip(m: Any, axis: Any = None) -> Array:
    """Elements in reverse order along the axes (all by default)."""
    m = operand("flip", m, "m")
    return reversed_along(m, normal_axes("flip", axis, m.ndim))


def flipud(m: Any) -> Array:
    """Rows in reverse order."""
    return flip(m, 0)


def fliplr(m: Any) -> Array:
    """Columns in reverse order."""
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """The array turned k times by 90°, from the first of the axes towards the second."""
    m = operand("rot90", m, "m")
    first, second = normal_axes("rot90", tuple(axes), m.ndim)
    match k % 4:
        case 1:
            return swapaxes(flip(m, second), first, second)
        case 2:
            return flip(m, (first, second))
        case 3:
            return flip(swapaxes(m, first, second), second)
    return m


# ---- stretching and repeating ---------------------------------------------------------------------------------------


def broadcast_to(array: Any, shape: Any) -> Array:
    """The array repeated along new axes and along axes of size 1, to the given shape.

    Raises: ShapeError where it does not fit.

    >>> import lamina.numpy as lnp
    >>> lnp.broadcast_to(lnp.array([1, 2]), (2, 2))
    Array([[1, 2],
           [1, 2]], dtype=int32)
    """
    x, target = operand("broadcast_to", array, "array"), as_shape("broadcast_to", shape)
    aligned = x.shape[::-1], target[::-1]
    if x.ndim > len(target) or builtins.any(n not in (1, size) for n, size in zip(*aligned, strict=False)):
        raise errors.ShapeError("lnp.broadcast_to", "the array does not broadcast to the shape", array=x.shape, shape=target)
    return expanded(x, target)


def broadcast_arrays(*args: Any) -> list[Array]:
    """The arrays repeated to their common shape."""
    names = [f"args{i}" for i in range(len(args))]
    arrays = [operand("broadcast_arrays", x, name) for x, name in zip(args, names, strict=True)]
    shape = broadcast_shape("broadcast_arrays", [x.shape for x in arrays], names)
    return [expanded(x, shape) for x in arrays]


def broadcast_shapes(*shapes: Any) -> Shape:
    """The shape several shapes broadcast to."""
    sizes = [as_shape("broadcast_shapes", shape) for shape in shapes]
    return broadcast_shape("broadcast_shapes", sizes, [f"shape{i}" for i in range(len(sizes))])


def tile(A: Any, reps: Any) -> Array:
    """The array laid out `reps` times along every axis.

    >>> import lamina.numpy as lnp
    >>> lnp.tile(lnp.array([1, 2]), 2)
    Array([1, 2, 1, 2], dtype=int32)
    """
    A, reps = operand("tile", A, "A"), as_shape("tile", reps)
    rank = max(A.ndim, len(reps))
    shape, reps = (1,) * (rank - A.ndim) + A.shape, (1,) * (rank - len(reps)) + reps
    between = tuple(n for pair in zip(reps, shape, strict=True) for n in pair)
    spread = bind(
        REGISTRY["broadcast_in_dim"], reshaped(A, shape), weak_type=A.weak_type, shape=between,
        dimensions=tuple(range(1, 2 * rank, 2)),
    )  # fmt: skip
    return reshaped(spread, tuple(n * r for n, r in zip(shape, reps, strict=True)))


def repeat(a: Any, repeats: Any, axis: int | None = None, *, total_repeat_length: int | None = None) -> Array:
    """Every element repeated along an axis (None: of the flattened array); `repeats` is an int, or known ints.

    >>> import lamina.numpy as lnp
    >>> lnp.repeat(lnp.array([1, 2]), 2)
    Array([1, 1, 2, 2], dtype=int32)
    """
    a = operand("repeat", a, "a")
    a, axis = (ravel(a), 0) if axis is None else (a, normal_axis("repeat", axis, a.ndim))
    counts = np.asarray(repeats)
    if counts.size == 1 and total_repeat_length is None:
        n, before, after = counts.item(), a.shape[:axis], a.shape[axis:]
        split = (*before, after[0], n, *after[1:])
        dimensions = tuple(d for d in range(len(split)) if d != axis + 1)
        spread = bind(REGISTRY["broadcast_in_dim"], a, weak_type=a.weak_type, shape=split, dimensions=dimensions)
        return reshaped(spread, (*before, after[0] * n, *after[1:]))
    from lamina.numpy._indexing import take

    positions = np.repeat(np.arange(a.shape[axis]), counts)
    if total_repeat_length is not None:
        positions = np.pad(positions[:total_repeat_length], (0, max(0, total_repeat_length - len(positions))), "edge")
    return take(a, positions, axis, mode="clip")


def roll(a: Any, shift: Any, axis: Any = None) -> Array:
    """Elements moved along axes, what falls off one end entering at the other; `shift` may be traced.

    >>> import lamina.numpy as lnp
    >>> lnp.roll(lnp.arange(4), 1)
    Array([3, 0, 1, 2], dtype=int32)
    """
    a = operand("roll", a, "a")
    if axis is None:
        return reshaped(roll(ravel(a), shift, 0), a.shape)
    axes = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    shifts = list(shift) if isinstance(shift, (tuple, list)) else [shift] * len(axes)
    for amount, place in zip(shifts, (normal_axis("roll", d, a.ndim) for d in axes), strict=True):
        a = _rolled(a, amount, place)
    return a


def _rolled(a: Array, shift: Any, axis: int) -> Array:
    size = a.shape[axis]
    if size == 0:
        return a
    if isinstance(shift, (int, np.integer)):
        cut = -int(shift) % size
        return joined([sliced(a, axis, cut, size), sliced(a, axis, 0, cut)], axis) if cut else a
    from lamina import lax
    from lamina.numpy._elementwise import negative, remainder

    return lax.dynamic_slice_in_dim(joined([a, a], axis), remainder(negative(shift), size), size, axis)


# ---- joining --------------------------------------------------------------------------------------------------------


def concatenate(arrays: Any, axis: int | None = 0, dtype: Any = None) -> Array:
    """Arrays joined along an axis they have (None: flattened). Dtypes are promoted.

    Raises: ShapeError where the other sizes differ.

    >>> import lamina.numpy as lnp
    >>> lnp.concatenate([lnp.array([1, 2]), lnp.array([3.5])])
    Array([1. , 2. , 3.5], dtype=float32)
    """
    parts = _together("concatenate", arrays)
    if dtype is not None:
        dtype = dtypes.check_user_dtype_supported(dtype, "concatenate")
        parts = [converted(x, dtype) for x in parts]
    if axis is None:
        parts, axis = [ravel(x) for x in parts], 0
    if parts[0].ndim == 0:
        raise errors.ShapeError("lnp.concatenate", "numbers have no axis to be joined along", cure="Use lnp.stack.")
    axis = normal_axis("concatenate", axis, parts[0].ndim)
    others = [x.shape[:axis] + x.shape[axis + 1 :] for x in parts]
    for i, (x, other) in enumerate(zip(parts, others, strict=True)):
        if x.ndim != parts[0].ndim or other != others[0]:
            named = {"arrays[0]": parts[0].shape, f"arrays[{i}]": x.shape}
            raise errors.ShapeError("lnp.concatenate", f"the sizes must agree except along axis {axis}", **named)
    return joined(parts, axis)


concat = concatenate


def stack(arrays: Any, axis: int = 0, out: None = None, dtype: Any = None) -> Array:
    """Arrays of one shape joined along a new axis.

    >>> import lamina.numpy as lnp
    >>> lnp.stack([lnp.array([1, 2]), lnp.array([3, 4])], axis=1)
    Array([[1, 3],
           [2, 4]], dtype=int32)
    """
    refuse_out("stack", out)
    parts = _together("stack", arrays)
    for i, x in enumerate(parts):
        if x.shape != parts[0].shape:
            named = {"arrays[0]": parts[0].shape, f"arrays[{i}]": x.shape}
            raise errors.ShapeError("lnp.stack", "all arrays must have one shape", **named)
    axis = normal_axis("stack", axis, parts[0].ndim + 1)
    return concatenate([expand_dims(x, axis) for x in parts], axis, dtype)


def vstack(tup: Any, dtype: Any = None) -> Array:
    """Rows (vectors) or matrices joined one below the other."""
    return concatenate([atleast_2d(x) for x in _together("vstack", tup)], 0, dtype)


def hstack(tup: Any, dtype: Any = None) -> Array:
    """Arrays joined side by side: vectors along axis 0, others along axis 1."""
    parts = [atleast_1d(x) for x in _together("hstack", tup)]
    return concatenate(parts, 0 if parts[0].ndim == 1 else 1, dtype)


def dstack(tup: Any, dtype: Any = None) -> Array:
    """Arrays joined along the third axis."""
    return concatenate([atleast_3d(x) for x in _together("dstack", tup)], 2, dtype)


def column_stack(tup: Any) -> Array:
    """Vectors as columns, and matrices, joined side by side."""
    parts = _together("column_stack", tup)
    return concatenate([reshaped(x, (x.size, 1)) if x.ndim < 2 else x for x in parts], 1)


def append(arr: Any, values: Any, axis: int | None = None) -> Array:
    """`values` joined to the end of `arr` along an axis (None: both flattened)."""
    return concatenate([operand("append", arr, "arr"), operand("append", values, "values")], axis)


# ---- splitting ------------------------------------------------------------------------------------------------------


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """The array cut along an axis: into n equal parts, or before the given indices.

    Raises: ShapeError where n equal parts are impossible (see `array_split`).

    >>> import lamina.numpy as lnp
    >>> lnp.split(lnp.arange(4), 2)
    [Array([0, 1], dtype=int32), Array([2, 3], dtype=int32)]
    """
    return _split("split", ary, indices_or_sections, axis, equal=True)


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """`split` into parts that are as equal as possible: the first ones are one longer."""
    return _split("array_split", ary, indices_or_sections, axis, equal=False)


def _split(function: str, ary: Any, where: Any, axis: int, equal: bool) -> list[Array]:
    ary = operand(function, ary, "ary")
    axis = normal_axis(function, axis, ary.ndim)
    size = ary.shape[axis]
    if isinstance(where, (tuple, list)) or np.ndim(where):
        cuts = [0, *(builtins.slice(int(i), None).indices(size)[0] for i in where), size]
    else:
        count = int(where)
        if count < 1 or (equal and size % count):
            raise errors.ShapeError(f"lnp.{function}", f"an axis of size {size} has no {count} equal parts", ary=ary.shape)
        cuts = [part * (size // count) + min(part, size % count) for part in range(count + 1)]
    return [sliced(ary, axis, a, max(a, b)) for a, b in zip(cuts, cuts[1:], strict=False)]


def vsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """`split` along axis 0."""
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """`split` along axis 1; of a vector along axis 0."""
    return split(ary, indices_or_sections, 0 if operand("hsplit", ary, "ary").ndim == 1 else 1)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """`split` along axis 2."""
    return split(ary, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The arrays along an axis, which they no longer have."""
    x = operand("unstack", x)
    axis = normal_axis("unstack", axis, x.ndim)
    rest = x.shape[:axis] + x.shape[axis + 1 :]
    return tuple(reshaped(sliced(x, axis, i, i + 1), rest) for i in range(x.shape[axis]))


# ---- padding --------------------------------------------------------------------------------------------------------

_MIRRORS = {"edge", "reflect", "symmetric", "wrap"}


def pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0, reflect_type: str = "even") -> Array:
    """The array with elements put around it: `pad_width` before and after along each axis (an int, a pair, or pairs).

    Args:
        mode: "constant", "edge" (the last element), "reflect" (mirrored, without the edge), "symmetric" (with it),
            "wrap" (from the other end), "empty" (zeros).
        constant_values: a number, or the values before and after along each axis.

    >>> import lamina.numpy as lnp
    >>> lnp.pad(lnp.array([1, 2]), 1, "edge")
    Array([1, 1, 2, 2], dtype=int32)
    """
    x = operand("pad", array, "array")
    widths = _pairs("pad_width", pad_width, x.ndim)
    if builtins.any(n < 0 for pair in widths for n in pair):
        raise ValueError(f"lnp.pad: the widths {widths} must not be negative")
    if mode in ("constant", "empty"):
        return _padded_with(x, widths, constant_values if mode == "constant" else 0)
    if mode not in _MIRRORS or reflect_type != "even":
        raise NotImplementedError(f"lnp.pad: the mode is one of constant, empty, {', '.join(sorted(_MIRRORS))}, not {mode!r}")
    for axis, (before, after) in enumerate(widths):
        x = _padded_from(x, axis, before, after, mode)
    return x


def _pairs(name: str, given: Any, rank: int) -> list[tuple[Any, Any]]:
    """One (before, after) for every axis."""
    try:
        return [tuple(pair) for pair in np.broadcast_to(np.asarray(given), (rank, 2)).tolist()]
    except ValueError:
        raise errors.ShapeError("lnp.pad", f"{name} is a number, a pair, or a pair for each of the {rank} axes") from None


def _padded_with(x: Array, widths: list[tuple[int, int]], values: Any) -> Array:
    if np.ndim(values) == 0:
        value = converted(operand("pad", values, "constant_values"), x.dtype, x.weak_type)
        low, high = (tuple(pair[i] for pair in widths) for i in (0, 1))
        return bind(REGISTRY["pad"], x, value, weak_type=x.weak_type, low=low, high=high, interior=(0,) * x.ndim)
    for axis, pair in enumerate(_pairs("constant_values", values, x.ndim)):
        for side in (0, 1):
            width = [(0, 0)] * x.ndim
            width[axis] = (widths[axis][0], 0) if side == 0 else (0, widths[axis][1])
            x = _padded_with(x, width, pair[side])
    return x


def _padded_from(x: Array, axis: int, before: int, after: int, mode: str) -> Array:
    """Pieces of the array itself joined to both ends, repeatedly where one does not suffice."""
    size = x.shape[axis]
    if size == 0 and (before or after):
        raise ValueError(f"lnp.pad: axis {axis} is empty, so there is nothing to pad it with in the mode {mode!r}")
    if mode == "edge" or size == 1:
        edges = [
            expanded(sliced(x, axis, at, at + 1), (*x.shape[:axis], n, *x.shape[axis + 1 :]))
            for at, n in ((0, before), (size - 1, after))
        ]
        return joined([edges[0], x, edges[1]] if before or after else [x], axis)
    period = {"reflect": 2 * size - 2, "symmetric": 2 * size, "wrap": size}[mode]
    mirrored = {"reflect": (1, size - 1), "symmetric": (0, size)}.get(mode)
    once = [x] if mirrored is None else [x, reversed_along(sliced(x, axis, *mirrored), (axis,))]
    # the endless pattern, cut where the padded array begins and ends
    first = -before % period
    length = before + size + after
    copies = -(-(first + length) // period)
    return sliced(joined(once * copies, axis), axis, first, first + length)


def size(a: Any, axis: int | None = None) -> int:
    """Number of elements, or along one axis."""
    a = operand("size", a, "a")
    return a.size if axis is None else a.shape[normal_axis("size", axis, a.ndim)]


def shape(a: Any) -> Shape:
    """The shape."""
    return operand("shape", a, "a").shape


def ndim(a: Any) -> int:
    """Number of axes."""
    return operand("ndim", a, "a").ndim

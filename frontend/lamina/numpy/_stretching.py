"""Broadcasting, repeating and rolling."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from lamina import errors
from lamina.array import Array
from lamina.binding import bind
from lamina.devices import refuse_sharding
from lamina.numpy._manipulation import ravel
from lamina.numpy._operands import (
    Shape,
    as_shape,
    broadcast_shape,
    expanded,
    normal_axis,
    operand,
)
from lamina.numpy._steps import joined, reshaped, sliced
from lamina_compiler.opdef import REGISTRY


def broadcast_to(array: Any, shape: Any, *, out_sharding: Any = None) -> Array:
    """The array repeated along new axes and along axes of size 1, to the given shape.

    Raises: ShapeError where it does not fit.

    >>> import lamina.numpy as lnp
    >>> lnp.broadcast_to(lnp.array([1, 2]), (2, 2))
    Array([[1, 2],
           [1, 2]], dtype=int32)
    """
    refuse_sharding("lnp.broadcast_to", out_sharding)
    x, target = operand("broadcast_to", array, "array"), as_shape("broadcast_to", shape)
    aligned = x.shape[::-1], target[::-1]
    if x.ndim > len(target) or builtins.any(n not in (1, size) for n, size in zip(*aligned, strict=False)):
        raise errors.ShapeError(
            "lnp.broadcast_to", "the array does not broadcast to the shape", array=x.shape, shape=target
        )
    return expanded(x, target)


def broadcast_arrays(*args: Any) -> list[Array]:
    """The arrays repeated to their common shape.

    >>> import lamina.numpy as lnp
    >>> a, b = lnp.broadcast_arrays(lnp.array([[1], [2]]), lnp.array([3, 4]))
    >>> a
    Array([[1, 1],
           [2, 2]], dtype=int32)
    """
    names = [f"args{i}" for i in range(len(args))]
    arrays = [operand("broadcast_arrays", x, name) for x, name in zip(args, names, strict=True)]
    shape = broadcast_shape("broadcast_arrays", [x.shape for x in arrays], names)
    return [expanded(x, shape) for x in arrays]


def broadcast_shapes(*shapes: Any) -> Shape:
    """The shape several shapes broadcast to.

    >>> import lamina.numpy as lnp
    >>> lnp.broadcast_shapes((4, 1), (3,), ())
    (4, 3)
    """
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


def repeat(
    a: Any, repeats: Any, axis: int | None = None, *, total_repeat_length: int | None = None, out_sharding: Any = None
) -> Array:
    """Every element repeated along an axis (None: of the flattened array).

    Args:
        repeats: how often: an int, or one for each element.
        total_repeat_length: the length of the result, which is cut off or padded with its last element; needed where
            the repeats are not known yet.

    >>> import lamina.numpy as lnp
    >>> lnp.repeat(lnp.array([1, 2]), 2)
    Array([1, 1, 2, 2], dtype=int32)
    >>> lnp.repeat(lnp.array([1, 2]), lnp.array([3, 1]))
    Array([1, 1, 1, 2], dtype=int32)
    """
    from lamina.numpy._repeating import source_of_each
    from lamina.numpy._taking import take

    refuse_sharding("lnp.repeat", out_sharding)
    a = operand("repeat", a, "a")
    a = a if a.ndim else ravel(a)
    a, axis = (ravel(a), 0) if axis is None else (a, normal_axis("repeat", axis, a.ndim))
    if total_repeat_length is None and isinstance(repeats, (int, np.integer)):
        if repeats < 0:
            raise errors.ShapeError("lnp.repeat", f"a number of repetitions is not negative, but {repeats} is")
        n, before, after = int(repeats), a.shape[:axis], a.shape[axis:]
        split = (*before, after[0], n, *after[1:])
        dimensions = tuple(d for d in range(len(split)) if d != axis + 1)
        spread = bind(REGISTRY["broadcast_in_dim"], a, weak_type=a.weak_type, shape=split, dimensions=dimensions)
        return reshaped(spread, (*before, after[0] * n, *after[1:]))
    return take(a, source_of_each(repeats, a.shape[axis], total_repeat_length), axis, mode="clip")


def resize(a: Any, new_shape: Any) -> Array:
    """The elements in another shape of any size: repeated as often as it takes, or cut.

    >>> import lamina.numpy as lnp
    >>> lnp.resize(lnp.array([1, 2, 3]), (2, 2))
    Array([[1, 2],
           [3, 1]], dtype=int32)
    """
    shape = as_shape("resize", new_shape)
    flat, count = ravel(a), math.prod(shape)
    if flat.size == 0:
        from lamina.numpy._creation import zeros_like

        return zeros_like(flat, shape=shape)
    repeated = tile(flat, -(-count // flat.size)) if count > flat.size else flat
    return reshaped(sliced(repeated, 0, 0, count), shape)


def roll(a: Any, shift: Any, axis: Any = None) -> Array:
    """Elements moved along axes, what falls off one end entering at the other; `shift` may be traced.

    >>> import lamina.numpy as lnp
    >>> lnp.roll(lnp.arange(4), 1)
    Array([3, 0, 1, 2], dtype=int32)
    """
    a = operand("roll", a, "a")
    if axis is None:
        total = shift if np.ndim(shift) == 0 else builtins.sum(_shifts(shift))
        return reshaped(roll(ravel(a), total, 0), a.shape)
    axes = axis if isinstance(axis, (tuple, list)) else [axis]
    for amount, place in _paired(_shifts(shift), axes):
        a = _rolled(a, amount, normal_axis("roll", place, a.ndim))
    return a


def _shifts(shift: Any) -> Any:
    if isinstance(shift, (Array, np.ndarray)) and shift.ndim:
        return list(operand("roll", shift, "shift"))
    return shift if isinstance(shift, (tuple, list)) else [shift]


def _paired(shifts: Any, axes: Any) -> list[tuple[Any, Any]]:
    """Shifts and axes, of which one may stand for all."""
    count = max(len(shifts), len(axes))
    if {len(shifts), len(axes)} - {1, count}:
        raise ValueError(f"lnp.roll: {len(shifts)} shifts for {len(axes)} axes")
    return [(shifts[i % len(shifts)], axes[i % len(axes)]) for i in range(count)]


def _rolled(a: Array, shift: Any, axis: int) -> Array:
    size = a.shape[axis]
    if size == 0:
        return a
    if isinstance(shift, (int, np.integer)):
        cut = -int(shift) % size
        return joined([sliced(a, axis, cut, size), sliced(a, axis, 0, cut)], axis) if cut else a
    from lamina.lax._slicing import dynamic_slice_in_dim
    from lamina.numpy._arithmetic import remainder
    from lamina.numpy._elementwise import negative

    return dynamic_slice_in_dim(joined([a, a], axis), remainder(negative(shift), size), size, axis)

"""Joining arrays, and cutting them into parts."""

from __future__ import annotations

import builtins
import itertools
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.numpy._manipulation import atleast_1d, atleast_2d, atleast_3d, expand_dims, ravel
from lamina.numpy._operands import (
    converted,
    normal_axes,
    normal_axis,
    operand,
    promoted,
    refuse_out,
)
from lamina.numpy._steps import joined, reshaped, sliced


def _together(function: str, arrays: Any) -> list[Array]:
    """A sequence of arrays (or one array, taken apart) of a common dtype."""
    if isinstance(arrays, (Array, np.ndarray)):
        whole = operand(function, arrays, "arrays")
        return [reshaped(sliced(whole, 0, i, i + 1), whole.shape[1:]) for i in range(whole.shape[0])]
    if not isinstance(arrays, (list, tuple)):
        raise errors.NonArrayArgumentError(f"lnp.{function}", "arrays", arrays)
    if not arrays:
        raise ValueError(f"lnp.{function} needs at least one array")
    return promoted(function, *arrays, names=[f"arrays[{i}]" for i in range(len(arrays))])


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
            named: dict[str, Any] = {"arrays[0]": parts[0].shape, f"arrays[{i}]": x.shape}
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
            named: dict[str, Any] = {"arrays[0]": parts[0].shape, f"arrays[{i}]": x.shape}
            raise errors.ShapeError("lnp.stack", "all arrays must have one shape", **named)
    axis = normal_axis("stack", axis, parts[0].ndim + 1)
    return concatenate([expand_dims(x, axis) for x in parts], axis, dtype)


def vstack(tup: Any, dtype: Any = None) -> Array:
    """Rows (vectors) or matrices joined one below the other.

    >>> import lamina.numpy as lnp
    >>> lnp.vstack([lnp.array([1, 2]), lnp.array([3, 4])])
    Array([[1, 2],
           [3, 4]], dtype=int32)
    """
    return concatenate([atleast_2d(x) for x in _together("vstack", tup)], 0, dtype)


def hstack(tup: Any, dtype: Any = None) -> Array:
    """Arrays joined side by side: vectors along axis 0, others along axis 1.

    >>> import lamina.numpy as lnp
    >>> lnp.hstack([lnp.array([[1], [2]]), lnp.array([[3], [4]])])
    Array([[1, 3],
           [2, 4]], dtype=int32)
    """
    parts = [atleast_1d(x) for x in _together("hstack", tup)]
    return concatenate(parts, 0 if parts[0].ndim == 1 else 1, dtype)


def dstack(tup: Any, dtype: Any = None) -> Array:
    """Arrays joined along the third axis.

    >>> import lamina.numpy as lnp
    >>> lnp.dstack([lnp.array([1, 2]), lnp.array([3, 4])])
    Array([[[1, 3],
            [2, 4]]], dtype=int32)
    """
    return concatenate([atleast_3d(x) for x in _together("dstack", tup)], 2, dtype)


def column_stack(tup: Any) -> Array:
    """Vectors as columns, and matrices, joined side by side.

    >>> import lamina.numpy as lnp
    >>> lnp.column_stack([lnp.array([1, 2]), lnp.array([3, 4])])
    Array([[1, 3],
           [2, 4]], dtype=int32)
    """
    parts = _together("column_stack", tup)
    return concatenate([reshaped(x, (x.size, 1)) if x.ndim < 2 else x for x in parts], 1)


def append(arr: Any, values: Any, axis: int | None = None) -> Array:
    """`values` joined to the end of `arr` along an axis (None: both flattened).

    >>> import lamina.numpy as lnp
    >>> lnp.append(lnp.array([1, 2]), lnp.array([[3], [4]]))
    Array([1, 2, 3, 4], dtype=int32)
    """
    return concatenate([operand("append", arr, "arr"), operand("append", values, "values")], axis)


def block(arrays: Any) -> Array:
    """An array put together from nested lists of blocks: the innermost lists along the last axis, and so on outwards.

    >>> import lamina.numpy as lnp
    >>> lnp.block([[lnp.eye(2), lnp.zeros((2, 1))], [lnp.ones((1, 3))]])
    Array([[1., 0., 0.],
           [0., 1., 0.],
           [1., 1., 1.]], dtype=float32)
    """
    depths = set(_depths(arrays))
    if len(depths) != 1:
        raise ValueError("lnp.block: all blocks must be nested equally deep")
    depth = depths.pop()
    rank = builtins.max([depth, *(x.ndim for x in _blocks(arrays))])
    return _assembled(arrays, depth, rank)


def _depths(arrays: Any, depth: int = 0) -> Any:
    if not isinstance(arrays, list):
        yield depth
        return
    if not arrays:
        raise ValueError("lnp.block: a list of blocks must not be empty")
    for x in arrays:
        yield from _depths(x, depth + 1)


def _blocks(arrays: Any) -> Any:
    if isinstance(arrays, list):
        for x in arrays:
            yield from _blocks(x)
    else:
        yield operand("block", arrays, "arrays")


def _assembled(arrays: Any, depth: int, rank: int) -> Array:
    if depth == 0:
        x = operand("block", arrays, "arrays")
        return reshaped(x, (1,) * (rank - x.ndim) + x.shape)
    return concatenate([_assembled(x, depth - 1, rank) for x in arrays], -depth)


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
    """`split` into parts that are as equal as possible: the first ones are one longer.

    >>> import lamina.numpy as lnp
    >>> [part.tolist() for part in lnp.array_split(lnp.arange(7), 3)]
    [[0, 1, 2], [3, 4], [5, 6]]
    """
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
            raise errors.ShapeError(
                f"lnp.{function}", f"an axis of size {size} has no {count} equal parts", ary=ary.shape
            )
        cuts = [part * (size // count) + min(part, size % count) for part in range(count + 1)]
    return [sliced(ary, axis, a, max(a, b)) for a, b in itertools.pairwise(cuts)]


def vsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """`split` along axis 0.

    >>> import lamina.numpy as lnp
    >>> [part.tolist() for part in lnp.vsplit(lnp.array([[1, 2], [3, 4]]), 2)]
    [[[1, 2]], [[3, 4]]]
    """
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """`split` along axis 1; of a vector along axis 0.

    >>> import lamina.numpy as lnp
    >>> [part.tolist() for part in lnp.hsplit(lnp.array([[1, 2], [3, 4]]), 2)]
    [[[1], [3]], [[2], [4]]]
    """
    return split(ary, indices_or_sections, 0 if operand("hsplit", ary, "ary").ndim == 1 else 1)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """`split` along axis 2.

    >>> import lamina.numpy as lnp
    >>> [part.shape for part in lnp.dsplit(lnp.ones((2, 3, 4)), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return split(ary, indices_or_sections, 2)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Array, ...]:
    """The arrays along an axis, which they no longer have.

    >>> import lamina.numpy as lnp
    >>> lnp.unstack(lnp.array([[1, 2], [3, 4]]))
    (Array([1, 2], dtype=int32), Array([3, 4], dtype=int32))
    """
    x = operand("unstack", x)
    axis = normal_axis("unstack", axis, x.ndim)
    rest = x.shape[:axis] + x.shape[axis + 1 :]
    return tuple(reshaped(sliced(x, axis, i, i + 1), rest) for i in range(x.shape[axis]))


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Array:
    """An array of known values without the slices of zeros at the front ("f" in `trim`) and back ("b") of its axes.

    >>> import lamina.numpy as lnp
    >>> lnp.trim_zeros(lnp.array([0, 1, 2, 0]))
    Array([1, 2], dtype=int32)
    """
    result = operand("trim_zeros", filt, "filt")
    nonzero = np.nonzero(np.asarray(result))
    for d in normal_axes("trim_zeros", axis, result.ndim) if {"f", "b"} & {*trim.lower()} else ():
        places = nonzero[d]
        first = int(places.min(initial=result.shape[d])) if "f" in trim.lower() else 0
        last = int(places.max(initial=-1)) + 1 if "b" in trim.lower() else result.shape[d]
        result = sliced(result, d, first, last) if places.size else sliced(result, d, 0, 0)
    return result

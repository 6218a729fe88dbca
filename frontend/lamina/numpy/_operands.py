"""Operands of NumPy functions: what is accepted, and how they come to a common dtype and shape."""

from __future__ import annotations

import functools
import math
import operator
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

import lamina_compiler.ops  # noqa: F401  (fills the registry)
from lamina import dtypes, errors
from lamina.array import Array, ConcreteArray, from_numpy, to_concrete
from lamina.binding import bind
from lamina.config import config
from lamina.tracer import reweighed
from lamina.tracing import current_trace
from lamina_compiler.opdef import REGISTRY
from lamina_compiler.types import TensorType

Shape = tuple[int, ...]

_NUMBERS = (int, float, complex)
_CONVERT = REGISTRY["convert"]
_BROADCAST = REGISTRY["broadcast_in_dim"]


def full_name(function: str) -> str:
    """A function as messages name it; those of this package are given without it."""
    return function if function.startswith(("nn.", "random.", "scipy.")) else f"lnp.{function}"


def operand(function: str, x: Any, name: str = "x") -> Array:
    """The argument `name` of a function as an array.

    Raises: NonArrayArgumentError for lists and whatever else is no array or number.
    """
    if isinstance(x, Array):
        return x
    if isinstance(x, (np.ndarray, np.generic, bool, *_NUMBERS)):
        return to_concrete(x)
    if hasattr(x, "__jax_array__"):
        return x.__jax_array__()
    raise errors.NonArrayArgumentError(full_name(function), name, x)


def converted(x: Array, dtype: Any, weak_type: bool = False) -> Array:
    """The array with another dtype."""
    if x.dtype != dtype:
        return bind(_CONVERT, x, weak_type=weak_type, dtype=dtype)
    return x if x.weak_type == weak_type else reweighed(x, weak_type)


def _number(x: Any, dtype: np.dtype, weak_type: bool) -> ConcreteArray:
    """A Python number as an array. An int wraps in narrow dtypes; beyond 32 bits it must fit."""
    if type(x) is int and not -(2**31) <= x < 2**31:
        x = to_concrete(x, dtype if dtype.kind in "iu" else dtypes.canonicalize_dtype(int)).host()
    with np.errstate(all="ignore"):
        return from_numpy(np.asarray(x).astype(dtype), weak_type)


@functools.lru_cache(maxsize=4096, typed=True)
def _repeated(x: int | float, sign: float, shape: Shape, dtype: np.dtype, weak_type: bool) -> ConcreteArray:
    return _stretched(_number(x, dtype, weak_type), shape)


def filled(shape: Shape, value: Any, dtype: np.dtype, weak_type: bool = False) -> ConcreteArray:
    """An array of one Python number."""
    if type(value) not in (int, float):  # zeros of complex numbers have two signs, and compare equal as all zeros do
        return _stretched(_number(value, dtype, weak_type), shape)
    return _repeated(value, math.copysign(1, value) if value == 0 else 1, shape, dtype, weak_type)


def beside(number: Any, x: Array, inexact: bool = False) -> ConcreteArray | None:
    """A Python number as an array of the type of `x`, if it has to take that; else None."""
    kinds = {int: "fcV" if inexact else "iufcV", float: "fcV"}.get(type(number))
    return filled(x.shape, number, x.dtype, x.weak_type) if kinds and x.dtype.kind in kinds else None


def promoted(function: str, *operands: Any, names: Sequence[str] = ("x", "y"), inexact: bool = False) -> list[Array]:
    """The operands as arrays of the dtype they promote to; `inexact`: of a float or complex dtype at least."""
    xs = [
        x if isinstance(x, Array) or type(x) in _NUMBERS else operand(function, x, name)
        for x, name in zip(operands, names, strict=False)
    ]
    first = xs[0]
    if isinstance(first, Array) and not (inexact and first.dtype.kind in "biu"):
        for x in xs:  # this is on the path of every operation, and a loop is the fastest
            if not isinstance(x, Array) or x.dtype != first.dtype or x.weak_type != first.weak_type:
                break
        else:
            return xs
    dtype, weak = dtypes.lattice_result_type(*xs)
    if inexact and dtype.kind in "biu":
        dtype = dtypes.to_inexact_dtype(dtype)
    return [converted(x, dtype, weak) if isinstance(x, Array) else filled((), x, dtype, weak) for x in xs]


def broadcast_shape(function: str, shapes: Sequence[Shape], names: Sequence[str]) -> Shape:
    """The common shape of several. Raises: ShapeError, naming the operands."""
    rank = max(map(len, shapes), default=0)
    result = []
    for sizes in zip(*[(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes], strict=True):
        different = {size for size in sizes if size != 1}
        if len(different) > 1:
            named: dict[str, Any] = dict(zip(names, shapes, strict=False))
            raise errors.ShapeError(full_name(function), "the shapes cannot be broadcast together", **named)
        result.append(different.pop() if different else 1)
    return tuple(result)


def broadcast(function: str, arrays: Sequence[Array], names: Sequence[str] = ("x", "y")) -> Sequence[Array]:
    """The arrays stretched to their common shape."""
    first = arrays[0].shape
    for x in arrays:
        if x.shape != first:
            break
    else:
        return arrays
    if config.numpy_rank_promotion != "allow":
        _check_ranks(function, [x.shape for x in arrays], names)
    shape = broadcast_shape(function, [x.shape for x in arrays], names)
    return [expanded(x, shape) for x in arrays]


def _check_ranks(function: str, shapes: Sequence[Shape], names: Sequence[str]) -> None:
    """What the option numpy_rank_promotion says of arrays of different rank; numbers go with any."""
    if len({len(shape) for shape in shapes if shape}) < 2:
        return
    given = ", ".join(f"{name} has the shape {shape}" for name, shape in zip(names, shapes, strict=False))
    if config.numpy_rank_promotion == "raise":
        cure = "Give the smaller array leading axes: x[None, :], or set numpy_rank_promotion to allow."
        raise errors.ShapeError(full_name(function), f"arrays of different rank are not broadcast, {given}", cure=cure)
    text = f"{full_name(function)} broadcasts arrays of different rank: {given} (option numpy_rank_promotion)."
    warnings.warn(text, stacklevel=4)


def expanded(x: Array, shape: Shape) -> Array:
    """The array stretched to a shape it broadcasts to."""
    if x.shape == shape:
        return x
    if isinstance(x, ConcreteArray) and x.is_on_host and (x.size == 1 or current_trace() is None):
        return _stretched(x, shape)  # a view, which a program holds as one splat constant
    dimensions = tuple(range(len(shape) - x.ndim, len(shape)))
    return bind(_BROADCAST, x, weak_type=x.weak_type, shape=shape, dimensions=dimensions)


def _stretched(x: ConcreteArray, shape: Shape) -> ConcreteArray:
    value = x.host()
    value = np.broadcast_to(value.reshape(()) if value.size == 1 else value, shape)
    value.flags.writeable = False
    return ConcreteArray(value, TensorType(shape, x.dtype), x.weak_type)


def as_shape(function: str, shape: Any) -> Shape:
    """A shape given as an int or a sequence of ints."""
    if isinstance(shape, (Array, np.ndarray)):
        shape = np.asarray(shape).tolist()
    try:
        sizes: Any = shape if isinstance(shape, Iterable) else (shape,)
        result = tuple(operator.index(n) for n in sizes)
    except errors.TracerIntegerConversionError:
        raise
    except TypeError:
        raise TypeError(f"{full_name(function)}: a shape is an int or a sequence of ints, not {shape!r}") from None
    if any(n < 0 for n in result):
        raise errors.ShapeError(full_name(function), f"the shape {result} has a negative size")
    return result


def normal_axis(function: str, axis: Any, rank: int) -> int:
    """An axis counted from the front. Raises: AxisError where there is none."""
    axis = operator.index(axis)
    if not -rank <= axis < rank:
        raise errors.AxisError(full_name(function), axis, rank)
    return axis % rank


def normal_axes(function: str, axis: Any, rank: int) -> Shape:
    """Axes given as None (all), an int or a sequence of distinct ints, counted from the front."""
    if axis is None:
        return tuple(range(rank))
    if isinstance(axis, np.ndarray) and axis.ndim:
        axis = axis.tolist()
    axes = tuple(normal_axis(function, a, rank) for a in (axis if isinstance(axis, Sequence) else (axis,)))
    if len(set(axes)) != len(axes):
        raise errors.ShapeError(full_name(function), f"the axes {tuple(axis)} repeat one")
    return axes


def refuse_out(function: str, out: Any) -> None:
    """NumPy's ``out=`` cannot exist here."""
    if out is not None:
        raise NotImplementedError(
            f"{full_name(function)}: there is no out=, because arrays are immutable. Use the result."
        )

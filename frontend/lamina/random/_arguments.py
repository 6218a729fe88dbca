"""What the samplers accept: dtypes, shapes, and parameters that broadcast to the shape."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina import numpy as lnp
from lamina.array import Array
from lamina.numpy._operands import Shape, broadcast_shape, operand
from lamina.random._keys import use
from lamina.random._threefry import Words

_KINDS = {np.floating: "float", np.inexact: "float or complex", np.integer: "integer"}


def begin(
    function: str,
    key: Any,
    shape: Any,
    dtype: Any,
    *parameters: Any,
    kind: type = np.floating,
) -> tuple[Words, Shape, np.dtype]:
    """The words of the key, the shape (None: that of the parameters together) and the dtype of a sampler's result.

    Raises: what `use` does; ValueError for a dtype that is not of the kind, and where the parameters do not broadcast
    to the shape.
    """
    found = result_dtype(function, dtype, kind)
    return use(function, key), result_shape(function, shape, *map(np.shape, parameters)), found


def result_dtype(function: str, dtype: Any, kind: type = np.floating) -> np.dtype:
    """The dtype asked for; None means the default of the kind."""
    default = int if kind is np.integer else float
    found = dtypes.check_user_dtype_supported(default if dtype is None else dtype, f"random.{function}")
    if not dtypes.issubdtype(found, kind):
        raise ValueError(f"random.{function} gives {_KINDS[kind]} numbers: its dtype cannot be {found}.")
    return found


def result_shape(function: str, shape: Any, *parameter_shapes: Shape) -> Shape:
    """The shape asked for, to which all parameters broadcast; None means their common shape."""
    name = f"random.{function}"
    names = [f"parameter {i + 1}" for i in range(len(parameter_shapes))]
    if shape is None:
        return broadcast_shape(name, parameter_shapes, names)
    wanted = as_shape(function, shape)
    if broadcast_shape(name, [wanted, *parameter_shapes], ["shape", *names]) != wanted:
        listed = " and ".join(map(str, parameter_shapes))
        raise ValueError(f"{name}: parameters of shape {listed} do not broadcast to the shape {wanted}.")
    return wanted


def as_shape(function: str, shape: Any) -> Shape:
    """A shape given as an int or a sequence of ints."""
    try:
        sizes = tuple(operator.index(n) for n in (shape if np.iterable(shape) else (shape,)))
    except TypeError:
        raise TypeError(f"random.{function}: a shape is an int or a sequence of ints, not {shape!r}.") from None
    if any(n < 0 for n in sizes):
        raise ValueError(f"random.{function}: the shape {sizes} has a negative size.")
    return sizes


def parameter(function: str, name: str, x: Any, dtype: np.dtype, safely: bool = False) -> Array:
    """A parameter as an array of the dtype of the computation.

    Raises: TypePromotionError with `safely`, if that dtype holds less than the parameter's own.
    """
    found = operand(f"random.{function}", x, name)
    if safely and dtypes.result_type(found, dtype) != dtype:
        raise errors.TypePromotionError(
            [str(found.dtype), str(dtype)], f"random.{function} would lose digits of its parameter `{name}`."
        )
    return lnp.astype(found, dtype)

"""Operands of lax functions: arrays and numbers, never lists; of one dtype, which is not promoted."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

import lamina_compiler.ops  # noqa: F401  (fills the registry)
from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.tracer import as_array, reweighed
from lamina_compiler.opdef import REGISTRY

_NUMBERS = (bool, int, float, complex)


def as_operand(function: str, x: Any, name: str = "operand") -> Array:
    """The argument `name` of a function as an array.

    Raises: NonArrayArgumentError for lists and whatever else is no array or number.
    """
    if isinstance(x, Array):
        return x
    if isinstance(x, (np.ndarray, np.generic, *_NUMBERS)):
        return as_array(x)
    if hasattr(x, "__jax_array__"):
        return x.__jax_array__()
    raise errors.NonArrayArgumentError(f"lax.{function}", name, x)


def same_dtype(function: str, *operands: Any, names: Sequence[str] = ("x", "y")) -> list[Array]:
    """Operands of one dtype: weak ones (Python numbers) take the dtype of the others.

    Raises DTypeError where strong dtypes differ: lax does not promote.
    """
    operands = tuple(
        x if isinstance(x, Array) or type(x) in _NUMBERS else as_operand(function, x, name)
        for x, name in zip(operands, [*names, *["operands"] * len(operands)], strict=False)
    )
    dtype, weak = dtypes.lattice_result_type(*operands)
    strong = {x.dtype for x in operands if isinstance(x, Array) and not x.weak_type}
    if len(strong) > 1:
        named = " and ".join(sorted(d.name for d in strong))
        raise errors.DTypeError(
            f"`lax.{function}` takes operands of one dtype, not {named}.", cure="Convert with x.astype(dtype)."
        )
    return [as_dtype(x, dtype, weak) for x in operands]


def as_dtype(x: Any, dtype: np.dtype, weak_type: bool = False) -> Array:
    """An array of the given dtype."""
    if not isinstance(x, Array):
        x = as_array(x, dtype) if isinstance(x, _NUMBERS) else as_array(x)
    if x.dtype == dtype and x.weak_type == weak_type:
        return x
    return (
        bind(REGISTRY["convert"], x, weak_type=weak_type, dtype=dtype) if x.dtype != dtype else reweighed(x, weak_type)
    )


def broadcast_scalar(x: Array, shape: Sequence[int]) -> Array:
    """A number repeated to the shape; an array stays."""
    if x.shape == () and shape:
        return bind(REGISTRY["broadcast_in_dim"], x, weak_type=x.weak_type, shape=tuple(shape), dimensions=())
    return x


def ints(values: Sequence[Any]) -> tuple[int, ...]:
    """Python ints of anything that has them. Raises: TypeError for floats."""
    return tuple(operator.index(v) for v in values)


def axis_in(function: str, axis: Any, rank: int) -> int:
    """An axis counted from the front. Raises: AxisError where there is none."""
    axis = operator.index(axis)
    if not -rank <= axis < rank:
        raise errors.AxisError(f"lax.{function}", axis, rank)
    return axis % rank

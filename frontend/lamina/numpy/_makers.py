"""Makers of elementwise functions from the records of ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina._record_examples import with_example
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy._operands import (
    beside,
    broadcast,
    converted,
    operand,
    promoted,
)
from lamina_compiler.opdef import REGISTRY, OpDef

Unary = Callable[[Any], Array]
Binary = Callable[[Any, Any], Array]

# ---- makers ---------------------------------------------------------------------------------------------------------


def documented(function: Callable[..., Array], name: str, op: OpDef, notes: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = with_example(f"{op.doc}\n\n{notes}", op.name, "lnp", name)
    return function


def unary(name: str, record: str | None = None, *, inexact: bool = False, keeps: str = "") -> Unary:
    """The function of a one-operand op; `inexact`: integers become floats; `keeps`: dtype kinds given back."""
    op = REGISTRY[record or name]

    def apply(x: Any, /) -> Array:
        x = operand(name, x)
        kind = x.dtype.kind
        if kind in keeps:
            return x
        if inexact and kind in "biu":
            x = converted(x, dtypes.to_inexact_dtype(x.dtype), x.weak_type)
        return bind(op, x, weak_type=x.weak_type)

    notes = "Elementwise: an array or number in, an array of its shape out."
    return documented(apply, name, op, notes + (" Integers and booleans become floats." if inexact else ""))


def binary(
    name: str, record: str | None = None, *, inexact: bool = False, on_bool: str | None = None, predicate: bool = False
) -> Binary:
    """The function of a two-operand op; `on_bool`: the op for booleans; `predicate`: gives booleans."""
    op = REGISTRY[record or name]
    boolean = REGISTRY[on_bool] if on_bool else op

    def apply(x: Any, y: Any, /) -> Array:
        x, y = aligned(name, x, y, inexact)
        chosen = boolean if x.dtype.kind == "b" else op
        return bind(chosen, x, y, weak_type=x.weak_type and not predicate)

    notes = "Elementwise: operands are arrays or numbers, promoted to one dtype and broadcast to one shape."
    return documented(apply, name, op, notes + (" Integers and booleans become floats." if inexact else ""))


def aligned(name: str, x: Any, y: Any, inexact: bool = False) -> tuple[Array, Array]:
    """Two operands of one dtype and shape. An array beside a number takes a short way."""
    if isinstance(x, Array):
        if not isinstance(y, Array):
            y = y if (number := beside(y, x, inexact)) is None else number
    elif isinstance(y, Array):
        x = x if (number := beside(x, y, inexact)) is None else number
    x, y = broadcast(name, promoted(name, x, y, inexact=inexact))
    return x, y


def logical(name: str, record: str) -> Binary:
    op = REGISTRY[record]

    def apply(x: Any, y: Any, /) -> Array:
        return bind(op, *broadcast(name, [as_bool(operand(name, v, n)) for v, n in ((x, "x"), (y, "y"))]))

    return documented(
        apply, name, op, "Elementwise on truth values: operands are broadcast; numbers are true unless 0."
    )


def as_bool(x: Array) -> Array:
    """Whether each element differs from 0."""
    return converted(x, np.dtype(bool))


def pair(name: str, x: Any, y: Any, *, inexact: bool = False) -> tuple[Array, Array]:
    """Two operands of one dtype, not boolean, and one shape."""
    x, y = aligned(name, x, y, inexact)
    return numeric(x), numeric(y)


def numeric(x: Array) -> Array:
    """Booleans as integers."""
    return converted(x, dtypes.canonicalize_dtype(int)) if x.dtype.kind == "b" else x


def real_operand(function: str, x: Any) -> Array:
    x = operand(function, x)
    if x.dtype.kind == "c":
        raise errors.DTypeError(
            f"`lnp.{function}` takes real numbers, not complex ones.", cure="Take x.real or abs(x) first."
        )
    return x

"""Makers of elementwise functions from the records of ops."""

from __future__ import annotations

import builtins
import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from lamina import dtypes, errors
from lamina.array import Array, ConcreteArray, from_numpy, to_concrete
from lamina.tracing import bind, current_trace
from lamina_compiler.opdef import REGISTRY

from lamina.numpy._operands import Shape, as_shape, beside, broadcast, broadcast_shape, converted, expanded, filled, normal_axes, normal_axis, operand, promoted, refuse_out, reweighed

Unary = Callable[[Any], Array]
Binary = Callable[[Any, Any], Array]

# ---- makers ---------------------------------------------------------------------------------------------------------


def _documented(function: Callable[..., Array], name: str, doc: str, notes: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{doc}\n\n{notes}"
    return function


def _unary(name: str, record: str | None = None, *, inexact: bool = False, keeps: str = "") -> Unary:
    """The function of a one-operand op; `inexact`: integers become floats; `keeps`: dtype kinds returned as they are."""
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
    return _documented(apply, name, op.doc, notes + (" Integers and booleans become floats." if inexact else ""))


def _binary(
    name: str, record: str | None = None, *, inexact: bool = False, on_bool: str | None = None, predicate: bool = False
) -> Binary:
    """The function of a two-operand op; `on_bool`: the op that takes its place for booleans; `predicate`: gives booleans."""
    op = REGISTRY[record or name]
    boolean = REGISTRY[on_bool] if on_bool else op

    def apply(x: Any, y: Any, /) -> Array:
        x, y = _aligned(name, x, y, inexact)
        chosen = boolean if x.dtype.kind == "b" else op
        return bind(chosen, x, y, weak_type=x.weak_type and not predicate)

    notes = "Elementwise: operands are arrays or numbers, promoted to one dtype and broadcast to one shape."
    return _documented(apply, name, op.doc, notes + (" Integers and booleans become floats." if inexact else ""))


def _aligned(name: str, x: Any, y: Any, inexact: bool = False) -> tuple[Array, Array]:
    """Two operands of one dtype and shape. An array beside a number takes a short way."""
    if isinstance(x, Array):
        if not isinstance(y, Array):
            y = y if (number := beside(y, x, inexact)) is None else number
    elif isinstance(y, Array):
        x = x if (number := beside(x, y, inexact)) is None else number
    x, y = broadcast(name, promoted(name, x, y, inexact=inexact))
    return x, y


def _ordering(name: str, record: str) -> Binary:
    """An order comparison; complex numbers are ordered by their real parts, then by their imaginary parts."""
    op = REGISTRY[record]

    def apply(x: Any, y: Any, /) -> Array:
        x, y = _aligned(name, x, y)
        if x.dtype.kind == "c":
            same = bind(REGISTRY["eq"], real(x), real(y))
            return where(same, bind(op, imag(x), imag(y)), bind(op, real(x), real(y)))
        return bind(op, x, y)

    return _documented(apply, name, op.doc, "Elementwise: operands are arrays or numbers, promoted and broadcast.")


def _logical(name: str, record: str) -> Binary:
    op = REGISTRY[record]

    def apply(x: Any, y: Any, /) -> Array:
        return bind(op, *broadcast(name, [as_bool(operand(name, v, n)) for v, n in ((x, "x"), (y, "y"))]))

    return _documented(
        apply, name, op.doc, "Elementwise on truth values: operands are broadcast; numbers are true unless 0."
    )


def as_bool(x: Array) -> Array:
    """Whether each element differs from 0."""
    return converted(x, np.dtype(bool))


"""Running sums, products and extremes along an axis."""

from __future__ import annotations

import operator
from typing import Any

from lamina import errors
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_operand
from lamina_compiler.opdef import REGISTRY


def _along(name: str, operand: Any, axis: int, reverse: bool) -> Array:
    x, axis = as_operand(name, operand), operator.index(axis)
    if not 0 <= axis < x.ndim:
        cure = "Axes count from the front in lax; lnp takes negative ones." if axis < 0 else None
        raise errors.AxisError(f"lax.{name}", axis, x.ndim, cure=cure)
    return bind(REGISTRY[name], x, weak_type=x.weak_type, axis=axis, reverse=bool(reverse))


def cumsum(operand: Any, axis: int = 0, reverse: bool = False) -> Array:
    """Sums of the first 1, 2, … elements along an axis, or of the last ones. f16 and bf16 are added up in float32.

    >>> import lamina.numpy as lnp
    >>> cumsum(lnp.array([1, 2, 3]), reverse=True)
    Array([6, 5, 3], dtype=int32)
    """
    return _along("cumsum", operand, axis, reverse)


def cumprod(operand: Any, axis: int = 0, reverse: bool = False) -> Array:
    """Products of the first 1, 2, … elements along an axis, or of the last ones.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.cumprod(lnp.array([1, 2, 3]), reverse=True)
    Array([6, 6, 3], dtype=int32)
    """
    return _along("cumprod", operand, axis, reverse)


def cummax(operand: Any, axis: int = 0, reverse: bool = False) -> Array:
    """Largest of the first 1, 2, … elements along an axis, or of the last ones; nan from the first nan on.

    >>> import lamina.numpy as lnp
    >>> cummax(lnp.array([3, 1, 4, 1, 5]))
    Array([3, 3, 4, 4, 5], dtype=int32)
    """
    return _along("cummax", operand, axis, reverse)


def cummin(operand: Any, axis: int = 0, reverse: bool = False) -> Array:
    """Smallest of the first 1, 2, … elements along an axis, or of the last ones; nan from the first nan on.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.cummin(lnp.array([3, 1, 2]))
    Array([3, 1, 1], dtype=int32)
    """
    return _along("cummin", operand, axis, reverse)


def cumlogsumexp(operand: Any, axis: int = 0, reverse: bool = False) -> Array:
    """ln Σ eˣ of the first 1, 2, … elements along an axis, or of the last ones, without overflow.

    >>> import lamina.numpy as lnp
    >>> cumlogsumexp(lnp.array([0.0, 0.0, -lnp.inf]))
    Array([0.       , 0.6931472, 0.6931472], dtype=float32)
    """
    return _along("cumlogsumexp", operand, axis, reverse)

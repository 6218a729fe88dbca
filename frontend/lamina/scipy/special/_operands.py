"""Operands of special functions, and the ops they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamina import errors
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy._operands import broadcast, converted, promoted
from lamina_compiler.opdef import REGISTRY

# Functions whose results are not of a weak type even for Python numbers, as JAX has it.
_STRONG = frozenset({
    "beta", "dawsn", "erfcx", "exp1", "expi", "expn", "fresnel", "gamma", "gammasgn", "hyp1f1", "hyp2f1", "log_ndtr",
    "multigammaln", "ndtr", "ndtri", "owens_t", "poch", "sici", "spence", "sph_harm_y", "wofz",
})  # fmt: skip


def numbers(function: str, *operands: Any, names: Sequence[str] = ("x",)) -> list[Array]:
    """The operands as arrays of one float or complex dtype and one shape. Raises: ShapeError, NonArrayArgumentError."""
    full = f"scipy.special.{function}"
    xs = broadcast(full, promoted(full, *operands, names=names, inexact=True), names)
    return [converted(x, x.dtype) if function in _STRONG else x for x in xs]


def reals(function: str, *operands: Any, names: Sequence[str] = ("x",)) -> list[Array]:
    """The operands as arrays of one float dtype and one shape. Raises: DTypeError for complex ones, ShapeError."""
    xs = numbers(function, *operands, names=names)
    if xs[0].dtype.kind == "c":
        raise errors.DTypeError(
            f"`scipy.special.{function}` takes real numbers, not complex ones.",
            cure="Take real or imaginary parts first.",
        )
    return xs


def apply(op: str, *operands: Array) -> Array:
    """An elementwise op on operands that `reals` has prepared."""
    return bind(REGISTRY[op], *operands, weak_type=operands[0].weak_type)


def of_op(function: str, op: str, *operands: Any, names: Sequence[str] = ("x",)) -> Array:
    """The function that is one op on real operands."""
    return apply(op, *reals(function, *operands, names=names))

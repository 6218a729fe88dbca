"""Functions made from the records of elementwise ops, and those whose signature differs from the record's."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina._record_examples import with_example
from lamina.array import Array
from lamina.binding import bind
from lamina.lax._operands import as_dtype, as_operand, broadcast_scalar, same_dtype
from lamina.lax._types import RoundingMethod
from lamina_compiler.opdef import REGISTRY, OpDef

__all__: list[str] = []


def _export(function: Callable[..., Any]) -> Callable[..., Any]:
    __all__.append(function.__name__)
    return function


_NAMES = {"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "not": "bitwise_not"}
_OPERANDS = {"clamp": ("min", "x", "max"), "select": ("pred", "on_true", "on_false"), "nextafter": ("x1", "x2")}
_XY = {"atan2", "complex", "shift_left", "shift_right_arithmetic", "shift_right_logical"}  # JAX's names of theirs
_ACCURACY = {
    "cbrt", "cos", "exp", "exp2", "expm1", "log", "log1p", "logistic", "rsqrt", "sin", "sqrt", "tan", "tanh",
}  # fmt: skip
_NOT_IN_LAX = {"fma"}
_OWN_SIGNATURE = {"integer_pow", "pow", "int_pow", "round_nearest_even", "round_nearest_afz", "mul", "mulhi", "conj"}


def _signature(op: OpDef, names: tuple[str, ...]) -> inspect.Signature:
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation="Any") for name in names]
    if op.name in _ACCURACY:  # always a few ulp: nothing is chosen by it
        parameters.append(inspect.Parameter("accuracy", inspect.Parameter.KEYWORD_ONLY, default=None, annotation="Any"))
    return inspect.Signature(parameters, return_annotation="Array")


def _elementwise(op: OpDef, name: str) -> Callable[..., Array]:
    """The function of an elementwise op."""
    mixed = op.name == "select"
    names = ("x", "y") if op.name in _XY else _OPERANDS.get(op.name, op.operands)
    signature, count = _signature(op, names), len(names)

    def apply(*operands: Any, **named: Any) -> Array:
        if named or len(operands) != count:
            try:
                operands = signature.bind(*operands, **named).args
            except TypeError as problem:
                raise TypeError(f"lax.{name}{signature}: {problem}") from None
        if mixed:
            arrays = [as_operand(name, operands[0], "pred"), *same_dtype(name, *operands[1:], names=names[1:])]
        else:
            arrays = same_dtype(name, *operands, names=names)
        shape = next((x.shape for x in arrays if x.shape), ())
        arrays = [broadcast_scalar(x, shape) for x in arrays]
        return bind(op, *arrays, weak_type=all(x.weak_type for x in arrays[mixed:]))

    apply.__name__ = apply.__qualname__ = name
    doc = f"{op.doc}\n\nElementwise; operands: {', '.join(names)}, of one shape (or scalars) and dtype."
    apply.__doc__ = with_example(doc, op.name, "lax", name)
    apply.__signature__ = signature  # type: ignore[attr-defined]
    return apply


for _op in list(REGISTRY.values()):
    if (
        _op.scalar is not None
        and _op.family not in ("random", "scipy")
        and _op.name not in _OWN_SIGNATURE | _NOT_IN_LAX
    ):
        _name = _NAMES.get(_op.name, _op.name)
        globals()[_name] = _export(_elementwise(_op, _name))


_conj = _elementwise(REGISTRY["conj"], "conj")


@_export
def conj(x: Any) -> Array:
    """Complex conjugate, of a real number as a complex one. Elementwise.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.conj(lnp.array([1 + 2j]))
    Array([1.-2.j], dtype=complex64)
    """
    x = as_operand("conj", x, "x")
    if x.dtype.kind == "c":
        return _conj(x)
    x = as_dtype(x, dtypes.to_inexact_dtype(x.dtype))
    return as_dtype(x, dtypes.to_complex_dtype(x.dtype))


_mul = _elementwise(REGISTRY["mul"], "mul")


@_export
def mul(x: Any, y: Any, *, out_dtype: Any = None) -> Array:
    """x · y; with `out_dtype` both are converted to it first. Elementwise, of one shape (or scalars) and dtype.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.mul(lnp.array([2, 3]), lnp.array([5, 7]))
    Array([10, 21], dtype=int32)
    """
    if out_dtype is None:
        return _mul(x, y)
    dtype = dtypes.check_user_dtype_supported(out_dtype, "mul")
    return _mul(*(as_dtype(v, dtype) for v in same_dtype("mul", x, y)))


@_export
def pow(x: Any, y: Any) -> Array:
    """x to the power y: both floats or complex, both integers, or an inexact x and an integer y.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.pow(lnp.array([4.0, 9.0]), 0.5)
    Array([2., 3.], dtype=float32)
    """
    base = as_operand("pow", x, "x")
    if type(y) is int and base.dtype.kind != "b":
        return integer_pow(x, y)
    exponent = as_operand("pow", y, "y")
    if exponent.dtype.kind in "iu" and base.dtype.kind not in "iub":
        x, y = base, as_dtype(exponent, base.dtype)
    x, y = same_dtype("pow", x, y)
    shape = x.shape or y.shape
    op = REGISTRY["int_pow" if x.dtype.kind in "iu" else "pow"]
    return bind(op, broadcast_scalar(x, shape), broadcast_scalar(y, shape), weak_type=x.weak_type and y.weak_type)


@_export
def integer_pow(x: Any, y: int) -> Array:
    """x to a constant integer power, by repeated squaring.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.integer_pow(lnp.array([2.0, -3.0]), 3)
    Array([  8., -27.], dtype=float32)
    """
    x = as_operand("integer_pow", x, "x")
    if y < 0 and x.dtype.kind in "iu":
        raise TypeError(f"lax.integer_pow: an integer cannot be raised to the negative power {y}")
    return bind(REGISTRY["integer_pow"], x, weak_type=x.weak_type, exponent=operator.index(y))


@_export
def reciprocal(x: Any) -> Array:
    """1 / x. Elementwise, on inexact numbers.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.reciprocal(lnp.array([2.0, 4.0]))
    Array([0.5 , 0.25], dtype=float32)
    """
    return integer_pow(x, -1)


@_export
def round(x: Any, rounding_method: int = RoundingMethod.AWAY_FROM_ZERO) -> Array:
    """Nearest integer, as a float; ties as the `RoundingMethod` says. Elementwise.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.round(lnp.array([0.5, -1.5, 2.2]))
    Array([ 1., -2.,  2.], dtype=float32)
    """
    x = as_operand("round", x, "x")
    ties_to_even = RoundingMethod(rounding_method) is RoundingMethod.TO_NEAREST_EVEN
    return bind(REGISTRY["round_nearest_even" if ties_to_even else "round_nearest_afz"], x, weak_type=x.weak_type)


@_export
def reduce_precision(operand: Any, exponent_bits: int, mantissa_bits: int) -> Array:
    """The operand rounded to nearest even as a float of so many bits would hold it; beyond its range 0 or infinity.

    >>> from lamina import lax
    >>> lax.reduce_precision(3.14159, exponent_bits=5, mantissa_bits=2)
    Array(3., dtype=float32, weak_type=True)
    """
    x = as_operand("reduce_precision", operand)
    bits = {"exponent_bits": operator.index(exponent_bits), "mantissa_bits": operator.index(mantissa_bits)}
    return bind(REGISTRY["reduce_precision"], x, weak_type=x.weak_type, **bits)


@_export
def convert_element_type(operand: Any, new_dtype: Any) -> Array:
    """The array as another dtype.

    >>> import lamina.lax as lax, lamina.numpy as lnp
    >>> lax.convert_element_type(lnp.array([1.7, -1.7]), lnp.int32)
    Array([ 1, -1], dtype=int32)
    """
    dtype = dtypes.check_user_dtype_supported(new_dtype, "convert_element_type")
    return as_dtype(as_operand("convert_element_type", operand), dtype)


@_export
def select_n(which: Any, *cases: Any) -> Array:
    """``cases[which]``, element by element: `which` is boolean with two cases, else int32; it may be a scalar.

    >>> from lamina import lax
    >>> import lamina.numpy as lnp
    >>> lax.select_n(lnp.array([True, False]), lnp.array([1, 2]), lnp.array([3, 4]))
    Array([3, 2], dtype=int32)
    """
    if not cases:
        raise ValueError("lax.select_n needs at least one case")
    index = as_operand("select_n", which, "which")
    arrays = same_dtype("select_n", *cases, names=[f"cases[{i}]" for i in range(len(cases))])
    for i, x in enumerate(arrays):
        if x.shape != arrays[0].shape:
            named: dict[str, Any] = {"cases[0]": arrays[0].shape, f"cases[{i}]": x.shape}
            raise errors.ShapeError("lax.select_n", "the cases must have one shape", **named)
    if index.shape not in ((), arrays[0].shape):
        raise errors.ShapeError(
            "lax.select_n",
            "`which` is a scalar or has the shape of the cases",
            which=index.shape,
            cases=arrays[0].shape,
        )
    if index.dtype != (np.bool_ if index.dtype.kind == "b" and len(arrays) <= 2 else np.int32):
        raise errors.DTypeError(
            f"`lax.select_n`: `which` is int32, or boolean for two cases, not {index.dtype} for {len(arrays)}."
        )
    index = broadcast_scalar(index, arrays[0].shape)
    weak = all(x.weak_type for x in arrays)
    if index.dtype.kind == "b":
        return bind(REGISTRY["select"], index, arrays[-1], arrays[0], weak_type=weak)
    result = arrays[-1]
    for i, x in reversed(list(enumerate(arrays[:-1]))):  # positions outside get the first or the last case
        here = bind(REGISTRY["le"], index, broadcast_scalar(as_dtype(i, index.dtype), x.shape))
        result = bind(REGISTRY["select"], here, x, result, weak_type=weak)
    return result

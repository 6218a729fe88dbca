"""Functions that work element by element. Most are one line: the record of an op and how operands are promoted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy._makers import (
    Binary,
    aligned,
    as_bool,
    binary,
    documented,
    logical,
    numeric,
    pair,
    real_operand,
    unary,
)
from lamina.numpy._operands import (
    broadcast,
    converted,
    filled,
    operand,
    promoted,
    refuse_out,
)
from lamina_compiler.opdef import REGISTRY

# ---- arithmetic -----------------------------------------------------------------------------------------------------

add = binary("add", on_bool="or")
subtract = binary("subtract", "sub")
multiply = binary("multiply", "mul", on_bool="and")
divide = true_divide = binary("true_divide", "div", inexact=True)
maximum = binary("maximum", "max")
minimum = binary("minimum", "min")
arctan2 = atan2 = binary("arctan2", "atan2", inexact=True)
nextafter = binary("nextafter", inexact=True)
negative = unary("negative", "neg")
sign = unary("sign")
absolute = abs = unary("absolute", "abs", keeps="bu")


def fabs(x: Any, /) -> Array:
    """Absolute value of real numbers, as a float. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.fabs(lnp.array([-1, 2]))
    Array([1., 2.], dtype=float32)
    """
    x = real_operand("fabs", x)
    return abs(promoted("fabs", x, inexact=True)[0])


def positive(x: Any, /) -> Array:
    """`x` itself, as an array. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.positive(lnp.array([-1, 2]))
    Array([-1,  2], dtype=int32)
    """
    return operand("positive", x)


def square(x: Any, /) -> Array:
    """x · x. Elementwise; booleans count as integers.

    >>> import lamina.numpy as lnp
    >>> lnp.square(lnp.array([1, -2, 3]))
    Array([1, 4, 9], dtype=int32)
    """
    x = numeric(operand("square", x))
    return bind(REGISTRY["square"], x, weak_type=x.weak_type)


sqrt = unary("sqrt", inexact=True)
cbrt = unary("cbrt", inexact=True)


# ---- exponentials, logarithms, trigonometry -------------------------------------------------------------------------

exp = unary("exp", inexact=True)
exp2 = unary("exp2", inexact=True)
expm1 = unary("expm1", inexact=True)
log = unary("log", inexact=True)
log1p = unary("log1p", inexact=True)
sin = unary("sin", inexact=True)
cos = unary("cos", inexact=True)
tan = unary("tan", inexact=True)
arcsin = asin = unary("arcsin", "asin", inexact=True)
arccos = acos = unary("arccos", "acos", inexact=True)
arctan = atan = unary("arctan", "atan", inexact=True)
sinh = unary("sinh", inexact=True)
cosh = unary("cosh", inexact=True)
tanh = unary("tanh", inexact=True)
arcsinh = asinh = unary("arcsinh", "asinh", inexact=True)
arccosh = acosh = unary("arccosh", "acosh", inexact=True)
arctanh = atanh = unary("arctanh", "atanh", inexact=True)


# ---- rounding -------------------------------------------------------------------------------------------------------

floor = unary("floor", keeps="biu")
ceil = unary("ceil", keeps="biu")
_trunc = unary("trunc", keeps="biu")


def trunc(x: Any) -> Array:
    """Integer part of x, towards zero. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.trunc(lnp.array([1.8, -1.8]))
    Array([ 1., -1.], dtype=float32)
    """
    return _trunc(x)


def rint(x: Any, /) -> Array:
    """Nearest integer, ties to even, as a float. Elementwise; of both parts of a complex number.

    >>> import lamina.numpy as lnp
    >>> lnp.rint(lnp.array([0.5, 1.5, 2.7]))
    Array([0., 2., 3.], dtype=float32)
    """
    x = operand("rint", x)
    return round(x if x.dtype.kind not in "biu" else converted(x, dtypes.canonicalize_dtype(float)))


def round(a: Any, decimals: int = 0, out: None = None) -> Array:
    """Nearest multiple of 10^−decimals, ties to even. Elementwise; of both parts of a complex number.

    >>> import lamina.numpy as lnp
    >>> lnp.round(lnp.array([0.5, 1.5, 2.25]))
    Array([0., 2., 2.], dtype=float32)
    """
    refuse_out("round", out)
    a = operand("round", a, "a")
    if a.dtype.kind in "biu":
        if decimals < 0:
            raise NotImplementedError("lnp.round: integers are rounded to no fewer than 0 decimals")
        return a
    if a.dtype.kind == "c":
        return bind(REGISTRY["complex"], round(real(a), decimals), round(imag(a), decimals), weak_type=a.weak_type)
    if decimals == 0:
        return bind(REGISTRY["round_nearest_even"], a, weak_type=a.weak_type)
    factor = 10**decimals if decimals > 0 else 10.0**decimals
    return true_divide(round(multiply(a, factor)), factor)


around = round

# ---- comparison and logic -------------------------------------------------------------------------------------------


def _ordering(name: str, record: str) -> Binary:
    """An order comparison; complex numbers are ordered by their real parts, then by their imaginary parts."""
    op = REGISTRY[record]

    def apply(x: Any, y: Any, /) -> Array:
        x, y = aligned(name, x, y)
        if x.dtype.kind == "c":
            same = bind(REGISTRY["eq"], real(x), real(y))
            return where(same, bind(op, imag(x), imag(y)), bind(op, real(x), real(y)))
        return bind(op, x, y)

    return documented(apply, name, op, "Elementwise: operands are arrays or numbers, promoted and broadcast.")


equal = binary("equal", "eq", predicate=True)
not_equal = binary("not_equal", "ne", predicate=True)
less = _ordering("less", "lt")
less_equal = _ordering("less_equal", "le")
greater = _ordering("greater", "gt")
greater_equal = _ordering("greater_equal", "ge")
logical_and = logical("logical_and", "and")
logical_or = logical("logical_or", "or")
logical_xor = logical("logical_xor", "xor")


def logical_not(x: Any, /) -> Array:
    """Whether x is 0 or False. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.logical_not(lnp.array([0, 3]))
    Array([ True, False], dtype=bool)
    """
    return bind(REGISTRY["not"], as_bool(operand("logical_not", x)))


bitwise_and = binary("bitwise_and", "and")
bitwise_or = binary("bitwise_or", "or")
bitwise_xor = binary("bitwise_xor", "xor")
bitwise_not = bitwise_invert = invert = unary("invert", "not")


def left_shift(x: Any, y: Any, /) -> Array:
    """x · 2ʸ modulo 2ⁿ; 0 if y is outside [0, n). Elementwise, on integers.

    >>> import lamina.numpy as lnp
    >>> lnp.left_shift(lnp.array([1, 3]), lnp.array([4, 1]))
    Array([16,  6], dtype=int32)
    """
    x, y = pair("left_shift", x, y)
    return bind(REGISTRY["shift_left"], x, y, weak_type=x.weak_type)


bitwise_left_shift = left_shift


def right_shift(x: Any, y: Any, /) -> Array:
    """Bits of x moved y places to the right; the sign is kept. Elementwise, on integers.

    >>> import lamina.numpy as lnp
    >>> lnp.right_shift(lnp.array([16, -8]), 2)
    Array([ 4, -2], dtype=int32)
    """
    x, y = pair("right_shift", x, y)
    op = REGISTRY["shift_right_logical" if x.dtype.kind == "u" else "shift_right_arithmetic"]
    return bind(op, x, y, weak_type=x.weak_type)


bitwise_right_shift = right_shift


def bitwise_count(x: Any, /) -> Array:
    """Number of bits set in |x|, as uint8. Elementwise, on integers.

    >>> import lamina.numpy as lnp
    >>> lnp.bitwise_count(lnp.array([0, 7, -8]))
    Array([0, 3, 1], dtype=uint8)
    """
    x = operand("bitwise_count", x)
    ones = x if x.dtype.kind == "b" else bind(REGISTRY["population_count"], abs(x))
    return converted(ones, np.dtype(np.uint8))


def isfinite(x: Any, /) -> Array:
    """Whether x is neither infinite nor nan. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.isfinite(lnp.array([1.0, lnp.inf, lnp.nan]))
    Array([ True, False, False], dtype=bool)
    """
    x = operand("isfinite", x)
    return bind(REGISTRY["is_finite"], x) if x.dtype.kind not in "biu" else _constant(x, True)


def isnan(x: Any, /) -> Array:
    """Whether x is nan. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.isnan(lnp.array([1.0, lnp.inf, lnp.nan]))
    Array([False, False,  True], dtype=bool)
    """
    x = operand("isnan", x)
    return not_equal(x, x) if x.dtype.kind not in "biu" else _constant(x, False)


def isinf(x: Any, /) -> Array:
    """Whether x (either part, if complex) is infinite. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.isinf(lnp.array([1.0, -lnp.inf, lnp.nan]))
    Array([False,  True, False], dtype=bool)
    """
    x = operand("isinf", x)
    if x.dtype.kind == "c":
        return logical_or(isinf(real(x)), isinf(imag(x)))
    return equal(abs(x), math.inf) if x.dtype.kind not in "biu" else _constant(x, False)


def isposinf(x: Any, /, out: None = None) -> Array:
    """Whether x is +∞. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.isposinf(lnp.array([lnp.inf, -lnp.inf]))
    Array([ True, False], dtype=bool)
    """
    refuse_out("isposinf", out)
    x = real_operand("isposinf", x)
    return equal(x, math.inf) if x.dtype.kind not in "biu" else _constant(x, False)


def isneginf(x: Any, /, out: None = None) -> Array:
    """Whether x is −∞. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.isneginf(lnp.array([lnp.inf, -lnp.inf]))
    Array([False,  True], dtype=bool)
    """
    refuse_out("isneginf", out)
    x = real_operand("isneginf", x)
    return equal(x, -math.inf) if x.dtype.kind not in "biu" else _constant(x, False)


def _constant(like: Array, value: bool) -> Array:
    return filled(like.shape, value, np.dtype(bool))


# ---- choice ---------------------------------------------------------------------------------------------------------


def where(condition: Any, x: Any = None, y: Any = None, /, *, size: int | None = None, fill_value: Any = None) -> Any:
    """x where the condition holds, else y. The three are broadcast; x and y are promoted.

    Derivatives flow through both sides: an infinite slope of the side that is not chosen gives nan. Choose a harmless
    argument first: ``where(x > 0, log(where(x > 0, x, 1)), 0)``.

    With the condition alone: ``nonzero(condition, size=size, fill_value=fill_value)``.

    >>> import lamina.numpy as lnp
    >>> lnp.where(lnp.array([True, False]), 1.0, lnp.array([5.0, 6.0]))
    Array([1., 6.], dtype=float32)
    """
    if x is None and y is None:
        from lamina.numpy._nonzero import nonzero

        return nonzero(condition, size=size, fill_value=fill_value)
    if x is None or y is None:
        raise ValueError("lnp.where takes both x and y, or neither")
    if size is not None or fill_value is not None:
        raise ValueError("lnp.where: size and fill_value go with the condition alone, not with x and y")
    condition = as_bool(operand("where", condition, "condition"))
    x, y = promoted("where", x, y)
    condition, x, y = broadcast("where", (condition, x, y), ("condition", "x", "y"))
    return bind(REGISTRY["select"], condition, x, y, weak_type=x.weak_type)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    """The choice of the first condition that holds, else the default. Elementwise; all are broadcast.

    >>> import lamina.numpy as lnp
    >>> x = lnp.arange(5)
    >>> lnp.select([x < 2, x > 3], [-x, 10 * x], default=7)
    Array([ 0, -1,  7,  7, 40], dtype=int32)
    """
    if len(condlist) != len(choicelist):
        raise ValueError(f"lnp.select: {len(condlist)} conditions for {len(choicelist)} choices")
    if not condlist:
        raise ValueError("lnp.select needs at least one condition")
    names = [f"choicelist[{i}]" for i in range(len(choicelist))]
    *choices, result = promoted("select", *choicelist, default, names=[*names, "default"])
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = where(condition, choice, result)
    return result


def clip(arr: Any, /, min: Any = None, max: Any = None) -> Array:
    """`arr` limited to [min, max]; a bound that is None does not limit. All are broadcast and promoted.

    >>> import lamina.numpy as lnp
    >>> lnp.clip(lnp.array([-1.0, 0.5, 2.0]), 0, 1)
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    result = operand("clip", arr, "arr")
    if "c" in {operand("clip", v).dtype.kind for v in (arr, min, max) if v is not None}:
        raise errors.DTypeError("`lnp.clip` takes real numbers, not complex ones.")
    if min is not None:
        result = maximum(result, min)
    return result if max is None else minimum(result, max)


# ---- parts of numbers -----------------------------------------------------------------------------------------------

real = unary("real", keeps="biufV")
conjugate = conj = unary("conj", keeps="biufV")


def imag(val: Any, /) -> Array:
    """Imaginary part; 0 of a real number. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.imag(lnp.array([1 + 2j, 3.0]))
    Array([2., 0.], dtype=float32)
    """
    x = operand("imag", val, "val")
    return (
        bind(REGISTRY["imag"], x, weak_type=x.weak_type)
        if x.dtype.kind == "c"
        else filled(x.shape, 0, x.dtype, x.weak_type)
    )


def fmax(x1: Any, x2: Any) -> Array:
    """Larger of x1 and x2; a nan gives way. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.fmax(lnp.array([1.0, lnp.nan]), lnp.array([0.0, 2.0]))
    Array([1., 2.], dtype=float32)
    """
    x, y = broadcast("fmax", promoted("fmax", x1, x2, names=("x1", "x2")), ("x1", "x2"))
    return where(logical_or(greater(x, y), isnan(y)), x, y)


def fmin(x1: Any, x2: Any) -> Array:
    """Smaller of x1 and x2; a nan gives way. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.fmin(lnp.array([1.0, lnp.nan]), lnp.array([0.0, 2.0]))
    Array([0., 2.], dtype=float32)
    """
    x, y = broadcast("fmin", promoted("fmin", x1, x2, names=("x1", "x2")), ("x1", "x2"))
    return where(logical_or(less(x, y), isnan(y)), x, y)

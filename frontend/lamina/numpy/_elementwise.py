"""Functions that work element by element. Most are one line: the record of an op and how operands are promoted."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from lamina_compiler.opdef import REGISTRY

from lamina import dtypes, errors
from lamina.array import Array, ConcreteArray
from lamina.numpy._operands import (
    beside,
    broadcast,
    converted,
    filled,
    operand,
    promoted,
    refuse_out,
)
from lamina.tracing import bind

Unary = Callable[[Any], Array]
Binary = Callable[[Any, Any], Array]

_NAMES = ("x", "y", "z")

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
    name: str, record: str | None = None, *, inexact: bool = False, on_bool: str | None = None, result: str = ""
) -> Binary:
    """The function of a two-operand op; `on_bool`: the op that takes its place for booleans; `result`: "bool"."""
    op = REGISTRY[record or name]
    boolean = REGISTRY[on_bool] if on_bool else op

    def apply(x: Any, y: Any, /) -> Array:
        x, y = _aligned(name, x, y, inexact)
        chosen = boolean if x.dtype.kind == "b" else op
        return bind(chosen, x, y, weak_type=x.weak_type and not result)

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


def _logical(name: str, record: str) -> Binary:
    op = REGISTRY[record]

    def apply(x: Any, y: Any, /) -> Array:
        return bind(op, *broadcast(name, [as_bool(operand(name, v, n)) for v, n in ((x, "x"), (y, "y"))]))

    return _documented(apply, name, op.doc, "Elementwise on truth values: operands are broadcast; numbers are true unless 0.")


def as_bool(x: Array) -> Array:
    """Whether each element differs from 0."""
    return converted(x, np.dtype(bool))


# ---- arithmetic -----------------------------------------------------------------------------------------------------

add = _binary("add", on_bool="or")
subtract = _binary("subtract", "sub")
multiply = _binary("multiply", "mul", on_bool="and")
divide = true_divide = _binary("true_divide", "div", inexact=True)
maximum = _binary("maximum", "max")
minimum = _binary("minimum", "min")
fmod = _binary("fmod", "rem")
arctan2 = atan2 = _binary("arctan2", "atan2", inexact=True)
nextafter = _binary("nextafter", inexact=True)
negative = _unary("negative", "neg")
sign = _unary("sign")
absolute = abs = _unary("absolute", "abs", keeps="bu")
fabs = _unary("fabs", "abs", inexact=True)


def positive(x: Any, /) -> Array:
    """`x` itself, as an array. Elementwise."""
    return operand("positive", x)


def square(x: Any, /) -> Array:
    """x · x. Elementwise; booleans count as integers.

    >>> import lamina.numpy as lnp
    >>> lnp.square(lnp.array([1, -2, 3]))
    Array([1, 4, 9], dtype=int32)
    """
    x = _numeric(operand("square", x))
    return bind(REGISTRY["square"], x, weak_type=x.weak_type)


def reciprocal(x: Any, /) -> Array:
    """1 / x. Elementwise; integers become floats."""
    return true_divide(1, x)


def _numeric(x: Array) -> Array:
    """Booleans as integers."""
    return converted(x, dtypes.canonicalize_dtype(int)) if x.dtype.kind == "b" else x


def _pair(name: str, x: Any, y: Any, *, inexact: bool = False) -> tuple[Array, Array]:
    """Two operands of one dtype, not boolean, and one shape."""
    x, y = _aligned(name, x, y, inexact)
    return _numeric(x), _numeric(y)


def floor_divide(x: Any, y: Any, /) -> Array:
    """Largest integer not above x / y. Elementwise; of integers an integer, and division by 0 gives what JAX gives.

    >>> import lamina.numpy as lnp
    >>> lnp.floor_divide(lnp.array([7, -7]), 2)
    Array([ 3, -4], dtype=int32)
    """
    x, y = _pair("floor_divide", x, y)
    if x.dtype.kind == "c":
        raise errors.DTypeError("`lnp.floor_divide` takes real numbers, not complex ones.")
    quotient = _div(x, y)
    if x.dtype.kind == "u":
        return quotient
    if x.dtype.kind == "i":
        rounds_up = logical_and(not_equal(sign(x), sign(y)), not_equal(_rem(x, y), 0))
        return where(rounds_up, subtract(quotient, 1), quotient)
    return _float_divmod(x, y)[0]


def remainder(x: Any, y: Any, /) -> Array:
    """x − y · floor(x / y): what is left after `floor_divide`, with the sign of y. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.remainder(lnp.array([7.0, -7.0]), 4)
    Array([3., 1.], dtype=float32)
    """
    x, y = _pair("remainder", x, y)
    rest = _rem(x, y)
    if x.dtype.kind == "u":
        return rest
    wrong_sign = logical_and(not_equal(less(rest, 0), less(y, 0)), not_equal(rest, 0))
    return where(wrong_sign, add(rest, y), rest)


mod = remainder


def divmod(x: Any, y: Any, /) -> tuple[Array, Array]:
    """``floor_divide(x, y), remainder(x, y)``. Elementwise."""
    x, y = _pair("divmod", x, y)
    return _float_divmod(x, y) if x.dtype.kind not in "iu" else (floor_divide(x, y), remainder(x, y))


def _div(x: Array, y: Array) -> Array:
    return bind(REGISTRY["div"], x, y, weak_type=x.weak_type)


def _rem(x: Array, y: Array) -> Array:
    return bind(REGISTRY["rem"], x, y, weak_type=x.weak_type)


def _float_divmod(x: Array, y: Array) -> tuple[Array, Array]:
    """Quotient from the exact remainder, so that both fit together (as CPython's float divmod)."""
    rest = _rem(x, y)
    quotient = _div(subtract(x, rest), y)
    down = logical_and(not_equal(rest, 0), not_equal(sign(y), sign(rest)))
    quotient = where(down, subtract(quotient, 1), quotient)
    return bind(REGISTRY["round_nearest_even"], quotient, weak_type=x.weak_type), where(down, add(rest, y), rest)


# ---- powers ---------------------------------------------------------------------------------------------------------


def power(x: Any, y: Any, /) -> Array:
    """x to the power y. Elementwise.

    A known integer exponent is multiplied out. Integers to the power of integers stay integers and wrap; an integer
    array to negative powers gives 1/x^|y| cut towards zero.

    Raises: TypeError for an integer base and a known negative exponent.

    >>> import lamina.numpy as lnp
    >>> lnp.power(lnp.array([1.0, 2.0, 3.0]), 2)
    Array([1., 4., 9.], dtype=float32)
    """
    exponent = _known_integer(y)
    if exponent is not None:
        x = _numeric(operand("power", x))
        if exponent < 0 and x.dtype.kind in "iu":
            raise TypeError(f"lnp.power: an integer cannot be raised to the negative power {exponent}; make it a float first")
        return bind(REGISTRY["integer_pow"], x, weak_type=x.weak_type, exponent=exponent)
    x, y = _pair("power", x, y)
    return bind(REGISTRY["int_pow" if x.dtype.kind in "iu" else "pow"], x, y, weak_type=x.weak_type)


pow = power


def _known_integer(y: Any) -> int | None:
    """The value of an exponent that is one integer known now."""
    if isinstance(y, (int, np.integer)) and not isinstance(y, bool):
        return int(y)
    if isinstance(y, (ConcreteArray, np.ndarray)) and y.ndim == 0 and y.dtype.kind in "iu":
        return int(y)
    return None


def float_power(x: Any, y: Any, /) -> Array:
    """x to the power y, in floating point. Elementwise."""
    x, y = _pair("float_power", x, y, inexact=True)
    return bind(REGISTRY["pow"], x, y, weak_type=x.weak_type)


sqrt = _unary("sqrt", inexact=True)
cbrt = _unary("cbrt", inexact=True)


def hypot(x: Any, y: Any, /) -> Array:
    """√(x² + y²) without overflow. Elementwise; integers become floats."""
    x, y = _pair("hypot", x, y, inexact=True)
    x, y = abs(x), abs(y)
    large, small = maximum(x, y), minimum(x, y)
    ratio = true_divide(small, where(equal(large, 0), 1, large))
    length = multiply(large, sqrt(add(1, square(ratio))))
    infinite = logical_or(isinf(x), isinf(y))
    return where(infinite, math.inf, length)


# ---- exponentials, logarithms, trigonometry -------------------------------------------------------------------------

exp = _unary("exp", inexact=True)
exp2 = _unary("exp2", inexact=True)
expm1 = _unary("expm1", inexact=True)
log = _unary("log", inexact=True)
log1p = _unary("log1p", inexact=True)
sin = _unary("sin", inexact=True)
cos = _unary("cos", inexact=True)
tan = _unary("tan", inexact=True)
arcsin = asin = _unary("arcsin", "asin", inexact=True)
arccos = acos = _unary("arccos", "acos", inexact=True)
arctan = atan = _unary("arctan", "atan", inexact=True)
sinh = _unary("sinh", inexact=True)
cosh = _unary("cosh", inexact=True)
tanh = _unary("tanh", inexact=True)
arcsinh = asinh = _unary("arcsinh", "asinh", inexact=True)
arccosh = acosh = _unary("arccosh", "acosh", inexact=True)
arctanh = atanh = _unary("arctanh", "atanh", inexact=True)


def _real_logarithm(name: str, base: float) -> Unary:
    """log2 and log10, whose ops are real: a complex logarithm is scaled."""
    op = REGISTRY[name]

    def apply(x: Any, /) -> Array:
        (x,) = promoted(name, x, inexact=True)
        if x.dtype.kind == "c":
            return multiply(log(x), 1 / math.log(base))
        return bind(op, x, weak_type=x.weak_type)

    return _documented(apply, name, op.doc, "Elementwise: an array or number in, an array of its shape out.")


log2 = _real_logarithm("log2", 2)
log10 = _real_logarithm("log10", 10)


def logaddexp(x: Any, y: Any, /) -> Array:
    """ln(eˣ + eʸ) without overflow. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.logaddexp(1000.0, 1000.0)
    Array(1000.6931, dtype=float32, weak_type=True)
    """
    x, y = _pair("logaddexp", x, y, inexact=True)
    return _log_of_sum(x, y, log1p, exp)


def logaddexp2(x: Any, y: Any, /) -> Array:
    """log₂(2ˣ + 2ʸ) without overflow. Elementwise."""
    x, y = _pair("logaddexp2", x, y, inexact=True)
    return _log_of_sum(x, y, lambda t: multiply(log1p(t), 1 / math.log(2)), exp2)


def _log_of_sum(x: Array, y: Array, log1p: Unary, exp: Unary) -> Array:
    """max + log(1 + exp(−|x − y|)); equal infinities, whose difference is nan, just add."""
    if x.dtype.kind == "c":
        raise errors.DTypeError("`lnp.logaddexp` takes real numbers, not complex ones.")
    difference = subtract(x, y)
    return where(isnan(difference), add(x, y), add(maximum(x, y), log1p(exp(negative(abs(difference))))))


def deg2rad(x: Any, /) -> Array:
    """Degrees as radians. Elementwise."""
    (x,) = promoted("deg2rad", x, inexact=True)
    return multiply(x, math.pi / 180)


def rad2deg(x: Any, /) -> Array:
    """Radians as degrees. Elementwise."""
    (x,) = promoted("rad2deg", x, inexact=True)
    return multiply(x, 180 / math.pi)


radians, degrees = deg2rad, rad2deg


def sinc(x: Any, /) -> Array:
    """sin(πx) / πx, and 1 at 0. Elementwise."""
    (x,) = promoted("sinc", x, inexact=True)
    zero = equal(x, 0)
    angle = where(zero, 1, multiply(x, math.pi))  # so that nothing is divided by 0, in derivatives too
    return where(zero, subtract(1, multiply(x, x)), true_divide(sin(angle), angle))


# ---- rounding -------------------------------------------------------------------------------------------------------

floor = _unary("floor", keeps="biu")
ceil = _unary("ceil", keeps="biu")
trunc = _unary("trunc", keeps="biu")


def rint(x: Any, /) -> Array:
    """Nearest integer, ties to even, as a float. Elementwise; of both parts of a complex number."""
    (x,) = promoted("rint", x, inexact=True)
    return round(x)


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

equal = _binary("equal", "eq", result="bool")
not_equal = _binary("not_equal", "ne", result="bool")
less = _binary("less", "lt", result="bool")
less_equal = _binary("less_equal", "le", result="bool")
greater = _binary("greater", "gt", result="bool")
greater_equal = _binary("greater_equal", "ge", result="bool")
logical_and = _logical("logical_and", "and")
logical_or = _logical("logical_or", "or")
logical_xor = _logical("logical_xor", "xor")


def logical_not(x: Any, /) -> Array:
    """Whether x is 0 or False. Elementwise."""
    return bind(REGISTRY["not"], as_bool(operand("logical_not", x)))


bitwise_and = _binary("bitwise_and", "and")
bitwise_or = _binary("bitwise_or", "or")
bitwise_xor = _binary("bitwise_xor", "xor")
bitwise_not = bitwise_invert = invert = _unary("invert", "not")
left_shift = bitwise_left_shift = _binary("left_shift", "shift_left")


def right_shift(x: Any, y: Any, /) -> Array:
    """Bits of x moved y places to the right; the sign is kept. Elementwise, on integers."""
    x, y = _pair("right_shift", x, y)
    op = REGISTRY["shift_right_logical" if x.dtype.kind == "u" else "shift_right_arithmetic"]
    return bind(op, x, y, weak_type=x.weak_type)


bitwise_right_shift = right_shift


def bitwise_count(x: Any, /) -> Array:
    """Number of bits set in |x|, as uint8. Elementwise, on integers."""
    x = operand("bitwise_count", x)
    return converted(bind(REGISTRY["population_count"], abs(x)), np.dtype(np.uint8))


def isfinite(x: Any, /) -> Array:
    """Whether x is neither infinite nor nan. Elementwise."""
    x = operand("isfinite", x)
    return bind(REGISTRY["is_finite"], x) if x.dtype.kind not in "biu" else _constant(x, True)


def isnan(x: Any, /) -> Array:
    """Whether x is nan. Elementwise."""
    x = operand("isnan", x)
    return not_equal(x, x) if x.dtype.kind not in "biu" else _constant(x, False)


def isinf(x: Any, /) -> Array:
    """Whether x (either part, if complex) is infinite. Elementwise."""
    x = operand("isinf", x)
    if x.dtype.kind == "c":
        return logical_or(isinf(real(x)), isinf(imag(x)))
    return equal(abs(x), math.inf) if x.dtype.kind not in "biu" else _constant(x, False)


def isposinf(x: Any, /) -> Array:
    """Whether x is +∞. Elementwise, on real numbers."""
    x = operand("isposinf", x)
    return equal(x, math.inf) if x.dtype.kind not in "biu" else _constant(x, False)


def isneginf(x: Any, /) -> Array:
    """Whether x is −∞. Elementwise, on real numbers."""
    x = operand("isneginf", x)
    return equal(x, -math.inf) if x.dtype.kind not in "biu" else _constant(x, False)


def _constant(like: Array, value: bool) -> Array:
    return filled(like.shape, value, np.dtype(bool))


def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Array:
    """Whether |a − b| ≤ atol + rtol · |b|. Elementwise; infinities are close to themselves."""
    a, b = broadcast("isclose", promoted("isclose", a, b, names=("a", "b"), inexact=True), ("a", "b"))
    near = less_equal(abs(subtract(a, b)), add(atol, multiply(rtol, abs(b))))
    result = where(logical_and(isfinite(a), isfinite(b)), near, equal(a, b))
    return logical_or(result, logical_and(isnan(a), isnan(b))) if equal_nan else result


def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Array:
    """Whether `isclose` holds for all elements: a boolean scalar."""
    from lamina.numpy._reductions import all

    return all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a: Any, b: Any, equal_nan: bool = False) -> Array:
    """Whether two arrays have one shape and equal elements: a boolean scalar."""
    from lamina.numpy._reductions import all

    a, b = operand("array_equal", a, "a"), operand("array_equal", b, "b")
    if a.shape != b.shape:
        return operand("array_equal", False)
    same = equal(a, b)
    return all(logical_or(same, logical_and(isnan(a), isnan(b))) if equal_nan else same)


def array_equiv(a: Any, b: Any) -> Array:
    """Whether two arrays broadcast to one shape and then have equal elements: a boolean scalar."""
    from lamina.numpy._reductions import all

    try:
        return all(equal(a, b))
    except errors.ShapeError:
        return operand("array_equiv", False)


# ---- choice ---------------------------------------------------------------------------------------------------------


def where(condition: Any, x: Any = None, y: Any = None, /) -> Array:
    """x where the condition holds, else y. The three are broadcast; x and y are promoted.

    Derivatives flow through both sides: an infinite slope of the side that is not chosen gives nan. Choose a harmless
    argument first: ``where(x > 0, log(where(x > 0, x, 1)), 0)``.

    >>> import lamina.numpy as lnp
    >>> lnp.where(lnp.array([True, False]), 1.0, lnp.array([5.0, 6.0]))
    Array([1., 6.], dtype=float32)
    """
    if x is None or y is None:
        raise NotImplementedError(
            "lnp.where with the condition alone, whose result's shape depends on values, is not there yet. "
            "Pass x and y, or use np.where on a NumPy array."
        )
    condition = as_bool(operand("where", condition, "condition"))
    x, y = promoted("where", x, y)
    condition, x, y = broadcast("where", (condition, x, y), ("condition", "x", "y"))
    return bind(REGISTRY["select"], condition, x, y, weak_type=x.weak_type)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    """The choice of the first condition that holds, else the default. Elementwise; all are broadcast."""
    if len(condlist) != len(choicelist):
        raise ValueError(f"lnp.select: {len(condlist)} conditions for {len(choicelist)} choices")
    dtype = dtypes.result_type(default, *choicelist)
    result = converted(operand("select", default, "default"), dtype)
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        result = where(condition, converted(operand("select", choice, "choicelist"), dtype), result)
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


def heaviside(x: Any, y: Any, /) -> Array:
    """0 for x < 0, y at 0, 1 for x > 0; nan stays. Elementwise."""
    x, y = _pair("heaviside", x, y, inexact=True)
    return where(isnan(x), x, where(equal(x, 0), y, where(less(x, 0), 0, 1)))


def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Array:
    """nan and the infinities replaced by numbers; None: by the largest and smallest of the dtype. Elementwise."""
    x = operand("nan_to_num", x)
    if x.dtype.kind in "biu":
        return x
    if x.dtype.kind == "c":
        parts = [nan_to_num(part, nan=nan, posinf=posinf, neginf=neginf) for part in (real(x), imag(x))]
        return bind(REGISTRY["complex"], *parts)
    limits = dtypes.finfo(x.dtype)
    x = where(isnan(x), converted(operand("nan_to_num", nan, "nan"), x.dtype), x)
    for infinity, given, extreme in ((math.inf, posinf, limits.max), (-math.inf, neginf, limits.min)):
        replacement = operand("nan_to_num", extreme if given is None else given)
        x = where(equal(x, infinity), converted(replacement, x.dtype), x)
    return x


# ---- parts of numbers -----------------------------------------------------------------------------------------------

real = _unary("real", keeps="biufV")
conjugate = conj = _unary("conj", keeps="biufV")


def imag(val: Any, /) -> Array:
    """Imaginary part; 0 of a real number. Elementwise."""
    x = operand("imag", val, "val")
    return bind(REGISTRY["imag"], x, weak_type=x.weak_type) if x.dtype.kind == "c" else filled(x.shape, 0, x.dtype, x.weak_type)


def angle(z: Any, deg: bool = False) -> Array:
    """Angle of a complex number, in radians (or degrees). Elementwise."""
    (z,) = promoted("angle", z, inexact=True)
    result = arctan2(imag(z), real(z))
    return rad2deg(result) if deg else result


def signbit(x: Any, /) -> Array:
    """Whether the sign bit is set: true for −0. Elementwise, on real numbers."""
    x = operand("signbit", x)
    if x.dtype.kind in "biu":
        return less(x, 0)
    bits = np.dtype(f"int{8 * x.dtype.itemsize}")
    return less(bind(REGISTRY["bitcast_convert"], x, dtype=bits), 0)


def copysign(x: Any, y: Any, /) -> Array:
    """|x| with the sign of y (−0 is negative). Elementwise; integers become floats."""
    x, y = _pair("copysign", x, y, inexact=True)
    magnitude = abs(x)
    return where(signbit(y), negative(magnitude), magnitude)


def fmax(x: Any, y: Any, /) -> Array:
    """Larger of x and y; a nan gives way. Elementwise."""
    x, y = broadcast("fmax", promoted("fmax", x, y))
    return where(logical_or(greater(x, y), isnan(y)), x, y)


def fmin(x: Any, y: Any, /) -> Array:
    """Smaller of x and y; a nan gives way. Elementwise."""
    x, y = broadcast("fmin", promoted("fmin", x, y))
    return where(logical_or(less(x, y), isnan(y)), x, y)


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return dtypes.dtype(x).kind == "c"


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def iscomplex(x: Any) -> Array:
    """Whether the imaginary part is not 0. Elementwise."""
    return not_equal(imag(x), 0)


def isreal(x: Any) -> Array:
    """Whether the imaginary part is 0. Elementwise."""
    return equal(imag(x), 0)

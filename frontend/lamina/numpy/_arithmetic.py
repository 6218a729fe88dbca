"""Elementwise functions of several operations: division with remainder, powers, logarithms of sums, closeness."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array, ConcreteArray
from lamina.binding import bind
from lamina.numpy import _reductions
from lamina.numpy._creation import asarray
from lamina.numpy._elementwise import (
    absolute,
    add,
    equal,
    exp,
    exp2,
    greater,
    imag,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    log,
    log1p,
    logical_and,
    logical_or,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    real,
    sign,
    sin,
    sqrt,
    square,
    subtract,
    true_divide,
    where,
)
from lamina.numpy._makers import Unary, documented, pair, real_operand
from lamina.numpy._operands import (
    broadcast,
    converted,
    filled,
    operand,
    promoted,
)
from lamina_compiler.opdef import REGISTRY


def reciprocal(x: Any, /) -> Array:
    """1 / x. Elementwise; integers become floats.

    >>> import lamina.numpy as lnp
    >>> lnp.reciprocal(lnp.array([2.0, 4.0]))
    Array([0.5 , 0.25], dtype=float32)
    """
    (x,) = promoted("reciprocal", x, inexact=True)
    return true_divide(filled(x.shape, 1, x.dtype, x.weak_type), x)


def floor_divide(x: Any, y: Any, /) -> Array:
    """Largest integer not above x / y. Elementwise; of integers an integer, and division by 0 gives what JAX gives.

    >>> import lamina.numpy as lnp
    >>> lnp.floor_divide(lnp.array([7, -7]), 2)
    Array([ 3, -4], dtype=int32)
    """
    x, y = pair("floor_divide", x, y)
    if x.dtype.kind == "c":
        raise errors.DTypeError("`lnp.floor_divide` takes real numbers, not complex ones.")
    quotient = _div(x, y)
    if x.dtype.kind == "u":
        return quotient
    if x.dtype.kind == "i":
        rounds_up = logical_and(not_equal(sign(x), sign(y)), not_equal(bind(REGISTRY["rem"], x, y), 0))
        return where(rounds_up, subtract(quotient, 1), quotient)
    return _float_divmod(x, y)[0]


def remainder(x: Any, y: Any, /) -> Array:
    """x − y · floor(x / y): what is left after `floor_divide`, with the sign of y. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.remainder(lnp.array([7.0, -7.0]), 4)
    Array([3., 1.], dtype=float32)
    """
    x, y = pair("remainder", x, y)
    rest = _rem(x, y)
    if x.dtype.kind == "u":
        return rest
    wrong_sign = logical_and(not_equal(less(rest, 0), less(y, 0)), not_equal(rest, 0))
    return where(wrong_sign, add(rest, y), rest)


mod = remainder


def fmod(x: Any, y: Any, /) -> Array:
    """What is left of the division towards zero: the sign of x; of integers by 0 it is 0. Elementwise, on reals.

    >>> import lamina.numpy as lnp
    >>> lnp.fmod(lnp.array([7, -7]), 3)
    Array([ 1, -1], dtype=int32)
    """
    return _rem(*pair("fmod", x, y))


def divmod(x: Any, y: Any, /) -> tuple[Array, Array]:
    """``floor_divide(x, y), remainder(x, y)``. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.divmod(lnp.array([7, -7]), 3)
    (Array([ 2, -3], dtype=int32), Array([1, 2], dtype=int32))
    """
    x, y = pair("divmod", x, y)
    return _float_divmod(x, y) if x.dtype.kind not in "iu" else (floor_divide(x, y), remainder(x, y))


def _div(x: Array, y: Array) -> Array:
    return bind(REGISTRY["div"], x, y, weak_type=x.weak_type)


def _rem(x: Array, y: Array) -> Array:
    """The remainder of the division towards zero; of an integer by 0 it is 0."""
    if x.dtype.kind in "iu":
        y = where(equal(y, 0), 1, y)
    return bind(REGISTRY["rem"], x, y, weak_type=x.weak_type)


def _float_divmod(x: Array, y: Array) -> tuple[Array, Array]:
    """Quotient from the exact remainder, so that both fit together (as CPython's float divmod)."""
    rest = _rem(x, y)
    quotient = where(equal(y, 0), _div(x, y), _div(subtract(x, rest), y))
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
        x = operand("power", x)
        x = converted(x, np.dtype(np.int32)) if x.dtype.kind == "b" else x
        if exponent < 0 and x.dtype.kind in "iu":
            raise TypeError(
                f"lnp.power: an integer cannot be raised to the negative power {exponent}; make it a float first"
            )
        return bind(REGISTRY["integer_pow"], x, weak_type=x.weak_type, exponent=exponent)
    exponent = operand("power", y, "y")
    x, y = pair("power", x, y)
    # an integer exponent makes the result as strong as itself
    weak = x.weak_type and (exponent.weak_type or exponent.dtype.kind not in ("iu" if x.dtype.kind in "fcV" else "biu"))
    return bind(REGISTRY["int_pow" if x.dtype.kind in "iu" else "pow"], x, y, weak_type=weak)


pow = power


def _known_integer(y: Any) -> int | None:
    """The value of an exponent that is one integer known now."""
    if isinstance(y, (int, np.integer)) and not isinstance(y, bool):
        return int(y)
    if isinstance(y, (ConcreteArray, np.ndarray)) and y.ndim == 0 and y.dtype.kind in "iu":
        return int(y)
    return None


def float_power(x: Any, y: Any, /) -> Array:
    """x to the power y, in floating point. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.float_power(lnp.array([2, 3]), -1)
    Array([0.5       , 0.33333334], dtype=float32)
    """
    x, y = pair("float_power", x, y, inexact=True)
    return bind(REGISTRY["pow"], x, y, weak_type=x.weak_type)


def hypot(x: Any, y: Any, /) -> Array:
    """√(x² + y²) without overflow. Elementwise; integers become floats.

    >>> import lamina.numpy as lnp
    >>> lnp.hypot(lnp.array([3.0, 5.0]), lnp.array([4.0, 12.0]))
    Array([ 5., 13.], dtype=float32)
    """
    x, y = pair("hypot", real_operand("hypot", x), real_operand("hypot", y), inexact=True)
    x, y = absolute(x), absolute(y)
    large, small = maximum(x, y), minimum(x, y)
    ratio = true_divide(small, where(equal(large, 0), 1, large))
    length = multiply(large, sqrt(add(1, square(ratio))))
    infinite = logical_or(isinf(x), isinf(y))
    return where(infinite, math.inf, length)


def _real_logarithm(name: str, base: float) -> Unary:
    """log2 and log10, whose ops are real: a complex logarithm is scaled."""
    op = REGISTRY[name]

    def apply(x: Any, /) -> Array:
        (x,) = promoted(name, x, inexact=True)
        if x.dtype.kind == "c":
            logarithm = log(x)
            parts = [multiply(part, 1 / math.log(base)) for part in (real(logarithm), imag(logarithm))]
            return bind(REGISTRY["complex"], *parts)
        return bind(op, x)

    return documented(apply, name, op, "Elementwise: an array or number in, an array of its shape out.")


log2 = _real_logarithm("log2", 2)
log10 = _real_logarithm("log10", 10)


def logaddexp(x: Any, y: Any, /) -> Array:
    """ln(eˣ + eʸ) without overflow. Elementwise; of complex numbers the value with an imaginary part in (−π, π].

    >>> import lamina.numpy as lnp
    >>> lnp.logaddexp(100.0, 100.0)
    Array(100.693146, dtype=float32, weak_type=True)
    """
    x, y = pair("logaddexp", x, y, inexact=True)
    return _log_of_sum(x, y, log1p, exp, 2 * math.pi)


def logaddexp2(x: Any, y: Any, /) -> Array:
    """log₂(2ˣ + 2ʸ) without overflow. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.logaddexp2(3.0, 3.0)
    Array(4., dtype=float32, weak_type=True)
    """
    x, y = pair("logaddexp2", x, y, inexact=True)
    return _log_of_sum(x, y, lambda t: multiply(log1p(t), 1 / math.log(2)), exp2, 2 * math.pi / math.log(2))


def _log_of_sum(x: Array, y: Array, log1p: Unary, exp: Unary, turn: float) -> Array:
    """max + log(1 + exp(min − max)); equal infinities, whose difference is nan, just add. `turn`: the period of exp.

    One condition chooses both, so that the derivatives are right where x = y.
    """
    difference = subtract(x, y)
    x_is_larger = greater(x, y)
    tail = log1p(exp(where(x_is_larger, negative(difference), difference)))
    result = add(where(x_is_larger, x, y), tail)
    if x.dtype.kind == "c":
        angle = subtract(remainder(add(imag(result), turn / 2), turn), turn / 2)
        return bind(REGISTRY["complex"], real(result), angle, weak_type=result.weak_type)
    return where(isnan(difference), add(x, y), result)


def deg2rad(x: Any, /) -> Array:
    """Degrees as radians. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.deg2rad(lnp.array([0.0, 180.0]))
    Array([0.       , 3.1415927], dtype=float32)
    """
    (x,) = promoted("deg2rad", x, inexact=True)
    return multiply(x, math.pi / 180)


def rad2deg(x: Any, /) -> Array:
    """Radians as degrees. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.degrees(lnp.array([0.0, lnp.pi]))
    Array([  0., 180.], dtype=float32)
    """
    (x,) = promoted("rad2deg", x, inexact=True)
    return multiply(x, 180 / math.pi)


radians, degrees = deg2rad, rad2deg


def sinc(x: Any, /) -> Array:
    """sin(πx) / πx, and 1 at 0. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.sinc(lnp.array([0.0, 0.5]))
    Array([1.        , 0.63661975], dtype=float32)
    """
    (x,) = promoted("sinc", x, inexact=True)
    zero = equal(x, 0)
    angle = where(zero, 1, multiply(x, math.pi))  # so that nothing is divided by 0, in derivatives too
    return where(zero, subtract(1, multiply(x, x)), true_divide(sin(angle), angle))


def i0(x: Any) -> Array:
    """The modified Bessel function of the first kind of order 0. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.i0(1.0)
    Array(1.266066, dtype=float32, weak_type=True)
    """
    (x,) = promoted("i0", real_operand("i0", x), inexact=True)
    size = maximum(x, negative(x))  # |x| with the derivative 0 at 0
    return multiply(exp(size), bind(REGISTRY["bessel_i0e"], x, weak_type=x.weak_type))


def isclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Array:
    """Whether |a − b| ≤ atol + rtol · |b|. Elementwise; infinities are close to themselves.

    >>> import lamina.numpy as lnp
    >>> lnp.isclose(lnp.array([1.0, 1.0]), lnp.array([1.0000001, 1.1]))
    Array([ True, False], dtype=bool)
    """
    a, b = broadcast("isclose", promoted("isclose", a, b, names=("a", "b"), inexact=True), ("a", "b"))
    near = less_equal(absolute(subtract(a, b)), add(atol, multiply(rtol, absolute(b))))
    result = where(logical_and(isfinite(a), isfinite(b)), near, equal(a, b))
    return logical_or(result, logical_and(isnan(a), isnan(b))) if equal_nan else result


def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8, equal_nan: bool = False) -> Array:
    """Whether `isclose` holds for all elements: a boolean scalar.

    >>> import lamina.numpy as lnp
    >>> lnp.allclose(lnp.array([1.0, 2.0]), lnp.array([1.0, 2.000001]))
    Array(True, dtype=bool)
    """
    return _reductions.all(isclose(a, b, rtol, atol, equal_nan))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Array:
    """Whether two arrays have one shape and equal elements: a boolean scalar.

    >>> import lamina.numpy as lnp
    >>> lnp.array_equal(lnp.array([1, 2]), lnp.array([1, 2]))
    Array(True, dtype=bool)
    >>> lnp.array_equal(lnp.array([1, 2]), lnp.array([[1, 2]]))
    Array(False, dtype=bool)
    """
    a, b = asarray(a1), asarray(a2)
    if a.shape != b.shape:
        return asarray(False)
    same = equal(a, b)
    return _reductions.all(logical_or(same, logical_and(isnan(a), isnan(b))) if equal_nan else same)


def array_equiv(a1: Any, a2: Any) -> Array:
    """Whether two arrays broadcast to one shape and then have equal elements: a boolean scalar.

    >>> import lamina.numpy as lnp
    >>> lnp.array_equiv(lnp.array([1, 2]), lnp.array([[1, 2], [1, 2]]))
    Array(True, dtype=bool)
    """
    try:
        return _reductions.all(equal(asarray(a1), asarray(a2)))
    except errors.ShapeError:
        return asarray(False)


def heaviside(x: Any, y: Any, /) -> Array:
    """0 for x < 0, y at 0, 1 for x > 0; nan stays. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.heaviside(lnp.array([-1.0, 0.0, 2.0]), 0.5)
    Array([0. , 0.5, 1. ], dtype=float32)
    """
    x, y = pair("heaviside", x, y, inexact=True)
    return where(isnan(x), x, where(equal(x, 0), y, where(less(x, 0), 0, 1)))


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Array:
    """nan and the infinities replaced by numbers; None: by the largest and smallest of the dtype. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.nan_to_num(lnp.array([lnp.nan, lnp.inf, 1.0]), posinf=9.0)
    Array([0., 9., 1.], dtype=float32)
    """
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

"""Parts of floating-point numbers: sign and angle, mantissa and exponent, whole and fraction, the next number."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from lamina import dtypes, errors
from lamina.array import Array
from lamina.binding import bind
from lamina.numpy import _elementwise as e
from lamina.numpy._makers import pair, real_operand
from lamina.numpy._operands import broadcast, converted, operand, promoted, refuse_out
from lamina.tracer import reweighed
from lamina_compiler.opdef import REGISTRY

_INT = np.dtype(np.int32)


class _Format(NamedTuple):
    """Bits of an IEEE format."""

    bits: np.dtype
    mantissa: int
    bias: int

    @staticmethod
    def of(dtype: np.dtype) -> _Format:
        info = dtypes.finfo(dtype)
        return _Format(np.dtype(f"int{info.bits}"), info.nmant, int(info.maxexp) - 1)


def _real(function: str, x: Any) -> Array:
    return promoted(function, real_operand(function, x), inexact=True)[0]


def modf(x: Any, /, out: None = None) -> tuple[Array, Array]:
    """Fraction and whole part, both with the sign of x. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.modf(-2.5)
    (Array(-0.5, dtype=float32, weak_type=True), Array(-2., dtype=float32, weak_type=True))
    """
    refuse_out("modf", out)
    x = _real("modf", x)
    whole = e.trunc(x)
    return copysign(e.where(e.isinf(x), 0, e.subtract(x, whole)), x), whole


def frexp(x: Any, /) -> tuple[Array, Array]:
    """The mantissa m, 0.5 ≤ |m| < 1, and the exponent n (int32) of x = m · 2ⁿ. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.frexp(12.0)
    (Array(0.75, dtype=float32), Array(4, dtype=int32))
    """
    x = reweighed(_real("frexp", x), False)
    exponent = _exponent(x)
    ordinary = e.logical_and(e.isfinite(x), e.not_equal(x, 0))
    exponent = e.where(ordinary, exponent, 0)
    return e.where(ordinary, _scaled(x, e.negative(exponent)), x), exponent


def _exponent(x: Array) -> Array:
    """n of x = m · 2ⁿ, 0.5 ≤ |m| < 1, for finite numbers other than 0."""
    form = _Format.of(x.dtype)
    bits = bind(REGISTRY["bitcast_convert"], e.abs(x), dtype=form.bits)
    stored = converted(e.right_shift(bits, form.mantissa), _INT)
    leading = converted(bind(REGISTRY["clz"], bits), _INT)  # of a subnormal number, whose mantissa is not normalized
    width = 8 * form.bits.itemsize
    subnormal = e.subtract(width - form.mantissa - form.bias + 1, leading)
    return e.where(e.equal(stored, 0), subnormal, e.subtract(stored, form.bias - 1))


def ldexp(x1: Any, x2: Any, /) -> Array:
    """x1 · 2^x2, rounded once. Elementwise; x2 are integers.

    >>> import lamina.numpy as lnp
    >>> lnp.ldexp(0.75, 4)
    Array(12., dtype=float32)
    """
    x, n = _real("ldexp", x1), operand("ldexp", x2, "x2")
    x = reweighed(x, False)
    if n.dtype.kind not in "iub":
        raise errors.DTypeError(f"`lnp.ldexp` takes integers for x2, not {n.dtype}.", cure="Convert with astype(int).")
    x, n = broadcast("ldexp", (x, n), ("x1", "x2"))
    n = converted(e.clip(n, -(2**15), 2**15) if n.dtype.itemsize > 2 else n, _INT)
    if x.dtype == np.float16:  # whose powers of two are too few to go down in steps that are exact
        return converted(_scaled(converted(x, np.dtype(np.float32)), n), x.dtype)
    return _scaled(x, n)


def _scaled(x: Array, n: Array) -> Array:
    """x · 2ⁿ by powers of two that exist. Steps down stay above the subnormal numbers, so that it is rounded once."""
    form = _Format.of(x.dtype)
    down = form.bias - 1 - form.mantissa
    for _ in range(2):
        high, low = e.greater(n, form.bias), e.less(n, 1 - form.bias)
        step = e.where(high, form.bias, e.where(low, -down, 0))
        x, n = e.multiply(x, _power_of_two(step, x.dtype)), e.subtract(n, step)
    return e.multiply(x, _power_of_two(e.clip(n, 1 - form.bias, form.bias), x.dtype))


def _power_of_two(n: Array, dtype: np.dtype) -> Array:
    form = _Format.of(dtype)
    bits = e.left_shift(converted(e.add(n, form.bias), form.bits), form.mantissa)
    return bind(REGISTRY["bitcast_convert"], bits, weak_type=True, dtype=dtype)


def spacing(x: Any, /) -> Array:
    """Distance to the next number away from 0, with the sign of x; nan of what is not finite. Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.spacing(lnp.array([1.0, 1024.0]))
    Array([1.1920929e-07, 1.2207031e-04], dtype=float32)
    """
    x = reweighed(_real("spacing", x), False)
    size = e.abs(x)
    step = e.subtract(e.nextafter(size, np.inf), size)
    return e.where(e.isfinite(x), copysign(step, x), np.nan)


def angle(z: Any, deg: bool = False) -> Array:
    """Angle of a complex number, in radians (or degrees). Elementwise.

    >>> import lamina.numpy as lnp
    >>> lnp.angle(lnp.array([1j, -1.0]))
    Array([1.5707964, 3.1415927], dtype=float32)
    >>> lnp.angle(1j, deg=True)
    Array(90., dtype=float32, weak_type=True)
    """
    z = operand("angle", z, "z")
    if z.dtype.kind in "biu" or (z.dtype.kind != "c" and z.ndim == 0):
        z = converted(z, dtypes.canonicalize_dtype(float))
    result = e.arctan2(e.imag(z), e.real(z))
    return e.multiply(result, 180 / math.pi) if deg else result


def signbit(x: Any, /) -> Array:
    """Whether the sign bit is set: true for −0. Elementwise, on real numbers.

    >>> import lamina.numpy as lnp
    >>> lnp.signbit(lnp.array([-0.0, 0.0, -3.0]))
    Array([ True, False,  True], dtype=bool)
    """
    x = operand("signbit", x)
    if x.dtype.kind in "biu":
        return e.less(x, 0)
    bits = np.dtype(f"int{8 * x.dtype.itemsize}")
    return e.less(bind(REGISTRY["bitcast_convert"], x, dtype=bits), 0)


def copysign(x: Any, y: Any, /) -> Array:
    """|x| with the sign of y (−0 is negative). Elementwise; integers become floats.

    >>> import lamina.numpy as lnp
    >>> lnp.copysign(lnp.array([1.0, 2.0]), lnp.array([-0.0, 3.0]))
    Array([-1.,  2.], dtype=float32)
    """
    x, y = pair("copysign", x, y, inexact=True)
    magnitude = e.abs(x)
    return e.where(signbit(y), e.negative(magnitude), magnitude)

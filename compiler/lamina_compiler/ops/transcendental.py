"""Exponentials, logarithms, trigonometric, hyperbolic and power functions.

References compute in NumPy or SciPy; f16 and bf16 are computed in f32 and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import scalar
from ..attributes import INT
from ..linalg_builder import splat_element
from ..opdef import NotDifferentiable, OpDef, Rule, Sample, register, require_dtype
from ..types import BY_SHORT_NAME, FLOAT, INEXACT, INTEGER, NUMERIC, TensorType
from .elementwise import elementwise, quiet, uniform

_HALF = (BY_SHORT_NAME["f16"], BY_SHORT_NAME["bf16"])


def widened(function: Callable[..., Any]) -> Rule:
    """Compute f16 and bf16 in f32; keep every other dtype."""

    def reference(x: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        if x.dtype in _HALF:
            return np.asarray(function(*(a.astype(np.float32) for a in (x, *rest)))).astype(x.dtype)
        return np.asarray(function(x, *rest)).astype(x.dtype, copy=False)

    return reference


def _reciprocal(x: np.ndarray) -> np.ndarray:
    """1 / x, also of infinite complex numbers, where NumPy's division gives nan."""
    return np.where(np.isinf(x), 0, 1 / x).astype(x.dtype) if x.dtype.kind == "c" else 1 / x


def special(name: str) -> Callable[..., Any]:
    """A function of scipy.special, whose import takes longer than all of ours and is seldom needed."""

    def call(*arrays: np.ndarray) -> np.ndarray:
        import scipy.special

        return getattr(scipy.special, name)(*arrays)

    return call


def unary(
    name: str,
    doc: str,
    function: Callable[..., Any],
    jvp: Any,
    low: float,
    high: float,
    *,
    real_only: bool = False,
    family: str = "transcendental",
) -> OpDef:
    """Register an elementwise op of one operand, with sample points in [low, high)."""
    return elementwise(
        name,
        doc=doc,
        accepts=FLOAT if real_only else INEXACT,
        reference=widened(function),
        scalar=getattr(scalar, name),
        jvp=jvp,
        samples=uniform(low, high),
        family=family,
    )


def _one_minus_square(b: Any, x: Any) -> Any:
    return b.mul(b.sub(b.full_like(x, 1), x), b.add(x, 1))


def _expm1(x: np.ndarray) -> np.ndarray:
    """eˣ − 1, with C99's values at infinities, which NumPy's complex one lacks."""
    if x.dtype.kind != "c":
        return np.expm1(x)
    real, imag = np.real(x).astype(np.float64), np.imag(x).astype(np.float64)
    result, half_sine = np.empty(x.shape, np.complex128), np.sin(imag / 2)
    result.real = np.expm1(real) * np.cos(imag) - 2 * half_sine * half_sine + 0.0
    result.imag = np.where(imag == 0, imag, np.exp(real) * np.sin(imag))
    unbounded = ~np.isfinite(imag)
    result[unbounded & (real == -np.inf)] = -1
    result.real[unbounded & (real == np.inf)] = np.inf
    return result


# ---- exponentials and logarithms ------------------------------------------------------------------------------------

exp = unary("exp", "eˣ.", np.exp, lambda b, dx, x, y: b.mul(dx, y), -3, 3)
exp2 = unary("exp2", "2ˣ.", np.exp2, lambda b, dx, x, y: b.mul(dx, b.mul(y, math.log(2))), -3, 3)
expm1 = unary("expm1", "eˣ − 1, accurate near 0.", _expm1, lambda b, dx, x, y: b.mul(dx, b.add(y, 1)), -1, 1)
log = unary("log", "Natural logarithm.", np.log, lambda b, dx, x, y: b.div(dx, x), 0.5, 3)
log1p = unary("log1p", "ln(1 + x), accurate near 0.", np.log1p, lambda b, dx, x, y: b.div(dx, b.add(x, 1)), -0.5, 2)
log2 = unary(
    "log2",
    "Logarithm to base 2.",
    np.log2,
    lambda b, dx, x, y: b.div(dx, b.mul(x, math.log(2))),
    0.5,
    3,
    real_only=True,
)
log10 = unary(
    "log10",
    "Logarithm to base 10.",
    np.log10,
    lambda b, dx, x, y: b.div(dx, b.mul(x, math.log(10))),
    0.5,
    3,
    real_only=True,
)


def _logistic_reference(x: np.ndarray) -> np.ndarray:
    return special("expit")(x) if x.dtype.kind == "f" else _reciprocal(1 + np.exp(-x))


logistic = unary(
    "logistic",
    "1 / (1 + e⁻ˣ).",
    _logistic_reference,
    lambda b, dx, x, y: b.mul(dx, b.mul(y, b.sub(b.full_like(y, 1), y))),
    -3,
    3,
)

# ---- trigonometric --------------------------------------------------------------------------------------------------

sin = unary("sin", "Sine of x, in radians.", np.sin, lambda b, dx, x, y: b.mul(dx, b.cos(x)), -3, 3)
cos = unary("cos", "Cosine of x, in radians.", np.cos, lambda b, dx, x, y: b.mul(dx, b.neg(b.sin(x))), -3, 3)
tan = unary("tan", "Tangent of x, in radians.", np.tan, lambda b, dx, x, y: b.mul(dx, b.add(b.mul(y, y), 1)), -1, 1)
asin = unary(
    "asin",
    "Arc sine, in [−π/2, π/2].",
    np.arcsin,
    lambda b, dx, x, y: b.mul(dx, b.rsqrt(_one_minus_square(b, x))),
    -0.8,
    0.8,
)
acos = unary(
    "acos",
    "Arc cosine, in [0, π].",
    np.arccos,
    lambda b, dx, x, y: b.mul(dx, b.neg(b.rsqrt(_one_minus_square(b, x)))),
    -0.8,
    0.8,
)
atan = unary(
    "atan", "Arc tangent, in [−π/2, π/2].", np.arctan, lambda b, dx, x, y: b.div(dx, b.add(b.mul(x, x), 1)), -0.7, 0.7
)


def _atan2_partial(numerator: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    return lambda b, d, y, x, z: b.mul(d, b.div(numerator(b, y, x), b.add(b.mul(x, x), b.mul(y, y))))


atan2 = elementwise(
    "atan2",
    doc="Angle of the point (x, y), in (−π, π].",
    operands=("y", "x"),
    accepts=FLOAT,
    reference=widened(np.arctan2),
    scalar=scalar.atan2,
    jvp=(_atan2_partial(lambda b, y, x: x), _atan2_partial(lambda b, y, x: b.neg(y))),
    samples=(uniform(0.5, 2), uniform(-2, 2)),
    family="transcendental",
)

# ---- hyperbolic -----------------------------------------------------------------------------------------------------

sinh = unary("sinh", "Hyperbolic sine.", np.sinh, lambda b, dx, x, y: b.mul(dx, b.cosh(x)), -2, 2)
cosh = unary("cosh", "Hyperbolic cosine.", np.cosh, lambda b, dx, x, y: b.mul(dx, b.sinh(x)), -2, 2)
tanh = unary("tanh", "Hyperbolic tangent.", np.tanh, lambda b, dx, x, y: b.mul(dx, _one_minus_square(b, y)), -2, 2)
asinh = unary(
    "asinh",
    "Inverse hyperbolic sine.",
    np.arcsinh,
    lambda b, dx, x, y: b.mul(dx, b.rsqrt(b.add(b.mul(x, x), 1))),
    -2,
    2,
)
acosh = unary(
    "acosh",
    "Inverse hyperbolic cosine.",
    np.arccosh,
    lambda b, dx, x, y: b.mul(dx, b.mul(b.rsqrt(b.sub(x, 1)), b.rsqrt(b.add(x, 1)))),
    1.5,
    3,
)
atanh = unary(
    "atanh",
    "Inverse hyperbolic tangent.",
    np.arctanh,
    lambda b, dx, x, y: b.div(dx, _one_minus_square(b, x)),
    -0.8,
    0.8,
)

# ---- roots and powers -----------------------------------------------------------------------------------------------

sqrt = unary("sqrt", "Square root.", np.sqrt, lambda b, dx, x, y: b.div(dx, b.mul(y, 2)), 0.5, 3)
rsqrt = unary(
    "rsqrt",
    "1 / √x.",
    lambda x: _reciprocal(np.sqrt(x)),
    lambda b, dx, x, y: b.mul(dx, b.mul(b.div(y, x), -0.5)),
    0.5,
    3,
)
cbrt = unary(
    "cbrt",
    "Cube root, odd.",
    np.cbrt,
    lambda b, dx, x, y: b.div(dx, b.mul(b.mul(y, y), 3)),
    0.5,
    3,
    real_only=True,
)


def _pow_base(b: Any, dx: Any, x: Any, y: Any, z: Any) -> Any:
    """y · x^(y−1), where y = 0 gives 0 even at x = 0."""
    exponent_is_zero = b.eq(y, b.full_like(y, 0))
    lowered = b.select(exponent_is_zero, b.full_like(y, 1), b.sub(y, 1))
    return b.mul(dx, b.mul(y, b.pow(x, lowered)))


def _pow_exponent(b: Any, dy: Any, x: Any, y: Any, z: Any) -> Any:
    """x^y · ln x, where x = 0 takes ln 1."""
    base_is_zero = b.eq(x, b.full_like(x, 0))
    return b.mul(dy, b.mul(z, b.log(b.select(base_is_zero, b.full_like(x, 1), x))))


def _pow_of_known_exponent(operands: Any) -> Any:
    """Multiples of a half need no logarithm, small exponents no care for results that are large or small."""
    found = splat_element(operands[1])
    if found is None:
        return None
    exponent = found.value
    if 2 * exponent in scalar.HALF_POWERS:
        return lambda x: scalar.half_power(x, int(2 * exponent))
    is_f32 = str(operands[0].type.element_type) == "f32"  # others share the general function of their type
    is_small = is_f32 and 0 < abs(exponent) <= scalar.FRACTION
    return (lambda x: scalar.fractional_power(x, exponent)) if is_small else None


pow = elementwise(
    "pow",
    doc="xʸ, with the special values of C99.",
    operands=("x", "y"),
    accepts=INEXACT,
    reference=widened(np.power),
    scalar=scalar.pow,
    jvp=(_pow_base, _pow_exponent),
    samples=(uniform(0.5, 3), uniform(-2, 2)),
    family="power",
    specialized=_pow_of_known_exponent,
)


def _int_pow_reference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Repeated squaring modulo 2ⁿ; a negative exponent inverts: 1 for 1, ±1 for −1, else 0."""
    result, base, rest = np.ones_like(x), x.copy(), np.where(y < 0, 0, y).astype(y.dtype)
    for _ in range(8 * x.dtype.itemsize):
        result = np.where(rest & 1, result * base, result)
        base, rest = base * base, rest >> 1
    inverse = np.where(x == 1, 1, np.where(x == (-1 if x.dtype.kind == "i" else 1), np.where(y & 1, x, 1), 0))
    return np.where(y < 0, inverse, result).astype(x.dtype)


int_pow = elementwise(
    "int_pow",
    doc="xʸ for integers modulo 2ⁿ; a negative exponent gives 1/x^|y| cut towards zero, and 0 for x = 0.",
    operands=("x", "y"),
    accepts=INTEGER,
    reference=_int_pow_reference,
    scalar=scalar.pow,
    jvp=NotDifferentiable("integers have no tangents"),
    samples=(uniform(-4, 5), uniform(0, 5)),
    family="power",
)


def _integer_pow_infer(x: TensorType, exponent: int) -> TensorType:
    require_dtype("x", x, NUMERIC)
    return x


def _integer_pow_reference(x: np.ndarray, exponent: int) -> np.ndarray:
    if x.dtype in INTEGER:
        return _int_pow_reference(x, np.full_like(x, exponent))
    power = np.power(x.astype(np.float32) if x.dtype in _HALF else x, exponent)
    return np.asarray(power).astype(x.dtype, copy=False)


def _integer_pow_jvp(b: Any, tangents: Any, primals: Any, result: Any, exponent: int) -> Any:
    (dx,), (x,) = tangents, primals
    if dx is None or exponent == 0:
        return None
    return b.mul(dx, b.mul(b.integer_pow(x, exponent=exponent - 1), exponent))


integer_pow = register(
    OpDef(
        name="integer_pow",
        doc="x to a constant integer power, by repeated squaring.",
        operands=("x",),
        attributes={"exponent": INT},
        infer=_integer_pow_infer,
        reference=quiet(_integer_pow_reference),
        jvp=_integer_pow_jvp,
        transpose=None,
        batch=lambda b, operands, batched, size, **attributes: b.integer_pow(*operands, **attributes),
        lower=lambda lw, operands, types, result, exponent: lw.elementwise(
            lambda x: scalar.integer_pow(x, exponent), operands, types, result
        ),
        samples=lambda rng: [
            Sample((uniform(0.5, 2)(rng, dtype, (2, 3)),), {"exponent": n})
            for dtype in sorted(NUMERIC, key=str)
            for n in (3, 0, -2)
            if dtype not in INTEGER or n >= 0
        ],
        family="power",
    )
)

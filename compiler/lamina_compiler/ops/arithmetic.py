"""Arithmetic, rounding, and comparisons of magnitude: elementwise ops whose scalar definition is a few instructions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from .. import scalar
from ..opdef import NotDifferentiable, Rule
from ..types import (
    BOOL_DTYPE,
    BY_SHORT_NAME,
    COMPLEX,
    COMPLEX_OF,
    FLOAT,
    INEXACT,
    NUMERIC,
    ORDERED,
    REAL,
    REAL_OF,
    UNSIGNED,
)
from .elementwise import elementwise, linear_in, uniform

arithmetic = partial(elementwise, family="arithmetic")

_PIECEWISE_CONSTANT = NotDifferentiable("piecewise constant: its derivative is zero wherever it exists")


def _keep_dtype(function):  # type: ignore[no-untyped-def]
    """NumPy promotes some results (bf16 and f16 stay); keep the operand's dtype."""

    def reference(x: np.ndarray, *rest: np.ndarray) -> np.ndarray:
        return np.asarray(function(x, *rest)).astype(x.dtype, copy=False)

    return reference


add = arithmetic(
    "add",
    doc="Sum x + y; integers wrap.",
    operands=("x", "y"),
    accepts=NUMERIC,
    reference=np.add,
    scalar=scalar.add,
    jvp=(lambda b, dx, x, y, z: dx, lambda b, dy, x, y, z: dy),
    transpose=linear_in(lambda b, ct, x, y: ct, lambda b, ct, x, y: ct),
    commutative=True,
)
sub = arithmetic(
    "sub",
    doc="Difference x − y; integers wrap.",
    operands=("x", "y"),
    accepts=NUMERIC,
    reference=np.subtract,
    scalar=scalar.subtract,
    jvp=(lambda b, dx, x, y, z: dx, lambda b, dy, x, y, z: b.neg(dy)),
    transpose=linear_in(lambda b, ct, x, y: ct, lambda b, ct, x, y: b.neg(ct)),
)
mul = arithmetic(
    "mul",
    doc="Product x · y; integers wrap.",
    operands=("x", "y"),
    accepts=NUMERIC,
    reference=np.multiply,
    scalar=scalar.multiply,
    jvp=(lambda b, dx, x, y, z: b.mul(dx, y), lambda b, dy, x, y, z: b.mul(x, dy)),
    transpose=linear_in(lambda b, ct, x, y: b.mul(ct, y), lambda b, ct, x, y: b.mul(x, ct)),
    commutative=True,
    product=True,
)
fma = arithmetic(
    "fma",
    doc="x · y + z, rounded once.",
    operands=("x", "y", "z"),
    accepts=frozenset({BY_SHORT_NAME["f32"], BY_SHORT_NAME["f64"]}),
    reference=lambda x, y, z: scalar.evaluate(scalar.fma, x, y, z),
    scalar=scalar.fma,
    jvp=(
        lambda b, dx, x, y, z, w: b.mul(dx, y),
        lambda b, dy, x, y, z, w: b.mul(x, dy),
        lambda b, dz, x, y, z, w: dz,
    ),
)


def _div_reference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """XLA's integer division: towards zero; x/0 is −1 (all ones unsigned), MIN/−1 is MIN."""
    if x.dtype.kind not in "iu":
        return np.divide(x, y)
    safe = np.where((y == 0) | ((y == -1) if x.dtype.kind == "i" else False), 1, y).astype(x.dtype)
    quotient = np.floor_divide(x - np.fmod(x, safe), safe)
    if x.dtype.kind == "i":
        quotient = np.where(y == -1, np.negative(x), quotient)
    return np.where(y == 0, np.asarray(-1).astype(x.dtype), quotient).astype(x.dtype)


def _rem_reference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """C's remainder, sign of x; integer x rem 0 is x."""
    if x.dtype.kind not in "iu":
        return np.fmod(x, y)
    special = (y == 0) | ((y == -1) if x.dtype.kind == "i" else False)
    remainder = np.fmod(x, np.where(special, 1, y).astype(x.dtype))
    return np.where(y == 0, x, np.where(special, 0, remainder)).astype(x.dtype)


div = arithmetic(
    "div",
    doc="Quotient x / y; of integers towards zero, with x/0 = −1 (all ones if unsigned) and MIN/−1 = MIN.",
    operands=("x", "y"),
    accepts=NUMERIC,
    reference=_div_reference,
    scalar=scalar.divide,
    jvp=(
        lambda b, dx, x, y, z: b.div(dx, y),
        lambda b, dy, x, y, z: b.mul(b.neg(dy), b.div(z, y)),
    ),
    transpose=linear_in(lambda b, ct, x, y: b.div(ct, y), None),
    product=True,
    samples=(uniform(-3, 3), uniform(1, 4)),
)
rem = arithmetic(
    "rem",
    doc="Remainder of the division towards zero: the sign of x; exact. Integer x rem 0 is x.",
    operands=("x", "y"),
    accepts=REAL,
    reference=_rem_reference,
    scalar=scalar.remainder,
    jvp=(
        lambda b, dx, x, y, z: dx,
        lambda b, dy, x, y, z: b.mul(b.neg(dy), b.trunc(b.div(x, y))),
    ),
    samples=(uniform(-9, 9), uniform(2, 5)),
)
neg = arithmetic(
    "neg",
    doc="Negation −x; of integers modulo 2ⁿ.",
    accepts=NUMERIC,
    reference=np.negative,
    scalar=scalar.negate,
    jvp=lambda b, dx, x, y: b.neg(dx),
    transpose=linear_in(lambda b, ct, x: b.neg(ct)),
)


def _abs_jvp(b, dx, x, y):  # type: ignore[no-untyped-def]
    if b.type(x).dtype not in COMPLEX:
        return b.select(b.ge(x, b.full_like(x, 0)), dx, b.neg(dx))  # 1 at zero, as JAX
    # d|x| = Re(dx · conj(x) / |x|), zero at x = 0
    unit = b.conj(b.sign(x))
    return b.real(b.mul(dx, unit))


abs = arithmetic(
    "abs",
    doc="Absolute value; of a complex number its modulus, a real.",
    accepts=NUMERIC - UNSIGNED,
    result=REAL_OF,
    reference=np.abs,
    scalar=scalar.abs,
    jvp=_abs_jvp,
)


def _sign_jvp(b, dx, x, y):  # type: ignore[no-untyped-def]
    if b.type(x).dtype not in COMPLEX:
        return None
    # s = x/|x|: ds = i · s · Im(conj(s) dx) / |x|
    rate = b.div(b.imag(b.mul(b.conj(y), dx)), b.abs(x))
    return b.mul(y, b.complex(b.full_like(rate, 0), rate))


sign = arithmetic(
    "sign",
    doc="Sign: −1, ±0 or 1, nan for nan; of a complex number x/|x|.",
    accepts=NUMERIC,
    reference=lambda x: np.sign(x) if x.dtype.kind not in "fV" else np.where(x == 0, x, np.sign(x)).astype(x.dtype),
    scalar=scalar.sign,
    jvp=_sign_jvp,
)


def _round_away(x: np.ndarray) -> np.ndarray:
    truncated = np.trunc(x)
    return truncated + np.copysign((np.abs(x - truncated) >= 0.5).astype(x.dtype), x)


for _name, _doc, _reference, _scalar in [
    ("floor", "Largest integer not above x.", np.floor, scalar.floor),
    ("ceil", "Smallest integer not below x.", np.ceil, scalar.ceil),
    ("trunc", "Integer part of x, towards zero.", np.trunc, scalar.trunc),
    ("round_nearest_even", "Nearest integer, ties to even.", np.rint, scalar.round_nearest_even),
    ("round_nearest_afz", "Nearest integer, ties away from zero.", _round_away, scalar.round_nearest_afz),
]:
    arithmetic(
        _name,
        doc=_doc,
        accepts=FLOAT,
        reference=_keep_dtype(_reference),
        scalar=_scalar,
        jvp=_PIECEWISE_CONSTANT,
    )


def _half_at_ties(b, tangent, chosen, other, result):  # type: ignore[no-untyped-def]
    """Derivative of max and min: 1 where the operand was chosen, ½ where both are equal."""
    dtype = b.type(result).dtype
    is_chosen = b.convert(b.eq(chosen, result), dtype=dtype)
    is_tie = b.convert(b.eq(chosen, other), dtype=dtype)
    return b.mul(tangent, b.mul(is_chosen, b.sub(b.full_like(is_tie, 1), b.mul(is_tie, 0.5))))


def extreme_of(real: Rule, better: Rule) -> Rule:
    """Larger or smaller of two; complex numbers are ordered by their real parts, then by their imaginary parts."""

    def extreme(x: Any, y: Any) -> Any:
        if not isinstance(x, scalar.ComplexValue):
            return real(x, y)
        tie = scalar.bitwise_and(scalar.equal(x.real, y.real), scalar.bitwise_not(better(y.imag, x.imag)))
        wins = scalar.bitwise_or(better(x.real, y.real), tie)
        x_is_nan, y_is_number = scalar.not_equal(x, x), scalar.equal(y, y)
        return scalar.select(scalar.bitwise_or(x_is_nan, scalar.bitwise_and(wins, y_is_number)), x, y)

    return extreme


maximum = extreme_of(scalar.maximum, scalar.greater)
minimum = extreme_of(scalar.minimum, scalar.less)

for _name, _doc, _reference, _scalar in [
    (
        "max",
        "Larger of x and y, complex by real, then imaginary part; nan if either is.",
        np.maximum,
        maximum,
    ),
    (
        "min",
        "Smaller of x and y, complex by real, then imaginary part; nan if either is.",
        np.minimum,
        minimum,
    ),
]:
    arithmetic(
        _name,
        doc=_doc,
        operands=("x", "y"),
        accepts=ORDERED | COMPLEX,
        reference=_reference,
        scalar=_scalar,
        jvp=(
            lambda b, dx, x, y, z: _half_at_ties(b, dx, x, y, z),
            lambda b, dy, x, y, z: _half_at_ties(b, dy, y, x, z),
        ),
    )

clamp = arithmetic(
    "clamp",
    doc="x limited to [low, high]; nan if any is.",
    operands=("low", "x", "high"),
    accepts=ORDERED,
    reference=lambda low, x, high: np.minimum(np.maximum(x, low), high),
    scalar=scalar.clamp,
    jvp=(
        lambda b, dl, low, x, high, z: b.select(b.and_(b.gt(low, x), b.lt(low, high)), dl, b.full_like(dl, 0)),
        lambda b, dx, low, x, high, z: b.select(b.and_(b.gt(x, low), b.lt(x, high)), dx, b.full_like(dx, 0)),
        lambda b, dh, low, x, high, z: b.select(b.gt(b.max(x, low), high), dh, b.full_like(dh, 0)),
    ),
    samples=(uniform(-3, 0), uniform(-4, 4), uniform(0.5, 3)),
)
square = arithmetic(
    "square",
    doc="x · x.",
    accepts=NUMERIC,
    reference=np.square,
    scalar=scalar.square,
    jvp=lambda b, dx, x, y: b.mul(dx, b.mul(x, 2)),
)
nextafter = arithmetic(
    "nextafter",
    doc="The next representable number after x towards y.",
    operands=("x", "y"),
    accepts=FLOAT,
    reference=_keep_dtype(np.nextafter),
    scalar=scalar.nextafter,
    jvp=NotDifferentiable("a step of one ulp has no useful derivative"),
)

is_finite = arithmetic(
    "is_finite",
    doc="True where x is neither infinite nor nan (both parts of a complex number).",
    accepts=INEXACT,
    result=BOOL_DTYPE,
    reference=np.isfinite,
    scalar=scalar.is_finite,
    jvp=_PIECEWISE_CONSTANT,
)

# ---- complex numbers and their parts --------------------------------------------------------------------------------

real = arithmetic(
    "real",
    doc="Real part.",
    accepts=COMPLEX,
    result=REAL_OF,
    reference=lambda x: np.real(x).copy(),
    scalar=scalar.real,
    jvp=lambda b, dx, x, y: b.real(dx),
    transpose=linear_in(lambda b, ct, x: b.complex(ct, b.full_like(ct, 0))),
)
imag = arithmetic(
    "imag",
    doc="Imaginary part.",
    accepts=COMPLEX,
    result=REAL_OF,
    reference=lambda x: np.imag(x).copy(),
    scalar=scalar.imag,
    jvp=lambda b, dx, x, y: b.imag(dx),
    # the convention of JAX: the transpose of x + iy → y is ct → −i·ct (cotangents are not conjugated)
    transpose=linear_in(lambda b, ct, x: b.complex(b.full_like(ct, 0), b.neg(ct))),
)


def _complex_reference(re: np.ndarray, im: np.ndarray) -> np.ndarray:
    out = np.empty(np.shape(re), COMPLEX_OF[re.dtype])
    out.real, out.imag = re, im
    return out


complex = arithmetic(
    "complex",
    doc="The complex number re + i·im.",
    operands=("re", "im"),
    accepts=frozenset(COMPLEX_OF),
    result=COMPLEX_OF,
    reference=_complex_reference,
    scalar=scalar.make_complex,
    jvp=(
        lambda b, dre, re, im, z: b.complex(dre, b.full_like(dre, 0)),
        lambda b, dim, re, im, z: b.complex(b.full_like(dim, 0), dim),
    ),
    transpose=linear_in(lambda b, ct, re, im: b.real(ct), lambda b, ct, re, im: b.neg(b.imag(ct))),
)
conj = arithmetic(
    "conj",
    doc="Complex conjugate.",
    accepts=COMPLEX,
    reference=np.conj,
    scalar=scalar.conj,
    jvp=lambda b, dx, x, y: b.conj(dx),
    transpose=linear_in(lambda b, ct, x: b.conj(ct)),
)

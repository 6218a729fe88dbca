# ruff: noqa: F401
"""Scalar definitions of all elementwise arithmetic, written once, run two ways.

Every function takes and returns `Value`s (`ComplexValue`s for complex types) and works for every dtype it makes sense
for: f16 and bf16 are computed in f32 and rounded once, f32 natively or inside f64, f64 natively, complex numbers as
pairs.  The emitter behind the values decides what happens: `NumpyEmitter` computes, `MlirEmitter` writes MLIR.

Elementary functions are within 4 ulp over their whole range, with exact special values (see each module).
`python -m lamina_tools.accuracy` measures them.

>>> evaluate(sin, np.float32([0.5, 1e30]))
array([ 0.47942555, -0.79116344], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import complex_functions as _complex_functions  # registers the complex extensions
from . import integer as _integer
from .arithmetic import absolute as abs
from .arithmetic import (
    add,
    clamp,
    divide,
    equal,
    flushing_maximum,
    flushing_minimum,
    greater,
    greater_equal,
    is_nan,
    less,
    less_equal,
    maximum,
    minimum,
    multiply,
    negate,
    not_equal,
    ordered_bits,
    select,
    sign,
    square,
    subtract,
    totally_ordered_bits,
)
from .bessel import bessel_i0e, bessel_i1e
from .complex_arithmetic import conj, hypot, imag, make_complex, real
from .convert import bitcast, convert, reduce_precision
from .error_function import erf, erf_inv, erfc, erfcx
from .exponential import exp, exp2, expm1, logistic
from .gamma import digamma, gamma, lgamma
from .half_powers import TWICE as HALF_POWERS
from .half_powers import half_power
from .hyperbolic import acosh, asinh, atanh, cosh, sinh, tanh
from .hypergeometric import hyp1f1, hyp1f1_by_a, hyp1f1_by_b, hyp2f1, hyp2f1_by_a, hyp2f1_by_c
from .incomplete_beta import betainc, betaln
from .incomplete_gamma import igamma, igamma_grad_a, igammac, random_gamma_grad
from .integer import (
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    count_leading_zeros,
    count_trailing_zeros,
    multiply_high,
    population_count,
    shift_left,
    shift_right_arithmetic,
    shift_right_logical,
)
from .integer import divide as integer_divide
from .integrals import cosine_integral, dawson, exp1, expi, expn, fresnel_c, fresnel_s, sine_integral, spence
from .legendre import legendre_harmonic
from .logarithm import log, log1p, log2, log10
from .mlir_emitter import MlirEmitter
from .normal import log_ndtr, ndtr, ndtri, owens_t
from .numpy_emitter import NumpyEmitter
from .power import FRACTION, cbrt, fractional_power, integer_pow, pow, rsqrt, sqrt
from .rounding import (
    ceil,
    copysign,
    floor,
    is_finite,
    nextafter,
    remainder,
    round_nearest_afz,
    round_nearest_even,
    trunc,
)
from .trigonometric import acos, asin, atan, atan2, cos, sin, tan
from .value import ComplexValue, Emitter, Value, fma, loop, type_of
from .zeta import polygamma, zeta

angle = _complex_functions.angle
integer_power = _integer.power


def emit(
    function: Callable[..., Any],
    operands: Sequence[Any],
    types: Sequence[str],
    *,
    has_f64: bool = True,
    has_fma: bool = True,
) -> Any:
    """The result of `function` on MLIR values of the named types ("f32", "u8", "c64" ...), emitted at the current
    insertion point; a tuple if the function returns one."""
    emitter = MlirEmitter(has_f64, has_fma)
    result = function(*(emitter.argument(v, t) for v, t in zip(operands, types, strict=True)))
    return tuple(map(emitter.payload, result)) if isinstance(result, tuple) else emitter.payload(result)


def evaluate(function: Callable[..., Any], *arrays: Any, has_f64: bool = True, has_fma: bool = True) -> Any:
    """The same with NumPy arrays."""
    emitter = NumpyEmitter(has_f64, has_fma)
    result = function(*(emitter.argument(a, type_of(a.dtype)) for a in arrays))
    return tuple(map(emitter.payload, result)) if isinstance(result, tuple) else emitter.payload(result)

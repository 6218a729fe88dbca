"""The functions of `lamina.lax` that are made from op records. Written by `python -m lamina_tools.stubs`."""

from collections.abc import Sequence
from typing import Any

from lamina.array import Array

def abs(x: Any) -> Array:
    """Absolute value; of a complex number its modulus, a real."""

def acos(x: Any) -> Array:
    """Arc cosine, in [0, π]."""

def acosh(x: Any) -> Array:
    """Inverse hyperbolic cosine."""

def add(x: Any, y: Any) -> Array:
    """Sum x + y; integers wrap."""

def asin(x: Any) -> Array:
    """Arc sine, in [−π/2, π/2]."""

def asinh(x: Any) -> Array:
    """Inverse hyperbolic sine."""

def atan(x: Any) -> Array:
    """Arc tangent, in [−π/2, π/2]."""

def atan2(x: Any, y: Any) -> Array:
    """Angle of the point (x, y), in (−π, π]."""

def atanh(x: Any) -> Array:
    """Inverse hyperbolic tangent."""

def bessel_i0e(x: Any) -> Array:
    """Modified Bessel function of order 0, scaled: e^−|x| I₀(x)."""

def bessel_i1e(x: Any) -> Array:
    """Modified Bessel function of order 1, scaled: e^−|x| I₁(x)."""

def betainc(a: Any, b: Any, x: Any) -> Array:
    """Regularized incomplete beta function I_x(a, b)."""

def bitwise_and(x: Any, y: Any) -> Array:
    """Bitwise and; logical for booleans."""

def bitwise_not(x: Any) -> Array:
    """Bitwise complement; logical for booleans."""

def bitwise_or(x: Any, y: Any) -> Array:
    """Bitwise or; logical for booleans."""

def bitwise_xor(x: Any, y: Any) -> Array:
    """Bitwise exclusive or; logical for booleans."""

def cbrt(x: Any, *, accuracy: Any = None) -> Array:
    """Cube root, odd."""

def ceil(x: Any) -> Array:
    """Smallest integer not below x."""

def clamp(min: Any, x: Any, max: Any) -> Array:
    """x limited to [low, high]; nan if any is."""

def clz(x: Any) -> Array:
    """Number of leading zero bits."""

def complex(x: Any, y: Any) -> Array:
    """The complex number re + i·im."""

def cos(x: Any, *, accuracy: Any = None) -> Array:
    """Cosine of x, in radians."""

def cosh(x: Any) -> Array:
    """Hyperbolic cosine."""

def digamma(x: Any) -> Array:
    """Derivative of ln Γ(x)."""

def div(x: Any, y: Any) -> Array:
    """Quotient x / y; of integers towards zero, with x/0 = −1 (all ones if unsigned) and MIN/−1 = MIN."""

def eq(x: Any, y: Any) -> Array:
    """x = y; nan equals nothing."""

def erf(x: Any) -> Array:
    """Error function."""

def erf_inv(x: Any) -> Array:
    """Inverse of the error function."""

def erfc(x: Any) -> Array:
    """1 − erf(x), accurate for large x."""

def exp(x: Any, *, accuracy: Any = None) -> Array:
    """eˣ."""

def exp2(x: Any, *, accuracy: Any = None) -> Array:
    """2ˣ."""

def expm1(x: Any, *, accuracy: Any = None) -> Array:
    """eˣ − 1, accurate near 0."""

def floor(x: Any) -> Array:
    """Largest integer not above x."""

def ge(x: Any, y: Any) -> Array:
    """x ≥ y; false with nan."""

def gt(x: Any, y: Any) -> Array:
    """x > y; false with nan."""

def igamma(a: Any, x: Any) -> Array:
    """Regularized lower incomplete gamma function P(a, x)."""

def igamma_grad_a(a: Any, x: Any) -> Array:
    """∂P(a, x)/∂a of the regularized lower incomplete gamma function."""

def igammac(a: Any, x: Any) -> Array:
    """Regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x)."""

def imag(x: Any) -> Array:
    """Imaginary part."""

def is_finite(x: Any) -> Array:
    """True where x is neither infinite nor nan (both parts of a complex number)."""

def le(x: Any, y: Any) -> Array:
    """x ≤ y; false with nan."""

def lgamma(x: Any) -> Array:
    """ln |Γ(x)|."""

def log(x: Any, *, accuracy: Any = None) -> Array:
    """Natural logarithm."""

def log10(x: Any) -> Array:
    """Logarithm to base 10."""

def log1p(x: Any, *, accuracy: Any = None) -> Array:
    """ln(1 + x), accurate near 0."""

def log2(x: Any) -> Array:
    """Logarithm to base 2."""

def logistic(x: Any, *, accuracy: Any = None) -> Array:
    """1 / (1 + e⁻ˣ)."""

def lt(x: Any, y: Any) -> Array:
    """x < y; false with nan."""

def max(x: Any, y: Any) -> Array:
    """Larger of x and y, complex by real, then imaginary part; nan if either is."""

def min(x: Any, y: Any) -> Array:
    """Smaller of x and y, complex by real, then imaginary part; nan if either is."""

def ne(x: Any, y: Any) -> Array:
    """x ≠ y; nan differs from everything."""

def neg(x: Any) -> Array:
    """Negation −x; of integers modulo 2ⁿ."""

def nextafter(x1: Any, x2: Any) -> Array:
    """The next representable number after x towards y."""

def polygamma(m: Any, x: Any) -> Array:
    """Derivative of order m of digamma(x), for whole m ≥ 0."""

def population_count(x: Any) -> Array:
    """Number of bits that are set."""

def random_gamma_grad(a: Any, x: Any) -> Array:
    """Derivative of a gamma variate x by its shape a, −(∂P/∂a) / (∂P/∂x)."""

def real(x: Any) -> Array:
    """Real part."""

def reduce_and(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Bitwise and over the axes; whether all hold, for booleans."""

def reduce_max(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Largest element over the axes, complex by real, then imaginary part; nan if any is. The smallest of the dtype
    where there is none."""

def reduce_min(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Smallest element over the axes, complex by real, then imaginary part; nan if any is. The largest of the dtype
    where there is none."""

def reduce_or(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Bitwise or over the axes; whether any holds, for booleans."""

def reduce_prod(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Product over the axes."""

def reduce_sum(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Sum over the axes; long float sums are added up in blocks, f16 and bf16 in f32."""

def reduce_xor(operand: Any, axes: Sequence[int], *, out_sharding: Any = None) -> Array:
    """Bitwise exclusive or over the axes; parity, for booleans."""

def rem(x: Any, y: Any) -> Array:
    """Remainder of the division towards zero: the sign of x; exact. Integer x rem 0 is x."""

def rsqrt(x: Any, *, accuracy: Any = None) -> Array:
    """1 / √x."""

def select(pred: Any, on_true: Any, on_false: Any) -> Array:
    """on_true where the predicate holds, else on_false."""

def shift_left(x: Any, y: Any) -> Array:
    """x · 2ᵃ modulo 2ⁿ; 0 if a is outside [0, n)."""

def shift_right_arithmetic(x: Any, y: Any) -> Array:
    """Bits of x moved a places to the right, copies of the highest moved in (of unsigned x too, as in XLA); all are
    copies if a is outside [0, n)."""

def shift_right_logical(x: Any, y: Any) -> Array:
    """Bits of x moved a places to the right, zeros moved in; 0 if a is outside [0, n)."""

def sign(x: Any) -> Array:
    """Sign: −1, ±0 or 1, nan for nan; of a complex number x/|x|."""

def sin(x: Any, *, accuracy: Any = None) -> Array:
    """Sine of x, in radians."""

def sinh(x: Any) -> Array:
    """Hyperbolic sine."""

def sqrt(x: Any, *, accuracy: Any = None) -> Array:
    """Square root."""

def square(x: Any) -> Array:
    """x · x."""

def sub(x: Any, y: Any) -> Array:
    """Difference x − y; integers wrap."""

def tan(x: Any, *, accuracy: Any = None) -> Array:
    """Tangent of x, in radians."""

def tanh(x: Any, *, accuracy: Any = None) -> Array:
    """Hyperbolic tangent."""

def trunc(x: Any) -> Array:
    """Integer part of x, towards zero."""

def zeta(x: Any, q: Any) -> Array:
    """Hurwitz zeta function Σ (q + k)⁻ˣ over k ≥ 0, for x > 1; for q < 0 at integers x only."""

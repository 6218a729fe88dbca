"""Powers with a constant exponent that is a multiple of a half: a root, products and quotients in place of a logarithm.

Results that are subnormal are computed of a scaled x and rounded as integers, since IREE's threads flush those that
arithmetic makes. So special values and subnormals are those of `float_pow`; the error is at most 2.7 ulp.
"""

from __future__ import annotations

from .dispatch import in_single
from .formats import INF, NAN, format_of, is_negative, is_zero, lifted
from .power import by_squaring
from .value import Value, select

TWICE = frozenset((-6, -5, -4, -3, -1, 1, 3, 4, 5, 6))  # the exponents; 1 / x has subnormals at both ends
_SHIFT = 64  # at least: the smallest subnormal times 2**64 is a normal number


def half_power(x: Value, twice: int) -> Value:
    """x**(twice / 2), for `twice` in TWICE."""
    return in_single(lambda a: _half_power(a, twice), x)


def _half_power(x: Value, twice: int) -> Value:
    """Only an integer power of a negative number is one, and has a sign."""
    if twice % 2 == 0:
        return _power(x, twice)
    a = x.abs()
    result = _root(a, twice) if abs(twice) == 1 else _power(a, twice)
    return select(is_negative(x) & ~is_zero(a) & ~a.eq(INF), NAN, result)


def _root(a: Value, twice: int) -> Value:
    """√a or 1 / √a, of subnormal numbers too."""
    f = format_of(a)
    subnormal = a < f.tiny
    root = select(subnormal, lifted(a), a).sqrt()
    unlift = 2.0 ** ((f.bias - 1) // 2 * -twice)
    return (root if twice > 0 else 1.0 / root) * select(subnormal, a.lift(unlift), 1.0)


def _power(x: Value, twice: int) -> Value:
    """Exponents from 1.5 on: subnormal x give 0 or inf."""
    f, n, grows = format_of(x), abs(twice), twice > 0
    steps, a = -(-_SHIFT // n), x.abs()
    bound = 2.0 ** (-(f.bias - 1) * 2 // n)  # results are subnormal below it, or above its inverse
    deep = a < 2.0 * bound if grows else a > 0.5 / bound
    result = _normal_power(x * select(deep, x.lift(2.0 ** (2 * steps if grows else -2 * steps)), 1.0), n, grows)
    normal = result * 2.0 ** -(steps * n)
    units = result.abs() * 2.0 ** (f.bias - 1 + f.mantissa - steps * n) + 2.0**f.mantissa
    subnormal = (units.bits() - f.bits(2.0**f.mantissa)).bitcast(x.type).copysign(result)
    return select(deep, select(normal.abs() < f.tiny, subnormal, normal), result)


def _normal_power(x: Value, n: int, grows: bool) -> Value:
    """x**(±n / 2); what is left out of a quotient is only so large or small where the result is inf or 0."""
    root, rest = (x.sqrt(), n // 2) if n % 2 else (x, n // 2 - 1)
    return root * by_squaring(x, rest) if grows else (1.0 / root) / by_squaring(x, rest)

"""Confluent and Gauss hypergeometric functions by their power series, and their derivatives by the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .dispatch import elementary
from .exponential import exp
from .formats import INF, NAN, format_of
from .gamma import gamma
from .logarithm import log1p
from .power import float_pow
from .value import Value, loop, select

_MOST_TERMS = 100_000.0


class _Series(NamedTuple):
    """F and its derivatives with respect to the upper and lower parameters."""

    value: Value
    by_upper: list[Value]
    by_lower: list[Value]


def _series(upper: Sequence[Value], lower: Sequence[Value], x: Value, *, slopes: bool) -> _Series:
    """Σ (a)_k … / ((c)_k …) x**k / k! (DLMF 16.2.1), which must converge or come to its end."""
    f = format_of(x)
    small = 2.0**-30 if f.spare else 2.0 ** -(f.mantissa + 2)
    parameters = [*upper, *lower] if slopes else []
    zero, one = x.lift(0.0), x.lift(1.0)

    def goes_on(k: Value, term: Value, total: Value, *rest: Value) -> Value:
        pairs = [(term, total), *zip(rest[::2], rest[1::2], strict=True)]
        growing = pairs[0][0].abs() > pairs[0][1].abs() * small
        for change, sum_ in pairs[1:]:
            growing = growing | (change.abs() > sum_.abs() * small)
        return growing & (k < _MOST_TERMS)

    def add(k: Value, term: Value, total: Value, *rest: Value) -> tuple[Value, ...]:
        ratio = x / (k + 1.0)
        for p in upper:
            ratio = ratio * (p + k)
        for q in lower:
            ratio = ratio / (q + k)
        state = []
        for i, (change, sum_) in enumerate(zip(rest[::2], rest[1::2], strict=True)):
            p = parameters[i] + k
            if i < len(upper):  # d ratio = ratio / (p + k), written without the factor that may be zero
                slope = x / (k + 1.0)
                for other in (*upper[:i], *upper[i + 1 :]):
                    slope = slope * (other + k)
                for q in lower:
                    slope = slope / (q + k)
            else:
                slope = -ratio / p
            change = change * ratio + term * slope
            state += [change, sum_ + change]
        term = term * ratio
        return k + 1.0, term, total + term, *state

    result = loop(goes_on, add, zero, one, one, *[zero] * (2 * len(parameters)))
    sums = result[4::2]
    return _Series(result[2], list(sums[: len(upper)]), list(sums[len(upper) :]))


# ---- the confluent function -----------------------------------------------------------------------------------------


def _confluent(a: Value, b: Value, x: Value, *, slopes: bool) -> tuple[Value, Value, _Series]:
    """Whether x < 0, where M(a, b, x) = e**x M(b - a, b, -x) (DLMF 13.2.39) has no cancellation; the factor; the
    series."""
    left = x < 0.0
    series = _series([select(left, b - a, a)], [b], x.abs(), slopes=slopes)
    return left, select(left, exp.function(select(left, x, 0.0)), 1.0), series


@elementary()
def hyp1f1(a: Value, b: Value, x: Value) -> Value:
    """Kummer's function M(a, b, x) = 1F1(a; b; x); 1 for a = 0, inf for b = 0."""
    _, factor, series = _confluent(a, b, x, slopes=False)
    result = select(a.eq(b), exp.function(x), select(b.eq(0.0), INF, factor * series.value))
    return select(a.eq(0.0) & ~(b.is_nan() | x.is_nan()), 1.0, result)


@elementary()
def hyp1f1_by_a(a: Value, b: Value, x: Value) -> Value:
    """∂M/∂a."""
    left, factor, series = _confluent(a, b, x, slopes=True)
    (slope,) = series.by_upper
    return factor * select(left, -slope, slope)


@elementary()
def hyp1f1_by_b(a: Value, b: Value, x: Value) -> Value:
    """∂M/∂b."""
    left, factor, series = _confluent(a, b, x, slopes=True)
    (upper,), (lower,) = series.by_upper, series.by_lower
    return factor * (lower + select(left, upper, 0.0))


# ---- Gauss's function -----------------------------------------------------------------------------------------------


class _Gauss(NamedTuple):
    """F = (1 - x)**exponent · series in a transformed variable (DLMF 15.8.1), and what was chosen."""

    left: Value
    euler: Value
    factor: Value
    series: _Series


def _is_whole(x: Value) -> Value:
    return x.floor().eq(x)


def _ends(a: Value, b: Value) -> Value:
    """Whether the series is a polynomial."""
    return ((a <= 0.0) & _is_whole(a)) | ((b <= 0.0) & _is_whole(b))


def _gauss(a: Value, b: Value, c: Value, x: Value, *, slopes: bool) -> _Gauss:
    difference = c - a - b
    left = x < 0.0
    euler = ~left & (difference <= -1.0) & (x < 1.0) & ~_ends(a, b)
    usable = (x < 1.0) | _ends(a, b)
    z = select(left, x / (x - 1.0), select(usable, x, 0.0))
    first, second = select(euler, c - a, a), select(left | euler, c - b, b)
    exponent = select(left, -a, select(euler, difference, 0.0))
    factor = float_pow.function(select(x < 1.0, 1.0 - x, 1.0), exponent)
    return _Gauss(left, euler, factor, _series([first, second], [c], z, slopes=slopes))


@elementary()
def hyp2f1(a: Value, b: Value, c: Value, x: Value) -> Value:
    """Gauss's function 2F1(a, b; c; x); inf for x > 1 unless it is a polynomial, and for c = 0, -1, …"""
    g = _gauss(a, b, c, x, slopes=False)
    result = g.factor * g.series.value
    difference = c - a - b
    at_one = gamma.function(c) * gamma.function(difference) / (gamma.function(c - a) * gamma.function(c - b))
    polynomial = _ends(a, b)
    result = select(x.eq(1.0) & ~polynomial, select(difference > 0.0, at_one, INF), result)
    result = select((x > 1.0) & ~polynomial, INF, result)
    result = select((c <= 0.0) & _is_whole(c), INF, result)
    result = select(x.eq(0.0) | ((a.eq(0.0) | b.eq(0.0)) & c.ne(0.0)), 1.0, result)
    return select(a.is_nan() | b.is_nan() | c.is_nan() | x.is_nan(), NAN, result)


@elementary()
def hyp2f1_by_a(a: Value, b: Value, c: Value, x: Value) -> Value:
    """∂F/∂a, for x < 1."""
    g = _gauss(a, b, c, x, slopes=True)
    slope = select(g.euler, -g.series.by_upper[0], g.series.by_upper[0])
    power = select(g.left | g.euler, -log1p.function(-select(x < 1.0, x, 0.0)) * g.series.value, 0.0)
    return g.factor * (slope + power)


@elementary()
def hyp2f1_by_c(a: Value, b: Value, c: Value, x: Value) -> Value:
    """∂F/∂c, for x < 1."""
    g = _gauss(a, b, c, x, slopes=True)
    first, second = g.series.by_upper
    slope = g.series.by_lower[0] + select(g.left | g.euler, second, 0.0) + select(g.euler, first, 0.0)
    power = select(g.euler, log1p.function(-select(x < 1.0, x, 0.0)) * g.series.value, 0.0)
    return g.factor * (slope + power)

"""The regularized incomplete gamma functions P and Q = 1 - P, and their derivatives with respect to a.

Three methods: the power series left of x = a (DLMF 8.11.4), the continued fraction right of it (8.9.2), and around
x = a for large a, where both take long, Temme's uniform expansion (8.12.8). All are multiples of the density
x**a e**-x / Γ(a), whose logarithm is summed in pairs so that its size does not magnify rounding errors.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from .dispatch import elementary
from .error_function import erfc_scaled
from .exponential import exp, exp_of_pair, exp_scaled, expm1
from .formats import (
    INF,
    LOG_SQRT_2PI,
    NAN,
    Pair,
    choose,
    exact,
    fast_two_sum,
    format_of,
    is_zero,
    pair_add,
    pair_divide,
    pair_multiply,
    polynomial,
)
from .gamma import digamma, lgamma_pair, stirling_series
from .logarithm import log1p, log_of_pair, log_pair, log_positive
from .value import Value, fma, loop, select

_LARGE = 20.0  # smallest a of the uniform expansion
_NEAR = 0.4  # of which it takes |x - a| <= _NEAR a
_SMALL = 0.4  # of x: below it Q of a < 1 has a series of its own
_MOST_TERMS = 10_000.0


def _tolerance(x: Value) -> float:
    """Relative size of the terms that end a series."""
    f = format_of(x)
    return 2.0**-30 if f.spare else 2.0 ** -(f.mantissa + 2)


def _deviation(a: Value, delta: Pair) -> Pair:
    """a φ(δ / a) for φ(μ) = μ - log(1 + μ) = μ² (1/2 - μ/3 + μ² v(μ)) and |δ| <= a / 10."""
    f = format_of(a)
    mu = pair_divide(delta, exact(a))
    square = mu[0] * mu[0]
    third = tuple(a.lift(part) for part in f.split(Fraction(-1, 3)))
    w = pair_add(exact(a.lift(0.5)), pair_multiply(mu, (third[0], third[1])))
    w = pair_add(w, exact(square * polynomial(mu[0], f.table("phi"))))
    return pair_multiply(pair_multiply(delta, mu), w)


class LogDensity(NamedTuple):
    """Logarithm of u**a e**-u / Γ(a): powers + rest, where for a >= 8 powers = a log(u / a) - (u - a) <= 0."""

    powers: Pair
    rest: Pair

    @property
    def total(self) -> Pair:
        return pair_add(self.powers, self.rest)


def log_density(a: Value, u: Pair) -> LogDensity:
    """For positive finite a and u."""
    big = a >= 8.0
    delta = pair_add(u, exact(-a))
    logarithm = log_of_pair(choose(big, pair_divide(u, exact(select(big, a, 1.0))), u))
    less = choose(big, delta, u)
    powers = pair_add(pair_multiply(exact(a), logarithm), (-less[0], -less[1]))
    close = big & (delta[0].abs() < a * 0.1)
    near = _deviation(select(close, a, 1.0), choose(close, delta, exact(a.lift(0.0))))
    powers = choose(close, (-near[0], -near[1]), powers)
    # the rest of 1 / Γ(a): for large a, √(a / 2π) / Γ*(a)
    b = select(big, a, 8.0)
    log_b = log_pair(b)
    root = pair_add((log_b[0] * 0.5, log_b[1] * 0.5), exact(-stirling_series(b)))
    root = pair_add(root, tuple(a.lift(-part) for part in format_of(a).split(LOG_SQRT_2PI)))  # type: ignore[arg-type]
    log_gamma = lgamma_pair(select(big, 1.0, a))
    return LogDensity(powers, choose(big, root, (-log_gamma[0], -log_gamma[1])))


class _Region(NamedTuple):
    """Where a point lies; exactly one of the first three holds for positive finite a and x."""

    series: Value
    fraction: Value
    uniform: Value


def _region(a: Value, x: Value) -> _Region:
    uniform = (a >= _LARGE) & ((x - a).abs() <= a * _NEAR)
    left = (x < a) | (x < _SMALL)
    return _Region(left & ~uniform, ~left & ~uniform, uniform)


def _power_series(a: Value, x: Value, wanted: Value) -> Value:
    """S = 1 + x / (a + 1) + x² / ((a + 1) (a + 2)) + ... with P = density / a · S."""
    small = _tolerance(x)

    def more(n: Value, term: Value, total: Value, low: Value) -> Value:
        return wanted & (term > total * small) & (n < _MOST_TERMS)

    def add(n: Value, term: Value, total: Value, low: Value) -> tuple[Value, ...]:
        n = n + 1.0
        term = term * (x / (a + n))
        total, error = fast_two_sum(total, term)
        return n, term, total, low + error

    zero, one = x.lift(0.0), x.lift(1.0)
    _, _, total, low = loop(more, add, zero, one, one, zero)
    return total + low


def _power_series_slope(a: Value, x: Value, wanted: Value) -> tuple[Value, Value]:
    """S and dS/da."""
    small = _tolerance(x)

    def more(n: Value, term: Value, slope: Value, total: Value, total_slope: Value) -> Value:
        growing = (term > total * small) | (slope.abs() > total_slope.abs() * small)
        return wanted & growing & (n < _MOST_TERMS)

    def add(n: Value, term: Value, slope: Value, total: Value, total_slope: Value) -> tuple[Value, ...]:
        n = n + 1.0
        d = a + n
        ratio = x / d
        slope = (slope - term / d) * ratio
        term = term * ratio
        return n, term, slope, total + term, total_slope + slope

    zero, one = x.lift(0.0), x.lift(1.0)
    _, _, _, total, slope = loop(more, add, zero, one, zero, one, zero)
    return total, slope


def _depth(x: Value, wanted: Value) -> Value:
    """Number of terms of the continued fraction, found by trial over the region where it is used."""
    per_inverse, least = (160.0, 26.0) if format_of(x).name == "f64" else (60.0, 16.0)
    return select(wanted, (per_inverse / select(wanted, x, 1.0)).floor() + least, 0.0)


def _steps_down(a: Value, wanted: Value) -> Value:
    """How often 1 is taken from a so that all terms of the fraction are positive; from _LARGE on they need not be."""
    return select(wanted & (a > 1.0) & (a < _LARGE), -(1.0 - a).floor(), 0.0)


def _continued_fraction(a: Value, x: Value, wanted: Value) -> Value:
    """G with Q = density · G: 1 / (x + (1 - a) / (1 + 1 / (x + (2 - a) / ...))) from its end (DLMF 8.9.2), then up
    from a - m by G(a + 1) = (1 + a G(a)) / x (8.8.2)."""
    m = _steps_down(a, wanted)
    b = a - m

    def fold(k: Value, g: Value) -> tuple[Value, ...]:
        return k - 1.0, fma(k - b, g / (g + k), x)

    def step_up(i: Value, g: Value) -> tuple[Value, ...]:
        return i + 1.0, fma(b + i, g, 1.0) / x

    _, g = loop(lambda k, g: k > 0.0, fold, _depth(x, wanted), x)
    return loop(lambda i, g: i < m, step_up, x.lift(0.0), 1.0 / g)[1]


def _continued_fraction_slope(a: Value, x: Value, wanted: Value) -> tuple[Value, Value]:
    """G and dG/da."""
    m = _steps_down(a, wanted)
    b = a - m

    def fold(k: Value, g: Value, slope: Value) -> tuple[Value, ...]:
        d = g + k
        ratio = g / d
        return k - 1.0, fma(k - b, ratio, x), (k - b) * (k / d) * (slope / d) - ratio

    def step_up(i: Value, g: Value, slope: Value) -> tuple[Value, ...]:
        return i + 1.0, fma(b + i, g, 1.0) / x, fma(b + i, slope, g) / x

    zero = x.lift(0.0)
    _, g, slope = loop(lambda k, g, slope: k > 0.0, fold, _depth(x, wanted), x, zero)
    g = 1.0 / g
    return tuple(loop(lambda i, g, slope: i < m, step_up, zero, g, -slope * g * g)[1:])  # type: ignore[return-value]


class _Expansion(NamedTuple):
    """S = Σ c_k(η) / a**k and its derivatives, where Q = erfc(η √(a/2)) / 2 + e**(-aη²/2) / √(2πa) · S."""

    s: Value
    by_eta: Value
    by_a: Value


def _expansion(a: Value, eta: Value) -> _Expansion:
    inverse = 1.0 / a
    s, by_eta, by_a = a.lift(0.0), a.lift(0.0), a.lift(0.0)
    for k, table in reversed(list(enumerate(format_of(a).tables("temme")))):
        term = polynomial(eta, table)
        slope = polynomial(eta, [j * c for j, c in enumerate(table)][1:] or [0.0])
        s, by_eta, by_a = fma(s, inverse, term), fma(by_eta, inverse, slope), fma(by_a, inverse, -float(k) * term)
    return _Expansion(s, by_eta, by_a * inverse)


def _eta(a: Value, powers: Pair, delta: Value) -> tuple[Value, Value]:
    """|η| √(a/2) and η, the signed root with aη²/2 = a (λ - 1 - log λ) for λ = x / a."""
    y = select(powers[0] < 0.0, -(powers[0] + powers[1]), 0.0).sqrt()
    return y, (y * (2.0 / a).sqrt()).copysign(delta)


def _q_of_small(a: Value, x: Value, wanted: Value) -> Value:
    """Q for a < 1 and x below _SMALL: 1 - x**a / Γ(1 + a) · (1 + a T), T = Σ (-x)**n / (n! (a + n)) over n >= 1."""
    small = _tolerance(x)

    def more(n: Value, power: Value, term: Value, total: Value) -> Value:
        return wanted & (term.abs() > total.abs() * small) & (n < _MOST_TERMS)

    def add(n: Value, power: Value, term: Value, total: Value) -> tuple[Value, ...]:
        n = n + 1.0
        power = power * (-x) / n
        term = power / (a + n)
        return n, power, term, total + term

    total = loop(more, add, x.lift(0.0), x.lift(1.0), x.lift(1.0), x.lift(0.0))[3]
    table = format_of(a).table("lgamma")
    low = a < 0.5
    y = select(low, a, a - 1.0)
    log_gamma = fma(y, polynomial(y, table), select(low, -log1p.function(a), 0.0))
    g = fma(a, log_positive(x), -log_gamma)
    return -(expm1.function(g) + exp.function(g) * (a * total))


def _p_and_q(a: Value, x: Value) -> tuple[Value, Value]:
    """P and Q of positive finite a and x."""
    region = _region(a, x)
    log = log_density(a, exact(x))
    density = exp_of_pair(log.total)
    p = density / a * _power_series(a, x, region.series)
    small = region.series & (a < 1.0)
    q = select(
        small,
        _q_of_small(select(small, a, 0.5), select(small, x, 0.5), small),
        density * _continued_fraction(a, x, region.fraction),
    )
    p = select(region.uniform, _uniform(a, x, log, region.uniform), p)
    q = select(region.uniform & (x >= a), p, q)
    is_p = (region.series & ~small) | (region.uniform & (x < a))
    return select(is_p | small, p, 1.0 - q), select(is_p, 1.0 - p, q)


def _uniform(a: Value, x: Value, log: LogDensity, wanted: Value) -> Value:
    """The smaller of P, left of a, and Q."""
    a, x = select(wanted, a, _LARGE), select(wanted, x, _LARGE)
    powers = choose(wanted, log.powers, exact(x.lift(0.0)))
    y, eta = _eta(a, powers, x - a)
    s = _expansion(a, eta).s
    return exp_of_pair(powers) * fma(
        0.5, erfc_scaled(y), (0.3989422804014327 / a.sqrt()) * s * x.lift(1.0).copysign(eta)
    )


def _regularized(a: Value, x: Value) -> tuple[Value, Value]:
    """P and Q with their values at the ends of the domain."""
    usable = (a.bits() > 0) & (a < INF) & (x.bits() > 0) & (x < INF)
    p, q = _p_and_q(select(usable, a, 1.0), select(usable, x, 1.0))
    one = x.eq(INF) | is_zero(a)
    invalid = a.is_nan() | x.is_nan() | (a < 0.0) | (x < 0.0) | (is_zero(a) & is_zero(x))

    def repaired(inside: Value, at_end: float) -> Value:
        return select(invalid, NAN, select(usable, inside, select(one, x.lift(at_end), 1.0 - at_end)))

    return repaired(p, 1.0), repaired(q, 0.0)


@elementary(subnormals=True)
def igamma(a: Value, x: Value) -> Value:
    """Regularized lower incomplete gamma function P(a, x)."""
    return _regularized(a, x)[0]


@elementary(subnormals=True)
def igammac(a: Value, x: Value) -> Value:
    """Regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x)."""
    return _regularized(a, x)[1]


def _sample_slope(a: Value, x: Value, log: LogDensity) -> Value:
    """-(∂P/∂a) / (∂P/∂x), the derivative of a gamma variate x by a at constant P."""
    region = _region(a, x)
    log_x = log_positive(x)
    total, slope = _power_series_slope(a, x, region.series)
    series = -(x / a) * fma(total, log_x - digamma.function(a + 1.0), slope)
    g, g_slope = _continued_fraction_slope(a, x, region.fraction)
    fraction = x * fma(g, log_x - digamma.function(a), g_slope)
    return select(region.uniform, _uniform_slope(a, x, log, region.uniform), select(region.series, series, fraction))


def _uniform_slope(a: Value, x: Value, log: LogDensity, wanted: Value) -> Value:
    """λ Γ*(a) (log(λ) / η + S (log λ - 1 / (2 a)) - ∂S/∂η (λ - 1) / (a η) + ∂S/∂a): the exponentials cancel."""
    a, x = select(wanted, a, _LARGE), select(wanted, x, _LARGE)
    powers = choose(wanted, log.powers, exact(x.lift(0.0)))
    _, eta = _eta(a, powers, x - a)
    e = _expansion(a, eta)
    mu = (x - a) / a
    centre = eta.abs() < format_of(a).identity_limit
    safe_eta = select(centre, 1.0, eta)
    ratio = select(centre, 1.0, mu / safe_eta)
    log_ratio = log1p.function(mu)
    inner = fma(e.s, log_ratio - 0.5 / a, e.by_a) - e.by_eta * ratio / a
    inner = select(centre, 1.0, log_ratio / safe_eta) + inner
    return x / a * exp_scaled(stirling_series(a)) * inner


def _slope_at_ends(a: Value, x: Value, function: Callable[[Value, Value, LogDensity], Value]) -> Value:
    usable = (a.bits() > 0) & (a < INF) & (x.bits() > 0) & (x < INF)
    b, u = select(usable, a, 1.0), select(usable, x, 1.0)
    result = function(b, u, log_density(b, exact(u)))
    return select(usable, result, select(is_zero(x) & (a > 0.0), 0.0, x.lift(NAN)))


@elementary(subnormals=True)
def random_gamma_grad(a: Value, x: Value) -> Value:
    """Derivative by a of a gamma variate x: -(∂P/∂a) / (∂P/∂x) (Figurnov, Mohamed & Mnih 2018)."""
    return _slope_at_ends(a, x, _sample_slope)


@elementary(subnormals=True)
def igamma_grad_a(a: Value, x: Value) -> Value:
    """∂P(a, x)/∂a."""
    return _slope_at_ends(a, x, lambda a, x, log: -_sample_slope(a, x, log) * (exp_of_pair(log.total) / x))

"""Exact values of the elementwise functions in mpmath, sample points over their ranges, and errors in ulp."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

Array = Any  # np.ndarray
Draw = Callable[[np.random.Generator, int], Sequence[Array]]


@dataclass(frozen=True)
class Reference:
    """The function in mpmath and where its interesting points lie.

    intervals: one or more, the same for every operand; points of every binade are added.
    draw: in their place, the operands as a function of generator and count.
    effort: evaluations cost about so many microseconds × 100; the slow ones get fewer points.
    flushes: results or terms below the smallest normal number may come out as zero: they are products, for which
        IREE's threads flush them. Results near it are measured against it.
    bound: largest error that is promised, in ulp; f32 computed in f64 keeps one.
    """

    function: Callable[..., Any]
    intervals: tuple[tuple[float, float], ...] = ()
    operands: int = 1
    draw: Draw | None = None
    effort: int = 1
    flushes: bool = False
    bound: float = 4.0


def _lgamma(x: Any) -> Any:
    if x <= 0 and x == mpmath.floor(x):
        return mpmath.inf
    return mpmath.re(mpmath.loggamma(x))


def _atan2(y: Any, x: Any) -> Any:
    return mpmath.atan2(y, x)


def _cbrt(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def _erf_inv(x: Any) -> Any:
    return mpmath.nan if abs(x) > 1 else mpmath.sign(x) * mpmath.inf if abs(x) == 1 else mpmath.erfinv(x)


def _real(function: Callable[..., Any]) -> Callable[..., Any]:
    """NaN where mpmath leaves the reals."""

    def result(*args: Any) -> Any:
        try:
            value = function(*args)
        except (ValueError, ZeroDivisionError):
            return mpmath.nan
        return value if isinstance(value, mpmath.mpf) else mpmath.nan

    return result


# ---- special functions ----------------------------------------------------------------------------------------------


def _hurwitz(x: Any, q: Any) -> Any:
    """Euler-Maclaurin summation; mpmath's own zeta loses digits for large q."""
    if x <= 1:
        return mpmath.inf if x == 1 else mpmath.nan
    terms, a = 60, q + 60
    total = sum((q + k) ** -x for k in range(terms)) + a ** (1 - x) / (x - 1) + a**-x / 2
    factor = x * a ** (-x - 1)
    for j in range(1, 40):
        total += mpmath.bernoulli(2 * j) / mpmath.factorial(2 * j) * factor
        factor *= (x + 2 * j - 1) * (x + 2 * j) / a**2
    return total


def _polygamma(m: Any, x: Any) -> Any:
    order = int(m)
    if order == 0 or x < 0:
        return mpmath.polygamma(order, x)
    return (-1) ** (order + 1) * mpmath.factorial(order) * _hurwitz(m + 1, x)


def _lower_gamma(a: Any, x: Any) -> Any:
    return mpmath.gammainc(a, 0, x, regularized=True)


def _upper_gamma(a: Any, x: Any) -> Any:
    return mpmath.gammainc(a, x, mpmath.inf, regularized=True)


def _lower_gamma_slope(a: Any, x: Any) -> Any:
    with mpmath.extraprec(60):
        return mpmath.diff(lambda t: _lower_gamma(t, x), a, h=mpmath.mpf(2) ** -80)


def _sample_slope(a: Any, x: Any) -> Any:
    return -_lower_gamma_slope(a, x) * mpmath.gamma(a) / (x ** (a - 1) * mpmath.exp(-x))


def _log_uniform(rng: np.random.Generator, low: float, high: float, count: int) -> Array:
    return np.exp(rng.uniform(np.log(low), np.log(high), count))


def _gamma_points(rng: np.random.Generator, count: int) -> list[Array]:
    """Small and moderate shapes, large shapes around x = a and in the tails."""
    third = count // 3
    large = _log_uniform(rng, 20, 300, count - third)
    near = large[:third] * (1 + rng.normal(0, 1, third) / np.sqrt(large[:third]))
    tails = large[third:] * np.exp(rng.uniform(-1.5, 1.5, count - 2 * third))
    return [
        np.concatenate([_log_uniform(rng, 1e-3, 20, third), large]),
        np.concatenate([_log_uniform(rng, 1e-3, 50, third), near, tails]),
    ]


def _beta_points(rng: np.random.Generator, count: int) -> list[Array]:
    """Parameters below 20, and up to 150 around the mean and left of it."""
    third = count // 3
    a, b = (
        np.concatenate([_log_uniform(rng, 0.02, 20, third), _log_uniform(rng, 1, 150, count - third)]) for _ in range(2)
    )
    mean = (a / (a + b))[third:]
    spread = np.sqrt(mean * (1 - mean) / (a + b)[third:])
    near = mean[:third] + rng.normal(0, 1, third) * spread[:third]
    tail = mean[third:] * np.exp(rng.uniform(-2, 0.3, len(mean) - third))
    return [a, b, np.clip(np.concatenate([rng.uniform(0, 1, third), near, tail]), 1e-6, 1 - 1e-6)]


def _zeta_points(rng: np.random.Generator, count: int) -> list[Array]:
    return [1 + _log_uniform(rng, 1e-3, 60, count), _log_uniform(rng, 0.01, 500, count)]


def _polygamma_points(rng: np.random.Generator, count: int) -> list[Array]:
    x = _log_uniform(rng, 0.05, 200, count)
    x[: count // 4] = -rng.uniform(0, 30, count // 4)
    return [np.where(x < 0, 1 + 2 * rng.integers(0, 2, count), rng.integers(0, 12, count)).astype(float), x]


def _scaled_bessel(order: int) -> Callable[[Any], Any]:
    return lambda x: mpmath.besseli(order, x) * mpmath.exp(-abs(x)) if abs(x) < 1e4 else mpmath.nan


def _dawson(x: Any) -> Any:
    if abs(x) > 12:
        terms = [mpmath.mpf(1)]
        for k in range(1, 60):
            terms.append(terms[-1] * (2 * k - 1) / (2 * x * x))
        return sum(terms) / (2 * x)
    with mpmath.extraprec(440):
        return mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x)


def _erfcx(x: Any) -> Any:
    if x > 1e4:
        return (1 - 1 / (2 * x * x)) / (x * mpmath.sqrt(mpmath.pi))
    return mpmath.exp(x * x) * mpmath.erfc(x) if x > -1e3 else mpmath.inf


def _ndtri(p: Any) -> Any:
    if not 0 < p < 1:
        return mpmath.nan
    if p > 0.5:
        return -_ndtri(1 - p)
    start = -mpmath.sqrt(-2 * mpmath.log(p)) if p < 0.1 else mpmath.mpf(0)
    return mpmath.findroot(lambda x: mpmath.log(mpmath.ncdf(x)) - mpmath.log(p), start)


def _log_ndtr(x: Any) -> Any:
    return (
        mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2) if abs(x) < 1e4 else (-x * x / 2 if x < 0 else mpmath.mpf(0))
    )


def _spence(x: Any) -> Any:
    return mpmath.nan if x < 0 else mpmath.re(mpmath.polylog(2, 1 - x))


def _owens_t(h: Any, a: Any) -> Any:
    def integrand(x: Any) -> Any:
        return mpmath.exp(-h * h * (1 + x * x) / 2) / (1 + x * x)

    with mpmath.workdps(25):
        return mpmath.quad(integrand, mpmath.linspace(0, a, 6)) / (2 * mpmath.pi)


def _log_beta(a: Any, b: Any) -> Any:
    return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)


def _gauss_points(rng: np.random.Generator, count: int) -> list[Array]:
    """Moderate parameters whose series does not cancel, left and right of 0."""
    a, b = rng.uniform(0.1, 2, (2, count))
    return [a, b, b + rng.uniform(0.1, 3, count), rng.uniform(-3, 0.9, count)]


def _uniform(*intervals: tuple[float, float]) -> Draw:
    """Points in each of the intervals, and nowhere else."""
    return lambda rng, n: [np.concatenate([rng.uniform(*ends, n // len(intervals)) for ends in intervals])]


REFERENCES: dict[str, Reference] = {
    "exp": Reference(mpmath.exp, ((-104, 89), (-745, 710), (-1, 1))),
    "exp2": Reference(lambda x: mpmath.mpf(2) ** x, ((-150, 128), (-1075, 1024), (-1, 1))),
    "expm1": Reference(mpmath.expm1, ((-40, 89), (-40, 710), (-1, 1))),
    "logistic": Reference(lambda x: 1 / (1 + mpmath.exp(-x)), ((-104, 20), (-745, 40), (-1, 1))),
    "log": Reference(mpmath.log, ((0.5, 2), (0, 100), (0.999, 1.001))),
    "log1p": Reference(mpmath.log1p, ((-1, 1), (0, 100), (-0.01, 0.01))),
    "log2": Reference(lambda x: mpmath.log(x, 2), ((0.5, 2), (0, 100), (0.999, 1.001))),
    "log10": Reference(mpmath.log10, ((0.5, 2), (0, 100), (0.999, 1.001))),
    "sin": Reference(mpmath.sin, ((-7, 7), (-1000, 1000))),
    "cos": Reference(mpmath.cos, ((-7, 7), (-1000, 1000))),
    "tan": Reference(mpmath.tan, ((-7, 7), (-1000, 1000))),
    "asin": Reference(mpmath.asin, ((-1, 1), (0.99, 1))),
    "acos": Reference(mpmath.acos, ((-1, 1), (0.99, 1), (-1, -0.99))),
    "atan": Reference(mpmath.atan, ((-5, 5), (-50, 50))),
    "atan2": Reference(_atan2, ((-4, 4), (-100, 100)), operands=2),
    "sinh": Reference(mpmath.sinh, ((-89.5, 89.5), (-710.5, 710.5), (-2, 2))),
    "cosh": Reference(mpmath.cosh, ((-89.5, 89.5), (-710.5, 710.5), (-2, 2))),
    "tanh": Reference(mpmath.tanh, ((-20, 20), (-1, 1))),
    "asinh": Reference(mpmath.asinh, ((-4, 4), (-100, 100))),
    "acosh": Reference(mpmath.acosh, ((1, 4), (1, 1.01), (1, 100))),
    "atanh": Reference(mpmath.atanh, ((-1, 1), (0.99, 1))),
    "sqrt": Reference(mpmath.sqrt, ((0, 4),)),
    "rsqrt": Reference(lambda x: 1 / mpmath.sqrt(x), ((0, 4),)),
    "cbrt": Reference(_cbrt, ((-10, 10),)),
    "pow": Reference(mpmath.power, ((0, 4), (-30, 30)), operands=2),
    "hypot": Reference(mpmath.hypot, ((-4, 4),), operands=2),
    "erf": Reference(lambda x: mpmath.erf(x) if abs(x) < 100 else mpmath.sign(x), ((-4, 4), (-6, 6), (-1, 1))),
    "erfc": Reference(
        lambda x: mpmath.erfc(x) if abs(x) < 100 else 1 - mpmath.sign(x), ((-4, 10.1), (-6, 27), (-1, 1))
    ),
    "erf_inv": Reference(_erf_inv, ((-1, 1), (0.99, 1))),
    "lgamma": Reference(_lgamma, ((0, 20), (0.5, 3), (8, 200), (-40, 0))),
    "digamma": Reference(mpmath.digamma, ((0, 20), (0.5, 3), (8, 200), (-40, 0))),
    "gamma": Reference(
        mpmath.gamma,
        draw=lambda rng, n: [np.where(rng.integers(0, 2, n), rng.uniform(-9, 20, n), rng.uniform(-30, 34, n))],
    ),
    "polygamma": Reference(_polygamma, operands=2, draw=_polygamma_points, effort=20),
    "zeta": Reference(_hurwitz, operands=2, draw=_zeta_points, effort=20, flushes=True),
    "igamma": Reference(_lower_gamma, operands=2, draw=_gamma_points, effort=20, flushes=True),
    "igammac": Reference(_upper_gamma, operands=2, draw=_gamma_points, effort=20, flushes=True),
    "igamma_grad_a": Reference(_lower_gamma_slope, operands=2, draw=_gamma_points, effort=40, flushes=True, bound=10),
    "random_gamma_grad": Reference(_sample_slope, operands=2, draw=_gamma_points, effort=40, bound=10),
    "betainc": Reference(
        lambda a, b, x: mpmath.betainc(a, b, 0, x, regularized=True),
        operands=3,
        draw=_beta_points,
        effort=20,
        flushes=True,
        bound=7.5,
    ),
    "erfcx": Reference(_erfcx, draw=_uniform((-5, 5), (0, 30), (20, 500)), effort=2),
    "dawson": Reference(_dawson, draw=_uniform((-2, 2), (0, 12), (10, 100)), effort=4),
    "log_ndtr": Reference(_log_ndtr, draw=_uniform((-5, 9), (-40, 0), (-150, -30)), effort=2),
    "ndtri": Reference(
        _ndtri,
        draw=lambda rng, n: [np.concatenate([rng.uniform(0, 1, n - n // 3), _log_uniform(rng, 1e-37, 1, n // 3)])],
        effort=10,
    ),
    "ndtr": Reference(mpmath.ncdf, draw=_uniform((-37, 0), (-5, 7)), flushes=True),
    "owens_t": Reference(
        _owens_t, operands=2, draw=lambda rng, n: [rng.uniform(-5, 5, n), rng.uniform(-3, 3, n)], effort=40, bound=6
    ),
    "betaln": Reference(
        _log_beta, operands=2, draw=lambda rng, n: [_log_uniform(rng, 1e-3, 1e3, n) for _ in range(2)], effort=2
    ),
    "expn": Reference(
        lambda n, x: mpmath.expint(n, x),
        operands=2,
        draw=lambda rng, n: [rng.integers(0, 30, n).astype(float), _log_uniform(rng, 1e-3, 60, n)],
        effort=10,
    ),
    "hyp1f1": Reference(
        mpmath.hyp1f1,
        operands=3,
        draw=lambda rng, n: [*np.sort(rng.uniform(0.1, 5, (2, n)), axis=0), rng.uniform(-30, 30, n)],
        effort=10,
        bound=40,
    ),
    "hyp2f1": Reference(mpmath.hyp2f1, operands=4, draw=_gauss_points, effort=10, bound=20),
    "exp1": Reference(mpmath.e1, draw=_uniform((0, 2), (0, 80)), effort=4),
    "expi": Reference(mpmath.ei, draw=_uniform((-10, 0), (0, 8), (0, 80)), effort=4),
    "sine_integral": Reference(mpmath.si, draw=_uniform((-5, 5), (0, 100)), effort=4),
    "cosine_integral": Reference(mpmath.ci, draw=_uniform((0, 5), (0, 100)), effort=4),
    "fresnel_s": Reference(mpmath.fresnels, draw=_uniform((-2, 2), (0, 30)), effort=4),
    "fresnel_c": Reference(mpmath.fresnelc, draw=_uniform((-2, 2), (0, 30)), effort=4),
    "spence": Reference(_spence, draw=_uniform((0, 3), (0, 100)), effort=4),
    "bessel_i0e": Reference(_scaled_bessel(0), draw=lambda rng, n: [rng.uniform(-40, 40, n)], effort=4),
    "bessel_i1e": Reference(_scaled_bessel(1), draw=lambda rng, n: [rng.uniform(-40, 40, n)], effort=4),
}


# Between the poles at x < 0 are zeros; there the error is measured against max(1, |result|).
WITH_ZEROS = frozenset({"lgamma", "digamma"})
# At other zeros the error is measured against so much: the envelope of an oscillating function; what is left of the
# large terms that make a small one.
ENVELOPE: dict[str, Callable[[Any], float]] = {
    "cosine_integral": lambda x: min(1.0, 1 / float(x)),
    "betaln": lambda a: 1 / 256,
}


def sample_points(name: str, dtype: Any, count: int, rng: np.random.Generator) -> list[Array]:
    """Uniform points of each interval and points of every binade, a vector per operand; fewer of slow functions."""
    reference, dtype = REFERENCES[name], np.dtype(dtype)
    count = max(count // reference.effort, 30)
    if reference.draw is not None:
        return [np.asarray(x).astype(dtype) for x in reference.draw(rng, count)]
    finfo = np.finfo(dtype)
    share = count // (len(reference.intervals) + 1)

    def operand() -> Array:
        parts = [rng.uniform(low, high, share) for low, high in reference.intervals]
        rest = count - share * len(parts)
        wide = np.ldexp(rng.uniform(1, 2, rest), rng.integers(finfo.minexp, finfo.maxexp, rest))
        signs = 1 if name in WITH_ZEROS else rng.choice([-1, 1], rest)
        return np.concatenate([*parts, wide * signs]).astype(dtype)

    operands = [operand() for _ in range(reference.operands)]
    if name == "pow":  # exponents for which the result is in range
        exponents = np.log2(np.abs(operands[0]).astype(float) + 1e-300)
        bound = finfo.maxexp / np.maximum(np.abs(exponents), 1e-6)
        operands[1] = (rng.uniform(-1, 1, count) * np.minimum(bound, 1e30)).astype(dtype)
    return operands


def errors_in_ulp(name: str, points: Sequence[Array], result: Array) -> Array:
    """|result - exact| in ulps of the exact value; 0 where both are the same NaN or infinity, inf where only one is."""
    reference = REFERENCES[name]
    function = _real(reference.function)
    finfo = np.finfo(result.dtype)
    errors = np.zeros(result.shape)
    with mpmath.workprec(200), np.errstate(all="ignore"):
        for i, (got, *xs) in enumerate(zip(result, *points, strict=True)):
            exact = function(*(mpmath.mpf(float(x)) for x in xs))
            rounded = result.dtype.type(float(exact)) if abs(exact) < finfo.max else exact
            if np.isfinite(got) and mpmath.isfinite(exact) and np.isfinite(float(rounded)):
                size = abs(float(rounded))
                if reference.flushes:
                    size = max(size, float(finfo.tiny) * 2.0**finfo.nmant)
                if name in WITH_ZEROS and xs[0] < 0:
                    size = max(size, 1.0)
                elif name in ENVELOPE:
                    size = max(size, ENVELOPE[name](xs[0]))
                ulp = max(float(np.spacing(result.dtype.type(size))), float(finfo.smallest_subnormal))
                errors[i] = float(abs(mpmath.mpf(float(got)) - exact) / ulp)
            elif not (got == result.dtype.type(float(rounded)) or (np.isnan(got) and mpmath.isnan(exact))):
                errors[i] = np.inf
    return errors

"""Functions whose polynomial tables the special functions need: read by generate_coefficients.py (needs mpmath)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp

Real = Any  # mpmath.mpf
Function = Callable[[Real], Real]

mp.mp.dps = 50
_NEAR_ZERO = mp.mpf(
    "1e-9"
)  # of the argument: below it the first terms of a series stand in for a function that cancels


def _series_below(f: Function, *coefficients: Real) -> Function:
    return lambda z: sum(c * z**k for k, c in enumerate(coefficients)) if abs(z) < _NEAR_ZERO else f(z)


def dawson(x: Real) -> Real:
    return mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)


def _dawson_scaled(x: Real) -> Real:
    """2 x D(x), 1 at infinity."""
    return 2 * x * dawson(x)


def _exp_integral_scaled(x: Real) -> Real:
    """x e^-x Ei(x), 1 at infinity."""
    return x * mp.exp(-x) * mp.ei(x)


def exp1_mapped(t: Real) -> Real:
    """x e^x E1(x) for t = (x - 3) / (x + 3)."""
    x = 3 * (1 + t) / (1 - t)
    if x > 200:
        return sum((-1) ** k * mp.factorial(k) / x**k for k in range(20))
    return x * mp.exp(x) * mp.e1(x)


EI_ROOT = mp.findroot(mp.ei, mp.mpf("0.3725"))


def _integral_parts(angle: Real, s: Real, c: Real) -> tuple[Real, Real]:
    """f and g of s = -f cos - g sin and c = f sin - g cos."""
    sine, cosine = mp.sin(angle), mp.cos(angle)
    return c * sine - s * cosine, -s * sine - c * cosine


def _trigonometric_parts(x: Real) -> tuple[Real, Real]:
    """x f(x) and x² g(x) of the sine and cosine integrals (DLMF 6.2.17)."""
    f, g = _integral_parts(x, mp.si(x) - mp.pi / 2, mp.ci(x))
    return x * f, x * x * g


def _fresnel_parts(x: Real) -> tuple[Real, Real]:
    """π x f(x) and π² x³ g(x) of the Fresnel integrals (DLMF 7.2.10)."""
    f, g = _integral_parts(mp.pi * x * x / 2, mp.fresnels(x) - mp.mpf(1) / 2, mp.fresnelc(x) - mp.mpf(1) / 2)
    return mp.pi * x * f, mp.pi**2 * x**3 * g


def _dilogarithm(z: Real) -> Real:
    """(Li2(1 - e^-u) - u + u²/4) / u³ for z = u²."""
    u = mp.sqrt(z)
    return (mp.polylog(2, -mp.expm1(-u)) - u + z / 4) / u**3


def _inverse_root(z: Real, root: int) -> Real:
    """z**(-1/root), kept away from infinity, where the functions no longer change."""
    return 1 / mp.root(max(z, mp.mpf("1e-20")), root)


def _about(f: Function, low: Real, high: Real) -> tuple[Function, Real, Real]:
    """f over the distance from the middle of [low, high]."""
    middle = (mp.mpf(low) + high) / 2
    half = (mp.mpf(high) - low) / 2
    if low > 0:
        half *= mp.mpf("1.0001")
    return lambda s: f(s + middle), -half, half


def _part(parts: Callable[[Real], tuple[Real, Real]], which: int, root: int) -> Function:
    return lambda z: parts(_inverse_root(z, root))[which]


# name: (function, low, high, degree for f64, degree for f32)
SPECIAL_TABLES: dict[str, tuple[Function, Real, Real, int, int]] = {
    "dawson_0": (
        _series_below(lambda z: (dawson(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, -mp.mpf(2) / 3, mp.mpf(4) / 15),
        0,
        mp.mpf("1.0001"),
        11,
        6,
    ),
    "dawson_1": (*_about(_dawson_scaled, 1, mp.mpf("2.5")), 23, 13),
    "dawson_2": (*_about(_dawson_scaled, mp.mpf("2.5"), 6), 29, 15),
    "dawson_3": (*_about(lambda z: _dawson_scaled(_inverse_root(z, 2)), 0, mp.mpf(1) / 36), 13, 5),
    "exp1_near": (
        _series_below(lambda x: (mp.e1(x) + mp.log(x) + mp.euler) / x, mp.mpf(1), -mp.mpf(1) / 4),
        0,
        mp.mpf("1.0001"),
        11,
        6,
    ),
    "exp1_far": (exp1_mapped, -mp.mpf("0.5001"), 1 - mp.mpf("1e-9"), 29, 14),
    "expi_0": (
        lambda x: (
            (mp.ei(x) - mp.log(x / EI_ROOT)) / (x - EI_ROOT)
            if abs(x - EI_ROOT) > 1e-12
            else (mp.exp(EI_ROOT) - 1) / EI_ROOT
        ),
        mp.mpf("1e-12"),
        mp.mpf("6.001"),
        21,
        12,
    ),
    "expi_1": (*_about(_exp_integral_scaled, 6, 12), 21, 11),
    "expi_2": (*_about(lambda z: _exp_integral_scaled(1 / z), mp.mpf(1) / 24, mp.mpf(1) / 12), 18, 8),
    "expi_3": (*_about(lambda z: _exp_integral_scaled(_inverse_root(z, 1)), 0, mp.mpf(1) / 24), 20, 8),
    "sine_integral": (
        _series_below(lambda z: (mp.si(mp.sqrt(z)) / mp.sqrt(z) - 1) / z, -mp.mpf(1) / 18, mp.mpf(1) / 600),
        0,
        mp.mpf("16.001"),
        9,
        5,
    ),
    "cosine_integral": (
        _series_below(lambda z: (mp.ci(mp.sqrt(z)) - mp.log(z) / 2 - mp.euler) / z, -mp.mpf(1) / 4, mp.mpf(1) / 96),
        0,
        mp.mpf("4.001"),
        7,
        4,
    ),
    "cosine_integral_middle": (*_about(mp.ci, 2, 4), 21, 9),
    **{
        f"trigonometric_{letter}_{i}": (*_about(_part(_trigonometric_parts, which, 2), *ends), 23, 9)
        for which, letter in enumerate("fg")
        for i, ends in enumerate([(mp.mpf(1) / 64, mp.mpf(1) / 16), (0, mp.mpf(1) / 64)])
    },
    "fresnel_s": (
        _series_below(lambda z: mp.fresnels(mp.root(z, 4)) / mp.root(z, 4) ** 3, mp.pi / 6, -(mp.pi**3) / 336),
        0,
        mp.mpf("4.4206"),
        11,
        6,
    ),
    "fresnel_c": (
        _series_below(lambda z: mp.fresnelc(mp.root(z, 4)) / mp.root(z, 4), mp.mpf(1), -(mp.pi**2) / 40),
        0,
        mp.mpf("4.4206"),
        11,
        6,
    ),
    **{
        f"fresnel_{letter}_{i}": (*_about(_part(_fresnel_parts, which, 4), *ends), 25, 10)
        for which, letter in enumerate("fg")
        for i, ends in enumerate([(mp.mpf(1) / 28, mp.mpf("0.22623")), (0, mp.mpf(1) / 28)])
    },
    "spence": (
        _series_below(_dilogarithm, mp.mpf(1) / 36, -mp.mpf(1) / 3600),
        0,
        mp.mpf("0.4807"),
        6,
        3,
    ),
}

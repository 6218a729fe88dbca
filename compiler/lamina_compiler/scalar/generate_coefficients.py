"""Derives the polynomial tables of the elementary functions and writes coefficients.py beside this file.

Minimax polynomials by the Remez exchange in 50-digit arithmetic (needs mpmath):
`python -m lamina_compiler.scalar.generate_coefficients`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath as mp

from .special_tables import EI_ROOT, SPECIAL_TABLES

Real = Any  # mpmath.mpf
Function = Callable[[Real], Real]


def remez(f: Function, low: Real, high: Real, degree: int, weight: Function | None = None) -> tuple[list[Real], Real]:
    """Coefficients (low to high) of the polynomial p with least max |(p - f) weight| on [low, high]; the maximum."""
    weight = weight or (lambda x: mp.mpf(1))
    middle, half = (mp.mpf(low) + high) / 2, (mp.mpf(high) - low) / 2
    count = degree + 2
    steps = 12 * count
    points = [-mp.cos(mp.pi * i / (count - 1)) for i in range(count)]  # in u = (x - middle) / half
    grid = [-mp.cos(mp.pi * i / steps) for i in range(steps + 1)]
    values = [f(middle + half * u) for u in grid]
    weights = [weight(middle + half * u) for u in grid]
    coefficients, error = [mp.mpf(0)], mp.mpf(0)
    for _ in range(12):
        coefficients, levelled = _solve(f, weight, middle, half, points, degree)
        errors = [(mp.polyval(coefficients[::-1], u) - y) * w for u, y, w in zip(grid, values, weights, strict=True)]
        error = max(abs(e) for e in errors)
        extrema = _alternating_extrema(errors, count)
        if len(extrema) < count or abs(abs(levelled) - error) < error * mp.mpf("1e-3"):
            break
        points = [_parabola_peak(grid, errors, i) for i in extrema]
    return _shift(coefficients, middle, half), error


def _solve(
    f: Function, weight: Function, middle: Real, half: Real, points: Sequence[Real], degree: int
) -> tuple[list[Real], Real]:
    """The polynomial in u whose weighted error alternates between +e and -e on the points; and e."""
    matrix, right = mp.matrix(degree + 2, degree + 2), mp.matrix(degree + 2, 1)
    for i, u in enumerate(points):
        for j in range(degree + 1):
            matrix[i, j] = u**j
        matrix[i, degree + 1] = (-1) ** i / weight(middle + half * u)
        right[i] = f(middle + half * u)
    solution = mp.lu_solve(matrix, right)
    return [solution[j] for j in range(degree + 1)], solution[degree + 1]


def _alternating_extrema(errors: Sequence[Real], count: int) -> list[int]:
    """The largest error of every run of one sign, cut to `count` at the ends."""
    extrema, current = [], 0
    for i in range(1, len(errors)):
        if (errors[i] > 0) != (errors[current] > 0):
            extrema.append(current)
            current = i
        elif abs(errors[i]) > abs(errors[current]):
            current = i
    extrema.append(current)
    while len(extrema) > count:
        extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
    return extrema


def _parabola_peak(grid: Sequence[Real], errors: Sequence[Real], i: int) -> Real:
    if not 0 < i < len(grid) - 1:
        return grid[i]
    (x0, x1, x2), (y0, y1, y2) = grid[i - 1 : i + 2], errors[i - 1 : i + 2]
    d = (x1 - x0) * (y1 - y2) - (x1 - x2) * (y1 - y0)
    if d == 0:
        return x1
    peak = x1 - ((x1 - x0) ** 2 * (y1 - y2) - (x1 - x2) ** 2 * (y1 - y0)) / (2 * d)
    return peak if x0 < peak < x2 else x1


def _shift(coefficients: Sequence[Real], middle: Real, half: Real) -> list[Real]:
    """Coefficients in x of a polynomial given in u = (x - middle) / half."""
    result = [mp.mpf(0)] * len(coefficients)
    for c in reversed(coefficients):
        shifted = [-middle / half * r for r in result]
        for j in range(len(result) - 1):
            shifted[j + 1] += result[j] / half
        shifted[0] += c
        result = shifted
    return result


def near_zero(f: Function, limit: str, taylor: Function) -> Function:
    """f, with its Taylor sum below `limit`, where f cancels."""
    return lambda z: taylor(z) if abs(z) < mp.mpf(limit) else f(z)


ln2h = mp.log(2) / 2 * mp.mpf("1.0005")
exp_q = near_zero(
    lambda r: (mp.expm1(r) - r) / r**2, "1e-6", lambda r: sum(r**k / mp.factorial(k + 2) for k in range(8))
)
log_q = near_zero(
    lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z,
    "1e-9",
    lambda z: sum(mp.mpf(2) / (2 * k + 3) * z**k for k in range(6)),
)
power_log2_q = near_zero(
    lambda z: 2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) / mp.log(2), "1e-9", lambda z: (2 + z * log_q(z)) / mp.log(2)
)
log_q2 = near_zero(
    lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2 - 2 * z / 3) / z**2,
    "1e-9",
    lambda z: sum(mp.mpf(2) / (2 * k + 5) * z**k for k in range(6)),
)
sin_q = near_zero(
    lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
    "1e-9",
    lambda z: sum((-1) ** (k + 1) * z**k / mp.factorial(2 * k + 3) for k in range(6)),
)
cos_q = near_zero(
    lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2,
    "1e-9",
    lambda z: sum((-1) ** k * z**k / mp.factorial(2 * k + 4) for k in range(6)),
)
atan_q = near_zero(
    lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
    "1e-9",
    lambda z: sum((-1) ** (k + 1) * z**k / mp.mpf(2 * k + 3) for k in range(6)),
)
asin_q = near_zero(
    lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
    "1e-9",
    lambda z: (
        z * mp.mpf(3) / 40
        + mp.mpf(1) / 6
        + z**2 * mp.mpf(15) / 336
        + z**3 * mp.mpf(105) / 3456
        + z**4 * mp.mpf(945) / 42240
    ),
)
tanh_q = near_zero(
    lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
    "1e-9",
    lambda z: -mp.mpf(1) / 3 + 2 * z / 15 - 17 * z**2 / 315 + 62 * z**3 / 2835,
)
sinh_q = near_zero(
    lambda z: (mp.sinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z,
    "1e-9",
    lambda z: sum(z**k / mp.factorial(2 * k + 3) for k in range(6)),
)
erf_q = near_zero(
    lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
    "1e-12",
    lambda z: 2 / mp.sqrt(mp.pi) * (1 - z / 3 + z**2 / 10 - z**3 / 42) - 1,
)
ERFC_K = mp.mpf("3.75")


def erfc_q(t):
    if t >= 1 - mp.mpf("1e-12"):
        return 2 / mp.sqrt(mp.pi)
    x = ERFC_K * (1 + t) / (1 - t)
    if x > 60:
        s = sum((-1) ** k * mp.fac2(2 * k - 1) / (2 * x * x) ** k for k in range(12))
        return (1 + 2 * x) / (x * mp.sqrt(mp.pi)) * s
    return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)


def erfinv_q(w):
    """erfinv(x) / x with w = -log(1 - x*x)."""
    if w < mp.mpf("1e-15"):
        return mp.sqrt(mp.pi) / 2 * (1 + mp.pi * w / 12)
    x = mp.sqrt(-mp.expm1(-w))
    return mp.erfinv(x) / x


def log1p_tail_q(f):
    """(log(1 + f) - f) / f²"""
    return (mp.log1p(f) - f) / f**2 if abs(f) > mp.mpf("1e-8") else f / 3 - mp.mpf(1) / 2


def erfinv_around(centre: str) -> Function:
    return lambda v: erfinv_q(v + mp.mpf(centre))


def erfinv_weight(centre: str) -> Function:
    return lambda v: 1 / erfinv_q(v + mp.mpf(centre))


def lgamma_q(f):
    if abs(f) < mp.mpf("1e-12"):
        return (1 - mp.euler) + f * (mp.pi**2 / 6 - 1) / 2
    return mp.loggamma(2 + f) / f


def stirling_q(z):
    """z = 1/x**2: x * (lgamma(x) - ((x - 1/2) log x - x + log(2 pi)/2))."""
    if z < mp.mpf("1e-4"):
        return mp.mpf(1) / 12 - z / 360 + z**2 / 1260 - z**3 / 1680 + z**4 / 1188 - z**5 * 691 / 360360 + z**6 / 156
    x = 1 / mp.sqrt(z)
    return x * (mp.loggamma(x) - ((x - mp.mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2))


def digamma_q(z):
    """z = 1/x**2: x*x * (log x - 1/(2x) - digamma(x))."""
    if z < mp.mpf("1e-4"):
        return mp.mpf(1) / 12 - z / 120 + z**2 / 252 - z**3 / 240 + z**4 / 132 - z**5 * 691 / 32760 + z**6 / 12
    x = 1 / mp.sqrt(z)
    return x * x * (mp.log(x) - 1 / (2 * x) - mp.digamma(x))


def cotangent_q(z):
    """(1/d - π cot πd) / d for z = d²."""
    if z < mp.mpf("1e-6"):
        return 2 * sum(mp.zeta(2 * k + 2) * z**k for k in range(8))
    d = mp.sqrt(z)
    return (1 / d - mp.pi * mp.cot(mp.pi * d)) / d


def phi_q(m):
    """((m - log(1 + m)) / m² - 1/2 + m/3) / m²."""
    if abs(m) < mp.mpf("1e-6"):
        return sum((-m) ** k / (k + 4) for k in range(8))
    return ((m - mp.log1p(m)) / m**2 - mp.mpf(1) / 2 + m / 3) / m**2


def bessel_q(order):
    """I_order(x) / (x/2)^order - 1 over z, z = x²/4, for order 0; times 2 for order 1."""
    return lambda z: sum(z**k / (mp.factorial(k + 1) * mp.factorial(k + 1 + order)) for k in range(60))


def bessel_far(order):
    """e^-x sqrt(x) I_order(x) for t = 1/x."""

    def scaled(t):
        if t < mp.mpf("1e-3"):
            mu, term, total = 4 * order**2, mp.mpf(1), mp.mpf(1)
            for k in range(1, 16):  # DLMF 10.40.1
                term *= -(mu - (2 * k - 1) ** 2) * t / (8 * k)
                total += term
            return total / mp.sqrt(2 * mp.pi)
        return mp.besseli(order, 1 / t) * mp.exp(-1 / t) / mp.sqrt(t)

    return scaled


def gamma_ratio_series(count, terms):
    """c_k(η) of the uniform expansion of the incomplete gamma function in powers of η (Temme 1979; DLMF 8.12.10)."""
    size = terms + 2 * count + 3
    mu = [mp.mpf(0), mp.mpf(1)]  # η²/2 = μ - log(1 + μ)
    for n in range(2, size):
        rest = sum(mu[i] * (n + 1 - i) * mu[n + 1 - i] for i in range(2, n))
        mu.append((mu[n - 1] - rest) / (n + 1))
    inverse = [mp.mpf(1)]  # η / μ
    for n in range(1, size - 1):
        inverse.append(-sum(mu[i + 1] * inverse[n - i] for i in range(1, n + 1)))
    stirling = [mp.mpf(1)]  # of Γ*(a), from those of its logarithm: n g_n = Σ B_2j / (2j) g_(n - 2j + 1) …
    for n in range(1, count + 1):
        odd = range(1, n + 1, 2)
        stirling.append(sum(mp.bernoulli(j + 1) / (j + 1) * stirling[n - j] for j in odd) / n)
    c = inverse[1:]
    rows = [c]
    for k in range(1, count):
        derivative = [j * v for j, v in enumerate(c)][2:]  # c' / η, whose pole cancels
        c = [d + (-1) ** k * stirling[k] * v for d, v in zip(derivative, inverse[1:], strict=False)]
        rows.append(c)
    return rows


TEMME_A, TEMME_ETA = 20, mp.mpf("0.47")  # where it is used: a at least, |η| at most


def cut(rows, bits):
    """Rows without the terms below 2**-bits at the ends of the range."""
    result = []
    for k, row in enumerate(rows):
        size = [abs(c) * TEMME_ETA**j / mp.mpf(TEMME_A) ** k for j, c in enumerate(row)]
        last = max((j for j, v in enumerate(size) if v > mp.mpf(2) ** -bits), default=-1)
        if last >= 0:
            result.append(row[: last + 1])
    return result


PSI_ROOT = mp.findroot(mp.digamma, 1.4616)


def tmap(x):
    return (mp.mpf(x) - ERFC_K) / (mp.mpf(x) + ERFC_K)


T2 = mp.mpf("0.4142135624") ** 2 * mp.mpf("1.0001")
S2 = (3 - 2 * mp.sqrt(2)) * mp.mpf("1.0001")


@dataclass(frozen=True)
class Table:
    """Interval, degrees for f64 and for f32 (None: not needed), weight of the error."""

    function: Function
    low: Real
    high: Real
    double: int | None
    single: int | None
    weight: Function | None = None


TABLES = {
    "exp": Table(exp_q, -ln2h, ln2h, 10, 5),
    "log": Table(log_q, 0, S2**2, 7, 3),
    "log2": Table(log_q2, 0, S2**2, 7, 3),
    "power_log2": Table(power_log2_q, 0, S2**2, None, 5),
    "power_exp2": Table(lambda q: mp.mpf(2) ** q, -mp.mpf("0.5001"), mp.mpf("0.5001"), None, 7),
    "sin": Table(sin_q, 0, (mp.pi / 4) ** 2 * mp.mpf("1.0001"), 6, 3),
    "cos": Table(cos_q, 0, (mp.pi / 4) ** 2 * mp.mpf("1.0001"), 5, 3),
    "atan": Table(atan_q, 0, T2, 11, 5),
    "asin": Table(asin_q, 0, mp.mpf("0.2501"), 13, 6),
    "tanh": Table(tanh_q, 0, mp.mpf("0.55") ** 2 * mp.mpf("1.0001"), 10, 5),
    "sinh": Table(sinh_q, 0, mp.mpf("1.0001"), 6, 3),
    "erf": Table(erf_q, 0, mp.mpf("1.0001"), 12, 6),
    "erf_all": Table(
        lambda y: erf_q(y + mp.mpf("7.75")),
        mp.mpf("-7.75"),
        mp.mpf("7.75"),
        None,
        17,
        lambda y: 1 / (1 + erf_q(y + mp.mpf("7.75"))),
    ),
    "erfc": Table(erfc_q, tmap("0.5"), tmap("28"), 22, 11, lambda t: 1 / erfc_q(t)),
    "erf_inv_0": Table(lambda v: erfinv_q(v + mp.mpf("3.125")), mp.mpf("-3.125"), mp.mpf("3.13"), 24, 12),
    "erf_inv_1": Table(lambda v: erfinv_q((v + mp.mpf("3.25")) ** 2), mp.mpf("-0.76"), mp.mpf("0.76"), 21, 9),
    "erf_inv_2": Table(lambda v: erfinv_q((v + 5) ** 2), mp.mpf("-1.01"), mp.mpf("1.1"), 19, 9),
    "log1p_tail": Table(
        log1p_tail_q, mp.mpf("-0.29290"), mp.mpf("0.41422"), None, 8, lambda f: max(f**2, mp.mpf("0.01"))
    ),
    "single_erf_inv_0": Table(erfinv_around("2.5"), mp.mpf("-2.5"), mp.mpf("2.51"), None, 10, erfinv_weight("2.5")),
    "single_erf_inv_1": Table(erfinv_around("10.5"), mp.mpf("-5.51"), mp.mpf("5.5"), None, 10, erfinv_weight("10.5")),
    "lgamma": Table(lgamma_q, mp.mpf("-0.501"), mp.mpf("0.501"), 19, 9),
    "stirling": Table(stirling_q, 0, mp.mpf(1) / 63, 7, 3),
    "digamma_small": Table(
        lambda u: mp.digamma(u + mp.mpf("1.5")) / (u + mp.mpf("1.5") - PSI_ROOT),
        mp.mpf("-0.501"),
        mp.mpf("0.501"),
        23,
        17,
    ),
    "digamma_large": Table(digamma_q, 0, mp.mpf(1) / 63, 8, 4),
    "phi": Table(phi_q, mp.mpf("-0.1001"), mp.mpf("0.1001"), 12, 5),
    "i0_near": Table(bessel_q(0), 0, mp.mpf("16.001"), 13, 8, lambda z: 1 / mp.besseli(0, 2 * mp.sqrt(z))),
    "i1_near": Table(bessel_q(1), 0, mp.mpf("16.001"), 13, 8, lambda z: 1 / mp.besseli(0, 2 * mp.sqrt(z))),
    "i0_far": Table(bessel_far(0), 0, mp.mpf("0.12501"), 22, 8),
    "i1_far": Table(bessel_far(1), 0, mp.mpf("0.12501"), 22, 8),
    "cotangent": Table(cotangent_q, 0, mp.mpf("0.2501"), 14, 11),
    "cbrt": Table(lambda x: 1 / mp.cbrt(x), 1, 2, 5, 5, lambda x: mp.cbrt(x)),
}


TABLES |= {name: Table(*entry) for name, entry in SPECIAL_TABLES.items()}


def _literal(values: Sequence[Real]) -> str:
    return "".join(f'        float.fromhex("{float(v).hex()}"),\n' for v in values)


def main() -> None:
    lines: dict[str, list[str]] = {"DOUBLE": [], "SINGLE": []}
    for name, table in TABLES.items():
        for kind, degree in (("DOUBLE", table.double), ("SINGLE", table.single)):
            if degree is not None:
                coefficients, error = remez(table.function, table.low, table.high, degree, table.weight)
                bound = float(mp.log(error, 2))
                lines[kind].append(f'    "{name}": (  # max error 2**{bound:.1f}\n{_literal(coefficients)}    ),\n')
    rows = gamma_ratio_series(13, 24)
    for kind, bits in (("DOUBLE", 59), ("SINGLE", 32)):
        for k, row in enumerate(cut(rows, bits)):
            lines[kind].append(f'    "temme_{k}": (\n{_literal(row)}    ),\n')
    root = mp.mpf(float(PSI_ROOT))
    mp.mp.prec = 1500
    two_over_pi = int(mp.floor(2 / mp.pi * mp.mpf(2) ** 1300))
    text = '"""Generated by generate_coefficients.py; do not edit."""\n\n'
    for kind, entries in lines.items():
        text += f"{kind}: dict[str, tuple[float, ...]] = {{\n{''.join(entries)}}}\n"
    ei_root = mp.mpf(float(EI_ROOT))
    text += f'EI_ROOT = float.fromhex("{float(ei_root).hex()}"), float.fromhex("{float(EI_ROOT - ei_root).hex()}")\n'
    text += f'PSI_ROOT = float.fromhex("{float(root).hex()}"), float.fromhex("{float(PSI_ROOT - root).hex()}")\n'
    digits = f"{two_over_pi:x}"
    lines_of_digits = "".join(f'    "{digits[i : i + 64]}"\n' for i in range(0, len(digits), 64))
    text += "TWO_OVER_PI_SCALE = 1300\n# floor(2/π · 2**TWO_OVER_PI_SCALE)\n"
    text += f"TWO_OVER_PI = int(\n{lines_of_digits}    , 16\n)\n"
    Path(__file__).with_name("coefficients.py").write_text(text)


if __name__ == "__main__":
    main()

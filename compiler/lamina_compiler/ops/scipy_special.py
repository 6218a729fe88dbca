"""Special functions that `lax` has no names for; `lamina.scipy.special` is made of them."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from ..opdef import NoDerivative
from .elementwise import uniform
from .special import SQRT_PI, by_definition, several
from .transcendental import special, unary

_scipy = partial(unary, real_only=True, family="scipy")
_scipy_several = partial(several, family="scipy")
_SQRT_2PI = math.sqrt(2 * math.pi)


def _times(slope: Any) -> Any:
    """The JVP whose derivative is ``slope(b, x, y)``."""
    return lambda b, dx, x, y: b.mul(dx, slope(b, x, y))


def _limit_at(point: float, value: float, slope: Any) -> Any:
    """`slope` away from a removable singularity, where it has the given value."""

    def everywhere(b: Any, x: Any, y: Any) -> Any:
        at_point = b.eq(x, b.full_like(x, point))
        safe = b.select(at_point, b.full_like(x, point + 1), x)
        return b.select(at_point, b.full_like(x, value), slope(b, safe, y))

    return everywhere


gamma = _scipy("gamma", "Γ(x).", special("gamma"), _times(lambda b, x, y: b.mul(y, b.digamma(x))), 0.5, 4)
erfcx = _scipy(
    "erfcx",
    "Scaled complementary error function e^(x²) erfc(x).",
    special("erfcx"),
    _times(lambda b, x, y: b.sub(b.mul(b.mul(x, y), 2), b.full_like(x, 2 / SQRT_PI))),
    -1,
    4,
)
dawson = _scipy(
    "dawson",
    "Dawson's function e^(−x²) ∫₀ˣ e^(t²) dt.",
    special("dawsn"),
    _times(lambda b, x, y: b.sub(b.full_like(x, 1), b.mul(b.mul(x, y), 2))),
    -3,
    3,
)


def _normal_density(b: Any, x: Any) -> Any:
    return b.mul(b.exp(b.mul(b.mul(x, x), -0.5)), 1 / _SQRT_2PI)


ndtr = _scipy(
    "ndtr",
    "Standard normal distribution function Φ(x).",
    special("ndtr"),
    _times(lambda b, x, y: _normal_density(b, x)),
    -3,
    3,
)
log_ndtr = _scipy(
    "log_ndtr",
    "Logarithm of the standard normal distribution function.",
    special("log_ndtr"),
    _times(lambda b, x, y: b.exp(b.sub(b.mul(b.mul(x, x), -0.5), b.add(y, math.log(_SQRT_2PI))))),
    -4,
    2,
)
ndtri = _scipy(
    "ndtri",
    "Inverse of the standard normal distribution function.",
    special("ndtri"),
    _times(lambda b, x, y: b.mul(b.exp(b.mul(b.mul(y, y), 0.5)), _SQRT_2PI)),
    0.05,
    0.95,
)
exp1 = _scipy(
    "exp1",
    "Exponential integral E₁(x) = ∫ e⁻ᵗ/t dt from x to ∞.",
    special("exp1"),
    _times(lambda b, x, y: b.neg(b.div(b.exp(b.neg(x)), x))),
    0.5,
    4,
)
expi = _scipy(
    "expi",
    "Exponential integral Ei(x), a principal value for x > 0.",
    special("expi"),
    _times(lambda b, x, y: b.div(b.exp(x), x)),
    0.5,
    4,
)
sine_integral = _scipy(
    "sine_integral",
    "Si(x) = ∫₀ˣ sin(t)/t dt.",
    lambda x: special("sici")(x)[0],
    _times(_limit_at(0, 1, lambda b, x, y: b.div(b.sin(x), x))),
    -6,
    6,
)
cosine_integral = _scipy(
    "cosine_integral",
    "Ci(x) = γ + ln x + ∫₀ˣ (cos t − 1)/t dt; of |x| for x < 0.",
    lambda x: special("sici")(x)[1],
    _times(lambda b, x, y: b.div(b.cos(x), x)),
    0.5,
    6,
)


def _quarter_turns(b: Any, x: Any) -> Any:
    return b.mul(b.mul(x, x), math.pi / 2)


fresnel_s = _scipy(
    "fresnel_s",
    "S(x) = ∫₀ˣ sin(π t²/2) dt.",
    lambda x: special("fresnel")(x)[0],
    _times(lambda b, x, y: b.sin(_quarter_turns(b, x))),
    -2,
    2,
)
fresnel_c = _scipy(
    "fresnel_c",
    "C(x) = ∫₀ˣ cos(π t²/2) dt.",
    lambda x: special("fresnel")(x)[1],
    _times(lambda b, x, y: b.cos(_quarter_turns(b, x))),
    -2,
    2,
)
spence = _scipy(
    "spence",
    "Spence's function, the dilogarithm Li₂(1 − x).",
    lambda x: np.where(x == np.inf, -np.inf, special("spence")(x)),
    _times(_limit_at(1, -1, lambda b, x, y: b.div(b.log(x), b.sub(b.full_like(x, 1), x)))),
    0.2,
    3,
)


def _whole(low: int, high: int) -> Any:
    """Sample operands: whole numbers."""
    return lambda rng, dtype, shape: rng.integers(low, high, shape).astype(dtype)


_ORDER = NoDerivative("an order is a whole number")


def _betaln_reference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """SciPy's for non-negative numbers."""
    lgamma = special("gammaln")
    plain = np.where((a == 0) | (b == 0), np.inf, lgamma(a) + lgamma(b) - lgamma(a + b))
    return np.where((a >= 0) & (b >= 0), special("betaln")(a, b), np.where(np.isnan(a) | np.isnan(b), np.nan, plain))


betaln = _scipy_several(
    "betaln",
    "ln |B(a, b)|.",
    ("a", "b"),
    _betaln_reference,
    (
        lambda b, dp, p, q, y: b.mul(dp, b.sub(b.digamma(p), b.digamma(b.add(p, q)))),
        lambda b, dq, p, q, y: b.mul(dq, b.sub(b.digamma(q), b.digamma(b.add(p, q)))),
    ),
    (uniform(0.5, 4), uniform(0.5, 4)),
)
expn = _scipy_several(
    "expn",
    "Generalized exponential integral Eₙ(x) for whole n ≥ 0.",
    ("n", "x"),
    special("expn"),
    (
        _ORDER,
        # E₋₁(x) = e⁻ˣ (1 + 1/x) / x
        lambda b, dx, n, x, y: b.mul(
            dx,
            b.neg(
                b.select(
                    b.eq(n, b.full_like(n, 0)),
                    b.mul(b.div(b.exp(b.neg(x)), x), b.add(b.div(b.full_like(x, 1), x), 1)),
                    b.expn(b.sub(n, 1), x),
                )
            ),
        ),
    ),
    (_whole(1, 5), uniform(0.5, 3)),
)
owens_t = _scipy_several(
    "owens_t",
    "Owen's function T(h, a).",
    ("h", "a"),
    special("owens_t"),
    (
        # −φ(h) (Φ(a h) − 1/2)
        lambda b, dh, h, a, y: b.mul(
            dh, b.mul(_normal_density(b, h), b.mul(b.erf(b.mul(b.mul(a, h), math.sqrt(0.5))), -0.5))
        ),
        lambda b, da, h, a, y: b.mul(
            da,
            b.div(
                b.exp(b.mul(b.mul(b.mul(h, h), b.add(b.mul(a, a), 1)), -0.5)),
                b.mul(b.add(b.mul(a, a), 1), 2 * math.pi),
            ),
        ),
    ),
    (uniform(-2, 2), uniform(-2, 2)),
)

# ---- hypergeometric functions ---------------------------------------------------------------------------------------

hyp1f1 = _scipy_several(
    "hyp1f1",
    "Kummer's function ₁F₁(a; b; x).",
    ("a", "b", "x"),
    lambda a, b, x: np.where(a == 0, 1 + 0 * (b + x), special("hyp1f1")(a, b, x)),
    (
        lambda b, dp, p, q, x, y: b.mul(dp, b.hyp1f1_by_a(p, q, x)),
        lambda b, dq, p, q, x, y: b.mul(dq, b.hyp1f1_by_b(p, q, x)),
        lambda b, dx, p, q, x, y: b.mul(dx, b.mul(b.div(p, q), b.hyp1f1(b.add(p, 1), b.add(q, 1), x))),
    ),
    (uniform(0.5, 3), uniform(0.5, 3), uniform(-2, 2)),
)
_BY_PARAMETER = NoDerivative("second derivatives with respect to the parameters are not computed")
for _name in ("hyp1f1_by_a", "hyp1f1_by_b"):
    _scipy_several(
        _name,
        f"Derivative of ₁F₁(a; b; x) by {_name[-1]}.",
        ("a", "b", "x"),
        by_definition(_name),
        (_BY_PARAMETER,) * 3,
        (uniform(0.5, 3), uniform(0.5, 3), uniform(-2, 2)),
    )

_GAUSS_POINTS = (uniform(0.5, 2), uniform(0.5, 2), uniform(2.5, 4), uniform(-1, 0.7))
hyp2f1 = _scipy_several(
    "hyp2f1",
    "Gauss's function ₂F₁(a, b; c; x).",
    ("a", "b", "c", "x"),
    special("hyp2f1"),
    (
        lambda b, dp, p, q, r, x, y: b.mul(dp, b.hyp2f1_by_a(p, q, r, x)),
        lambda b, dq, p, q, r, x, y: b.mul(dq, b.hyp2f1_by_a(q, p, r, x)),
        lambda b, dr, p, q, r, x, y: b.mul(dr, b.hyp2f1_by_c(p, q, r, x)),
        lambda b, dx, p, q, r, x, y: b.mul(
            dx, b.mul(b.div(b.mul(p, q), r), b.hyp2f1(b.add(p, 1), b.add(q, 1), b.add(r, 1), x))
        ),
    ),
    _GAUSS_POINTS,
)
for _name in ("hyp2f1_by_a", "hyp2f1_by_c"):
    _scipy_several(
        _name,
        f"Derivative of ₂F₁(a, b; c; x) by {_name[-1]}.",
        ("a", "b", "c", "x"),
        by_definition(_name),
        (_BY_PARAMETER,) * 4,
        _GAUSS_POINTS,
    )

# ---- spherical harmonics --------------------------------------------------------------------------------------------


def _legendre_slope(b: Any, dt: Any, n: Any, m: Any, t: Any, y: Any) -> Any:
    """½ (√((n − m)(n + m + 1)) Yₙᵐ⁺¹ − √((n + m)(n − m + 1)) Yₙᵐ⁻¹): the ladder operators at φ = 0."""

    def neighbour(step: int) -> Any:
        product = b.mul(b.sub(n, b.mul(m, step)), b.add(b.add(n, b.mul(m, step)), 1))
        factor = b.sqrt(b.max(product, b.full_like(product, 0)))
        return b.mul(factor, b.legendre_harmonic(n, b.add(m, step), t))

    return b.mul(dt, b.mul(b.sub(neighbour(1), neighbour(-1)), 0.5))


legendre_harmonic = _scipy_several(
    "legendre_harmonic",
    "The spherical harmonic Yₙᵐ(θ, 0), a normalized associated Legendre function of cos θ; 0 for |m| > n.",
    ("n", "m", "theta"),
    by_definition("legendre_harmonic"),
    (_ORDER, _ORDER, _legendre_slope),
    (_whole(0, 5), _whole(-3, 4), uniform(0.3, 2.8)),
)

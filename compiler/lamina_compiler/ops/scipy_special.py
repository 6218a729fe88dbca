"""Special functions that `lax` has no names for; `lamina.scipy.special` is made of them."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from .special import SQRT_PI
from .transcendental import special, unary

_scipy = partial(unary, real_only=True, family="scipy")
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

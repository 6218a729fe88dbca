"""Special functions: error function, gamma and beta functions and their incomplete forms, zeta, Bessel functions.

References are SciPy's, with the values at the ends of the domains that it lacks.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from .. import scalar
from ..opdef import NoDerivative, OpDef, Rule
from ..types import FLOAT
from .elementwise import elementwise, uniform
from .transcendental import special, unary, widened

SQRT_PI = math.sqrt(math.pi)
_IN_ORDER = NoDerivative("there is no formula for it in functions that Lamina has; its other operand has one")
_IN_SHAPE = NoDerivative("there is no formula for it in functions that Lamina has")
_real = partial(unary, real_only=True, family="special")

# ---- error function -------------------------------------------------------------------------------------------------


def _gauss(b: Any, x: Any) -> Any:
    """2/√π · e^(−x²)."""
    return b.mul(b.exp(b.neg(b.mul(x, x))), 2 / SQRT_PI)


erf = _real("erf", "Error function.", special("erf"), lambda b, dx, x, y: b.mul(dx, _gauss(b, x)), -2, 2)
erfc = _real(
    "erfc",
    "1 − erf(x), accurate for large x.",
    special("erfc"),
    lambda b, dx, x, y: b.mul(dx, b.neg(_gauss(b, x))),
    -2,
    2,
)
erf_inv = _real(
    "erf_inv",
    "Inverse of the error function.",
    special("erfinv"),
    lambda b, dx, x, y: b.mul(dx, b.mul(b.exp(b.mul(y, y)), SQRT_PI / 2)),
    -0.8,
    0.8,
)

# ---- gamma function and its logarithmic derivatives -----------------------------------------------------------------

lgamma = _real("lgamma", "ln |Γ(x)|.", special("gammaln"), lambda b, dx, x, y: b.mul(dx, b.digamma(x)), 0.5, 4)
digamma = _real(
    "digamma",
    "Derivative of ln Γ(x).",
    special("digamma"),
    lambda b, dx, x, y: b.mul(dx, b.polygamma(b.full_like(x, 1), x)),
    0.5,
    4,
)


def _zeta_reference(x: np.ndarray, q: np.ndarray) -> np.ndarray:
    """SciPy's, but at the poles of odd x, which have no sign, and far left, where it adds up term by term."""
    zeta = special("zeta")
    whole = np.floor(q) == q
    parity = np.where(x % 2 == 0, 1, -1).astype(x.dtype)
    t = -q - np.floor(-q)
    left = (q < 0) & ~whole & np.isfinite(q)
    one = np.ones_like(q)
    sides = zeta(x, np.where(left, 1 - t, one)) + parity * zeta(x, np.where(left, t, one))
    result = np.where(left, sides - parity * zeta(x, np.where(left, 1 - q, one)), zeta(x, q))
    result = np.where(left & (np.floor(x) != x), np.nan, result)
    result = np.where((q <= 0) & whole & (x > 1), np.where(x % 2 == 0, np.inf, np.nan), result)
    result = np.where((q == np.inf) & (x > 1), 0, result)
    return np.where((x == 1) & ~np.isnan(q), np.inf, result)


def several(
    name: str, doc: str, operands: tuple[str, ...], reference: Rule, jvp: Any, samples: Any, family: str = "special"
) -> OpDef:
    """Register an elementwise op of several operands."""
    return elementwise(
        name,
        doc=doc,
        operands=operands,
        accepts=FLOAT,
        reference=widened(reference),
        scalar=getattr(scalar, name),
        jvp=jvp,
        samples=samples,
        family=family,
    )


_TERMS, _RATIOS = 10, (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000)


def _zeta_by_exponent(b: Any, x: Any, q: Any) -> Any:
    """∂ζ/∂x = −Σ ln(q + k) (q + k)⁻ˣ, the tail by the derivative of the Euler-Maclaurin sum (DLMF 2.10.1)."""
    total = b.full_like(x, 0)
    minus_x = b.neg(x)
    for k in range(_TERMS):
        a = b.add(q, k)
        total = b.sub(total, b.mul(b.log(a), b.pow(a, minus_x)))
    a = b.add(q, _TERMS)
    log_a, power, less = b.log(a), b.pow(a, minus_x), b.sub(x, 1)
    share = b.div(b.full_like(x, 1), less)
    tail = b.neg(b.mul(b.mul(a, share), b.add(log_a, share)))
    tail = b.sub(tail, b.mul(log_a, 0.5))
    rising, slope, i = x, b.full_like(x, 1), 1  # x (x + 1) … / a^(2j−1) and its derivative
    rising, slope = b.div(rising, a), b.div(slope, a)
    for ratio in _RATIOS:
        tail = b.add(tail, b.mul(b.sub(slope, b.mul(rising, log_a)), ratio))
        for _ in range(2):
            factor = b.div(b.add(x, i), a)
            rising, slope, i = b.mul(rising, factor), b.add(b.mul(slope, factor), b.div(rising, a)), i + 1
    return b.add(total, b.mul(power, tail))


zeta = several(
    "zeta",
    "Hurwitz zeta function Σ (q + k)⁻ˣ over k ≥ 0, for x > 1; for q < 0 at integers x only.",
    ("x", "q"),
    _zeta_reference,
    (
        lambda b, dx, x, q, y: b.mul(dx, _zeta_by_exponent(b, x, q)),
        lambda b, dq, x, q, y: b.mul(dq, b.mul(b.neg(x), b.zeta(b.add(x, 1), q))),
    ),
    (uniform(1.5, 5), uniform(0.5, 4)),
)


def _polygamma_reference(m: np.ndarray, x: np.ndarray) -> np.ndarray:
    order = np.where((m >= 0) & (np.floor(m) == m), m, np.nan)
    sign = np.where(order % 2 == 0, -1, 1).astype(x.dtype)
    higher = sign * special("gamma")(order + 1) * _zeta_reference(order + 1, x)
    return np.where(order == 0, special("digamma")(x), higher)


def _orders(rng: np.random.Generator, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, 4, shape).astype(dtype)


polygamma = several(
    "polygamma",
    "Derivative of order m of digamma(x), for whole m ≥ 0.",
    ("m", "x"),
    _polygamma_reference,
    (_IN_ORDER, lambda b, dx, m, x, y: b.mul(dx, b.polygamma(b.add(m, 1), x))),
    (_orders, uniform(0.5, 4)),
)

# ---- incomplete gamma functions -------------------------------------------------------------------------------------


def _gamma_density(b: Any, a: Any, x: Any) -> Any:
    """∂P/∂x = x^(a−1) e⁻ˣ / Γ(a)."""
    return b.exp(b.sub(b.sub(b.mul(b.sub(a, 1), b.log(x)), x), b.lgamma(a)))


def _at_infinity(function: Rule, value: float) -> Rule:
    """SciPy's function, whose value for x = ∞ does not depend on a."""
    return lambda a, x: np.where((x == np.inf) & (a >= 0), value, function(a, x))


def by_definition(name: str) -> Rule:
    """What SciPy does not have is evaluated from its scalar definition."""
    return lambda *arrays: scalar.evaluate(getattr(scalar, name), *arrays, has_fma=False)


_SHAPE_AND_POINT = (uniform(0.5, 3), uniform(0.5, 3))
igamma = several(
    "igamma",
    "Regularized lower incomplete gamma function P(a, x).",
    ("a", "x"),
    _at_infinity(special("gammainc"), 1),
    (
        lambda b, da, a, x, y: b.mul(da, b.igamma_grad_a(a, x)),
        lambda b, dx, a, x, y: b.mul(dx, _gamma_density(b, a, x)),
    ),
    _SHAPE_AND_POINT,
)
igammac = several(
    "igammac",
    "Regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x).",
    ("a", "x"),
    _at_infinity(special("gammaincc"), 0),
    (
        lambda b, da, a, x, y: b.mul(da, b.neg(b.igamma_grad_a(a, x))),
        lambda b, dx, a, x, y: b.mul(dx, b.neg(_gamma_density(b, a, x))),
    ),
    _SHAPE_AND_POINT,
)
igamma_grad_a = several(
    "igamma_grad_a",
    "∂P(a, x)/∂a of the regularized lower incomplete gamma function.",
    ("a", "x"),
    by_definition("igamma_grad_a"),
    (
        _IN_SHAPE,
        lambda b, dx, a, x, y: b.mul(dx, b.mul(_gamma_density(b, a, x), b.sub(b.log(x), b.digamma(a)))),
    ),
    _SHAPE_AND_POINT,
)
random_gamma_grad = several(
    "random_gamma_grad",
    "Derivative of a gamma variate x by its shape a, −(∂P/∂a) / (∂P/∂x).",
    ("a", "x"),
    by_definition("random_gamma_grad"),
    (_IN_SHAPE, _IN_SHAPE),
    _SHAPE_AND_POINT,
)

# ---- incomplete beta function ---------------------------------------------------------------------------------------


def _beta_density(b: Any, p: Any, q: Any, x: Any) -> Any:
    """∂I/∂x = x^(p−1) (1 − x)^(q−1) / B(p, q)."""
    log_beta = b.sub(b.add(b.lgamma(p), b.lgamma(q)), b.lgamma(b.add(p, q)))
    powers = b.add(b.mul(b.sub(p, 1), b.log(x)), b.mul(b.sub(q, 1), b.log1p(b.neg(x))))
    return b.exp(b.sub(powers, log_beta))


betainc = several(
    "betainc",
    "Regularized incomplete beta function I_x(a, b).",
    ("a", "b", "x"),
    special("betainc"),
    (_IN_SHAPE, _IN_SHAPE, lambda b, dx, p, q, x, y: b.mul(dx, _beta_density(b, p, q, x))),
    (uniform(0.5, 3), uniform(0.5, 3), uniform(0.1, 0.9)),
)

# ---- Bessel functions -----------------------------------------------------------------------------------------------


def _i1e_slope(b: Any, dx: Any, x: Any, y: Any) -> Any:
    """i0e − i1e · (sign x + 1/x), ½ at 0."""
    zero = b.eq(x, b.full_like(x, 0))
    safe = b.select(zero, b.full_like(x, 1), x)
    slope = b.sub(b.bessel_i0e(safe), b.mul(b.bessel_i1e(safe), b.add(b.sign(safe), b.div(b.full_like(x, 1), safe))))
    return b.mul(dx, b.select(zero, b.full_like(x, 0.5), slope))


bessel_i0e = _real(
    "bessel_i0e",
    "Modified Bessel function of order 0, scaled: e^−|x| I₀(x).",
    special("i0e"),
    lambda b, dx, x, y: b.mul(dx, b.sub(b.bessel_i1e(x), b.mul(b.sign(x), y))),
    0.5,
    12,
)
bessel_i1e = _real(
    "bessel_i1e", "Modified Bessel function of order 1, scaled: e^−|x| I₁(x).", special("i1e"), _i1e_slope, 0.5, 12
)

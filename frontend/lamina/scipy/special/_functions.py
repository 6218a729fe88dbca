"""Functions of one or several numbers that are ops of the dialect."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import lax
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import promoted


def _unary(name: str, x: Any, op: str) -> Array:
    (x,) = promoted(name, x, names=("x",), inexact=True)
    return getattr(lax, op)(x)


def _aligned(name: str, *xs: Any, names: tuple[str, ...]) -> list[Array]:
    """The operands in one inexact dtype and one shape."""
    return lnp.broadcast_arrays(*promoted(name, *xs, names=names, inexact=True))


@api_boundary
def gammaln(x: Any) -> Array:
    """Logarithm of |Γ(x)|.

    >>> float(gammaln(1.0))
    0.0
    """
    return _unary("gammaln", x, "lgamma")


@api_boundary
def loggamma(x: Any) -> Array:
    """Logarithm of Γ(x) for real x; nan for negative x, where it is complex."""
    (x,) = promoted("loggamma", x, names=("x",), inexact=True)
    return lnp.where(x < 0, np.nan, lax.lgamma(x)).astype(x.dtype)


@api_boundary
def gamma(x: Any) -> Array:
    """Euler's Γ(x), the factorial of x − 1."""
    return _unary("gamma", x, "gamma")


@api_boundary
def gammasgn(x: Any) -> Array:
    """Sign of Γ(x); nan at its poles −1, −2, …, and the sign of x at 0."""
    (x,) = promoted("gammasgn", x, names=("x",), inexact=True)
    floor = lnp.floor(x)
    sign = lnp.where((x > 0) | (floor % 2 == 0), 1.0, -1.0).astype(x.dtype)
    sign = lnp.where(x == 0, lnp.where(lnp.signbit(x), -1.0, 1.0).astype(x.dtype), sign)
    return lnp.where(lnp.isnan(x) | ((x < 0) & (x == floor)), np.nan, sign).astype(x.dtype)


@api_boundary
def digamma(x: Any) -> Array:
    """Derivative of ln Γ(x)."""
    return _unary("digamma", x, "digamma")


@api_boundary
def polygamma(n: Any, x: Any) -> Array:
    """The n-th derivative of digamma."""
    return lax.polygamma(*_aligned("polygamma", n, x, names=("n", "x")))


@api_boundary
def zeta(x: Any, q: Any = None) -> Array:
    """Hurwitz' zeta function Σ 1/(k + q)^x, k ≥ 0; Riemann's without q."""
    return lax.zeta(*_aligned("zeta", x, 1.0 if q is None else q, names=("x", "q")))


@api_boundary
def gammainc(a: Any, x: Any) -> Array:
    """Regularized lower incomplete gamma function P(a, x)."""
    return lax.igamma(*_aligned("gammainc", a, x, names=("a", "x")))


@api_boundary
def gammaincc(a: Any, x: Any) -> Array:
    """Regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x)."""
    return lax.igammac(*_aligned("gammaincc", a, x, names=("a", "x")))


@api_boundary
def betainc(a: Any, b: Any, x: Any) -> Array:
    """Regularized incomplete beta function."""
    return lax.betainc(*_aligned("betainc", a, b, x, names=("a", "b", "x")))


@api_boundary
def erf(x: Any) -> Array:
    """Error function 2/√π ∫₀ˣ e^(−t²) dt."""
    return _unary("erf", x, "erf")


@api_boundary
def erfc(x: Any) -> Array:
    """1 − erf(x), accurate where erf(x) is near 1."""
    return _unary("erfc", x, "erfc")


@api_boundary
def erfcx(x: Any) -> Array:
    """Scaled complementary error function e^(x²) erfc(x)."""
    return _unary("erfcx", x, "erfcx")


@api_boundary
def erfinv(x: Any) -> Array:
    """Inverse of erf."""
    return _unary("erfinv", x, "erf_inv")


@api_boundary
def dawsn(x: Any) -> Array:
    """Dawson's function e^(−x²) ∫₀ˣ e^(t²) dt."""
    return _unary("dawsn", x, "dawson")


@api_boundary
def exp1(x: Any) -> Array:
    """Exponential integral E₁(x) = ∫ e⁻ᵗ/t dt from x to ∞."""
    return _unary("exp1", x, "exp1")


@api_boundary
def expi(x: Any) -> Array:
    """Exponential integral Ei(x)."""
    return _unary("expi", x, "expi")


@api_boundary
def sici(x: Any) -> tuple[Array, Array]:
    """Sine and cosine integral."""
    return _unary("sici", x, "sine_integral"), _unary("sici", x, "cosine_integral")


@api_boundary
def fresnel(x: Any) -> tuple[Array, Array]:
    """Fresnel's integrals S(x) = ∫₀ˣ sin(π t²/2) dt and C(x)."""
    return _unary("fresnel", x, "fresnel_s"), _unary("fresnel", x, "fresnel_c")


@api_boundary
def spence(x: Any) -> Array:
    """Spence's function ∫ ln t/(1 − t) dt from 1 to x, the dilogarithm Li₂(1 − x)."""
    return _unary("spence", x, "spence")


@api_boundary
def i0e(x: Any) -> Array:
    """Modified Bessel function e^(−|x|) I₀(x)."""
    return _unary("i0e", x, "bessel_i0e")


@api_boundary
def i1e(x: Any) -> Array:
    """Modified Bessel function e^(−|x|) I₁(x)."""
    return _unary("i1e", x, "bessel_i1e")


@api_boundary
def i0(x: Any) -> Array:
    """Modified Bessel function I₀(x)."""
    (x,) = promoted("i0", x, names=("x",), inexact=True)
    return lnp.exp(lnp.abs(x)) * lax.bessel_i0e(x)


@api_boundary
def i1(x: Any) -> Array:
    """Modified Bessel function I₁(x)."""
    (x,) = promoted("i1", x, names=("x",), inexact=True)
    return lnp.exp(lnp.abs(x)) * lax.bessel_i1e(x)


@api_boundary
def ndtr(x: Any) -> Array:
    """Distribution function of the standard normal distribution.

    >>> float(ndtr(0.0))
    0.5
    """
    (x,) = promoted("ndtr", x, names=("x",), inexact=True)
    return 0.5 * lax.erfc(x * -np.sqrt(0.5).item())


@api_boundary
def log_ndtr(x: Any, series_order: int = 3) -> Array:
    """Logarithm of `ndtr`, accurate far out. `series_order` is accepted for JAX's programs."""
    del series_order
    return _unary("log_ndtr", x, "log_ndtr")


@api_boundary
def ndtri(p: Any) -> Array:
    """Inverse of `ndtr`: quantiles of the standard normal distribution."""
    return _unary("ndtri", p, "ndtri")

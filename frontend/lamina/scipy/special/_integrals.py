"""Exponential, sine, cosine and Fresnel integrals, and the dilogarithm."""

from __future__ import annotations

from typing import Any

from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._operands import apply, of_op, reals


@api_boundary
def exp1(x: Any) -> Array:
    """Exponential integral E₁(x) = ∫ e⁻ᵗ/t dt from x to ∞; nan for x < 0. Elementwise, on real numbers.

    >>> exp1(1.0)
    Array(0.21938394, dtype=float32)
    """
    return of_op("exp1", "exp1", x)


@api_boundary
def expi(x: Any) -> Array:
    """Exponential integral Ei(x), a principal value for x > 0. Elementwise, on real numbers.

    >>> expi(1.0)
    Array(1.8951178, dtype=float32)
    """
    return of_op("expi", "expi", x)


@api_boundary
def expn(n: Any, x: Any) -> Array:
    """Generalized exponential integral Eₙ(x) = ∫ e^(−x t) / tⁿ dt from 1 to ∞. Elementwise.

    Args:
        n: whole numbers ≥ 0; there is no derivative in them.
        x: real numbers ≥ 0; nan below.

    >>> expn(2, 1.0)
    Array(0.14849551, dtype=float32)
    """
    return of_op("expn", "expn", n, x, names=("n", "x"))


@api_boundary
def sici(x: Any) -> tuple[Array, Array]:
    """Sine and cosine integrals Si(x) = ∫₀ˣ sin(t)/t dt and Ci(x) = γ + ln x + ∫₀ˣ (cos t − 1)/t dt. Elementwise.

    Ci of a negative x is that of |x|.

    >>> sici(1.0)[0]
    Array(0.94608307, dtype=float32)
    """
    (x,) = reals("sici", x)
    return apply("sine_integral", x), apply("cosine_integral", x)


@api_boundary
def fresnel(x: Any) -> tuple[Array, Array]:
    """Fresnel integrals S(x) = ∫₀ˣ sin(π t²/2) dt and C(x) = ∫₀ˣ cos(π t²/2) dt. Elementwise, on real numbers.

    >>> fresnel(1.0)[1]
    Array(0.7798934, dtype=float32)
    """
    (x,) = reals("fresnel", x)
    return apply("fresnel_s", x), apply("fresnel_c", x)


@api_boundary
def spence(x: Any) -> Array:
    """Spence's function, the dilogarithm Li₂(1 − x); nan for x < 0. Elementwise, on real numbers.

    >>> spence(2.0)
    Array(-0.822467, dtype=float32)
    """
    return of_op("spence", "spence", x)

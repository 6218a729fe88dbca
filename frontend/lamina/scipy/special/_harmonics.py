"""Spherical harmonics."""

from __future__ import annotations

from typing import Any

from lamina import lax
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.numpy._operands import operand
from lamina.scipy.special._operands import apply, reals

_FUNCTION = "scipy.special.sph_harm_y"


@api_boundary
def sph_harm_y(n: Any, m: Any, theta: Any, phi: Any, diff_n: int | None = None, n_max: int | None = None) -> Array:
    """Spherical harmonics Yₙᵐ(θ, φ) = √((2n + 1)(n − m)! / (4π (n + m)!)) Pₙᵐ(cos θ) e^(i m φ), complex. Elementwise.

    Args:
        n, m: degree ≥ 0 and order, |m| ≤ n, integers; 0 for |m| > n.
        theta, phi: colatitude in [0, π] and longitude. A θ without dimensions counts as one of length 1.
        diff_n: not supported.
        n_max: larger n are cut to it; the degrees themselves unless given.

    >>> import lamina.numpy as lnp
    >>> sph_harm_y(1, 0, lnp.array([0.0]), lnp.array([0.0]))
    Array([0.48860252+0.j], dtype=complex64)
    """
    if diff_n is not None:
        raise NotImplementedError(
            f"{_FUNCTION}: diff_n is not supported. Differentiate with lamina.jvp or lamina.grad."
        )
    degree, order = operand(_FUNCTION, n, "n"), operand(_FUNCTION, m, "m")
    if n_max is not None:
        degree = lnp.minimum(degree, n_max)
    theta = lnp.atleast_1d(operand(_FUNCTION, theta, "theta"))
    names = ("n", "m", "theta", "phi")
    degree, order, theta, phi = reals("sph_harm_y", degree, order, theta, phi, names=names)
    amplitude = apply("legendre_harmonic", degree, order, theta)
    return lax.complex(amplitude * lnp.cos(order * phi), amplitude * lnp.sin(order * phi))

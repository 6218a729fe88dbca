"""The Faddeeva function."""

from __future__ import annotations

import math
from typing import Any

from lamina import lax
from lamina import numpy as lnp
from lamina._custom_jvp import custom_jvp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._operands import numbers

_POINTS = 11
_STEP = math.sqrt(math.pi / (_POINTS + 1))
_FAR = 12.0


@api_boundary
def wofz(z: Any) -> Array:
    """Faddeeva function w(z) = e^(−z²) erfc(−i z), complex. Elementwise, on complex or real numbers.

    >>> wofz(1j)
    Array(0.42758355+0.j, dtype=complex64)
    """
    (z,) = numbers("wofz", z, names=("z",))
    if z.dtype.kind != "c":
        z = lax.complex(z, lnp.zeros_like(z))
    return _wofz(z)


@custom_jvp
def _wofz(z: Array) -> Array:
    """In the first quadrant; left of it by w(−conj z) = conj w(z), below by w(z) = 2 e^(−z²) − w(−z)."""
    below = lnp.imag(z) < 0
    u = lnp.where(below, -z, z)
    left = lnp.real(u) < 0
    u = lnp.where(left, -lnp.conj(u), u)
    far = (lnp.real(u) > _FAR) | (lnp.imag(u) > _FAR)
    value = lnp.where(far, _continued_fraction(lnp.where(far, u, _FAR)), _trapezoid(lnp.where(far, 1j, u)))
    value = lnp.where(left, lnp.conj(value), value)
    return lnp.where(below, 2 * lnp.exp(-lnp.square(lnp.where(below, z, 1j))) - value, value)


@_wofz.defjvp
def _wofz_jvp(primals: Any, tangents: Any) -> Any:
    (z,), (dz,) = primals, tangents
    w = _wofz(z)
    return w, dz * (2j / math.sqrt(math.pi) - 2 * z * w)


def _continued_fraction(z: Array) -> Array:
    """i/√π / (z − ½/(z − 1/(z − 3⁄2/(z − …)))) for large z (DLMF 7.9.3)."""
    denominator = z
    for k in range(10, 0, -1):
        denominator = z - 0.5 * k / denominator
    return 1j / math.sqrt(math.pi) / denominator


def _trapezoid(z: Array) -> Array:
    """Trapezoidal rules whose poles are taken out (Al Azah & Chandler-Wilde 2021), for Re z, Im z ≥ 0."""
    x, y = lnp.real(z), lnp.imag(z)
    high = y >= lnp.maximum(x, math.pi / _STEP)
    phase = x / _STEP - lnp.floor(x / _STEP)
    midpoint = high | ((phase >= 0.25) & (phase <= 0.75))
    square = z * z
    total = lnp.zeros_like(z)
    for k in range(_POINTS + 1):
        t = lnp.where(midpoint, (k + 0.5) * _STEP, (k + 1) * _STEP)
        weight = lnp.where(midpoint, math.exp(-(((k + 0.5) * _STEP) ** 2)), math.exp(-(((k + 1) * _STEP) ** 2)))
        total = total + weight / (square - t * t)
    total = total * (2j * _STEP / math.pi) * z
    total = total + lnp.where(midpoint, 0, 1j * _STEP / math.pi / lnp.where(midpoint, 1, z))
    turn = lnp.exp(-2j * math.pi / _STEP * lnp.where(high, 1, z))
    pole = 2 * lnp.exp(-square) / lnp.where(midpoint, 1 + turn, 1 - turn)
    return total + lnp.where(high, 0, pole)

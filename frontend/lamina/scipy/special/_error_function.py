"""The error function and its relatives: the normal distribution, Dawson's and Owen's functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina import dtypes
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._faddeeva import wofz
from lamina.scipy.special._operands import of_op


@api_boundary
def erf(x: Any) -> Array:
    """Error function 2/√π ∫₀ˣ e^(−t²) dt. Elementwise, on real numbers.

    >>> erf(0.5)
    Array(0.5204999, dtype=float32, weak_type=True)
    """
    return of_op("erf", "erf", x)


@api_boundary
def erfc(x: Any) -> Array:
    """1 − erf(x), accurate for large x. Elementwise, on real numbers.

    >>> erfc(3.0)
    Array(2.2090497e-05, dtype=float32, weak_type=True)
    """
    return of_op("erfc", "erfc", x)


@api_boundary
def erfinv(x: Any) -> Array:
    """Inverse of erf; ±∞ at ±1, nan beyond. Elementwise, on real numbers.

    >>> erfinv(0.5)
    Array(0.47693628, dtype=float32, weak_type=True)
    """
    return of_op("erfinv", "erf_inv", x)


@api_boundary
def erfcx(x: Any) -> Array:
    """e^(x²) erfc(x), which falls like 1/x. Elementwise; of complex numbers it is w(ix), see `wofz`.

    >>> erfcx(20.0)
    Array(0.02817435, dtype=float32)
    """
    if dtypes.issubdtype(lnp.result_type(x), np.complexfloating):
        return wofz(1j * lnp.asarray(x))
    return of_op("erfcx", "erfcx", x)


@api_boundary
def dawsn(x: Any) -> Array:
    """Dawson's function e^(−x²) ∫₀ˣ e^(t²) dt. Elementwise, on real numbers.

    >>> dawsn(1.0)
    Array(0.5380795, dtype=float32)
    """
    return of_op("dawsn", "dawson", x)


@api_boundary
def ndtr(x: Any) -> Array:
    """Standard normal distribution function Φ(x), accurate in the left tail. Elementwise, on real numbers.

    >>> ndtr(-10.0)
    Array(7.619853e-24, dtype=float32)
    """
    return of_op("ndtr", "ndtr", x)


@api_boundary
def ndtri(p: Any) -> Array:
    """Inverse of `ndtr`; ∓∞ at 0 and 1, nan outside. Elementwise, on real numbers.

    >>> ndtri(0.975)
    Array(1.9599644, dtype=float32)
    """
    return of_op("ndtri", "ndtri", p, names=("p",))


@api_boundary
def log_ndtr(x: Any, series_order: int = 3) -> Array:
    """ln Φ(x) of the standard normal distribution function. Elementwise, on real numbers.

    Args:
        series_order: taken for JAX's sake; the result is a few ulp off for any.

    >>> log_ndtr(-20.0)
    Array(-203.91716, dtype=float32)
    """
    return of_op("log_ndtr", "log_ndtr", x)


@api_boundary
def owens_t(h: Any, a: Any) -> Array:
    """Owen's T function 1/2π ∫₀ᵃ e^(−h²(1 + x²)/2) / (1 + x²) dx (Owen 1956). Elementwise, on real numbers.

    >>> owens_t(0.0, 1.0)
    Array(0.125, dtype=float32)
    """
    return of_op("owens_t", "owens_t", h, a, names=("h", "a"))

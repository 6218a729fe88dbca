"""Exact values of the complex functions in mpmath, sample points, and errors in ulp of parts or of the modulus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np

Array = Any  # np.ndarray
Function = Callable[..., Any]

BY_PARTS: dict[str, Function] = {
    "exp": mpmath.exp, "exp2": lambda z: mpmath.mpf(2) ** z, "log": mpmath.log, "log2": lambda z: mpmath.log(z, 2),
    "log10": mpmath.log10, "log1p": lambda z: mpmath.log(1 + z), "sqrt": mpmath.sqrt,
    "rsqrt": lambda z: 1 / mpmath.sqrt(z), "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan,
    "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh, "asin": mpmath.asin, "acos": mpmath.acos,
    "atan": mpmath.atan, "asinh": mpmath.asinh, "acosh": mpmath.acosh, "atanh": mpmath.atanh,
    "abs": abs, "divide": lambda z, w: z / w,
}  # fmt: skip
# Sums that cancel: accurate against the modulus, not part by part.
BY_MODULUS: dict[str, Function] = {
    "multiply": lambda z, w: z * w,
    "expm1": mpmath.expm1,
    "logistic": lambda z: 1 / (1 + mpmath.exp(-z)),
    "square": lambda z: z * z,
    "pow": mpmath.power,
}
_TWO_OPERANDS = ("multiply", "divide", "pow")


def complex_points(name: str, dtype: Any, seed: int = 0, count: int = 150) -> list[Array]:
    """Plain numbers, numbers of very different size, and neighbours of the unit circle; a vector per operand."""
    rng = np.random.default_rng(seed)

    def operand() -> Array:
        plain = rng.uniform(-3, 3, count) + 1j * rng.uniform(-3, 3, count)
        sizes = np.exp2(rng.uniform(-12, 12, (2, count))) * rng.choice([-1, 1], (2, count))
        circle = np.exp(1j * rng.uniform(-np.pi, np.pi, count)) * (1 + rng.uniform(-1e-3, 1e-3, count))
        return np.concatenate([plain, sizes[0] + 1j * sizes[1], circle]).astype(dtype)

    return [operand() for _ in range(2 if name in _TWO_OPERANDS else 1)]


def complex_errors_in_ulp(name: str, operands: Sequence[Array], result: Array) -> Array:
    """The larger error of the two parts, in ulps of the part, or of the modulus for the functions in BY_MODULUS."""
    function = BY_PARTS.get(name) or BY_MODULUS[name]
    with mpmath.workprec(150):
        exact = [function(*(mpmath.mpc(complex(z)) for z in zs)) for zs in zip(*operands, strict=True)]
        parts = [(result.real, [mpmath.re(w) for w in exact]), (result.imag, [mpmath.im(w) for w in exact])]
        return np.maximum(
            *(_errors(got, want, [abs(w) for w in (want if name in BY_PARTS else exact)]) for got, want in parts)
        )


def _errors(got: Array, want: Sequence[Any], sizes: Sequence[Any]) -> Array:
    """|got - want| in ulps of the sizes, where these are in range."""
    finfo, errors = np.finfo(got.dtype), np.zeros(len(got))
    for i, (g, w, size) in enumerate(zip(got, want, sizes, strict=True)):
        if finfo.tiny < size < finfo.max and mpmath.isfinite(w):
            errors[i] = float(abs(mpmath.mpf(float(g)) - w) / np.spacing(got.dtype.type(float(size))))
    return errors

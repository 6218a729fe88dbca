"""Hypergeometric functions."""

from __future__ import annotations

from typing import Any

from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._operands import of_op


@api_boundary
def hyp1f1(a: Any, b: Any, x: Any) -> Array:
    """Kummer's confluent function ₁F₁(a; b; x) by its power series; 1 for a = 0, ∞ for b = 0. Elementwise, real.

    There are first derivatives in all operands, further ones in x.

    >>> hyp1f1(1.0, 2.0, 1.0)
    Array(1.7182819, dtype=float32)
    """
    return of_op("hyp1f1", "hyp1f1", a, b, x, names=("a", "b", "x"))


@api_boundary
def hyp2f1(a: Any, b: Any, c: Any, x: Any) -> Array:
    """Gauss's function ₂F₁(a, b; c; x) by its power series, for x ≤ 1. Elementwise, on real numbers.

    ∞ for x > 1, but where the series ends (a or b is 0, −1, …), and for c = 0, −1, … Close to 1 the series is long.
    There are first derivatives in all operands, further ones in x.

    >>> hyp2f1(1.0, 1.0, 2.0, 0.5)
    Array(1.3862944, dtype=float32)
    """
    return of_op("hyp2f1", "hyp2f1", a, b, c, x, names=("a", "b", "c", "x"))

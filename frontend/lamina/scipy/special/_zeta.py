"""The zeta function, and the Bernoulli numbers, which are its values."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from lamina import dtypes
from lamina import numpy as lnp
from lamina._frames import api_boundary
from lamina.array import Array
from lamina.scipy.special._operands import of_op


@api_boundary
def zeta(x: Any, q: Any = None) -> Array:
    """Hurwitz's zeta function Σ (q + k)⁻ˣ over k ≥ 0, Riemann's for q = 1, the default. Elementwise, on real x > 1.

    For q < 0 it exists at integers x only; ∞ at x = 1, nan for x < 1.

    >>> zeta(2.0, 1.0)
    Array(1.644934, dtype=float32, weak_type=True)
    """
    return of_op("zeta", "zeta", x, 1.0 if q is None else q, names=("x", "q"))


@api_boundary
def bernoulli(n: int) -> Array:
    """The Bernoulli numbers B₀ … Bₙ, with B₁ = −1/2; n is an int.

    >>> bernoulli(4)
    Array([ 1.        , -0.5       ,  0.16666667,  0.        , -0.03333334], dtype=float32)
    """
    count = operator.index(n)
    if count < 0:
        raise ValueError(f"scipy.special.bernoulli: n must not be negative, but is {count}")
    values = [_rounded(value) for value in _bernoulli_numbers(count)]
    return lnp.asarray(np.array(values), dtypes.canonicalize_dtype(float))


def _bernoulli_numbers(count: int) -> Iterator[Fraction]:
    """B₀, B₁ … exactly (the algorithm of Akiyama and Tanigawa)."""
    row: list[Fraction] = []
    for m in range(count + 1):
        row.append(Fraction(1, m + 1))
        for j in range(m, 0, -1):
            row[j - 1] = j * (row[j - 1] - row[j])
        yield -row[0] if m == 1 else row[0]


def _rounded(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf

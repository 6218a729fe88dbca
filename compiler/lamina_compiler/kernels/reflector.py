"""A reflector 1 − tau v vᴴ that leaves of a column of a matrix its first element alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import REAL_OF
from .loops import Loops
from .memory import Matrix
from .values import Complex, Value

Bound = Value | int


def make_reflector(code: Loops, a: Matrix, k: Value, m: Bound, dtype: np.dtype) -> Any:
    """Put a reflector in column k, from the diagonal on; gives its tau (LAPACK's larfg)."""
    alpha, real = a[k, k], REAL_OF.get(dtype, dtype)
    in_lanes, info = a.columns_are_contiguous(), np.finfo(real)
    below = _square(code, a, k, m, real, in_lanes, lambda x: x)

    def plain() -> list[Value]:
        return [(below + alpha.abs2()).sqrt(), alpha.real.ne(alpha.real)]

    def scaled() -> list[Value]:
        """Where squares may vanish or overflow, or all that is below is zero."""

        def larger(i: Value, largest: Value) -> list[Value]:
            return [largest.maximum(a[i, k].size())]

        (largest,) = code.fold(k + 1, m, [alpha.real.lift(0.0)], larger)
        scale = largest.maximum(alpha.size())
        positive = code.select(scale.eq(0.0), 1.0, scale)
        inverse = 1.0 / positive
        square = _square(code, a, k, m, real, in_lanes, lambda x: x * inverse) + (alpha * inverse).abs2()
        done = largest.eq(0.0)
        if isinstance(alpha, Complex):
            done = done & alpha.imag.eq(0.0)
        return [square.sqrt() * positive, done]

    total = below + alpha.abs2()
    usual = (below > 0.0) & (total > float(info.tiny / info.eps**2)) & (total < float("inf"))
    norm, done = code.choose(usual, plain, scaled)
    beta = code.select(alpha.real < 0.0, norm, -norm)
    factor = 1.0 / code.select(done, 1.0, alpha - beta)

    def divide(i: Any) -> None:
        a[i, k] = a[i, k] * factor

    if in_lanes:
        code.lanes(k + 1, m, dtype, divide)
    else:
        with code.loop(k + 1, m) as i:
            divide(i)
    a[k, k] = code.select(done, alpha, alpha.lift(0.0) + beta)
    return code.select(done, 0.0, -(alpha - beta) / code.select(done, 1.0, beta))


def _square(
    code: Loops, a: Matrix, k: Value, m: Bound, real: np.dtype, in_lanes: bool, change: Callable[[Any], Any]
) -> Value:
    """Σ |x|² of what is below the diagonal, each x changed before."""
    if in_lanes:
        return code.sum(k + 1, m, real, lambda i: change(a[i, k]).abs2())
    zero = code.zero(real)
    return code.fold(k + 1, m, [zero], lambda i, total: [total + change(a[i, k]).abs2()])[0]

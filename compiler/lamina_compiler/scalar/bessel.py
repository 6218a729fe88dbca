"""Exponentially scaled modified Bessel functions of the first kind, orders 0 and 1."""

from __future__ import annotations

from .dispatch import elementary
from .exponential import exp_scaled
from .formats import divide, format_of, lifted, lowered, polynomial
from .value import Value, fma, select


def _near_and_far(x: Value, order: int) -> tuple[Value, Value]:
    """I(x) (2/x)**order e**-|x| below 8 by the power series in x²/4, and I(x) e**-|x| from 8 on as P(1/|x|) / √|x|."""
    f = format_of(x)
    a = x.abs()
    near = a < 8.0
    b, c = select(near, a, 0.0), select(near, 8.0, a)
    z = 0.25 * b * b
    series = fma(z, polynomial(z, f.table(f"i{order}_near")), 1.0) * exp_scaled(-b)
    bounded = select(c > 2.0**100, 2.0**100, c)
    return series, polynomial(divide(c.lift(1.0), bounded), f.table(f"i{order}_far")) / c.sqrt()


@elementary(subnormals=True)
def bessel_i0e(x: Value) -> Value:
    """e**-|x| I₀(x)."""
    near, far = _near_and_far(x, 0)
    return select(x.is_nan(), x, select(x.abs() < 8.0, near, far))


@elementary(subnormals=True)
def bessel_i1e(x: Value) -> Value:
    """e**-|x| I₁(x)."""
    f = format_of(x)
    a = x.abs()
    near, far = _near_and_far(x, 1)
    near = near * 0.5 * a
    if not f.spare:
        near = select(a < 2.0 ** -(f.bias // 2), lowered(lifted(a) * 0.5), near)
    return select(x.is_nan(), x, select(a < 8.0, near, far).copysign(x))
